"""公文: 报到通知 to people, 取消资格通报 and 追缴通知书 of cases; and the office's own texts of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import LetterKind
from tepei_admin.database import among
from tepei_admin.errors import NotFound, Refusal, RuleViolation, Violation
from tepei_admin.exchange import papers
from tepei_admin.messages import say
from tepei_admin.models import LetterText, Termination, Trainee
from tepei_admin.permissions import P
from tepei_admin.rules.letters import PLACES
from tepei_admin.schema import Record
from tepei_admin.services import clock, letters
from tepei_admin.services.scope import number_of, visible
from tepei_admin.views.exports import attachment
from tepei_admin.views.resource import ResourceView, bulk, related
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.typed import problem

pages = Blueprint("letter_pages", __name__)
MOST = 1000
"""Letters in one file."""
PAY_WITHIN = 30  # days, proposed


class LetterTextView(ResourceView):
    counted = "种"
    details_template = "letters/text.html"
    groups = (
        ("文书", ("kind", "office", "title", "salutation", "body", "attachments")),
        ("收款账户", ("account_holder", "account_bank", "account_no")),
    )

    def details(self, row: Record, revealed: Mapping[str, str]) -> dict[str, Any]:
        places = PLACES[LetterKind(row.kind)]
        return {**super().details(row, revealed), "places": list(places.items())}


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    kind: str = "line"
    limit: int = 64
    value: str = ""
    help: str = ""
    wrong: str = ""


def _kind(text: str) -> LetterKind:
    for kind in LetterKind:
        if kind == text:
            return kind
    raise NotFound(Violation("access.not_found"))


@pages.post("/letters/<kind>/choose")
@needs(P.WORK)
def choose(kind: str) -> ResponseReturnValue:
    """From a list's ticks to the page that asks what no record says."""
    which = _kind(kind)
    view = related.view_of(Trainee if which is LetterKind.NOTIFY else Termination)
    state = view._posted_state()
    ids = view.listing(state).ids() if request.form.get("all") else bulk.ticked(request.form)
    if not ids or len(ids) > MOST:
        flash("请先勾选" if not ids else f"一次至多 {MOST} 份，请缩小筛选范围", "bad")
        return redirect(f"{view.url}/{state.query()}", 303)
    return redirect(f"/letters/{which.value}?ids={','.join(map(str, ids))}", 303)


@pages.get("/letters/<kind>")
@needs(P.WORK)
def ask(kind: str) -> ResponseReturnValue:
    which = _kind(kind)
    return _page(which, _ids(request.args.get("ids", "")), {})


@pages.post("/letters/<kind>")
@needs(P.WORK)
def printed(kind: str) -> ResponseReturnValue:
    """The letters as one PDF; `sample` prints 样张 across them."""
    which, ids = _kind(kind), _ids(request.form.get("ids", ""))
    try:
        given = _given(which)
        found = papers.letters_of(actor(), which, ids, given, sample=bool(request.form.get("sample")))
    except RuleViolation as refusal:
        return _page(which, ids, request.form, refusal), 422
    return attachment(found)


def _ids(text: str) -> list[int]:
    found = [number for part in text.split(",")[:MOST] if (number := number_of(part))]
    return list(dict.fromkeys(found))


def _fields(kind: LetterKind) -> list[Field]:
    text, today = letters.text_of(kind), clock.today()
    found = [
        Field("office", "发文机关", value=text.office),
        Field("number", "发文字号", help="如 内人社函〔2019〕128号；可空"),
        Field("date", "成文日期", "day", value=today.isoformat()),
    ]
    if kind is LetterKind.NOTIFY:
        found.append(Field("report_on", "报到日期", "day", help="空则取计划开始日期"))
    if kind is LetterKind.CIRCULAR:
        found.append(Field("addressee", "通报对象", limit=255, help="空则取案卷所记"))
    if kind is LetterKind.RECOVERY:
        found.append(Field("pay_by", "付款期限", "day", value=(today + dt.timedelta(PAY_WITHIN)).isoformat()))
    return found


def _given(kind: LetterKind) -> dict[str, Any]:
    """What was typed: texts and dates. Raises `RuleViolation`."""
    read: dict[str, Any] = {}
    wrong: list[Violation] = []
    for field in _fields(kind):
        text = request.form.get(field.name, "").strip()
        if bad := problem(field.name, field.label, text, field.limit):
            wrong.append(bad)
        elif field.kind != "day":
            read[field.name] = text
        elif text:
            try:
                read[field.name] = dt.date.fromisoformat(text)
            except ValueError:
                params = {"label": field.label, "value": text[:40]}
                wrong.append(Violation("record.not_date", field.name, params))
    if wrong:
        raise RuleViolation(wrong)
    return read


def _page(kind: LetterKind, ids: list[int], given: Mapping[str, str], refusal: Refusal | None = None) -> str:
    found = refusal.violations if refusal else ()
    fields = _fields(kind)
    names = {field.name for field in fields}
    wrong = {item.field: say(item) for item in found if item.field in names}
    shown = [
        Field(
            field.name, field.label, field.kind, field.limit, given.get(field.name, field.value), field.help,
            wrong.get(field.name, ""),
        )
        for field in fields
    ]  # fmt: skip
    top = [say(item) for item in found if item.field not in names]
    return render_template(
        "letters/print.html",
        kind=kind,
        fields=shown,
        ids=",".join(map(str, ids)),
        people=_named(kind, ids),
        top=top[: papers.NAMED],
        more=max(0, len(top) - papers.NAMED),
        account=letters.text_of(kind).account if kind is LetterKind.RECOVERY else {},
        text=_text_row(kind),
        may_edit=actor().may(P.SETUP),
    )


def _named(kind: LetterKind, ids: list[int]) -> list[tuple[int, str]]:
    """Who the letters are about: (number of the person, name)."""
    if kind is LetterKind.NOTIFY:
        query = visible(actor(), Trainee).select(Trainee.id, Trainee.name).where(among(Trainee.id, ids))
        return list(query.order_by(Trainee.id).tuples())
    query = visible(actor(), Termination).select(Trainee.id, Trainee.name).join(Trainee)
    return list(query.where(among(Termination.id, ids)).order_by(Termination.id).tuples())


def _text_row(kind: LetterKind) -> int | None:
    found = LetterText.select(LetterText.id).where(LetterText.kind == kind.value).tuples().first()
    return found[0] if found else None
