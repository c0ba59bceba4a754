"""Texts with named places that the office edits: 兹有{name}同志…. Filled once; what is filled in is never read again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from tepei_admin.errors import Violation
from tepei_admin.rules.calendar import chinese

Value = str | dt.date
Places = Mapping[str, str]  # name -> label

_PLACE = re.compile(r"\{([^{}]*)\}")
_ENDS = "。；;，,、 "


def lines_of(text: str) -> list[str]:
    """The paragraphs of a text, without outer space; empty ones are none."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return [line.strip() for line in plain.split("\n") if line.strip()]


def problems(text: str, places: Places, field: str | None = None) -> Iterator[Violation]:
    """What is wrong with a text as the office wrote it: a place nobody knows, a brace without its other."""
    for line in lines_of(text):
        for name in _PLACE.findall(line):
            if name.removesuffix("?") not in places:
                known = "、".join(f"{{{place}}} {label}" for place, label in places.items())
                yield Violation("papers.place_unknown", field, {"place": f"{{{name}}}", "places": known})
        if re.search(r"[{}]", _PLACE.sub("", line)):
            yield Violation("papers.brace", field, {"line": line})


def used(text: str) -> set[str]:
    """The names of the places that must be filled; `{name?}` may stay empty."""
    return {name for name in _PLACE.findall(text) if not name.endswith("?")}


def fill(text: str, values: Mapping[str, Value]) -> list[str]:
    """The paragraphs with their places filled. One whose `{place?}` is empty is left out."""
    said = {name: _said(value) for name, value in values.items()}
    found: list[str] = []
    for line in lines_of(text):
        names = _PLACE.findall(line)
        if all(said.get(name.removesuffix("?")) for name in names if name.endswith("?")):
            found += lines_of(_PLACE.sub(lambda place: said[place[1].removesuffix("?")], line))
    return found


def _said(value: Value) -> str:
    """A value as it stands in a sentence, which has its own punctuation at the end."""
    return chinese(value) if isinstance(value, dt.date) else value.strip().rstrip(_ENDS)
