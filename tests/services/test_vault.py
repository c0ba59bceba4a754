"""Files and rows: a file that is kept in a command stands and falls with it; one that no row speaks of goes."""

from __future__ import annotations

import os
import time

import peewee
import psycopg
import pytest

from tepei_admin.database import Interrupted, db
from tepei_admin.errors import Busy, RuleViolation, Unsure, Violation
from tepei_admin.exchange import export
from tepei_admin.models import AuditEntry, Document, ExportRecord, ExportTemplate
from tepei_admin.permissions import Actor
from tepei_admin.schema import all_models
from tepei_admin.services import documents, kept_files, record, sums, vault
from tepei_admin.services.command import command
from tepei_admin.services.documents import Upload
from tests.conftest import _open
from tests.factories import DAY
from tests.postgres import cut
from tests.safety import faults

PDF = b"%PDF-1.4\n"


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "folder", tmp_path / "files")
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@command(None)
def keep_then(actor: Actor, action) -> str:
    name, _ = vault.keep(b"x")
    action()
    return name


def raising(error):
    def action():
        raise error

    return action


def names(files) -> list[str]:
    return sorted(path.name for path in files.iterdir())


def add(house, person, data=PDF, name="a.pdf", **values) -> Document:
    options = {"kind": "basic", "received_on": DAY, **values}
    return Document.get_by_id(documents.add(house.cli, person.id, upload=Upload(name, data), **options))


def age(files, *which, hours=25):
    for name in which:
        moment = time.time() - hours * 3600
        os.utime(files / name, (moment, moment))


# ---- with its command


def test_a_file_stays_where_its_command_stands(house, files):
    kept = keep_then(house.cli, lambda: None)
    assert names(files) == [kept]


@pytest.mark.parametrize("error", [RuleViolation(Violation("access.not_found")), Busy(Violation("access.busy")),
                                   ValueError(), KeyboardInterrupt()])  # fmt: skip
def test_a_file_goes_with_a_command_that_is_refused_or_breaks(house, files, error):
    with pytest.raises(type(error)):
        keep_then(house.cli, raising(error))
    assert names(files) == []


def test_a_file_stays_where_nobody_knows_whether_its_row_stands(house, files):
    with pytest.raises(Unsure):
        keep_then(house.cli, raising(Unsure(Violation("access.unsure"))))
    assert len(names(files)) == 1


def test_a_file_stays_where_the_process_is_told_to_end_while_it_commits(house, files, monkeypatch):
    whole = db.obj.commit

    def committed_and_ended():
        whole()
        raise KeyboardInterrupt

    monkeypatch.setattr(db.obj, "commit", committed_and_ended, raising=False)
    with pytest.raises(KeyboardInterrupt):
        keep_then(house.cli, lambda: None)
    assert len(names(files)) == 1


def test_a_file_kept_in_a_command_within_goes_with_the_outer_one(house, files):
    def inner_then_fail():
        keep_then(house.cli, lambda: None)
        raise ValueError

    with pytest.raises(ValueError):
        keep_then(house.cli, inner_then_fail)
    assert names(files) == []


def test_a_command_that_is_run_again_leaves_one_file(house, files):
    tries = []

    def broken_off_once():
        tries.append(1)
        if len(tries) == 1:
            raise Interrupted

    kept = keep_then(house.cli, broken_off_once)
    assert names(files) == [kept] and len(tries) == 2


def test_nothing_is_kept_outside_a_command(files):
    with pytest.raises(RuntimeError):
        vault.keep(b"x")
    assert names(files) == []


@pytest.fixture
def postgres_house(postgres_url):
    yield from _open(postgres_url)


@pytest.mark.postgres
@pytest.mark.parametrize("stands", [True, False])
def test_a_file_stays_where_the_connection_goes_while_it_commits(postgres_house, files, monkeypatch, stands):
    """Whether the row stands or not: from here both look the same."""
    person, whole = postgres_house.trainee(), db.obj.commit

    def lost():
        if stands:
            whole()
        cut(postgres_house.url)
        try:
            whole() if not stands else db.obj.connection().execute("SELECT 1")
        except psycopg.Error as error:
            raise peewee.OperationalError(str(error)) from error

    monkeypatch.setattr(db.obj, "commit", lost, raising=False)
    with pytest.raises(Unsure):
        documents.add(
            postgres_house.cli, person.id, kind="basic", received_on=DAY, upload=Upload("a.pdf", PDF)
        )
    monkeypatch.undo()
    monkeypatch.setattr(vault, "folder", files)
    assert len(names(files)) == 1 and Document.select().count() == stands


@pytest.mark.postgres
def test_a_connection_cut_before_the_commit_leaves_the_file_of_the_second_try_alone(
    postgres_house, files, monkeypatch
):
    person, tries, whole = postgres_house.trainee(), [], record.insert

    def cut_once(*args):
        tries.append(1)
        if len(tries) == 1:
            cut(postgres_house.url)
        return whole(*args)

    monkeypatch.setattr(record, "insert", cut_once)
    row = add(postgres_house, person)
    assert len(tries) == 2 and names(files) == [row.stored_as]


