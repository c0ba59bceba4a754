"""Many processes at one house: held at a gate in each round, each telling in a word what became of it."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any, TypeVar

from tests import postgres  # noqa: F401  (psycopg before peewee)

# isort: split

from tepei_admin.database import db, open_database
from tepei_admin.errors import Busy, Refusal
from tepei_admin.services import command, money, places
from tests.safety import faults

T = TypeVar("T")

RACERS = 8
PATIENCE = 180  # seconds; a limit against hanging
MEETING = 60  # seconds to wait for the others of a control

_context = multiprocessing.get_context("forkserver")
_modules = sorted(f"tests.safety.{path.stem}" for path in Path(__file__).parent.glob("test_[ab]*.py"))
_context.set_forkserver_preload(["pytest", "tests.postgres", "tests.views.conftest", *_modules])
"""The racers are forked from a process that has imported all they need, so that they start at once."""

Act = Callable[[Any], str]
"""What a racer does with its job: a function of a test module, told by its name."""


def race(
    url: str, act: Act, rounds: Sequence[Sequence[Any]], *, off: str = "", between: Any = None
) -> list[Counter[str]]:
    """In each round every racer does its own job at once; what they told, round by round.

    `off`: the control, with the guards taken out; all meet before the first of them writes to that table, so that none
    has seen what another writes. `between(number)` runs in this process before each round.
    """
    count = len(rounds[0])
    db.close()
    gate, together, results = _context.Barrier(count + 1), _context.Barrier(count), _context.Queue()
    racers = [
        _context.Process(
            target=_racer, args=(url, act, [jobs[mine] for jobs in rounds], gate, together, results, off)
        )
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


_together: Any = None


def meet() -> None:
    """Wait until all racers are here; one that goes another way is not waited for for ever."""
    with suppress(BrokenBarrierError):
        _together.wait(MEETING)


def _racer(url: str, act: Act, jobs: list[Any], gate: Any, together: Any, results: Any, off: str) -> None:
    global _together
    _together = together
    open_database(url)
    db.connect()
    if off:
        guards_off()
    for job in jobs:
        gate.wait(PATIENCE)
        with faults.at(1, meet, writing=off) if off else nullcontext():
            results.put(_told(act, job))
    db.close()


def _told(act: Act, job: Any) -> str:
    try:
        return pressing_again(lambda: act(job))
    except Busy:
        return "busy"
    except Refusal as refusal:
        return refusal.violations[0].code
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def pressing_again(do: Callable[[], T]) -> T:
    """A slow machine may say 请稍后再试: a person would press again. Where an act has several steps, each by itself."""
    for _ in range(20):
        try:
            return do()
        except Busy:
            time.sleep(0.05)
    return do()


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
