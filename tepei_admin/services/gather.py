"""Models -> facts and policy, batched: the only bridge to `rules`. Its queries do not grow with people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tepei_admin.choices import (
    AgeReading,
    EarlierParticipation,
    RequestState,
    Rule,
    UnitLevelRule,
    WaiverKind,
)
from tepei_admin.database import among
from tepei_admin.models import PastTrainee, PovertyCounty, Programme, Route, Track, Trainee, Unit, Waiver
from tepei_admin.rules.facts import EarlierPart, PersonFacts
from tepei_admin.rules.policy import RoutePolicy, TrackPolicy

_PLAIN = (
    "ethnicity", "birth_date", "birth_date_written", "education", "education_written", "degree", "profession_start",
    "profession_years", "title", "title_level", "field", "received_on",
)  # fmt: skip


def policies(tracks: Iterable[int]) -> dict[int, TrackPolicy]:
    """The conditions of each track."""
    numbers = sorted(set(tracks))
    routes: dict[int, list[RoutePolicy]] = {}
    query = Route.select().where(among(Route.track, numbers)).order_by(Route.position, Route.id)
    for route in query.namedtuples():
        policy = RoutePolicy(route.label, route.schooling, route.min_years, route.title_level, route.clause)
        routes.setdefault(route.track, []).append(policy)
    found = Track.select(Track, Programme).join(Programme).where(among(Track.id, numbers))
    return {track.id: _policy(track, track.programme, routes.get(track.id, [])) for track in found}


def _policy(track: Track, year: Programme, routes: list[RoutePolicy]) -> TrackPolicy:
    return TrackPolicy(
        year=year.year,
        track=track.code,
        track_label=track.label,
        age_limit=track.age_limit,
        reference_date=year.reference_date or year.materials_deadline,
        deadline=year.materials_deadline,
        age_reading=AgeReading(year.age_reading),
        unit_level=UnitLevelRule(track.unit_level),
        earlier_participation=EarlierParticipation(year.earlier_participation),
        clause=track.clause,
        routes=tuple(routes),
    )


def facts(people: Iterable[int], *, unit_level: str | None = None) -> dict[int, PersonFacts]:
    """What the rules know of each person. `unit_level` stands in for the unit's, when a transfer asks "what if"."""
    numbers = list(people)
    columns = [Trainee._meta.fields[name] for name in _PLAIN]
    query = (
        Trainee.select(
            Trainee.id, Trainee.id_number, Programme.year, Unit.level, Trainee.attested_health,
            Trainee.attested_conduct, *columns,
        )
        .join(Unit, on=(Trainee.unit == Unit.id))
        .switch(Trainee)
        .join(Programme, on=(Trainee.programme == Programme.id))
        .where(among(Trainee.id, numbers))
    )  # fmt: skip
    rows = list(query.tuples())
    parts = _earlier({row[1] for row in rows})
    return {
        number: PersonFacts(
            unit_level=level if unit_level is None else unit_level,
            health=health,
            conduct=conduct,
            earlier=tuple(part for part in parts.get(id_number, ()) if part.year < year),
            **dict(zip(_PLAIN, values, strict=True)),
        )
        for number, id_number, year, level, health, conduct, *values in rows
    }


def facts_of_new(
    rows: Sequence[Mapping[str, Any]], parts: Iterable[Sequence[EarlierPart]]
) -> list[PersonFacts]:
    """The same of people who are about to be entered: `rows` as they will be stored, `parts` those of years before."""
    levels = dict(
        Unit.select(Unit.id, Unit.level).where(among(Unit.id, {row["unit"] for row in rows})).tuples()
    )
    return [
        PersonFacts(
            unit_level=levels[row["unit"]],
            health=row["attested_health"],
            conduct=row["attested_conduct"],
            earlier=tuple(before),
            **{name: row.get(name, Trainee._meta.fields[name].default) for name in _PLAIN},
        )
        for row, before in zip(rows, parts, strict=True)
    ]


def earlier(id_numbers: Iterable[str], *, before: int) -> dict[str, list[EarlierPart]]:
    """The parts of these people in years before that one."""
    found = {
        number: [part for part in parts if part.year < before]
        for number, parts in _earlier(id_numbers).items()
    }
    return {number: parts for number, parts in found.items() if parts}


def _earlier(id_numbers: Iterable[str]) -> dict[str, list[EarlierPart]]:
    """Every part of these people in any year, from the panel and from the list of 往年学员."""
    numbers = sorted(set(id_numbers))
    found: dict[str, list[EarlierPart]] = {}
    panel = (
        Trainee.select(Trainee.id_number, Programme.year, Trainee.status, Track.label)
        .join(Programme, on=(Trainee.programme == Programme.id))
        .switch(Trainee)
        .join(Track, on=(Trainee.track == Track.id))
        .where(among(Trainee.id_number, numbers))
        .order_by(Programme.year)
    )
    for id_number, year, status, track in panel.tuples():
        label = f"{year}年度{track}"
        found.setdefault(id_number, []).append(EarlierPart(year, status, label))
    past = PastTrainee.select(PastTrainee.id_number, PastTrainee.year, PastTrainee.outcome)
    for id_number, year, outcome in past.where(among(PastTrainee.id_number, numbers)).tuples():
        found.setdefault(id_number, []).append(EarlierPart(year, outcome, f"{year}年度"))
    return found


def waived(people: Iterable[int]) -> dict[int, frozenset[Rule]]:
    """The rules that an approved waiver sets aside, by person."""
    found: dict[int, set[Rule]] = {}
    for trainee, rule in _approved(people, WaiverKind.FINDING).select(Waiver.trainee, Waiver.rule).tuples():
        found.setdefault(trainee, set()).add(Rule(rule))
    return {trainee: frozenset(rules) for trainee, rules in found.items()}


def over_quota(people: Iterable[int]) -> set[int]:
    """Who may be taken above a full quota."""
    return {row[0] for row in _approved(people, WaiverKind.QUOTA).select(Waiver.trainee).tuples()}


def _approved(people: Iterable[int], kind: WaiverKind) -> Any:
    return Waiver.select().where(
        among(Waiver.trainee, list(people)), Waiver.kind == kind, Waiver.state == RequestState.APPROVED
    )


def poor(counties: Iterable[str], on: dt.date) -> set[str]:
    """Which of these county codes are on the list of poverty counties on that day."""
    still = PovertyCounty.delisted_on.is_null() | (PovertyCounty.delisted_on > on)
    query = PovertyCounty.select(PovertyCounty.code).where(
        among(PovertyCounty.code, sorted(set(counties))), still
    )
    return {row[0] for row in query.tuples()}
