"""终止与取消资格: a case is opened, confirmed by the host where it is for cause, and decided by a second person.

Deciding is the verb (`no_show`, `terminate`, `disqualify`). The recovery is computed when the case is written and again
under the lock: what was shown is what is recorded, or the decision is refused and the case stays open (六（四）, 六（六）).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import (
    PaymentState,
    PlacementState,
    RecoveryRule,
    Status,
    Verb,
)
from tepei_admin.choices import TerminationPath as Path
from tepei_admin.choices import TerminationState as State
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Stale, Violation, ensure
from tepei_admin.messages import say, word
from tepei_admin.models import Payment, Placement, Programme, Termination, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.rules import recovery as rule
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.lifecycle import TRANSITIONS, allowed
from tepei_admin.rules.money import stored, yuan
from tepei_admin.rules.recovery import DISCIPLINARY, Case, Recovery
from tepei_admin.rules.term import Period
from tepei_admin.services import batches, clock, money, placements, record, scope
from tepei_admin.services.command import command
from tepei_admin.services.lifecycle import move
from tepei_admin.services.money import OPEN_CASE, STANDING
from tepei_admin.services.people import Person, chosen
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan, sound
from tepei_admin.services.second import Decision, Matter, digest, solo
from tepei_admin.services.work import in_hand

PATHS: dict[Verb, tuple[Path, ...]] = {
    Verb.NO_SHOW: (Path.NO_SHOW,),
    Verb.TERMINATE: (Path.FOR_CAUSE,),
    Verb.DISQUALIFY: (Path.LEFT, Path.DISCIPLINE),
}
VERB_OF = {path: verb for verb, paths in PATHS.items() for path in paths}
CLAUSE = {
    Path.FOR_CAUSE: "六（四）",
    Path.NO_SHOW: "六（六）1",
    Path.LEFT: "六（六）2",
    Path.DISCIPLINE: "六（六）3",
}


def paths_for(status: Status) -> list[Path]:
    """The ways out of this status."""
    return [path for path in Path if allowed(status, VERB_OF[path])]


# --- Opening, and all that comes before the decision


@command(P.OPEN)
def open_case(
    actor: Actor,
    trainee: object,
    *,
    path: str,
    facts: str,
    papers: str = "",
    actual_end: dt.date | None = None,
    decision_no: str = "",
    decided_on: dt.date | None = None,
    key: str = "",
) -> int:
    """立案. `decision_no` and `decided_on` may be recorded now or given by whoever decides. The case's number."""
    person = scope.get(actor, Trainee, trainee)
    ensure(path in set(Path), "termination.bad_path", "path")
    way = Path(path)
    money.lock_people([person.id])
    values = _texts(facts, papers, decision_no) | {"actual_end": actual_end, "decided_on": decided_on}
    status = Status(Trainee.get_by_id(person.id).status)
    if not allowed(status, VERB_OF[way]):
        params = {"status": status.label, "path": way.label}
        raise RuleViolation(Violation("termination.wrong_status", "path", params))
    already = open_of([person.id]).get(person.id)
    if already is not None:
        params = {"path": Path.label_of(already.path), "state": State.label_of(already.state)}
        raise RuleViolation(Violation("termination.exists", "path", params))
    _must_fit(way, values, place_of(person.id))
    row = {"trainee": person.id, "path": way.value, **values, "state": State.OPENED.value}
    found = compute(person.id, way, actual_end)
    opened = {"opened_by": actor.id, "opened_at": in_hand().at}
    return record.insert(Termination, {**row, **_figures(row, found), **opened})


@command(P.OPEN)
def amend_case(
    actor: Actor,
    case: object,
    *,
    facts: str,
    papers: str = "",
    actual_end: dt.date | None = None,
    decision_no: str = "",
    decided_on: dt.date | None = None,
    version: int | None = None,
    key: str = "",
) -> None:
    """Change what is not decided yet, by its opener; the recovery is computed afresh, and shown afresh."""
    row = _open(actor, case)
    if row.opened_by_id != actor.id:
        opener = row.opened_by.name or row.opened_by.username
        raise RuleViolation(Violation("termination.not_opener", params={"opener": opener}))
    way = Path(row.path)
    values = _texts(facts, papers, decision_no) | {"actual_end": actual_end, "decided_on": decided_on}
    _must_fit(way, values, place_of(row.trainee_id))
    found = compute(row.trainee_id, way, actual_end)
    figures = _figures({**row.__data__, **values}, found)
    record.update(
        Termination,
        [row.id],
        {**values, **figures},
        versions={row.id: version} if version is not None else None,
        expect={"state": row.state},
    )


