"""Write docs/permissions.md: every address and every column, and which role may do what with it.

    python scripts/permissions.py

Run it after a route, a right or a model has changed; a test compares.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from flask import Flask

from tepei_admin.app import create_app
from tepei_admin.choices import Role
from tepei_admin.config import Config
from tepei_admin.permissions import Actor, P
from tepei_admin.services import crud
from tepei_admin.views.doors import Door
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.resource.search import WHOLE

TARGET = Path(__file__).parents[1] / "docs" / "permissions.md"
ROLES: dict[str, Actor | None] = {
    "nobody": None,
    **{role.value: Actor(0, "", role, 1 if role is Role.CLERK else None) for role in Role},
}
TABLE_ENDS = {
    "index_view": "read", "filter_view": "read", "search_view": "read", "lookup_view": "read", "details_view": "read",
    "reveal_view": "reveal", "create_view": "new", "edit_view": "edit", "delete_view": "delete", "act_view": "act",
    "export": "export",
}  # fmt: skip
"""The doors that every resource has, by what they are for."""

HEAD = """# Who may do what

Written by `python scripts/permissions.py` from what the code declares; a test holds it to the code. Nothing outside these tables is served: a route that declares nothing stops the panel from starting, and every
request is asked for here before it reaches its view (`tepei_admin/views/doors.py`, safety A1). Rows are narrowed further
by `scope`: a clerk (单位经办) meets only what belongs to its own unit, and gets 404 for the rest (A2).

"""
PAGES = """## Pages

| address | method | asks for | {roles} |
|---|---|---|{lines}|
"""
TABLES = """
## Tables

Each has the same addresses: the list with its filter, search and look-ups, and a row (**read**); `new`; `<id>/edit`;
`<id>/delete`; `<id>/reveal`, a sensitive value in full, logged; `act`, proposing a bulk action (the verb asks for its own
right as well); `export`, logged. n = nobody signed in, v = viewer, c = clerk, o = operator, a = approver, A = admin.

| table | read | new | edit | delete | reveal | act | export |
|---|---|---|---|---|---|---|---|
"""
COLUMNS = """
## Columns

Whoever reads a table reads its columns, the sensitive ones with all but their last four characters masked; **whole** tells
who may see such a value in full. **writes** is who has a box for it in the form; what is empty there only commands write,
and a column that is not named here nobody sees at all. **search** finds words in it, or only its whole value; **sorts**
and **filters** are closed for what is masked (A7). Exports carry what lists show, masked unless `whole` is there.

| table | column | reads | whole | writes | search | sorts | filters |
|---|---|---|---|---|---|---|---|
"""
LETTERS = {"nobody": "n", "viewer": "v", "clerk": "c", "operator": "o", "approver": "a", "admin": "A"}


def text() -> str:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config(data_dir=Path(folder), secret_key="k" * 40))
        doors = sorted(app.extensions["doors"].values(), key=lambda door: (door.rule, door.method))
        roles = " | ".join(ROLES)
        return "".join(
            (
                HEAD,
                PAGES.format(roles=roles, lines="---|" * (len(ROLES) - 1) + "---"),
                *pages(doors),
                TABLES,
                *tables(app, doors),
                COLUMNS,
                *columns(app),
            )
        )


def pages(doors: Iterable[Door]) -> Iterator[str]:
    for door in doors:
        if not _of_table(door):
            ticks = " | ".join("x" if door.opens_for(actor) else "" for actor in ROLES.values())
            yield f"| `{_short(door.rule)}` | {door.method} | {_asks(door)} | {ticks} |\n"


def _of_table(door: Door) -> bool:
    return isinstance(door.view, ResourceView) and door.endpoint.rpartition(".")[2] in TABLE_ENDS


def _short(rule: str) -> str:
    return rule.replace("int(max=2147483647):", "")


def _asks(door: Door) -> str:
    return "public" if door.public else ", ".join(map(str, door.needs)) or "signed in"


def tables(app: Flask, doors: Iterable[Door]) -> Iterator[str]:
    found: dict[ResourceView, dict[str, str]] = {}
    for door in doors:
        if _of_table(door):
            use = TABLE_ENDS[door.endpoint.rpartition(".")[2]]
            found.setdefault(door.view, {})[use] = _who(door)
    for view, uses in sorted(found.items(), key=lambda item: item[0].url):
        cells = " | ".join(uses[use] for use in ("read", "new", "edit", "delete", "reveal", "act", "export"))
        yield f"| `{view.url}` {view.panel.title} | {cells} |\n"


def _who(door: Door) -> str:
    return _letters(name for name, actor in ROLES.items() if door.opens_for(actor))


def _letters(names: Iterable[str]) -> str:
    return "".join(LETTERS[name] for name in names)


def columns(app: Flask) -> Iterator[str]:
    views = app.extensions["resources"].values()
    for view in sorted(views, key=lambda view: view.url):
        for name, column in view.columns.items():
            yield f"| `{view.url}` | {name} {column.label} | {_column(view, name)} |\n"


def _column(view: ResourceView, name: str) -> str:
    panel, column = view.panel, view.columns[name]
    signed_in = {role: actor for role, actor in ROLES.items() if actor is not None}
    reads = [role for role, actor in signed_in.items() if actor.may(panel.read)]
    whole = [role for role in reads if signed_in[role].may(P.REVEAL)] if column.sensitive else []
    writes = [role for role in reads if name in crud.fields_for(signed_in[role], view.model)]
    search = "words" if name in panel.search else "whole" if name in WHOLE else ""
    filters = ", ".join(item.operation or "is" for item in view.filters.values() if item.column is column)
    sorts = "x" if name in view.sortable else ""
    return " | ".join((_letters(reads), _letters(whole), _letters(writes), search, sorts, filters))


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
