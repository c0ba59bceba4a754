"""B13: on PostgreSQL a deadlock, a serialization failure, a lost connection are the program's own to put right."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import peewee
import psycopg
import pytest

from tepei_admin.database import Interrupted, db, open_database
from tepei_admin.errors import Busy, Unsure, Violation
from tepei_admin.models import AuditEntry, Unit
from tepei_admin.permissions import Actor
from tepei_admin.schema import all_models
from tepei_admin.services import accounts, audit, command, entries, record, vault
from tepei_admin.services.command import command as declare
from tests import postgres
from tests.conftest import build
from tests.factories import House
from tests.postgres import cut
from tests.safety import faults
from tests.safety.racing import PATIENCE, race
from tests.safety.test_b04_whole import ACTIONS
from tests.services.money_cast import disqualified
from tests.views.browser import Browser
from tests.views.conftest import panel

pytestmark = pytest.mark.postgres


@pytest.fixture
def house(postgres_url):
    """An open house on PostgreSQL, which looks for deadlocks sooner than after a second."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        name = server.info.dbname
        server.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '100ms'")  # type: ignore[arg-type]
    open_database(postgres_url)
    db.connect()
    yield House(postgres_url)
    if not db.is_closed():
        db.close()


@declare(None)
def touch_two(actor: Actor, first: int, second: int, text: str) -> None:
    """Two rows, in the order that was asked for: two of these wait for each other."""
    for number in (first, second):
        row = Unit.select(Unit.contact).where(Unit.id == number).tuples().first()
        time.sleep(0.001)
        record.update(Unit, [number], {"contact": (row[0] + text)[-60:]})


def crosswise(job: tuple[int, int]) -> str:
    touch_two(accounts.cli_actor(), *job, "x")
    return "done"


def crosswise_without_retry(job: tuple[int, int]) -> str:
    command.PAUSES = ()
    try:
        return crosswise(job)
    except Busy:
        return "told"


@pytest.mark.parametrize("rounds", [6, pytest.param(100, marks=pytest.mark.safety)])
def test_two_orders_at_once_reach_nobody(house, rounds):
    one, two = house.unit("150100").id, house.unit("150200").id
    told = race(house.url, crosswise, [[(one, two), (two, one)]] * rounds)
    assert [dict(answers) for answers in told] == [{"done": 2}] * rounds
    assert AuditEntry.select().where(AuditEntry.model == "unit", AuditEntry.object_id == one).count() >= 1
    assert audit.verify() is None


MET = 7_700_000


def deadlocked(job: tuple[int, int, int]) -> str:
    """Two transactions that surely meet: each takes its first row, waits for the other, then asks for the second."""
    first, second, mine = job
    tries: list[int] = []

    @declare(None)
    def meet(actor: Actor) -> None:
        tries.append(1)
        record.update(Unit, [first], {"contact": f"a{mine}{len(tries)}"})
        if len(tries) == 1:
            _until_both_hold(mine)
        record.update(Unit, [second], {"contact": f"b{mine}{len(tries)}"})

    meet(accounts.cli_actor())
    return f"after {len(tries)}"


def _until_both_hold(mine: int) -> None:
    """Say by a lock that the first row is held, and wait until the other has said so too."""
    db.execute_sql("SELECT pg_advisory_xact_lock_shared(%s)", (MET + mine,))
    for _ in range(PATIENCE * 10):
        other = db.execute_sql(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", (MET + 3 - mine,)
        )
        if other.fetchone():
            return
        time.sleep(0.1)


def deadlocked_without_retry(job: tuple[int, int, int]) -> str:
    command.PAUSES = ()
    try:
        return deadlocked(job)
    except Busy:
        return "told"


def test_a_sure_deadlock_is_run_again_and_both_are_done(house):
    one, two = house.unit("150100").id, house.unit("150200").id
    told = race(house.url, deadlocked, [[(one, two, 1), (two, one, 2)]])[0]
    assert sum(told.values()) == 2 and told["after 2"] >= 1 and set(told) <= {"after 1", "after 2"}, told


def test_without_another_try_one_of_them_is_told(house):
    one, two = house.unit("150100").id, house.unit("150200").id
    told = race(house.url, deadlocked_without_retry, [[(one, two, 1), (two, one, 2)]])[0]
    assert told["told"] >= 1, told


