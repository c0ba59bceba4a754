"""请假 (六（四）): granted or refused by the host, given back early; days away without approval apart.

Reasons may speak of somebody's health: they stand on the leave alone, never in a batch or as a verb's reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import LeaveAnswer, LeaveKind, LeaveState, PlacementState, Status
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import Leave, Placement
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.term import Away, Period, check_leave, returned
from tepei_admin.services import batches, record, scope
from tepei_admin.services.command import command
from tepei_admin.services.people import Person, chosen
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan, needs

STATUSES = frozenset({Status.TRAINING, Status.COMPLETED})
"""While the training lasts; after the grade until the stipend is reckoned up and the certificate issued."""
BEGUN = (PlacementState.CURRENT.value, PlacementState.ENDED.value, PlacementState.REPLACED.value)


@dataclass(frozen=True)
class Term:
    """A placement that has begun, with its term."""

    placement: int
    period: Period | None


def terms(people: Iterable[int]) -> dict[int, list[Term]]:
    """The begun placements of each person, in order: from the actual start to the actual or planned end."""
    columns = (
        Placement.id, Placement.trainee, Placement.actual_start, Placement.planned_start, Placement.actual_end,
        Placement.planned_end,
    )  # fmt: skip
    query = Placement.select(*columns).where(
        among(Placement.trainee, list(people)), Placement.state.in_(BEGUN)
    )
    found: dict[int, list[Term]] = {}
    for number, trainee, begun, start, ended, end in query.order_by(Placement.id).tuples():
        first, last = begun or start, ended or end
        found.setdefault(trainee, []).append(Term(number, Period(first, last) if first and last else None))
    return found


def aways(people: Iterable[int], without: int | None = None) -> dict[int, list[Away]]:
    """What each person has on record, whatever became of it."""
    columns = (Leave.id, Leave.trainee, Leave.starts, Leave.ends, Leave.kind, Leave.state)
    query = Leave.select(*columns).where(among(Leave.trainee, list(people))).order_by(Leave.starts)
    found: dict[int, list[Away]] = {}
    for number, trainee, starts, ends, kind, state in query.tuples():
        if number != without:
            away = Away(Period(starts, ends), LeaveKind(kind), LeaveState(state))
            found.setdefault(trainee, []).append(away)
    return found


def plan_leave(actor: Actor, people: Ids, args: Args) -> Plan:
    """A leave with the host's answer; one that was refused is kept and counts for nothing."""
    needs(args, "leave_state", "starts", "ends")
    answer = LeaveAnswer(args.more["leave_state"])
    if answer is LeaveAnswer.GRANTED:
        needs(args, "host_approval")
    given = {
        "kind": LeaveKind.LEAVE.value,
        "state": answer.value,
        "host_approval": args.more.get("host_approval", ""),
        "approved_on": None if answer is LeaveAnswer.ASKED else args.on,
    }
    return _plan("record_leave", "登记请假", actor, people, args, given)


def plan_absence(actor: Actor, people: Ids, args: Args) -> Plan:
    """Days away that the host did not approve: deducted as well, and perhaps case 2 of 六（六）."""
    needs(args, "starts", "ends")
    given = {
        "kind": LeaveKind.ABSENCE.value,
        "state": LeaveState.REFUSED.value,
        "host_approval": "",
        "approved_on": None,
    }
    return _plan("record_absence", "登记未经批准离开", actor, people, args, given)


def _plan(verb: str, label: str, actor: Actor, people: Ids, args: Args, given: Mapping[str, Any]) -> Plan:
    starts, ends = args.day("starts"), args.day("ends")
    assert starts and ends
    new = Away(Period(starts, ends), LeaveKind(given["kind"]), LeaveState(given["state"]))
    if ends < starts:
        raise RuleViolation(check_leave(new, None)[0])
    persons = chosen(actor, people)
    numbers = [person.id for person in persons]
    begun, others = terms(numbers), aways(numbers)
    rows: dict[int, dict[str, Any]] = {}

    def line(person: Person) -> Line:
        if person.status not in STATUSES:
            params = {"status": person.status.label, "verb": label}
            return person.line(Violation("verb.wrong_status", params=params))
        term = _term(begun.get(person.id, []), starts)
        counted = others.get(person.id, []) if given["state"] != LeaveState.REFUSED or _absent(new) else []
        found = check_leave(new, term.period if term else None, counted)
        if found or term is None:
            return person.line(found[0])
        rows[person.id] = {
            "trainee": person.id, "placement": term.placement, "starts": starts, "ends": ends,
            "reason": args.more.get("leave_reason", ""), **given,
        }  # fmt: skip
        return person.line(
            note=Violation("leave.days", params={"leave": new.period.chinese, "days": new.period.days})
        )

    lines = tuple(map(line, persons))
    told = {name: value for name, value in args.more.items() if name != "leave_reason"}
    return Plan(verb, replace(args, more=told), lines, extra={"leaves": rows})


