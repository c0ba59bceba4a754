"""A template's filter: the language of the lists' addresses, over foreign keys too, and nothing guessed."""

from __future__ import annotations

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import asked
from tepei_admin.messages import say_all
from tepei_admin.models import Payment, Trainee, User
from tests.services.cast import put_into


def names(text):
    query = Trainee.select(Trainee.name).where(True, *asked.conditions_of(Trainee, text))
    return sorted(row[0] for row in query.tuples())


@pytest.fixture
def people(house):
    house.trainee(name="甲", title="教授")
    put_into(house.trainee(name="乙", track="inside"), "admitted")
    put_into(house.trainee(name="丙", unit="150700"), "training")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "丙乙甲"),
        ("status=admitted,training", "丙乙"),
        ("status.not=admitted", "丙甲"),
        ("name.has=甲", "甲"),
        ("title=教授", "甲"),
        ("unit.code=150700", "丙"),
        ("unit.has=赤峰", "乙甲"),
        ("track.code=inside", "乙"),
        ("status=admitted&track.code=outside", ""),
        ("host_wish.empty=1", "丙乙甲"),
        ("unit.region.name.has=呼伦贝尔", "丙"),
        ("/trainees/?status=admitted&sort=-name&page_size=20&page=3&columns=name", "乙"),
        ("http://127.0.0.1:5000/trainees/?name.has=%E7%94%B2", "甲"),
        ("bank_account.empty=0", ""),
    ],
)
def test_rows_are_asked_for_as_in_a_list(people, text, found):
    assert names(text) == sorted(found)


@pytest.mark.parametrize(
    ("model", "text", "words"),
    [
        (Trainee, "nothing=1", "筛选“nothing”在“学员”中没有"),
        (Trainee, "unit.nothing=1", "筛选“unit.nothing”"),
        (Trainee, "name.min=1", "筛选“name.min”"),
        (Trainee, "status=gone", "筛选“status”不能是“gone”"),
        (Trainee, "received_on.min=昨天", "不能是“昨天”"),
        (Trainee, "status=", "不能是“”"),
        (Trainee, "search=文", "不能带搜索词"),
        (Trainee, "id_number=150102198503159919", "只能筛选填了没有"),
        (Trainee, "id_number.has=1501", "只能筛选填了没有"),
        (Payment, "opened_by.locked_until.empty=1", "筛选“opened_by.locked_until.empty”"),
        (Payment, "lines=1", "筛选“lines”"),
        (User, "password_hash.has=a", "筛选“password_hash.has”"),
    ],
)
def test_what_a_list_would_leave_out_is_refused_in_words(house, model, text, words):
    with pytest.raises(RuleViolation) as refused:
        asked.tidy(model, text)
    assert words in say_all(refused.value)


@pytest.mark.parametrize(
    "text", ["name.has=甲&status=admitted", "name.has=%26%25%2B%23", "title=a%3Fb", "unit.has=赤峰"]
)
def test_tidied_twice_is_tidied_once_and_asks_the_same(text):
    once = asked.tidy(Trainee, text)
    assert asked.tidy(Trainee, once) == once and asked.pairs(once) == asked.pairs(text)


def test_an_address_is_kept_readable_and_without_what_is_of_the_list_alone():
    address = "http://x/trainees/?name.has=%E4%B9%8C%E5%85%B0&sort=name"
    assert asked.tidy(Trainee, address) == "name.has=乌兰"
