"""Filters on both databases: nothing is dropped, nothing is taken for a wildcard."""

from __future__ import annotations

import pytest

from tepei_admin.models import PovertyCounty, Quota, TitleName, Track
from tests.views.browser import Browser, names
from tests.views.sample import row


@pytest.fixture
def titles(admin: Browser) -> None:
    """Four titles of our own beside the seeded ones."""
    for name, level in (("特一", "411"), ("特二", "412"), ("特%三", ""), ("特_四", "430")):
        row(TitleName, name=name, level=level)


def found(admin: Browser, query: dict[str, str], path: str = "/title-names/") -> list[str]:
    answer = admin.get(path, query_string=query)
    assert answer.status_code == 200, answer.location
    return sorted(names(answer.text))


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ({"name.has": "特"}, ["特%三", "特_四", "特一", "特二"]),
        ({"name.has": "特%"}, ["特%三"]),
        ({"name.has": "特_"}, ["特_四"]),
        ({"name": "特一"}, ["特一"]),
        ({"name.has": "特", "level": "411,412"}, ["特一", "特二"]),
        ({"name.has": "特", "level.not": "411"}, ["特%三", "特_四", "特二"]),
        ({"name.has": "特", "level.empty": "1"}, ["特%三"]),
        ({"name.has": "特", "level.empty": "0"}, ["特_四", "特一", "特二"]),
    ],
)
def test_text_and_codes(titles: None, admin: Browser, query: dict[str, str], want: list[str]) -> None:
    assert found(admin, query) == want


def test_not_equal_keeps_what_has_no_value(house, admin: Browser) -> None:
    """Ground 8: plain <> would drop the rows whose places are NULL."""
    house.quota(3)
    all_of_them = Quota.select().where(Quota.track.in_(Track.select())).count()
    page = admin.get("/quotas/", query_string={"places.not": "3"}).text
    assert f"{all_of_them - 1} 条" in page
    assert len(found(admin, {"places": "3"}, "/quotas/")) == 1
    assert len(found(admin, {"places.min": "2", "places.max": "3"}, "/quotas/")) == 1


def test_empty_means_null_and_blank_text(admin: Browser) -> None:
    row(PovertyCounty, code="999991", name="甲县", note="")
    row(PovertyCounty, code="999992", name="乙县", note="有")
    assert found(admin, {"note.empty": "1", "code.has": "99999"}, "/poverty-counties/") == ["999991"]
    assert found(admin, {"note.empty": "0", "code.has": "99999"}, "/poverty-counties/") == ["999992"]
    assert found(admin, {"delisted_on.empty": "1", "code.has": "99999"}, "/poverty-counties/") == [
        "999991",
        "999992",
    ]


def test_a_foreign_key_is_filtered_by_number_and_by_text(house, admin: Browser) -> None:
    house.trainee(unit="150400", name="在赤峰")
    house.trainee(unit="150500", name="在通辽")
    unit = house.unit("150400")
    assert found(admin, {"unit": str(unit.id)}, "/trainees/") == ["在赤峰"]
    assert found(admin, {"unit.has": "通辽"}, "/trainees/") == ["在通辽"]
    assert "单位：赤峰市" in admin.get(f"/trainees/?unit={unit.id}").text


def test_dates_are_filtered_by_the_day_and_a_stamp_by_the_offices_day(house, admin: Browser) -> None:
    row(PovertyCounty, code="999993", name="丙县", delisted_on="2019-03-30")
    assert found(admin, {"delisted_on.max": "2019-03-30", "code": "999993"}, "/poverty-counties/") == [
        "999993"
    ]
    assert found(admin, {"delisted_on.min": "2019-03-31", "code": "999993"}, "/poverty-counties/") == []
    answer = admin.get("/poverty-counties/", query_string={"delisted_on.max": "2019年3月30日"})
    assert answer.location == "/poverty-counties/?delisted_on.max=2019-03-30"


def test_a_partial_date_counts_whole_months(house, admin: Browser) -> None:
    house.trainee(name="三月", work_start="1980-03-05")
    house.trainee(name="四月", work_start="1980-04")
    assert found(admin, {"work_start.max": "1980-03"}, "/trainees/") == ["三月"]
    assert found(admin, {"work_start.min": "1980-04"}, "/trainees/") == ["四月"]


def test_money_is_filtered_in_yuan(house, admin: Browser) -> None:
    assert len(found(admin, {"tuition.min": "33000"}, "/tracks/")) == 1
    assert len(found(admin, {"tuition": "33,000.00"}, "/tracks/")) == 1


def test_a_sensitive_column_only_tells_whether_it_is_filled_in(house, admin: Browser) -> None:
    """Safety A7: no prefix, no order, no equality in an address."""
    keys = [key for key in admin.app.extensions["resources"][Track].filters if key.startswith("id_number")]
    assert keys == []
    person = house.trainee(name="有号")
    for key in ("id_number", "id_number.has", "id_number.min", "bank_account.has"):
        assert admin.get("/trainees/", query_string={key: person.id_number[:6]}).location == "/trainees/"
    assert admin.get("/trainees/?sort=id_number").location == "/trainees/"
    assert admin.get("/trainees/?bank_account.empty=1").status_code == 200


@pytest.mark.parametrize("query", ["status=nope", "unit=abc", "status.not=nope", "unit=15042619800512051X"])
def test_a_filter_that_cannot_be_read_finds_nobody_and_says_so(house, admin: Browser, query: str) -> None:
    """A list without it, 全部 ticked, would be everybody."""
    house.trainee(name="斯琴")
    page = admin.get(f"/trainees/?{query}", follow_redirects=True).text
    assert "无法识别" in page and "0 人，共 1 人" in page and "斯琴" not in page
    assert "15042619800512051X" not in page


def test_an_unreadable_filter_never_widens_a_bulk_action_or_an_export(house, admin: Browser) -> None:
    house.trainee(name="斯琴")
    answer = admin.post("/trainees/act", verb="check", all="1", query="?status=nope")
    assert answer.location.startswith("/trainees/?status=nope")
    assert "斯琴" not in admin.post("/trainees/export", format="csv", query="?status=nope").text


def test_filters_count_no_joins(house, admin: Browser, count_queries) -> None:
    house.trainee()
    with count_queries() as queries:
        admin.get("/trainees/?unit.has=赤峰&sort=unit")
    assert not [sql for sql in queries.statements if " JOIN " in sql]


def test_the_filter_form_holds_what_the_list_has(house, admin: Browser) -> None:
    unit = house.unit("150400")
    boxes = admin.boxes(f"/trainees/filter?unit={unit.id}&name.has=文&status=applied&employer.not=x")
    assert (boxes["unit"], boxes["name.has"], boxes["status"], boxes["employer.not"]) == (
        str(unit.id),
        "文",
        "applied",
        "x",
    )


def test_a_day_at_the_calendars_end_is_no_filter_of_a_stamp(admin: Browser) -> None:
    for query in ("created_at.min=0001-01-01", "created_at.max=9999-12-31"):
        assert admin.get(f"/units/?{query}", follow_redirects=True).status_code == 200
