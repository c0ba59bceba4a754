"""An upload put right before it is stored: its cells, its rows, its columns. Checked again, then kept anew.

Checking reads only; what it found is written in one short command, if nobody has put the same file right meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Stale, Violation, ensure
from tepei_admin.exchange import kept, wire
from tepei_admin.exchange.cells import written
from tepei_admin.exchange.columns import BY_FIELD, Column
from tepei_admin.exchange.intake import (
    Intake,
    check,
    checked,
    labels,
    lookups_now,
    may_be_named,
    store_kept,
    unread_head,
)
from tepei_admin.exchange.layout import Choices, Heading
from tepei_admin.exchange.reading import Setting
from tepei_admin.exchange.sheet_report import Sent, read_again
from tepei_admin.models import Upload, UploadRow
from tepei_admin.permissions import Actor, P
from tepei_admin.services import clock, progress, scope, uploads, vault
from tepei_admin.services.command import command
from tepei_admin.services.nominations import Source
from tepei_admin.services.work import now

LONGEST = 1000
"""Characters of a cell that somebody types."""
Values = Mapping[str, Any]
Change = Mapping[str, Any]
"""What is new of a row: `corrections` (field -> correction; {} takes one back) and `choice`."""


# --- Cells and rows


def mend(
    actor: Actor,
    number: object,
    version: int,
    cells: Mapping[tuple[int, str], str],
    choices: Mapping[int, str] | None = None,
) -> int:
    """Put cells right ((row, field) -> text) and take or skip rows; how many things changed."""
    upload = uploads.open_upload(actor, number)
    ensure("counts" in upload.report, "import.columns_unknown", missing=upload.report.get("missing"))
    changes = changes_of(actor, upload, cells, choices or {}, BY_FIELD)
    if not changes:
        return 0
    old, made = _beside(upload, changes)
    rows = made.rows()
    head = kept.exchanged(upload.report, old, rows)
    told = named(changes, BY_FIELD)
    uploads.revise(
        actor, upload.id, version, head, rows, among=[row.number for row in old], what="、".join(told)[:2000]
    )
    return len(told)


def recheck(actor: Actor, number: object) -> list[int]:
    """Check again as the database is now; the rows that would do something else than was shown."""
    upload = uploads.open_upload(actor, number)
    made = review(upload, _rows_of(upload), {})
    query = UploadRow.select(UploadRow.number, UploadRow.outcome, UploadRow.seen, UploadRow.messages)
    rows = made.rows()
    moved = moved_rows(query.where(UploadRow.upload == upload.id), rows)
    uploads.revise(actor, upload.id, upload.version, kept.head(made.report), rows, what="重新核对")
    return moved


@dataclass(frozen=True)
class Confirmed:
    """What became of an upload that somebody confirmed. `moved`: the rows that would now do something else; the upload
    shows them, and nobody has been stored."""

    batch: int | None = None
    done: int = 0
    moved: tuple[int, ...] | None = None


def confirm(actor: Actor, number: object, version: int, *, accept_good: bool) -> Confirmed:
    """Store an upload as it was shown; where the data have changed since, check it again instead."""
    try:
        outcome = store_kept(actor, number, version, accept_good=accept_good)
    except Stale as refusal:
        if refusal.violations[0].code != "import.changed_since_preview":
            raise
        return Confirmed(moved=tuple(recheck(actor, number)))
    return Confirmed(outcome.batch, len(outcome.done))


def moved_rows(old: Iterable[UploadRow], new: Iterable[Mapping[str, Any]]) -> list[int]:
    """Which rows would do something else than was shown."""
    before = {row.number: _shown(row) for row in old}
    return [row["number"] for row in new if before.get(row["number"]) != _shown_now(row)]


def _shown(row: UploadRow) -> tuple[Any, ...]:
    return row.outcome, row.seen, [item["text"] for item in row.messages]


def _shown_now(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["outcome"], row["seen"], [item["text"] for item in row["messages"]]


def _rows_of(upload: Upload) -> list[UploadRow]:
    return list(UploadRow.select().where(UploadRow.upload == upload.id).order_by(UploadRow.number))


def _beside(upload: Upload, changes: Mapping[int, Change]) -> tuple[list[UploadRow], Intake]:
    """The rows that change, and those that stand beside them (`duplicates`: under a number that they had, or have now);
    as they were, and checked again."""
    query = UploadRow.select().where(UploadRow.upload == upload.id)
    own = list(query.where(among(UploadRow.number, sorted(changes))))
    alone = review(upload, own, changes)
    people = [row.values.get("id_number") for row in (*own, *alone.report.rows)]
    wanted = [f'"id_number":"{number}"' for number in dict.fromkeys(people) if number]
    if not wanted:
        return own, alone
    same = reduce(or_, (UploadRow.values.contains(text) for text in wanted))
    beside = query.where(same | among(UploadRow.number, sorted(changes)))
    rows = list(beside.order_by(UploadRow.number))
    return rows, review(upload, rows, changes)


def review(upload: Upload, rows: list[UploadRow], changes: Mapping[int, Change]) -> Intake:
    """Rows of an upload checked again from the cells that were kept; writes nothing."""
    report = kept.report(upload.report)
    report.skipped = [item for row in rows if (item := kept.nobody(row))]
    people = [changed(kept.sent(row), changes.get(row.number, {})) for row in rows if row.cells]
    made = Intake(
        report, upload.track, Source(upload.file_name, upload.received_on, upload.sealed, upload.id)
    )
    return _again(made, people, upload)


def _again(made: Intake, people: Iterable[Sent], upload: Upload) -> Intake:
    lookups = lookups_now()
    setting = Setting(made.track.code, labels(made.track), lookups, clock.today(), made.report.epoch_1904)
    read_again(made.report, people, setting)
    made.people, made.seen = {}, {}
    return checked(made, lookups, upload.unit)


def changed(sent: Sent, change: Change) -> Sent:
    corrections = {**sent.corrections, **change.get("corrections", {})}
    held = {name: item for name, item in corrections.items() if item}
    return Sent(sent.number, sent.hidden, sent.cells, held, change.get("choice", sent.choice))


def changes_of(
    actor: Actor,
    upload: Upload,
    cells: Mapping[tuple[int, str], str],
    choices: Mapping[int, str],
    known: Mapping[str, Column],
) -> dict[int, Change]:
    """What differs from what is kept already; a text as it was sent takes a correction back."""
    at = columns_of(upload)
    numbers = {row for row, _ in cells} | set(choices)
    query = UploadRow.select().where(UploadRow.upload == upload.id, among(UploadRow.number, sorted(numbers)))
    found: dict[int, dict[str, Any]] = {}
    for row in query.order_by(UploadRow.number):
        if not row.cells:
            continue
        for name, text in ((name, text) for (number, name), text in cells.items() if number == row.number):
            ensure(name in known, "import.unknown_field", field=name)
            was = as_sent(row, at, name)
            if _in_lines(text) != _in_lines(
                row.corrections[name]["text"] if name in row.corrections else was
            ):
                ensure(len(text) <= LONGEST, "record.too_long", name, label=known[name].header, limit=LONGEST,
                       length=len(text))  # fmt: skip
                correction = {
                    "text": text,
                    "was": was,
                    "by": actor.name,
                    "at": now().isoformat(timespec="seconds"),
                }
                change = found.setdefault(row.number, {})
                change.setdefault("corrections", {})[name] = (
                    {} if _in_lines(text) == _in_lines(was) else correction
                )
        if choices.get(row.number, row.choice) != row.choice:
            found.setdefault(row.number, {})["choice"] = choices[row.number]
    return found  # type: ignore[return-value]


def _in_lines(text: str) -> str:
    """However the line ends were written: a browser sends them in its own way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def columns_of(upload: Upload) -> dict[str, int]:
    """field -> column of the file."""
    return {field: index for index, _, _, _, field in upload.report["headings"] if field}


