"""培养安排: proposed, confirmed, begun, changed, ended. Each step is a verb on a set of trainees: plan, then apply.

A plan keeps what it would write of placements in `extra["placements"]`: {trainee: [(number or None, values)]}.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from tepei_admin.choices import Arranger, PlacementState, Status, Verb
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import AuditEntry, Placement, Programme, StatusChange, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.term import planned_end
from tepei_admin.services import record, scope
from tepei_admin.services.command import command
from tepei_admin.services.lifecycle import move
from tepei_admin.services.people import Person, hindrance
from tepei_admin.services.plan import Args, Ids, Line, Plan, needs
from tepei_admin.services.stays import OPEN, Ground, Stay, ground, open_of, standing, with_stay

Write = tuple[int | None, dict[str, Any]]

# --- Proposing and confirming (九（二）)


def plan_assign(actor: Actor, people: Ids, args: Args) -> Plan:
    """拟定: a host, a major, a start; the term is the year's months (三). A proposal may be proposed anew."""
    needs(args, "host", "planned_start")
    here, number, start = (
        ground(actor, people, args.more["host"]),
        args.more["host"],
        args.day("planned_start"),
    )
    host = here.hosts.get(number)
    ensure(
        host and host.host and host.active,
        "placement.not_host",
        "host",
        host=host.name if host else "（未选）",
    )
    majors = dict(
        Trainee.select(Trainee.id, Trainee.training_major)
        .where(among(Trainee.id, [person.id for person in here.people]))
        .tuples()
    )
    writes: dict[int, list[Write]] = {}

    def line(person: Person) -> Line:
        stay = here.stays.get(person.id)
        refused = standing(person, "assign_host")
        if refused is None and stay and stay.state is not PlacementState.PROPOSED:
            params = {"state": stay.state.label, "host": here.name(stay.host)}
            refused = Violation("placement.already_confirmed", params=params)
        refused = refused or here.problem(person, number)
        assert start is not None and host is not None
        end = planned_end(start, here.months[person.programme])
        row = {
            "host": number,
            "major": args.more.get("major") or majors.get(person.id, ""),
            "supervisor": args.more.get("supervisor", ""),
            "supervisor_title": args.more.get("supervisor_title", ""),
            "planned_start": start,
            "planned_end": end,
            "arranged_by": here.tracks[person.track].arranged_by or Arranger.DEPARTMENT.value,
        }
        note = {"host": host.name, "start": chinese(start), "end": chinese(end)}
        if stay:
            writes[person.id] = [(stay.id, row)]
            before = Violation("placement.proposed_anew", params={**note, "before": here.name(stay.host)})
            return person.line(refused, before if stay.host != number else _proposed(note))
        writes[person.id] = [(None, {"trainee": person.id, "state": PlacementState.PROPOSED.value, **row})]
        return person.line(refused, _proposed(note))

    return Plan("assign_host", args, tuple(map(line, here.people)), extra={"placements": writes})


def _proposed(note: Mapping[str, str]) -> Violation:
    return Violation("placement.proposed", params=note)


def plan_confirm(actor: Actor, people: Ids, args: Args) -> Plan:
    """落实: the proposal holds; the host is looked at once more."""
    here = ground(actor, people)
    writes: dict[int, list[Write]] = {}

    def line(person: Person) -> Line:
        stay = here.stays.get(person.id)
        refused = standing(person, "confirm_placement")
        if refused is None and stay and stay.state is PlacementState.CONFIRMED:
            params = {"state": stay.state.label, "host": here.name(stay.host)}
            refused = Violation("placement.already_confirmed", params=params)
        refused = refused or with_stay(stay, PlacementState.PROPOSED)
        if stay is None:
            return person.line(refused)
        values: dict[str, Any] = {"state": PlacementState.CONFIRMED.value, "approved_on": args.on}
        if args.approval_no:
            values["approval_no"] = args.approval_no
        writes[person.id] = [(stay.id, values)]
        return person.line(refused or here.problem(person, stay.host), _at(here, stay))

    return Plan("confirm_placement", args, tuple(map(line, here.people)), extra={"placements": writes})


