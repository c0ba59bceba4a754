"""The age limit (二（一）2, 二（二）2): whole years on the reference date, the limit itself included."""

from __future__ import annotations

from datetime import date
from typing import Any

from tepei_admin.choices import AgeReading, Rule, Verdict
from tepei_admin.messages import word
from tepei_admin.rules.calendar import PartialDate, add_years, chinese, completed_years, minus_years
from tepei_admin.rules.facts import PersonFacts
from tepei_admin.rules.finding import Finding
from tepei_admin.rules.policy import TrackPolicy


def check_age(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    """Tried at every day on which the person may have been born; undecided only where that matters."""
    born = PartialDate.parse(facts.birth_date)
    if born is None:
        return _finding(policy, Verdict.UNKNOWN, "unknown", {}, age_facts(facts, policy))
    verdict, code, params = _judge(born, _other_day(facts, born), policy)
    return _finding(policy, verdict, code, params, age_facts(facts, policy))


def age_facts(facts: PersonFacts, policy: TrackPolicy) -> dict[str, Any]:
    """Birth date, age (lowest and highest that it can be) and the day on which it was counted."""
    born = PartialDate.parse(facts.birth_date)
    low, high = _ages(born, policy) if born else (None, None)
    values: dict[str, Any] = {
        "reference_date": policy.reference_date.isoformat(),
        "birth_date": facts.birth_date,
        "age": low if low == high else None,
        "age_low": low,
        "age_high": high,
        "age_limit": policy.age_limit,
        "age_reading": str(policy.age_reading),
    }
    if facts.birth_date_written:
        values["birth_date_written"] = facts.birth_date_written
    return values


def _finding(
    policy: TrackPolicy, verdict: Verdict, code: str, params: dict[str, Any], facts: dict[str, Any]
) -> Finding:
    return Finding(Rule.AGE, verdict, True, policy.clause_of(2), f"eligibility.age.{code}", params, facts)


def _ages(born: PartialDate, policy: TrackPolicy) -> tuple[int, int]:
    on = policy.reference_date
    return completed_years(born.latest, on), completed_years(born.earliest, on)


def _other_day(facts: PersonFacts, born: PartialDate) -> PartialDate | None:
    """The sheet's own day, if it contradicts the number's. A sheet that says only the month does not."""
    written = PartialDate.parse(facts.birth_date_written)
    if written is None or written.earliest <= born.earliest <= born.latest <= written.latest:
        return None
    return written


def _on_day(born: date, policy: TrackPolicy) -> Verdict:
    """The verdict for somebody born on that very day."""
    on, limit = policy.reference_date, policy.age_limit
    if born > on:
        return Verdict.NEEDS_DECISION
    if policy.age_reading == AgeReading.BORN_AFTER:
        return Verdict.MET if born >= minus_years(on, limit) else Verdict.NOT_MET
    # Whether one is a year older on the birthday or on the day after is disputed; it matters only where
    # that birthday is the one that passes the limit.
    if add_years(born, limit + 1) == on:
        return Verdict.NEEDS_DECISION
    return Verdict.MET if completed_years(born, on) <= limit else Verdict.NOT_MET


def _judge(
    born: PartialDate, other: PartialDate | None, policy: TrackPolicy
) -> tuple[Verdict, str, dict[str, Any]]:
    on, limit = policy.reference_date, policy.age_limit
    verdicts = {_on_day(day, policy) for day in born.ends}
    by_day = policy.age_reading == AgeReading.BORN_AFTER
    low, high = _ages(born, policy)
    params: dict[str, Any] = {
        "age": str(high) if low == high else word("eligibility.span", low=low, high=high),
        "limit": limit,
        "born": born.chinese,
        "on": chinese(on),
        "since": chinese(minus_years(on, limit)) if by_day else "",
    }
    if born.latest > on:
        return Verdict.NEEDS_DECISION, "future", params
    if other and verdicts != {_on_day(day, policy) for day in other.ends}:
        return Verdict.NEEDS_DECISION, "written", {**params, "written": other.chinese}
    if len(verdicts) > 1:
        return Verdict.NEEDS_DECISION, "partial_born" if by_day else "partial", params
    verdict = verdicts.pop()
    if verdict is Verdict.NEEDS_DECISION:
        return verdict, "birthday", params
    return verdict, f"{verdict.value}_born" if by_day else verdict.value, params
