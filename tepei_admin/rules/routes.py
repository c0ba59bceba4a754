"""The routes of a track (二（一）3, 二（二）3), any one of which suffices, as one finding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tepei_admin.choices import Rule, Verdict
from tepei_admin.messages import word
from tepei_admin.rules.age import age_facts
from tepei_admin.rules.facts import PersonFacts
from tepei_admin.rules.finding import UNDECIDED, Finding, all_of, any_of
from tepei_admin.rules.parts import Part, parts_of, years_span
from tepei_admin.rules.policy import RoutePolicy, TrackPolicy


@dataclass(frozen=True)
class Tried:
    """One route, tried on one person."""

    route: RoutePolicy
    parts: tuple[Part, ...]

    @cached_property
    def verdict(self) -> Verdict:
        # A route that asks for nothing was forgotten half-way; it must not let everybody in.
        return all_of(part.verdict for part in self.parts) if self.parts else Verdict.NEEDS_DECISION

    def reasons(self, verdicts: frozenset[Verdict]) -> list[str]:
        if not self.parts:
            return [word("eligibility.route.empty", route=self.route.label)]
        return [part.text for part in self.parts if part.verdict in verdicts]

    def as_dict(self) -> dict[str, Any]:
        """The route, its verdict, and what it lacked."""
        lacks = [] if self.verdict == Verdict.MET else self.reasons(UNDECIDED | {Verdict.NOT_MET})
        return {
            "label": self.route.label,
            "clause": self.route.clause,
            "verdict": self.verdict.value,
            "parts": [part.as_dict() for part in self.parts],
            "lacks": lacks,
        }


def check_routes(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    """Met if any route is; else undecided if any is; else not met."""
    tried = [Tried(route, parts_of(facts, route, policy)) for route in policy.routes]
    verdict = any_of(one.verdict for one in tried) if tried else Verdict.NEEDS_DECISION
    code = f"eligibility.route.{verdict.value if tried else 'none'}"
    params = _params(tried, verdict)
    return Finding(Rule.ROUTE, verdict, True, _clause(policy), code, params, _facts(tried, facts, policy))


def tells(part: Verdict, whole: Verdict) -> bool:
    """Does this part belong in the sentence about the whole?"""
    return part in UNDECIDED if whole in UNDECIDED else part == whole


def _clause(policy: TrackPolicy) -> str:
    clauses = dict.fromkeys(route.clause for route in policy.routes if route.clause)
    return "、".join(clauses) or policy.clause_of(3)


def _params(tried: list[Tried], verdict: Verdict) -> dict[str, Any]:
    """The first route that is met and by what; else what the routes lack, or what is open in them."""
    telling = [one for one in tried if tells(one.verdict, verdict)]
    if verdict == Verdict.MET:
        telling = telling[:1]
    kinds = UNDECIDED if verdict in UNDECIDED else frozenset({verdict})
    reasons = dict.fromkeys(reason for one in telling for reason in one.reasons(kinds))
    return {
        "route": telling[0].route.label if telling else "",
        "reasons": word("eligibility.joint").join(reasons),
    }


def _facts(tried: list[Tried], facts: PersonFacts, policy: TrackPolicy) -> dict[str, Any]:
    low, high = years_span(facts, policy) or (None, None)
    return {
        **age_facts(facts, policy),
        "profession_start": facts.profession_start,
        "years_low": low,
        "years_high": high,
        "years_stated": facts.profession_years,
        "education": facts.education,
        "education_written": facts.education_written,
        "degree": facts.degree,
        "title": facts.title,
        "title_level": facts.title_level,
        "routes": [one.as_dict() for one in tried],
    }
