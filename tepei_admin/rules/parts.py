"""The parts of a route: schooling, whole years in the profession, title level. Each is a verdict and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from tepei_admin import codes
from tepei_admin.choices import Schooling, Verdict
from tepei_admin.messages import word
from tepei_admin.rules.calendar import PartialDate, completed_years
from tepei_admin.rules.facts import NO_TITLE, PersonFacts
from tepei_admin.rules.policy import RoutePolicy, TrackPolicy, member

GRADUATE = "10"  # 研究生 as written: which schooling, its degree says
HIGHER_DEGREES = ("master", "doctor")


@dataclass(frozen=True)
class Part:
    """One requirement of a route, tried on a person."""

    verdict: Verdict
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        return word(self.code, **self.params)

    def as_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.value,
            "code": self.code,
            "params": dict(self.params),
            "text": self.text,
        }


def parts_of(facts: PersonFacts, route: RoutePolicy, policy: TrackPolicy) -> tuple[Part, ...]:
    """The parts that the route asks for, each tried. None where it asks for nothing."""
    parts = []
    if route.schooling:
        parts.append(schooling(facts, member(Schooling, route.schooling)))
    if route.min_years is not None:
        parts.append(years(facts, route.min_years, policy))
    if route.title_level:
        parts.append(title(facts, route.title_level))
    return tuple(parts)


def schooling(facts: PersonFacts, needed: Schooling) -> Part:
    """学历, not degree. A degree helps only as domain.md says: see the two questions below."""
    known = codes.education().get(facts.education)
    degree = codes.degree_levels().get(facts.degree, "")
    params = {
        "education": known.name if known else facts.education_written or facts.education,
        "written": facts.education_written or (known.name if known else facts.education),
        "degree": codes.degrees().get(facts.degree, ""),
        "needed": needed.label,
    }
    own = _own(known, needed)
    stated = bool(facts.education or facts.education_written)
    if own is True:
        return Part(Verdict.MET, "eligibility.schooling.met", params)
    if _degree_settles(facts, needed, degree, own):
        met = "with_degree" if stated else "degree_met"
        return Part(Verdict.MET, f"eligibility.schooling.{met}", params)
    verdict, why = _unsettled(facts, own, degree, stated)
    return Part(verdict, f"eligibility.schooling.{why}", params)


def _own(known: codes.Education | None, needed: Schooling) -> bool | None:
    """Does the 学历 by itself meet it? None: ask."""
    if known is None:
        return None
    return known.master if needed == Schooling.MASTER else known.bachelor


def _degree_settles(facts: PersonFacts, needed: Schooling, degree: str, own: bool | None) -> bool:
    """Does the degree show the schooling that the 学历 leaves open?"""
    if degree not in HIGHER_DEGREES:
        return False
    if needed == Schooling.BACHELOR:
        return True  # 硕士 of any kind implies a bachelor's schooling
    if own is False:
        return False  # a lower schooling is stated: the degree alone does not raise it
    return degree == "doctor" or facts.education == GRADUATE


def _unsettled(facts: PersonFacts, own: bool | None, degree: str, stated: bool) -> tuple[Verdict, str]:
    """The verdict where the schooling is not shown, and its sentence."""
    if degree in HIGHER_DEGREES:
        # Reached only where a master is asked for: 同等学力 or 研究生班, or a 学历 that was left out.
        return Verdict.NEEDS_DECISION, "degree_beside" if stated else "degree_alone"
    if not stated:
        return Verdict.UNKNOWN, "unknown"
    if own is False:
        return Verdict.NOT_MET, "not_met"
    return Verdict.NEEDS_DECISION, "no_degree" if facts.education == GRADUATE else "ask"


def years_span(facts: PersonFacts, policy: TrackPolicy) -> tuple[int, int] | None:
    """Fewest and most whole years since the start in this profession; None without a start."""
    start = PartialDate.parse(facts.profession_start)
    if start is None:
        return None
    on = policy.reference_date
    return max(completed_years(start.latest, on), 0), max(completed_years(start.earliest, on), 0)


def years(facts: PersonFacts, needed: int, policy: TrackPolicy) -> Part:
    """Whole years to the reference date, by the start, by the unit's own count, or by both if they agree."""
    stated, span = facts.profession_years, years_span(facts, policy)
    by_start = {count >= needed for count in span} if span else set()
    by_count = {stated >= needed} if stated is not None else set()
    start = PartialDate.parse(facts.profession_start)
    params = {
        "years": _counted(span, stated),
        "stated": stated,
        "start": start.chinese if start else "",
        "needed": needed,
    }
    if by_start and by_count and by_start != by_count:
        return Part(Verdict.NEEDS_DECISION, "eligibility.years.differ", params)
    if len(by_start) > 1:
        return Part(Verdict.NEEDS_DECISION, "eligibility.years.partial", params)
    outcome = by_start or by_count
    if not outcome:
        return Part(Verdict.UNKNOWN, "eligibility.years.unknown", params)
    verdict = Verdict.MET if True in outcome else Verdict.NOT_MET
    return Part(verdict, f"eligibility.years.{verdict.value}", params)


def _counted(span: tuple[int, int] | None, stated: int | None) -> str:
    if span is None:
        return "" if stated is None else str(stated)
    low, high = span
    return str(low) if low == high else word("eligibility.span", low=low, high=high)


def title(facts: PersonFacts, needed: str) -> Part:
    """A title of that level or above. A level that is not known is asked about, never guessed."""
    levels, written = codes.title_levels(), facts.title.strip()
    level = levels.get(facts.title_level, facts.title_level)
    both = word("eligibility.title.named", title=written, level=level)
    params = {"title": both if written and level else written or level, "needed": levels[needed]}
    if written in NO_TITLE:
        return Part(Verdict.NOT_MET, "eligibility.title.none", params)
    if not written and not facts.title_level:
        return Part(Verdict.UNKNOWN, "eligibility.title.unknown", params)
    verdict = level_verdict(facts.title_level, needed)
    why = {Verdict.MET: "met", Verdict.NOT_MET: "not_met"}.get(verdict, "ask")
    return Part(verdict, f"eligibility.title.{why}", params)


@cache
def possible_ranks(level: str) -> tuple[int, ...]:
    """The ranks that a level may stand for, 1 the highest: 高级 alone is 正高 or 副高. Empty: not known."""
    own = codes.title_ranks().get(level)
    if own is not None:
        return (own,)
    below = (row["code"] for row in codes.table("title_levels") if row["parent"] == level)
    return tuple(sorted(codes.title_ranks()[code] for code in below))


@cache
def level_verdict(level: str, needed: str) -> Verdict:
    """Is a title level `needed` or above?

    An unsplit one (高级) is so for certain only where the whole of it lies above: against its own class it
    is asked about, for it may not be a professional title at all (高级工).
    """
    ranks, lowest = possible_ranks(level), max(possible_ranks(needed))
    if ranks and (max(ranks) < lowest or ranks == (lowest,)):
        return Verdict.MET
    if ranks and min(ranks) > lowest:
        return Verdict.NOT_MET
    return Verdict.NEEDS_DECISION
