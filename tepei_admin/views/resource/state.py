"""What a list shows, as it stands in its address: ?unit=5&name.has=文&sort=-name&page=2.

Only what differs from the default is written, so every list has one short address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from werkzeug.datastructures import MultiDict

SIZES = (20, 50, 100, 200)
SIZE = 50
LAST_PAGE = 100_000
LONGEST = 200
WHOLE_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}|\+?\d{11,13}")
"""An ID number or a phone: found by POST only."""
LONG_NUMBER = re.compile(r"\+?\d{11,}[Xx]?")
"""These and bank accounts: never kept in an address."""

Check = Callable[[str, str], str | None]
"""(filter's key, value) -> the value as it should stand in the address; None: no such filter."""
UNTOLD = "…"
"""Stands for a value that may not stand in an address: the filter stays, and finds nobody."""


@dataclass(frozen=True)
class State:
    page: int = 0
    page_size: int = SIZE
    sort: str = ""
    search: str = ""
    columns: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """The address's parameters, in their order."""
        found = list(self.filters)
        found += [("search", self.search)] if self.search else []
        found += [("sort", self.sort)] if self.sort else []
        found += [("columns", ",".join(self.columns))] if self.columns else []
        found += [("page_size", str(self.page_size))] if self.page_size != SIZE else []
        found += [("page", str(self.page))] if self.page else []
        return found

    def query(self, **changes: object) -> str:
        """`?…`, or nothing for the plain list; with some parts changed."""
        pairs = (replace(self, **changes) if changes else self).pairs()  # type: ignore[arg-type]
        return "?" + "&".join(f"{key}={quote(value, safe=',:')}" for key, value in pairs) if pairs else ""

    def without(self, key: str) -> str:
        """The address with one filter less."""
        return self.query(filters=tuple(item for item in self.filters if item[0] != key), page=0)

    def narrowed(self, key: str, value: str) -> State:
        """The same list with one filter more."""
        kept = tuple(item for item in self.filters if item[0] != key)
        return replace(self, filters=(*kept, (key, value)), page=0)

    def sorted_by(self, name: str) -> str:
        """The address that sorts by a column; the other way round where it does already."""
        return self.query(sort=f"-{name}" if self.sort == name else name, page=0)


def read(
    args: MultiDict[str, str], *, check: Check, sortable: Collection[str], columns: Collection[str]
) -> State:
    """The state of an address. What makes no sense is left out; the caller redirects to what is left."""
    sort = args.get("sort", "")
    wanted = [name for value in args.getlist("columns") for name in value.split(",")]
    chosen = tuple(dict.fromkeys(name for name in wanted if name in columns))
    size = _number(args.get("page_size", ""), SIZE)
    return State(
        page=min(_number(args.get("page", ""), 0), LAST_PAGE),
        page_size=size if size in SIZES else min(SIZES, key=lambda step: abs(step - size)),
        sort=sort if sort.removeprefix("-") in sortable else "",
        search=tidy_search(args.get("search", "")),
        columns=chosen,
        filters=tuple(_filters(args, check)),
    )


def _filters(args: MultiDict[str, str], check: Check) -> Iterable[tuple[str, str]]:
    for key, values in args.lists():
        given = ",".join(value.strip() for value in values if value.strip())[: LONGEST * 10]
        whole = any(LONG_NUMBER.fullmatch(part.strip()) for part in given.split(","))
        value = check(key, UNTOLD if whole or "\0" in given else given) if given else None
        if value:
            yield key, value


def tidy_search(text: str) -> str:
    """One blank between words; no whole number of a person."""
    words = text.replace("\0", " ")[:LONGEST].split()
    return " ".join(word for word in words if not LONG_NUMBER.fullmatch(word))


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
