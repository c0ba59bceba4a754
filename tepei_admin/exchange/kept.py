"""A checked file as it is kept between the look and the store, and read from there again: no file is parsed twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tepei_admin.exchange import masking
from tepei_admin.exchange.cells import Message
from tepei_admin.exchange.choice import Unread
from tepei_admin.exchange.columns import BY_FIELD, Column
from tepei_admin.exchange.layout import Heading
from tepei_admin.exchange.sheet_report import FileReport, PersonRow, Sent, SkippedRow
from tepei_admin.models import UploadRow

Values = Mapping[str, Any]
HEAD = (
    "file",
    "encoding",
    "sheet",
    "header_rows",
    "columns",
    "ignored_columns",
    "unit_line",
    "sender",
    "epoch_1904",
    "other_track",
)


def head(report: FileReport) -> dict[str, Any]:
    """What is known of the file as a whole: how it was understood, and how much of what was found."""
    found = {name: getattr(report, name) for name in HEAD}
    found["choices"], found["remembered"] = dict(report.choices), report.remembered
    found["headings"] = headings(report.headings)
    found["unread_sheets"] = [one.as_dict() for one in report.unread_sheets]
    found["unread"] = _unread(report)
    found["counts"] = report.counts()
    found["trouble"] = _trouble(report.rows)
    found["corrected"] = sum(len(row.sent.corrections) for row in report.rows if row.sent)
    found["masked"] = any(
        said.code.endswith("id_number.tail") for row in report.rows for said in row.messages
    )
    return found


def exchanged(report: Values, old: Iterable[UploadRow], new: Iterable[Values]) -> dict[str, Any]:
    """The head after some rows have been checked again."""
    counts: Counter[str] = Counter(report["counts"])
    trouble: Counter[tuple[str, str]] = Counter(_flat(report["trouble"]))
    corrected = report["corrected"]
    for row in old:
        counts[row.outcome] -= 1
        trouble.subtract((item["level"], item["field"] or "") for item in row.messages)
        corrected -= len(row.corrections)
    for item in new:
        counts[item["outcome"]] += 1
        trouble.update((said["level"], said["field"] or "") for said in item["messages"])
        corrected += len(item["corrections"])
    return {**report, "counts": dict(counts), "trouble": _nested(trouble), "corrected": corrected}


def headings(found: Iterable[Heading]) -> list[list[Any]]:
    return [[one.index, one.written, one.label, one.own, one.field] for one in found]


def _unread(report: FileReport) -> list[int]:
    """The columns that are not imported although people have something in them, by index."""
    sent = [row.sent.cells for row in report.rows if row.sent]
    return [
        one.index
        for one in report.headings
        if one.field is None
        and any(cells[one.index] not in (None, "") for cells in sent if one.index < len(cells))
    ]


def _trouble(rows: Iterable[PersonRow]) -> dict[str, dict[str, int]]:
    """level -> column -> messages, for the filters."""
    return _nested(Counter((item.level, item.field or "") for row in rows for item in row.messages))


def _nested(counted: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (level, name), count in counted.items():
        if count:
            found.setdefault(level, {})[name] = count
    return found


def _flat(trouble: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    return {(level, name): count for level, names in trouble.items() for name, count in names.items()}


def rows(
    report: FileReport, places: Mapping[int, list[Any]], seen: Mapping[int, int]
) -> list[dict[str, Any]]:
    """A row for each one that is to be shown, in the order of the sheet. `seen`: versions of records, by row."""
    found = [_person(row, places.get(row.number), seen.get(row.number, 0)) for row in report.rows]
    found += [_nobody(row) for row in report.skipped]
    return sorted(found, key=lambda row: row["number"])


def _person(row: PersonRow, places: list[Any] | None, seen: int) -> dict[str, Any]:
    sent = row.sent
    assert sent is not None
    return {
        "number": row.number,
        "outcome": row.outcome,
        "hidden": sent.hidden,
        "choice": sent.choice,
        "seen": seen,
        # In tables with a shifted column the ID number stands under 姓名.
        "name": masking.value(str(row.values.get("name") or row.written.get("name", "")).strip(), "name")[
            :128
        ],
        "marks": "|".join(
            ["", *dict.fromkeys(f"{item.level}:{item.field or ''}" for item in row.messages), ""]
        ),
        "cells": sent.cells,
        "corrections": {name: dict(item) for name, item in sent.corrections.items()},
        "values": row.values,
        "places": places or [],
        "messages": [message(item) for item in row.messages],
    }


def message(item: Message) -> dict[str, Any]:
    return {
        "level": item.level, "field": item.field, "code": item.code, "text": item.text,
        "value": str(item.params.get("value", "")),
    }  # fmt: skip


def _nobody(row: SkippedRow) -> dict[str, Any]:
    about = Message("notice", None, f"row.{row.kind}")
    return {
        "number": row.number, "outcome": "skipped", "hidden": False, "choice": "", "seen": 0, "name": "",
        "marks": "|notice:|", "cells": [], "corrections": {}, "values": {}, "places": [],
        "messages": [message(about)],
    }  # fmt: skip


# --- and back


def report(kept: Values) -> FileReport:
    """The report of a kept head, without its rows."""
    found = FileReport(**{name: kept[name] for name in HEAD})
    found.choices, found.remembered = kept["choices"], kept["remembered"]
    found.headings = [Heading(*one) for one in kept["headings"]]
    found.unread_sheets = [Unread(one["sheet"], one["people"]) for one in kept["unread_sheets"]]
    return found


def sent(row: UploadRow) -> Sent:
    return Sent(row.number, row.hidden, row.cells, row.corrections, row.choice)


def nobody(row: UploadRow) -> SkippedRow | None:
    """A row that is no person; None for a person's."""
    if row.cells:
        return None
    return SkippedRow(row.number, row.messages[0]["code"].removeprefix("row."))


def why(row: Values) -> str:
    """Why a row is not stored: its errors, or what was said of it; without whole numbers."""
    errors = [item for item in row["messages"] if item["level"] == "error"]
    told = [masking.sentence(item["text"], item["field"]) for item in errors or row["messages"]]
    return f"{NOT_STORED.get(row['outcome'], '未保存')}{'：' if told else ''}{'；'.join(told)}"


NOT_STORED = {"error": "错误，未保存", "hidden": "隐藏行，未保存", "skipped": "跳过"}


def told(corrections: Mapping[str, Mapping[str, str]], known: Mapping[str, Column] = BY_FIELD) -> str:
    """What was put right in a row, for its line in the batch."""
    parts = [
        f"{known[name].header}由“{masking.value(item['was'], name)}”改正为“{masking.value(item['text'], name)}”"
        for name, item in corrections.items()
    ]
    return "，".join(parts)
