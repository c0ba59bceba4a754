"""An import in a process of its own that kills itself: by the command line, or as the job stores what was looked at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 600
AT_THE_END = float("inf")
"""Seconds after a word: never, but in the last moment before COMMIT."""
LOOSE = """
from contextlib import contextmanager
from tepei_admin.database import GuardedSqlite
@contextmanager
def loose(self):
    self.execute_sql(self.open_sql)
    yield
GuardedSqlite.write_transaction = loose
"""
"""The control: each statement its own transaction."""
RUN = """
import json, os, signal, sys, threading, time
from tepei_admin import cli
from tepei_admin.config import Config
from tepei_admin.database import GuardedPostgres, GuardedSqlite, db, open_database
from tepei_admin.exchange import long_work
from tepei_admin.services import accounts, nominations, progress, surroundings
what, order, part, step, word, delay = sys.argv[1:]
nominations.PART, word, delay = int(part), int(word), float(delay)
words, storing = 0, 0.0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def tell(at, done, total):
    global words, storing
    if at == "storing":
        storing = storing or time.monotonic()
    if at == step:
        if words == word and delay < float("inf"):
            threading.Timer(delay, die).start()
        words += 1

def before_commit():
    if step and storing:  # held here until the time has come, lest it come too late
        print(time.monotonic() - storing, flush=True)
        while delay < float("inf"):
            signal.pause()
        die()

def with_a_look(commit):
    return lambda self: (before_commit(), commit(self))[1]

for kind in (GuardedSqlite, GuardedPostgres):
    kind.commit = with_a_look(kind.commit)
progress.listener.set(tell)
if what == "import":
    sys.exit(cli.main(["import", order, "--programme", "2019", "--track", "outside", "--json"]))
config = Config.from_env()
open_database(config.database_url)
surroundings.settle(config)
with db.obj.connection_context():
    print(json.dumps(long_work.store(accounts.cli_actor(), json.loads(order), b"")))
"""


@dataclass(frozen=True)
class Moment:
    """So many seconds after the n-th word that the work says of a step. No step: it is not killed."""

    step: str = ""
    word: int = 0
    delay: float = 0.0


@dataclass(frozen=True)
class Importing:
    """Where, and how many people are stored in one go."""

    url: str
    folder: Path
    part: int

    def run(
        self, what: str, order: str, at: Moment = Moment(), before: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """`what`: import (a file, by the command line) or store (an upload, as a job does)."""
        env = {**os.environ, "TEPEI_DATA_DIR": str(self.folder), "TEPEI_DATABASE_URL": self.url}
        words = [what, order, str(self.part), at.step, str(at.word), str(at.delay)]
        command = [sys.executable, "-c", before + RUN, *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE)

    def killed(self, what: str, order: str, at: Moment) -> str:
        """What it had printed."""
        ended = self.run(what, order, at)
        assert ended.returncode == -signal.SIGKILL, (what, at, ended.stdout, ended.stderr)
        return ended.stdout
