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

from tepei_admin import serve
from tepei_admin.app import LARGEST_UPLOAD
from tests.served import PATIENCE, Server, Visitor, filled

HUGE = 100 * 1024 * 1024
SLOW = 40
"""Connections that dribble: five times the threads of a worker."""
DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A panel, served as everybody serves it."""
    folder = tmp_path_factory.mktemp("served")
    with filled(folder):
        pass
    with Server(folder) as running:
        assert Visitor(running).ask("/healthz").status == 200  # all is loaded
        yield running


@pytest.fixture
def address(server: Server) -> tuple[str, int]:
    return "127.0.0.1", server.port


def head(length: int, host: str = "127.0.0.1") -> bytes:
    return (
        f"POST /import/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def answered(connection: socket.socket, body: bytes) -> tuple[int, int]:
    """(status, bytes sent) for a body that is sent until somebody says stop."""
    began, sent, rest = time.monotonic(), 0, b""
    connection.setblocking(False)
    while sent < HUGE and time.monotonic() - began < PATIENCE:
        try:
            answer = connection.recv(200)
            if answer:
                print(f"answered after {time.monotonic() - began:.2f} s and {sent} bytes")
                return int(answer.split()[1]), sent
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
    return 0, sent


def test_a_hundred_megabytes_are_refused_at_once_and_take_no_memory(server, address) -> None:
    before = server.memory(most=True)
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(head(HUGE))
        status, sent = answered(connection, b"x" * 65536)
    assert status == 413 and sent < HUGE / 2
    assert server.memory(most=True) - before < 30


def test_a_body_without_a_length_is_cut_off(address) -> None:
    """Chunks for ever: 413 as soon as they are more than an upload may be."""
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"))
        status, sent = answered(connection, chunk)
    assert status == 413 and sent < HUGE / 2


class Dribbling:
    """So many uploads at once that have sent their head and a few bytes, and then take their time."""

    def __init__(self, address: tuple[str, int], wrap: ssl.SSLContext | None = None) -> None:
        self.connections: list[socket.socket] = []
        for _ in range(SLOW):
            plain = socket.create_connection(address, PATIENCE)
            connection = wrap.wrap_socket(plain, server_hostname="tepei.example.cn") if wrap else plain
            connection.sendall(head(1_000_000, "tepei.example.cn" if wrap else "127.0.0.1") + b"--x\r\n")
            self.connections.append(connection)
        for connection in self.connections:
            connection.sendall(b"y")

    def still(self) -> int:
        """How many have neither been answered nor cut off."""
        return sum(map(_waits, self.connections))

    def __enter__(self) -> Dribbling:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self.connections:
            connection.close()


def _waits(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False


def test_slow_bodies_hold_up_nobody(address) -> None:
    """Had they the threads, the page would come when all but a threads' number of them were cut off."""
    with Dribbling(address) as slow:
        with urllib.request.urlopen(f"http://127.0.0.1:{address[1]}/healthz", timeout=PATIENCE) as answer:
            assert answer.status == 200
        assert slow.still() == SLOW > serve.THREADS


# --- behind the proxy of docs/deploy.md


