"""One part per person: what an earlier year's part means for this one."""

from __future__ import annotations

from collections.abc import Iterable

from tepei_admin.choices import EarlierParticipation, PastOutcome, Rule, Status, Verdict
from tepei_admin.messages import word
from tepei_admin.rules.facts import EarlierPart, PersonFacts
from tepei_admin.rules.finding import Finding
from tepei_admin.rules.policy import TrackPolicy

# An earlier part that never got to the door is only worth a note; anything else is decided about.
MERE_APPLICATION = frozenset(
    {
        Status.APPLIED.value,  # the same word as PastOutcome.APPLIED
        Status.RECOMMENDED.value,
        Status.ADMITTED.value,
        Status.NOTIFIED.value,
        Status.REJECTED.value,
        Status.WITHDRAWN.value,
    }
)


def named(part: EarlierPart) -> str:
    """What a part is called, with what became of it."""
    # The words of 往年学员 first: of a year that is over, `applied` means that nothing came of it.
    past = part.outcome in {value for value, _ in PastOutcome.choices()}
    outcome = (PastOutcome if past else Status).label_of(part.outcome)
    label = part.label or word("eligibility.once.year", year=part.year)
    return word("eligibility.once.part", label=label, outcome=outcome)


def grave(parts: Iterable[EarlierPart]) -> list[EarlierPart]:
    """The parts that reached training, and no-shows and disqualifications: somebody has to decide about them."""
    return [part for part in parts if part.outcome not in MERE_APPLICATION]


def check_once(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    """A part in an earlier year is decided about, or noted. (A second one of this year cannot be stored.)"""
    earlier = [part for part in facts.earlier if part.year < policy.year]
    heavy = grave(earlier)
    decide = bool(heavy) and policy.earlier_participation != EarlierParticipation.NOTE
    verdict = Verdict.NEEDS_DECISION if decide else Verdict.MET
    why = "ask" if decide else "noted" if earlier else "met"
    params = {"parts": word("eligibility.comma").join(map(named, heavy if decide else earlier))}
    used = {"earlier": [{"year": p.year, "outcome": p.outcome, "label": p.label} for p in earlier]}
    return Finding(Rule.ONCE, verdict, True, "", f"eligibility.once.{why}", params, used)