def test_a_serialization_failure_is_run_again(house):
    tries = []

    @declare(None)
    def twice(actor: Actor) -> None:
        tries.append(1)
        record.update(Unit, [house.unit().id], {"contact": f"{len(tries)}"})
        if len(tries) == 1:
            db.execute_sql("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")

    before = AuditEntry.select().count()
    twice(house.cli)
    assert len(tries) == 2 and house.unit().contact == "2" and AuditEntry.select().count() == before + 1


def test_effects_run_once_and_only_after_the_commit(house):
    done, tries = [], []

    @declare(None)
    def with_effect(actor: Actor) -> None:
        from tepei_admin.services.work import in_hand

        tries.append(1)
        in_hand().after_commit.append(lambda: done.append(len(tries)))
        if len(tries) < 3:
            raise Interrupted

    with_effect(house.cli)
    assert done == [3]


def test_a_reader_whose_connection_was_cut_notices_nothing(house):
    for _ in range(5):
        assert cut(house.url) >= 1
        assert house.unit().name == "赤峰市"


def test_a_command_whose_connection_was_cut_before_it_began_notices_nothing(house):
    before = AuditEntry.select().count()
    for places in range(5):
        cut(house.url)
        house.quota(places)
    assert AuditEntry.select().count() == before + 5


def test_a_command_that_is_cut_in_its_middle_is_run_again_whole(house):
    tries = []

    @declare(None)
    def long_work(actor: Actor) -> int:
        tries.append(1)
        number = record.insert(Unit, {"code": f"N{len(tries)}", "name": f"新{len(tries)}", "host": True})
        if len(tries) == 1:
            cut(house.url)
        record.update(Unit, [number], {"contact": "x"})
        return number

    number = long_work(house.cli)
    assert len(tries) == 2 and Unit.select().where(Unit.code.startswith("N")).count() == 1
    assert Unit.get_by_id(number).contact == "x" and audit.verify() is None


def test_cut_while_it_commits_the_person_is_told_to_look_first(house, monkeypatch):
    """Nobody knows whether it stands: it is not run again, and the form's token tells the next time."""
    number = disqualified(house)[1]
    operator = house.actor("operator")
    whole = db.obj.commit

    def committed_and_lost() -> None:
        whole()
        cut(house.url)
        db.obj.connection().execute("SELECT 1")

    monkeypatch.setattr(db.obj, "commit", _wrapped(committed_and_lost), raising=False)
    with pytest.raises(Busy) as refusal:
        entries.open_step(operator, number, kind="recovery", amount=100, key="k" * 24)
    assert refusal.value.violations[0].code == "access.unsure"
    monkeypatch.undo()
    first = entries.open_step(operator, number, kind="recovery", amount=100, key="k" * 24)
    from tepei_admin.models import Payment

    rows = Payment.select().where(Payment.kind == "recovery")
    assert [row.id for row in rows] == [first]


