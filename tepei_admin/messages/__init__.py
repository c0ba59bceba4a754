"""Code -> sentence. The only room where a refusal, finding or notice is worded.

Each subject has a module with a table `MESSAGES: dict[str, str]` whose keys start with the subject
("quota.full"). A sentence is a `str.format` template over the violation's params.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tepei_admin.errors import Refusal, Violation
from tepei_admin.messages import (
    access,
    certificates,
    commands,
    eligibility,
    exporting,
    importing,
    keeping,
    money,
    nominating,
    outlook,
    papers,
    past,
    paying,
    records,
    training,
    verbs,
)

MESSAGES: dict[str, str] = {
    **access.MESSAGES,
    **commands.MESSAGES,
    **records.MESSAGES,
    **verbs.MESSAGES,
    **eligibility.MESSAGES,
    **importing.MESSAGES,
    **nominating.MESSAGES,
    **outlook.MESSAGES,
    **past.MESSAGES,
    **exporting.MESSAGES,
    **money.MESSAGES,
    **keeping.MESSAGES,
    **papers.MESSAGES,
    **training.MESSAGES,
    **paying.MESSAGES,
    **certificates.MESSAGES,
}


def word(code: str, **params: Any) -> str:
    """The sentence of a code. Raises KeyError for a code nobody worded: a bug, found by the tests."""
    return MESSAGES[code].format(**params)


def say(violation: Violation) -> str:
    """The sentence of one violation."""
    return word(violation.code, **violation.params)


def say_all(refusal: Refusal | Iterable[Violation]) -> str:
    """All reasons of a refusal in one line."""
    violations = refusal.violations if isinstance(refusal, Refusal) else refusal
    return "；".join(say(violation) for violation in violations)
