"""Where the table begins, which column is which, and which rows are people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Literal

from tepei_admin.characters import key
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.exchange.cells import EMPTY, Row, Sheet, written
from tepei_admin.exchange.columns import ALL_COLUMNS, BY_FIELD, REQUIRED
from tepei_admin.rules import identity

PREAMBLE = 200
LAST = 1 << 30
ABOVE = 20
"""Rows in which a unit line is looked for before the header is known."""
LONGEST = 400
SERIAL = ""  # the field of 序号
Choices = Mapping[str, str]
"""What the office says that a column is: label of the header -> field; "" is a column that is not imported."""
NO_CHOICES: Choices = {}
Class = Literal[
    "person", "blank", "title", "unit_line", "group", "hint", "example", "totals", "signature", "other"
]

_BRACKETS = re.compile(r"[(\[【<][^()\[\]【】<>]*[)\]】>]")
_UNIT = re.compile(
    r"(?:报送|填报|推荐|选送|呈报|申报|上报|推送|派出)?单位(?:名称)?(?:[（(][^（）()]*章[^（）()]*[）)])?\s*[:：]\s*(.*)",
    re.DOTALL,
)
_NEXT_LABEL = re.compile(
    r"\s+(?:填报|填表|报送|上报|制表|联系|审核|负责|日期|时间|电话|培养|经办)[^\s:：]{0,8}[:：].*"
    r"|\s{2,}\S*[:：].*|\s*[（(][^（）()]*章[^（）()]*[）)]\s*$",
    re.DOTALL,
)
_PREFACE = re.compile(r"[:：]\s*\S|单位[（(].*章")
"""What stands above a table, and heads no column: 单位（盖章）：…, 填报日期：2019年3月20日."""
_TOTALS = re.compile(
    r"(?:本页|本表|全表|各项)?(?:合计|总计|小计|共计|累计|总人数|人数合计|合计人数)(?:人数)?(?:[:：(（\d].*|$)|共\d+人.*"
)
_SIGNATURE = re.compile(
    r"(?:填表|填报|制表|审核|复核|经办|负责|联系|主管|分管|单位|领导|部门|审批|报送|呈报|盖章|签字|签名|日期|联系电话|填表日期)"
    r"[^:：]{0,14}[:：].*|.{0,16}(?:[（(](?:签字|签名|盖章|公章|签章)[）)]|签字|签名|盖章)[:：]?.{0,12}|\d{4}年\d{1,2}月\d{1,2}日"
)
_HINT = re.compile(
    r"(?:备注|说明|注|填表说明|填写说明|注意事项|注意|填报说明|填表须知|要求)(?:[:：\d.、].*|$)|注[12一二]?[:：、].*",
    re.DOTALL,
)
_HINT_CELL = re.compile(r"必填|选填|填写|格式|^如[:：\d]|^[(（].*[)）]$|下拉|请|文本|\d+位|^例如")
_EXAMPLE = re.compile(
    r"[(（\[【]?(?:填写)?(?:示例|样例|范例|例如|样表|举例|例)(?:\d*|[)）\]】:：].*)$|.*[(（](?:示例|样例|例)[)）]$"
)
_NOBODY = re.compile(r"张三|李四|王五|赵六|.*[某×*].*|[xX]+")
"""Names that examples use."""
_PLACE = re.compile(r".+[市盟旗县区局厅院校委部]|.+(?:单位|中心|公司|大学|学院|医院)|(?:共|计)?\d+人")
_ORDINAL = re.compile(r"[一二三四五六七八九十]+")
_GROUP = re.compile(r"[一二三四五六七八九十]+[、.].*|[(（][一二三四五六七八九十\d]+[)）].*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the file. `label` is what a choice is remembered by, `own` the field recognised without one,
    `field` what it counts as (None: not imported)."""

    index: int
    written: str
    label: str
    own: str | None
    field: str | None


@dataclass(slots=True)
class Layout:
    """`fields`: column index -> field; `columns` and `ignored` as written, in the order of the sheet."""

    header_rows: list[int]
    fields: dict[int, str]
    columns: dict[str, str]
    ignored: list[str]
    headings: list[Heading] = field(default_factory=list)
    unit_line: str = ""
    choices: Choices = field(default_factory=dict)

    def index(self, name: str) -> int:
        return next((index for index, found in self.fields.items() if found == name), -1)