def rows() -> tuple[dict[str, int], Counter[tuple[str, str]]]:
    """How many of each table there are, and what the history tells, number by number."""
    names = [model._meta.table_name for model in all_models()]
    counts = {name: db.execute_sql(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    return counts, Counter(AuditEntry.select(AuditEntry.model, AuditEntry.action).tuples())


@contextmanager
def copy_of(url: str) -> Iterator[str]:
    """A copy of a closed house, open."""
    url = postgres.new_database(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
    open_database(url)
    try:
        with db.obj.connection_context():
            yield url
    finally:
        postgres.drop(url)


@pytest.mark.parametrize(
    "every", [False, pytest.param(True, marks=pytest.mark.safety)], ids=["middle", "every"]
)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_connection_cut_in_any_kind_of_action_is_noticed_by_nobody(house, action, every):
    """At its middle statement, in the long form at each one: what is there in the end is what an uncut one makes.
    Only at COMMIT nobody knows, and that is said; then it is as if nothing had been asked."""
    scene, do = ACTIONS[action]
    numbers = scene(house)
    before = rows()
    db.close()
    with copy_of(house.url):
        with faults.at(0) as sent:
            do(*numbers)
        whole = rows()
    for number in range(1, len(sent) + 1) if every else [len(sent) // 2]:
        with copy_of(house.url) as url:
            with faults.at(number, lambda url=url: cut(url)):
                done = _done_or_unsure(do, numbers)
            assert done or sent[number - 1] == "COMMIT", sent[number - 1]
            assert rows() == (whole if done else before), sent[number - 1]
            assert audit.verify() is None


def _done_or_unsure(do: Callable[..., None], numbers: tuple[int, ...]) -> bool:
    try:
        do(*numbers)
    except Unsure:
        return False
    return True


@pytest.mark.parametrize(("error", "stays"), [(Unsure(Violation("access.unsure")), True), (OSError(), False)])
def test_the_file_of_a_record_that_may_stand_is_kept(tmp_path, monkeypatch, error, stays):
    monkeypatch.setattr(vault, "folder", tmp_path)
    with pytest.raises(type(error)), vault.draft() as copy:
        copy.handle.write(b"x")
        name, _, _ = copy.keep()
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ([name] if stays else [])


def _wrapped(action):
    def run() -> None:
        try:
            action()
        except psycopg.Error as error:
            raise peewee.OperationalError(str(error)) from error

    return run


def test_a_lock_that_does_not_come_free_is_told_in_chinese(house):
    with psycopg.connect(house.url) as other:
        other.execute("SELECT id FROM track FOR UPDATE")
        db.execute_sql("SET lock_timeout = '100ms'")
        with pytest.raises(Busy) as refusal:
            house.quota(3)
        other.rollback()
    assert refusal.value.violations[0].code == "access.busy"
    house.quota(3)


def test_backends_cut_again_and_again_while_people_work_nothing_is_lost_or_doubled(house, tmp_path):
    """Eight people post forms; twenty times all their connections are cut. What was answered 303 is there, once."""
    number = disqualified(house)[1]
    app = panel(house, tmp_path)
    browser = Browser(app).sign_in(house, "operator")
    token = browser.token("/terminations/")
    cookie = browser.client.get_cookie("tepei").value
    stop = threading.Event()

    def knife() -> int:
        cuts, began = 0, time.monotonic()
        while cuts < 20 and time.monotonic() - began < PATIENCE:
            cuts += cut(house.url) > 0
            time.sleep(0.05)
        stop.set()
        return cuts

    def person(mine: int) -> tuple[int, int, int]:
        client = app.test_client()
        client.set_cookie("tepei", cookie)
        stored = troubles = row = 0
        while not stop.is_set():
            key, twice = f"{mine:03d}-{stored:06d}-{'k' * 12}", 0
            while True:
                data = {"csrf_token": token, "key": key, "kind": "recovery", "amount": "0.01"}
                status = client.post(f"/terminations/{number}/step", data=data).status_code
                if status == 303:
                    break
                assert status == 503, status
                twice += 1
                troubles += 1
                time.sleep(0.05)
            row = max(row, twice)
            stored += 1
        db.close()
        return stored, troubles, row

    with ThreadPoolExecutor(9) as pool:
        cutting = pool.submit(knife)
        answers = list(pool.map(person, range(8)))
        assert cutting.result() == 20
    from tepei_admin.models import Payment

    db.connect(reuse_if_open=True)
    stored = Payment.select().where(Payment.kind == "recovery").count()
    assert stored == sum(count for count, *_ in answers) > 0
    assert audit.verify() is None


def test_the_server_is_restarted_and_the_panel_goes_on(tmp_path):
    """A server of its own: stopped, the page says so in Chinese; started again, the same process serves."""
    with postgres.Cluster.make() as cluster:
        cluster.start()
        url = cluster.new_database()
        build(url)
        open_database(url)
        with db.obj.connection_context():
            house = House(url)
            house.actor("admin")
        app = panel(house, tmp_path)
        browser = Browser(app).sign_in(house, "admin")
        assert browser.get("/units/").status_code == 200
        cluster.stop()
        answer = browser.get("/units/")
        assert answer.status_code == 503 and "数据库暂时连不上" in answer.text
        cluster.start()
        began = time.monotonic()
        while (answer := browser.get("/units/")).status_code != 200:
            assert time.monotonic() - began < PATIENCE, answer.text
            time.sleep(0.1)
        print(f"back after {time.monotonic() - began:.1f} s")
        with db.obj.connection_context() if db.is_closed() else _as_it_is():
            house.quota(7)
        db.close()


def _as_it_is():
    from contextlib import nullcontext

    return nullcontext()
