"""Official letters as PDF (GB/T 9704-2012): 报到通知, 取消资格通报, 追缴通知书, one or many in one file.

A letter's text is data with named places, which the office edits (`rules.letters`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from tepei_admin.choices import LetterKind
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange.documents.amounts import capital
from tepei_admin.exchange.documents.typesetting import typeset
from tepei_admin.fonts import ensure_printable
from tepei_admin.rules import wording
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.letters import DEFAULTS, LINES, PLACES, Wording, braced, check
from tepei_admin.rules.money import yuan


@dataclass(frozen=True)
class LetterData:
    """One letter about one person. `values` fill the places of `PLACES[kind]`; a date is written out.

    `name`, `office`, `date`, and for a recovery amount and lines, fill their places by themselves.
    """

    kind: LetterKind
    name: str
    values: Mapping[str, wording.Value]
    office: str
    date: dt.date
    number: str = ""  # 发文字号
    lines: tuple[tuple[str, int], ...] = ()  # of a recovery: text and fen, taken off negative
    text: Wording | None = None  # the office's own; else the default

    @property
    def words(self) -> Wording:
        return self.text or DEFAULTS[self.kind]

    def filled(self) -> dict[str, wording.Value]:
        own: dict[str, wording.Value] = {"name": self.name, "office": self.office, "date": self.date}
        if self.lines:
            total = sum(fen for _, fen in self.lines)
            own |= {"amount": yuan(total), "capital": capital(max(total, 0)), LINES: LINES}
        return dict.fromkeys(PLACES[self.kind], "") | dict(self.values) | own


def render(letters: Sequence[LetterData], *, specimen: bool = False) -> bytes:
    """One PDF of all letters, in this order, each on its own pages. `specimen` prints 样张 across each.

    Refused, for all at once: a place without its value, an unsound text, a character that no font has.
    """
    ensure(letters, "papers.nothing")
    for kind, text in {(one.kind, one.words) for one in letters}:
        check(kind, text)
    if missing := [problem for one in letters for problem in _missing(one)]:
        raise RuleViolation(missing)
    papers = [_paper(one) for one in letters]
    ensure_printable(
        item for one, paper in zip(letters, papers, strict=True) for item in _printed(one, paper)
    )
    titles = {one.kind.label for one in letters}
    data = {"title": "、".join(sorted(titles)), "specimen": specimen, "papers": papers}
    return typeset("letters.typ", len(letters), lambda: data)


def _missing(one: LetterData) -> Iterator[Violation]:
    """The places that this letter's text uses and this person has nothing for."""
    values, text = one.filled(), one.words
    if one.kind is LetterKind.RECOVERY and sum(fen for _, fen in one.lines) <= 0:
        yield Violation("papers.no_lines", None, {"name": one.name})
        return
    used = set().union(*(wording.used(getattr(text, part.name)) for part in fields(text)))
    for place, label in PLACES[one.kind].items():
        if place in used and not values[place]:
            yield Violation(
                "papers.place_empty", place, {"name": one.name, "label": label, "place": braced(place)}
            )


def _paper(one: LetterData) -> dict[str, Any]:
    text, values = one.words, one.filled()
    body: list[Any] = []
    for line in wording.lines_of(text.body):
        body += [_account(one.lines)] if line == braced(LINES) else wording.fill(line, values)
    return {
        "number": one.number,
        "title": "".join(wording.fill(text.title, values)),
        "salutation": wording.fill(text.salutation, values),
        "body": body,
        "attachments": wording.fill(text.attachments, values),
        "office": one.office,
        "date": (date := chinese(one.date)),
        "width": (width := max(map(_width, (one.office, date)))),
        "room": max(2.0, 4.0 - (width - _width(date)) / 2),
    }


def _width(text: str) -> float:
    """In characters of the body; a little more for figures than they take."""
    return sum(1.0 if ord(char) > 0x2000 else 0.6 for char in text)


def _account(lines: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    """The computation as a table: each line, then the sum."""
    return [*((text, yuan(fen)) for text, fen in lines), ("合计", yuan(sum(fen for _, fen in lines)))]


def _printed(one: LetterData, paper: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield one.name, "姓名", one.name
    account = [text for text, _ in one.lines]
    body = [piece for piece in paper["body"] if isinstance(piece, str)]
    said = [
        paper["title"],
        *paper["salutation"],
        *body,
        *account,
        *paper["attachments"],
        one.number,
        one.office,
    ]
    yield one.name, one.kind.label, "".join(said).replace(one.name, "")
