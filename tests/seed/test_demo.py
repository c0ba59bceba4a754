"""The demo: who stands where on 2019-12-27, the same people every time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from tepei_admin.choices import Status
from tepei_admin.database import db, open_database
from tepei_admin.errors import RuleViolation
from tepei_admin.models import (
    Certificate,
    EligibilityCheck,
    House,
    Leave,
    PastTrainee,
    Placement,
    Programme,
    Quota,
    Request,
    StatusChange,
    Termination,
    Track,
    Trainee,
    Unit,
    Waiver,
)
from tepei_admin.rules import identity
from tepei_admin.seed import demo, lists
from tepei_admin.services import accounts, audit, clock, requests
from tests.conftest import _open
from tests.factories import House as Stage


@pytest.fixture(scope="module")
def filled(sqlite_template, tmp_path_factory) -> Iterator[Stage]:
    """One demo for the tests that only look at it."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    for stage in _open(f"sqlite:///{path}"):
        demo.fill()
        yield stage


@pytest.fixture
def people(filled) -> list[Trainee]:
    """The people of 2019."""
    again(filled)
    return list(Trainee.select().join(Programme).where(Programme.year == 2019).order_by(Trainee.id))


def again(stage: Stage) -> None:
    """Point at the demo's database once more: another test may have opened its own."""
    if db.obj is not None and not db.is_closed():
        db.close()
    open_database(stage.url)
    db.connect()


def of(people: list[Trainee], status: str) -> list[Trainee]:
    return [person for person in people if person.status == status]


def test_there_are_about_120_of_all_fourteen_places(people):
    assert 110 <= len(people) <= 130
    assert {person.unit.code for person in people} >= {*lists.PLACES, "Q01", "Q02", "Q03"}


def test_they_stand_in_every_state_that_the_verbs_reach(people):
    assert {person.status for person in people} == {
        "applied",
        "recommended",
        "admitted",
        "notified",
        "training",
        "rejected",
        "withdrawn",
        "no_show",
        "terminated",
        "disqualified",
    }
    trained, notified = of(people, "training"), of(people, "notified")
    assert 48 <= len(trained) <= 54 and 52 <= len(trained) + len(notified) <= 60
    assert 60 <= len(trained) + len(notified) + len(of(people, "admitted")) <= 80


def test_the_autumn_has_hosts_leaves_an_absence_and_accounts_that_lack(people):
    stays = list(Placement.select().where(Placement.trainee.in_([person.id for person in people])))
    states = [row.state for row in stays]
    assert set(states) == {"proposed", "confirmed", "current", "replaced", "ended", "cancelled"}
    assert states.count("current") == len(of(people, "training")) and states.count("replaced") == 1
    kinds = [(row.kind, row.state) for row in Leave.select()]
    assert {state for kind, state in kinds if kind == "leave"} == {"asked", "granted", "refused", "returned"}
    assert [kind for kind, _ in kinds].count("absence") == 1
    accounts_known = [bool(person.bank_account) for person in of(people, "training")]
    assert any(accounts_known) and not all(accounts_known)
    for row in stays:
        inside = row.host.region.code.startswith("15")
        assert inside is (row.trainee.track.code == "inside")


def test_every_number_is_valid_and_nobodys_twice(people):
    numbers = [person.id_number for person in people]
    assert len(set(numbers)) == len(numbers)
    assert not any(identity.problem(number, demo.DAY) for number in numbers)
    assert all(identity.birth_date(person.id_number).isoformat() == person.birth_date for person in people)


def test_names_are_of_the_kinds_found_there(people):
    assert any("·" in person.name for person in people)
    assert {person.ethnicity for person in people} >= {"02", "03", "10", "11", "31", "45"}
    assert {person.sex for person in people} == {"1", "2"}


def test_pending_for_each_reason_and_some_ineligible(people):
    checks = EligibilityCheck.select().where(EligibilityCheck.trainee.in_([person.id for person in people]))
    hindering: dict[str, set[str]] = {"pending": set(), "ineligible": set(), "eligible": set()}
    for row in checks:
        open_ones = (item for item in row.findings if item["counts"] and item["verdict"] != "met")
        hindering[row.result] |= {item["rule"] for item in open_ones if not item["waived"]}
    assert hindering["pending"] >= {"minority", "age", "route", "health", "conduct", "once"}
    assert hindering["ineligible"] >= {"minority", "age", "route", "level"}
    assert not hindering["eligible"]
    assert not any(person.eligibility_stale or not person.eligibility for person in people)


def test_some_are_not_signed_for(people):
    assert any(person.attested_signed is None for person in of(people, "applied"))


def test_one_was_taken_above_a_full_quota(people):
    over = [person for person in people if person.over_quota]
    assert [person.unit.code for person in over] == ["150500"] and over[0].status == "recommended"


