"""A server as the office runs it, a browser beside it, and a look at its process."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from tests.factories import PASSWORD

START = "import sys; from tepei_admin.cli import main; sys.exit(main())"
PATIENCE = 300
"""Seconds; a limit against hanging."""


class Server:
    """`tepei-admin serve` on a free port, over a house that exists."""

    def __init__(self, folder: Path, url: str) -> None:
        env = {**os.environ, "TEPEI_DATA_DIR": str(folder), "TEPEI_DATABASE_URL": url}
        command = [sys.executable, "-c", START, "serve", "--port", "0"]
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.address = self.process.stdout.readline().split("：")[1].split("（")[0].strip().rstrip("/")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: Any) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        assert self.process.stdout
        self.process.stdout.close()

    def memory(self) -> float:
        """Megabytes that the process holds."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


class _Stay(HTTPRedirectHandler):
    """An answer that points elsewhere is an answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """Somebody at a browser without scripts."""

    def __init__(self, server: Server, username: str = "") -> None:
        self.server = server
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), _Stay())
        if username:
            status, _, _ = self.post("/login", at="/login", username=username, password=PASSWORD)
            assert status == 303

    def ask(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str, str]:
        """(status, where to, text)."""
        request = Request(self.server.address + path, data, {"Origin": self.server.address, **headers})
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return answer.status, "", answer.read().decode()
        except HTTPError as answer:
            with answer:
                return answer.code, answer.headers.get("Location", ""), answer.read().decode()

    def token(self, at: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(at)[2])
        return found[1] if found else ""

    def post(self, path: str, *, at: str, **values: str) -> tuple[int, str, str]:
        return self.ask(path, urlencode({"csrf_token": self.token(at), **values}).encode())

    def send(self, path: str, *, at: str, file: tuple[str, bytes], **values: str) -> tuple[int, str, str]:
        """A form with a file."""
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrf_token": self.token(at), **values}.items()
        ]
        name, data = file
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), data, f"\r\n--{mark}--\r\n".encode()])
        return self.ask(path, body, **{"Content-Type": f"multipart/form-data; boundary={mark}"})