@cache
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for column in ALL_COLUMNS:
        for name in (column.header, *column.aliases):
            found[key(name).lower()] = column.field
    return found


@lru_cache(maxsize=4096)
def match(header: str, parent: str = "") -> str | None:
    """The field that a header names: with its brackets, without them, under its parent. None: not ours."""
    known = _known()
    whole = key(header).lower().strip(":：*＊★")
    for name in (whole, _BRACKETS.sub("", whole).strip(":*")):
        for candidate in ([f"{key(parent).lower()}/{name}"] if parent else []) + [name]:
            if candidate in known:
                return known[candidate]
    if not parent and "/" in header:  # a header in two rows, told in one: 联系方式/手机
        parent, _, child = header.rpartition("/")
        return match(child, parent) if child.strip() else None
    return None


def looked_for() -> str:
    """The columns that a table must have."""
    return "、".join(column.header for column in REQUIRED)


def label_of(header: str) -> str:
    """How headers are told apart: normalised, so that a space or a line end makes no other column."""
    return key(header).lower()[:200]


def lay_out(sheet: Sheet, choices: Choices = NO_CHOICES) -> Layout:
    """The sheet's layout. Refused where there is no header, or a required column is missing."""
    found = find(sheet, choices)
    if found is None:
        raise RuleViolation(_no_header(sheet, choices))
    found.unit_line = _unit_line(sheet, found.header_rows[0])
    return found


def sender_line(sheet: Sheet) -> str:
    """The unit that the table names, before its header is known."""
    return _unit_line(sheet, sheet.rows[ABOVE - 1].number if len(sheet.rows) >= ABOVE else LAST)


def _no_header(sheet: Sheet, choices: Choices) -> Violation:
    """What is missing; with the headings of the row that comes nearest, so that somebody may say what they are."""
    rows = range(min(len(sheet.rows), PREAMBLE))
    tried = [layout(sheet, at, choices) for layout in (_one, _two) for at in rows]
    best = max(tried, key=_score, default=None)
    if best is None or _score(best) < 2:
        return Violation("import.header_not_found", None, {"looked_for": looked_for()})
    missing = "、".join(column.header for column in REQUIRED if column.field not in best.fields.values())
    params: dict[str, Any] = {
        "missing": missing,
        "looked_for": looked_for(),
        "sheet": sheet.sheet,
        "encoding": sheet.encoding,
    }
    params |= {"headings": best.headings, "header_rows": best.header_rows, "unit_line": sender_line(sheet)}
    return Violation("import.columns_missing", None, params)


def find(sheet: Sheet, choices: Choices = NO_CHOICES) -> Layout | None:
    """How the sheet is laid out, as far as its header tells. None where it has none with the required columns."""
    for at in range(min(len(sheet.rows), PREAMBLE)):
        candidates = [_one(sheet, at, choices), _two(sheet, at, choices)]
        if not any(map(_complete, candidates)):
            continue
        candidates += [_one(sheet, at + 1, choices), _two(sheet, at + 1, choices)]
        complete = [layout for layout in candidates if layout is not None and _complete(layout)]
        return max(complete, key=lambda layout: (_score(layout), _under(sheet, layout)))
    return None


def _complete(layout: Layout | None) -> bool:
    return layout is not None and all(column.field in layout.fields.values() for column in REQUIRED)


def _score(layout: Layout | None) -> int:
    """How many columns are known; one that somebody has spoken of is, even if it is not imported."""
    if layout is None:
        return 0
    return len(layout.fields) + sum(one.label in layout.choices for one in layout.headings)


def _under(sheet: Sheet, layout: Layout) -> float:
    """Between equals: two rows where the second only details the first, then one row, then two."""
    if len(layout.header_rows) == 1:
        return 0.5
    name, number = layout.index("name"), layout.index("id_number")
    row = next(row for row in sheet.rows if row.number == layout.header_rows[1])
    details = all(row.cell(at) is EMPTY or at in row.filled for at in (name, number))
    return 1 if details and any(match(_text(row, at)) is not None for at in layout.fields) else 0


def _text(row: Row, column: int) -> str:
    """What a cell says, as far as it takes to know what it is."""
    return written(row.cell(column))[:LONGEST]


