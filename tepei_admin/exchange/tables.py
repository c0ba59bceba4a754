"""What is to be written: the rows of a list or of a template, with their columns, order and sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any, Protocol

from peewee import fn

from tepei_admin.database import rows
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.exchange import asked, catalogue
from tepei_admin.exchange.sources import Joined, NoSuchColumn, Source, Tally, fetch
from tepei_admin.exchange.totals import GROUP, Totals
from tepei_admin.exchange.writers import Output
from tepei_admin.models import Track
from tepei_admin.permissions import Actor
from tepei_admin.schema import JsonField, Record
from tepei_admin.services.scope import along, scope

Row = tuple[Any, ...]
Tee = Callable[[Sequence[int], Sequence[Row]], None]


class Design(Protocol):
    """What a template says; a stored one, or one that is being edited."""

    @property
    def name(self) -> Any: ...
    @property
    def resource(self) -> Any: ...
    @property
    def track_code(self) -> Any: ...
    @property
    def columns(self) -> Any: ...
    @property
    def filter(self) -> Any: ...
    @property
    def order(self) -> Any: ...
    @property
    def numbered(self) -> Any: ...


@dataclass(frozen=True)
class Table:
    """What is to be written. `bare`: the rows alone, without joins, to be counted.

    `paths`: where each column comes from ("" for 序号), so that a column is known again under another header;
    `marks`: which are summed and which make groups.
    """

    title: str
    model: type[Record]
    sources: Sequence[Source]
    query: Any
    bare: Any
    paths: Sequence[str] = ()
    marks: Sequence[str] = ()
    numbered: bool = False

    @cached_property
    def outputs(self) -> list[Output]:
        first = [Output("序号", "int", 6)] if self.numbered else []
        return [*first, *(source.output for source in self.sources)]

    @cached_property
    def totals(self) -> Totals | None:
        return Totals.of(self.outputs, self.marks)

    def count(self) -> int:
        model = self.bare.model
        bare = self.bare.select(model.id).order_by() if not self.bare._group_by else self.bare
        return int(rows(model.select(fn.COUNT(1)).from_(bare.alias("bare")))[0][0])

    def keyed(self) -> Iterator[tuple[list[int], list[Row]]]:
        """(numbers of the rows, the values as they read), a batch at a time, from one state of the house."""
        numbers = count(1)
        for batch in fetch(self.query):
            columns = list(zip(*batch, strict=True))
            shown = [source.show(*(columns[place] for place in source.places)) for source in self.sources]
            if self.numbered:
                shown.insert(0, [next(numbers) for _ in batch])
            yield list(columns[0]), list(zip(*shown, strict=True))

    def rows(self, tee: Tee | None = None) -> Iterator[Row]:
        """The values row by row; `tee` is shown each batch as it passes."""
        for numbers, batch in self.keyed():
            if tee is not None:
                tee(numbers, batch)
            yield from batch

    def written(self, tee: Tee | None = None) -> Iterator[Row]:
        """The rows, and the lines with sums between and after them."""
        return self.totals.among(self.rows(tee)) if self.totals else self.rows(tee)


def list_table(
    actor: Actor, model: type[Record], columns: Iterable[str], query: Any, *, masked: bool
) -> Table:
    """A list's rows: `query` has its filter and order and selects from `model`; the actor's scope is added."""
    actor.require(model.panel.read)
    limit = scope(actor, model)
    bare = query if limit is None else query.where(limit)
    joined = Joined(model, bare, masked=masked)
    sources = [joined.source(field.verbose_name or name, name) for name, field in _exportable(model, columns)]
    return Table(model.panel.title, model, sources, joined.select(), bare)


def _exportable(model: type[Record], columns: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Without hidden columns, and without JSON: it may hold inside what masks hide outside."""
    for name in columns:
        field = model._meta.fields[name]
        if name not in model.panel.hidden and not isinstance(field, JsonField):
            yield name, field


def template_table(
    actor: Actor, template: Design, programme: int, track: Track | None, *, masked: bool
) -> Table:
    """A template's rows of one programme, within the actor's scope. Raises `RuleViolation` for a wrong template."""
    model = catalogue.model_of(template.resource)
    params = {
        "template": template.name,
        "resource": catalogue.resources().get(template.resource, template.resource),
    }
    if model is None:
        raise RuleViolation(Violation("export.unknown_resource", "resource", params))
    actor.require(model.panel.read)
    bare = model.select().where(True, *_conditions(actor, model, template, programme, track))
    tally = template.resource == catalogue.TALLY
    joined = (Tally if tally else Joined)(model, bare, masked=masked)
    try:
        sources = [joined.source(header, path) for header, path, *_ in template.columns]
        order = [joined.order(path) for path in _order(template)]
    except NoSuchColumn as error:
        raise RuleViolation(
            Violation("export.unknown_column", "columns", {**params, "column": str(error)})
        ) from error
    query = joined.select().order_by(*order, *([] if tally else [model._meta.fields["id"]]))
    first = [""] if template.numbered else []
    marks = [*first, *(column[2] if len(column) > 2 else "" for column in template.columns)]
    return Table(
        template.name, model, sources, query, query.select(model.unit).order_by() if tally else bare,
        (*first, *(column[1] for column in template.columns)), marks, bool(template.numbered),
    )  # fmt: skip


def _order(template: Design) -> list[str]:
    """The paths that the rows are sorted by. Groups come together, whatever the order says."""
    wanted = [path.strip() for path in (template.order or "").split(",") if path.strip()]
    groups = [column[1] for column in template.columns if len(column) > 2 and column[2] == GROUP]
    leading = [path for path in groups if not any(_same_row(path, other) for other in wanted[: len(groups)])]
    return [*leading, *wanted]


def _same_row(group: str, order: str) -> bool:
    """Does this order keep that group together? `unit.code` does for `unit`."""
    order = order.lstrip("-")
    return group == order or order.rpartition(".")[0] in (group, group.rpartition(".")[0] or group)


def _conditions(
    actor: Actor, model: type[Record], template: Design, programme: int, track: Track | None
) -> list[Any]:
    found = [scope(actor, model)]
    if model.panel.year:
        found.append(along(model, model.panel.year, programme))
    if track is not None:
        found.append(_of_track(model, track))
    found += asked.conditions_of(model, template.filter or "")
    return [condition for condition in found if condition is not None]


def _of_track(model: type[Record], track: Track) -> Any:
    names = model._meta.fields
    if "track" not in names and "trainee" not in names:
        raise RuleViolation(Violation("export.no_tracks", "track", {"resource": model.panel.title}))
    return along(model, "track" if "track" in names else "trainee.track", track.id)
