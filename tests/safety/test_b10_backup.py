"""B10: a backup is the house at one moment, whoever writes meanwhile; it comes back in a new place, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import zipfile
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tepei_admin.database import db, of_url
from tepei_admin.errors import Busy, RuleViolation
from tepei_admin.messages import say_all
from tepei_admin.models import AuditEntry, Document, House, Payment, Unit
from tepei_admin.services import (
    archive,
    audit,
    backups,
    documents,
    emptying,
    fingerprint,
    moving,
    pgtools,
    restoring,
    vault,
)
from tepei_admin.services.documents import Upload
from tepei_admin.services.restoring import Place
from tests import postgres
from tests.factories import DAY
from tests.safety.load import writers
from tests.services.money_cast import disqualified, in_training, paid, step
from tests.views.browser import Browser
from tests.views.conftest import panel


@pytest.fixture(autouse=True)
def _rooms(tmp_path):
    """Attachments, backups, the head of the history; and PostgreSQL's programs, which the tests' server brings along."""
    vault.folder, backups.folder = tmp_path / "files", tmp_path / "backups"
    audit.head = tmp_path / audit.HEAD
    pgtools.folder = postgres.programs()


@pytest.fixture
def elsewhere(house, tmp_path):
    """A new place for a house, as often as it is asked for."""
    urls = []

    def place() -> Place:
        number = len(urls)
        if not db.obj.postgres:
            urls.append("")
            return Place.of(str(tmp_path / f"new-{number}"), tmp_path)
        urls.append(postgres.new_database())
        return Place(urls[-1], tmp_path / f"new-{number}")

    yield place
    for url in filter(None, urls):
        postgres.drop(url)


def with_papers(house, count: int = 3) -> int:
    """Somebody with attachments of the same name."""
    person = house.trainee()
    for number in range(count):
        data = b"%PDF-1.4\n" + bytes(range(256)) * (number + 1)
        documents.add(house.cli, person.id, kind="copies", received_on=DAY, upload=Upload("身份证.pdf", data))
    return person.id


def contents(place: Place) -> tuple[dict[str, fingerprint.Table], dict[str, bytes]]:
    """What a place holds: the hash of every table, and every attachment."""
    database = of_url(place.url)
    with database.connection_context():
        tables = fingerprint.tables(database)
    return tables, {path.name: path.read_bytes() for path in place.files.iterdir()}


def here(house, tmp_path: Path) -> Place:
    return Place(house.url, tmp_path)


def test_what_comes_back_is_what_was_there(house, tmp_path, elsewhere):
    with_papers(house)
    disqualified(house)
    path, manifest = backups.make(house.cli)
    db.close()
    wanted = archive.read(path)
    place = elsewhere()
    assert restoring.restore(path, place) == wanted == manifest
    tables, files = contents(place)
    assert tables == dict(manifest.tables) and len(files) == 3
    assert files == {item.name: item.read_bytes() for item in (tmp_path / "files").iterdir()}
    assert restoring.checked(place, manifest) == []


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.safety)])
def test_under_write_load_every_backup_is_one_moment(house, tmp_path, elsewhere, times):
    person = with_papers(house)
    taken = []
    with writers(house.url, tmp_path, 3, files=tmp_path / "files", person=person) as logs:
        for number in range(times):
            db.connect(reuse_if_open=True)
            least = sum(log.read_text().count("\n") for log in logs if log.exists())
            path, manifest = backups.take(tmp_path / f"{number}.zip")
            taken.append((path, manifest, least))
            db.close()
    for path, manifest, least in taken:
        place = elsewhere()
        restoring.restore(path, place)
        tables, files = contents(place)
        assert tables == dict(manifest.tables)
        assert restoring.checked(place, manifest) == []
        with db.obj.connection_context():
            halves = Unit.select().where(Unit.code.startswith("L"), Unit.contact != Unit.code).count()
            kept = [row.stored_as for row in Document.select()]
            assert halves == 0 and set(kept) <= set(files)
            assert Unit.select().where(Unit.code.startswith("L")).count() >= least


def test_a_copied_file_is_not_such_a_backup(sqlite_house, tmp_path):
    """The control: `cp` of the live database leaves behind what stands in the log beside it."""
    sqlite_house.quota(77)
    shutil.copy(tmp_path / "tepei.sqlite3", tmp_path / "copy.sqlite3")
    with sqlite3.connect(tmp_path / "copy.sqlite3") as copy:
        assert copy.execute("SELECT count(*) FROM quota WHERE places = 77").fetchone() == (0,)


SPOILED = {
    "cut in the middle": lambda data: data[: len(data) // 2],
    "without its end": lambda data: data[:-10],
    "empty": lambda data: b"",
    "some other file": lambda data: b"%PDF-1.4 not a backup",
    "one byte of the database": lambda data: data[:3000] + bytes([data[3000] ^ 1]) + data[3001:],
    "one byte near the end": lambda data: data[:-600] + bytes([data[-600] ^ 1]) + data[-599:],
}


@pytest.mark.parametrize("fault", SPOILED)
def test_a_spoiled_file_is_refused_before_anything_is_touched(sqlite_house, tmp_path, fault):
    house, place = sqlite_house, Place.of(str(tmp_path / "new"), tmp_path)
    with_papers(house)
    path, _ = backups.make(house.cli)
    before = contents(here(house, tmp_path))
    spoiled = tmp_path / "spoiled.zip"
    spoiled.write_bytes(SPOILED[fault](path.read_bytes()))
    with pytest.raises(RuleViolation) as refusal:
        restoring.restore(spoiled, place)
    assert refusal.value.violations[0].code == "backup.bad"
    assert not place.data_dir.exists() and contents(here(house, tmp_path)) == before


def repacked(path: Path, target: Path, change) -> Path:
    """The backup with other members, its ZIP sound."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as sink:
        members = change({name: source.read(name) for name in source.namelist()})
        for name, data in members.items():
            sink.writestr(name, data)
    return target


