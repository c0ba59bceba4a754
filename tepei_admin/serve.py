"""The server: waitress, in one process or several on one listening socket (decision 0001)."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import socket
import sys
import time
from typing import Any

from tepei_admin import logs
from tepei_admin.config import Config, ConfigError, sqlite_file, sqlite_url
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.messages import word

log = logging.getLogger("tepei_admin")

DEMO = "demo.sqlite3"
"""The demo's own database, in the data folder."""
THREADS = 8
LARGEST_BODY = 33 * 1024 * 1024
"""Just above what the panel takes itself, so that a body without end is cut off early."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SOON = 3.0
"""Seconds; a worker that ends before them will not do better the next time."""
AGAIN = 6
"""Seconds until a process that was told to stop and still runs tells itself again; waitress takes up to 5."""


def run(config: Config, *, host: str, port: int, workers: int, demo: bool) -> int:
    """Serve until told to stop. Raises `RuleViolation` for a house that is not ready, or too open."""
    logs.hooks()
    ensure(host in LOOPBACK or config.base_url, "serve.base_url_needed", "host", host=host)
    ensure(workers == 1 or hasattr(os, "fork"), "serve.no_workers", "workers")
    listener = _listen(host, port)
    if demo:
        config = _demo(config)
    _ready(config)
    print(f"特培管理后台：http://{_shown(host)}:{listener.getsockname()[1]}/（按 Ctrl+C 停止）", flush=True)
    if workers == 1:
        _work(config, listener)
        return 0
    return Workers(config, listener, workers).run()


def _demo(config: Config) -> Config:
    """The demo's own database. It gets its name when it is whole: one broken off half-way is made anew."""
    from tepei_admin import seed
    from tepei_admin.database import db
    from tepei_admin.seed import demo

    path = config.data_dir / DEMO
    config = dataclasses.replace(config, database_url=sqlite_url(path))
    if not path.exists():
        draft = path.with_name("demo.sqlite3.new")
        for leftover in (draft, config.audit_head, *draft.parent.glob(f"{draft.name}-*")):
            leftover.unlink(missing_ok=True)
        seed.prepare(dataclasses.replace(config, database_url=sqlite_url(draft)))
        with db.obj.connection_context():
            told = demo.fill()
        draft.rename(path)
        for leftover in draft.parent.glob(f"{draft.name}.*"):
            leftover.unlink()
    else:
        seed.prepare(config)
        with db.obj.connection_context():
            told = demo.told()
    print("\n".join(told), flush=True)
    return config


def made(config: Config) -> bool:
    """False for a SQLite file that nobody has made yet; looking must not make it."""
    path = sqlite_file(config.database_url)
    return path is None or path.is_file()


def ensure_made(config: Config) -> None:
    """Raises `RuleViolation` for a database that nobody has made."""
    if not made(config):
        raise RuleViolation(unmade(config))


def unmade(config: Config) -> Violation:
    """What to do about a database that nobody has made; beside a demo, how to address that."""
    demo = config.data_dir / DEMO
    if demo.is_file():
        return Violation("access.only_demo", params={"url": sqlite_url(demo)})
    return Violation("access.not_initialised")


def check_open(config: Config) -> None:
    """Refuse an open database that is not up to date, or whose day may not be set. Raises `ConfigError` too."""
    from tepei_admin import migrations
    from tepei_admin.services import clock

    ensure(not migrations.pending(), "command.migrations_pending")
    if config.today and clock.demo_day() is None:
        raise ConfigError(word("command.not_demo"))


def _ready(config: Config) -> None:
    """What would stop every worker is told once, before any is there."""
    from tepei_admin.database import db, open_database
    from tepei_admin.exchange import jobs

    ensure_made(config)
    open_database(config.database_url)
    with db.obj.connection_context():
        check_open(config)
    config.secret()
    jobs.tidy(config)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        params = {"host": host, "port": port, "why": error.strerror or str(error)}
        raise RuleViolation(Violation("serve.cannot_listen", "port", params)) from None
    listener.setblocking(False)
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _work(config: Config, listener: socket.socket) -> None:
    """One process; it opens its own connections, after any fork."""
    import waitress

    from tepei_admin.app import create_app

    signal.signal(signal.SIGTERM, _stop)
    try:
        waitress.serve(
            create_app(config),
            sockets=[listener],
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=not config.proxies,
            _quiet=True,
        )
    finally:
        _heard()


def _stop(*_: Any) -> None:
    """End this process. Python drops what is raised while it is in a finaliser or a weak reference's callback, as it
    often is while it imports: so it is said again until it is heard."""
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGALRM, _stop)
        signal.alarm(AGAIN)
    sys.exit(0)


def _heard() -> None:
    """It ends: said again while Python takes itself down, where nobody listens, it would kill the process."""
    if hasattr(signal, "alarm"):
        signal.alarm(0)


class Workers:
    """Several processes; one that dies is replaced, all end with the first."""

    def __init__(self, config: Config, listener: socket.socket, count: int) -> None:
        self.config, self.listener, self.count = config, listener, count
        self.started: dict[int, float] = {}
        self.ending = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.end)
        status = 0
        while not self.ending or self.started:
            while not self.ending and len(self.started) < self.count:
                self._begin()
            pid, _ = os.wait()
            began = self.started.pop(pid, None)
            if not self.ending and began is not None and time.monotonic() - began < SOON:
                print(word("serve.workers_die"), file=sys.stderr)
                status = 1
                self.end()
        return status

    def end(self, *_: Any) -> None:
        self.ending = True
        for pid in list(self.started):
            os.kill(pid, signal.SIGTERM)

    def _begin(self) -> None:
        """A signal that comes while forking waits until both sides know what to do with it."""
        blocked = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        pid = os.fork()
        if pid == 0:
            self._child(blocked)
        self.started[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)

    def _child(self, blocked: set[signal.Signals]) -> None:
        status = 1
        try:
            signal.signal(signal.SIGTERM, _stop)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
            _work(self.config, self.listener)
            status = 0
        except SystemExit:
            status = 0
        except Exception:
            log.exception("a worker could not go on")
        finally:
            os._exit(status)
