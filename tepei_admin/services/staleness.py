"""Eligibility results are marked out of date when the facts or the policy behind them change.

Looks at what a command has changed, just before its commit, so that no door can forget it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tepei_admin.choices import RequestState
from tepei_admin.database import among
from tepei_admin.models import PastTrainee, Programme, Route, Trainee, Waiver
from tepei_admin.services import record
from tepei_admin.services.work import Change, Work

PERSON = frozenset(
    [
        "ethnicity",
        "birth_date",
        "birth_date_written",
        "education",
        "education_written",
        "degree",
        "profession_start",
        "profession_years",
        "title",
        "title_level",
        "unit",
        "track",
        "attested_health",
        "attested_conduct",
        "field",
        "received_on",
        "id_number",
    ]
)
"""The trainee's columns that are facts of the rules (see `gather.facts`)."""

PART = frozenset({"status", "id_number", "programme", "track"})
"""The trainee's columns that a later year's `once` reads of this part (see `gather.earlier`)."""
POLICY = {
    "programme": frozenset({"materials_deadline", "reference_date", "age_reading", "earlier_participation"}),
    "track": frozenset({"code", "label", "clause", "age_limit", "unit_level"}),
}


def mark(work: Work) -> None:
    """Mark the results that this work has put out of date."""
    people: set[int] = set()
    programmes: set[int] = set()
    tracks: set[int] = set()
    units: set[int] = set()
    numbers: set[str] = set()
    past: set[int] = set()
    parts: dict[int, set[str]] = {}
    for index, change in enumerate(work.changes):
        touched = _touched(change)
        number = change.object_id or 0
        if change.model == "trainee" and touched & PART:
            parts.setdefault(number, set()).update(_known(change, "id_number"))
        match change.model:
            case "trainee" if change.action == "update" and touched & PERSON:
                people.update(_unless_computed(work, index, [number]))
            case "programme" if touched & POLICY["programme"]:
                programmes.add(number)
            case "track" if change.action == "update" and touched & POLICY["track"]:
                tracks.add(number)
            case "route":
                tracks.update(_known(change, "track"))
                tracks.update(row[0] for row in Route.select(Route.track).where(Route.id == number).tuples())
            case "unit" if "level" in touched and change.action == "update":
                units.add(number)
            case "waiver" if (change.after or {}).get("state") == RequestState.APPROVED:
                waived = [row[0] for row in Waiver.select(Waiver.trainee).where(Waiver.id == number).tuples()]
                people.update(_unless_computed(work, index, waived))
            case "past_trainee":
                numbers.update(_known(change, "id_number"))
                past.add(number)
    if past:
        stored = PastTrainee.select(PastTrainee.id_number).where(among(PastTrainee.id, sorted(past)))
        numbers.update(row[0] for row in stored.tuples())
    people.update(person for person in _later(parts) if person not in work.computed)
    for field, values in (
        (Trainee.id, people),
        (Trainee.programme, programmes),
        (Trainee.track, tracks),
        (Trainee.unit, units),
        (Trainee.id_number, numbers),
    ):
        if values:
            has_result = (Trainee.eligibility != "") & (Trainee.eligibility_stale == False)  # noqa: E712
            record.mark(Trainee, among(field, sorted(values)) & has_result, eligibility_stale=True)


def _later(parts: Mapping[int, Iterable[str]]) -> list[int]:
    """The same people in years after these parts. For the newest year nobody, at the price of two queries."""
    if not parts:
        return []
    years = dict(Programme.select(Programme.id, Programme.year).tuples())
    since = dict.fromkeys(
        (number for numbers in parts.values() for number in numbers), 0
    )  # of parts now gone
    mine = Trainee.select(Trainee.id_number, Trainee.programme).where(among(Trainee.id, sorted(parts)))
    for number, programme in mine.tuples():
        since[number] = min(since.get(number) or years[programme], years[programme])
    later = [programme for programme, year in years.items() if year > min(since.values())]
    if not later:
        return []
    found = Trainee.select(Trainee.id, Trainee.id_number, Trainee.programme)
    found = found.where(Trainee.programme.in_(later), among(Trainee.id_number, sorted(since)))
    return [person for person, number, programme in found.tuples() if years[programme] > since[number]]


def _unless_computed(work: Work, index: int, people: list[int]) -> list[int]:
    """Those whose result this very work has not computed after the change."""
    return [person for person in people if work.computed.get(person, -1) < index]


def _touched(change: Change) -> set[str]:
    return set(change.before or ()) | set(change.after or ())


def _known(change: Change, name: str) -> set[Any]:
    """What the change says of a column: before and after, for a correction concerns both."""
    return {values[name] for values in (change.before or {}, change.after or {}) if values.get(name)}