FORGED = {
    "a table changed": lambda all_: {
        **all_,
        **{name: data + b"x" for name, data in all_.items() if "database" in name},
    },
    "an attachment lost": lambda all_: {
        name: data for name, data in all_.items() if not name.startswith("files/")
    },
    "an attachment added": lambda all_: {**all_, "files/" + "a" * 32: b"x"},
    "a way out": lambda all_: {
        **all_,
        "manifest.json": all_["manifest.json"].replace(
            b'"members": {', b'"members": {"files/../../x": "' + b"0" * 64 + b'",'
        ),
        "files/../../x": b"",
    },
    "no manifest": lambda all_: {name: data for name, data in all_.items() if name != "manifest.json"},
    "of a later program": lambda all_: {
        **all_,
        "manifest.json": all_["manifest.json"].replace(b'"format": 1', b'"format": 9'),
    },
}


@pytest.mark.parametrize("fault", FORGED)
def test_a_file_that_is_not_what_its_list_says_is_refused(sqlite_house, tmp_path, fault):
    house, place = sqlite_house, Place.of(str(tmp_path / "new"), tmp_path)
    with_papers(house)
    path, _ = backups.make(house.cli)
    with pytest.raises(RuleViolation) as refusal:
        restoring.restore(repacked(path, tmp_path / "forged.zip", FORGED[fault]), place)
    assert refusal.value.violations[0].code in ("backup.bad", "backup.newer") and not place.data_dir.exists()


def unequal(path: Path, target: Path) -> Path:
    """A sound file whose list tells of another table than is in it."""
    told = archive.read(path).tables["unit"].sha256.encode()
    return repacked(
        path, target, lambda all_: {**all_, "manifest.json": all_["manifest.json"].replace(told, b"0" * 64)}
    )