def _absent(away: Away) -> bool:
    return away.kind is LeaveKind.ABSENCE


def _term(begun: list[Term], day: dt.date) -> Term | None:
    """The placement that the day belongs to; the latest where it belongs to none."""
    fitting = [term for term in begun if term.period and term.period.start <= day <= term.period.end]
    return (fitting or begun or [None])[-1]  # type: ignore[list-item]


def apply(made: Plan) -> None:
    record.insert_many(Leave, [made.extra["leaves"][line.id] for line in made.doable])


# --- One leave


@command(P.WORK)
def decide(
    actor: Actor,
    leave: object,
    *,
    granted: bool,
    host_approval: str = "",
    on: dt.date,
    version: int | None = None,
    key: str = "",
) -> Outcome:
    """The host's answer to a leave that was asked for; the dates are looked at once more."""
    row, person = _one(actor, leave)
    ensure(row.state == LeaveState.ASKED, "leave.answered", state=LeaveState(row.state).label)
    approval = host_approval.strip()
    if granted:
        ensure(approval, "verb.host_approval_required", "host_approval")
        new = Away(Period(row.starts, row.ends), LeaveKind(row.kind))
        term = _term(terms([person.id]).get(person.id, []), row.starts)
        found = check_leave(
            new, term.period if term else None, aways([person.id], without=row.id).get(person.id, [])
        )
        if found:
            raise RuleViolation(found)
    ensure(
        len(approval) <= 128,
        "record.too_long",
        "host_approval",
        label="培养单位批准人或文件",
        limit=128,
        length=len(approval),
    )
    ensure("\0" not in approval, "record.nul", "host_approval", label="培养单位批准人或文件")
    state = LeaveState.GRANTED if granted else LeaveState.REFUSED
    values = {"state": state.value, "host_approval": approval, "approved_on": on}
    return _as_batch(
        actor, "decide_leave", f"请假答复 {person.name}：{state.label}", row, person, values, on, version
    )


@command(P.WORK)
def come_back(
    actor: Actor, leave: object, *, back_on: dt.date, version: int | None = None, key: str = ""
) -> Outcome:
    """销假: the leave counts to the day before."""
    row, person = _one(actor, leave)
    found = returned(Away(Period(row.starts, row.ends), LeaveKind(row.kind), LeaveState(row.state)), back_on)
    if isinstance(found, Violation):
        field = {"ends": "back_on"}.get(found.field or "")
        raise RuleViolation(Violation(found.code, field, found.params))
    values = {"state": found.state.value, "ends": found.period.end}
    title = f"销假 {person.name}：{chinese(back_on)}返回"
    return _as_batch(actor, "return_leave", title, row, person, values, back_on, version)


def _one(actor: Actor, leave: object) -> tuple[Any, Person]:
    """A leave and its person, who must still be in training or waiting for the certificate."""
    row: Any = scope.get(actor, Leave, leave)
    person = chosen(actor, [row.trainee_id])[0]
    if person.status not in STATUSES:
        params = {"status": person.status.label, "verb": "更改请假"}
        raise RuleViolation(Violation("verb.wrong_status", params=params))
    return scope.get(actor, Leave, leave), person


def _as_batch(
    actor: Actor, verb: str, title: str, row: Any, person: Person, values: Mapping[str, Any], on: dt.date,
    version: int | None,
) -> Outcome:  # fmt: skip
    """A batch of one, so that it can be undone."""
    made = Plan(verb, Args(on), (person.line(),))
    number = batches.begin(actor, verb, title, made)
    record.update(Leave, [row.id], values, versions={row.id: version} if version is not None else None)
    batches.close(number, made)
    return Outcome(number, done=(person.id,))
