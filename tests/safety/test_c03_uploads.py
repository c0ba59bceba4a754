"""C3: an upload of 100 MB is refused before it is read; bodies that dribble hold nobody up. Against the real server."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.conftest import filled, serving

HUGE = 100 * 1024 * 1024
SOON = 5.0
"""Seconds: five times what is promised, for machines that do other things too."""
SLOW = 40
"""Connections that dribble: five times the threads of a worker."""
DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """(host, port) of a panel, served as everybody serves it."""
    folder = tmp_path_factory.mktemp("served")
    with filled(folder):
        pass
    with serving(folder) as lines:
        yield "127.0.0.1", int(re.search(r":(\d+)/", lines[-1])[1])


def head(length: int, host: str = "127.0.0.1") -> bytes:
    return (
        f"POST /import/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def answered(connection: socket.socket, body: bytes) -> tuple[int, float, int]:
    """(status, seconds, bytes sent) for a body that is sent until somebody says stop."""
    began, sent, rest = time.monotonic(), 0, b""
    connection.setblocking(False)
    while sent < HUGE and time.monotonic() - began < 60:
        try:
            answer = connection.recv(200)
            if answer:
                return int(answer.split()[1]), time.monotonic() - began, sent
            break
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        try:
            rest = rest or body
            went = connection.send(rest)
            sent, rest = sent + went, rest[went:]
        except (BlockingIOError, ssl.SSLWantWriteError):
            time.sleep(0.005)
        except OSError:
            break
    return 0, time.monotonic() - began, sent


def resident(port: int) -> int:
    """The most memory that the server ever had, in MB."""
    listening = f"{port:04X}"
    inode = next(
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{listening}")
    )
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(handle) == f"socket:[{inode}]":
                status = (handle.parents[1] / "status").read_text()
                return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024
        except OSError:
            continue
    raise AssertionError("no server listens there")


def test_a_hundred_megabytes_are_refused_at_once_and_take_no_memory(address) -> None:
    before = resident(address[1])
    with socket.create_connection(address, 10) as connection:
        connection.sendall(head(HUGE))
        status, took, sent = answered(connection, b"x" * 65536)
    assert status == 413 and took < SOON and sent < HUGE / 2
    assert resident(address[1]) - before < 30


def test_a_body_without_a_length_is_cut_off(address) -> None:
    """Chunks for ever: 413 as soon as they are more than an upload may be."""
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with socket.create_connection(address, 10) as connection:
        connection.sendall(head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"))
        status, took, _ = answered(connection, chunk)
    assert status == 413 and took < SOON * 4


@contextmanager
def dribbling(address: tuple[str, int], count: int, wrap: ssl.SSLContext | None = None) -> Iterator[None]:
    """So many uploads at once that have sent their head and a few bytes, and then take their time."""
    connections: list[socket.socket] = []
    try:
        for _ in range(count):
            plain = socket.create_connection(address, 10)
            connection = wrap.wrap_socket(plain, server_hostname="tepei.example.cn") if wrap else plain
            connection.sendall(head(1_000_000, "tepei.example.cn" if wrap else "127.0.0.1") + b"--x\r\n")
            connections.append(connection)
        for connection in connections:
            connection.sendall(b"y")
        yield
    finally:
        for connection in connections:
            connection.close()


def test_slow_bodies_hold_up_nobody(address) -> None:
    with dribbling(address, SLOW):
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{address[1]}/healthz", timeout=30) as answer:
            assert answer.status == 200
        assert time.monotonic() - began < SOON


# --- behind the proxy of docs/deploy.md


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """The documented block, word for word, but for ports and where the certificate lies."""
    if not shutil.which("nginx") or not shutil.which("openssl"):
        pytest.skip("nginx is not installed")
    house, port, plain = tmp_path / "house", free_port(), free_port()
    house.mkdir()
    with filled(house):
        pass
    certificate = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=tepei.example.cn",
    ]
    subprocess.run(
        [*certificate, "-keyout", tmp_path / "key", "-out", tmp_path / "crt"], check=True, capture_output=True
    )
    os.environ["TEPEI_BASE_URL"], os.environ["TEPEI_PROXIES"] = "https://tepei.example.cn", "1"
    try:
        with serving(house) as lines:
            behind = re.search(r":(\d+)/", lines[-1])[1]
            block = re.search(r"```nginx\n(.*?)```", DEPLOY.read_text(encoding="utf-8"), re.DOTALL)[1]
            for old, new in (
                ("127.0.0.1:8000", f"127.0.0.1:{behind}"), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
                ("listen 80", f"listen 127.0.0.1:{plain}"), ("/etc/nginx/tepei.crt", str(tmp_path / "crt")),
                ("/etc/nginx/tepei.key", str(tmp_path / "key")),
            ):  # fmt: skip
                assert block.count(old) == 1, old
                block = block.replace(old, new)
            temp = "".join(
                f"{kind}_temp_path {tmp_path}/{kind};\n"
                for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            )
            text = f"pid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{temp}{block}}}\n"
            (tmp_path / "nginx.conf").write_text(text)
            nginx = subprocess.Popen(["nginx", "-c", tmp_path / "nginx.conf", "-g", "daemon off;"])
            try:
                _await(port)
                yield "127.0.0.1", port
            finally:
                nginx.terminate()
                nginx.wait(20)
    finally:
        del os.environ["TEPEI_BASE_URL"], os.environ["TEPEI_PROXIES"]


def _await(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx did not start")


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def asked(address: tuple[str, int], tls: ssl.SSLContext, path: str) -> bytes:
    with tls.wrap_socket(
        socket.create_connection(address, 20), server_hostname="tepei.example.cn"
    ) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: tepei.example.cn\r\nX-Forwarded-For: 10.9.8.7\r\nConnection: close\r\n\r\n".encode()
        )
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_documented_proxy_speaks_tls_refuses_the_huge_and_waits_for_the_slow(proxied, tls) -> None:
    page = asked(proxied, tls, "/login")
    assert page.startswith(b"HTTP/1.1 200") and b"Secure" in page and b"Strict-Transport-Security" in page
    assert asked(proxied, tls, "/units/").split(b"\r\n\r\n")[0].count(b"Location: /login?next=/units/") == 1
    with tls.wrap_socket(
        socket.create_connection(proxied, 10), server_hostname="tepei.example.cn"
    ) as connection:
        connection.sendall(head(HUGE, "tepei.example.cn"))
        status, took, _ = answered(connection, b"x" * 16384)
    assert status == 413 and took < SOON
    with dribbling(proxied, SLOW, tls):
        began = time.monotonic()
        assert asked(proxied, tls, "/healthz").startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < SOON
