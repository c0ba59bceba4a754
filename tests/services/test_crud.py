"""New, edit, delete by hand; what a model's own rules ask; and deleting what others need is refused."""

from __future__ import annotations

import pytest

from tepei_admin.errors import NotAllowed, NotFound, RuleViolation, Stale
from tepei_admin.messages import say_all
from tepei_admin.models import (
    ExportTemplate,
    Payment,
    Placement,
    Programme,
    Quota,
    Route,
    StatusChange,
    Track,
    Trainee,
    Unit,
    User,
)  # fmt: skip
from tepei_admin.services import crud, programmes
from tests.factories import id_number


def test_deleting_a_unit_with_people_is_refused_with_the_count(house):
    for _ in range(3):
        house.trainee()
    with pytest.raises(RuleViolation) as refused:
        crud.remove(house.cli, Unit, house.unit().id)
    assert "3 名学员" in say_all(refused.value)
    assert Trainee.select().count() == 3


def test_the_database_refuses_it_too(house):
    import peewee

    from tepei_admin.database import db

    house.trainee()
    with db.obj.unguarded(), pytest.raises(peewee.IntegrityError):
        db.execute_sql("DELETE FROM unit WHERE code = '150400'")
    assert Trainee.select().count() == 1


@pytest.mark.parametrize("model", [Programme, Trainee, StatusChange, Placement, Payment, User, Quota])
def test_what_matters_cannot_be_deleted_at_all(house, model):
    from tests.services.cast import place

    person = house.trainee()
    place(house, person)
    house.do("reject", person, reason="x")
    row = model.select().first()
    if row is not None:
        with pytest.raises(RuleViolation) as refused:
            crud.remove(house.cli, model, row.id)
        assert refused.value.violations[0].code == "record.not_deletable"


def test_a_row_nobody_needs_is_deleted(house):
    number = crud.create(house.cli, Unit, {"code": "X1", "name": "某研究所", "host": True})
    crud.remove(house.cli, Unit, number)
    assert not Unit.select().where(Unit.id == number).exists()


@pytest.mark.parametrize("name", sorted(Trainee.panel.machine))
def test_a_machine_column_is_never_taken_from_a_form(house, name):
    person = house.trainee()
    before = getattr(person, name)
    crud.edit(house.cli, Trainee, person.id, None, {name: "certified", "post": "主任"})
    assert getattr(house.reload(person), name) == before and house.reload(person).post == "主任"


def test_an_edit_of_an_older_version_is_refused_with_todays_values(house):
    person = house.trainee()
    crud.edit(house.cli, Trainee, person.id, person.version, {"post": "主任"})
    with pytest.raises(Stale) as refused:
        crud.edit(house.cli, Trainee, person.id, person.version, {"post": "院长"})
    assert refused.value.theirs["post"] == "主任"


@pytest.mark.parametrize("model", [StatusChange, Payment, ExportTemplate])
def test_what_only_verbs_write_has_no_form(house, model):
    with pytest.raises(NotAllowed):
        crud.create(house.cli, model, {})


@pytest.mark.parametrize(
    ("role", "model"), [("viewer", Trainee), ("operator", Unit), ("approver", Programme), ("operator", User)]
)
def test_a_form_needs_its_right(house, role, model):
    with pytest.raises(NotAllowed):
        crud.create(house.actor(role), model, {"name": "x"})


# --- A person by hand


def new(house, **values):
    row = {
        "name": "王雅茹", "id_number": id_number(400), "unit": house.unit().id, "track": house.track().id, **values,
    }  # fmt: skip
    return Trainee.get_by_id(
        crud.create(house.actor("operator"), Trainee, row, programme=house.programme().id)
    )


def test_a_person_gets_year_pinyin_and_the_birth_day_of_the_number(house):
    person = new(house)
    assert (person.pinyin, person.initials, person.birth_date) == ("wang ya ru", "wyr", "1980-05-12")
    assert person.programme.year == 2019 and person.status == "applied"


@pytest.mark.parametrize(
    ("value", "code"),
    [("150404800512001", "import.id_number.fifteen"), ("15040419800512001", "import.id_number.format"),
     ("150404198013120018", "import.id_number.birth_impossible"), ("", "import.id_number.format"),
     (id_number(400)[:17] + ("0" if id_number(400)[17] != "0" else "1"), "import.id_number.checksum")],
)  # fmt: skip
def test_an_id_number_that_does_not_hold_is_refused(house, value, code):
    with pytest.raises(RuleViolation) as refused:
        new(house, id_number=value)
    assert refused.value.violations[0].code == code


@pytest.mark.parametrize(
    ("written", "code"), [("1980-06", "identity.birth_differs"), ("1980-13", "record.not_date")]
)
def test_a_birth_date_that_does_not_fit_is_refused(house, written, code):
    with pytest.raises(RuleViolation) as refused:
        new(house, birth_date=written)
    assert refused.value.violations[0].code == code


def test_the_same_person_twice_in_a_year_is_refused_naming_the_first(house):
    new(house)
    with pytest.raises(RuleViolation) as refused:
        new(house, name="李红")
    assert say_all(refused.value) == "同一年度已有这个身份证号的学员：王雅茹（赤峰市，区外，已申报）"


def test_the_database_refuses_it_too_and_names_nobody_of_another_unit(house):
    new(house, unit=house.unit("150100").id)
    row = {"name": "李红", "id_number": id_number(400), "track": house.track().id}
    with pytest.raises(RuleViolation) as refused:
        crud.create(house.actor("clerk", "150400"), Trainee, row, programme=house.programme().id)
    assert refused.value.violations[0].code == "constraint.trainee_programme_id_id_number"


