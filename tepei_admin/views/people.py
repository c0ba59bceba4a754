"""学员档案: one person's page, and what is done from it to this one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tepei_admin import models as m
from tepei_admin.choices import Grade, LeaveState, PlacementState, Rule, Status, Verdict, WaiverKind
from tepei_admin.errors import Mendable, RuleViolation
from tepei_admin.messages import say, say_all
from tepei_admin.permissions import P
from tepei_admin.rules.calendar import PartialDate, completed_years
from tepei_admin.rules.lifecycle import verbs_from
from tepei_admin.schema import STAMPS, Record
from tepei_admin.services import batch, clock, person, requests, scope, training, verbs
from tepei_admin.services.plan import Args
from tepei_admin.views import money, person_papers, sent
from tepei_admin.views.resource import chips, history, related, words
from tepei_admin.views.resource import pages as parts
from tepei_admin.views.resource.columns import NO_NAMES, RefColumn
from tepei_admin.views.resource.listing import Listing, labels, names_of
from tepei_admin.views.resource.state import State
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import KEY, carries
from tepei_admin.views.trainees import TraineeView
from tepei_admin.views.typed import LONGEST, problems

pages = Blueprint("people", __name__)
PK = "<int(max=2147483647):pk>"
STEPS = {
    Status.APPLIED: "申报", Status.RECOMMENDED: "推荐", Status.ADMITTED: "录取", Status.NOTIFIED: "通知",
    Status.TRAINING: "在培", Status.COMPLETED: "考核", Status.CERTIFIED: "发证",
}  # fmt: skip
SECTIONS = (
    m.Payment, m.Termination, m.Waiver, m.Request,
)  # fmt: skip
PAYMENTS = "/payments"
"""The section that stands in the card of money."""
SHOWN = 20
"""Rows of a section; more are on its list."""
FACTS = {
    "reference_date": "基准日", "age": "周岁", "age_low": "周岁（最小）", "age_high": "周岁（最大）",
    "age_limit": "年龄上限", "age_reading": "年龄口径", "years_low": "整年（最少）", "years_high": "整年（最多）",
    "years_stated": "单位所报年数", "unit_level": "单位层级", "health": "身心健康", "conduct": "政治品行",
    "deadline": "截止日", "earlier": "往年记录",
}  # fmt: skip
OF_AGE = frozenset(
    {"birth_date", "birth_date_written", "age", "age_low", "age_high", "age_limit", "age_reading"}
)
"""Said under the age itself; other findings carry them along."""


@dataclass(frozen=True)
class Section:
    """What hangs on a person: the newest rows of another list."""

    title: str
    url: str
    headers: list[Any]
    rows: list[tuple[int, list[Markup]]]
    more: bool


class PersonView(TraineeView):
    details_template = "person/person.html"

    def details(self, row: m.Trainee, revealed: Mapping[str, str]) -> dict[str, Any]:
        reference = row.programme.reference_date or row.programme.materials_deadline
        steps, left = person.journey(row)
        checked, asks = person.checked(row.id), person.waivers(row.id)
        shown = [name for name in self.columns if name not in STAMPS]
        year = training.of(row)
        found = sections(row.id)
        names = {
            column.name: labels(column.target, [number])
            for column in self.columns.values()
            if isinstance(column, RefColumn) and (number := row.__data__.get(column.name)) is not None
        }
        texts = {
            name: revealed.get(name)
            or self.columns[name].text(row.__data__.get(name), names.get(name, NO_NAMES))
            for name in shown
        }
        return {
            "row": row,
            "title": row.name,
            "texts": texts,
            "revealed": revealed,
            "status_chip": self.columns["status"].cell(row.status),
            "result_chip": self.columns["eligibility"].cell(row.eligibility) if row.eligibility else "",
            "age": _age(row.birth_date, reference),
            "place": person.belonging(row, reference),
            "steps": [(STEPS[step.status], step) for step in steps],
            "left": left,
            "checked": checked,
            "facts": {found.rule: _facts(found.facts, found.rule) for found in checked.findings}
            if checked
            else {},
            "asked": {
                found.rule: ask
                for found in (checked.findings if checked else ())
                if (ask := person.asked_for(asks, found.rule))
            },
            "quota_asked": person.asked_for(asks),
            "may_open": actor().may(P.OPEN),
            "may_check": actor().may(P.CHECK),
            "offers": _offers(row, year),
            "training": year,
            "steps_open": training.offers(actor(), row, year),
            "may_work": actor().may(P.WORK),
            "chip": _chip,
            "all_sections": parts.sections(self, shown),
            "sections": [section for section in found if section.url != PAYMENTS],
            "payments": next((section for section in found if section.url == PAYMENTS), None),
            "money": money.of_person(row),
            "filed": person_papers.of(row),
            "history": history.of_person(row.id),
            "verdicts": Verdict.label_of,
            "state": self.state(),
            "neighbours": parts.neighbours(self, row.id),
        }


def _age(born: str, on: dt.date) -> str:
    """45周岁, as far as the birth date tells."""
    day = PartialDate.parse(born)
    if day is None:
        return ""
    low, high = completed_years(day.latest, on), completed_years(day.earliest, on)
    return f"{low}周岁" if low == high else f"{low}–{high}周岁"


def _facts(facts: Mapping[str, Any], rule: str) -> list[tuple[str, str]]:
    """The values that a finding used, with their names; what is empty says nothing."""
    read = []
    for key, value in facts.items():
        if key in OF_AGE and rule != Rule.AGE:
            continue
        if value in (None, "", [], {}) or isinstance(value, list | dict):
            continue
        field = m.Trainee._meta.fields.get(key)
        label = FACTS.get(key) or (field.verbose_name if field is not None else "")
        if label and not (key in ("age_low", "age_high") and facts.get("age") is not None):
            read.append((label, _fact(field, value)))
    return read


def _fact(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return words.yes_no(value)
    known = dict(getattr(field, "choices", None) or ())
    if value in known:
        return str(known[value])
    text = str(value)
    return words.partial_day(text) if PartialDate.parse(text) and "-" in text else _CHOICES.get(text, text)


_CHOICES = {
    "completed": "周岁不超过限龄", "born_after": "在基准日减限龄之日或以后出生",
    "region": "自治区直属", "league": "盟市", "county": "旗县", "branch": "驻盟市的区直分支机构",
}  # fmt: skip


CHIPS = {"placement": PlacementState, "leave": LeaveState, "grade": Grade}


def _chip(kind: str, value: str) -> Markup:
    """A state as a chip, for the sections of the training year."""
    members = CHIPS[kind]
    look = chips.colour(members, value) or "plain"
    return Markup('<span class="chip {}">{}</span>').format(look, members.label_of(value))


def _offers(row: m.Trainee, year: training.Year) -> list[verbs.VerbSpec]:
    """The buttons: what the life cycle allows here and this actor may do."""
    legal = [verb.value for verb in verbs_from(Status(row.status)) if not training.premature(verb, year)]
    return [
        verbs.SPECS[name]
        for name in legal
        if name in verbs.SPECS and verbs.SPECS[name].offered and actor().may(verbs.SPECS[name].right)
    ]


def sections(trainee: int) -> list[Section]:
    """The lists that have rows for this person, each with its newest; one query a list and one a foreign key."""
    found = [section for model in SECTIONS if (section := _section(model, trainee))]
    return found


def _section(model: type[Record], trainee: int) -> Section | None:
    view = related.view_of(model)
    if view is None or not actor().may(model.panel.read):
        return None
    state = State(page_size=SHOWN, filters=(("trainee", str(trainee)),))
    columns = [column for column in view.listed if column.name != "trainee"]
    table = Listing(view, actor(), state, None).rows(columns)
    if not table:
        return None
    names = names_of(columns, table)
    rows = [
        (
            number,
            [
                column.cell(value, names.get(column.name, NO_NAMES))
                for column, value in zip(columns, values, strict=True)
            ],
        )
        for number, *values in table
    ]
    return Section(model.panel.title, view.url, columns, rows, len(rows) == SHOWN)


# --- What is done from the page

WAIVED = {WaiverKind.QUOTA: "名额", WaiverKind.GRADE: "结业考核基本合格"}


@pages.post(f"/trainees/{PK}/do")
@needs(P.READ)
def do(pk: int) -> ResponseReturnValue:
    """A proposal of one; it is looked at before anything happens."""
    verb = request.form.get("verb", "")
    scope.get(actor(), m.Trainee, pk)
    try:
        verbs.spec(verb, m.Trainee)
        number = batch.propose(actor(), verb, [pk], {})
    except RuleViolation as refusal:
        flash(say_all(refusal), "bad")
        return redirect(f"/trainees/{pk}", 303)
    return redirect(f"/batches/look/{number}", 303)


@pages.post(f"/trainees/{PK}/check")
@needs(P.CHECK)
def check(pk: int) -> ResponseReturnValue:
    """Compute the eligibility afresh: it decides nothing and can be done at any time."""
    scope.get(actor(), m.Trainee, pk)
    verbs.perform(actor(), "check", [pk], Args(on=clock.today()))
    flash("已重新核查", "ok")
    return redirect(f"/trainees/{pk}{_query()}#eligibility", 303)


def _query() -> str:
    """The list one came from, which the address carries."""
    text = request.query_string.decode("ascii", "replace")
    return f"?{text}" if text else ""


@pages.route(f"/trainees/{PK}/waive", methods=("GET", "POST"))
@needs(P.OPEN)
@carries(KEY)
def waive(pk: int) -> ResponseReturnValue:
    """特批: asked for by one person with a written reason, decided by another."""
    row = scope.get(actor(), m.Trainee, pk)
    given = request.values
    asked = given.get("kind")
    kind = WaiverKind(asked) if asked in set(WaiverKind) else WaiverKind.FINDING
    page: dict[str, Any] = {
        "row": row,
        "kind": kind,
        "rule": given.get("rule", ""),
        "what": WAIVED.get(kind) or Rule.label_of(given.get("rule", "")),
        "reason": request.form.get("reason", ""),
        "approval_no": request.form.get("approval_no", ""),
        "errors": {},
        "refused": "",
    }
    if request.method == "GET":
        return render_template("person/waive.html", **page, finding=_finding(pk, page["rule"]))
    try:
        if wrong := problems(
            ("reason", "书面理由", page["reason"], LONGEST),
            ("approval_no", "批准文号", page["approval_no"], 64),
        ):
            raise RuleViolation(wrong)
        requests.open_waiver(
            actor(),
            pk,
            kind=kind.value,
            rule=page["rule"],
            reason=page["reason"],
            approval_no=page["approval_no"],
            key=sent.key(),
        )
    except Mendable as refusal:
        page["errors"] = {
            item.field: say(item) for item in refusal.violations if item.field in ("reason", "approval_no")
        }
        page["refused"] = "；".join(
            say(item) for item in refusal.violations if item.field not in page["errors"]
        )
        return render_template(
            "person/waive.html", **page, finding=_finding(pk, page["rule"])
        ), refusal.status
    flash("已提出特批，等待另一位核准", "ok")
    return redirect(f"/trainees/{pk}", 303)


def _finding(trainee: int, rule: str) -> person.Found | None:
    checked = person.checked(trainee)
    return next((found for found in checked.findings if found.rule == rule), None) if checked else None
