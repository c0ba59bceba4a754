"""Long work in a process of its own: python -m tepei_admin.exchange.jobs NUMBER (decision 0020).

A large file takes longer than a request should. What the work is and how far it has come stands in a file of the data
directory, so that every server process can show it and none needs to live for it. A job that was killed is one whose
file nobody touches any more: what it was doing is whole or not there at all, and the page says so.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tepei_admin import logs
from tepei_admin.config import PREFIX, Config
from tepei_admin.errors import Busy, NotFound, Refusal, RuleViolation, Stale, Violation
from tepei_admin.permissions import Actor
from tepei_admin.services import progress

log = logging.getLogger("tepei_admin.jobs")

BEAT = 1.0
"""Seconds between two signs of life."""
SILENCE = 20.0
"""Seconds without one after which a job is taken for dead; a busy machine must not look like that."""
GIVEN_UP = 600.0
"""Seconds without one after which nothing is left of its file; until then a job that was only slow still finds it."""
KEPT = 24 * 3600.0
"""Seconds that the state of a job is kept."""
WAITING = 8
"""Jobs at work or waiting for their turn at the same time; one is at work."""


_READ = ("reading", "checking", "keeping")
STEPS = {"check": _READ, "columns": _READ, "store": ("storing",)}
"""What each kind goes through, in order."""


@dataclass
class Job:
    """`order`: what was asked, `result`: what became of it, by name. `refused`: code, field, params."""

    kind: str
    actor: int
    order: dict[str, Any]
    step: str = "waiting"
    done: int = 0
    total: int = 0
    ended: bool = False
    result: dict[str, Any] = field(default_factory=dict)
    refused: list[list[Any]] = field(default_factory=list)
    stale: bool = False
    """Refused because somebody else changed it in between."""
    lost: bool = False

    def refusal(self) -> Refusal | None:
        """Why it was refused, as it would have been said at once."""
        kind = Stale if self.stale else RuleViolation
        return kind(Violation(*item) for item in self.refused) if self.refused else None


def start(config: Config, actor: Actor, kind: str, order: Mapping[str, Any], data: bytes = b"") -> str:
    """Begin; the job's number. `data` is kept for it until it has ended. Raises `Busy` where too many wait."""
    folder = _folder(config)
    _tidy(folder)
    if sum(map(_waits, folder.glob("*.json"))) >= WAITING:
        raise Busy(Violation("access.busy"))
    number = secrets.token_hex(16)
    _put(folder / f"{number}.data", data)
    _write(folder / f"{number}.json", Job(kind, actor.id, dict(order)))
    _begin(config, number)
    return number


def look(config: Config, actor: Actor, number: str) -> Job:
    """How it stands. Raises `NotFound` for a job of somebody else, or of long ago."""
    path = _folder(config) / f"{number}.json"
    if not number.isalnum() or not path.is_file() or (job := _read(path)).actor != actor.id:
        raise NotFound(Violation("access.not_found"))
    return job


def _folder(config: Config) -> Path:
    folder = config.data_dir / "jobs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def tidy(config: Config) -> None:
    """Away with the files of jobs that were killed. At start, and with each new job."""
    _tidy(_folder(config))


def _tidy(folder: Path) -> None:
    """`turn.lock` stays, somebody may hold it."""
    for path in (*folder.glob("*.data"), *folder.glob("*.new"), *folder.glob("*.json")):
        with contextlib.suppress(OSError):
            if _over(path, path.with_suffix(".json")):
                path.unlink()


def _over(path: Path, state: Path) -> bool:
    if state.exists():
        return _silent(state, KEPT if path == state else GIVEN_UP)
    return abs(time.time() - path.stat().st_ctime) > KEPT  # a job that never came to be


def _silent(state: Path, seconds: float) -> bool:
    """Was there no sign of life for so long? By the clock that counts from the machine's start, which nobody sets: what
    is stamped later than now was stamped before that start."""
    return not 0 <= time.monotonic() - state.stat().st_mtime <= seconds


def _touch(state: Path) -> None:
    moment = time.monotonic()
    os.utime(state, (moment, moment))


def _put(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)


def _waits(path: Path) -> bool:
    try:
        job = _read(path)
    except FileNotFoundError:  # another worker has tidied
        return False
    return not job.ended and not job.lost


def _read(path: Path) -> Job:
    job = Job(**json.loads(path.read_text(encoding="utf-8")))
    job.lost = not job.ended and _silent(path, SILENCE)
    return job


def _write(path: Path, job: Job) -> None:
    """Whole or not at all: somebody may be reading."""
    draft = path.with_suffix(".new")
    _put(draft, json.dumps(asdict(job), ensure_ascii=False, default=str).encode())
    _touch(draft)
    draft.replace(path)


def _begin(config: Config, number: str) -> None:
    """A process that outlives this one: a server that is stopped does not take the work with it."""
    given = {
        "DATA_DIR": config.data_dir.resolve(),
        "DATABASE_URL": config.database_url,
        "TODAY": config.today or "",
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    env |= {PREFIX + name: str(value) for name, value in given.items()}
    env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, number],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env, start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True).start()


# --- In the process


class _Teller:
    """Keeps a job's file up to date: what the work says, and a sign of life between."""

    def __init__(self, path: Path):
        self.path, self.job = path, _read(path)
        self.lock, self.ending = threading.Lock(), threading.Event()
        self.told = 0.0
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __call__(self, step: str, done: int, total: int) -> None:
        new = step != self.job.step
        self.job.step, self.job.done, self.job.total = step, done, total
        if new or time.monotonic() - self.told > BEAT / 2:
            self.write()

    def write(self) -> None:
        with self.lock:
            _write(self.path, self.job)
            self.told = time.monotonic()

    def _beat(self) -> None:
        while not self.ending.wait(BEAT):
            with self.lock:
                _touch(self.path)

    def __enter__(self) -> _Teller:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.thread.join()
        self.job.ended = True
        self.write()


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """One large file at a time; the system gives the turn on when a process is gone, in whatever way."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with open(folder / "turn.lock", "ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run(config: Config, number: str) -> None:
    """Do the work and tell what became of it."""
    gc.disable()  # a third of the time went into looking at a million live objects; the process is soon gone
    path = _folder(config) / f"{number}.json"
    data = path.with_suffix(".data")
    with _Teller(path) as teller, _turn(path.parent):
        token = progress.listener.set(teller)
        try:
            teller.job.result = _work(config, teller.job, data.read_bytes())
        except Refusal as refusal:
            teller.job.stale = isinstance(refusal, Stale)
            teller.job.refused = [[item.code, item.field, dict(item.params)] for item in refusal.violations]
        except Exception:
            log.exception("job %s", number)
            teller.job.refused = [["import.job.failed", None, {}]]
        finally:
            progress.listener.reset(token)
            data.unlink(missing_ok=True)


def _work(config: Config, job: Job, data: bytes) -> dict[str, Any]:
    from tepei_admin.database import db, open_database
    from tepei_admin.exchange.long_work import KINDS
    from tepei_admin.services import accounts, surroundings

    open_database(config.database_url)
    surroundings.settle(config)
    with db.obj.connection_context():
        actor = accounts.actor_numbered(job.actor)
        return KINDS[job.kind](actor, job.order, data)


if __name__ == "__main__":
    logs.hooks()
    settings = Config.from_env()
    settings.quick_driver()  # before peewee is imported
    run(settings, sys.argv[1])