def test_whatever_statement_fails_no_file_is_left_without_its_row(house, files):
    """The control: without a fault there is one file, and a row that speaks of it."""
    person, failed = house.trainee(), 0
    for number in range(1, 60):
        try:
            with faults.at(number):
                documents.add(
                    house.cli, person.id, kind="basic", received_on=DAY, upload=Upload("a.pdf", PDF)
                )
            break
        except faults.Injected:
            failed += 1
            assert names(files) == [] and not Document.select().exists()
    assert failed > 3 and names(files) == [Document.get().stored_as]


# ---- with its rows


def test_another_file_takes_the_place_of_a_papers_old_one(house, files):
    row = add(house, house.trainee())
    documents.edit(house.cli, row.id, row.version, received_on=DAY, upload=Upload("b.pdf", PDF + b"2"))
    assert names(files) == [Document.get().stored_as] != [row.stored_as]


def test_the_old_file_stays_where_the_new_one_is_refused(house, files):
    row = add(house, house.trainee())
    with pytest.raises(RuleViolation):
        documents.edit(house.cli, row.id, 1, received_on=DAY, copies=1000, upload=Upload("b.pdf", PDF + b"2"))
    assert names(files) == [row.stored_as]


def test_the_file_of_a_paper_that_is_taken_away_goes(house, files):
    row = add(house, house.trainee())
    documents.remove(house.cli, row.id)
    assert names(files) == []


@command(None)
def share(actor: Actor, row: Document, name: str) -> None:
    record.update(Document, [row.id], {"stored_as": name})


def test_a_file_that_another_row_speaks_of_stays(house, files):
    first, second = add(house, house.trainee()), add(house, house.trainee())
    share(house.cli, second, first.stored_as)
    documents.remove(house.cli, first.id)
    assert first.stored_as in names(files)
    documents.remove(house.cli, second.id)
    assert first.stored_as not in names(files)


def test_a_file_that_cannot_be_deleted_is_no_reason_to_call_done_work_a_failure(house, files, monkeypatch):
    def refused(path, **_):
        raise PermissionError(13, "Permission denied")

    row = add(house, house.trainee())
    monkeypatch.setattr(type(files), "unlink", refused)
    documents.remove(house.cli, row.id)
    assert not Document.select().exists() and names(files) == [row.stored_as]


# ---- strays


def test_the_doctor_names_files_that_no_row_speaks_of_and_they_are_cleared(house, files):
    row = add(house, house.trainee())
    (files / "f").touch()
    for name in ("a" * 32, "b" * 32 + ".part"):
        (files / name).write_bytes(bytes(1_000_000))
    age(files, "a" * 32, "b" * 32 + ".part", row.stored_as)
    found = [text for text in sums.disagreements() if "不属于任何记录" in text]
    assert len(found) == 1 and "2 个文件（2.0 MB）" in found[0] and "tepei-admin files clear" in found[0]
    assert kept_files.clear(house.cli) == (2, 2_000_000)
    assert names(files) == sorted(["f", row.stored_as])
    assert AuditEntry.select().order_by(-AuditEntry.id).first().action == "clear_files"
    assert list(sums.disagreements()) == []


@pytest.mark.parametrize(("hours", "count"), [(23.9, 0), (24.1, 1)])
def test_a_young_file_may_still_get_its_row(sqlite_house, files, hours, count):
    (files / "a").touch()
    age(files, "a", hours=hours)
    assert len(kept_files.strays()) == count


def test_only_an_administrator_clears(sqlite_house, files):
    from tepei_admin.errors import NotAllowed

    (files / "a").touch()
    age(files, "a")
    with pytest.raises(NotAllowed):
        kept_files.clear(sqlite_house.actor("approver"))
    assert names(files) == ["a"]


# ---- what the doctor looks at


def test_every_column_that_names_a_file_is_known():
    named = {
        (model, name)
        for model in all_models()
        for name, field in model._meta.fields.items()
        if name.endswith("_as") and "存放名" in str(field.verbose_name)
    }
    assert named == {(column.model, column.name) for column, _ in kept_files.COLUMNS} and len(named) >= 4


@pytest.fixture
def handed_out(sqlite_house, files) -> ExportRecord:
    """A template's file with its copy and its rows."""
    sqlite_house.trainee()
    name = ExportTemplate.select(ExportTemplate.name).order_by(ExportTemplate.id).scalar()
    assert b"".join(export.stream(sqlite_house.cli, name, sqlite_house.programme().id).chunks)
    assert list(sums.disagreements()) == []
    return ExportRecord.get()


@pytest.mark.parametrize("column", ["stored_as", "rows_as"])
@pytest.mark.parametrize(
    ("harm", "told"),
    [(lambda path: path.write_bytes(path.read_bytes()[:-9]), "与存入时不同"), (os.unlink, "不在磁盘上")],
)
def test_a_copy_of_an_export_that_is_harmed_or_gone_is_named(handed_out, files, column, harm, told):
    harm(files / getattr(handed_out, column))
    (found,) = sums.disagreements()
    assert told in found and handed_out.file_name in found
