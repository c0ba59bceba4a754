"""培养安排: proposed, confirmed, begun, changed, ended. Each step is a verb on a set of trainees: plan, then apply.

A plan keeps what it would write of placements in `extra["placements"]`: {trainee: [(number or None, values)]}.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import Arranger, HostRegion, PlacementState, Status, Verb
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import AuditEntry, Placement, Programme, Region, StatusChange, Track, Trainee, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.term import planned_end
from tepei_admin.services import record, scope
from tepei_admin.services.command import command
from tepei_admin.services.lifecycle import move
from tepei_admin.services.people import Person, chosen, hindrance
from tepei_admin.services.plan import Args, Ids, Line, Plan, needs

Write = tuple[int | None, dict[str, Any]]
OPEN = (PlacementState.PROPOSED, PlacementState.CONFIRMED, PlacementState.CURRENT)
OWN_REGION = "15"
"""How the codes of the autonomous region's places start (GB/T 2260)."""

STATUSES: Mapping[str, frozenset[Status]] = {
    "assign_host": frozenset({Status.ADMITTED}),
    "confirm_placement": frozenset({Status.ADMITTED}),
    "receive_notice": frozenset({Status.NOTIFIED}),
    "change_host": frozenset({Status.ADMITTED, Status.NOTIFIED, Status.TRAINING}),
}
"""Where a person may stand for a step that moves nobody."""
LABELS = {
    "assign_host": "拟定培养单位",
    "confirm_placement": "落实培养单位",
    "receive_notice": "登记收到通知",
    "change_host": "变更培养单位或专业",
}


@dataclass(frozen=True)
class Stay:
    """A placement as the verbs look at it."""

    id: int
    trainee: int
    host: int
    major: str
    state: PlacementState
    planned_start: dt.date | None
    planned_end: dt.date | None
    actual_start: dt.date | None
    notified_on: dt.date | None
    notice_received_on: dt.date | None


_STAY = (
    Placement.id, Placement.trainee, Placement.host, Placement.major, Placement.state, Placement.planned_start,
    Placement.planned_end, Placement.actual_start, Placement.notified_on, Placement.notice_received_on,
)  # fmt: skip


def open_of(people: Iterable[int]) -> dict[int, Stay]:
    """The placement of each person that is proposed, confirmed or current."""
    query = Placement.select(*_STAY).where(
        among(Placement.trainee, list(people)), Placement.state.in_([state.value for state in OPEN])
    )
    return {row[1]: _stay(*row) for row in query.order_by(Placement.id).tuples()}


def _stay(number: int, trainee: int, host: int, major: str, state: str, *days: Any) -> Stay:
    return Stay(number, trainee, host, major, PlacementState(state), *days)


@dataclass(frozen=True)
class Host:
    """A unit as a host. `region`: its code; '' where none is recorded."""

    id: int
    name: str
    host: bool
    active: bool
    region: str


def hosts(ids: Iterable[int]) -> dict[int, Host]:
    query = (
        Unit.select(Unit.id, Unit.name, Unit.host, Unit.active, Region.code)
        .left_outer_join(Region, on=(Unit.region == Region.id))
        .where(among(Unit.id, sorted(set(ids))))
    )
    return {
        number: Host(number, name, host, active, region or "")
        for number, name, host, active, region in query.tuples()
    }


def host_problem(host: Host | None, track: Track) -> Violation | None:
    """Is this a host in use, in the region that the track requires (三)?"""
    if host is None or not host.host or not host.active:
        return Violation("placement.not_host", "host", {"host": host.name if host else "（未选）"})
    wanted = HostRegion(track.host_region)
    if wanted is HostRegion.ANY:
        return None
    params = {"host": host.name, "track": track.label, "wanted": wanted.label}
    if not host.region:
        return Violation("placement.host_without_region", "host", params)
    if host.region.startswith(OWN_REGION) != (wanted is HostRegion.IN):
        return Violation("placement.host_elsewhere", "host", params)
    return None


@dataclass(frozen=True)
class Ground:
    """What a step knows of a set of people: their placements, tracks, years, and the hosts in question."""

    people: list[Person]
    stays: Mapping[int, Stay]
    hosts: Mapping[int, Host]
    tracks: Mapping[int, Track]
    months: Mapping[int, int]

    def problem(self, person: Person, host: int) -> Violation | None:
        return host_problem(self.hosts.get(host), self.tracks[person.track])

    def name(self, host: int) -> str:
        found = self.hosts.get(host)
        return found.name if found else ""


def ground(actor: Actor, ids: Ids, *also_hosts: int) -> Ground:
    """A handful of queries, however many people."""
    people = chosen(actor, ids)
    stays = open_of(person.id for person in people)
    tracks = Track.select().where(among(Track.id, sorted({person.track for person in people})))
    years = Programme.select(Programme.id, Programme.term_months)
    years = years.where(among(Programme.id, sorted({person.programme for person in people})))
    return Ground(
        people,
        stays,
        hosts([*(stay.host for stay in stays.values()), *also_hosts]),
        {track.id: track for track in tracks},
        dict(years.tuples()),
    )


