"""What every model has: the base class, our field types, and what a model declares about itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

import orjson
import peewee
from peewee import SQL, AutoField, BigIntegerField, CharField, DateTimeField, IntegerField, TextField

from tepei_admin.choices import Choice
from tepei_admin.database import db
from tepei_admin.permissions import P


class NumberField(AutoField):
    """The row's number. Never given out twice, so that the history of a deleted row stays its own."""

    def ddl(self, ctx: Any) -> Any:
        ddl = super().ddl(ctx)
        return ddl if db.obj.postgres else peewee.NodeList((ddl, SQL("AUTOINCREMENT")))


class FenField(BigIntegerField):
    """Money in integer fen. On screen and in files it is yuan with two decimals."""


class PartialDateField(CharField):
    """A date known to its day, month or year: 'YYYY-MM-DD', 'YYYY-MM', 'YYYY'; '' where unknown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 10, "default": "", **options})


class TextLine(CharField):
    """One line of text that may be empty, never null: there is one way of saying "nothing"."""

    def __init__(self, verbose_name: str | None = None, max_length: int = 255, **options: Any) -> None:
        super().__init__(**{"default": "", "verbose_name": verbose_name, "max_length": max_length, **options})


class TextBlock(TextField):
    """Text of several lines; '' where there is none."""

    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        super().__init__(**{"default": "", "verbose_name": verbose_name, **options})


class Written(str):
    """A JSON value as text already: one that many rows share is written once."""

    __slots__ = ()


_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""What JSON has no word for is refused, not guessed: its form is for `record.plain` to say."""


def _write(value: Any) -> str:
    try:
        return orjson.dumps(value, option=_STRICT).decode()
    except orjson.JSONEncodeError:  # a whole number of more than 64 bits, a key that is a number
        return _plain(value)


class JsonField(TextField):
    """A JSON value kept as text, so that both databases store, compare and hash the very same characters."""

    @staticmethod
    def written(value: Any) -> Written:
        """The text of a value."""
        return Written(_write(value))

    def db_value(self, value: Any) -> Any:
        if value is None:
            return None
        return str(value) if isinstance(value, Written) else _write(value)

    def python_value(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class _Listed:
    """A column that takes the values of a list only; the database checks it too. `blank` also allows ''."""

    allowed: tuple[str, ...]

    def bind(self, model: type[peewee.Model], name: str, set_attribute: bool = True) -> None:
        super().bind(model, name, set_attribute)  # type: ignore[misc]
        values = ", ".join(f"'{value}'" for value in self.allowed)
        constraint = f'"{model._meta.table_name}_{name}_listed"'  # type: ignore[attr-defined]
        sql = f'CONSTRAINT {constraint} CHECK ("{self.column_name}" IN ({values}))'  # type: ignore[attr-defined]
        self.constraints = [SQL(sql)]


class ChoiceField(_Listed, CharField):
    """A member of one of our own lists (`choices`)."""

    def __init__(
        self, members: type[Choice], verbose_name: str | None = None, *, blank: bool = False, **options: Any
    ):
        self.members = members
        self.allowed = tuple(member.value for member in members) + (("",) if blank else ())
        self.blank = blank
        if blank:
            options.setdefault("default", "")
        super().__init__(choices=members.choices(), verbose_name=verbose_name, max_length=32, **options)


class CodeField(_Listed, CharField):
    """A code of a national list (`codes`): {code: name}. '' where none is recorded."""

    def __init__(self, names: dict[str, str], verbose_name: str | None = None, **options: Any):
        self.allowed = (*names, "")
        self.blank = True
        options.setdefault("default", "")
        super().__init__(choices=list(names.items()), verbose_name=verbose_name, max_length=8, **options)


class Ref(peewee.ForeignKeyField):
    """A foreign key: RESTRICT, always; nothing is ever deleted along with something else."""

    def __init__(
        self, model: Any, verbose_name: str | None = None, *, only: str | None = None, **options: Any
    ) -> None:
        """`only`: the tick that a row must have to be chosen in a form (选送单位); a command asks for it by itself."""
        self.only = only
        super().__init__(
            model,
            verbose_name=verbose_name,
            on_delete="RESTRICT",
            **{"backref": "+", "lazy_load": True, **options},
        )


def check(name: str, condition: str) -> SQL:
    """A named CHECK for `Meta.constraints`; a breach becomes the refusal `constraint.<name>`."""
    return SQL(f'CONSTRAINT "{name}" CHECK ({condition})')


@dataclass(frozen=True)
class Panel:
    """What a model declares for the panel. `views.resource`, `scope`, `record` and the tests read it.

    title     what the office calls it (学员)
    label     the column that names a row, so that a list of names needs no objects
    called    the column by which other rows speak of it, where that is another one: a name that may be empty (then
              the label), a foreign key, a choice
    owner     the way to the unit that owns a row: "unit", "trainee.unit", "self"; None: a clerk sees nothing
    shared    a clerk sees all rows in spite of having no owner (code lists, programmes)
    year      the way to the programme: "programme", "trainee.programme"; None: not of one year
    columns   the list's columns (8 or 9)
    search    the columns that the search box looks in
    filters   the columns that can be filtered; empty: all that can
    sensitive columns shown masked (last four) and never searched, sorted or filtered by part
    machine   columns that only commands write: no form shows them
    hidden    columns that nobody sees: not on the page, in no export
    order     the list's default order, "-" before a column for descending
    read/edit the right that reading, and that the form (new, edit) needs; edit None: no form
    delete    may a row without dependants be deleted by hand
    """

    title: str
    label: str = "name"
    called: str = ""
    owner: str | None = None
    shared: bool = False
    year: str | None = None
    columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    sensitive: frozenset[str] = frozenset()
    machine: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    order: tuple[str, ...] = ("-id",)
    read: P = P.READ
    edit: P | None = P.WORK
    delete: bool = False


_PANEL_OPTIONS = {item.name for item in fields(Panel)}


class Record(peewee.Model):
    """The base of every model: a number, a version, two stamps (UTC), and a `Panel` of declarations."""

    id = NumberField(verbose_name="编号")
    version = IntegerField(default=1, verbose_name="版本")
    created_at = DateTimeField(null=True, verbose_name="建立时间")
    updated_at = DateTimeField(null=True, verbose_name="更新时间")

    panel: Panel

    class Meta:
        database = db
        legacy_table_names = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declared = vars(cls).get("Panel")
        if declared is not None:
            options = {key: value for key, value in vars(declared).items() if not key.startswith("__")}
            unknown = options.keys() - _PANEL_OPTIONS
            if unknown:
                raise TypeError(f"{cls.__name__}.Panel: unknown options {sorted(unknown)}")
            for key in ("sensitive", "machine", "hidden"):
                options[key] = frozenset(options.get(key, ()))
            cls.panel = Panel(**options)

    def __str__(self) -> str:
        return str(getattr(self, self.panel.label, "") or self.get_id())


STAMPS = frozenset({"id", "version", "created_at", "updated_at"})
"""Columns that every model has and no form shows."""


def all_models() -> list[type[Record]]:
    """Every model that has been declared, found through the base class, parents before children."""
    found: list[type[Record]] = []

    def walk(cls: type[Record]) -> None:
        for child in cls.__subclasses__():
            found.append(child)
            walk(child)

    walk(Record)
    return list(peewee.sort_models(found))