def _layout(rows: list[int], headers: Iterable[tuple[int, str, str | None]], choices: Choices) -> Layout:
    """Which column is which: first what somebody has said, then by name, the first of two alike."""
    found = Layout(rows, {}, {}, [], choices=choices)
    read = [(index, header, label, own) for (index, header, own), label in _labelled(headers)]
    chosen = {choices[label] for _, _, label, _ in read if choices.get(label)}
    for index, header, label, own in read:
        name: str | None
        if label in choices:
            name = choices[label] or None
        else:
            name = own if own not in chosen and header not in found.columns else None
        if name in found.fields.values():
            name = None
        found.headings.append(Heading(index, header, label, own, name))
        if name is None:
            found.ignored.append(header)
            continue
        found.fields[index] = name
        if name != SERIAL:
            found.columns[header] = name
    return found


def _labelled(
    headers: Iterable[tuple[int, str, str | None]],
) -> Iterator[tuple[tuple[int, str, str | None], str]]:
    """Each header with its label; a second one of the same name is told apart by its place."""
    seen: Counter[str] = Counter()
    for item in headers:
        label = label_of(item[1])
        seen[label] += 1
        yield item, label if seen[label] == 1 else f"{label}#{seen[label]}"


def _one(sheet: Sheet, at: int, choices: Choices) -> Layout | None:
    if at >= len(sheet.rows):
        return None
    row = sheet.rows[at]
    texts = [(column, _text(row, column)) for column in range(len(row.cells))]
    named = [(column, text, match(text)) for column, text in texts if text.strip()]
    return _layout([row.number], named, choices)


def _two(sheet: Sheet, at: int, choices: Choices) -> Layout | None:
    """Header in two rows: a parent over several columns, or over the row below where that is empty."""
    if at + 1 >= len(sheet.rows):
        return None
    upper, lower = sheet.rows[at], sheet.rows[at + 1]
    if lower.number != upper.number + 1:
        return None
    parents = {
        column: "" if _PREFACE.search(text) else text
        for column, text in _parents(sheet, upper, lower).items()
    }
    if len({text for text in parents.values() if text.strip()}) < 2:
        return None  # a title or a unit line, no header
    headers: list[tuple[int, str, str | None]] = []
    for column in range(max(len(upper.cells), len(lower.cells))):
        parent, child = parents.get(column, ""), _text(lower, column)
        if column in lower.filled or not child.strip() or key(child) == key(parent):
            own = _text(upper, column) or (parent if column in lower.filled else "")
            if own.strip():
                headers.append((column, own, match(own)))
        elif parent.strip():
            headers.append((column, f"{parent}/{child}", match(child, parent)))
        else:
            headers.append((column, child, match(child)))
    return _layout([upper.number, lower.number], headers, choices)


def _parents(sheet: Sheet, upper: Row, lower: Row) -> dict[int, str]:
    """The upper row's text over each column: by merged ranges; in a text file over empty neighbours."""
    found = {column: _text(upper, column) for column in range(len(upper.cells))}
    for span in sheet.spans:
        if span.top <= upper.number <= span.bottom and span.right > span.left:
            text = found.get(span.left, "")
            found.update(dict.fromkeys(range(span.left + 1, min(span.right, 999) + 1), text))
    if not sheet.spans:
        last = ""
        for column in range(max(len(upper.cells), len(lower.cells))):
            last = found.get(column) or (last if _text(lower, column).strip() else "")
            found[column] = last
    return found


def _unit_line(sheet: Sheet, header: int) -> str:
    """What stands after 单位（盖章）： above the header."""
    for row in sheet.rows:
        if row.number >= header:
            break
        texts = [_text(row, column) for column in range(len(row.cells)) if _text(row, column).strip()]
        for at, text in enumerate(texts):
            if found := _UNIT.search(text):
                unit = _NEXT_LABEL.sub("", found[1]).strip()
                if not unit and at + 1 < len(texts) and not re.search("[:：]", texts[at + 1]):
                    unit = texts[at + 1].strip()
                if unit:
                    return unit
    return ""


# ---- which rows are people

_PREFILLED = frozenset(("track", "region", "county", "unit_rank", SERIAL))