def _at(here: Ground, stay: Stay) -> Violation:
    return Violation("placement.at", params={"host": here.name(stay.host), "major": stay.major or "专业未定"})


# --- The notice and the report-in (四（三）)


def plan_notify(actor: Actor, people: Ids, args: Args) -> Plan:
    """通知报到: a confirmed placement with its dates, at a host that fits the track."""
    here = ground(actor, people)
    writes: dict[int, list[Write]] = {}

    def line(person: Person) -> Line:
        stay = here.stays.get(person.id)
        refused = hindrance(person, Verb.NOTIFY, args) or with_stay(stay, PlacementState.CONFIRMED)
        if stay is None:
            return person.line(refused)
        if refused is None and stay.planned_start is None:
            refused = Violation("placement.no_dates")
        writes[person.id] = [(stay.id, {"notified_on": args.on})]
        return person.line(
            refused or here.problem(person, stay.host), _at(here, stay), status=Status.NOTIFIED.value
        )

    return Plan(Verb.NOTIFY, args, tuple(map(line, here.people)), extra={"placements": writes})


def plan_receive(actor: Actor, people: Ids, args: Args) -> Plan:
    """The notice has arrived: from here on staying away without cause is case 1 of 六（六）."""
    here = ground(actor, people)
    writes: dict[int, list[Write]] = {}

    def line(person: Person) -> Line:
        stay = here.stays.get(person.id)
        refused = standing(person, "receive_notice") or with_stay(stay, PlacementState.CONFIRMED)
        if stay is None:
            return person.line(refused)
        if refused is None and stay.notice_received_on:
            refused = Violation("placement.notice_known", params={"on": chinese(stay.notice_received_on)})
        if refused is None and stay.notified_on and args.on < stay.notified_on:
            params = {"on": chinese(args.on), "sent": chinese(stay.notified_on)}
            refused = Violation("placement.received_before_sent", "on", params)
        writes[person.id] = [(stay.id, {"notice_received_on": args.on})]
        return person.line(refused)

    return Plan("receive_notice", args, tuple(map(line, here.people)), extra={"placements": writes})


def plan_report_in(actor: Actor, people: Ids, args: Args) -> Plan:
    """报到: the actual start. Late does not move the planned end; who lacks a bank account is named."""
    here = ground(actor, people)
    lacking = without_account(person.id for person in here.people)
    writes: dict[int, list[Write]] = {}

    def line(person: Person) -> Line:
        stay = here.stays.get(person.id)
        refused = hindrance(person, Verb.REPORT_IN, args) or with_stay(stay, PlacementState.CONFIRMED)
        if stay is None:
            return person.line(refused)
        if refused is None and stay.planned_end and args.on > stay.planned_end:
            params = {"on": chinese(args.on), "end": chinese(stay.planned_end)}
            refused = Violation("placement.start_after_term", "on", params)
        writes[person.id] = [(stay.id, {"actual_start": args.on, "state": PlacementState.CURRENT.value})]
        note = Violation("placement.no_account") if person.id in lacking else None
        return person.line(refused, note, status=Status.TRAINING.value)

    return Plan(Verb.REPORT_IN, args, tuple(map(line, here.people)), extra={"placements": writes})


def without_account(people: Iterable[int]) -> set[int]:
    """Who has no bank account on record: it is asked for at report-in (九（一）)."""
    query = Trainee.select(Trainee.id).where(among(Trainee.id, list(people)), Trainee.bank_account == "")
    return {row[0] for row in query.tuples()}


# --- Doing it


def apply(made: Plan) -> None:
    """Write what the plan says of placements; a verb of the life cycle moves the people first."""
    if made.verb in set(Verb):
        move(made.doable, Verb(made.verb), made.args)
    writes = [write for line in made.doable for write in made.extra["placements"][line.id]]
    record.update_each(Placement, {number: values for number, values in writes if number is not None})
    record.insert_many(Placement, [values for number, values in writes if number is None])


