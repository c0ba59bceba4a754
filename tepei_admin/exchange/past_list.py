"""往年学员: a small list of parts in years before the panel (ID number, name, year, outcome), read like any table."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from typing import Any

from tepei_admin.characters import key
from tepei_admin.choices import PastOutcome
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange import duplicates, names, numbers, wire
from tepei_admin.exchange.cells import EMPTY, Cell, Sheet, written
from tepei_admin.exchange.choice import choose
from tepei_admin.exchange.columns import Column
from tepei_admin.exchange.dates import partial
from tepei_admin.exchange.headers import ALIASES
from tepei_admin.exchange.layout import PREAMBLE, Heading, Layout, classify, label_of
from tepei_admin.exchange.lists import coded
from tepei_admin.exchange.lookups import Lookups
from tepei_admin.exchange.near import Near
from tepei_admin.exchange.reading import PLACEHOLDERS, Reading, Setting
from tepei_admin.exchange.sheet_report import FileReport, PersonRow, Sent, SkippedRow, judged, read_cell

_WORDS = {
    PastOutcome.CERTIFIED: "已结业 结业 准予结业 结业合格 考核合格 合格 优秀 已发证 已发结业证 取得结业证书 已取得结业证书 通过 考核通过",
    PastOutcome.FAILED: "考核未通过 未通过 未通过考核 考核不合格 不合格 未合格 结业考核不合格",
    PastOutcome.TERMINATED: "已终止 终止 终止培养 提前终止 中止 中止培养 中途终止 因病终止",
    PastOutcome.NO_SHOW: "无故未报到 未报到 无故不报到 不报到 没有报到 逾期未报到 逾期不报到",
    PastOutcome.DISQUALIFIED: "已取消资格 取消资格 取消培养资格 取消学员资格 被取消资格",
    PastOutcome.APPLIED: "申报未录取 未录取 不予录取 未入选 未被录取 落选 未选上 仅申报 申报未入选 申报 推荐未录取",
}
_YEAR = re.compile(r"(\d{4})(?:\.0+|年度?|级|届)?")
FIRST_YEAR = 1990


@cache
def _outcomes() -> dict[str, PastOutcome]:
    """Each way of saying an outcome: the words, and our own value."""
    found = {word: outcome for outcome, words in _WORDS.items() for word in words.split()}
    return found | {outcome.value: outcome for outcome in PastOutcome}


@cache
def _near() -> Near:
    return Near(word for word in _outcomes() if not word.isascii())


def read_year(cell: Cell, row: Reading) -> None:
    """The programme year: 2017, 2017年, 2017年度; a date is none."""
    text = coded(cell)
    if not text or text in PLACEHOLDERS:
        return
    found = _YEAR.fullmatch(text)
    said = found[1] if found else _only_year(cell, row)
    if said and FIRST_YEAR <= int(said) <= row.setting.today.year:
        row.store(int(said))
    else:
        row.error("past.year_unclear")


def _only_year(cell: Cell, row: Reading) -> str:
    """二〇一七年, or a date cell that shows nothing but its year."""
    apart = Reading(row.setting)
    found = partial(cell, apart)
    return found if found and len(found) == 4 else ""


def read_outcome(cell: Cell, row: Reading) -> None:
    """One of six outcomes in the words that offices use; another word is asked about."""
    text = coded(cell)
    if not text or text in PLACEHOLDERS:
        row.error("past.outcome_missing")
        return
    found = _outcomes().get(text) or _outcomes().get(text.lower())
    if found is None:
        row.error("past.outcome_unknown", known=known_outcomes(), near=_near().hint(text))
        return
    row.store(found.value)
    if written(cell).strip() not in (found.label, found.value):
        row.notice("past.outcome_normalised", stored=found.label)


def known_outcomes() -> str:
    return "、".join(outcome.label for outcome in PastOutcome)


def _column(field: str, header: str, aliases: str = "", **more: Any) -> Column:
    return Column(field, header, tuple((aliases + " " + ALIASES.get(field, "")).split()), **more)


COLUMNS = (
    _column("id_number", "身份证号", parse=numbers.read_id_number, required=True),
    _column("name", "姓名", parse=names.read_name, required=True),
    _column(
        "year", "年度", "参加年度 培养年度 年份 参加年份 培养年份 所属年度 届别 期次 年", parse=read_year
    ),
    _column(
        "outcome",
        "结果",
        "培养结果 参加结果 考核结果 结业情况 结业结果 去向 情况 状态 最终结果",
        parse=read_outcome,
        required=True,
    ),
    _column("note", "说明", "备注 原因 事由 备注说明"),
)
BY_FIELD = {column.field: column for column in COLUMNS}


@cache
def _known() -> dict[str, str]:
    return {
        key(name).lower(): column.field for column in COLUMNS for name in (column.header, *column.aliases)
    }


def looked_for() -> str:
    """The columns that a list must have."""
    return "、".join(column.header for column in COLUMNS if column.required)


def read_list(data: bytes, filename: str, *, year: int | None, today: dt.date) -> FileReport:
    """The list as far as it can be judged without a database. `year`: of rows that name none.

    Raises RuleViolation where the file is no such list.
    """
    sheet, unread = choose(data, filename, _header)
    layout = _lay_out(sheet, year)
    setting = Setting("", {}, Lookups(), today, sheet.epoch_1904)
    report = FileReport(
        filename, sheet.encoding, sheet.sheet, layout.header_rows, layout.columns, layout.ignored,
        headings=layout.headings, epoch_1904=sheet.epoch_1904, unread_sheets=unread,
    )  # fmt: skip
    at = {name: column for column, name in layout.fields.items()}
    for row in sheet.rows:
        kind = classify(row, layout)
        if kind == "person":
            sent = Sent(row.number, row.hidden, list(map(wire.plain, row.cells)))
            report.rows.append(_part(sent, row.cells, at, setting, year))
        elif kind != "blank":
            report.skipped.append(SkippedRow(row.number, kind))
    ensure(report.rows, "import.no_person", looked_for=looked_for())
    duplicates.compare(report.rows, _same_part)
    return report


def read_again(report: FileReport, rows: Iterable[Sent], *, year: int | None, today: dt.date) -> None:
    """The rows of a list from what was kept of it, into the report."""
    at = {heading.field: heading.index for heading in report.headings if heading.field}
    setting = Setting("", {}, Lookups(), today, report.epoch_1904)
    texts: dict[str, Cell] = {}
    report.rows = [
        _part(row, [wire.cell_of(cell, texts) for cell in row.cells], at, setting, year) for row in rows
    ]
    duplicates.compare([row for row in report.rows if row.outcome != "skipped"], _same_part)


def _same_part(row: PersonRow) -> Hashable | None:
    """A person may have had parts in several years."""
    number, year = row.values.get("id_number"), row.values.get("year")
    return (number, year) if number and year else None


def _header(sheet: Sheet) -> Layout | None:
    """The first row that names both the person and the outcome."""
    for row in sheet.rows[:PREAMBLE]:
        found = Layout([row.number], {}, {}, [])
        for column in range(len(row.cells)):
            text = written(row.cell(column))
            name = _known().get(key(text).lower())
            if name is None or name in found.fields.values():
                found.ignored += [text] if text.strip() else []
                name = None
            else:
                found.fields[column] = name
                found.columns[text] = name
            if text.strip():
                found.headings.append(Heading(column, text, label_of(text), name, name))
        if {"id_number", "name"} <= set(found.fields.values()):
            return found
    return None


def _lay_out(sheet: Sheet, year: int | None) -> Layout:
    found = _header(sheet)
    if found is None:
        raise RuleViolation(Violation("import.header_not_found", None, {"looked_for": looked_for()}))
    wanted = [column for column in COLUMNS if column.required or (column.field == "year" and year is None)]
    missing = [column.header for column in wanted if column.field not in found.fields.values()]
    if missing == ["年度"]:
        raise RuleViolation(Violation("import.past.no_year", "year"))
    params = {"missing": "、".join(missing), "looked_for": looked_for()}
    ensure(not missing, "import.columns_missing", **params)
    return found


def _part(
    sent: Sent, cells: list[Cell], at: Mapping[str, int], setting: Setting, year: int | None
) -> PersonRow:
    reading = Reading(setting)
    for column in COLUMNS:
        place = at.get(column.field, len(cells))
        read_cell(column, cells[place] if place < len(cells) else EMPTY, sent, reading)
    if "year" not in reading.values and not any(message.field == "year" for message in reading.messages):
        reading.start("year", "年度", EMPTY)
        if year is None:
            reading.error("past.year_missing")
        else:
            reading.store(year)
    return judged(sent, reading)


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as a report shows them."""
    told = dict(values)
    if "outcome" in told:
        told["outcome"] = PastOutcome.label_of(told["outcome"])
    return told
