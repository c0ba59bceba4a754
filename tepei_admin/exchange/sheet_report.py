"""What a file says, person by person: the pure half of an import. The database half adds to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tepei_admin.errors import ensure
from tepei_admin.exchange import duplicates
from tepei_admin.exchange.cells import EMPTY, Message, Row
from tepei_admin.exchange.columns import BY_FIELD, READING_ORDER, report_values
from tepei_admin.exchange.layout import Layout, classify, has_header, lay_out, looked_for
from tepei_admin.exchange.lookups import Lookups
from tepei_admin.exchange.reader import read
from tepei_admin.exchange.reading import Reading, Setting
from tepei_admin.services import progress

TELL = 250
"""Rows between two words of how far it is."""
OUTCOMES = ("new", "changed", "same", "error", "skipped", "hidden")


@dataclass(slots=True)
class PersonRow:
    """One person. `values`: stored values by model field, blanks left out; `written`: raw text by field."""

    number: int
    hidden: bool
    values: dict[str, Any]
    written: dict[str, str]
    messages: list[Message]
    outcome: str = "new"

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
    """A whole file as read. `columns`: header as written -> field, in the order of the sheet."""

    file: str
    encoding: str | None
    sheet: str | None
    header_rows: list[int]
    columns: dict[str, str]
    ignored_columns: list[str]
    rows: list[PersonRow] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    unit_line: str = ""

    def counts(self) -> dict[str, int]:
        found = dict.fromkeys(OUTCOMES, 0)
        for row in self.rows:
            found[row.outcome] += 1
        found["skipped"] += len(self.skipped)
        return found


def read_report(
    data: bytes,
    filename: str,
    *,
    track_code: str,
    track_labels: Mapping[str, str],
    lookups: Lookups,
    today: date,
) -> FileReport:
    """Read a file as far as that goes without a database. RuleViolation where it is no such table."""
    progress.at("reading")
    sheet = read(data, filename, has_header)
    layout = lay_out(sheet)
    setting = Setting(track_code, track_labels, lookups, today, sheet.epoch_1904)
    report = FileReport(
        filename, sheet.encoding, sheet.sheet, layout.header_rows, layout.columns, layout.ignored,
        unit_line=layout.unit_line,
    )  # fmt: skip
    for done, row in enumerate(sheet.rows):
        if done % TELL == 0:
            progress.at("checking", done, len(sheet.rows))
        kind = classify(row, layout)
        if kind == "person":
            report.rows.append(_person(row, layout, setting))
        elif kind != "blank":
            report.skipped.append(SkippedRow(row.number, kind))
    ensure(report.rows, "import.no_person", looked_for=looked_for())
    duplicates.compare(report.rows)
    return report


def _person(row: Row, layout: Layout, setting: Setting) -> PersonRow:
    reading = Reading(setting)
    at = {name: column for column, name in layout.fields.items()}
    for name in READING_ORDER:
        if name in at:
            BY_FIELD[name].read(row.cell(at[name]), reading)
        elif name == "birth_date":
            BY_FIELD[name].read(EMPTY, reading)
    found = PersonRow(row.number, row.hidden, reading.values, reading.written, reading.messages)
    found.outcome = "hidden" if row.hidden else "error" if found.has_errors else "new"
    return found


# ---- the report as JSON


def as_json(
    report: FileReport, shown: Callable[[Mapping[str, Any]], dict[str, Any]] = report_values
) -> dict[str, Any]:
    """The object that the command line prints (cases/README.md), ready for json.dumps."""
    rows = [_row_json(row, shown(row.values)) for row in report.rows]
    rows += [_skipped_json(row) for row in report.skipped]
    return {
        "file": report.file,
        "encoding": report.encoding,
        "sheet": report.sheet,
        "header_rows": report.header_rows,
        "columns": report.columns,
        "ignored_columns": report.ignored_columns,
        "rows": sorted(rows, key=lambda row: row["row"]),
        "counts": report.counts(),
    }


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