def _texts(facts: str, papers: str, decision_no: str) -> dict[str, Any]:
    ensure(facts.strip(), "termination.facts_required", "facts")
    sound(Args(dt.date.min, reason=facts, approval_no=decision_no))
    sound(Args(dt.date.min, reason=papers))
    return {"facts": facts.strip(), "papers": papers.strip(), "decision_no": decision_no.strip()}


def _must_fit(path: Path, values: dict[str, Any], place: Placement | None) -> None:
    """The actual end of who has been in training; the receipt of the notice of who has not come."""
    if path is Path.NO_SHOW:
        values["actual_end"] = None
        received = place is not None and place.notice_received_on
        ensure(received, "termination.no_receipt", "path")
        return
    ensure(place is not None, "termination.no_placement", "actual_end")
    ensure(values["actual_end"] is not None, "termination.actual_end_required", "actual_end")
    start, end = place.actual_start if place else None, values["actual_end"]
    if start and end < start:
        params = {"start": chinese(start), "end": chinese(end)}
        raise RuleViolation(Violation("termination.end_before_start", "actual_end", params))


def place_of(trainee: int) -> Placement | None:
    """Where the person is, or was to come."""
    states = (PlacementState.CURRENT.value, PlacementState.CONFIRMED.value)
    query = Placement.select().where(Placement.trainee == trainee, Placement.state.in_(states))
    rows = list(query.order_by(Placement.id.desc()))
    return next((row for row in rows if row.state == PlacementState.CURRENT), rows[0] if rows else None)


def compute(trainee: int, path: Path, actual_end: dt.date | None) -> tuple[Case, Recovery]:
    """The recovery as things stand."""
    year = (
        Programme.select().join(Trainee, on=(Trainee.programme == Programme.id)).where(Trainee.id == trainee)
    )
    place = place_of(trainee)
    planned = place and place.planned_start and place.planned_end
    term = Period(place.planned_start, place.planned_end) if place and planned else None
    rows = money.rows_of([trainee]).get(trainee, [])
    own = money.entries(row for row in rows if row.kind not in money.OF_CASE)
    case = Case(path, own, RecoveryRule(year.get().recovery), term, actual_end)
    return case, rule.recovery(case)


def _figures(row: Mapping[str, Any], found: tuple[Case, Recovery]) -> dict[str, Any]:
    due = found[1].due_fen
    return {"due": due, "lines": stored(found[1].lines), "digest": digest(_shown(row, found[1]))}


def _shown(row: Mapping[str, Any], found: Recovery) -> dict[str, Any]:
    """What the opener saw, and the decider must see."""
    named = {name: str(row[name] or "") for name in ("path", "facts", "papers", "actual_end")}
    lines = [[line.code, dict(line.params), line.amount_fen] for line in found.lines]
    return {**named, "due": found.due_fen, "lines": lines}


@command(P.WORK)
def confirm_host(actor: Actor, case: object, *, on: dt.date | None, how: str, key: str = "") -> None:
    """培养单位确认 (六（四）): comes before the Department's approval."""
    row = _open(actor, case)
    ensure(row.path == Path.FOR_CAUSE, "termination.not_for_cause")
    ensure(how.strip(), "termination.confirmation_required", "how")
    ensure(on is not None, "termination.confirmed_on_required", "on")
    fits = len(how) <= 255 and "\0" not in how
    ensure(fits, "record.too_long", "how", label="培养单位确认", limit=255, length=len(how))
    values = {
        "state": State.CONFIRMED.value,
        "host_confirmed_on": on,
        "host_confirmation": how.strip(),
    }
    record.update(Termination, [row.id], values, expect={"state": row.state})


@command(P.OPEN)
def drop_case(actor: Actor, case: object, *, reason: str, key: str = "") -> None:
    """撤案, with a reason."""
    row = _open(actor, case)
    ensure(reason.strip(), "verb.reason_required", "reason")
    sound(Args(dt.date.min, reason=reason))
    record.update(Termination, [row.id], {"state": State.DROPPED.value}, expect={"state": row.state})


