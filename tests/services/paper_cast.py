"""People who have been through their year: placed, assessed, passed. Until the verbs of the year are tested elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tepei_admin.choices import DocumentKind
from tepei_admin.models import Assessment, Document, Placement, Termination, Unit
from tepei_admin.services import accounts, record, setup
from tests.services.cast import _write, place, put_into

START, END = dt.date(2019, 9, 1), dt.date(2020, 8, 31)
TODAY = dt.date(2020, 9, 10)
REQUIRED = ("basic", "application", "transcript", "assessment", "host_opinion")


def today_is(house: Any, day: dt.date = TODAY) -> None:
    """As in a demo: the house's own day."""
    setup.note(house.cli, "today", day.isoformat())


def write(model: Any, **values: Any) -> int:
    return _write(accounts.cli_actor(), lambda: record.insert(model, values))  # type: ignore[no-any-return]


def completed(house: Any, *, grade: str = "pass", papers: bool = True, **values: Any) -> Any:
    """Somebody who has passed the completion assessment, with all papers."""
    person = house.trainee(**values)
    trained(house, person)
    if grade:
        write(Assessment, trainee=person.id, kind="completion", on=END, grade=grade)
    if papers:
        for kind in REQUIRED:
            file(person, kind, copies=2 if kind == "application" else 1)
    put_into(person, "completed")
    return house.reload(person)


def trained(house: Any, person: Any, **values: Any) -> int:
    whole = {
        "state": "ended", "planned_start": START, "planned_end": END, "actual_start": START,
        "actual_end": END, "major": "心血管内科学", **values,
    }  # fmt: skip
    return place(house, person, **whole)


def confirmed(house: Any, status: str = "admitted", **values: Any) -> Any:
    """Somebody with a confirmed placement, before the training."""
    person = house.trainee(**values)
    place(
        house,
        person,
        state="confirmed",
        planned_start=START,
        planned_end=END,
        major="心血管内科学",
        supervisor="张主任",
    )
    put_into(person, status)
    return house.reload(person)


def file(person: Any, kind: str, **values: Any) -> int:
    return write(Document, trainee=person.id, kind=DocumentKind(kind).value, received_on=END, **values)


def case(house: Any, person: Any, **values: Any) -> int:
    """A decided case of 六（六）2 with something to recover."""
    from tepei_admin.rules.money import Line, stored
    from tepei_admin.services.work import now

    opener = house.actor("operator")
    lines = [
        Line("recovery.line.tuition", {"payment": 1, "detail": ""}, 33_000_00),
        Line("recovery.line.refund", {"payment": 2, "detail": ""}, -8_000_00),
    ]
    whole = {
        "path": "left", "facts": "该同志自2020年3月1日起离开培养单位，至今未归", "state": "decided",
        "actual_end": dt.date(2020, 3, 1), "decision_no": "内人社函〔2020〕12号", "decided_on": dt.date(2020, 4, 1),
        "circular_to": "各盟市人力资源和社会保障局", "due": 25_000_00, "lines": stored(lines), "opened_by": opener.id,
        "opened_at": now(), "decided_by": house.actor("approver").id, **values,
    }  # fmt: skip
    return write(Termination, trainee=person.id, **whole)


def rename_host(name: str) -> None:
    host = Unit.get(Unit.id == Placement.select(Placement.host).limit(1))
    _write(accounts.cli_actor(), lambda: record.update(Unit, [host.id], {"name": name}))
