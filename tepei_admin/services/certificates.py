"""结业证书 (六（五）): issue, hand over, reissue; void and revoke when a second person decides.

Numbers are gap-free within year and track: the counter's row is locked in the transaction that issues.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import CertificateState, Status, Verb
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.messages import say_all
from tepei_admin.models import Certificate, CertificateCounter, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.rules import certificates as rules
from tepei_admin.rules.calendar import chinese
from tepei_admin.services import certificate_facts, clock, record
from tepei_admin.services.lifecycle import move
from tepei_admin.services.people import Person, chosen, hindrance
from tepei_admin.services.plan import Args, Ids, Line, Plan, needs

ISSUED, VOID, REVOKED = (state.value for state in CertificateState)

# --- Issue


def plan_certify(actor: Actor, people: Ids, args: Args) -> Plan:
    """发证, by unit and name; each line says the number that it would get."""
    persons = chosen(actor, people)
    cases = certificate_facts.gather(person.id for person in persons)
    today = clock.today()
    persons.sort(key=lambda person: cases[person.id].order)
    lines = [
        person.line(refused(cases[person.id], args.on, today), status=Status.CERTIFIED.value)
        for person in persons
    ]
    tracks = {person.id: person.track for person in persons}
    numbered = _numbered(lines, tracks, _last(tracks.values()))
    return Plan(Verb.CERTIFY, args, _noted(lines, numbered, cases))


def refused(case: certificate_facts.Case, on: dt.date, today: dt.date) -> Violation | None:
    """Why no certificate can be issued, all reasons in one; None if it can."""
    if on > today:
        return _in_future(on, today)
    found = rules.can_certify(case.facts, case.policy, on)
    first = found[:1] if case.facts.status is not Status.COMPLETED else [*found, *case.parts]
    if len(first) < 2:
        return first[0] if first else None
    return Violation("certificate.several", None, {"reasons": say_all(first)})


def _in_future(on: dt.date, today: dt.date) -> Violation:
    return Violation("certificate.in_future", "on", {"on": chinese(on), "today": chinese(today)})


def issue(made: Plan) -> Plan:
    """Numbers from the counters, under their lock; the plan as it came out."""
    lines = made.doable
    tracks = dict(
        Trainee.select(Trainee.id, Trainee.track)
        .where(among(Trainee.id, [line.id for line in lines]))
        .tuples()
    )
    last = _last(tracks.values())
    numbered = _numbered(lines, tracks, last)
    rows = [
        {
            "trainee": line.id,
            "number": numbered[line.id],
            "code": rules.code_of(secrets.token_bytes(rules.CODE_BYTES)),
            "issued_on": made.args.on,
        }
        for line in lines
    ]
    _count(last, tracks.values())
    record.insert_many(Certificate, rows)
    move(lines, Verb.CERTIFY, made.args)
    cases = certificate_facts.gather(line.id for line in lines)
    return replace(made, lines=_noted(made.lines, numbered, cases))


def _last(tracks: Iterable[int]) -> dict[int, int]:
    """The last serial of each track; its row locked while a command is at work."""
    wanted = sorted(set(tracks))
    query = CertificateCounter.select(CertificateCounter.track, CertificateCounter.last).where(
        among(CertificateCounter.track, wanted)
    )
    return dict.fromkeys(wanted, 0) | dict(record.locked(query.order_by(CertificateCounter.id)).tuples())


def _count(last: Mapping[int, int], used: Iterable[int]) -> None:
    """Move the counters on by what was used."""
    taken: dict[int, int] = {}
    for track in used:
        taken[track] = taken.get(track, 0) + 1
    query = CertificateCounter.select(CertificateCounter.track, CertificateCounter.id)
    rows = dict(query.where(among(CertificateCounter.track, sorted(taken))).tuples())
    for track in sorted(taken):
        after = last[track] + taken[track]
        if track in rows:
            record.update(CertificateCounter, [rows[track]], {"last": after}, expect={"last": last[track]})
        else:
            record.insert(CertificateCounter, {"track": track, "last": after})


def _numbered(lines: Sequence[Line], tracks: Mapping[int, int], last: Mapping[int, int]) -> dict[int, str]:
    """The number of each line that can be done, in their order."""
    ways = certificate_facts.letters(tracks.values())
    serials, found = dict(last), {}
    for line in lines:
        if line.doable:
            track = tracks[line.id]
            serials[track] += 1
            year, letter, text = ways[track]
            found[line.id] = rules.number(text, year, letter, serials[track])
    return found


def _noted(
    lines: Sequence[Line], numbered: Mapping[int, str], cases: Mapping[int, certificate_facts.Case]
) -> tuple[Line, ...]:
    def note(line: Line) -> Line:
        if line.id not in numbered:
            return line
        params = {"number": numbered[line.id]}
        warnings = rules.warnings(cases[line.id].facts, cases[line.id].policy)
        if warnings:
            params["warning"] = say_all(warnings)
            return replace(line, note=Violation("certificate.numbered_missing", None, params))
        return replace(line, note=Violation("certificate.numbered", None, params))

    return tuple(map(note, lines))


# --- What is done with a valid certificate


@dataclass(frozen=True)
class Valid:
    id: int
    number: str
    issued_on: dt.date
    handed_over_on: dt.date | None
    prints: int


def valid(people: Iterable[int]) -> dict[int, Valid]:
    """The certificate that each person has."""
    query = Certificate.select(
        Certificate.trainee, Certificate.id, Certificate.number, Certificate.issued_on,
        Certificate.handed_over_on, Certificate.prints,
    ).where(among(Certificate.trainee, list(people)), Certificate.state == ISSUED)  # fmt: skip
    return {person: Valid(*rest) for person, *rest in query.tuples()}


Decide = Callable[[Person, Valid], tuple[Violation | None, Violation]]


def _plan(actor: Actor, verb: str, people: Ids, args: Args, decide: Decide, **values: Any) -> Plan:
    """A plan over people's valid certificates: `decide` gives (refusal, note)."""
    persons, today = chosen(actor, people), clock.today()
    having = valid(person.id for person in persons)

    def line(person: Person) -> Line:
        one = having.get(person.id)
        if one is None:
            return person.line(Violation("certificate.none_valid"))
        refusal, note = decide(person, one)
        return person.line(_untimely(one, args.on, today) or refusal, note, **values)

    return Plan(verb, args, tuple(map(line, persons)), {"certificates": having})


