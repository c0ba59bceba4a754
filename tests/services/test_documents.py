"""Papers of a file: types by content, names as text, what is missing, received and archived by many."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from tepei_admin.errors import NotAllowed, NotFound, RuleViolation, Stale
from tepei_admin.messages import say
from tepei_admin.models import Document
from tepei_admin.rules import documents as rules
from tepei_admin.services import attachments, documents, vault
from tepei_admin.services.documents import Upload
from tests.services.cast import put_into
from tests.services.paper_cast import TODAY, completed, file, today_is, write

PDF = b"%PDF-1.4\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return data.getvalue()


GOOD = {
    "application/pdf": PDF,
    "image/jpeg": b"\xff\xd8\xff\xe0rest",
    "image/png": b"\x89PNG\r\n\x1a\nrest",
    attachments.DOCX: zipped("[Content_Types].xml", "word/document.xml"),
    attachments.XLSX: zipped("[Content_Types].xml", "xl/workbook.xml"),
    "application/msword": OLE + "WordDocument".encode("utf-16-le") + b"\0\0",
    "application/vnd.ms-excel": OLE + "Workbook".encode("utf-16-le") + b"\0\0",
}
BAD = {
    "exe": b"MZ\x90\0",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "late pdf": b"<html>%PDF-1.4",
    "elf": b"\x7fELF",
    "zip": zipped("a.txt"),
    "macros": zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "broken zip": b"PK\x03\x04broken",
    "installer": OLE + "Property".encode("utf-16-le"),
    "text": "身份证".encode(),
}


@pytest.fixture(autouse=True)
def kept(house, tmp_path, monkeypatch):
    today_is(house)
    monkeypatch.setattr(vault, "folder", tmp_path / "kept")
    return tmp_path / "kept"


def add(house, person, name="a.pdf", data=PDF, kind="basic", **values):
    options = {"received_on": TODAY, **values}
    return documents.add(house.cli, person.id, kind=kind, upload=Upload(name, data), **options)


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_is_what_its_content_is(kind):
    assert attachments.type_of(GOOD[kind]) == kind


@pytest.mark.parametrize("what", BAD)
def test_other_content_is_refused_whatever_its_name(house, kept, what):
    person = house.trainee()
    with pytest.raises(RuleViolation) as refused:
        add(house, person, "身份证.pdf", BAD[what])
    assert refused.value.violations[0].code == "document.wrong_type"
    assert Document.select().count() == 0 and not kept.exists()


def test_fifty_files_of_one_name_stay_fifty(house, kept):
    person = house.trainee()
    numbers = [
        add(house, person, "身份证.pdf", PDF + str(number).encode(), kind="other") for number in range(50)
    ]
    rows = list(Document.select())
    assert {row.file_name for row in rows} == {"身份证.pdf"}
    assert len({row.stored_as for row in rows}) == len({row.sha256 for row in rows}) == 50
    assert all(row.stored_as.isalnum() for row in rows) and len(list(kept.iterdir())) == 50
    got = {documents.fetch(house.cli, number).data for number in numbers}
    assert len(got) == 50


@pytest.mark.parametrize(
    ("name", "stored", "out"),
    [
        ("../../x", "../../x", "x.pdf"),
        ("..\\..\\windows\\a.pdf", "..\\..\\windows\\a.pdf", "windows_a.pdf"),
        ("长" * 300 + ".pdf", "长" * 251 + ".pdf", "长" * 251 + ".pdf"),
        ("a\0b\n.pdf", "ab.pdf", "ab.pdf"),
        ("木马.exe", "木马.exe", "木马.exe.pdf"),
        ("fdp.\u202eexe", "fdp.\u202eexe", "fdp._exe.pdf"),
        ("", "未命名", "未命名.pdf"),
    ],
)
def test_the_written_name_is_text_and_its_download_is_safe(house, kept, name, stored, out):
    number = add(house, house.trainee(), name)
    assert Document.get().file_name == stored
    assert documents.fetch(house.cli, number).name == out
    assert all(path.parent == kept for path in kept.rglob("*"))


@pytest.mark.parametrize(
    ("size", "code"), [(0, "document.empty"), (attachments.LIMIT + 1, "document.too_large")]
)
def test_empty_and_too_large_are_refused(house, size, code):
    with pytest.raises(RuleViolation) as refused:
        add(house, house.trainee(), "a.pdf", (PDF * (size // 9 + 1))[:size])
    assert refused.value.violations[0].code == code


def test_the_largest_is_taken(house):
    add(house, house.trainee(), "a.pdf", (PDF * (attachments.LIMIT // 9 + 1))[: attachments.LIMIT])


def test_an_old_file_survives_a_rejected_edit(house):
    number = add(house, house.trainee(), "好.pdf", PDF + b"1")
    with pytest.raises(RuleViolation):
        documents.edit(house.cli, number, 1, received_on=TODAY, upload=Upload("坏.pdf", b"MZ"))
    with pytest.raises(Stale):
        documents.edit(house.cli, number, 7, received_on=TODAY, upload=Upload("新.pdf", PDF + b"2"))
    assert documents.fetch(house.cli, number).data == PDF + b"1"
    documents.edit(house.cli, number, 1, received_on=TODAY, copies=2, upload=Upload("新.pdf", PDF + b"2"))
    assert documents.fetch(house.cli, number).data == PDF + b"2" and Document.get().copies == 2
    documents.edit(house.cli, number, 2, received_on=None)
    assert Document.get().file_name == "新.pdf" and Document.get().received_on is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"kind": "x", "received_on": TODAY}, "document.kind_required"),
        ({"kind": "basic", "received_on": None}, "document.nothing"),
        ({"kind": "basic", "received_on": TODAY, "copies": 0}, "document.copies"),
        ({"kind": "basic", "received_on": TODAY, "copies": 100}, "document.copies"),
        ({"kind": "basic", "received_on": TODAY, "note": "长" * 256}, "record.too_long"),
        ({"kind": "basic", "received_on": TODAY, "note": "\0"}, "record.nul"),
    ],
)
def test_what_is_no_paper_is_refused(house, options, code):
    with pytest.raises(RuleViolation) as refused:
        documents.add(house.cli, house.trainee().id, **options)
    assert refused.value.violations[0].code == code


def test_a_mistake_is_taken_away_but_not_what_was_archived(house):
    person = completed(house, papers=False)
    number, archived = file(person, "basic"), file(person, "other", archived_on=TODAY, archived_to="人事处")
    assert documents.remove(house.cli, number) == person.id
    with pytest.raises(RuleViolation) as refused:
        documents.remove(house.cli, archived)
    assert refused.value.violations[0].code == "document.archived"


@pytest.mark.parametrize("role", ["viewer", "clerk"])
def test_rights_and_scope(house, role):
    person = house.trainee(unit="150700")
    number = add(house, person)
    actor = house.actor(role, "150400" if role == "clerk" else None)
    for action in (
        lambda: documents.add(actor, person.id, kind="basic", received_on=TODAY),
        lambda: documents.edit(actor, number, 1, received_on=TODAY),
        lambda: documents.remove(actor, number),
        lambda: documents.fetch(actor, number),
        lambda: documents.folder(actor, person.id),
    ):
        with pytest.raises(NotAllowed):
            action()


def test_a_paper_without_a_file_has_none_to_fetch(house):
    with pytest.raises(NotFound):
        documents.fetch(house.cli, file(house.trainee(), "basic"))


# --- Missing


@pytest.mark.parametrize(
    ("have", "status", "lacking"),
    [
        ({}, None, 5), ({}, "training", 2), ({"application": 1}, "training", 2), ({"application": 2}, "training", 1),
        ({"basic": 1, "application": 2, "transcript": 1, "assessment": 1, "host_opinion": 1}, None, 0),
        ({"copies": 9, "other": 9}, None, 5),
    ],
)  # fmt: skip
def test_what_is_missing(have, status, lacking):
    from tepei_admin.choices import Status

    assert len(rules.missing(have, status=Status(status) if status else None)) == lacking


def test_a_paper_that_was_only_announced_is_missing(house):
    person = completed(house)
    other = completed(house, papers=False)
    write(Document, trainee=other.id, kind="basic", file_name="a.pdf")
    found = documents.missing(house.cli, house.programme().id)
    assert person.id not in found and len(found[other.id]) == 5
    applied = house.trainee()
    assert applied.id not in documents.missing(house.cli, house.programme().id)


# --- Many


def test_one_kind_is_received_from_many(house):
    first, second = completed(house, papers=False), completed(house)
    with_file = completed(house, papers=False)
    write(Document, trainee=with_file.id, kind="application", file_name="a.pdf")
    outcome = house.do("receive", first, second, with_file, on=TODAY, more={"document": "application"})
    assert outcome.done == (first.id, with_file.id)
    assert outcome.skipped[0].refused.code == "document.received_before"
    rows = list(Document.select().where(Document.trainee != second.id))
    assert [(row.kind, row.copies, row.received_on) for row in rows] == [("application", 2, TODAY)] * 2


def test_what_was_received_goes_to_the_archive(house):
    person = completed(house)
    more = {"archived_to": "赤峰学院人事处"}
    outcome = house.do("archive", person, on=TODAY, more=more)
    assert outcome.done == (person.id,)
    assert {(row.archived_on, row.archived_to) for row in Document.select()} == {(TODAY, "赤峰学院人事处")}
    again = house.do("archive", person, on=TODAY, more=more)
    assert again.skipped[0].refused.code == "document.archived_already"
    assert not documents.missing(house.cli, house.programme().id)


@pytest.mark.parametrize(
    ("status", "code"), [("training", "document.not_ended"), ("failed", "document.none")]
)
def test_who_has_nothing_to_archive_yet(house, status, code):
    person = completed(house, papers=False)
    put_into(person, status)
    outcome = house.do("archive", person, on=TODAY, more={"archived_to": "人事处"})
    assert outcome.skipped[0].refused.code == code


def test_a_missing_paper_is_told_before_archiving(house):
    from tepei_admin.services import verbs
    from tepei_admin.services.plan import Args

    person = completed(house, papers=False)
    file(person, "basic")
    plan = verbs.plan(house.cli, "archive", [person.id], Args(on=TODAY, more={"archived_to": "人事处"}))
    assert "送档 1 件；还缺：学员申报表" in say(plan.lines[0].note)


@pytest.mark.parametrize(
    ("verb", "code"), [("archive", "document.to_required"), ("receive", "document.kind_required")]
)
def test_arguments_are_asked_for(house, verb, code):
    with pytest.raises(RuleViolation) as refused:
        house.do(verb, completed(house), on=TODAY)
    assert refused.value.violations[0].code == code
    assert dt.date(2020, 9, 10) == TODAY
