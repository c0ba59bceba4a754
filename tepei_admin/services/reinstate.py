"""恢复: back to where a side exit left. Opened by one person, done when another decides."""

from __future__ import annotations

from collections.abc import Sequence

from tepei_admin.choices import Status, TerminationState, Verb
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.models import StatusChange, Termination
from tepei_admin.permissions import Actor
from tepei_admin.rules.quota import FREEING, TRACK_TAKING, UNIT_TAKING
from tepei_admin.rules.recovery import check_overturn
from tepei_admin.services import gather, money, places, record
from tepei_admin.services.people import Person, chosen, hindrance
from tepei_admin.services.plan import Args, Ids, Line, Plan, needs

BY_CASE = frozenset({Status.NO_SHOW, Status.TERMINATED, Status.DISQUALIFIED})
"""The exits that a decided case led to."""


def plan_reinstate(actor: Actor, people: Ids, args: Args) -> Plan:
    """恢复 to where a side exit left; a place that was given back is needed again."""
    needs(args, "reason")
    persons = chosen(actor, people)
    left = _left_from([person.id for person in persons])
    over = gather.over_quota(left)
    quotas = places.of_units((person.track, person.unit) for person in persons)
    totals = places.of_tracks(person.track for person in persons)
    unsettled = _unsettled([person.id for person in persons if person.status in BY_CASE])

    def line(person: Person) -> Line:
        refused = hindrance(person, Verb.REINSTATE, args) or unsettled.get(person.id)
        target = left.get(person.id)
        if refused is None and target is None:
            refused = Violation("verb.nowhere_to_go_back")
        full = False
        if refused is None and person.status in FREEING and target in UNIT_TAKING:
            key = (person.track, person.unit)
            full = quotas[key].full or (target in TRACK_TAKING and totals[person.track].full)
            refused = quotas.take(key, over=person.id in over)
            if refused is None and target in TRACK_TAKING:
                refused = totals.take(person.track, over=person.id in over)
                if refused is not None:
                    quotas.give_back(key)
        status = target.value if target else ""
        if refused is None and full:
            return person.line(note=Violation("quota.over"), status=status, over_quota=True)
        return person.line(refused, status=status)

    return Plan(Verb.REINSTATE, args, tuple(line(person) for person in persons))


def _unsettled(people: list[int]) -> dict[int, Violation]:
    """Whose case has had money received or remitted in it, or has a step on its way: that is reversed first."""
    found = {}
    for book in money.books(among(Termination.trainee, people)) if people else ():
        against = check_overturn(book.ledger)
        if against:
            found[book.trainee] = against[0]
        elif book.waiting:
            params = {"count": len(book.waiting)}
            found[book.trainee] = Violation("termination.pending_steps", params=params)
    return found


def _left_from(people: list[int]) -> dict[int, Status]:
    """Where each person stood before the last move."""
    query = StatusChange.select(StatusChange.trainee, StatusChange.from_status)
    query = query.where(among(StatusChange.trainee, people)).order_by(StatusChange.id)
    return {person: Status(status) for person, status in query.tuples()}


def restore(lines: Sequence[Line]) -> None:
    """What goes with the way back: the case becomes overturned (the placement: `placements.restore`)."""
    people = [line.id for line in lines]
    query = Termination.select(Termination.id).where(
        among(Termination.trainee, people), Termination.state.in_(money.STANDING)
    )
    cases = [row[0] for row in query.tuples()]
    record.update(Termination, cases, {"state": TerminationState.OVERTURNED.value})