def test_a_new_name_brings_its_pinyin_unless_one_was_typed(house):
    person = new(house)
    form = {"pinyin": person.pinyin, "initials": person.initials}
    crud.edit(house.cli, Trainee, person.id, None, {**form, "name": "李红"})
    assert (house.reload(person).pinyin, house.reload(person).initials) == ("li hong", "lh")
    crud.edit(house.cli, Trainee, person.id, None, {"name": "李弘", "pinyin": "li heng", "initials": "lh"})
    assert house.reload(person).pinyin == "li heng"


@pytest.mark.parametrize(
    ("status", "name", "allowed"),
    [("applied", "title", True), ("recommended", "title", True), ("recommended", "unit", False),
     ("admitted", "title", False), ("admitted", "mobile", True), ("training", "bank_account", True),
     ("training", "name", False)],
)  # fmt: skip
def test_what_may_still_change_by_hand(house, status, name, allowed):
    from tests.services.cast import put_into

    person = house.trainee()
    put_into(person, status)
    value = house.unit("150700").id if name == "unit" else "新值"
    if allowed:
        crud.edit(house.cli, Trainee, person.id, None, {name: value})
        assert getattr(house.reload(person), name) == value
    else:
        with pytest.raises(RuleViolation) as refused:
            crud.edit(house.cli, Trainee, person.id, None, {name: value})
        assert refused.value.violations[0].code == "trainee.past_applied"


def test_a_host_is_no_sending_unit(house):
    host = crud.create(house.cli, Unit, {"code": "H9", "name": "某大学", "host": True})
    with pytest.raises(RuleViolation) as refused:
        new(house, unit=host)
    assert refused.value.violations[0].code == "unit.not_sending"


def test_a_track_of_another_year_is_refused(house):
    from tepei_admin.services import programmes

    programmes.new_year(house.cli, 2020, source=2019)
    with pytest.raises(RuleViolation) as refused:
        new(house, track=house.track(year=2020).id)
    assert refused.value.violations[0].code == "trainee.track_of_other_year"


# --- The clerk: one unit's people only


def test_a_clerk_enters_people_of_the_own_unit_whatever_the_form_says(house):
    clerk = house.actor("clerk", unit="150400")
    row = {
        "name": "王雅茹",
        "id_number": id_number(401),
        "unit": house.unit("150700").id,
        "track": house.track().id,
    }
    number = crud.create(clerk, Trainee, row, programme=house.programme().id)
    assert house.reload(number).unit.code == "150400"


def test_a_clerk_does_not_find_other_units_people(house):
    clerk = house.actor("clerk", unit="150400")
    stranger = house.trainee(unit="150700")
    with pytest.raises(NotFound):
        crud.edit(clerk, Trainee, stranger.id, None, {"post": "x"})


def test_a_clerk_cannot_move_a_person_to_another_unit(house):
    clerk = house.actor("clerk", unit="150400")
    person = house.trainee()
    with pytest.raises(RuleViolation):
        crud.edit(clerk, Trainee, person.id, None, {"unit": house.unit("150700").id})


def test_a_clerks_account_needs_a_unit_and_nobody_elses_has_one(house):
    with pytest.raises(RuleViolation):
        crud.create(house.cli, User, {"username": "c", "role": "clerk"})
    number = crud.create(house.cli, User, {"username": "o", "role": "operator", "unit": house.unit().id})
    assert User.get_by_id(number).unit_id is None


def test_a_changed_role_ends_the_old_sessions(house):
    house.actor("operator")
    user = User.get(User.username == "operator")
    crud.edit(house.cli, User, user.id, None, {"role": "viewer"})
    assert User.get_by_id(user.id).epoch == user.epoch + 1
    crud.edit(house.cli, User, user.id, None, {"name": "李某"})
    assert User.get_by_id(user.id).epoch == user.epoch + 1


@pytest.mark.parametrize("value", ["beyond", "beyond:x", "never", "all:3"])
def test_a_leave_deduction_that_means_nothing_is_refused(house, value):
    with pytest.raises(RuleViolation):
        crud.edit(house.cli, Programme, house.programme().id, None, {"leave_deduction": value})


def test_a_route_that_asks_nothing_is_refused_by_the_database_in_words(house):
    with pytest.raises(RuleViolation) as refused:
        crud.create(house.cli, Route, {"track": house.track().id, "label": "空"})
    assert refused.value.violations[0].code == "constraint.route_asks_something"


def test_a_number_and_a_name_typed_by_hand_are_put_into_their_normal_form(house):
    number = id_number(402)
    person = new(house, id_number=f" {number[:6]} {number[6:]}", name=" 阿不都•热合曼 ")
    assert (person.id_number, person.name) == (number, "阿不都·热合曼")


def test_a_quota_is_a_sending_units(house):
    host = crud.create(house.cli, Unit, {"code": "H9", "name": "某大学", "host": True})
    with pytest.raises(RuleViolation) as refused:
        crud.create(house.cli, Quota, {"track": house.track().id, "unit": host, "places": 3})
    assert refused.value.violations[0].code == "unit.not_sending"


def test_a_track_with_people_stays_in_its_year(house):
    programmes.new_year(house.cli, 2020, source=2019)
    person = house.trainee()
    with pytest.raises(RuleViolation) as refused:
        crud.edit(
            house.cli, Track, person.track_id, None, {"code": "x", "programme": house.programme(2020).id}
        )
    assert say_all(refused.value) == "区外已有 1 名学员，不能改到别的年度"
