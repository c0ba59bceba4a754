"""What a list may cost: queries, bytes. Counted, not timed."""

from __future__ import annotations

import pytest

from tepei_admin.database import db
from tepei_admin.models import Trainee
from tests.factories import id_number
from tests.views.browser import Browser

AROUND = 6
"""The session, the years, the demo's day, the front page's badges: the same on every page."""


@pytest.fixture
def crowd(house, admin: Browser) -> Browser:
    """2,000 people."""
    first = house.trainee()
    values = {name: value for name, value in first.__data__.items() if name not in ("id", "id_number")}
    rows = [
        {**values, "id_number": id_number(n % 500, born=f"19{70 + n // 500}0512"), "name": f"乌云其木格{n}", "employer": "内蒙古农牧业科学院"}
        for n in range(1, 2000)
    ]  # fmt: skip
    with db.obj.unguarded():
        for start in range(0, len(rows), 100):
            Trainee.insert_many(rows[start : start + 100]).execute()
    return admin


@pytest.mark.parametrize(
    "query",
    ["", "?page=20", "?sort=unit", "?search=乌云&status=applied", "?unit.has=赤峰", "?page=9&page_size=200"],
)
def test_a_list_asks_three_queries_and_one_for_each_foreign_key(
    query: str, crowd: Browser, count_queries
) -> None:
    """Ground 24: plain Flask-Admin asks one a row."""
    crowd.get("/trainees/")
    with count_queries() as queries:
        page = crowd.client.get(f"/trainees/{query}", follow_redirects=True)
    assert page.status_code == 200
    of_people = [sql for sql in queries.statements if 'FROM "trainee"' in sql or "FROM (SELECT" in sql]
    assert len(of_people) <= 3 + AROUND, "\n".join(queries.statements)
    assert len(queries) <= 3 + 3 + AROUND, "\n".join(queries.statements)
    assert not [sql for sql in of_people if " JOIN " in sql]


def test_a_page_of_fifty_is_under_60_kilobytes(crowd: Browser) -> None:
    page = crowd.get("/trainees/")
    assert page.text.count('name="ids"') == 50
    assert len(page.data) < 60_000


def test_a_form_over_many_units_is_as_small_as_over_few(house, crowd: Browser) -> None:
    """Ground 25."""
    from tepei_admin.models import Unit

    with db.obj.unguarded():
        Unit.insert_many(
            [{"code": f"T{n}", "name": f"单位{n}", "sending": True} for n in range(300)]
        ).execute()
    assert len(crowd.get("/trainees/new").data) < 40_000


def test_a_total_is_counted_up_to_ten_thousand(monkeypatch, crowd: Browser) -> None:
    from tepei_admin.views.resource import listing

    monkeypatch.setattr(listing, "BOUND", 1000)
    page = crowd.get("/trainees/").text
    assert "超过 1,000 人" in page and "下一页" in page
    assert "下一页" in crowd.get("/trainees/?page=30").text
    assert "下一页" not in crowd.get("/trainees/?page=39").text
