"""How far a long piece of work has come, told to whoever waits for it (see `exchange.jobs`). Nobody: nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

Tell = Callable[[str, int, int], None]
"""(step, done, of how many); 0 of 0 where that is not known."""

listener: ContextVar[Tell | None] = ContextVar("progress", default=None)


def at(step: str, done: int = 0, total: int = 0) -> None:
    """Say where the work is. Cheap enough to be called for some hundred rows at a time."""
    tell = listener.get()
    if tell is not None:
        tell(step, done, total)