def _untimely(one: Valid, on: dt.date, today: dt.date) -> Violation | None:
    if on > today:
        return _in_future(on, today)
    if on < one.issued_on:
        params = {"number": one.number, "issued": chinese(one.issued_on)}
        return Violation("certificate.before_issue", "on", params)
    return None


def _number(one: Valid) -> Violation:
    return Violation("certificate.numbered", None, {"number": one.number})


def plan_hand_over(actor: Actor, people: Ids, args: Args) -> Plan:
    """交付证书; done again it corrects the date."""

    def decide(person: Person, one: Valid) -> tuple[Violation | None, Violation]:
        if one.handed_over_on is None:
            return None, _number(one)
        params = {"number": one.number, "on": chinese(one.handed_over_on)}
        return None, Violation("certificate.handed_again", None, params)

    return _plan(actor, "hand_over", people, args, decide)


def hand_over(made: Plan) -> None:
    _write(made, lambda one: {"handed_over_on": made.args.on})


def plan_reissue(actor: Actor, people: Ids, args: Args) -> Plan:
    """补发: the same number again, counted and dated."""

    def decide(person: Person, one: Valid) -> tuple[Violation | None, Violation]:
        params = {"number": one.number, "count": one.prints + 1}
        return None, Violation("certificate.reissued", None, params)

    return _plan(actor, "reissue", people, args, decide)


def reissue(made: Plan) -> None:
    _write(made, lambda one: {"prints": one.prints + 1, "reissued_on": made.args.on})


def plan_void(actor: Actor, people: Ids, args: Args) -> Plan:
    """作废 what was spoiled before it was handed over: the person is 考核合格 again, the number stays used."""
    needs(args, "reason")

    def decide(person: Person, one: Valid) -> tuple[Violation | None, Violation]:
        refusal = hindrance(person, Verb.VOID_CERTIFICATE, args)
        if refusal is None and one.handed_over_on is not None:
            params = {"number": one.number, "on": chinese(one.handed_over_on)}
            refusal = Violation("certificate.handed_over", None, params)
        return refusal, _number(one)

    return _plan(actor, Verb.VOID_CERTIFICATE, people, args, decide, status=Status.COMPLETED.value)


def plan_revoke(actor: Actor, people: Ids, args: Args) -> Plan:
    """撤销: the person stays 已发证, the check page says 已撤销."""
    needs(args, "reason")

    def decide(person: Person, one: Valid) -> tuple[Violation | None, Violation]:
        return hindrance(person, Verb.REVOKE_CERTIFICATE, args), _number(one)

    return _plan(actor, Verb.REVOKE_CERTIFICATE, people, args, decide)


def void(made: Plan) -> None:
    _write(made, lambda one: {"state": VOID, "ended_on": made.args.on, "reason": made.args.reason})
    move(made.doable, Verb.VOID_CERTIFICATE, made.args)


def revoke(made: Plan) -> None:
    _write(made, lambda one: {"state": REVOKED, "ended_on": made.args.on, "reason": made.args.reason})


def _write(made: Plan, values: Callable[[Valid], dict[str, Any]]) -> None:
    having = made.extra["certificates"]
    changes = {having[line.id].id: values(having[line.id]) for line in made.doable}
    record.update_each(Certificate, changes, expect={"state": ISSUED})


ENDINGS = {Verb.VOID_CERTIFICATE: plan_void, Verb.REVOKE_CERTIFICATE: plan_revoke}
APPLY: dict[Verb, Callable[[Plan], None]] = {
    Verb.VOID_CERTIFICATE: void,
    Verb.REVOKE_CERTIFICATE: revoke,
}


# --- Who can and who cannot


@dataclass(frozen=True)
class Candidate:
    """Somebody who has passed. `refused`: why not yet; `warning`: to be seen, no hindrance."""

    id: int
    name: str
    refused: Violation | None
    warning: str


def candidates(actor: Actor, programme: int, on: dt.date) -> list[Candidate]:
    """Everybody who is 考核合格 in this year, within sight, in the order in which numbers are given."""
    from tepei_admin.services.scope import visible

    query = visible(actor, Trainee).where(
        Trainee.programme == programme, Trainee.status == Status.COMPLETED.value
    )
    names = dict(query.select(Trainee.id, Trainee.name).tuples())
    cases = certificate_facts.gather(names)
    return [
        Candidate(
            number, names[number], refused(case, on, on), say_all(rules.warnings(case.facts, case.policy))
        )
        for number, case in sorted(cases.items(), key=lambda item: item[1].order)
    ]
