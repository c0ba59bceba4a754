"""Templates as the office edits them: what a form says, checked before it is kept, and looked at before that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from tepei_admin.choices import Encoding, FileFormat
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.exchange import asked, catalogue
from tepei_admin.exchange.sources import Joined, NoSuchColumn, Tally
from tepei_admin.exchange.tables import Table, template_table
from tepei_admin.exchange.templates import SHIPPED
from tepei_admin.exchange.totals import GROUP, SUM
from tepei_admin.exchange.writers import Kind, yuan
from tepei_admin.models import ExportTemplate, Programme, Track
from tepei_admin.permissions import Actor, P
from tepei_admin.services import exports, programmes
from tepei_admin.services.scope import get

MOST_COLUMNS, LONGEST_HEADER, MOST_KEYS = 100, 64, 6
LOOK = 10
"""Rows of a look."""
SUMMED = 5_000
"""Rows up to which a look works out the last line, too."""
Column = Sequence[str]


@dataclass(frozen=True)
class Draft:
    """A template as a form says it; the columns of `ExportTemplate`."""

    name: str = ""
    note: str = ""
    resource: str = "trainee"
    track_code: str = ""
    columns: list[list[str]] = field(default_factory=list)
    filter: str = ""
    order: str = ""
    numbered: bool = False
    format: str = FileFormat.XLSX.value
    encoding: str = Encoding.UTF_8.value
    shipped: str = ""

    @classmethod
    def of(cls, row: ExportTemplate) -> Draft:
        return cls(**{name: getattr(row, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Look:
    """The first rows of a file as they would be; `last` is the line with the total, `total` how many rows."""

    headers: list[str]
    kinds: list[Kind]
    lines: list[list[str]]
    last: list[str]
    total: int
    sensitive: list[bool]


# ---- checking


def problems(draft: Draft, *, number: int | None = None) -> list[Violation]:
    """Everything that is wrong with a draft, each with the field it is about."""
    model = catalogue.model_of(draft.resource)
    if model is None or draft.resource not in catalogue.resources():
        return [Violation("export.unknown_resource", "resource", {"resource": draft.resource})]
    found = [*_named(draft, number), *_columns(draft), *_order(draft)]
    try:
        asked.tidy(model, draft.filter)
    except RuleViolation as refusal:
        found += refusal.violations
    if draft.track_code and not {"track", "trainee"} & set(model._meta.fields):
        found.append(Violation("export.no_tracks", "track_code", {"resource": model.panel.title}))
    elif draft.track_code and not Track.select().where(Track.code == draft.track_code).exists():
        found.append(Violation("export.unknown_track", "track_code", {"track": draft.track_code}))
    if draft.format not in [item.value for item in FileFormat]:
        found.append(
            Violation("export.unknown_format", "format", {"format": draft.format, "formats": "csv、xlsx"})
        )
    if draft.encoding not in [item.value for item in Encoding]:
        known = "、".join(item.value for item in Encoding)
        found.append(
            Violation("export.unknown_encoding", "encoding", {"encoding": draft.encoding, "encodings": known})
        )
    return found


def _named(draft: Draft, number: int | None) -> list[Violation]:
    found = []
    limits = (("name", "名称", 64), ("note", "说明", 255), ("order", "排序", 255))
    for name, label, limit in limits:
        text = getattr(draft, name)
        if "\0" in text:
            found.append(Violation("record.nul", name, {"label": label}))
        elif len(text) > limit:
            found.append(
                Violation("record.too_long", name, {"label": label, "limit": limit, "length": len(text)})
            )
    if not draft.name:
        found.append(Violation("record.required", "name", {"label": "名称"}))
    same = (
        ExportTemplate.select(ExportTemplate.id)
        .where(ExportTemplate.name == draft.name.replace("\0", ""))
        .first()
    )
    if same is not None and same.id != number:
        found.append(Violation("export.same_name", "name", {"name": draft.name}))
    return found


def _columns(draft: Draft) -> list[Violation]:
    found: list[Violation] = []
    if not 0 < len(draft.columns) <= MOST_COLUMNS:
        found.append(Violation("export.no_columns", "columns", {"most": MOST_COLUMNS}))
    for place, (header, path, mark) in enumerate(map(_whole, draft.columns[:MOST_COLUMNS])):
        name, (plain, form) = f"column-{place}", catalogue.split_form(path)
        if not header or len(header) > LONGEST_HEADER or not header.isprintable():
            found.append(
                Violation("export.bad_header", name, {"place": place + 1, "longest": LONGEST_HEADER})
            )
        kind = _kind(draft, path)
        if kind is None:
            code = "export.unknown_form" if form and _kind(draft, plain) else "export.no_such_column"
            said = catalogue.label_of(draft.resource, plain)
            params = {"column": said, "resource": catalogue.resources()[draft.resource], "header": header}
            found.append(Violation(code, name, params))
            continue
        if mark not in ("", SUM, GROUP):
            found.append(Violation("export.unknown_mark", name, {"mark": mark}))
        elif mark == SUM and kind not in ("int", "money"):
            found.append(Violation("export.sum_of_text", name, {"header": header}))
    return found


def _kind(draft: Draft, path: str) -> Kind | None:
    """What a column would hold; None where its path leads nowhere."""
    try:
        return _probe(draft).source("", path).output.kind
    except NoSuchColumn:
        return None


def _whole(column: Column) -> tuple[str, str, str]:
    header, path, *mark = column
    return header, path, mark[0] if mark else ""


def _order(draft: Draft) -> list[Violation]:
    keys = [key.strip() for key in draft.order.split(",") if key.strip()]
    found = [Violation("export.many_keys", "order", {"most": MOST_KEYS})] if len(keys) > MOST_KEYS else []
    for place, key in enumerate(keys[:MOST_KEYS]):
        try:
            _probe(draft).order(key)
        except NoSuchColumn:
            said = catalogue.label_of(draft.resource, key.lstrip("-"))
            found.append(Violation("export.unknown_key", f"order-{place}", {"column": said}))
    return found


def _probe(draft: Draft) -> Joined:
    """A query that is never run, to see whether a path leads somewhere."""
    model: Any = catalogue.model_of(draft.resource)
    return (Tally if draft.resource == catalogue.TALLY else Joined)(model, model.select(), masked=True)


# ---- looking


def look(actor: Actor, draft: Draft, programme: int) -> Look:
    """The first rows, with masks, as they would be. Raises `RuleViolation` for a draft that is wrong."""
    wrong = problems(replace(draft, name=draft.name or "新模板"), number=-1)
    wrong = [item for item in wrong if item.code != "export.same_name"]
    if wrong:
        raise RuleViolation(wrong)
    get(actor, Programme, programme)
    track = programmes.find_track(programme, draft.track_code) if draft.track_code else None
    table = template_table(actor, draft, programme, track, masked=True)
    total = table.count()
    lines, last = _lines(table, total)
    sensitive = [False] * table.numbered + [source.sensitive for source in table.sources]
    kinds = [output.kind for output in table.outputs]
    shown = [_shown(kinds, line) for line in lines]
    return Look(
        [output.header for output in table.outputs], kinds, shown, _shown(kinds, last), total, sensitive
    )


def _lines(table: Table, total: int) -> tuple[list[Any], Any]:
    """The first lines, and the total where there is one and it is cheap to know."""
    written = table.written()
    lines, last = list(islice(written, LOOK)), ()
    if table.totals and total <= SUMMED:
        for last in written:  # noqa: B007 (the last one is wanted)
            pass
    written.close()  # type: ignore[attr-defined]
    return lines, last


def _shown(kinds: Sequence[Kind], line: Sequence[Any]) -> list[str]:
    return [
        "" if value is None else yuan(value) if kind == "money" else str(value)
        for kind, value in zip(kinds, line, strict=False)
    ]


# ---- keeping


def save(actor: Actor, draft: Draft, *, number: int | None = None, version: int | None = None) -> int:
    """A new template, or another state of one. Raises `RuleViolation` with all that is wrong, `Stale`."""
    actor.require(P.SETUP)
    wrong = problems(draft, number=number)
    if wrong:
        raise RuleViolation(wrong)
    model: Any = catalogue.model_of(draft.resource)
    values = {**asdict(draft), "filter": asked.tidy(model, draft.filter)}
    values["columns"] = [
        [header, path, mark] if mark else [header, path] for header, path, mark in map(_whole, draft.columns)
    ]
    if number is not None:
        del values["shipped"]
    return exports.save_template(actor, number, values, version)


def copy(actor: Actor, number: int) -> int:
    """Another template with all that this one says, under a name of its own."""
    source = get(actor, ExportTemplate, number)
    names = {row[0] for row in ExportTemplate.select(ExportTemplate.name).tuples()}
    stem = f"{source.name[:56]} 副本"
    name = next(
        name for place in range(1, 1000) if (name := stem if place == 1 else f"{stem}{place}") not in names
    )
    return save(actor, replace(Draft.of(source), name=name, shipped=""))


def restore(actor: Actor, number: int, version: int) -> None:
    """A shipped template as it was shipped, its name apart."""
    row = get(actor, ExportTemplate, number)
    if row.shipped not in SHIPPED:
        raise RuleViolation(Violation("export.not_shipped", None, {"template": row.name}))
    shipped = replace(Draft(**SHIPPED[row.shipped]), name=row.name)
    save(actor, shipped, number=number, version=version)


def as_shipped(row: ExportTemplate) -> bool:
    """Does it still say what it was shipped with?"""
    shipped = SHIPPED.get(row.shipped)
    return shipped is not None and all(
        getattr(row, name) == value for name, value in shipped.items() if name != "name"
    )
