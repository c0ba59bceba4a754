"""A7: what is masked cannot be found out by asking: no search by part, no sort, no filter."""

from __future__ import annotations

import re

import pytest

from tepei_admin.models import Trainee
from tests.factories import ROLES
from tests.views.browser import Browser

PEOPLE = 20


def count(browser: Browser, address: str) -> int:
    """How many rows a list shows: the attacker's only instrument."""
    page = browser.get(address, follow_redirects=True).text
    return len(set(re.findall(r'href="/trainees/(\d+)', page)))


def recovered(browser: Browser, people: list[Trainee]) -> int:
    """Numbers found out digit by digit: a prefix is right where it leaves other rows than the wrong ones do."""
    ways = [
        "search={}",
        "id_number.has={}",
        "id_number.min={}",
        "id_number={}",
        "id_number.max={}",
        "bank_account.has={}",
    ]
    found = 0
    for person in people:
        known = person.id_number[:16]  # all but two digits: the attacker's best day
        guesses = [f"{known}{digit}" for digit in "0123456789"]
        for way in ways:
            shown = {count(browser, f"/trainees/?{way.format(guess)}") for guess in guesses}
            found += len(shown) > 1
            if len(shown) > 1:
                break
    return found


@pytest.fixture
def people(sqlite_house) -> list[Trainee]:
    return [sqlite_house.trainee(bank_account=f"62220216021098{number:05d}") for number in range(PEOPLE)]


@pytest.mark.safety
@pytest.mark.parametrize("role", ROLES)
def test_the_prefix_attack_recovers_no_number(role: str, people, sqlite_house, sqlite_app) -> None:
    browser = Browser(sqlite_app).sign_in(sqlite_house, role)
    assert count(browser, "/trainees/") == PEOPLE
    assert recovered(browser, people) == 0


def test_the_prefix_attack_recovers_no_number_of_one(people, sqlite_house, sqlite_app) -> None:
    browser = Browser(sqlite_app).sign_in(sqlite_house, "viewer")
    assert recovered(browser, people[:1]) == 0


def test_control_with_the_column_among_the_searched_ones_it_recovers_them(
    people, sqlite_house, sqlite_app, monkeypatch
) -> None:
    import dataclasses

    from tepei_admin.views.resource import state

    open_panel = dataclasses.replace(Trainee.panel, search=("name", "id_number"))
    monkeypatch.setattr(Trainee, "panel", open_panel)
    monkeypatch.setattr(state, "LONG_NUMBER", re.compile("never"))
    browser = Browser(sqlite_app).sign_in(sqlite_house, "viewer")
    assert recovered(browser, people[:2]) == 2


@pytest.mark.parametrize("text", ["part", "spaces", "whole"])
def test_the_search_box_takes_the_whole_number_only(text: str, people, sqlite_house, sqlite_app) -> None:
    browser = Browser(sqlite_app).sign_in(sqlite_house, "viewer")
    person = people[3]
    number = person.id_number
    asked = {
        "part": number[:-1],
        "spaces": f"{number[:6]} {number[6:14]}-{number[14:]}",
        "whole": number.lower(),
    }[text]
    location = browser.post("/trainees/search", search=asked, query="").location
    assert location == ("/trainees/" if text == "part" else f"/trainees/{person.id}")
    assert number[:-1] not in location


def test_no_masked_column_is_searched_sorted_or_filtered(sqlite_admin: Browser) -> None:
    """By what the views declare, for every model; and by trying."""
    for model, view in sqlite_admin.app.extensions["resources"].items():
        for name in model.panel.sensitive:
            assert name not in model.panel.search and name not in view.sortable
            assert {item.operation for item in view.filters.values() if item.column.name == name} <= {"empty"}
            for query in (
                f"sort={name}",
                f"sort=-{name}",
                f"{name}=1",
                f"{name}.has=1",
                f"{name}.min=1",
                f"{name}.not=1",
            ):
                answer = sqlite_admin.get(f"{view.url}/?{query}")
                assert (answer.status_code, answer.location) == (302, f"{view.url}/"), query


def test_a_look_up_does_not_find_people_by_number(people, sqlite_house, sqlite_app) -> None:
    browser = Browser(sqlite_app).sign_in(sqlite_house, "viewer")
    for number in (
        people[0].id_number,
        people[0].id_number[:10],
        people[0].bank_account,
        people[0].bank_account[:8],
    ):
        assert browser.get("/trainees/lookup", query_string={"q": number}).json == []
