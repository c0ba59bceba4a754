"""A list's address: short, by names, and whatever stands in it, never an error."""

from __future__ import annotations

import random

import pytest
from werkzeug.datastructures import MultiDict

from tepei_admin.models import Unit
from tepei_admin.views.resource import state
from tests.views.browser import Browser, names
from tests.views.sample import row


def read(**args: str) -> state.State:
    keep = lambda key, value: value if key in ("unit", "name.has") else None  # noqa: E731
    return state.read(MultiDict(args), check=keep, sortable={"name"}, columns=("name", "unit"))


def test_the_plain_list_has_the_plain_address() -> None:
    assert read().query() == ""
    assert read(page="0", page_size="50", sort="", search=" ").query() == ""


def test_an_address_is_read_and_written_the_same() -> None:
    asked = read(**{"unit": "5", "name.has": "文", "sort": "-name", "page": "2", "columns": "name"})
    assert asked.query() == "?unit=5&name.has=%E6%96%87&sort=-name&columns=name&page=2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "-1"), ("page", "abc"), ("page", "²"), ("page", "9" * 30), ("sort", "password"), ("sort", "--name"),
        ("search", "\0"), ("nothing", "1"), ("unit.min", "1"), ("page_size", "0"), ("columns", "hash"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out(name: str, value: str) -> None:
    assert read(**{name: value}).query() in ("", "?page_size=20")


@pytest.mark.parametrize(
    ("given", "used"), [("1", 20), ("20", 20), ("70", 50), ("100", 100), ("100000", 200)]
)
def test_a_page_has_no_more_than_200_rows(given: str, used: int) -> None:
    assert read(page_size=given).page_size == used


@pytest.mark.parametrize("number", ["15042619800512051X", "13800000001", "+8613800000001"])
def test_no_whole_number_of_a_person_stands_in_an_address(number: str) -> None:
    assert read(search=f"王 {number}").query() == "?search=%E7%8E%8B"


def test_the_same_column_sorts_the_other_way_round() -> None:
    assert read().sorted_by("name") == "?sort=name"
    assert read(sort="name").sorted_by("name") == "?sort=-name"


def test_a_form_with_empty_boxes_leads_to_the_short_address(admin: Browser) -> None:
    answer = admin.get("/units/?code.has=&name.has=&level=county&level=league&page=0")
    assert answer.status_code == 302
    assert answer.location == "/units/?level=county,league"


def test_a_page_beyond_the_last_leads_back(admin: Browser) -> None:
    assert admin.get("/units/?page=77").location == "/units/"


NASTY = [
    "-1", "abc", "0", "99999999999999999999", "\0", "a\0b", "²", "½", "' OR 1=1 --", "%", "_", "\\", "NaN", "1e400", "1,2,x",
    "2019-02-30", "0000-00-00", "🐎", "\ud7ff", "a" * 3000, "１", "-", ".", "null", "true", "<script>", "5 ", ",", "9" * 400,
]  # fmt: skip


def test_nothing_in_an_address_is_an_error(house, admin: Browser) -> None:
    """Safety C6: seeded addresses over all lists; on PostgreSQL a bad number would be an error of its own."""
    draw = random.Random(6)
    views = list(admin.app.extensions["resources"].values())
    for view in views:
        row(view.model)
    bad = []
    for _ in range(300):
        view = draw.choice(views)
        keys = ["page", "page_size", "sort", "search", "columns", *view.filters]
        query = {draw.choice(keys): draw.choice(NASTY) for _ in range(3)}
        answer = admin.client.get(f"{view.url}/", query_string=query, follow_redirects=True)
        bad += [(view.url, query, answer.status_code)] if answer.status_code >= 400 else []
    assert bad == []


@pytest.mark.parametrize(
    "path", ["0", "99999999999", "99999999999999999999", "abc", "-1", "²", "%00", "1/nothing"]
)
def test_a_number_that_is_none_is_not_found(path: str, sqlite_admin: Browser) -> None:
    assert sqlite_admin.get(f"/units/{path}").status_code == 404


def test_rows_keep_their_page_where_the_sort_ties(house, admin: Browser) -> None:
    for serial in range(45):
        row(Unit, code=f"T{serial}", name=f"单位{serial:02d}")
    first = "/units/?sort=active&page_size=20"
    pages = [first, f"{first}&page=1", f"{first}&page=2", f"{first}&page=3"]
    seen = [name for page in pages for name in names(admin.get(page, follow_redirects=False).text)]
    assert len(seen) == len(set(seen)) == Unit.select().count()
