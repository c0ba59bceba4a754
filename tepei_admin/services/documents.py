"""档案材料 (七（二）): received or not, the file, what is missing, sent to the personnel archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tepei_admin.choices import DocumentKind, Status
from tepei_admin.database import among
from tepei_admin.errors import NotFound, RuleViolation, Violation, ensure
from tepei_admin.models import Document, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.rules import documents as rules
from tepei_admin.rules.calendar import chinese
from tepei_admin.services import attachments, certificate_facts, kept_files, record, scope, vault
from tepei_admin.services.command import command
from tepei_admin.services.people import Person, chosen
from tepei_admin.services.plan import Args, Ids, Line, Plan, needs

MOST_COPIES = 99
LONGEST_NOTE = 255


@dataclass(frozen=True)
class Paper:
    """One entry of the checklist: a kind, what there is of it, and whether it is still missing."""

    kind: DocumentKind
    required: int
    rows: tuple[Document, ...]

    @property
    def copies(self) -> int:
        return sum(row.copies for row in self.rows if row.received_on)

    @property
    def complete(self) -> bool:
        return self.copies >= self.required


def checklist(trainee: int) -> list[Paper]:
    """All kinds in their order, with what is there of each."""
    rows = list(Document.select().where(Document.trainee == trainee).order_by(Document.id))
    return [
        Paper(kind, rules.REQUIRED.get(kind, 0), tuple(row for row in rows if row.kind == kind.value))
        for kind in DocumentKind
    ]


def missing(actor: Actor, programme: int) -> dict[int, tuple[str, ...]]:
    """Who of this year's trainees lacks which papers, within sight. Two queries."""
    query = scope.visible(actor, Trainee).where(
        Trainee.programme == programme, Trainee.status.in_(sorted(rules.KEPT_FOR))
    )
    people = dict(query.select(Trainee.id, Trainee.status).order_by(Trainee.id).tuples())
    there = certificate_facts.received(people)
    found = {
        number: rules.missing(there.get(number, {}), status=Status(status))
        for number, status in people.items()
    }
    return {number: labels for number, labels in found.items() if labels}


# --- One paper


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    name: str
    data: bytes


@command(P.WORK)
def add(
    actor: Actor,
    trainee: object,
    *,
    kind: str,
    received_on: dt.date | None,
    copies: int = 1,
    note: str = "",
    upload: Upload | None = None,
) -> int:
    """A paper of a person's file: received, or attached, or both."""
    person = scope.get(actor, Trainee, trainee)
    ensure(kind in set(DocumentKind), "document.kind_required", "kind")
    ensure(received_on or upload, "document.nothing", "received_on")
    values = _checked(received_on, copies, note)
    return record.insert(Document, {"trainee": person.id, "kind": kind, **values, **_kept(upload)})


@command(P.WORK)
def edit(
    actor: Actor,
    number: object,
    version: int | None,
    *,
    received_on: dt.date | None,
    copies: int = 1,
    note: str = "",
    upload: Upload | None = None,
) -> None:
    """Change a paper; without a new file the old one stays, and so it does when this is refused."""
    row = scope.get(actor, Document, number)
    ensure(received_on or upload or row.file_name, "document.nothing", "received_on")
    values = {**_checked(received_on, copies, note), **_kept(upload)}
    record.update(Document, [row.id], values, versions={row.id: version} if version is not None else None)
    if upload:
        kept_files.drop([row.stored_as])


@command(P.WORK)
def remove(actor: Actor, number: object, version: int | None = None) -> int:
    """Take away a paper that was entered by mistake; whose it was. What was sent to the archive stays."""
    row = scope.get(actor, Document, number)
    if row.archived_on:
        params = {"kind": DocumentKind.label_of(row.kind), "on": chinese(row.archived_on)}
        raise RuleViolation(Violation("document.archived", None, params))
    record.delete(Document, [row.id], versions=None if version is None else {row.id: version})
    kept_files.drop([row.stored_as])
    return int(row.trainee_id)


def _checked(received_on: dt.date | None, copies: int, note: str) -> dict[str, Any]:
    ensure(1 <= copies <= MOST_COPIES, "document.copies", "copies", limit=MOST_COPIES)
    fits = len(note) <= LONGEST_NOTE
    ensure(fits, "record.too_long", "note", label="说明", limit=LONGEST_NOTE, length=len(note))
    ensure("\0" not in note, "record.nul", "note", label="说明")
    return {"received_on": received_on, "copies": copies, "note": note.strip()}


def _kept(upload: Upload | None) -> dict[str, Any]:
    return asdict(attachments.keep(upload.name, upload.data)) if upload else {}


@dataclass(frozen=True)
class File:
    """A file on its way out. `name` is safe for a disk."""

    name: str
    content_type: str
    data: bytes


