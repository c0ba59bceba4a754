"""Programme years: a new one from an old one, settings one by one, quotas, units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import Programme, Quota, Route, Track, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.schema import STAMPS, ChoiceField, Record
from tepei_admin.services import crud, record
from tepei_admin.services.command import command

DATES = ("materials_deadline", "reference_date", "notice_by")
SETTINGS = tuple(
    name for name in Programme._meta.sorted_field_names if name not in STAMPS | {"year", "name", "notice_no"}
)
"""The settings of a programme that `programme set` takes."""


def find(year: object) -> Programme:
    """The programme of a year. Raises `RuleViolation` naming the years there are."""
    found = Programme.get_or_none(Programme.year == year) if str(year).isdigit() else None
    if found is None:
        years = "、".join(
            str(row[0]) for row in Programme.select(Programme.year).order_by(Programme.year).tuples()
        )
        raise RuleViolation(
            Violation("programme.unknown", "programme", {"year": year, "years": years or "无"})
        )
    return found


def tracks_of(programme: int) -> list[Track]:
    """The tracks of a year, in their order."""
    return list(Track.select().where(Track.programme == programme).order_by(Track.position, Track.id))


def find_track(programme: int, code: str) -> Track:
    """A track by its code or label. Raises `RuleViolation` with the programme's codes."""
    tracks = tracks_of(programme)
    for track in tracks:
        if code in (track.code, track.label):
            return track
    known = "、".join(f"{track.code}（{track.label}）" for track in tracks)
    raise RuleViolation(Violation("programme.unknown_track", "track", {"track": code, "tracks": known}))


def find_unit(text: str) -> Unit:
    """A unit by its code or name. Raises `RuleViolation` for none."""
    unit = Unit.get_or_none((Unit.code == text) | (Unit.name == text))
    ensure(unit is not None, "unit.unknown", "unit", unit=text)
    return unit


@command(P.SETUP)
def new_year(actor: Actor, year: int, *, source: int) -> int:
    """Copy settings, tracks, routes and the quota rows (not allocated) of one year for another, dates moved along."""
    old = find(source)
    ensure(
        not Programme.select().where(Programme.year == year).exists(), "programme.exists", "year", year=year
    )
    values = _copy(old, year=year, name=old.name.replace(str(old.year), str(year)), notice_no="")
    values |= {name: _moved(values[name], year - old.year) for name in DATES}
    programme = record.insert(Programme, values)
    for track in Track.select().where(Track.programme == old.id).order_by(Track.id):
        copied = record.insert(Track, _copy(track, programme=programme))
        routes = [_copy(route, track=copied) for route in Route.select().where(Route.track == track.id)]
        record.insert_many(Route, routes)
        units = [row[0] for row in Quota.select(Quota.unit).where(Quota.track == track.id).tuples()]
        record.insert_many(Quota, [{"track": copied, "unit": unit, "places": None} for unit in units])
    return programme


def _copy(row: Record, **changed: Any) -> dict[str, Any]:
    return {key: value for key, value in row.__data__.items() if key not in STAMPS} | changed


def _moved(day: dt.date | None, years: int) -> dt.date | None:
    if day is None:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


@command(P.SETUP)
def set_setting(actor: Actor, year: int, key: str, value: str) -> None:
    """One setting from text. Raises `RuleViolation` for an unknown key or a value that does not fit."""
    programme = find(year)
    if key not in SETTINGS:
        raise RuleViolation(
            Violation("programme.unknown_setting", "key", {"key": key, "keys": "、".join(SETTINGS)})
        )
    crud.edit(actor, Programme, programme.id, None, {key: _parsed(key, value)})


def _parsed(key: str, value: str) -> Any:
    field = Programme._meta.fields[key]
    text = value.strip()

    def refuse(why: str) -> RuleViolation:
        return RuleViolation(
            Violation("programme.bad_setting", key, {"key": key, "value": value, "why": why})
        )

    if key in DATES:
        if not text and field.null:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise refuse("应为日期，如 2019-03-30") from None
    if isinstance(field, ChoiceField):
        if text not in field.allowed:
            raise refuse("可用：" + "、".join(f"{item.value}（{item.label}）" for item in field.members))
        return text
    if key == "term_months":
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 60):
            raise refuse("应为 1 至 60 的整数")
        return int(text)
    return text


@command(P.SETUP)
def set_quota(actor: Actor, year: int, track: str, unit: str, places: int | None) -> None:
    """A unit's places in a track; None: not allocated."""
    found = find_track(find(year).id, track)
    _set(actor, found, find_unit(unit), places)


@command(P.SETUP)
def set_quotas(actor: Actor, year: int, table: Mapping[str, Mapping[str, int | None]]) -> int:
    """Many at once: {unit: {track: places}}; all or none. How many were set."""
    programme, count = find(year).id, 0
    for unit, by_track in table.items():
        for track, places in by_track.items():
            _set(actor, find_track(programme, track), find_unit(unit), places)
            count += 1
    return count


def _set(actor: Actor, track: Track, unit: Unit, places: int | None) -> None:
    ensure(unit.sending, "unit.not_sending", "unit", unit=unit.name)
    row = Quota.get_or_none(Quota.track == track.id, Quota.unit == unit.id)
    if row is None:
        crud.create(actor, Quota, {"track": track.id, "unit": unit.id, "places": places})
    else:
        crud.edit(actor, Quota, row.id, None, {"places": places})