def documented() -> str:
    """The block, without its remarks."""
    found = re.search(r"```nginx\n(.*?)```", DEPLOY.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return re.sub(r"#.*", "", found[1])


def said(name: str) -> str:
    """What the block says of one thing, once."""
    (found,) = re.findall(rf"^\s*{re.escape(name)}\s+(.*?);", documented(), re.MULTILINE)
    return str(found)


def test_the_block_lets_through_what_the_panel_takes_and_not_much_more() -> None:
    assert said("client_max_body_size") == f"{serve.LARGEST_BODY >> 20}m"
    assert LARGEST_UPLOAD < serve.LARGEST_BODY <= LARGEST_UPLOAD + (1 << 20)


def test_the_block_keeps_the_slow_from_the_panel_and_leaves_no_copies() -> None:
    assert said("proxy_request_buffering") == "on" and said("proxy_max_temp_file_size") == "0"
    assert {said("client_header_timeout"), said("client_body_timeout")} == {"10s"}


def test_the_block_says_itself_who_asks_and_trusts_nobody_s_word() -> None:
    told = dict(re.findall(r"proxy_set_header (\S+)\s+(\S+);", documented()))
    assert told == {
        "Host": "$host", "X-Forwarded-For": "$remote_addr", "X-Forwarded-Host": "$host", "X-Forwarded-Proto": "$scheme",
    }  # fmt: skip


def test_the_block_speaks_no_old_tls_and_leads_the_plain_to_it() -> None:
    assert said("ssl_protocols") == "TLSv1.2 TLSv1.3"
    secured, plain = re.findall(r"^server \{(.*?)^\}", documented(), re.MULTILINE | re.DOTALL)
    assert "listen 443 ssl" in secured and "Strict-Transport-Security" in secured
    assert "listen 80" in plain and "return 301 https://" in plain and "proxy_pass" not in plain


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """The documented block, word for word, but for ports and where the certificate lies."""
    if not shutil.which("nginx") or not shutil.which("openssl"):
        pytest.skip("nginx is not installed")
    house = tmp_path / "house"
    house.mkdir()
    with filled(house):
        pass
    certify(tmp_path)
    settings = {"TEPEI_BASE_URL": "https://tepei.example.cn", "TEPEI_PROXIES": "1"}
    with Server(house, **settings) as server, nginx_before(server.port, tmp_path) as address:
        yield address


@contextmanager
def nginx_before(port: int, folder: Path) -> Iterator[tuple[str, int]]:
    """On ports that nobody can take meanwhile: it inherits them open, as from the nginx before it at an upgrade."""
    with socket.create_server(("127.0.0.1", 0)) as secured, socket.create_server(("127.0.0.1", 0)) as plain:
        handles = [secured.fileno(), plain.fileno()]
        address, other = secured.getsockname(), plain.getsockname()
        (folder / "nginx.conf").write_text(configuration(folder, port, address[1], other[1]))
        nginx = subprocess.Popen(
            ["nginx", "-c", folder / "nginx.conf", "-g", "daemon off;"],
            env={**os.environ, "NGINX": "".join(f"{handle};" for handle in handles)},
            pass_fds=handles,
        )
    try:
        yield address
    finally:
        nginx.terminate()
        nginx.wait(PATIENCE)


def certify(folder: Path) -> None:
    words = [
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
        [*words, "-keyout", folder / "key", "-out", folder / "crt"], check=True, capture_output=True
    )


def configuration(folder: Path, behind: int, secured: int, plain: int) -> str:
    found = re.search(r"```nginx\n(.*?)```", DEPLOY.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    block = found[1]
    for old, new in (
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"), ("listen 443 ssl", f"listen 127.0.0.1:{secured} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain}"), ("/etc/nginx/tepei.crt", f"{folder}/crt"),
        ("/etc/nginx/tepei.key", f"{folder}/key"),
    ):  # fmt: skip
        assert block.count(old) == 1, old
        block = block.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    return f"pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{block}}}\n"


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def asked(address: tuple[str, int], tls: ssl.SSLContext, path: str) -> bytes:
    with tls.wrap_socket(
        socket.create_connection(address, PATIENCE), server_hostname="tepei.example.cn"
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
        socket.create_connection(proxied, PATIENCE), server_hostname="tepei.example.cn"
    ) as connection:
        connection.sendall(head(HUGE, "tepei.example.cn"))
        status, sent = answered(connection, b"x" * 16384)
    assert status == 413 and sent < HUGE / 2
    with Dribbling(proxied, tls) as slow:
        assert asked(proxied, tls, "/healthz").startswith(b"HTTP/1.1 200")
        assert slow.still() >= serve.THREADS  # nginx itself cuts off who is silent for ten seconds
