"""B8: an import that is killed stores nobody; run again it stores everybody, and once more nobody."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tepei_admin.config import Config
from tepei_admin.database import db
from tepei_admin.exchange import intake
from tepei_admin.models import AuditEntry, Batch, BatchRow, Trainee, Upload, UploadRow
from tepei_admin.services import audit, surroundings
from tepei_admin.services.nominations import Source
from tests.exchange import making
from tests.factories import DAY
from tests.safety.hostile import LINE
from tests.safety.killing import AT_THE_END, LOOSE, Importing, Moment
from tests.served import eventually


def table(count: int) -> bytes:
    """That many people, nobody twice."""
    rows = (
        making.person(
            at % 400 * 2 + 1, 出生年月=None, 身份证号=making.id_number(at % 400 * 2 + 1, _born(at // 400))
        )
        for at in range(count)
    )
    return making.shared([LINE, making.HEADER, *rows])


def _born(month: int) -> str:
    return f"{1975 + month // 12}{month % 12 + 1:02}15"


def stored() -> dict[str, int]:
    """What there is of an import, its history included; what a killed process had under way is over."""
    db.close()
    db.connect()
    assert eventually(_alone)
    models = (Trainee, Batch, BatchRow, Upload, UploadRow)
    counts = {model.__name__: model.select().count() for model in models}
    assert audit.verify() is None
    return {**counts, "history": AuditEntry.select().count()}


def _alone() -> bool:
    """PostgreSQL ends a statement before it notices that nobody waits for it."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return not db.obj.postgres or db.execute_sql(others).fetchone()[0] == 0


def looked_at(house, data: bytes) -> str:
    """A file handed in and looked at: the order to store it, as the page gives it to a job."""
    source = Source("汇总表.xlsx", DAY, True)
    number = intake.bring_in(house.cli, data, source, house.track("outside"), None)
    version = Upload.get_by_id(number).version
    return json.dumps({"upload": number, "version": version, "accept_good": False})


def while_read(people: int, count: int) -> list[Moment]:
    """Moments before anybody is stored: while the file is read, checked against the database, kept."""
    chance = random.Random(8)
    every = [
        Moment("checking", chance.randrange(people // 250), chance.random() * 0.05),
        Moment("reading", 0, chance.random()),
        Moment("keeping", 0, chance.random() * 0.2),
    ]
    return every[:count]


def while_stored(seconds: float, count: int) -> list[Moment]:
    """Moments of the time that storing takes, one by chance in each part of it, the last of them before COMMIT."""
    chance = random.Random(8)
    return [Moment("storing", 0, seconds * (part + chance.random()) / count) for part in range(count)]


def an_import_that_is_killed(house, folder: Path, people: int, part: int, reading: int, storing: int) -> None:
    surroundings.settle(Config(data_dir=folder, database_url=house.url))
    file, work = folder / "汇总表.xlsx", Importing(house.url, folder, part)
    file.write_bytes(table(people))
    nothing = stored()
    for moment in while_read(people, reading):
        work.killed("import", str(file), moment)
        assert stored() == nothing, moment
    order = looked_at(house, file.read_bytes())
    nobody = stored()
    assert (nobody["Trainee"], nobody["Upload"]) == (0, 1)
    seconds = float(work.killed("store", order, Moment("storing", 0, AT_THE_END)))
    assert stored() == nobody
    for moment in while_stored(seconds, storing - 1):
        work.killed("store", order, moment)
        assert stored() == nobody, moment
    first = work.run("store", order)
    assert first.returncode == 0 and json.loads(first.stdout)["done"] == people, first.stderr
    everybody = stored()
    assert everybody["Trainee"] == everybody["BatchRow"] == people
    again = work.run("import", str(file))
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["counts"] == {
        "new": 0, "changed": 0, "same": people, "error": 0, "skipped": 1, "hidden": 0,
    }  # fmt: skip
    assert stored() == everybody


@pytest.mark.slow
def test_an_import_that_is_killed_at_three_moments_stores_nobody_then_everybody_then_nobody_new(
    house, tmp_path
):
    an_import_that_is_killed(house, tmp_path, people=500, part=50, reading=1, storing=2)


@pytest.mark.safety
def test_a_large_import_that_is_killed_at_ten_moments_stores_nobody_then_everybody_then_nobody_new(
    house, tmp_path
):
    an_import_that_is_killed(house, tmp_path, people=20_000, part=2_000, reading=3, storing=7)


def test_without_one_transaction_a_kill_leaves_a_part(sqlite_house, tmp_path):
    """The control: each statement its own transaction."""
    file = tmp_path / "汇总表.xlsx"
    file.write_bytes(table(500))
    work = Importing(sqlite_house.url, tmp_path, 50)
    work.run("import", str(file), Moment("storing", 5), before=LOOSE)
    assert stored()["Trainee"] > 0