@command(P.WORK)
def circular(actor: Actor, case: object, *, on: dt.date | None, to: str, key: str = "") -> None:
    """通报批评: its date and addressee (六（六）)."""
    row = scope.get(actor, Termination, case)
    state = {"state": State.label_of(row.state)}
    ensure(row.state in STANDING, "termination.not_decided", **state)
    ensure(on is not None and to.strip(), "termination.circular_required", "to" if on else "on")
    ensure(
        len(to) <= 255 and "\0" not in to,
        "record.too_long",
        "to",
        label="通报对象",
        limit=255,
        length=len(to),
    )
    record.update(Termination, [row.id], {"circular_on": on, "circular_to": to.strip()})


def _open(actor: Actor, case: object) -> Termination:
    """A case that is not decided, its person locked."""
    row = scope.get(actor, Termination, case)
    money.lock_people([row.trainee_id])
    row = Termination.get_by_id(row.id)
    ensure(row.state in OPEN_CASE, "termination.closed", state=State.label_of(row.state))
    return row


def open_of(people: Ids) -> dict[int, Termination]:
    """The open case of each person who has one."""
    query = Termination.select().where(
        among(Termination.trainee, list(people)), Termination.state.in_(OPEN_CASE)
    )
    return {row.trainee_id: row for row in query}


# --- The decision, which is the verb


@dataclass(frozen=True)
class Decided:
    """A case as it will be decided."""

    row: Termination
    found: Recovery
    case: Case
    on: dt.date
    decision_no: str
    solo: bool


def _planner(verb: Verb) -> Callable[[Actor, Ids, Args], Plan]:
    def plan(actor: Actor, people: Ids, args: Args) -> Plan:
        """Whose open case is complete and was opened by somebody else."""
        persons = chosen(actor, people)
        cases = open_of([person.id for person in persons])
        decided: dict[int, Decided] = {}

        def line(person: Person) -> Line:
            case = cases.get(person.id)
            refused = _wrong(person, verb, case)
            if refused is not None or case is None:
                return person.line(refused)
            made = _decided(case, args)
            refused = _hindrance(actor, case, made)
            if refused is not None:
                return person.line(refused)
            decided[person.id] = replace(made, solo=case.opened_by_id == actor.id)
            values: dict[str, Any] = {"status": TRANSITIONS[verb].targets[0].value}
            if verb is Verb.NO_SHOW:
                values["over_quota"] = False
            return person.line(
                None, Violation("termination.told", params={"formula": told_due(made)}), **values
            )

        lines = tuple(line(person) for person in persons)
        return Plan(verb, args, lines, extra={"decided": decided})

    return plan


def told_due(made: Decided) -> str:
    return made.found.formula if made.found.due_fen else f"{yuan(0)}（{made.found.lines[0].text}）"


def _wrong(person: Person, verb: Verb, case: Termination | None) -> Violation | None:
    if not allowed(person.status, verb):
        return Violation("verb.wrong_status", params={"status": person.status.label, "verb": verb.label})
    if case is None or Path(case.path) not in PATHS[verb]:
        labels = "”或“".join(path.label for path in PATHS[verb])
        return Violation("termination.no_case", params={"path": labels})
    return None


def _decided(case: Termination, args: Args) -> Decided:
    found = compute(case.trainee_id, Path(case.path), case.actual_end)
    on = args.on if args.approval_no else case.decided_on or args.on
    return Decided(case, found[1], found[0], on, args.approval_no or case.decision_no, False)


def _hindrance(actor: Actor, case: Termination, made: Decided) -> Violation | None:
    try:
        solo(actor, case)
    except RuleViolation as same:
        return same.violations[0]
    missing = _missing(case, made.decision_no)
    if missing:
        params = {
            "missing": "、".join(word(f"termination.missing.{name}") for name in missing),
            "clause": CLAUSE[Path(case.path)],
        }
        return Violation("termination.incomplete", params=params)
    against = rule.check_decision(made.case, shown_fen=case.due)
    if against:
        return against[0]
    if case.digest != digest(_shown(case.__data__, made.found)):
        return Violation("request.changed_since", params={"name": case.trainee.name})
    return None


def _missing(case: Termination, decision_no: str) -> list[str]:
    place = place_of(case.trainee_id)
    path = Path(case.path)
    wanted = {
        "facts": bool(case.facts),
        "actual_end": path is Path.NO_SHOW or case.actual_end is not None,
        "receipt": path is not Path.NO_SHOW or bool(place and place.notice_received_on),
        "host": path is not Path.FOR_CAUSE or case.state == State.CONFIRMED,
        "decision_no": bool(decision_no),
    }
    return [name for name, there in wanted.items() if not there]


