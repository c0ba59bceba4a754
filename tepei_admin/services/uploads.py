"""Files that came in for import, until they are stored: what was found in them, and what the office put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import peewee

from tepei_admin import database
from tepei_admin.database import rows
from tepei_admin.errors import NotFound, Stale, Violation, ensure
from tepei_admin.models import HeaderChoice, Unit, Upload, UploadRow
from tepei_admin.permissions import Actor, P
from tepei_admin.services import kept_files, record, scope, vault
from tepei_admin.services.command import command
from tepei_admin.services.work import in_hand

Values = Mapping[str, Any]
RESULT = ("outcome", "choice", "seen", "name", "marks", "corrections", "values", "places", "messages")
"""What checking a row again may change."""
SOMEBODY = peewee.fn.LENGTH(UploadRow.cells) > len("[]")
"""The condition for rows with a person in them: of the others (blank, examples, sums) no cells are kept."""


@command(P.ENTER)
def receive(actor: Actor, values: Values, data: bytes, found: Sequence[Values]) -> int:
    """Keep an uploaded file with its record and rows until it is stored; the number of the upload."""
    name, digest = vault.keep(data)
    about = {"size": len(data), "stored_as": name, "sha256": digest}
    row = {**values, **about, "by": actor.id, "at": in_hand().at}
    number = record.insert_many(Upload, [row], logged=False)[0]
    record.append(UploadRow, [{**item, "upload": number} for item in found])
    return number


@command(P.ENTER)
def revise(
    actor: Actor,
    number: object,
    version: int,
    report: Values,
    found: Iterable[Values],
    *,
    what: str,
    among: Iterable[int] | None = None,
) -> None:
    """Put another result of checking in the place of what was kept. `Stale`: somebody else did so meanwhile.

    `what` goes to the history: what has been put right. `among`: only these rows have been checked.
    """
    upload = _unstored(actor, number)
    stamp = in_hand().at
    here = (Upload.id == upload.id) & (Upload.version == version) & Upload.batch.is_null()
    if not record.mark(Upload, here, report=dict(report), version=version + 1, updated_at=stamp):
        raise Stale(Violation("import.upload_revised"))
    query = UploadRow.select().where(UploadRow.upload == upload.id)
    if among is not None:
        query = query.where(database.among(UploadRow.number, list(among)))
    old = {row.number: row for row in query}
    new = {item["number"]: item for item in found}
    gone = [row.id for at, row in old.items() if at not in new or not _alike(row, new[at])]
    record.delete(UploadRow, gone, logged=False)
    fresh = [item for at, item in new.items() if at not in old or not _alike(old[at], item)]
    record.append(UploadRow, [{**item, "upload": upload.id} for item in fresh])
    record.event("correct", model="upload", object_id=upload.id, label=upload.file_name, what=what)


def _alike(row: UploadRow, item: Values) -> bool:
    return row.cells == item["cells"] and all(getattr(row, name) == item[name] for name in RESULT)


def open_upload(actor: Actor, number: object, *, past: bool = False) -> Upload:
    """A summary table (`past`: a list of 往年学员) that nobody has stored yet."""
    upload = _unstored(actor, number)
    if (upload.track_id is None) != past:
        raise NotFound(Violation("access.not_found"))
    return upload


def table_of(actor: Actor, number: object) -> Upload:
    """A summary table, stored or not. Raises `NotFound`, also for a list of 往年学员."""
    upload = scope.get(actor, Upload, number)
    if upload.track_id is None:
        raise NotFound(Violation("access.not_found"))
    return upload


def once(number: int | None, version: int) -> None:
    """One upload is stored once, however often the button is pressed, and as it was seen."""
    if number is None:
        return
    query = Upload.select(Upload.batch, Upload.version).where(Upload.id == number)
    found = record.locked(query).tuples().first()
    ensure(found, "import.upload_gone")
    ensure(found[0] is None, "import.already_stored", batch=found[0])
    if found[1] != version:
        raise Stale(Violation("import.upload_revised"))


def _unstored(actor: Actor, number: object) -> Upload:
    upload = scope.get(actor, Upload, number)
    ensure(upload.batch_id is None, "import.already_stored", batch=upload.batch_id)
    return upload


# --- Columns, as the office put them right


def remembered(actor: Actor) -> dict[str, dict[str, str]]:
    """The choices by unit code ("": tables of no one unit), then label of the header -> field."""
    query = scope.visible(actor, HeaderChoice).select(Unit.code, HeaderChoice.header, HeaderChoice.field)
    found: dict[str, dict[str, str]] = {}
    for code, header, name in rows(query.left_outer_join(Unit, on=(HeaderChoice.unit == Unit.id))):
        found.setdefault(code or "", {})[header] = name
    return found


@command(P.ENTER)
def remember(actor: Actor, sender: str, choices: Values, written: Values, forgotten: Iterable[str]) -> None:
    """Keep these choices for the next table of that sender; forget others. `written`: the headers by label."""
    unit = Unit.get(Unit.code == sender) if sender else None
    ensure(actor.unit_id is None or (unit and unit.id == actor.unit_id), "import.choice_not_yours")
    whose = HeaderChoice.unit == unit.id if unit else HeaderChoice.unit.is_null()
    known = {row.header: row for row in HeaderChoice.select().where(whose)}
    record.delete(HeaderChoice, [known[label].id for label in forgotten if label in known])
    for label, name in choices.items():
        if label not in known:
            row = {"unit": unit.id if unit else None, "header": label, "written": written[label][:255]}
            record.insert(HeaderChoice, {**row, "field": name, "by": actor.id, "at": in_hand().at})
        elif known[label].field != name:
            record.update(HeaderChoice, [known[label].id], {"field": name})


# --- Files that nobody stored


def left_since(before: dt.datetime) -> Any:
    """The condition for uploads that came in before that moment and were never stored."""
    return Upload.batch.is_null() & (Upload.at < before)


@command(None)
def sweep(actor: Actor, before: dt.datetime) -> int:
    """Throw away files that nobody stored, with what was found in them; how many."""
    gone = list(rows(Upload.select(Upload.id, Upload.stored_as).where(left_since(before))))
    numbers = [number for number, _ in gone]
    children = [
        row[0]
        for row in rows(UploadRow.select(UploadRow.id).where(database.among(UploadRow.upload, numbers)))
    ]
    record.delete(UploadRow, children, logged=False)
    record.delete(Upload, numbers)
    kept_files.drop(name for _, name in gone)
    return len(gone)
