"""What the rows of a file that went out were chosen by, in words: 状态：在培、已结业."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tepei_admin.exchange import asked, catalogue
from tepei_admin.models import ExportRecord, Track
from tepei_admin.schema import Record, all_models
from tepei_admin.services import conditions
from tepei_admin.views.resource.columns import RefColumn, column
from tepei_admin.views.resource.filters import Filter

OF = {"upload": "导入文件", "batch": "批次", "since": "相比的导出记录", "job": "后台任务"}
"""Files about one record, which the filter names."""

NAMED = 12
"""Values of one condition that are told; ticked rows may be hundreds."""


def lines(row: ExportRecord) -> list[tuple[str, str]]:
    """(what, how): year, unit and track as far as the file has one only, and its filter."""
    given: Any = row.filter or {}
    found = []
    if row.programme_id:
        found.append(("年度", str(row.programme.year)))
    if row.unit_id:
        found.append(("只含单位", row.unit.name))
    if given.get("track"):
        found.append(("培养类别", _track(row.programme_id, given["track"])))
    found += [(label, str(given[name])) for name, label in OF.items() if name in given]
    if told := words(_model(row, given), str(given.get("filter") or given.get("query") or "")):
        found.append(("筛选", told))
    return found


def words(model: type[Record] | None, text: str) -> str:
    """A filter in the language of the addresses, as people say it."""
    return "；".join(_told(model, text))


def _track(programme: int | None, code: str) -> str:
    query = Track.select(Track.label).where(Track.programme == programme, Track.code == code)
    return query.scalar() or code


def _model(row: ExportRecord, given: Any) -> type[Record] | None:
    if "resource" in given:
        return catalogue.model_of(given["resource"])
    return next((model for model in all_models() if model._meta.table_name == row.resource), None)


def _told(model: type[Record] | None, text: str) -> Iterator[str]:
    for key, value in asked.pairs(text):
        end = asked.leads_to(model, key) if model else None
        if key == "search":
            yield f"搜索：{value}"
        elif end is None:
            yield f"{key}={value}"
        else:
            last, name, operation, way = end
            subject = Filter(column(last, name), operation)
            yield catalogue.BETWEEN.join([*way, _words(subject, value)])


def _words(subject: Filter, text: str) -> str:
    """What its chip says; of many values the first."""
    parts = conditions.parts(subject.column, subject.operation, text)
    first = ",".join(parts[:NAMED])
    more = f" 等 {len(parts)} 项" if len(parts) > NAMED else ""
    return subject.words(first, _names(subject, first)) + more


def _names(subject: Filter, text: str) -> dict[Any, str]:
    """What the rows are called that a reference is asked about."""
    if not isinstance(subject.column, RefColumn) or subject.operation not in ("", "not"):
        return {}
    model: Any = subject.column.target
    label = model._meta.fields[model.panel.label]
    numbers = [
        conditions.value(subject.column, subject.operation, part)
        for part in conditions.parts(subject.column, subject.operation, text)
    ]
    return dict(model.select(model.id, label).where(model.id.in_(numbers)).tuples())
