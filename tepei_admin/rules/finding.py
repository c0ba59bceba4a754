"""A finding (one rule, one verdict, the facts behind it), and how verdicts add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.choices import Rule, Verdict

UNDECIDED = frozenset({Verdict.UNKNOWN, Verdict.NEEDS_DECISION})


@dataclass(frozen=True)
class Finding:
    """What one rule says of one person. `messages` words it by `code` and `params`.

    `counts`: whether it takes part in the overall result. `facts`: the values that were used.
    `waived`: an override is on record; it then counts as met, and the verdict stays to be seen.
    Params and facts are ready for JSON: a result is stored and must read the same next year.
    """

    rule: Rule
    verdict: Verdict
    counts: bool
    clause: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    waived: bool = False

    @property
    def standing(self) -> Verdict:
        """The verdict as the overall result counts it."""
        return Verdict.MET if self.waived else self.verdict

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "rule": self.rule.value,
            "verdict": self.verdict.value,
            "counts": self.counts,
            "clause": self.clause,
            "code": self.code,
            "params": dict(self.params),
            "facts": dict(self.facts),
            "waived": self.waived,
        }


def _open(verdicts: set[Verdict]) -> Verdict:
    # Once a person has to decide something, filling in the rest may not be enough: that is said first.
    return Verdict.NEEDS_DECISION if Verdict.NEEDS_DECISION in verdicts else Verdict.UNKNOWN


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Not met if one is not; else undecided if one is; else met."""
    seen = set(verdicts)
    if Verdict.NOT_MET in seen:
        return Verdict.NOT_MET
    return _open(seen) if seen & UNDECIDED else Verdict.MET


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Met if one is; else undecided if one is; else not met."""
    seen = set(verdicts)
    if Verdict.MET in seen:
        return Verdict.MET
    return _open(seen) if seen & UNDECIDED else Verdict.NOT_MET
