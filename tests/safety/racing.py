"""Many processes at one house: held at a gate in each round, each telling in a word what became of it."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import postgres  # noqa: F401  (psycopg before peewee)

# isort: split

from tepei_admin.database import db, open_database
from tepei_admin.errors import Busy, Refusal
from tepei_admin.services import command, money, places

RACERS = 8
PATIENCE = 180  # seconds; a limit against hanging

_context = multiprocessing.get_context("forkserver")
_modules = sorted(f"tests.safety.{path.stem}" for path in Path(__file__).parent.glob("test_b*.py"))
_context.set_forkserver_preload(["pytest", "tests.postgres", "tests.views.conftest", *_modules])
"""The racers are forked from a process that has imported all they need, so that they start at once."""

Act = Callable[[Any], str]
"""What a racer does with its job: a function of a test module, told by its name."""


def race(
    url: str, act: Act, rounds: Sequence[Sequence[Any]], *, off: bool = False, between: Any = None
) -> list[Counter[str]]:
    """In each round every racer does its own job at once; what they told, round by round.

    `off`: the control, with the guards taken out. `between(number)` runs in this process before each round.
    """
    count = len(rounds[0])
    db.close()
    gate, results = _context.Barrier(count + 1), _context.Queue()
    racers = [
        _context.Process(target=_racer, args=(url, act, [jobs[mine] for jobs in rounds], gate, results, off))
        for mine in range(count)
    ]
    for racer in racers:
        racer.start()
    told = []
    for number in range(len(rounds)):
        if between:
            with db.obj.connection_context():
                between(number)
        gate.wait(PATIENCE)
        told.append(Counter(results.get(timeout=PATIENCE) for _ in racers))
    for racer in racers:
        racer.join(PATIENCE)
    db.connect(reuse_if_open=True)
    return told


def _racer(url: str, act: Act, jobs: list[Any], gate: Any, results: Any, off: bool) -> None:
    open_database(url)
    db.connect()
    if off:
        guards_off()
    for job in jobs:
        gate.wait(PATIENCE)
        results.put(_told(act, job))
    db.close()


def _told(act: Act, job: Any) -> str:
    """A slow machine may say 请稍后再试: a person would press again."""
    for _ in range(20):
        try:
            return act(job)
        except Busy:
            time.sleep(0.05)
        except Refusal as refusal:
            return refusal.violations[0].code
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return "busy"


def guards_off() -> None:
    """On SQLite no transaction; on PostgreSQL no lock on a row, a track, a person, a word."""
    if db.obj.postgres:
        places.lock = lambda tracks: None
        money.lock_people = lambda people: None
        db.obj.lock_rows = lambda query: query
        db.obj.lock_word = lambda word: None
        return

    @contextmanager
    def autocommit() -> Iterator[None]:
        db.execute_sql("PRAGMA query_only=0")
        yield

    db.obj.write_transaction = autocommit


def key_off() -> None:
    """A form's token counts for nothing."""
    command.once = lambda actor, key, content, make: make()
