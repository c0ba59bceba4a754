"""What each verb of the application would do to a set of people, line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tepei_admin.choices import Result, Status, Verb
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import Track, Unit
from tepei_admin.permissions import Actor
from tepei_admin.rules.quota import TRACK_TAKING, UNIT_TAKING
from tepei_admin.services import eligibility, gather, places
from tepei_admin.services.people import Person, chosen, hindrance, poor_first
from tepei_admin.services.plan import Args, Ids, Line, Plan, needs

PAPER = 255
"""Characters of a paper's name (`attested_paper`)."""


def plan_recommend(actor: Actor, people: Ids, args: Args) -> Plan:
    """Who may take a place of the units' quotas: eligible at this moment, signed and sealed (四（二））."""
    persons = poor_first(chosen(actor, people))
    results = eligibility.compute(
        {person.id: person.track for person in persons if person.status == Status.APPLIED}
    )
    over = gather.over_quota(results)
    ledger = places.of_units((person.track, person.unit) for person in persons)

    def line(person: Person) -> Line:
        refused = (
            hindrance(person, Verb.RECOMMEND, args)
            or _not_eligible(results[person.id])
            or _not_signed(person)
        )
        if refused is None:
            full = ledger[person.track, person.unit].full
            refused = ledger.take((person.track, person.unit), over=person.id in over)
            if refused is None and full:
                return person.line(
                    note=Violation("quota.over"), status=Status.RECOMMENDED.value, over_quota=True
                )
        return person.line(refused, status=Status.RECOMMENDED.value)

    return Plan(Verb.RECOMMEND, args, tuple(line(person) for person in persons), extra={"results": results})


def _not_eligible(checked: eligibility.Checked) -> Violation | None:
    if checked.check.result is Result.ELIGIBLE:
        return None
    open_ones = [f for f in checked.check.findings if f.counts and f.standing != "met"]
    clauses = "、".join(dict.fromkeys(finding.clause for finding in open_ones if finding.clause))
    params = {"result": checked.check.result.label, "cause": checked.check.cause, "clauses": clauses}
    return Violation("verb.not_eligible", params=params)


def _not_signed(person: Person) -> Violation | None:
    return None if person.signed else Violation("verb.not_signed")


def plan_admit(actor: Actor, people: Ids, args: Args) -> Plan:
    """Who may take a place of the track's total; the Department's approval number and date (四（三））."""
    needs(args, "approval_no")
    persons = poor_first(chosen(actor, people))
    over = gather.over_quota(person.id for person in persons)
    ledger = places.of_tracks(person.track for person in persons)

    def line(person: Person) -> Line:
        refused = hindrance(person, Verb.ADMIT, args)
        values: dict[str, Any] = {
            "status": Status.ADMITTED.value,
            "approval_no": args.approval_no,
            "approved_on": args.on,
        }
        if refused is None:
            full = ledger[person.track].full
            refused = ledger.take(person.track, over=person.id in over)
            if refused is None and full:
                return person.line(note=Violation("quota.over"), over_quota=True, **values)
        return person.line(refused, **values)

    return Plan(Verb.ADMIT, args, tuple(line(person) for person in persons))


def plan_reject(actor: Actor, people: Ids, args: Args) -> Plan:
    """不予录取, with a reason."""
    return _leave(actor, people, args, Verb.REJECT, Status.REJECTED)


def plan_withdraw(actor: Actor, people: Ids, args: Args) -> Plan:
    """撤回, with a reason; after the notice with an approval number too (without cause it is case 1 of 六（六））."""
    return _leave(actor, people, args, Verb.WITHDRAW, Status.WITHDRAWN)


def _leave(actor: Actor, people: Ids, args: Args, verb: Verb, target: Status) -> Plan:
    needs(args, "reason")
    lines = (
        person.line(hindrance(person, verb, args), status=target.value, over_quota=False)
        for person in chosen(actor, people)
    )
    return Plan(verb, args, tuple(lines))


def plan_attest(actor: Actor, people: Ids, args: Args) -> Plan:
    """The unit's paper says: signed and sealed, healthy, of good conduct (二, 四（二））. `reason` names the paper."""
    needs(args, "reason")
    fits = len(args.reason) <= PAPER
    ensure(fits, "record.too_long", "reason", label="证明材料", limit=PAPER, length=len(args.reason))
    values: dict[str, Any] = {
        "attested_signed": True,
        "attested_health": True,
        "attested_conduct": True,
        "attested_on": args.on,
        "attested_paper": args.reason,
    }
    lines = (person.line(hindrance(person, Verb.ATTEST, args), **values) for person in chosen(actor, people))
    return Plan(Verb.ATTEST, args, tuple(lines))


def plan_transfer(actor: Actor, people: Ids, args: Args) -> Plan:
    """To another unit or track of the same year; a place there, and the result computed afresh."""
    needs(args, "reason")
    if not (args.unit or args.track):
        raise RuleViolation(Violation("verb.target_required", "unit"))
    unit = Unit.get_or_none(Unit.id == args.unit) if args.unit else None
    track = Track.get_or_none(Track.id == args.track) if args.track else None
    if args.unit and (unit is None or not unit.sending or not unit.active):
        raise RuleViolation(Violation("unit.not_sending", "unit", {"unit": unit.name if unit else args.unit}))
    persons = poor_first(chosen(actor, people, also_tracks=[track.id] if track else []))
    target = {
        person.id: (track.id if track else person.track, unit.id if unit else person.unit)
        for person in persons
    }
    moving = {person.id: target[person.id][0] for person in persons}
    results = eligibility.compute(moving, unit_level=unit.level if unit else None)
    over = gather.over_quota(moving)
    quotas = places.of_units([*target.values(), *((person.track, person.unit) for person in persons)])
    totals = places.of_tracks([*moving.values(), *(person.track for person in persons)])

    def line(person: Person) -> Line:
        goal = target[person.id]
        refused = hindrance(person, Verb.TRANSFER, args)
        if refused is None and track and track.programme_id != person.programme:
            refused = Violation("verb.other_year")
        if refused is None and goal == (person.track, person.unit):
            refused = Violation("verb.already_there")
        full = False
        if refused is None and person.status in UNIT_TAKING:
            admitted_there = person.status in TRACK_TAKING and goal[0] != person.track
            full = quotas[goal].full or (admitted_there and totals[goal[0]].full)
            refused = _not_eligible(results[person.id]) or quotas.take(goal, over=person.id in over)
            if refused is None and admitted_there:
                refused = totals.take(goal[0], over=person.id in over)
                if refused is not None:
                    quotas.give_back(goal)
                else:
                    totals.give_back(person.track)
            if refused is None:
                quotas.give_back((person.track, person.unit))
        if refused is None and full:
            return person.line(note=Violation("quota.over"), track=goal[0], unit=goal[1], over_quota=True)
        return person.line(refused, track=goal[0], unit=goal[1])

    return Plan(Verb.TRANSFER, args, tuple(line(person) for person in persons), extra={"results": results})


PLANNERS: dict[Verb, Callable[[Actor, Ids, Args], Plan]] = {
    Verb.RECOMMEND: plan_recommend,
    Verb.ADMIT: plan_admit,
    Verb.REJECT: plan_reject,
    Verb.WITHDRAW: plan_withdraw,
    Verb.ATTEST: plan_attest,
    Verb.TRANSFER: plan_transfer,
}
