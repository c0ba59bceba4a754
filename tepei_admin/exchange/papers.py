"""Papers from what the house has: certificates and letters as PDF, a person's file as one ZIP. Each put on record."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tepei_admin.choices import CertificateState, DocumentKind, LetterKind
from tepei_admin.database import among
from tepei_admin.errors import NotFound, RuleViolation, Violation, ensure
from tepei_admin.exchange.cells import guard
from tepei_admin.exchange.documents import certificates as sheets
from tepei_admin.exchange.documents import letters as pages
from tepei_admin.exchange.export import Download
from tepei_admin.models import Certificate, Programme, Track, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.certificates import ALPHABET, CODE_LENGTH
from tepei_admin.services import attachments, clock, documents, exports, letters, trainings, vault
from tepei_admin.services.plan import Plan
from tepei_admin.services.scope import visible

PDF = "application/pdf"
SPECIMEN_CODE = (ALPHABET * 2)[:CODE_LENGTH]
NAMED = 3
"""Reasons that a refusal tells in full; the others are counted."""


def address(base_url: str, number: str, code: str) -> str:
    """Where the QR code leads."""
    return f"{base_url.rstrip('/')}/verify/{quote(number, safe='')}/{code}"


# --- Certificates


def certificates(actor: Actor, numbers: Iterable[int], base_url: str) -> Download:
    """The valid ones among these certificates as one PDF, by number. Void and revoked ones are refused."""
    actor.require(P.WORK)
    rows = _certificates(actor, Certificate.id, numbers)
    dead = [row for row in rows if row["state"] != CertificateState.ISSUED]
    if dead:
        raise RuleViolation(
            Violation(
                "certificate.not_valid",
                None,
                {"number": row["number"], "state": CertificateState.label_of(row["state"])},
            )
            for row in dead
        )
    return _printed(actor, rows, base_url)


def certificates_of(actor: Actor, people: Iterable[int], base_url: str) -> Download:
    """The valid certificates of these people as one PDF, by number."""
    actor.require(P.WORK)
    rows = _certificates(actor, Certificate.trainee, people)
    return _printed(actor, [row for row in rows if row["state"] == CertificateState.ISSUED], base_url)


def _printed(actor: Actor, rows: Sequence[Mapping[str, Any]], base_url: str) -> Download:
    ensure(rows, "certificate.nothing")
    data = sheets.render(_data(rows, base_url))
    first = rows[0]
    name = f"结业证书-{first['number']}-{first['name']}" if len(rows) == 1 else f"结业证书-{len(rows)}份"
    return _noted(actor, "结业证书", name, data, [row["number"] for row in rows])


def specimen(actor: Actor, plan: Plan, base_url: str) -> bytes:
    """What these certificates would look like, 样张 across each: nothing is issued, no number taken."""
    actor.require(P.WORK)
    rows = _people(actor, [line.id for line in plan.doable])
    numbers = {line.id: line.note.params["number"] for line in plan.doable if line.note}
    order = {line.id: place for place, line in enumerate(plan.doable)}
    made = [
        {
            **row, "number": numbers[row["trainee"]], "code": SPECIMEN_CODE, "issued_on": plan.args.on,
            "reissued_on": None,
        }
        for row in sorted(rows, key=lambda row: order[row["trainee"]])
    ]  # fmt: skip
    ensure(made, "certificate.nothing")
    return sheets.render(_data(made, base_url), specimen=True)


def _certificates(actor: Actor, column: Any, numbers: Iterable[int]) -> list[dict[str, Any]]:
    query = _joined(
        visible(actor, Certificate).select(
            Certificate.number, Certificate.code, Certificate.issued_on, Certificate.reissued_on,
            Certificate.state, Trainee.id.alias("trainee"), Trainee.name, Programme.name.alias("programme"),
            Track.label,
        ).join(Trainee, on=(Certificate.trainee == Trainee.id))
    )  # fmt: skip
    return list(query.where(among(column, list(numbers))).order_by(Certificate.number).dicts())


def _people(actor: Actor, people: Iterable[int]) -> list[dict[str, Any]]:
    query = visible(actor, Trainee).select(
        Trainee.id.alias("trainee"), Trainee.name, Programme.name.alias("programme"), Track.label
    )
    return list(_joined(query).where(among(Trainee.id, list(people))).dicts())


def _joined(query: Any) -> Any:
    query = query.join_from(Trainee, Programme, on=(Trainee.programme == Programme.id))
    return query.join_from(Trainee, Track, on=(Trainee.track == Track.id))


def _data(rows: Sequence[Mapping[str, Any]], base_url: str) -> list[sheets.CertificateData]:
    trained = trainings.of(row["trainee"] for row in rows)
    lacking = [
        Violation("certificate.not_printable_yet", None, {"name": row["name"]})
        for row in rows
        if not ((one := trained.get(row["trainee"])) and one.start and one.end)
    ]
    if lacking:
        raise RuleViolation(lacking)
    return [_sheet(row, trained[row["trainee"]], base_url) for row in rows]


def _sheet(row: Mapping[str, Any], training: trainings.Training, base_url: str) -> sheets.CertificateData:
    assert training.start and training.end
    return sheets.CertificateData(
        name=row["name"],
        programme=row["programme"],
        track=row["label"],
        host=training.host,
        major=training.major,
        start=training.start,
        end=training.end,
        number=row["number"],
        code=row["code"],
        address=address(base_url, row["number"], row["code"]),
        issued_on=row["issued_on"],
        reissued_on=row["reissued_on"],
    )


# --- Letters


def letters_of(
    actor: Actor, kind: LetterKind, numbers: Iterable[int], given: Mapping[str, Any], *, sample: bool = False
) -> Download:
    """One PDF of letters of a kind: to people (报到通知) or of cases, in their order.

    `given`: office, date, number (发文字号), and the places that no record fills (report_on, pay_by, addressee).
    """
    actor.require(P.WORK)
    text = letters.text_of(kind)
    found = (
        letters.notices(actor, numbers) if kind is LetterKind.NOTIFY else letters.cases(actor, kind, numbers)
    )
    own = {name: value for name, value in {**text.account, **given}.items() if value}
    made = [
        pages.LetterData(
            kind=kind,
            name=one.name,
            values={**one.values, **own},
            office=own.get("office") or text.office,
            date=given.get("date") or clock.today(),
            number=given.get("number", ""),
            lines=one.lines if kind is LetterKind.RECOVERY else (),
            text=text.wording,
        )
        for one in found
    ]
    data = pages.render(made, specimen=sample)
    names = [one.name for one in found]
    title = f"{kind.label}-{names[0]}" if len(names) == 1 else f"{kind.label}-{len(names)}份"
    return _noted(actor, kind.label, title, data, names)


def _noted(actor: Actor, what: str, title: str, data: bytes, names: Sequence[str]) -> Download:
    file_name = f"{attachments.download_name(title, '')}.pdf"
    exports.note(
        actor, template=what, file_name=file_name[:255], format="pdf", filter={"who": list(names[:100])},
        row_count=len(names), masked=True,
    )  # fmt: skip
    return Download(file_name, PDF, iter([data]))


def shortened(refusal: RuleViolation) -> RuleViolation:
    """The first reasons of many: a page cannot show a thousand."""
    found = refusal.violations
    return refusal if len(found) <= NAMED else RuleViolation(found[:NAMED])


# --- A person's file


def folder(actor: Actor, trainee: int) -> Download:
    """All files of a person and the list of all papers, for the personnel archive (七（二）)."""
    found = documents.folder(actor, trainee)
    handle = tempfile.TemporaryFile()  # noqa: SIM115 (closed by who reads it, or below)
    try:
        with zipfile.ZipFile(handle, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("目录.csv", _contents(found))
            for row, name in found.rows:
                if name:
                    archive.writestr(name, _bytes(row.stored_as))
    except BaseException:
        handle.close()
        raise
    handle.seek(0)
    safe = attachments.download_name(f"{found.name}-学员档案", "")
    return Download(f"{safe}.zip", "application/zip", _pieces(handle))


def _bytes(stored: str) -> bytes:
    try:
        return vault.fetch(stored)
    except NotFound:
        return b""  # the list still says that it was there; `doctor` names files that are gone


def _contents(found: documents.Folder) -> str:
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(["材料", "收到日期", "份数", "文件", "SHA-256", "归档日期", "归入", "说明"])
    for row, name in found.rows:
        cells: list[Any] = [
            DocumentKind.label_of(row.kind), row.received_on or "", row.copies, name, row.sha256,
            row.archived_on or "", row.archived_to, row.note,
        ]  # fmt: skip
        writer.writerow([_plain(cell) for cell in cells])
    return text.getvalue()


def _plain(cell: Any) -> Any:
    """No cell is a formula (safety C4)."""
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return guard(cell) if isinstance(cell, str) else cell


def _pieces(handle: Any) -> Iterator[bytes]:
    with handle:
        while piece := handle.read(1 << 16):
            yield piece
