"""Bulk work: look first, then do, see what was done, take it back. A single person's action is a batch of one."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from peewee import SQL, fn

from tepei_admin.choices import Status
from tepei_admin.database import among, rows
from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation
from tepei_admin.exchange.export import Download
from tepei_admin.exchange.writers import Output, csv_chunks
from tepei_admin.messages import say, say_all
from tepei_admin.models import (
    Batch,
    BatchRow,
    Payment,
    Proposal,
    Region,
    Track,
    Trainee,
    Unit,
    Upload,
    User,
)
from tepei_admin.permissions import P
from tepei_admin.schema import Record
from tepei_admin.services import (
    batch,
    batches,
    clock,
    exports,
    outlook,
    person,
    requests,
    scope,
    undo,
    undo_drafts,
    undo_past,
)
from tepei_admin.services.asks import ASKS
from tepei_admin.services.plan import Line, Plan
from tepei_admin.services.verbs import SPECS
from tepei_admin.views import money, preview, sent, year
from tepei_admin.views.exports import attachment
from tepei_admin.views.resource import ResourceView, words
from tepei_admin.views.resource.chips import colour
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import KEY, carries
from tepei_admin.views.typed import problems

pages = Blueprint("batch_pages", __name__)
PK = "<int(max=2147483647):number>"
SHOWN = 300
"""People of a plan that the page lists; the others are counted."""
PAGE = 100
WORDS = {
    ("attest", "reason"): "证明材料",
    ("attest", "on"): "证明日期",
    ("admit", "on"): "批准日期",
    ("pay_payment", "on"): "支付日期",
    **{
        (verb, name): label
        for verb in ("no_show", "terminate", "disqualify")
        for name, label in (("on", "决定日期"), ("approval_no", "决定文号"))
    },
}
"""What an argument is called where its verb has a better word than `asks.ASKS`."""
WORDS |= {
    ("confirm_placement", "on"): "落实日期", ("notify", "on"): "通知日期", ("receive_notice", "on"): "收到通知日期",
    ("report_in", "on"): "实际报到日期", ("change_host", "on"): "批准日期", ("change_host", "host"): "新培养单位",
    ("change_host", "major"): "新培养专业", ("change_host", "actual_end"): "原安排结束日期",
    ("change_host", "planned_start"): "新计划开始日期（未报到的）", ("change_host", "supervisor"): "新导师",
    ("record_leave", "on"): "批准日期", ("assess", "on"): "考核日期", ("complete", "on"): "办理日期",
    ("complete", "actual_end"): "实际结束日期（空则为计划结束）",
}  # fmt: skip


# --- Look first


@dataclass(frozen=True)
class Field:
    """An argument that the verb asks for."""

    name: str
    label: str
    value: str
    needed: bool
    wrong: str
    kind: str
    limit: int
    options: Sequence[tuple[Any, str]] | None = None


@dataclass(frozen=True)
class Person:
    """A line of the plan as it is shown."""

    id: int
    name: str
    where: person.Where | None
    status: str
    chip: str
    text: str
    full: bool


@pages.get(f"/batches/look/{PK}")
@needs(P.READ)
def look(number: int) -> ResponseReturnValue:
    """What would happen. Reads only; arguments may stand in the address."""
    return _look(number, request.args, asked=bool(request.args))


@pages.post(f"/batches/confirm/{PK}")
@needs(P.READ)
def confirm(number: int) -> ResponseReturnValue:
    """Do it, if this is what was shown; the arguments may have been changed since, then it is shown again."""
    given = request.form
    if wrong := _typed(number, given):
        return _look(number, given, asked=True, refusal=RuleViolation(wrong))
    if "look" in given or given.get("shown", _digest(given)) != _digest(given):
        return _look(number, given, asked=True, changed="look" not in given)
    try:
        outcome = batch.confirm(actor(), number, _arguments(given))
    except Mendable as refusal:
        return _look(number, given, asked=True, refusal=refusal)
    if outcome.batch is None:
        return _look(number, given, asked=True, nobody=True)
    return redirect(f"/batches/{outcome.batch}", 303)


def _arguments(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in ASKS if name in given}


def _typed(number: int, given: Mapping[str, str]) -> tuple[Violation, ...]:
    """What no column could hold."""
    asks = [ASKS[name] for name in batch.look(actor(), number).spec.asks]
    return problems(*((ask.name, ask.label, given.get(ask.name, ""), ask.limit) for ask in asks))


def _digest(given: Mapping[str, str]) -> str:
    """Which arguments a page was made for."""
    values = sorted(
        (name, "\n".join(value.split("\r\n")).strip()) for name, value in _arguments(given).items()
    )
    text = json.dumps(values, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _look(
    number: int,
    given: Mapping[str, str],
    *,
    asked: bool,
    changed: bool = False,
    refusal: Refusal | None = None,
    nobody: bool = False,
) -> ResponseReturnValue:
    arguments, wrong = _arguments(given), tuple(refusal.violations) if refusal else ()
    try:
        found = batch.look(actor(), number, arguments)
    except RuleViolation as bad_date:
        wrong = (*wrong, *bad_date.violations)
        bad = {item.field for item in bad_date.violations}
        found = batch.look(actor(), number, {**arguments, **dict.fromkeys(filter(None, bad), "")})
    if found.used is not None:
        flash(say(Violation("verb.already_confirmed", params={"batch": found.used})), "wait")
        return redirect(f"/batches/{found.used}", 303)
    plan = None if any(item.field for item in wrong) else found.plan
    missing = {item.field: say(item) for item in (*found.missing, *wrong) if item.field in found.spec.asks}
    top = [say(item) for item in (*found.missing, *wrong) if item.field not in found.spec.asks]
    kept = found.args.as_dict()
    shown = {**kept, **kept.get("more", {}), **arguments}
    page = render_template(
        "batch/look.html",
        look=found,
        plan=plan,
        fields=[_field(found.spec, name, shown, missing) for name in found.spec.asks],
        asked=asked,
        top=list(dict.fromkeys(top)),
        changed=changed and not refusal,
        nobody=nobody,
        shown=_digest({name: str(shown.get(name, "")) for name in found.spec.asks}) if plan else "",
        groups=_reasons(plan.skipped) if plan else [],
        people=_people(plan.doable, found.spec.model) if plan else [],
        skipped=_people(plan.skipped, found.spec.model) if plan else [],
        money=money.groups_of(plan) if plan else None,
        waits=_waits(found.spec.name),
        chosen=[] if plan else _chosen(found.number, found.spec.model),
        may_open=actor().may(P.OPEN),
        limit=SHOWN,
        back=_back(found),
    )
    return page, refusal.status if refusal else 422 if nobody else 200


def _waits(verb: str) -> bool:
    """Whether what the verb opens takes effect only when another person has decided."""
    return verb in undo_drafts.OPENED_BY or (verb in SPECS and SPECS[verb].second_person)


def _field(spec: Any, name: str, values: Mapping[str, Any], wrong: Mapping[str, str]) -> Field:
    ask = ASKS[name]
    label = WORDS.get((spec.name, name)) or ask.label
    value = values.get(name)
    options: Sequence[tuple[Any, str]] | None = None
    if ask.kind in OPTIONS:
        options = OPTIONS[ask.kind]()
    elif ask.members is not None:
        options = ask.members.choices()
    return Field(
        name, label, "" if value is None else str(value), name in spec.needs, wrong.get(name, ""), ask.kind, ask.limit,
        options,
    )  # fmt: skip


def _units() -> list[tuple[int, str]]:
    query = Unit.select(Unit.id, Unit.name).where(Unit.sending == True, Unit.active == True)  # noqa: E712
    allowed = scope.scope(actor(), Unit)
    return list((query if allowed is None else query.where(allowed)).order_by(Unit.code).tuples())


def _tracks() -> list[tuple[int, str]]:
    programme = year.current()
    query = Track.select(Track.id, Track.label).where(Track.programme == (programme and programme.id))
    return list(query.order_by(Track.position, Track.id).tuples())


def _hosts() -> list[tuple[int, str]]:
    """Where a host lies decides which track it fits: it stands behind the name."""
    query = Unit.select(Unit.id, Unit.name, Region.code).left_outer_join(
        Region, on=(Unit.region == Region.id)
    )
    query = query.where(Unit.host == True, Unit.active == True).order_by(Unit.code)  # noqa: E712
    return [(number, f"{name}（{_whereabouts(code)}）") for number, name, code in query.tuples()]


def _whereabouts(region: str | None) -> str:
    return "所在地区未登记" if not region else "区内" if region.startswith("15") else "区外"


OPTIONS = {"unit": _units, "host": _hosts, "track": _tracks}


def _reasons(lines: Sequence[Line]) -> list[tuple[str, int]]:
    """Why people are skipped, the most frequent reason first."""
    return Counter(say(line.refused) for line in lines if line.refused).most_common()


def _people(lines: Sequence[Line], model: type[Record] = Trainee) -> list[Person]:
    whose = _whose([line.id for line in lines[:SHOWN]], model)
    where = person.whereabouts(actor(), list(whose.values()))
    return [
        _shown(
            whose.get(line.id, 0), line.name, where.get(whose.get(line.id)), batches.told(line), _full(line)
        )
        for line in lines[:SHOWN]
    ]


def _whose(ids: list[int], model: type[Record]) -> dict[int, int]:
    """The person of each row; rows of 往年学员 are no people of the panel."""
    if model is Trainee:
        return {number: number for number in ids}
    if "trainee" not in model._meta.fields:
        return {}
    return dict(model.select(model.id, model.trainee).where(among(model.id, ids)).tuples())


def _shown(number: int, name: str, where: person.Where | None, text: str, full: bool) -> Person:
    status = where.status if where else ""
    return Person(number, name, where, Status.label_of(status), colour(Status, status) or "plain", text, full)


def _full(line: Line) -> bool:
    """A waiver of the full quota may be asked for."""
    return line.refused is not None and line.refused.code in ("quota.full", "track.full")


def _chosen(number: int, model: type[Record]) -> list[Person]:
    """Who was chosen, while it cannot be said yet what would happen."""
    ids = [item for item, _ in Proposal.get_by_id(number).ids][:SHOWN]
    whose = _whose(ids, model)
    where = person.whereabouts(actor(), list(whose.values()))
    people = [whose[item] for item in ids if whose.get(item) in where]
    return [_shown(item, where[item].name, where[item], "", False) for item in people]


def _back(found: batch.Look) -> str:
    """To the one person, or to the list."""
    lines = found.plan.lines if found.plan else ()
    if found.count == 1:
        one = lines[0].id if lines else Proposal.get_by_id(found.number).ids[0][0]
        return f"/payments/{one}" if found.spec.model is Payment else f"/trainees/{one}"
    return "/payments/" if found.spec.model is Payment or money.proposes(found.spec.name) else "/trainees/"


# --- The result


class BatchView(ResourceView):
    """A batch: who was done, who was skipped and why; what it was given; taking it back."""

    counted = "批"
    details_template = "batch/batch.html"

    def details(self, row: Batch, revealed: Mapping[str, str]) -> dict[str, Any]:
        show = request.args.get("show", "")
        page = scope.number_of(request.args.get("page", "")) or 0
        hindrance = undo.may_undo(actor(), row)
        query = (
            _rows(row).where(BatchRow.done == (show == "done")) if show in ("done", "skipped") else _rows(row)
        )
        counts = dict(rows(_rows(row).select(BatchRow.done, fn.COUNT(SQL("*"))).group_by(BatchRow.done)))
        done, skipped = counts.get(1, 0), counts.get(0, 0)
        proposed, waits = requests.opened_by(row)
        total = {"done": done, "skipped": skipped}.get(show, done + skipped)
        return {
            "row": row,
            "by": row.by.name or row.by.username,
            "state_chip": self.columns["state"].cell(row.state),
            "arguments": _given(row),
            "lines": list(query.order_by(BatchRow.done.desc(), BatchRow.id).limit(PAGE).offset(page * PAGE)),
            "counts": {"": done + skipped, "done": done, "skipped": skipped},
            "show": show,
            "page": page,
            "pages": max(1, -(-total // PAGE)),
            "may_undo": hindrance is None,
            "why_not": "" if hindrance is None else say(hindrance),
            "undone_by": Batch.select(Batch.id)
            .where(Batch.undoes == row.id)
            .order_by(-Batch.id)
            .tuples()
            .first(),
            "proposed": proposed,
            "waits": waits,
            "verb": words.verb(row.verb),
            "certifies": actor().may(P.WORK),
            "only": _only(row, done + skipped),
            "outlook": outlook.of_batch(row),
            **_upload(row),
        }


def _upload(row: Batch) -> dict[str, Any]:
    """The file of an import: kept with its hash, and what was put right in it."""
    found = Upload.get_or_none(Upload.batch == row.id) if row.verb in ("import", undo_past.VERB) else None
    return {
        "upload": found,
        "looked_at": preview.address_of(found) if found else "",
        "may_fetch": found is not None and actor().may(P.ENTER) and preview.may_fetch(found),
    }


def _rows(row: Batch) -> Any:
    return BatchRow.select().where(BatchRow.batch == row.id)


def _only(row: Batch, count: int) -> int | None:
    """The one person of a batch of one: the way back to the page it came from."""
    found = _rows(row).select(BatchRow.object_id).where(BatchRow.model == "trainee").tuples().first()
    return found[0] if found and count == 1 and row.verb != "undo" else None


def _given(row: Batch) -> list[tuple[str, str]]:
    """What the verb was told, in words."""
    labels = {ask.name: ask.label for ask in ASKS.values()}
    names = {**labels, "file": "文件", "received": "收到日期", "sealed": "签字盖章"}
    found = []
    given = {**row.arguments, **row.arguments.get("more", {})}
    given.pop("more", None)
    for name, value in given.items():
        if name in ("unit", "host"):
            value = Unit.select(Unit.name).where(Unit.id == value).scalar() or value
        elif name == "track":
            value = Track.select(Track.label).where(Track.id == value).scalar() or value
        elif isinstance(value, bool):
            value = "是" if value else "否"
        elif name in ASKS and (members := ASKS[name].members) is not None:
            value = members.label_of(value)
        if name in names:
            found.append((WORDS.get((row.verb, name)) or names[name], value))
    return found


@pages.post(f"/batches/{PK}/result")
@needs(P.EXPORT)
def result(number: int) -> ResponseReturnValue:
    """The result as a file: a line a person."""
    row = scope.get(actor(), Batch, number)
    outputs = [Output("序号", "int"), Output("姓名"), Output("结果"), Output("说明")]
    lines = [
        (place, name, "已办" if done else "跳过", text)
        for place, (name, done, text) in enumerate(
            _rows(row).select(BatchRow.name, BatchRow.done, BatchRow.text).order_by(BatchRow.id).tuples(),
            start=1,
        )
    ]
    file_name = f"批次{row.id}结果.csv"
    exports.note(
        actor(), template="批次结果", file_name=file_name, format="csv", filter={"batch": row.id},
        row_count=len(lines), masked=True,
    )  # fmt: skip
    return attachment(Download(file_name, "text/csv", csv_chunks(outputs, lines)))


# --- Taking it back


@pages.get(f"/batches/{PK}/undo")
@needs(P.READ)
def look_undo(number: int) -> ResponseReturnValue:
    """Which rows can go back, and which not. Reads only."""
    return _undo_page(scope.get(actor(), Batch, number))


@pages.post(f"/batches/{PK}/undo")
@needs(P.READ)
@carries(KEY)
def do_undo(number: int) -> ResponseReturnValue:
    try:
        outcome = batch.undo(actor(), number, key=sent.key())
    except Mendable as refusal:
        return _undo_page(scope.get(actor(), Batch, number), say_all(refusal), refusal.status)
    if outcome.batch is None:
        row = scope.get(actor(), Batch, number)
        return _undo_page(row, status=422)
    flash(f"批次 {number} 已撤销 {len(outcome.done)} 项", "ok")
    return redirect(f"/batches/{outcome.batch}", 303)


def _undo_page(row: Batch, refused: str = "", status: int = 200) -> ResponseReturnValue:
    hindrance = undo.may_undo(actor(), row)
    if hindrance is not None and hindrance.code == "undo.not_yours":
        actor().require(P.UNDO_ANY)
    made: Plan | None = undo.plan_undo(actor(), row) if hindrance is None else None
    page = render_template(
        "batch/undo.html",
        row=row,
        by=User.get_by_id(row.by_id),
        plan=made,
        removes=made is not None and any("delete" in line.values for line in made.doable),
        refused=refused or (say(hindrance) if hindrance else ""),
        people=_people(made.doable, undo.lines_of(row)) if made else [],
        skipped=_people(made.skipped, undo.lines_of(row)) if made else [],
        voids=row.verb in undo_drafts.OPENED_BY,
        imported=row.verb in ("import", undo_past.VERB),
        counted="笔" if row.verb in undo_drafts.OPENED_BY else "条" if row.verb in undo_past.LINES else "人",
        limit=SHOWN,
        today=clock.today(),
    )
    return page, status
