"""Accounts, programmes, units, quotas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peewee import fn

from tepei_admin.choices import PaymentKind, Role, Status
from tepei_admin.cli.house import read_password
from tepei_admin.cli.parser import places as parse_places
from tepei_admin.cli.printing import show, table, yuan
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import Certificate, Payment, Programme, Quota, Region, Track, Trainee, Unit, User
from tepei_admin.permissions import Actor
from tepei_admin.schema import STAMPS
from tepei_admin.services import accounts, crud, places, programmes, scope


def user_add(options: Any, actor: Actor) -> None:
    accounts.add(actor, options.name, options.role, password=read_password(options), unit=options.unit)
    print(f"已建立账号 {options.name}（{Role(options.role).label}）")


def user_list(options: Any, actor: Actor) -> None:
    users = list(scope.visible(actor, User).order_by(User.username))
    rows = [
        {"name": row.username, "role": row.role, "unit": row.unit.code if row.unit_id else None, "active": row.active}
        for row in users
        if not row.system
    ]
    show(rows) if options.json else table(row.values() for row in rows)


def user_passwd(options: Any, actor: Actor) -> None:
    accounts.set_password(actor, options.name, read_password(options))


def user_disable(options: Any, actor: Actor) -> None:
    accounts.switch(actor, options.name, active=False)


def user_unlock(options: Any, actor: Actor) -> None:
    accounts.unlock(actor, options.name)


def programme_new(options: Any, actor: Actor) -> None:
    programmes.new_year(actor, options.year, source=options.source)
    print(f"已建立 {options.year} 年度")


def programme_list(options: Any, actor: Actor) -> None:
    rows = [{"year": row.year, "name": row.name} for row in Programme.select().order_by(Programme.year)]
    show(rows) if options.json else table(row.values() for row in rows)


def programme_set(options: Any, actor: Actor) -> None:
    programmes.set_setting(actor, options.programme, options.key, options.value)


def programme_show(options: Any, actor: Actor) -> None:
    value = overview(programmes.find(options.year))
    if options.json:
        return show(value)
    table(value["settings"].items())
    for track in value["tracks"]:
        table([(track["track"], f"{track['taken']}/{track['places']}")])
    return None


def overview(year: Programme) -> dict[str, Any]:
    """The year as interfaces promise it: settings, places, states, money, certificates."""
    tracks = list(Track.select().where(Track.programme == year.id).order_by(Track.position, Track.id))
    numbers = [track.id for track in tracks]
    total, used = places.track_use(numbers), places.unit_use(numbers)
    counted = dict(
        Trainee.select(Trainee.status, fn.COUNT(Trainee.id)).where(Trainee.programme == year.id)
        .group_by(Trainee.status).tuples()
    )  # fmt: skip
    certificates = Certificate.select().join(Trainee).where(Trainee.programme == year.id)
    return {
        "year": year.year,
        "settings": {name: getattr(year, name) for name in programmes.SETTINGS},
        "tracks": [
            {
                "track": track.code,
                "places": track.places,
                "taken": total.get(track.id, 0),
                "quotas": [
                    {"unit": row.unit.code, "places": row.places, "taken": used.get((track.id, row.unit_id), 0)}
                    for row in Quota.select(Quota, Unit).join(Unit).where(Quota.track == track.id).order_by(Unit.code)
                ],
            }
            for track in tracks
        ],
        "statuses": {status.value: counted.get(status.value, 0) for status in Status},
        "money": _money(year),
        "certificates": certificates.where(Certificate.state == "issued").count(),
    }


def _money(year: Programme) -> dict[str, dict[str, str]]:
    """Sums by kind and state; a reversed payment and its reversal cancel out."""
    query = (
        Payment.select(Payment.kind, Payment.state, fn.SUM(Payment.amount))
        .where(Payment.programme == year.id, Payment.reversed_by.is_null())
        .group_by(Payment.kind, Payment.state)
    )
    sums = {(kind, state): int(amount) for kind, state, amount in query.tuples()}

    def of(kind: str, state: str) -> int:
        return sums.get((kind, state), 0)

    states = ("draft", "approved", "paid")
    money = {kind: {state: yuan(of(kind, state)) for state in states} for kind in ("tuition", "stipend", "refund")}
    due = year_due(year)
    received, remitted = of(PaymentKind.RECOVERY, "paid"), of(PaymentKind.REMISSION, "paid")
    money["recovery"] = {
        "due": yuan(due), "received": yuan(received), "remitted": yuan(remitted),
        "outstanding": yuan(max(due - received - remitted, 0)),
    }  # fmt: skip
    return money


def year_due(year: Programme) -> int:
    """What the year's decided cases ask back, in fen."""
    from tepei_admin.models import Termination

    query = Termination.select(fn.SUM(Termination.due)).join(Trainee)
    decided = Termination.state.in_(("decided", "settled"))
    return int(query.where(Trainee.programme == year.id, decided).scalar() or 0)


def unit_add(options: Any, actor: Actor) -> None:
    region = None
    if options.region:
        found = Region.select(Region.id).where(Region.code == options.region).tuples().first()
        if found is None:
            raise RuleViolation(Violation("unit.unknown", "region", {"unit": options.region}))
        region = found[0]
    values = {
        "code": options.code, "name": options.name, "sending": options.sending, "host": options.host,
        "region": region, "level": options.level or "",
    }  # fmt: skip
    crud.create(actor, Unit, values)


def unit_list(options: Any, actor: Actor) -> None:
    names = [name for name in ("code", "name", "sending", "host", "level", "active") if name not in STAMPS]
    rows = [{name: getattr(row, name) for name in names} for row in scope.visible(actor, Unit).order_by(Unit.code)]
    show(rows) if options.json else table(row.values() for row in rows)


def quota_set(options: Any, actor: Actor) -> None:
    programmes.set_quota(actor, options.programme, options.track, options.unit, options.places)


def quota_load(options: Any, actor: Actor) -> None:
    """单位 (name or code), then a column for each track; an empty cell is not allocated. All or none."""
    from tepei_admin.exchange import reader
    from tepei_admin.exchange.cells import written

    sheet = reader.read(file_bytes(options.file), Path(options.file).name, wanted=lambda found: True)
    rows = [[written(cell).strip() for cell in row.cells] for row in sheet.rows]
    head = next((row for row in rows if row and row[0] == "单位"), None)
    if head is None:
        raise RuleViolation(Violation("quota.no_header", params={"file": options.file}))
    loaded: dict[str, dict[str, int | None]] = {}
    for row in rows[rows.index(head) + 1 :]:
        if row and row[0]:
            cells = dict(zip(head[1:], [*row[1:], *[""] * len(head)], strict=False))
            loaded[row[0]] = {track: _places(row[0], track, cell) for track, cell in cells.items() if track}
    print(f"已设定 {programmes.set_quotas(actor, options.programme, loaded)} 项名额")


def _places(unit: str, track: str, text: str) -> int | None:
    import argparse

    try:
        return parse_places(text.removesuffix(".0"))
    except argparse.ArgumentTypeError:
        raise RuleViolation(Violation("quota.not_number", params={"unit": unit, "track": track, "value": text})) from None


def file_bytes(path: str) -> bytes:
    """A file's bytes. Raises `RuleViolation` naming a file that cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise RuleViolation(Violation("access.no_file", params={"file": path, "why": error.strerror})) from None
