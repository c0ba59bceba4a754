"""The outlook of the units on the look at a table."""

from __future__ import annotations

import io

from tests.exchange import test_intake as tables
from tests.exchange.making import person


def test_the_look_at_a_table_tells_it_too(sqlite_app, sqlite_house, sqlite_admin):
    sqlite_house.quota(1)
    form = {
        "csrf_token": sqlite_admin.token("/units/"), "track": str(sqlite_house.track().id), "sealed": "1",
        "file": (io.BytesIO(tables.table(person(1), person(2))), "汇总表.xlsx"),
    }  # fmt: skip
    page = sqlite_admin.get(sqlite_admin.client.post("/import/", data=form).location).text
    assert (
        "名额 1，已占 0，尚余 1；符合条件待推荐 0 人，本表新增 2 人，至多 1 人可推荐" in page
        and "名额不足" in page
    )
