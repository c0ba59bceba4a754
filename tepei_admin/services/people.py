"""The people of a plan: read within the actor's scope, locked when a command is at work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import Status, Verb
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.models import Programme, Region, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.rules.lifecycle import TRANSITIONS, allowed
from tepei_admin.services import gather, places, record, work
from tepei_admin.services.plan import Args, Ids, Line
from tepei_admin.services.scope import scope


@dataclass(frozen=True)
class Person:
    """What the verbs look at."""

    id: int
    name: str
    version: int
    status: Status
    programme: int
    track: int
    unit: int
    county: int | None
    unit_rank: int | None
    signed: bool | None
    over_quota: bool

    def line(self, refused: Violation | None = None, note: Violation | None = None, **values: Any) -> Line:
        return Line(self.id, self.name, self.version, refused, values, note)


_COLUMNS = (
    Trainee.id, Trainee.name, Trainee.version, Trainee.status, Trainee.programme, Trainee.track, Trainee.unit,
    Trainee.county, Trainee.unit_rank, Trainee.attested_signed, Trainee.over_quota,
)  # fmt: skip


def chosen(actor: Actor, ids: Ids, also_tracks: Ids = ()) -> list[Person]:
    """These people as far as the actor may see them, in order of arrival.

    Inside a command their tracks are locked first, then they themselves: always in that order.
    """
    numbers = list(ids)
    condition = scope(actor, Trainee)
    query = Trainee.select(*_COLUMNS).where(among(Trainee.id, numbers)).order_by(Trainee.id)
    if condition is not None:
        query = query.where(condition)
    if work.current.get() is not None:
        tracks = Trainee.select(Trainee.track).distinct().where(among(Trainee.id, numbers)).tuples()
        places.lock({row[0] for row in tracks} | set(also_tracks))
    return [_person(*row) for row in record.locked(query).tuples()]


def _person(number: int, name: str, version: int, status: str, *rest: Any) -> Person:
    return Person(number, name, version, Status(status), *rest)


def hindrance(person: Person, verb: Verb, args: Args) -> Violation | None:
    """What the life cycle itself has against this verb here."""
    if not allowed(person.status, verb):
        return Violation("verb.wrong_status", params={"status": person.status.label, "verb": verb.label})
    if TRANSITIONS[verb].needs_approval_from(person.status) and not args.approval_no:
        return Violation("verb.approval_no_required", "approval_no", {"status": person.status.label})
    return None


def poor_first(people: list[Person]) -> list[Person]:
    """The order in which places are given: by unit; poverty counties, the unit's own order, arrival (一（二）)."""
    if not people:
        return people
    counties = {person.county for person in people if person.county}
    codes = dict(Region.select(Region.id, Region.code).where(among(Region.id, sorted(counties))).tuples())
    year = Programme.get_by_id(people[0].programme)
    poor = gather.poor(codes.values(), year.reference_date or year.materials_deadline)
    return sorted(
        people,
        key=lambda person: (
            person.unit,
            codes.get(person.county) not in poor,
            person.unit_rank is None,
            person.unit_rank or 0,
            person.id,
        ),
    )