def standing(person: Person, verb: str) -> Violation | None:
    """What the person's status has against a step that moves nobody."""
    if person.status in STATUSES[verb]:
        return None
    return Violation("verb.wrong_status", params={"status": person.status.label, "verb": LABELS[verb]})


def _with_stay(stay: Stay | None, *states: PlacementState) -> Violation | None:
    """What hinders a step that needs a placement in one of these states."""
    if stay is None:
        return Violation("placement.none")
    if stay.state in states:
        return None
    if stay.state is PlacementState.PROPOSED:
        return Violation("placement.not_confirmed")
    return Violation("placement.wrong_state", params={"state": stay.state.label})


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
        refused = refused or _with_stay(stay, PlacementState.PROPOSED)
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
        refused = hindrance(person, Verb.NOTIFY, args) or _with_stay(stay, PlacementState.CONFIRMED)
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
        refused = standing(person, "receive_notice") or _with_stay(stay, PlacementState.CONFIRMED)
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
        refused = hindrance(person, Verb.REPORT_IN, args) or _with_stay(stay, PlacementState.CONFIRMED)
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


# --- A change of host or of major (六（一）)

KEPT = ("supervisor", "supervisor_title", "plan", "tasks", "lodging")
"""What a change of the major alone leaves as it was; a new host brings its own."""


def plan_change(actor: Actor, people: Ids, args: Args) -> Plan:
    """By exception, with the Department's approval: the old one is kept as replaced, the new one linked to it."""
    needs(args, "reason", "approval_no")
    number = args.more.get("host")
    here = ground(actor, people, *([number] if number else []))
    if number and (found := here.hosts.get(number)) is not None:
        ensure(found.host and found.active, "placement.not_host", "host", host=found.name)
    ensure(not number or number in here.hosts, "placement.not_host", "host", host="（未选）")
    ensure(number or args.more.get("major"), "placement.nothing_changes", "host")
    rows = {
        row.id: row
        for row in Placement.select().where(among(Placement.id, [stay.id for stay in here.stays.values()]))
    }
    writes: dict[int, list[Write]] = {}

    def line(person: Person) -> Line:
        stay = here.stays.get(person.id)
        refused = standing(person, "change_host") or _with_stay(
            stay, PlacementState.CONFIRMED, PlacementState.CURRENT
        )
        if stay is None or refused:
            return person.line(refused)
        host, major = number or stay.host, args.more.get("major") or stay.major
        if (host, major) == (stay.host, stay.major):
            return person.line(Violation("placement.nothing_changes"))
        refused = here.problem(person, host) or _timing(stay, args)
        if refused is None:
            writes[person.id] = _replaced(rows[stay.id], host, major, args, here.months[person.programme])
        note = {"before": here.name(stay.host), "host": here.name(host), "major": major or "专业未定"}
        return person.line(refused, Violation("placement.changed", params=note))

    return Plan("change_host", args, tuple(map(line, here.people)), extra={"placements": writes})


def _timing(stay: Stay, args: Args) -> Violation | None:
    """During training a change has a day: after the start and the approval, within the term."""
    if stay.state is PlacementState.CONFIRMED:
        return None
    day, end = args.day("changed_on"), args.day("actual_end")
    if day is None:
        return Violation("placement.changed_on_required", "changed_on")
    told = {"on": chinese(day)}
    if stay.actual_start and day <= stay.actual_start:
        return Violation(
            "placement.change_before_start", "changed_on", {**told, "start": chinese(stay.actual_start)}
        )
    if stay.planned_end and day > stay.planned_end:
        return Violation(
            "placement.change_after_term", "changed_on", {**told, "end": chinese(stay.planned_end)}
        )
    if day < args.on:
        return Violation(
            "placement.change_before_approval", "changed_on", {**told, "approved": chinese(args.on)}
        )
    if end and not (stay.actual_start and stay.actual_start <= end < day):
        params = {"end": chinese(end), "start": chinese(stay.actual_start or day), **told}
        return Violation("placement.change_end", "actual_end", params)
    return None


def _replaced(old: Placement, host: int, major: str, args: Args, months: int) -> list[Write]:
    """The old one closed, and the new one that stands in its place."""
    going_on = old.state == PlacementState.CURRENT
    day, start = args.day("changed_on"), args.day("planned_start")
    closed: dict[str, Any] = {"state": PlacementState.REPLACED.value}
    new = {
        "trainee": old.trainee_id, "host": host, "major": major, "state": old.state,
        "planned_start": old.planned_start, "planned_end": old.planned_end, "actual_start": None,
        "arranged_by": old.arranged_by, "notified_on": old.notified_on, "notice_received_on": old.notice_received_on,
        "replaces": old.id, "change_reason": args.reason, "approval_no": args.approval_no, "approved_on": args.on,
    }  # fmt: skip
    for name in KEPT:
        new[name] = getattr(old, name) if host == old.host_id else ""
    new["supervisor"] = args.more.get("supervisor") or new["supervisor"]
    if going_on and day:
        closed["actual_end"] = args.day("actual_end") or day - dt.timedelta(days=1)
        new |= {"planned_start": day, "actual_start": day}
    elif start:
        new |= {"planned_start": start, "planned_end": planned_end(start, months)}
    return [(old.id, closed), (None, new)]


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