@command(P.REVEAL)
def fetch(actor: Actor, number: object) -> File:
    """The file of a paper, put on record: it may show what masks hide elsewhere."""
    row = scope.get(actor, Document, number)
    if not row.stored_as:
        raise NotFound(Violation("access.not_found"))
    name = attachments.download_name(row.file_name, row.content_type)
    label = f"{row.trainee.name} {name}"[:128]
    record.event(
        "download", model=Document._meta.table_name, object_id=row.id, label=label, sha256=row.sha256
    )
    return File(name, row.content_type, vault.fetch(row.stored_as))


@dataclass(frozen=True)
class Folder:
    """A person's whole file: the rows of its list, and which files to take along."""

    name: str
    rows: tuple[tuple[Document, str], ...]


@command(P.REVEAL)
def folder(actor: Actor, trainee: object) -> Folder:
    """Everything that is kept of one person, each file under a name of its own; put on record."""
    person = scope.get(actor, Trainee, trainee)
    kinds = [kind.value for kind in DocumentKind]
    rows = sorted(
        Document.select().where(Document.trainee == person.id),
        key=lambda row: (kinds.index(row.kind), row.id),
    )
    named = []
    for place, row in enumerate(rows, start=1):
        own = attachments.download_name(row.file_name, row.content_type)[-100:] if row.stored_as else ""
        named.append((row, f"{place:02d}-{DocumentKind.label_of(row.kind)}-{own}" if own else ""))
    record.event(
        "download", model=Trainee._meta.table_name, object_id=person.id, label=person.name,
        files=sum(1 for _, name in named if name),
    )  # fmt: skip
    return Folder(person.name, tuple(named))


# --- Many people


def plan_receive(actor: Actor, people: Ids, args: Args) -> Plan:
    """登记材料: one kind of paper, received from many on one day, in as many copies as are asked for."""
    if not args.get("document"):
        raise RuleViolation(Violation("document.kind_required", "document"))
    kind = DocumentKind(args.get("document"))
    persons = chosen(actor, people)
    there = _rows([person.id for person in persons], kind)

    def line(person: Person) -> Line:
        got = [row for row in there.get(person.id, ()) if row.received_on]
        if got and kind in rules.REQUIRED and sum(row.copies for row in got) >= rules.REQUIRED[kind]:
            return person.line(
                Violation("document.received_before", None, {"on": chinese(got[-1].received_on)})
            )
        return person.line()

    return Plan("receive", args, tuple(map(line, persons)))


def receive_many(made: Plan) -> None:
    """A file that waits without its paper is completed; else the paper is new."""
    kind = DocumentKind(made.args.get("document"))
    there = _rows([line.id for line in made.doable], kind)
    values = {"received_on": made.args.on, "copies": rules.REQUIRED.get(kind, 1)}
    waiting, new = [], []
    for line in made.doable:
        if rows := there.get(line.id, ()):
            waiting.append(rows[0].id)
        else:
            new.append({"trainee": line.id, "kind": kind.value, **values})
    record.update(Document, waiting, values)
    record.insert_many(Document, new)


def _rows(people: list[int], kind: DocumentKind) -> dict[int, list[Document]]:
    query = Document.select().where(among(Document.trainee, people), Document.kind == kind.value)
    return _by_person(query.order_by(Document.id))


def _by_person(rows: Iterable[Document]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    for row in rows:
        found.setdefault(row.trainee_id, []).append(row)
    return found


def plan_archive(actor: Actor, people: Ids, args: Args) -> Plan:
    """送档: after the end all that was received goes to the personnel archive (七（二）)."""
    needs_to(args)
    persons = chosen(actor, people)
    rows = _by_person(
        Document.select().where(
            among(Document.trainee, [person.id for person in persons]), Document.received_on.is_null(False)
        )
    )

    def line(person: Person) -> Line:
        return person.line(*_archivable(person, rows.get(person.id, ())))

    return Plan("archive", args, tuple(map(line, persons)))


def needs_to(args: Args) -> None:
    needs(args, "on")
    if not args.get("archived_to"):
        raise RuleViolation(Violation("document.to_required", "archived_to"))


def _archivable(person: Person, rows: Sequence[Document]) -> tuple[Violation | None, Violation | None]:
    """(refusal, note)"""
    if person.status not in rules.ENDED:
        return Violation("document.not_ended", None, {"status": person.status.label}), None
    if not rows:
        return Violation("document.none"), None
    waiting = [row for row in rows if row.archived_on is None]
    if not waiting:
        return Violation("document.archived_already", None, {"to": rows[-1].archived_to}), None
    have: dict[str, int] = {}
    for row in rows:
        have[row.kind] = have.get(row.kind, 0) + row.copies
    lacking = rules.missing(have)
    if not lacking:
        return None, Violation("document.to_archive", None, {"count": len(waiting)})
    params = {"count": len(waiting), "missing": "、".join(lacking)}
    return None, Violation("document.to_archive_missing", None, params)


def archive(made: Plan) -> None:
    query = Document.select(Document.id).where(
        among(Document.trainee, [line.id for line in made.doable]),
        Document.received_on.is_null(False),
        Document.archived_on.is_null(),
    )
    values = {"archived_on": made.args.on, "archived_to": made.args.get("archived_to")}
    record.update(Document, [row[0] for row in query.tuples()], values)