def test_quotas_sum_to_the_tracks_places_and_some_are_full(filled):
    again(filled)
    for track in Track.select().join(Programme).where(Programme.year == 2019):
        rows = [quota.places for quota in Quota.select().where(Quota.track == track.id) if quota.places]
        assert sum(rows) == track.places


def test_matters_of_every_kind_wait_for_a_second_person(filled):
    again(filled)
    found = [item.text for item in requests.waiting(accounts.actor_named("approver"))]
    kinds = sorted(text.split("：")[0] for text in found)
    assert kinds == [
        "减免",
        "因故终止（六（四））",
        "学费和住宿费",
        "学费和住宿费",
        "学费和住宿费",
        "恢复",
        "特批",
    ]
    assert {row.state for row in Waiver.select()} == {"open", "approved", "refused"}
    assert not any(row.solo for row in Waiver.select()) and Request.select().count() == 1


def test_every_decision_was_made_in_2018_and_2019(filled):
    again(filled)
    days = {row.on for row in StatusChange.select()}
    assert min(days) >= dt.date(2018, 3, 1) and max(days) <= demo.DAY


def test_a_small_finished_2018_of_which_two_apply_again(filled, people):
    old = list(Trainee.select().join(Programme).where(Programme.year == 2018))
    statuses = sorted(person.status for person in old)
    assert statuses == ["certified", "disqualified", "failed", "rejected", "rejected", "withdrawn"]
    assert [row.number for row in Certificate.select()] == ["2018W0001"]
    settled = Termination.select().join(Trainee).where(Trainee.programme == old[0].programme_id).get()
    assert (settled.state, settled.due) == ("settled", 10_000_00)
    assert Programme.get(Programme.year == 2018).materials_deadline == dt.date(2018, 3, 30)
    both = {person.id_number for person in old} & {person.id_number for person in people}
    assert len(both) == 2
    texts = [row.findings for row in EligibilityCheck.select()]
    codes = [finding["code"] for findings in texts for finding in findings if finding["rule"] == "once"]
    assert codes.count("eligibility.once.noted") == 2 and codes.count("eligibility.once.ask") == 1
    assert PastTrainee.select().count() == 5


def test_the_day_is_written_down_and_the_history_holds(filled):
    again(filled)
    assert House.get(House.key == "today").value == "2019-12-27"
    assert clock.today() == demo.DAY and demo.finished()
    assert audit.verify() is None


def test_hosts_are_in_and_outside_the_region(filled):
    again(filled)
    inside = {unit.region.code.startswith("15") for unit in Unit.select().where(Unit.host)}
    assert inside == {True, False}


def test_all_five_roles_can_sign_in(filled):
    again(filled)
    for username, role, _, unit in demo.ACCOUNTS:
        signed = accounts.sign_in(username, demo.PASSWORD)
        actor = accounts.actor_of(signed.user_id, signed.epoch)
        assert actor.role == role and (actor.unit_id is not None) == (unit is not None)


def told() -> list[tuple]:
    columns = (Trainee.name, Trainee.id_number, Trainee.employer, Trainee.status, Trainee.mobile)
    return list(Trainee.select(*columns).order_by(Trainee.id).tuples())


def test_two_runs_give_the_same_people_on_both_databases(filled, house):
    demo.fill()
    here = told()
    again(filled)
    assert told() == here


def test_a_database_with_people_is_refused(sqlite_house):
    sqlite_house.trainee()
    with pytest.raises(RuleViolation, match=r"demo\.not_empty"):
        demo.fill()


def test_a_database_with_an_account_of_the_demos_name_is_refused_before_anything_is_written(sqlite_house):
    sqlite_house.actor("admin")
    with pytest.raises(RuleViolation, match=r"demo\.accounts_taken"):
        demo.fill()
    assert not Trainee.select().exists() and not Unit.select().where(Unit.host).exists()


@pytest.mark.parametrize("count", [1, 1203])
def test_as_many_applicants_as_asked_for(house, count):
    demo.fill_many(count)
    rows = list(
        Trainee.select(Trainee.id_number, Trainee.sex, Trainee.unit, Trainee.track, Trainee.status).tuples()
    )
    assert len({row[0] for row in rows}) == len(rows) == count
    assert not any(identity.problem(row[0], demo.DAY) for row in rows)
    assert all((int(row[0][16]) % 2 == 1) == (row[1] == "1") for row in rows)
    assert {row[4] for row in rows} == {Status.APPLIED}
    if count > 1000:
        assert len({row[2] for row in rows}) == 14 and len({row[3] for row in rows}) == 2
    assert clock.today() == demo.DAY and audit.verify() is None


def test_the_many_are_as_eligible_as_anybody(sqlite_house):
    demo.fill_many(60)
    outcome = sqlite_house.do("check", *[row.id for row in Trainee.select()])
    assert len(outcome.done) == 60
    assert {row.eligibility for row in Trainee.select()} == {"eligible"}
