"""What letters are made of: the office's texts, and the facts of each person. Rendering is `exchange.papers`'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import (
    LetterKind,
    PlacementState,
    RecoveryPayer,
    Status,
    TerminationPath,
    TerminationState,
)
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import LetterText, Placement, Programme, Termination, Track, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.rules.letters import DEFAULTS, Wording
from tepei_admin.services import accounts, setup
from tepei_admin.services.scope import visible

OFFICE = "内蒙古自治区人力资源和社会保障厅"
PARTS = ("title", "salutation", "body", "attachments")
TOLD = (Status.ADMITTED, Status.NOTIFIED, Status.TRAINING)
"""Who gets a 报到通知; in training it may be printed once more."""


def install(actor: Actor | None = None) -> None:
    """The texts that we bring, where the office has none of that kind. May join an open command."""
    rows = [
        {"kind": kind.value, "office": OFFICE, **{part: getattr(text, part) for part in PARTS}}
        for kind, text in DEFAULTS.items()
    ]
    setup.add_missing(actor or accounts.cli_actor(), LetterText, ("kind",), rows)


@dataclass(frozen=True)
class Text:
    """A kind's text and what stands beside it."""

    wording: Wording
    office: str
    account: Mapping[str, str]


def text_of(kind: LetterKind) -> Text:
    row = LetterText.get_or_none(LetterText.kind == kind.value)
    if row is None:
        return Text(DEFAULTS[kind], OFFICE, {})
    names = ("account_holder", "account_bank", "account_no")
    words = Wording(*(getattr(row, part) for part in PARTS))
    return Text(words, row.office, {name: getattr(row, name) for name in names})


@dataclass(frozen=True)
class Facts:
    """One letter's person: the values of its places, and the lines of a recovery in fen."""

    name: str
    values: Mapping[str, str | dt.date]
    lines: tuple[tuple[str, int], ...] = ()


# --- 报到通知


def notices(actor: Actor, people: Iterable[int]) -> list[Facts]:
    """The people's placements, confirmed or current, in order of unit and name. Refused, for all, who has none."""
    rows = _people(actor, people)
    placed = _placed([row["id"] for row in rows])
    wrong = []
    for row in rows:
        status = Status(row["status"])
        if status not in TOLD:
            params = {"name": row["name"], "status": status.label}
            wrong.append(Violation("letter.wrong_status", None, params))
        elif row["id"] not in placed:
            wrong.append(Violation("letter.no_placement", None, {"name": row["name"]}))
    if wrong:
        raise RuleViolation(wrong)
    return [Facts(row["name"], {**_own(row), **_where(placed[row["id"]], row)}) for row in rows]


def _where(placement: Placement, row: Mapping[str, Any]) -> dict[str, Any]:
    host = placement.host
    return {
        "approval_no": row["approval_no"],
        "host": host.name,
        "address": host.address,
        "contact": " ".join(filter(None, (host.contact, host.phone))),
        "major": placement.major or row["training_major"],
        "supervisor": placement.supervisor,
        "start": placement.planned_start or "",
        "end": placement.planned_end or "",
        "report_on": placement.planned_start or "",
    }


def _placed(people: list[int], states: Iterable[PlacementState] = ()) -> dict[int, Placement]:
    """The placement that counts for each: the newest of these states."""
    wanted = [state.value for state in states or (PlacementState.CONFIRMED, PlacementState.CURRENT)]
    query = (
        Placement.select(Placement, Unit)
        .join(Unit, on=(Placement.host == Unit.id))
        .where(among(Placement.trainee, people), Placement.state.in_(wanted))
        .order_by(Placement.id)
    )
    return {row.trainee_id: row for row in query}


def _people(actor: Actor, people: Iterable[int]) -> list[dict[str, Any]]:
    query = (
        visible(actor, Trainee)
        .select(
            Trainee.id, Trainee.name, Trainee.status, Trainee.employer, Trainee.approval_no,
            Trainee.training_major, Unit.name.alias("unit_name"), Programme.name.alias("programme_name"),
            Track.label, Programme.recovery_payer,
        )
        .join(Unit, on=(Trainee.unit == Unit.id))
        .switch(Trainee)
        .join(Track, on=(Trainee.track == Track.id))
        .switch(Trainee)
        .join(Programme, on=(Trainee.programme == Programme.id))
        .where(among(Trainee.id, list(people)))
        .order_by(Unit.code, Trainee.pinyin, Trainee.name, Trainee.id)
    )  # fmt: skip
    return list(query.dicts())


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "unit": row["unit_name"],
        "employer": row["employer"],
        "programme": row["programme_name"],
        "track": row["label"] if row["label"].endswith("培养") else row["label"] + "培养",
    }


# --- 取消资格通报, 追缴通知书

DECIDED = (TerminationState.DECIDED.value, TerminationState.SETTLED.value)


def cases(actor: Actor, kind: LetterKind, numbers: Iterable[int]) -> list[Facts]:
    """The decided cases of 六（六） of these numbers. Refused, for all, what is not decided or was for cause."""
    rows = list(
        visible(actor, Termination).where(among(Termination.id, list(numbers))).order_by(Termination.id)
    )
    people = {row["id"]: row for row in _people(actor, [row.trainee_id for row in rows])}
    fit = [row for row in rows if row.state in DECIDED and row.path != TerminationPath.FOR_CAUSE]
    wrong = [
        Violation("letter.no_case", None, {"name": people[row.trainee_id]["name"], "kind": kind.label})
        for row in rows
        if row not in fit
    ]
    if wrong:
        raise RuleViolation(wrong)
    placed = _placed(list(people), tuple(PlacementState))
    return [_case(row, people[row.trainee_id], placed.get(row.trainee_id)) for row in fit]


def _case(row: Termination, person: Mapping[str, Any], placement: Placement | None) -> Facts:
    by_unit = person["recovery_payer"] == RecoveryPayer.UNIT
    values = {
        **_own(person),
        "host": placement.host.name if placement else "",
        "major": (placement.major if placement else "") or person["training_major"],
        "start": (placement and (placement.actual_start or placement.planned_start)) or "",
        "end": row.actual_end or "",
        "case": TerminationPath.label_of(row.path),
        "facts": row.facts,
        "decision_no": row.decision_no,
        "decided_on": row.decided_on or "",
        "addressee": row.circular_to,
        "payer": person["unit_name"] if by_unit else person["name"],
    }
    return Facts(person["name"], values, _lines(row.lines))


def _lines(stored: Any) -> tuple[tuple[str, int], ...]:
    """As `rules.money.stored` keeps them; what is no amount of money says nothing in a letter."""
    return tuple((line["text"], int(line["fen"])) for line in stored or () if line.get("fen"))


def latest_case(trainee: int) -> int | None:
    """The newest decided case of a person."""
    query = Termination.select(Termination.id).where(
        Termination.trainee == trainee,
        Termination.state.in_(DECIDED),
        Termination.path != TerminationPath.FOR_CAUSE.value,
    )
    found = query.order_by(Termination.id.desc()).tuples().first()
    return int(found[0]) if found else None


def placed(trainee: int) -> bool:
    """Is there a placement that a 报到通知 can name?"""
    return bool(_placed([trainee]))
