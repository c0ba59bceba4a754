"""Importing a list of 往年学员: read, matched with what is known, kept, looked at; storing is one command.

The way is that of the summary tables (`intake`): the same record of the file and its rows, the same look, one batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.errors import NotFound, RuleViolation, Stale, Violation
from tepei_admin.exchange import kept, mending, past_list
from tepei_admin.exchange.cells import Message
from tepei_admin.exchange.mending import Confirmed
from tepei_admin.exchange.sheet_report import FileReport, PersonRow, as_json
from tepei_admin.models import PastTrainee, Upload, UploadRow
from tepei_admin.permissions import Actor, P
from tepei_admin.services import clock, past, scope, uploads
from tepei_admin.services.batches import LeftOut
from tepei_admin.services.command import command
from tepei_admin.services.past import Part
from tepei_admin.services.plan import Outcome

GOOD = ("new", "changed", "same")


@dataclass
class PastIntake:
    """A list checked against the database. `seen`: versions of the records, by row; `year`: of rows that name none."""

    report: FileReport
    file: str
    year: int | None
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        return self.report.counts()["error"]

    def as_json(self) -> dict[str, Any]:
        return as_json(self.report, past_list.shown)

    def rows(self) -> list[dict[str, Any]]:
        """Its rows as they are kept."""
        return kept.rows(self.report, {}, self.seen)

    def head(self) -> dict[str, Any]:
        return {**kept.head(self.report), "year": self.year}


def check(actor: Actor, data: bytes, filename: str, *, year: int | None = None) -> PastIntake:
    """Read and report. `year`: of a list that has no such column. RuleViolation where the whole file is refused."""
    past.allow(actor)
    report = past_list.read_list(data, filename, year=year, today=clock.today())
    return _matched(PastIntake(report, filename, year))


def _matched(made: PastIntake) -> PastIntake:
    rows = {row.number: row for row in made.report.rows}
    parts = [Part(number, row.values) for number, row in rows.items() if row.outcome == "new"]
    for found in past.match(parts):
        row = rows[found.part.row]
        row.outcome, made.seen[row.number] = found.outcome, found.version
        for level, name, violation in found.messages:
            code = violation.code.removeprefix("import.")
            params = {"value": row.written.get(name, "").strip(), **violation.params}
            row.messages.append(Message(level, name, code, params))
        _say_changes(row, found)
    return made


def _say_changes(row: PersonRow, found: past.Match) -> None:
    for name, (old, new) in found.changes.items():
        before, after = past_list.shown({name: old})[name], past_list.shown({name: new})[name]
        column = PastTrainee._meta.fields[name].verbose_name
        params = {"column": column, "stored": before, "new": after}
        row.messages.append(Message("notice", name, "record.changes", params))


# --- Between the look and the store


def hand_in(actor: Actor, data: bytes, made: PastIntake) -> int:
    """Keep the file and what was found in it; nothing is stored yet. The number of the upload."""
    past.allow(actor)
    about = {
        "file_name": made.file[:255], "programme": None, "track": None, "unit": None, "received_on": clock.today(),
        "sealed": False, "report": made.head(),
    }  # fmt: skip
    return uploads.receive(actor, about, data, made.rows())


def upload_of(actor: Actor, number: object) -> Upload:
    """A list that was handed in. Raises `NotFound`."""
    past.allow(actor)
    found = scope.get(actor, Upload, number)
    if found.track_id is not None:
        raise NotFound(Violation("access.not_found"))
    return found


def confirm(actor: Actor, number: object, version: int, *, accept_good: bool) -> Confirmed:
    """Store a list as it was shown; where the data have changed since, check it again instead."""
    try:
        outcome = store_kept(actor, number, version, accept_good=accept_good)
    except Stale as refusal:
        if refusal.violations[0].code != "import.changed_since_preview":
            raise
        return Confirmed(moved=tuple(_recheck(actor, number)))
    return Confirmed(outcome.batch, len(outcome.done))


def mend(
    actor: Actor,
    number: object,
    version: int,
    cells: Mapping[tuple[int, str], str],
    choices: Mapping[int, str] | None = None,
) -> int:
    """Put cells right ((row, field) -> text) and take or skip rows; how many things changed."""
    past.allow(actor)
    upload = uploads.open_upload(actor, number, past=True)
    changes = mending.changes_of(actor, upload, cells, choices or {}, past_list.BY_FIELD)
    if not changes:
        return 0
    made, told = _again(upload, _rows_of(upload), changes), mending.named(changes, past_list.BY_FIELD)
    uploads.revise(actor, upload.id, version, made.head(), made.rows(), what="、".join(told)[:2000])
    return len(told)


def _recheck(actor: Actor, number: object) -> list[int]:
    """Check again as the database is now; the rows that would do something else than was shown."""
    upload = uploads.open_upload(actor, number, past=True)
    old = _rows_of(upload)
    made = _again(upload, old, {})
    rows = made.rows()
    uploads.revise(actor, upload.id, upload.version, made.head(), rows, what="重新核对")
    return mending.moved_rows(old, rows)


def _rows_of(upload: Upload) -> list[UploadRow]:
    return list(UploadRow.select().where(UploadRow.upload == upload.id).order_by(UploadRow.number))


def _again(upload: Upload, rows: list[UploadRow], changes: Mapping[int, mending.Change]) -> PastIntake:
    """The whole list from the cells that were kept, with what has been put right: rows stand against each other."""
    made = PastIntake(kept.report(upload.report), upload.file_name, upload.report["year"])
    made.report.skipped = [item for row in rows if (item := kept.nobody(row))]
    people = [mending.changed(kept.sent(row), changes.get(row.number, {})) for row in rows if row.cells]
    past_list.read_again(made.report, people, year=made.year, today=clock.today())
    return _matched(made)


# --- Storing


def store(actor: Actor, made: PastIntake, *, accept_good: bool = False) -> Outcome:
    """Store a list as one batch. RuleViolation for a list with errors, unless the good rows may go."""
    return _store(actor, past.Source(made.file), made.rows(), accept_good)


def store_kept(actor: Actor, number: object, version: int, *, accept_good: bool = False) -> Outcome:
    """Store a list as it was looked at: nothing is read again, everything is matched again under the lock."""
    upload = uploads.open_upload(actor, number, past=True)
    names = ("number", "name", "outcome", "seen", "values", "messages", "cells", "corrections")
    query = UploadRow.select(*(UploadRow._meta.fields[name] for name in names))
    found = query.where(UploadRow.upload == upload.id).order_by(UploadRow.number)
    rows = [{name: getattr(row, name) for name in names} for row in found]
    return _store(actor, past.Source(upload.file_name, upload.id, version), rows, accept_good)


@command(P.WORK)
def take_in(actor: Actor, data: bytes, made: PastIntake, *, accept_good: bool = False) -> Outcome:
    """Keep the file and store it, in one transaction: the command line's way, which has no look in between."""
    counts = made.report.counts()
    if not counts["new"] + counts["changed"] or (counts["error"] and not accept_good):
        return store(actor, made, accept_good=accept_good)
    number = hand_in(actor, data, made)
    return store_kept(actor, number, Upload.get_by_id(number).version, accept_good=accept_good)


def _store(
    actor: Actor, source: past.Source, found: Sequence[Mapping[str, Any]], accept_good: bool
) -> Outcome:
    rows = [row for row in found if row["cells"]]
    errors = sum(row["outcome"] == "error" for row in rows)
    if errors and not accept_good:
        raise RuleViolation(Violation("import.has_errors", params={"count": errors}))
    if not any(row["outcome"] in ("new", "changed") for row in rows):
        return Outcome(None)
    good = [
        Part(row["number"], row["values"], kept.told(row["corrections"], past_list.BY_FIELD))
        for row in rows
        if row["outcome"] in GOOD
    ]
    expected = {row["number"]: (row["outcome"], row["seen"]) for row in rows}
    left_out = [
        LeftOut(row["number"], row["name"], row["outcome"], kept.why(row))
        for row in rows
        if row["outcome"] not in GOOD
    ]
    return past.store(actor, good, expected, source, left_out)
