"""Official letters as PDF (GB/T 9704-2012): 报到通知, 取消资格通报, 追缴通知书, one or many in one file.

A letter's text is data with named places, which the office edits. `check` is for the page where it does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from tepei_admin.choices import Choice
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange.documents import wording
from tepei_admin.exchange.documents.amounts import capital
from tepei_admin.exchange.documents.fonts import ensure_printable
from tepei_admin.exchange.documents.typesetting import typeset
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.money import yuan


class LetterKind(Choice):
    NOTIFY = "notify", "报到通知"
    CIRCULAR = "circular", "取消资格通报"
    RECOVERY = "recovery", "追缴通知书"


@dataclass(frozen=True)
class Wording:
    """A letter's text. Each line is a paragraph; `{name}` is filled, a paragraph with an empty `{name?}` left out."""

    title: str
    salutation: str
    body: str
    attachments: str = ""  # one a line


LINES = "lines"  # the computation of a recovery, a paragraph of its own

_PERSON = {
    "name": "姓名",
    "unit": "选送单位",
    "employer": "工作单位",
    "programme": "计划名称",
    "track": "培养类别",
    "host": "培养单位",
    "major": "培养专业",
    "start": "培养开始日期",
    "end": "培养结束日期",
    "office": "发文机关",
    "date": "成文日期",
}
_DECISION = {"case": "情形", "facts": "事实", "decision_no": "决定文号", "decided_on": "决定日期"}
PLACES: dict[LetterKind, dict[str, str]] = {
    LetterKind.NOTIFY: _PERSON
    | {
        "approval_no": "录取批准文号",
        "supervisor": "指导老师",
        "address": "培养单位地址",
        "contact": "培养单位联系人和电话",
        "report_on": "报到日期",
    },
    LetterKind.CIRCULAR: _PERSON | _DECISION | {"addressee": "通报对象"},
    LetterKind.RECOVERY: _PERSON
    | _DECISION
    | {
        "payer": "付款方",
        LINES: "计算明细",
        "amount": "应退还金额",
        "capital": "金额大写",
        "pay_by": "付款期限",
        "account_holder": "收款户名",
        "account_bank": "收款开户银行",
        "account_no": "收款账号",
    },
}

DEFAULTS: dict[LetterKind, Wording] = {
    LetterKind.NOTIFY: Wording(
        title="关于{name}同志报到学习的通知",
        salutation="{unit}：",
        body="""你单位选送的{name}同志已列入{programme}（{track}）录取名单。现将报到事项通知如下。
批准文号：{approval_no?}
培养单位：{host}
单位地址：{address?}
联系方式：{contact?}
培养专业：{major}
指导老师：{supervisor?}
培养期限：{start}至{end}
报到时间：{report_on}
请通知本人携带身份证按时报到，两次往返路费由用人单位承担，餐饮费自理。不能报到的，须事先书面说明原因；没有正当理由不参加学习的，将按规定取消培养资格、通报批评并退还特培经费。""",
    ),
    LetterKind.CIRCULAR: Wording(
        title="关于取消{name}同志培养资格的通报",
        salutation="{addressee}：",
        body="""{name}同志，{employer}工作人员，由{unit}选送，系{programme}（{track}）学员，培养单位为{host}。
经查，{facts}。
上述情况属于“{case}”。根据{decision_no}（{decided_on}），决定取消{name}同志的培养资格，并予以通报批评；已支付的特培经费按规定退还。
请各选送单位引以为戒，加强对学员的教育和跟踪管理，督促学员遵守培养单位的规章制度，按期完成学习任务。""",
    ),
    LetterKind.RECOVERY: Wording(
        title="追缴通知书",
        salutation="{payer}：",
        body="""{name}同志系{programme}（{track}）学员，培养单位为{host}。因“{case}”，已由{decision_no}（{decided_on}）取消培养资格，应当退还已支付的特培经费，计算如下：
{lines}
以上合计人民币{amount}元（大写：{capital}），请于{pay_by}以前汇入下列账户，附言注明“{name}退还特培经费”。
户名：{account_holder}
开户银行：{account_bank}
账号：{account_no}
对金额有不同意见的，请在上述期限以前书面提出。""",
    ),
}


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
    def wording(self) -> Wording:
        return self.text or DEFAULTS[self.kind]

    def filled(self) -> dict[str, wording.Value]:
        own: dict[str, wording.Value] = {"name": self.name, "office": self.office, "date": self.date}
        if self.lines:
            total = sum(fen for _, fen in self.lines)
            own |= {"amount": yuan(total), "capital": capital(max(total, 0)), LINES: f"{{{LINES}}}"}
        return dict.fromkeys(PLACES[self.kind], "") | dict(self.values) | own


def render(letters: Sequence[LetterData], *, specimen: bool = False) -> bytes:
    """One PDF of all letters, in this order, each on its own pages. `specimen` prints 样张 across each.

    Refused, for all at once: a place without its value, an unsound text, a character that no font has.
    """
    ensure(letters, "papers.nothing")
    for kind, text in {(one.kind, one.wording) for one in letters}:
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


def check(kind: LetterKind, text: Wording) -> None:
    """Refuse a text with a place that this kind of letter does not have, or with a stray brace."""
    found: list[Violation] = []
    for part in fields(text):
        written = getattr(text, part.name)
        found += wording.problems(written, PLACES[kind], part.name)
        alone = part.name == "body"
        found += [
            Violation("papers.line_alone", part.name, {"place": _braced(LINES), "line": line})
            for line in wording.lines_of(written)
            if _braced(LINES) in line and not (alone and line == _braced(LINES))
        ]
    if found:
        raise RuleViolation(found)


def _braced(place: str) -> str:
    return f"{{{place}}}"


def _missing(one: LetterData) -> Iterator[Violation]:
    """The places that this letter's text uses and this person has nothing for."""
    values, text = one.filled(), one.wording
    if one.kind is LetterKind.RECOVERY and sum(fen for _, fen in one.lines) <= 0:
        yield Violation("papers.no_lines", None, {"name": one.name})
        return
    used = set().union(*(wording.used(getattr(text, part.name)) for part in fields(text)))
    for place, label in PLACES[one.kind].items():
        if place in used and not values[place]:
            yield Violation(
                "papers.place_empty", place, {"name": one.name, "label": label, "place": _braced(place)}
            )


def _paper(one: LetterData) -> dict[str, Any]:
    text, values = one.wording, one.filled()
    return {
        "number": one.number,
        "title": "".join(wording.fill(text.title, values)),
        "salutation": wording.fill(text.salutation, values),
        "body": [
            _account(one.lines) if line == _braced(LINES) else line
            for line in wording.fill(text.body, values)
        ],
        "attachments": wording.fill(text.attachments, values),
        "office": one.office,
        "date": (date := chinese(one.date)),
        "width": (width := max(map(_width, (one.office, date)))),
        "room": max(2.0, 4.0 - (width - _width(date)) / 2),
    }


def _width(text: str) -> float:
    """In characters of the body; a little more for figures than they take."""
    return sum(1.0 if ord(char) > 0x2000 else 0.6 for char in text)


def _account(lines: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
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
