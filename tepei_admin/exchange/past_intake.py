"""Importing a list of 往年学员: read, matched with what is known, reported; storing is one command."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.errors import NotFound, RuleViolation, Stale, Violation
from tepei_admin.exchange import past_list
from tepei_admin.exchange.cells import Message
from tepei_admin.exchange.sheet_report import FileReport, PersonRow, as_json
from tepei_admin.models import PastTrainee, Proposal
from tepei_admin.permissions import Actor
from tepei_admin.services import clock, past, vault
from tepei_admin.services.past import Part
from tepei_admin.services.plan import Outcome
from tepei_admin.services.scope import number_of


@dataclass
class PastIntake:
    """A list checked against the database. `parts`: what could be stored, by row."""

    report: FileReport
    file: str
    parts: dict[int, Part] = field(default_factory=dict)
    proposal: int | None = None

    @property
    def errors(self) -> int:
        return self.report.counts()["error"]

    @property
    def storable(self) -> int:
        counts = self.report.counts()
        return counts["new"] + counts["changed"]

    def as_json(self) -> dict[str, Any]:
        return as_json(self.report, past_list.shown)


def check(actor: Actor, data: bytes, filename: str, *, year: int | None = None) -> PastIntake:
    """Read and report. `year`: of a list that has no such column. RuleViolation where the whole file is refused."""
    past.allow(actor)
    report = past_list.read_list(data, filename, year=year, today=clock.today())
    made = PastIntake(report, filename)
    rows = {row.number: row for row in report.rows}
    made.parts = {number: Part(number, row.values) for number, row in rows.items() if row.outcome == "new"}
    for found in past.match(list(made.parts.values())):
        row = rows[found.part.row]
        row.outcome = found.outcome
        for level, name, violation in found.messages:
            code = violation.code.removeprefix("import.")
            row.messages.append(Message(level, name, code, violation.params))
        _say_changes(row, found)
    return made


def _say_changes(row: PersonRow, found: past.Match) -> None:
    for name, (old, new) in found.changes.items():
        before, after = past_list.shown({name: old})[name], past_list.shown({name: new})[name]
        column = PastTrainee._meta.fields[name].verbose_name
        params = {"column": column, "stored": before, "new": after}
        row.messages.append(Message("notice", name, "record.changes", params))


def store(actor: Actor, made: PastIntake, *, accept_good: bool = False) -> Outcome:
    """Store the list as one batch. RuleViolation for a list with errors, unless the good rows may go."""
    if made.errors and not accept_good:
        raise RuleViolation(Violation("import.past.has_errors", params={"count": made.errors}))
    outcomes = {row.number: row.outcome for row in made.report.rows}
    good = [part for number, part in made.parts.items() if outcomes[number] in ("new", "changed", "same")]
    if not made.storable:
        return Outcome(None)
    return past.store(actor, good, outcomes, {"file": made.file, "proposal": made.proposal})


def hand_in(actor: Actor, data: bytes, made: PastIntake, year: int | None) -> int:
    """Keep the file until it has been looked at; the number of the proposal."""
    return past.propose(actor, {"file": made.file[:255], "year": year}, data)


def resume(actor: Actor, number: object) -> tuple[PastIntake, int | None]:
    """The list that this actor handed in, checked again as things are now; the batch, where it is stored."""
    past.allow(actor)
    kept = _own(actor, number)
    made = check(
        actor, vault.fetch(kept.arguments["stored_as"]), kept.arguments["file"], year=kept.arguments["year"]
    )
    made.proposal = kept.id
    return made, kept.batch_id


def confirm(actor: Actor, number: object, *, shown: str, accept_good: bool) -> Outcome:
    """Store what was looked at. Raises `Stale` where the list would now do something else than was shown."""
    made, batch = resume(actor, number)
    if batch is not None:
        raise RuleViolation(Violation("import.past.already_stored", params={"batch": batch}))
    if shown != digest(made):
        raise Stale(Violation("import.past.changed_since_preview"))
    return store(actor, made, accept_good=accept_good)


def digest(made: PastIntake) -> str:
    """Which look a page shows."""
    text = json.dumps(made.as_json()["rows"], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _own(actor: Actor, number: object) -> Proposal:
    """A proposal is its maker's own."""
    parsed = number_of(number)
    kept = None
    if parsed:
        kept = Proposal.get_or_none(
            Proposal.id == parsed, Proposal.by == actor.id, Proposal.verb == past.VERB
        )
    if kept is None:
        raise NotFound(Violation("access.not_found"))
    return kept
