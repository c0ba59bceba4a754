"""The panel as the office runs it: `tepei-admin serve`, a house for it, a look at its processes, a visitor without scripts."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from tepei_admin.database import db
from tepei_admin.seed import demo
from tepei_admin.services import accounts
from tests.conftest import build
from tests.factories import PASSWORD, House

PROGRAM = "import sys; from tepei_admin.cli import main; sys.exit(main())"
PATIENCE = 300
"""Seconds; a limit against hanging, for the slowest machine."""


class Server:
    """`tepei-admin serve …` on a free port of the loopback, over a data folder; `env`: settings by their full names.

    `before`: lines of Python that it runs first, for a control with a guard taken out."""

    def __init__(self, folder: Path, *words: str, before: str = "", **env: str) -> None:
        self.told: list[str] = []
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  a pipe that nobody reads would stop the server
        self.process = subprocess.Popen(
            [sys.executable, "-c", before + PROGRAM, "serve", "--port", "0", *words],
            env={**_bare(), "TEPEI_DATA_DIR": str(folder), **env},
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )
        assert self.process.stdout is not None
        self.out = self.process.stdout

    def __enter__(self) -> Server:
        """Listening. One that may fail to start is made without `with`."""
        assert self.address
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def address(self) -> str:
        """Where it listens, as it prints, without a slash at the end; what it printed before is in `told`."""
        while not (self.told and "http://" in self.told[-1]):
            line = self.out.readline()
            assert line, self.complaints()
            self.told.append(line.strip())
        return re.findall(r"http://[^/]+", self.told[-1])[0]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def complaints(self) -> str:
        """What it wrote to its standard error."""
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace")

    def end(self) -> int:
        """Told to end as the system tells it; its status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.out.close()

    def workers(self) -> list[int]:
        """The processes that it started and that live."""
        return [number for number, one in processes().items() if one.parent == self.process.pid and one.lives]

    def memory(self, most: bool = False) -> float:
        """Megabytes that the process holds, or the most that it ever held."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+)" if most else r"VmRSS:\s+(\d+)", text)
        assert found
        return int(found[1]) / 1024


def _bare() -> dict[str, str]:
    """This process's environment without settings of the panel."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEPEI_")}


class Process(NamedTuple):
    parent: int
    lives: bool
    """False for one that has ended and of which only nobody has taken note."""


def processes() -> dict[int, Process]:
    """All of the machine, by number: from /proc, or where there is none (macOS) from ps."""
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
        )
        lines = (line.split() for line in listed.stdout.splitlines())
        return {int(number): Process(int(parent), state[0] != "Z") for number, parent, state in lines}
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has gone meanwhile
            state, parent, *_ = path.read_text(errors="replace").rpartition(")")[2].split()
            found[int(path.parent.name)] = Process(int(parent), state != "Z")
    return found


def lives(number: int) -> bool:
    found = processes().get(number)
    return found is not None and found.lives


def eventually(holds: Callable[[], Any]) -> bool:
    """Whether it comes to hold before patience ends."""
    until = time.monotonic() + PATIENCE
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.1)
    return bool(held)


@contextmanager
def filled(folder: Path) -> Iterator[House]:
    """A new house in a data folder, with an operator and an approver, open to be filled and then to be served."""
    url = f"sqlite:///{folder / 'tepei.sqlite3'}"
    build(url)
    with db.obj.connection_context():
        house = House(url)
        for role, name in (("operator", "斯琴图雅"), ("approver", "乌云其木格")):
            accounts.add(house.cli, role, role, password=demo.PASSWORD, name=name)
        yield house
    db.close()


# --- Somebody at a browser


class Answer(NamedTuple):
    status: int
    where: str
    """Where to go on, or nothing."""
    text: str
    refreshing: bool
    """A page that looks again by itself: there is more to come."""


def _answer(status: int, reply: Any) -> Answer:
    head = reply.headers
    return Answer(status, head.get("Location", ""), reply.read().decode(), "Refresh" in head)


class _Stay(HTTPRedirectHandler):
    """An answer that points elsewhere is an answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """Somebody at a browser without scripts; signed in where a name is given."""

    def __init__(self, server: Server, username: str = "", password: str = PASSWORD) -> None:
        self.address = server.address
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), _Stay())
        if username:
            answer = self.post("/login", at="/login", username=username, password=password)
            assert answer.status == 303

    def ask(self, path: str, data: bytes | None = None, **headers: str) -> Answer:
        request = Request(self.address + path, data, {"Origin": self.address, **headers})
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return _answer(answer.status, answer)
        except HTTPError as answer:
            with answer:
                return _answer(answer.code, answer)

    def token(self, at: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(at).text)
        return found[1] if found else ""

    def post(self, path: str, *, at: str, **values: str) -> Answer:
        return self.ask(path, urlencode({"csrf_token": self.token(at), **values}).encode())

    def send(self, path: str, *, at: str, file: tuple[str, bytes], **values: str) -> Answer:
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