def as_sent(row: UploadRow, at: Mapping[str, int], name: str) -> str:
    """The text of a cell as it was sent."""
    column = at.get(name, len(row.cells))
    return written(wire.cell_of(row.cells[column], {})).strip() if column < len(row.cells) else ""


def named(changes: Mapping[int, Change], known: Mapping[str, Column]) -> list[str]:
    """Each change in words, for the history."""
    words = {"take": "导入", "skip": "不导入", "": "按原样"}
    told = []
    for row, change in changes.items():
        names = [known[name].header for name in change.get("corrections", {})]
        names += [words[change["choice"]]] if "choice" in change else []
        told += [f"第 {row} 行 {name}" for name in names]
    return told


# --- Columns


def set_columns(
    actor: Actor, number: object, version: int, fields: Mapping[int, str | None], *, remembers: bool
) -> None:
    """Say what columns are (index -> field, None: not imported); the file is read anew.

    What differs from what was understood is remembered for that sender's next table, or forgotten where it is what
    would be recognised anyway.
    """
    upload = uploads.open_upload(actor, number)
    known = [Heading(*item) for item in upload.report["headings"]]
    choices = dict(upload.report.get("choices", {}))
    said: dict[str, str] = {}
    forgotten: list[str] = []
    for one in known:
        name = fields.get(one.index, one.field)
        if name == one.field:
            continue
        if name == one.own:
            choices.pop(one.label, None)
            forgotten.append(one.label)
        else:
            choices[one.label] = said[one.label] = name or ""
    _one_each(choices)
    made = _read_anew(actor, upload, choices)
    sender = made.report.sender
    written_as = {one.label: one.written for one in known}
    result = kept.head(made.report), made.rows()
    _put(actor, upload.id, version, result, sender, said if remembers else {}, written_as, forgotten)