FORM = ("supervisor", "supervisor_title", "plan", "tasks", "lodging")
"""What the placement's form sets at any time (七（一）（三）（四）)."""
LIMITS = {"supervisor": 64, "supervisor_title": 64, "lodging": 255}


@command(P.WORK)
def edit(actor: Actor, number: object, version: int | None, values: Mapping[str, Any]) -> None:
    """Supervisor, plan, tasks, lodging; before the report-in the planned start too, which moves the end with it."""
    row: Any = scope.get(actor, Placement, number)
    ensure(PlacementState(row.state) in OPEN, "placement.closed", state=PlacementState(row.state).label)
    wanted = {name: values[name].strip() for name in FORM if name in values}
    _fitting(wanted)
    start = values.get("planned_start")
    if start and start != row.planned_start:
        ensure(row.state != PlacementState.CURRENT, "placement.start_fixed", "planned_start")
        months = Programme.get_by_id(row.trainee.programme_id).term_months
        wanted |= {"planned_start": start, "planned_end": planned_end(start, months)}
    record.update(Placement, [row.id], wanted, versions={row.id: version} if version is not None else None)


def _fitting(values: Mapping[str, str]) -> None:
    wrong = []
    for name, text in values.items():
        label, limit = Placement._meta.fields[name].verbose_name, LIMITS.get(name, 2000)
        if len(text) > limit:
            params = {"label": label, "limit": limit, "length": len(text)}
            wrong.append(Violation("record.too_long", name, params))
        elif "\0" in text:
            wrong.append(Violation("record.nul", name, {"label": label}))
    if wrong:
        raise RuleViolation(wrong)


# --- For verbs of other rooms, inside their transaction


def end(ends: Mapping[int, dt.date]) -> None:
    """The current placement of each person ends on that day (an end during training)."""
    stays = open_of(ends)
    record.update_each(
        Placement,
        {
            stay.id: {"state": PlacementState.ENDED.value, "actual_end": ends[person]}
            for person, stay in stays.items()
            if stay.state is PlacementState.CURRENT
        },
    )


def restore(people: Iterable[int]) -> None:
    """After a side exit: the placement is what it was before, its recorded actual end cleared.

    Call before the move back: the last move of each person tells which batch closed the placement.
    """
    wanted = list(people)
    moves = StatusChange.select(StatusChange.trainee, StatusChange.batch_id)
    left = dict(moves.where(among(StatusChange.trainee, wanted)).order_by(StatusChange.id).tuples())
    closed = (PlacementState.CANCELLED.value, PlacementState.ENDED.value)
    query = Placement.select(Placement.id, Placement.trainee, Placement.state)
    query = query.where(among(Placement.trainee, wanted), Placement.state.in_(closed))
    rows = {row[0]: row[1:] for row in query.order_by(Placement.id).tuples()}
    entries = AuditEntry.select(AuditEntry.object_id, AuditEntry.batch_id, AuditEntry.before).where(
        AuditEntry.model == Placement._meta.table_name,
        AuditEntry.action == "update",
        among(AuditEntry.object_id, list(rows)),
    )
    back: dict[int, dict[str, Any]] = {}
    for number, batch, before in entries.order_by(AuditEntry.id).tuples():
        if before and "state" in before and batch is not None and batch == left.get(rows[number][0]):
            back[number] = {"state": before["state"], "actual_end": None}
    for number, (trainee, state) in rows.items():  # a move without a batch: the newest that was closed
        if left.get(trainee) is None and number == max(n for n, row in rows.items() if row[0] == trainee):
            was = PlacementState.CURRENT if state == PlacementState.ENDED else PlacementState.CONFIRMED
            back[number] = {"state": was.value, "actual_end": None}
    record.update_each(Placement, back)
