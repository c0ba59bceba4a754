"""What a file says, person by person: the pure half of an import. The database half adds to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tepei_admin.errors import ensure
from tepei_admin.exchange import duplicates, wire
from tepei_admin.exchange.cells import EMPTY, Cell, Message, Row, Sheet, text_cell, written
from tepei_admin.exchange.choice import Unread, choose
from tepei_admin.exchange.columns import BY_FIELD, READING_ORDER, Column, report_values
from tepei_admin.exchange.layout import (
    Choices,
    Heading,
    Layout,
    classify,
    example_mark,
    find,
    lay_out,
    looked_for,
    sender_line,
)
from tepei_admin.exchange.lookups import Lookups
from tepei_admin.exchange.reading import Reading, Setting
from tepei_admin.services import progress

TELL = 250
"""Rows between two words of how far it is."""
OUTCOMES = ("new", "changed", "same", "error", "skipped", "hidden")


@dataclass(slots=True)
class Sent:
    """A row as it was sent, and what the office has said of it since.

    `corrections`: field -> what takes the cell's place (`text`, and of the history `was`, `by`, `at`).
    `choice`: "take" a hidden row, "skip" any row.
    """

    number: int
    hidden: bool
    cells: list[Any]
    corrections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    choice: str = ""


@dataclass(slots=True)
class PersonRow:
    """One person. `values`: stored values by model field, blanks left out; `written`: raw text by field."""

    number: int
    hidden: bool
    values: dict[str, Any]
    written: dict[str, str]
    messages: list[Message]
    outcome: str = "new"
    sent: Sent | None = None

    def add(self, message: Message) -> None:
        """A message more; an error makes the row an error (a hidden or skipped one stays what it is)."""
        self.messages.append(message)
        if message.level == "error" and self.outcome not in ("hidden", "skipped"):
            self.outcome = "error"

    @property
    def has_errors(self) -> bool:
        return any(message.level == "error" for message in self.messages)


@dataclass(slots=True)
class SkippedRow:
    """A row that is nobody: title, unit_line, group, hint, example, totals, signature, other."""

    number: int
    kind: str


@dataclass(slots=True)
class FileReport:
    """A whole file as read. `columns`: header as written -> field, in the order of the sheet.

    `choices`: the columns that somebody has put right, as far as this file has them; `remembered`: of an earlier file.
    `sender`: a unit's code. `other_track`: the label that the file's name or title has, of a track that it was not
    read for.
    """

    file: str
    encoding: str | None
    sheet: str | None
    header_rows: list[int]
    columns: dict[str, str]
    ignored_columns: list[str]
    rows: list[PersonRow] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    unit_line: str = ""
    headings: list[Heading] = field(default_factory=list)
    choices: Choices = field(default_factory=dict)
    remembered: bool = False
    sender: str = ""
    epoch_1904: bool = False
    unread_sheets: list[Unread] = field(default_factory=list)
    other_track: str = ""

    @property
    def messages(self) -> list[Message]:
        """What is to be said of the file as a whole."""
        params = {"label": self.other_track}
        return [Message("warning", None, "file.other_track", params)] if self.other_track else []

    def counts(self) -> dict[str, int]:
        found = dict.fromkeys(OUTCOMES, 0)
        for row in self.rows:
            found[row.outcome] += 1
        found["skipped"] += len(self.skipped)
        return found


@dataclass(frozen=True)
class Known:
    """What the house knows of a file before it is read.

    `remembered`: the choices of columns by unit code ("": tables of no one unit). `choices`: those of this file,
    where somebody has made them; then nothing remembered counts. `unit`: the code of the unit chosen.
    """

    remembered: Mapping[str, Choices] = field(default_factory=dict)
    choices: Choices | None = None
    unit: str = ""

    def for_sheet(self, sheet: Any, lookups: Lookups) -> tuple[str, Choices]:
        """(who sends it, the choices that hold)."""
        sender = self.unit or lookups.unit(sender_line(sheet))
        return sender, self.remembered.get(sender, {}) if self.choices is None else self.choices


NOTHING_KNOWN = Known()


def read_report(
    data: bytes,
    filename: str,
    *,
    track_code: str,
    track_labels: Mapping[str, str],
    lookups: Lookups,
    today: date,
    known: Known = NOTHING_KNOWN,
) -> FileReport:
    """Read a file as far as that goes without a database. RuleViolation where it is no such table."""
    progress.at("reading")
    sheet, unread = choose(
        data, filename, lambda sheet: find(sheet, known.for_sheet(sheet, lookups)[1]), track_labels.get(track_code, ""),
        track_labels.values(),
    )  # fmt: skip
    sender, choices = known.for_sheet(sheet, lookups)
    layout = lay_out(sheet, choices)
    report = FileReport(
        filename, sheet.encoding, sheet.sheet, layout.header_rows, layout.columns, layout.ignored,
        unit_line=layout.unit_line, headings=layout.headings, sender=sender, epoch_1904=sheet.epoch_1904,
        choices={one.label: choices[one.label] for one in layout.headings if one.label in choices},
        remembered=known.choices is None, unread_sheets=unread,
        other_track=_other_track([filename, *_above(sheet, layout)], track_code, track_labels),
    )  # fmt: skip
    setting = Setting(track_code, track_labels, lookups, today, sheet.epoch_1904)
    for done, row in enumerate(sheet.rows):
        if done % TELL == 0:
            progress.at("checking", done, len(sheet.rows))
        kind = classify(row, layout)
        if kind == "person":
            report.rows.append(_read(row, layout, setting))
        elif kind != "blank":
            report.skipped.append(SkippedRow(row.number, kind))
    ensure(report.rows, "import.no_person", looked_for=looked_for())
    duplicates.compare(report.rows)
    return report


def _above(sheet: Sheet, layout: Layout) -> list[str]:
    """The texts above the header: title, unit line, hints."""
    rows = [row for row in sheet.rows if row.number < layout.header_rows[0]]
    return [written(cell) for row in rows for cell in row.cells]


def _other_track(texts: Iterable[str], own: str, labels: Mapping[str, str]) -> str:
    """The label of another track that stands there where the own one does not; 自治区内蒙古 names none."""
    named = {
        code
        for code, label in labels.items()
        for text in texts
        if re.search(rf"(?<!自治)(?<!地){re.escape(label)}", text)
    }
    return "" if own in named or len(named) != 1 else labels[named.pop()]


def read_again(report: FileReport, rows: Iterable[Sent], setting: Setting) -> None:
    """The people of a file from what was kept of it, with what the office has put right; into the report."""
    at = {heading.field: heading.index for heading in report.headings if heading.field}
    texts: dict[str, Cell] = {}
    report.rows = [
        _person(row, [wire.cell_of(cell, texts) for cell in row.cells], at, setting) for row in rows
    ]
    duplicates.compare([row for row in report.rows if row.outcome != "skipped"])


def _read(row: Row, layout: Layout, setting: Setting) -> PersonRow:
    at = {name: column for column, name in layout.fields.items()}
    return _person(Sent(row.number, row.hidden, list(map(wire.plain, row.cells))), row.cells, at, setting)


def _person(sent: Sent, cells: list[Cell], at: Mapping[str, int], setting: Setting) -> PersonRow:
    reading = Reading(setting)
    for name in READING_ORDER:
        column = at.get(name, len(cells))
        cell = cells[column] if column < len(cells) else EMPTY
        if name in sent.corrections or name in at or name == "birth_date":
            read_cell(BY_FIELD[name], cell, sent, reading)
    return judged(sent, reading)


def read_cell(column: Column, cell: Cell, sent: Sent, reading: Reading) -> None:
    """A cell as it was sent, or what the office has put in its place."""
    if column.field not in sent.corrections:
        return column.read(cell, reading)
    corrected = sent.corrections[column.field]["text"]
    column.read(text_cell(corrected), reading)
    reading.field, reading.column = column.field, column.header
    return reading.notice("cell.corrected", value=written(cell).strip(), corrected=corrected)


def judged(sent: Sent, reading: Reading) -> PersonRow:
    """The row as far as its own cells tell, and what the office has said of it."""
    if mark := example_mark(sent.cells):
        reading.field, reading.column = "id_number", "身份证号"
        reading.error("row.example_filled", mark=mark)
    hidden = sent.hidden and sent.choice != "take"
    found = PersonRow(sent.number, hidden, reading.values, reading.written, reading.messages, sent=sent)
    found.outcome = "hidden" if hidden else "error" if found.has_errors else "new"
    if sent.choice == "skip":
        found.outcome, found.messages = "skipped", [Message("notice", None, "row.left_out")]
    return found


# ---- the report as JSON


def as_json(
    report: FileReport, shown: Callable[[Mapping[str, Any]], dict[str, Any]] = report_values
) -> dict[str, Any]:
    """The object that the command line prints (cases/README.md), ready for json.dumps."""
    rows = [_row_json(row, shown(row.values)) for row in report.rows]
    rows += [_skipped_json(row) for row in report.skipped]
    shape = {
        "file": report.file,
        "encoding": report.encoding,
        "sheet": report.sheet,
        "header_rows": report.header_rows,
        "columns": report.columns,
        "ignored_columns": report.ignored_columns,
        **(
            {"unread_sheets": [one.as_dict() for one in report.unread_sheets]} if report.unread_sheets else {}
        ),
        "rows": sorted(rows, key=lambda row: row["row"]),
        "counts": report.counts(),
    }
    return shape | ({"messages": list(map(message_json, report.messages))} if report.messages else {})


def _row_json(row: PersonRow, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "row": row.number,
        "outcome": row.outcome,
        "values": values,
        "messages": [message_json(message) for message in row.messages],
    }


def _skipped_json(row: SkippedRow) -> dict[str, Any]:
    about = Message("notice", None, f"row.{row.kind}")
    return {"row": row.number, "outcome": "skipped", "values": {}, "messages": [message_json(about)]}


def message_json(message: Message) -> dict[str, Any]:
    return {"level": message.level, "field": message.field, "code": message.code, "text": message.text}
