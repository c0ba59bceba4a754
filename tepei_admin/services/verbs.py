"""Every verb that can be done to a set of people: who may, what it asks for, its plan. One registry.

`perform` is the command behind the one-person button, the bulk action, the import and the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import Status, Verb
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import Certificate, Payment, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.lifecycle import TRANSITIONS
from tepei_admin.schema import Record
from tepei_admin.services import (
    assessments,
    batches,
    certificates,
    documents,
    drafts,
    eligibility,
    host_change,
    leaves,
    payments,
    placements,
    requests,
    stays,
    terminations,
    trainees,
)
from tepei_admin.services.command import command
from tepei_admin.services.lifecycle import move
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan, sound
from tepei_admin.services.work import in_hand


@dataclass(frozen=True)
class VerbSpec:
    """One verb. `asks` names the arguments of its form in order (`asks.ASKS`); `needs` those that must be given.

    `apply` does what the plan says, where that is more than `move`; it may return the plan as it came out.
    `statuses`: where a person may stand for it (of a verb of the life cycle: its sources). `model` is what the verb
    is done to, `counted` what that is counted in; `shown` the list that offers it, where that is another. `offered`:
    it stands among the buttons of lists and of a person's page.
    """

    name: str
    label: str
    right: P
    plan: Callable[[Actor, Ids, Args], Plan]
    asks: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    undoable: bool = False
    second_person: bool = False
    apply: Callable[[Plan], Plan | None] | None = None
    main: bool = False
    danger: bool = False
    model: type[Record] = Trainee
    statuses: frozenset[Status] = frozenset()
    counted: str = "人"
    offered: bool = True
    shown: type[Record] | None = None


@dataclass(frozen=True)
class Offer:
    """A button."""

    name: str
    label: str
    main: bool
    danger: bool


def _spec(verb: Verb, right: P, asks: Sequence[str], needs: Sequence[str] = (), **options: Any) -> VerbSpec:
    planner = options.pop("plan", None) or requests.PLANNERS.get(verb) or trainees.PLANNERS[verb]
    transition = TRANSITIONS[verb]
    return VerbSpec(
        verb.value, verb.label, right, planner, tuple(asks), frozenset(needs),
        undoable=transition.undoable, second_person=transition.second_person, statuses=transition.sources, **options,
    )  # fmt: skip


def _step(name: str, plan: Any, asks: Sequence[str], needs: Sequence[str], **options: Any) -> VerbSpec:
    """A step of the placement that moves nobody."""
    return VerbSpec(
        name, stays.LABELS[name], P.WORK, plan, tuple(asks), frozenset(needs),
        undoable=True, apply=placements.apply, statuses=stays.STATUSES[name], **options,
    )  # fmt: skip


_HOST = ("host", "major", "planned_start", "supervisor", "supervisor_title")
_LEAVE = ("leave_state", "starts", "ends", "host_approval", "on", "leave_reason")
_CHANGE = (
    "on",
    "approval_no",
    "host",
    "major",
    "changed_on",
    "actual_end",
    "planned_start",
    "supervisor",
    "reason",
)
_GRADE = ("assessment", "on", "grade", "opinion")


def _decides(verb: Verb) -> VerbSpec:
    """Deciding the open case is the verb: nothing is opened by it, and no list offers it."""
    return VerbSpec(
        verb.value, verb.label, P.DECIDE, terminations.PLANNERS[verb], ("on", "approval_no"), frozenset({"on"}),
        apply=terminations.decide, danger=True, offered=False,
    )  # fmt: skip


def _entry(
    name: str, label: str, plan: Any, asks: Sequence[str], needs: Sequence[str], **options: Any
) -> VerbSpec:
    """Something put on record that moves nobody."""
    return VerbSpec(name, label, P.WORK, plan, tuple(asks), frozenset(needs), **options)


def _money(step: str, label: str, right: P, apply: Any, asks: Sequence[str] = (), **options: Any) -> VerbSpec:
    return VerbSpec(
        f"{step}_payment", label, right, payments.PLANNERS[step], tuple(asks), apply=apply, model=Payment, counted="笔",
        **options,
    )  # fmt: skip


SPECS: dict[str, VerbSpec] = {
    spec.name: spec
    for spec in (
        VerbSpec("check", "核查资格", P.CHECK, eligibility.plan_check),
        _spec(Verb.ATTEST, P.ENTER, ("on", "reason"), ("on", "reason")),
        _spec(Verb.RECOMMEND, P.WORK, ("on",), ("on",), main=True),
        _spec(Verb.ADMIT, P.WORK, ("on", "approval_no"), ("on", "approval_no")),
        _spec(Verb.TRANSFER, P.WORK, ("on", "unit", "track", "reason"), ("on", "reason")),
        _spec(Verb.REJECT, P.WORK, ("on", "reason"), ("on", "reason"), danger=True),
        _spec(Verb.WITHDRAW, P.WORK, ("on", "reason", "approval_no"), ("on", "reason"), danger=True),
        _spec(Verb.REINSTATE, P.OPEN, ("on", "reason"), ("on", "reason")),
        # 培养
        _step("assign_host", placements.plan_assign, _HOST, ("host", "planned_start"), main=True),
        _step("confirm_placement", placements.plan_confirm, ("on", "approval_no"), ("on",), main=True),
        _spec(
            Verb.NOTIFY,
            P.WORK,
            ("on",),
            ("on",),
            plan=placements.plan_notify,
            apply=placements.apply,
            main=True,
        ),
        _step("receive_notice", placements.plan_receive, ("on",), ("on",)),
        _spec(
            Verb.REPORT_IN,
            P.WORK,
            ("on",),
            ("on",),
            plan=placements.plan_report_in,
            apply=placements.apply,
            main=True,
        ),
        _step("change_host", host_change.plan_change, _CHANGE, ("on", "approval_no", "reason")),
        _entry(
            "record_leave",
            "登记请假",
            leaves.plan_leave,
            _LEAVE,
            ("leave_state", "starts", "ends"),
            undoable=True,
            apply=leaves.apply,
            statuses=leaves.STATUSES,
        ),
        _entry(
            "record_absence",
            "登记未经批准离开",
            leaves.plan_absence,
            ("starts", "ends", "leave_reason"),
            ("starts", "ends"),
            undoable=True,
            apply=leaves.apply,
            statuses=leaves.STATUSES,
        ),
        _entry(
            "assess",
            "登记考核",
            assessments.plan_assess,
            _GRADE,
            ("assessment", "on", "grade"),
            undoable=True,
            apply=assessments.apply_assess,
            statuses=frozenset({Status.TRAINING}),
        ),
        _spec(
            Verb.COMPLETE,
            P.WORK,
            ("on", "actual_end"),
            ("on",),
            plan=assessments.plan_complete,
            apply=placements.apply,
            main=True,
        ),
        *(_decides(verb) for verb in terminations.PATHS),
        VerbSpec(
            "propose_tuition", "提出学费", P.OPEN, drafts.plan_tuition, apply=drafts.open_due, undoable=True
        ),
        VerbSpec(
            "propose_stipend",
            "提出生活补贴",
            P.OPEN,
            drafts.plan_stipend,
            apply=drafts.open_due,
            undoable=True,
        ),
        _money("approve", "核准", P.DECIDE, payments.approve, main=True),
        _money("pay", "登记支付", P.OPEN, payments.pay, ("on", "voucher"), main=True),
        _money("void", "作废", P.OPEN, payments.void, ("reason",), danger=True),
        _money("reverse", "冲正", P.OPEN, payments.open_reversals, ("reason",), danger=True, undoable=True),
        _spec(
            Verb.CERTIFY, P.WORK, ("on",), ("on",), plan=certificates.plan_certify, apply=certificates.issue
        ),
        _entry(
            "hand_over",
            "交付证书",
            certificates.plan_hand_over,
            ("on",),
            ("on",),
            apply=certificates.hand_over,
            main=True,
            shown=Certificate,
        ),
        _entry(
            "reissue",
            "补发证书",
            certificates.plan_reissue,
            ("on", "reason"),
            ("on",),
            apply=certificates.reissue,
            shown=Certificate,
        ),
        _spec(
            Verb.VOID_CERTIFICATE, P.OPEN, ("on", "reason"), ("on", "reason"), danger=True, shown=Certificate
        ),
        _spec(
            Verb.REVOKE_CERTIFICATE,
            P.OPEN,
            ("on", "reason"),
            ("on", "reason"),
            danger=True,
            shown=Certificate,
        ),
        _entry(
            "receive",
            "登记材料",
            documents.plan_receive,
            ("on", "document"),
            ("on", "document"),
            apply=documents.receive_many,
        ),
        _entry(
            "archive",
            "送档",
            documents.plan_archive,
            ("on", "archived_to"),
            ("on", "archived_to"),
            apply=documents.archive,
        ),
    )
}


def spec(name: str, model: type[Record] | None = None) -> VerbSpec:
    """Raises `RuleViolation` for a verb there is none of, or that is not done to such rows."""
    known = [item for item in SPECS.values() if model is None or model in (item.model, item.shown)]
    if not any(item.name == name for item in known):
        labels = "、".join(f"{item.name}（{item.label}）" for item in known)
        raise RuleViolation(Violation("verb.unknown", params={"verb": name, "verbs": labels}))
    return SPECS[name]


def listed(item: VerbSpec) -> type[Record]:
    """The model whose list offers the verb."""
    return item.shown or item.model


def offered(actor: Actor, model: type[Record]) -> list[Offer]:
    """The bulk actions of a list, as far as this actor has the right."""
    return [
        Offer(item.name, item.label, item.main, item.danger)
        for item in SPECS.values()
        if listed(item) is model and item.offered and actor.may(item.right)
    ]


def plan(actor: Actor, name: str, ids: Ids, args: Args, versions: Mapping[int, int] | None = None) -> Plan:
    """What would happen. Raises `NotAllowed`, and `RuleViolation` for an argument that is missing."""
    item = spec(name)
    actor.require(item.right)
    sound(args)
    made = item.plan(actor, ids, args)
    if versions is None:
        return made
    return replace(made, lines=tuple(_unless_changed(line, versions) for line in made.lines))


def _unless_changed(line: Line, versions: Mapping[int, int]) -> Line:
    if versions.get(line.id, line.version) == line.version:
        return line
    return replace(line, refused=Violation("verb.changed_meanwhile"))


@command(None)
def perform(
    actor: Actor,
    name: str,
    ids: Ids,
    args: Args,
    *,
    versions: Mapping[int, int] | None = None,
    reason: str = "",
) -> Outcome:
    """Do the verb to everybody it can be done to, as one batch. Nobody at all: nothing is written."""
    item = spec(name)
    made = plan(actor, name, ids, args, versions)
    if not made.doable:
        return Outcome(None, skipped=made.skipped)
    work = in_hand()
    work.verb, work.reason = name, reason or args.reason
    title = f"{item.label} {len(made.doable)} {item.counted}"
    work.batch_id = batches.begin(actor, name, title, made, programme=_programme(item, made))
    waiting: tuple[int, ...] = ()
    if item.second_person:
        waiting = requests.open_all(actor, Verb(name), made)
    else:
        if item.apply is not None:
            made = item.apply(made) or made
        elif name != "check":
            move(made.doable, Verb(name), args)
        if "results" in made.extra:
            done = {line.id for line in made.doable}
            eligibility.store(
                {person: item for person, item in made.extra["results"].items() if person in done}
            )
    batches.close(work.batch_id, made, item.model)
    return Outcome(work.batch_id, tuple(line.id for line in made.doable), made.skipped, waiting)


def _programme(item: VerbSpec, made: Plan) -> int | None:
    """The year of rows that are no people."""
    if item.model is Trainee:
        return None
    return int(item.model.select(item.model.programme).where(item.model.id == made.lines[0].id).scalar())
