"""Programme years: settings, places, and where the year stands."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from peewee import fn

from tepei_admin.choices import CertificateState, PaymentKind, PaymentState, Status
from tepei_admin.cli.parser import places as places_of
from tepei_admin.cli.printing import file_bytes, listed, show, table, yuan
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import Certificate, Programme, Quota, Track, Trainee, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.services import money, places, programmes

SUMS = {"合计", "总计", "小计", "共计"}
"""Rows and columns of a quota table that are nobody's."""


def programme_new(options: Any, actor: Actor) -> None:
    programmes.new_year(actor, options.year, source=options.source)
    print(f"已从 {options.source} 年度复制出 {options.year} 年度；名额尚未分配，日期已顺延，请核对设置")


def programme_list(options: Any, actor: Actor) -> None:
    years = Programme.select().order_by(Programme.year)
    listed([{"year": row.year, "name": row.name} for row in years], as_json=options.json)


def programme_set(options: Any, actor: Actor) -> None:
    programmes.set_setting(actor, options.programme, options.key, options.value)
    now = getattr(programmes.find(options.programme), options.key)
    print(f"{options.programme} 年度 {options.key} = {'' if now is None else now}")


def programme_show(options: Any, actor: Actor) -> None:
    value = overview(actor, programmes.find(options.year))
    if options.json:
        return show(value)
    labels = {name: Programme._meta.fields[name].verbose_name for name in programmes.SETTINGS}
    table((name, labels[name], setting) for name, setting in value["settings"].items())
    for track in value["tracks"]:
        print(f"\n{track['track']}：已录取 {track['taken']}，总名额 {track['places']}")
        table(
            (q["unit"], "未分配" if q["places"] is None else f"{q['taken']}/{q['places']}")
            for q in track["quotas"]
        )
    print("\n" + "，".join(f"{Status(name).label} {count}" for name, count in value["statuses"].items()))
    return None


def overview(actor: Actor, year: Programme) -> dict[str, Any]:
    """The year as docs/interfaces promises it: settings, places, states, money, certificates."""
    ensure(actor.unit_id is None, "access.no_right", role=actor.role.label)
    actor.require(P.READ)
    counted = Trainee.select(Trainee.status, fn.COUNT(Trainee.id)).where(Trainee.programme == year.id)
    people = dict(counted.group_by(Trainee.status).tuples())
    issued = Certificate.state == CertificateState.ISSUED
    return {
        "year": year.year,
        "settings": {name: getattr(year, name) for name in programmes.SETTINGS},
        "tracks": _tracks(year),
        "statuses": {status.value: people.get(status.value, 0) for status in Status},
        "money": _money(actor, year),
        "certificates": Certificate.select()
        .join(Trainee)
        .where(Trainee.programme == year.id, issued)
        .count(),
    }


def _tracks(year: Programme) -> list[dict[str, Any]]:
    tracks = list(Track.select().where(Track.programme == year.id).order_by(Track.position, Track.id))
    numbers = [track.id for track in tracks]
    total, used = places.track_use(numbers), places.unit_use(numbers)
    quotas: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    query = Quota.select(Quota.track, Quota.unit, Unit.code, Quota.places).join(Unit)
    for track, unit, code, given in query.where(Quota.track.in_(numbers)).order_by(Unit.code).tuples():
        quotas[track].append({"unit": code, "places": given, "taken": used.get((track, unit), 0)})
    return [
        {
            "track": track.code,
            "places": track.places,
            "taken": total.get(track.id, 0),
            "quotas": quotas[track.id],
        }
        for track in tracks
    ]


def _money(actor: Actor, year: Programme) -> dict[str, dict[str, str]]:
    """Sums by kind and state, without what was reversed; the recoveries as their ledgers have them."""
    found = money.sums(actor, year.id)
    states = (PaymentState.DRAFT, PaymentState.APPROVED, PaymentState.PAID)
    kinds = (PaymentKind.TUITION, PaymentKind.STIPEND, PaymentKind.REFUND)
    told = {
        kind.value: {
            state.value: yuan(sum(item.amount for item in found if (item.kind, item.state) == (kind, state)))
            for state in states
        }
        for kind in kinds
    }
    total = money.total_of(money.of_year(actor, year.id))
    names = ("due", "received", "remitted", "outstanding")
    told["recovery"] = {name: yuan(getattr(total, name)) for name in names}
    return told


def quota_set(options: Any, actor: Actor) -> None:
    programmes.set_quota(actor, options.programme, options.track, options.unit, options.places)
    given = "未分配" if options.places is None else options.places
    print(f"{options.programme} 年度 {options.track} {options.unit}：{given}")


def quota_load(options: Any, actor: Actor) -> None:
    """单位 (name or code), then a column for each track; an empty cell is not allocated. All or none."""
    from tepei_admin.exchange import reader
    from tepei_admin.exchange.cells import written

    tracks = Track.select(Track.label).where(Track.programme == programmes.find(options.programme).id)
    labels = "、".join(row[0] for row in tracks.order_by(Track.position).tuples())
    sheet = reader.read(file_bytes(options.file), Path(options.file).name)
    rows = {row.number: [written(cell).strip() for cell in row.cells] for row in sheet.rows if not row.hidden}
    loaded = _quota_table(rows, options.file, labels)
    print(f"已设定 {programmes.set_quotas(actor, options.programme, loaded)} 项名额")


def _quota_table(
    rows: Mapping[int, Sequence[str]], file: str, labels: str
) -> dict[str, dict[str, int | None]]:
    """{unit: {track: places}} of the rows below the header."""
    top = next((number for number, cells in rows.items() if "单位" in cells), None)
    head = rows[top] if top is not None else []
    at = head.index("单位") if head else 0
    columns = {place: name for place, name in enumerate(head) if place > at and name and name not in SUMS}
    ensure(columns, "quota.no_header", "file", file=file, tracks=labels)
    loaded: dict[str, dict[str, int | None]] = {}
    for number, cells in rows.items():
        unit = cells[at] if len(cells) > at else ""
        if number <= (top or 0) or not unit or unit in SUMS:
            continue
        ensure(unit not in loaded, "quota.twice", "file", row=number, unit=unit)
        loaded[unit] = {
            track: _places(number, unit, track, cells[place] if place < len(cells) else "")
            for place, track in columns.items()
        }
    return loaded


def _places(row: int, unit: str, track: str, text: str) -> int | None:
    try:
        return places_of(text.removesuffix(".0"))
    except argparse.ArgumentTypeError:
        params = {"row": row, "unit": unit, "track": track, "value": text}
        raise RuleViolation(Violation("quota.not_number", "places", params)) from None