def objects(place: Place) -> object:
    """What stands in the place: tables and functions, or files."""
    if not place.postgres:
        return [item.name for item in place.data_dir.rglob("*")] if place.data_dir.exists() else []
    with restoring._connected(place.url) as database:
        return emptying.there(database), place.data_dir.exists()


def test_what_does_not_compare_leaves_the_new_place_as_empty_as_it_was(house, tmp_path, elsewhere):
    with_papers(house)
    path, manifest = backups.make(house.cli)
    place = elsewhere()
    if place.postgres:
        with psycopg.connect(place.url) as somebody:
            somebody.execute("CREATE FUNCTION of_somebody_else() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    before = objects(place)
    with pytest.raises(RuleViolation) as refusal:
        restoring.restore(unequal(path, tmp_path / "unequal.zip"), place)
    assert refusal.value.violations[0].code == "backup.not_equal" and "清除" in say_all(refusal.value)
    assert objects(place) == before
    assert restoring.restore(path, place) == manifest, "the place is as new as before"


@pytest.mark.postgres
def test_control_without_the_broom_the_place_is_taken(house, tmp_path, elsewhere, monkeypatch):
    if not db.obj.postgres:
        return
    path, _ = backups.make(house.cli)
    place = elsewhere()
    monkeypatch.setattr(emptying, "back_to", lambda *_: None)
    with pytest.raises(RuleViolation):
        restoring.restore(unequal(path, tmp_path / "unequal.zip"), place)
    with pytest.raises(RuleViolation, match=r"backup\.place_taken"):
        restoring.restore(path, place)


@pytest.mark.postgres
def test_a_dump_that_does_not_load_is_told(house, tmp_path, elsewhere):
    if not db.obj.postgres:
        return
    broken = tmp_path / "broken.dump"
    broken.write_bytes(b"PGDMP nothing")
    with pytest.raises(RuleViolation, match=r"backup\.program_failed"):
        pgtools.load(elsewhere().url, broken)


@pytest.fixture
def disks(tmp_path, monkeypatch):
    """The database's folder and that of the attachments are disks of their own: nothing is renamed across."""
    roots = [tmp_path / "disk", tmp_path / "data" / "files"]

    def disk(path: object) -> int:
        return next((at for at, root in enumerate(roots) if Path(str(path)).is_relative_to(root)), -1)

    def apart(real):
        def move(source, target, **more):
            if disk(source) != disk(target):
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            return real(source, target, **more)

        return move

    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, apart(getattr(os, name)))
    return Place(f"sqlite:///{roots[0] / 'deep' / 'tepei.sqlite3'}", tmp_path / "data")


def test_each_part_may_lie_on_a_disk_of_its_own(sqlite_house, disks):
    with_papers(sqlite_house)
    path, manifest = backups.make(sqlite_house.cli)
    assert restoring.restore(path, disks) == manifest
    tables, files = contents(disks)
    assert tables == dict(manifest.tables) and len(files) == 3
    assert not list(disks.path.parent.glob(".restore-*"))


def test_control_with_one_place_for_all_parts_it_does_not_work(sqlite_house, disks, monkeypatch):
    with_papers(sqlite_house)
    path, _ = backups.make(sqlite_house.cli)
    scratch = restoring._scratch
    monkeypatch.setattr(restoring, "_scratch", lambda folder, undo: scratch(disks.data_dir, undo))
    with pytest.raises(Busy, match=r"backup\.no_place"):
        restoring.restore(path, disks)
    assert not disks.data_dir.exists(), "and leaves nothing"


def test_a_place_that_takes_nothing_is_told_in_one_sentence(sqlite_house, tmp_path):
    path, _ = backups.make(sqlite_house.cli)
    (tmp_path / "a file").touch()
    with pytest.raises(Busy) as refusal:
        restoring.restore(path, Place.of(str(tmp_path / "a file" / "new"), tmp_path))
    assert "不能写入" in say_all(refusal.value)


