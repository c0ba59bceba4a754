"""The server: waitress, in one process or several on one listening socket (decision 0001)."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import sys
from types import FrameType

from tepei_admin.config import Config
from tepei_admin.errors import RuleViolation, Violation

THREADS = 8
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run(config: Config, *, host: str, port: int, workers: int, demo: bool) -> int:
    """Serve until told to stop. Raises `RuleViolation` for a house that is not ready, or too open."""
    if host not in LOOPBACK and not config.base_url:
        raise RuleViolation(Violation("serve.base_url_needed", params={"host": host}))
    if demo:
        config = _demo(config)
    _ready(config)
    listener = _listen(host, port)
    print(f"特培管理后台：http://{host}:{listener.getsockname()[1]}", flush=True)
    if workers <= 1:
        _work(config, listener)
        return 0
    return _several(config, listener, workers)


def _demo(config: Config) -> Config:
    """The demo's own database, filled once; its accounts are printed."""
    from tepei_admin.cli.house import prepare
    from tepei_admin.database import db
    from tepei_admin.seed import demo

    config = dataclasses.replace(config, database_url=f"sqlite:///{config.data_dir / 'demo.sqlite3'}")
    prepare(config)
    with db.obj.connection_context():
        for line in demo.fill() if demo.empty() else demo.accounts_told():
            print(line, flush=True)
    return config


def _ready(config: Config) -> None:
    from tepei_admin import migrations
    from tepei_admin.database import db, open_database

    open_database(config.database_url)
    if not db.obj.postgres and not os.path.exists(db.obj.database):
        raise RuleViolation(Violation("access.not_initialised"))
    with db.obj.connection_context():
        if migrations.pending():
            raise RuleViolation(Violation("serve.migrations_pending"))


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=256)
    except OSError as error:
        raise RuleViolation(Violation("serve.cannot_listen", params={"port": port, "why": error.strerror})) from None
    listener.setblocking(False)
    return listener


def _work(config: Config, listener: socket.socket) -> None:
    """One process; its connections are opened here, after any fork."""
    import waitress

    from tepei_admin.app import create_app

    waitress.serve(create_app(config), sockets=[listener], threads=THREADS, ident=None)


def _several(config: Config, listener: socket.socket, workers: int) -> int:
    """Fork the workers, begin again one that died, end all when told to."""
    children: set[int] = set()
    ending = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ending
        ending = True
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not ending or children:
        while not ending and len(children) < workers:
            child = os.fork()
            if child == 0:
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                _work(config, listener)
                os._exit(0)
            children.add(child)
        try:
            gone, _ = os.wait()
            children.discard(gone)
        except (ChildProcessError, InterruptedError):
            continue
    return 0
