"""工作台: what stands there, that every number has its list, and that it costs the same for many people."""

from __future__ import annotations

import html
import itertools
import re

import pytest

from tepei_admin.choices import Status
from tepei_admin.models import Trainee
from tepei_admin.seed import demo
from tests.factories import ROLES
from tests.services.cast import waive
from tests.views.browser import Browser, names


def counted(page: str) -> list[tuple[str, int]]:
    """(address, number) of the road, the to-dos, the bars."""
    road = re.findall(r'<a href="([^"]+)"><b>(\d+)</b>', page)
    todo = re.findall(r'<li[^>]*><a href="([^"]+)">[^<]*</a><b>(\d+)</b>', page)
    bars = re.findall(r'<td class="n"><a href="([^"]+)">(\d+) / \d+</a>', page)
    big = re.findall(r'<div class="big"><a href="([^"]+)">(\d+)</a>', page)
    return [(html.unescape(url), int(number)) for url, number in (*road, *todo, *bars, *big)]


@pytest.fixture
def busy(house):
    """Somebody at every kind of standing that this page counts."""
    house.quota(2)
    house.quota(1, track="inside")
    people = [house.trainee() for _ in range(4)]
    inside = house.trainee(track="inside")
    house.trainee(unit="150700", attested=False)
    house.trainee(unit="150700", ethnicity="01")
    house.do("check", *people, inside)
    house.do("recommend", people[0], people[1], inside)
    house.do("admit", people[0], approval_no="批1")
    house.do("withdraw", house.trainee(), reason="个人原因")
    house.do("reinstate", Trainee.get(Trainee.status == "withdrawn"), reason="误办")
    return people


def wrong_numbers(page: str, browser: Browser) -> list[tuple[str, int, int]]:
    """(address, number, length of the list there) where the two differ."""
    wrong = []
    for url, number in counted(page):
        seen = browser.get(url + ("&page_size=200" if "?" in url else "?page_size=200"))
        if seen.status_code == 302:
            seen = browser.get(seen.location)
        text = seen.text
        if url == "/requests/":
            listed = text.count('<article class="card matter')
        elif url in OWN_PAGES:
            listed = int(re.search(OWN_PAGES[url], text)[1])
        else:
            listed = len(names(text))
        if listed != number:
            wrong.append((url, number, listed))
    return wrong


OWN_PAGES = {"/certificates/ready": r"(\d+) 人可以发证", "/documents/missing": r"(\d+) 人"}
"""Pages that are no list of the usual kind, and how they count."""


def test_every_number_is_the_length_of_the_list_behind_it(busy, admin):
    page = admin.get("/").text
    assert len(counted(page)) > 12 and wrong_numbers(page, admin) == []


def test_so_it_is_on_the_demo_with_its_training_year(sqlite_house, sqlite_app):
    demo.fill()
    seen = Browser(sqlite_app)
    seen.post("/login", username="approver", password=demo.PASSWORD, at="/login")
    page = seen.get("/").text
    for title in (
        "过期未报到", "请假待答复", "假期将满", "经费待核准", "经费待支付", "终止与取消办理中",
        "追缴未结清", "该联系了", "档案材料不齐",
    ):  # fmt: skip
        assert f">{title}</a><b>" in page, title
    assert wrong_numbers(page, seen) == []


def test_what_it_says(busy, admin):
    page = admin.get("/").text
    for words in (
        "余 39",
        "已推荐待录取 1",
        "1,960,000.00",
        "480,000.00",
        "2019年3月30日",
        "尚未分配",
        "赤峰市",
    ):
        assert words in page
    assert re.search(r"名额已满仍有合格人选（区外，1 个单位）</a><b>2</b>", page)
    assert re.search(r"未落实培养单位</a><b>1</b>", page)
    assert "style=" not in page


def test_an_empty_house_has_a_front_page_too(admin):
    page = admin.get("/").text
    assert "没有待办" in page and "尚未分配" in page


def test_a_unit_beyond_its_quota_says_how_many_it_has_by_waiver(busy, house, client_as):
    waive(house, busy[2])
    house.do("recommend", busy[2])
    page = client_as("operator").get("/").text
    assert '>3 / 2</a><small class="full">满，含特批 1</small>' in page and page.count("含特批") == 1


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_it(role, busy, client_as):
    assert client_as(role).get("/").status_code == 200


def test_a_clerk_sees_the_own_unit_only(busy, client_as):
    page = client_as("clerk", "150700").get("/").text
    assert "赤峰市" not in page and "呼伦贝尔市" in page and "1,960,000.00" not in page
    assert ("/trainees/", 2) in counted(page)
    assert "/past-trainees/" not in page  # of which no row is a unit's


def test_its_queries_do_not_grow_with_people(sqlite_house, sqlite_admin, count_queries):
    house = sqlite_house
    house.quota(9)
    house.do("recommend", house.trainee())
    with count_queries() as few:
        sqlite_admin.get("/")
    for unit in ("150700", "150100", "150200"):
        for _ in range(4):
            house.trainee(unit=unit)
    with count_queries() as many:
        sqlite_admin.get("/")
    assert len(many) == len(few) <= 18


def test_badges_cost_two_queries(sqlite_house, sqlite_admin, count_queries):
    sqlite_house.trainee()
    page = sqlite_admin.get("/units/")
    assert re.search(r'href="/trainees/"[^>]*>学员 <b>1</b>', page.text)
    with count_queries() as queries:
        sqlite_admin.get("/units/")
    assert (
        sum('"request"' in sql or ("bounded" in sql and '"eligibility"' in sql) for sql in queries.statements)
        == 2
    )


def test_who_got_how_far_is_disjoint_and_ordered():
    from tepei_admin.services.home import GOT_TO

    steps = list(GOT_TO.values())
    assert all(later < earlier for earlier, later in itertools.pairwise(steps))
    assert Status.WITHDRAWN not in GOT_TO[Status.RECOMMENDED]


def test_nobody_is_led_to_the_sign_in(nobody: Browser):
    assert nobody.get("/").location == "/login?next=/"