def forget_columns(actor: Actor, number: object, version: int) -> None:
    """Take back what was said of this file's columns: recognised by their names again, now and next time."""
    upload = uploads.open_upload(actor, number)
    labels_here = [item[2] for item in upload.report["headings"]]
    head, rows = _by_names(actor, upload)
    _put(actor, upload.id, version, (head, rows), head["sender"], {}, {}, labels_here)


def _by_names(actor: Actor, upload: Upload) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The file as its headers alone tell; without rows where a required column is not known by its name."""
    try:
        made = _read_anew(actor, upload, {})
    except RuleViolation as refusal:
        if not may_be_named(refusal.violations[0]):
            raise
        return unread_head(refusal.violations[0], upload.unit), []
    return kept.head(made.report), made.rows()


def _one_each(choices: Choices) -> None:
    names = [name for name in choices.values() if name]
    if double := next((name for name in names if names.count(name) > 1), ""):
        raise RuleViolation(Violation("import.column_twice", None, {"column": BY_FIELD[double].header}))


def _read_anew(actor: Actor, upload: Upload, choices: Choices) -> Intake:
    """The file read with these columns; what was put right in its rows holds."""
    made = check(
        actor, vault.fetch(upload.stored_as), upload.file_name, track=upload.track, unit=upload.unit,
        received=upload.received_on, sealed=upload.sealed, choices=choices,
    )  # fmt: skip
    query = UploadRow.select(UploadRow.number, UploadRow.corrections, UploadRow.choice)
    old = {
        row.number: row for row in query.where(UploadRow.upload == upload.id) if row.corrections or row.choice
    }
    if not old:
        return made
    people = [row.sent for row in made.report.rows if row.sent]
    for sent in people:
        if sent.number in old:
            sent.corrections, sent.choice = old[sent.number].corrections, old[sent.number].choice
    return _again(made, people, upload)


@command(P.ENTER)
def _put(
    actor: Actor, number: int, version: int, result: tuple[Values, list[Any]], sender: str, said: Choices, written_as: Mapping[str, str],
    forgotten: Iterable[str],
) -> None:  # fmt: skip
    scope.get(actor, Upload, number)
    progress.at("keeping")
    uploads.remember(actor, sender, said, written_as, forgotten)
    uploads.revise(actor, number, version, *result, what="列的对应")