@pytest.fixture(params=["once the database is copied", "once they are listed"])
def going(request, monkeypatch):
    """An attachment is taken away in each of the first so many tries."""

    def run(times: int) -> None:
        vault.folder.mkdir(exist_ok=True)
        left = [vault.folder / f"going{at}" for at in range(times)]
        for path in left:
            path.touch()

        def copied(copy, path):
            made = copy(path)
            if left:
                left.pop().unlink()
            return made

        def added(add, sink, name, path):
            if left and path == left[-1]:
                left.pop().unlink()
            return add(sink, name, path)

        if request.param == "once they are listed":
            monkeypatch.setattr(archive, "_add", partial(added, archive._add))
        else:
            for name in ("_copied", "_dumped"):
                monkeypatch.setattr(backups, name, partial(copied, getattr(backups, name)))

    return run


def test_an_attachment_that_goes_while_it_is_packed_is_no_fault(house, going, tmp_path):
    with_papers(house)
    going(2)
    path, _ = backups.make(house.cli)
    assert len(archive.read(path).files) == 3 and not list(path.parent.glob(".backup-*"))


def test_where_they_keep_going_it_is_told(house, going, tmp_path):
    going(backups.TRIES)
    with pytest.raises(Busy) as refusal:
        backups.make(house.cli)
    assert "附件正在变动" in say_all(refusal.value) and not list((tmp_path / "backups").iterdir())


def test_faults_that_a_backup_carries_along_are_told_with_it_and_when_it_is_restored(house, elsewhere):
    """A backup of a house with faults is what there is; but it must not pass for a sound one."""
    person = with_papers(house, 3)
    audit.keep_head(audit.last_hash(), begins=True)  # the house is a copy, which came without its head
    _, manifest = backups.make(house.cli)
    assert backups.findings(manifest) == []
    lost, spoiled, _ = sorted(vault.folder.iterdir())
    lost.unlink()
    spoiled.write_bytes(b"?")
    (vault.folder / "stray").touch()  # as many files as before
    path, manifest = backups.make(house.cli)
    documents.add(house.cli, person, kind="copies", received_on=DAY, upload=Upload("补交.pdf", b"%PDF-1.4\n"))
    told = backups.findings(manifest)
    assert len(told) == 2 and "不在磁盘上" in told[0] and "与存入时不同" in told[1], (
        "and nothing of what came later"
    )
    db.close()
    place = elsewhere()
    assert restoring.checked(place, restoring.restore(path, place)) == told


def test_the_house_itself_is_no_new_place(house, tmp_path):
    with_papers(house)
    path, _ = backups.make(house.cli)
    before = contents(here(house, tmp_path))
    for place in (here(house, tmp_path), Place(house.url, tmp_path / "other")):
        with pytest.raises(RuleViolation):
            restoring.restore(path, place)
    assert contents(here(house, tmp_path)) == before


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_what_an_earlier_database_left_there_is_not_read_into_the_new_one(sqlite_house, tmp_path, ending):
    house = sqlite_house
    for places in range(30):
        house.quota(places)
    stale = (tmp_path / "tepei.sqlite3-wal").read_bytes()
    house.quota(99)
    path, manifest = backups.make(house.cli)
    target = tmp_path / "new"
    target.mkdir()
    (target / f"tepei.sqlite3{ending}").write_bytes(stale)
    place = Place.of(str(target), tmp_path)
    restoring.restore(path, place)
    assert contents(place)[0] == dict(manifest.tables)


def test_a_backup_never_overwrites(house, tmp_path):
    path, _ = backups.make(house.cli)
    before = path.read_bytes()
    with pytest.raises(RuleViolation):
        backups.make(house.cli, path)
    assert path.read_bytes() == before


