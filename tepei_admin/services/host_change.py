"""A change of host or of major, by exception, with the Department's approval (六（一）)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tepei_admin.choices import PlacementState
from tepei_admin.database import among
from tepei_admin.errors import Violation, ensure
from tepei_admin.models import Placement
from tepei_admin.permissions import Actor
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.term import planned_end
from tepei_admin.services.people import Person
from tepei_admin.services.placements import Write
from tepei_admin.services.plan import Args, Ids, Line, Plan, needs
from tepei_admin.services.stays import Stay, ground, standing, with_stay

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
        refused = standing(person, "change_host") or with_stay(
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