def classify(row: Row, layout: Layout) -> Class:
    """What a row is. Whoever has an ID number is a person, except in an example; there only whoever has a valid one."""
    if row.number < layout.header_rows[0]:
        texts = [_text(row, column) for column in range(len(row.cells))]
        if any(_UNIT.search(text) for text in texts):
            return "unit_line"
        return "hint" if any(_HINT.fullmatch(text.strip()) for text in texts if text.strip()) else "title"
    if _is_header(row, layout):
        return "blank"
    columns = [at for at, cell in enumerate(row.cells) if cell is not EMPTY and at not in row.filled]
    first = next((text for at in columns if (text := key(_text(row, at)))), "")
    if not first:
        return "blank"
    name = key(_text(row, layout.index("name")))
    number = key(_text(row, layout.index("id_number")))
    if _EXAMPLE.fullmatch(name) or (_EXAMPLE.fullmatch(first) and not _real(name, number)):
        return "example"
    if sum(char.isdecimal() for char in number) >= 10:
        return "person"
    own = {at: text for at in columns if (text := key(_text(row, at)))}
    return _without_number(own, name, first, layout)


def _real(name: str, number: str) -> bool:
    """Somebody who was written over an example. The number of our own example is nobody's."""
    return not _NOBODY.fullmatch(name) and not identity.problem(identity.normal_form(number), date.max)


def example_mark(cells: Iterable[Any]) -> str:
    """What a row as it is kept begins with, where that says that it is an example."""
    first = next((cell for cell in cells if cell is not None), None)
    return first.strip() if isinstance(first, str) and _EXAMPLE.fullmatch(key(first[:LONGEST])) else ""


def _without_number(own: dict[int, str], name: str, first: str, layout: Layout) -> Class:
    for pattern, found in ((_TOTALS, "totals"), (_HINT, "hint"), (_SIGNATURE, "signature")):
        if pattern.fullmatch(first) or (name and pattern.fullmatch(name)):
            return found  # type: ignore[return-value]
    if _numbering(list(own.values())):
        return "hint"
    filled = {layout.fields[at]: text for at, text in own.items() if layout.fields.get(at)}
    hints = sum(bool(_HINT_CELL.search(text)) for text in own.values())
    if hints * 2 > len(own) or (hints and name and _HINT_CELL.search(name)):
        return "hint"
    if len(set(own.values())) == 1:
        at = next(iter(own))
        if layout.fields.get(at) == SERIAL and first.isdecimal():
            return "blank"
        alone = (
            layout.fields.get(at) == "name"
            and not _GROUP.fullmatch(first)
            and 2 <= len(first) <= 4
            and at > 0
        )
        return "person" if alone else "group"
    if len(own) <= 2 and (_PLACE.fullmatch(name or first) or _ORDINAL.fullmatch(first)):
        return "group"
    if set(filled) <= _PREFILLED and all(layout.fields.get(at) is not None for at in own):
        return "group" if _GROUP.fullmatch(first) else "blank"
    if name or len(set(filled) - _PREFILLED) >= 3:
        return "group" if _GROUP.fullmatch(name or first) and len(filled) < 3 else "person"
    if any(_SIGNATURE.fullmatch(text) for text in own.values()):
        return "signature"
    return "other"


def _numbering(texts: list[str]) -> bool:
    """1 2 3 4 …, (1) (2) (3) …, A B C …, 甲 乙 丙 … under the header."""
    plain = [text.strip("()") for text in texts]
    if len(plain) < 4:
        return False
    if all(text.isascii() and text.isdecimal() for text in plain):
        return all(int(right) == int(left) + 1 for left, right in pairwise(plain))
    letters = "".join(plain)
    return letters in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" or letters in "甲乙丙丁戊己庚辛壬癸"


def _is_header(row: Row, layout: Layout) -> bool:
    """One of the header rows, or the header again (printed pages)."""
    if row.number in layout.header_rows:
        return True
    wanted = [layout.index(column.field) for column in REQUIRED]
    texts = [_text(row, at) for at in wanted]
    named = [layout.choices.get(label_of(text)) or match(text) if text else None for text in texts]
    return named == [column.field for column in REQUIRED]


def person_fields(row: Row, layout: Layout) -> list[str]:
    return [name for at, name in layout.fields.items() if name in BY_FIELD and row.cell(at) is not EMPTY]