PLANNERS: dict[Verb, Callable[[Actor, Ids, Args], Plan]] = {verb: _planner(verb) for verb in PATHS}


def decide(made: Plan) -> None:
    """Record the recovery exactly as shown, void the drafts, end the placement, move the person."""
    decided: Mapping[int, Decided] = made.extra["decided"]
    for line in made.doable:
        item = decided[line.id]
        _void_drafts(item.case)
        _record(item)
        if Path(item.row.path) is not Path.NO_SHOW:
            placements.end({line.id: item.row.actual_end})
        args = Args(item.on, reason=_reason(item.row), approval_no=item.decision_no)
        move([line], Verb(made.verb), args)


def _reason(row: Termination) -> str:
    return f"{Path.label_of(row.path)}：{row.facts}"


def _void_drafts(case: Case) -> None:
    drafts = [entry.id for entry in rule.to_void(case)]
    record.update(
        Payment, drafts, {"state": PaymentState.VOID.value}, expect={"state": PaymentState.DRAFT.value}
    )


def _record(item: Decided) -> None:
    row, due = item.row, item.found.due_fen
    values = {
        "state": (State.DECIDED if due else State.SETTLED).value,
        "due": due,
        "lines": stored(item.found.lines),
        "decision_no": item.decision_no,
        "decided_on": item.on,
        "decided_by": in_hand().actor.id,
        "decided_at": in_hand().at,
        "solo": item.solo,
    }
    record.update(Termination, [row.id], values, expect={"state": row.state}, versions={row.id: row.version})


# --- In 待核准


def _decide(row: Termination, decision: Decision) -> Outcome:
    """Yes is the verb; no drops the case."""
    money.lock_people([row.trainee_id])
    if not decision.yes:
        values = {"state": State.DROPPED.value, **decision.columns()}
        record.update(Termination, [row.id], values, expect={"state": row.state})
        return Outcome(None)
    verb = VERB_OF[Path(row.path)]
    made = PLANNERS[verb](decision.actor, [row.trainee_id], _args(row, decision.more))
    refused = made.lines[0].refused
    if refused is not None:
        raise Stale(refused) if refused.code == "request.changed_since" else RuleViolation(refused)
    batch = batches.begin(decision.actor, verb.value, f"{verb.label} 1 人", made)
    decide(made)
    batches.close(batch, made)
    return Outcome(batch, done=(row.trainee_id,))


def _args(row: Termination, more: Mapping[str, str]) -> Args:
    """The decision's number and date as the decider gives them, else as they stand on the case."""
    number, day = more.get("decision_no", "").strip(), more.get("decided_on", "").strip()
    try:
        on = dt.date.fromisoformat(day) if day else row.decided_on or clock.today()
    except ValueError:
        params = {"label": "决定日期", "value": day[:40]}
        raise RuleViolation(Violation("record.not_date", "decided_on", params)) from None
    args = Args(on, approval_no=number or row.decision_no)
    sound(args)
    return args


def told(row: Termination) -> str:
    """Its line in 待核准."""
    path, name = Path(row.path), row.trainee.name
    if path not in DISCIPLINARY:
        return word("termination.matter", path=path.label, name=name)
    return word("termination.matter_due", path=path.label, name=name, due=yuan(row.due or 0))


def shown(row: Termination) -> Sequence[tuple[str, int]]:
    return [(line["text"], line["fen"]) for line in row.lines or ()]


def formula(row: Termination) -> str:
    """The recovery as it was shown, in one line; "" where nothing is due."""
    return rule.formula((line["code"], line["fen"]) for line in row.lines or ()) if row.due else ""


def asks(row: Termination) -> Mapping[str, str]:
    return {"decision_no": row.decision_no, "decided_on": str(row.decided_on or "")}


MATTER = Matter("termination", Termination, frozenset(OPEN_CASE), told, _decide, shown, asks, "/terminations")


# --- As the pages show it


@dataclass(frozen=True)
class Now:
    """An open case: what would be recovered now, whether that is what was shown, what is still missing."""

    found: Recovery
    changed: bool
    missing: tuple[str, ...]
    against: tuple[str, ...]


def now(row: Termination) -> Now:
    case, found = compute(row.trainee_id, Path(row.path), row.actual_end)
    missing = [name for name in _missing(row, row.decision_no) if name != "decision_no"]
    against = [say(item) for item in rule.check_decision(case)]
    changed = row.digest != digest(_shown(row.__data__, found))
    return Now(found, changed, tuple(word(f"termination.missing.{name}") for name in missing), tuple(against))
