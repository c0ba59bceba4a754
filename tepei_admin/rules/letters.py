"""What the letters say: the places of each kind, the texts that we bring, what an edited text must fulfil."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tepei_admin.choices import LetterKind
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.rules import wording


@dataclass(frozen=True)
class Wording:
    """A letter's text. Each line is a paragraph; `{name}` is filled, a paragraph with an empty `{name?}` left out."""

    title: str
    salutation: str
    body: str
    attachments: str = ""  # one a line


LINES = "lines"  # the computation of a recovery, a table: its place is a paragraph of its own

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
        body="""{name}同志已列入{programme}（{track}）录取名单，请按下列事项报到。
批准文号：{approval_no?}
培养单位：{host}
单位地址：{address?}
联系方式：{contact?}
培养专业：{major}
指导老师：{supervisor?}
培养期限：{start}至{end}
报到时间：{report_on}
往返路费由用人单位承担。不能报到的，须事先书面说明；没有正当理由不报到的，取消培养资格、通报批评并退还经费。""",
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
        body="""{name}同志系{programme}（{track}）学员，培养单位为{host}。因“{case}”，已由{decision_no}取消培养资格，应当退还特培经费如下：
{lines}
以上合计人民币{amount}元（大写：{capital}），请于{pay_by}以前汇入下列账户，并注明姓名。
户名：{account_holder}
开户银行：{account_bank}
账号：{account_no}
对金额有不同意见的，请在上述期限以前书面提出。""",
    ),
}


def check(kind: LetterKind, text: Wording) -> None:
    """Refuse a text with a place that this kind of letter does not have, or with a stray brace."""
    found: list[Violation] = []
    for part in fields(text):
        written = getattr(text, part.name)
        found += wording.problems(written, PLACES[kind], part.name)
        alone = part.name == "body"
        found += [
            Violation("papers.line_alone", part.name, {"place": braced(LINES), "line": line})
            for line in wording.lines_of(written)
            if braced(LINES) in line and not (alone and line == braced(LINES))
        ]
    if found:
        raise RuleViolation(found)


def braced(place: str) -> str:
    return f"{{{place}}}"