def test_the_last_one_is_known_and_logged(house):
    assert backups.last_taken() is None and not backups.is_old()
    house.trainee()
    assert backups.is_old()
    backups.make(house.cli)
    assert backups.last_taken() is not None and not backups.is_old()
    assert AuditEntry.select().where(AuditEntry.action == "backup").count() == 1


# --- Moving to another database


@pytest.fixture
def other(house, tmp_path):
    """An empty database of the other kind."""
    if db.obj.postgres:
        yield f"sqlite:///{tmp_path / 'moved.sqlite3'}"
        return
    url = postgres.new_database()
    yield url
    postgres.drop(url)


def test_the_whole_house_moves_to_the_other_database(house, other):
    with_papers(house)
    person, number = disqualified(house)
    row = paid(house, "tuition", in_training(house))[0]
    step(house, "reverse", row, reason="重复")
    step(house, "approve", Payment.get(Payment.reverses == row.id))
    assert Payment.get_by_id(row.id).reversed_by_id > row.id  # a link forward within one table
    last = audit.last_hash()
    db.close()
    tables = moving.move(house.url, other)
    with db.obj.connection_context():
        assert fingerprint.tables(db.obj) == tables and tables["payment"].rows >= 3
        assert audit.last_hash() == last and audit.verify() is None
        before = Unit.select().count()
        house.unit("150400")
        house.quota(5)
        assert Unit.select().count() == before and person.id and number
        with db.obj.unguarded(), pytest.raises(Exception, match="audit_append_only"):
            db.execute_sql("DELETE FROM audit_entry")


def test_numbers_go_on_where_they_stopped(house, other):
    gone = house.host("H900", "将被删除")
    from tepei_admin.services import crud

    crud.remove(house.cli, Unit, gone.id)
    db.close()
    moving.move(house.url, other)
    with db.obj.connection_context():
        assert house.host("H901", "新单位").id > gone.id


def test_a_place_that_is_taken_is_not_moved_into(house, other):
    db.close()
    moving.move(house.url, other)
    with pytest.raises(RuleViolation):
        moving.move(house.url, other)


# --- The page


def test_an_administrator_makes_downloads_and_deletes(house, tmp_path):
    with_papers(house)
    admin = Browser(panel(house, tmp_path)).sign_in(house, "admin")
    pgtools.folder = postgres.programs()
    for _ in range(2):
        assert admin.post("/backups/", at="/backups/").status_code == 303
    newest, oldest = (item.name for item in backups.kept())
    assert newest in admin.get("/backups/").text
    answer = admin.post("/backups/download", at="/backups/", name=oldest)
    assert answer.status_code == 200 and answer.data[:2] == b"PK"
    assert admin.post("/backups/delete", at="/backups/", name=newest).status_code == 422
    assert admin.post("/backups/delete", at="/backups/", name=oldest).status_code == 303
    assert [item.name for item in backups.kept()] == [newest]
    assert "较早的备份" not in admin.get("/backups/").text
    next(vault.folder.iterdir()).unlink()
    admin.post("/backups/", at="/backups/")
    assert "较早的备份不要删除：文件不在磁盘上" in admin.get("/backups/").text
    for name in ("../audit.head", newest + "x", ""):
        assert admin.post("/backups/download", at="/backups/", name=name).status_code == 422
    db.connect(reuse_if_open=True)
    seen = [row.action for row in AuditEntry.select().where(AuditEntry.action.startswith("backup"))]
    assert seen == ["backup", "backup", "backup_download", "backup_delete", "backup"]
    assert House.select().where(House.key == "backup").count() == 1


@pytest.mark.parametrize("role", ["viewer", "clerk", "operator", "approver"])
def test_nobody_else_does(sqlite_house, tmp_path, role):
    house = sqlite_house
    browser = Browser(panel(house, tmp_path)).sign_in(house, role)
    assert browser.get("/backups/").status_code == 403
    assert browser.post("/backups/", at="/").status_code == 403
    assert not backups.kept()
