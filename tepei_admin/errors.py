"""Refusals. A refusal carries codes and values; `messages` turns them into sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Violation:
    """One reason why something is refused.

    `code` names a sentence in `messages`, `field` the form field or column it belongs to,
    `params` the values the sentence needs.
    """

    code: str
    field: str | None = None
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Refusal(Exception):
    """Anything that a person may cause and must be told in one sentence. HTTP status in `status`."""

    status = 422

    def __init__(self, violations: Iterable[Violation] | Violation):
        self.violations = (violations,) if isinstance(violations, Violation) else tuple(violations)
        super().__init__(", ".join(v.code for v in self.violations))


class Mendable(Refusal):
    """Whoever asked can put it right: the page comes back with what was typed."""


class RuleViolation(Mendable):
    """A rule of the programme, or of the data, says no."""


class NotAllowed(Refusal):
    """This actor has no right to do this."""

    status = 403


class NotFound(Refusal):
    """No such row, or none that this actor may see."""

    status = 404


class Stale(Mendable):
    """Somebody else changed the row in between. `theirs` holds the values as they are now."""

    status = 409

    def __init__(self, violations: Iterable[Violation] | Violation, theirs: Mapping[str, Any] | None = None):
        super().__init__(violations)
        self.theirs = dict(theirs or {})


class Busy(Mendable):
    """The house cannot take it at this moment (a long import, no disk, no database); the same may be sent again."""

    status = 503


class Unsure(Busy):
    """The connection went while it was being stored: nobody knows whether it stands, so look first."""


def ensure(condition: object, code: str, field: str | None = None, /, **params: Any) -> None:
    """Raise `RuleViolation(code)` unless `condition` holds."""
    if not condition:
        raise RuleViolation(Violation(code, field, params))
