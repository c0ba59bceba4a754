"""Accounts, programmes, units, quotas."""

from __future__ import annotations

import pytest

from tepei_admin.models import AuditEntry, Programme, Quota, Unit, User
from tepei_admin.services import accounts
from tests.exchange.making import text_file, xlsx

PASSWORD = "draw-water-9"


def test_an_account_is_added_listed_and_signs_in(run):
    ran = run("user", "add", "zhang", "--role", "operator", "--password-stdin", typed=PASSWORD + "\n")
    assert ran.status == 0 and "经办" in ran.out
    assert accounts.sign_in("zhang", PASSWORD).user_id
    rows = run("user", "list", "--json").json
    assert [(row["name"], row["role"], row["unit"], row["active"]) for row in rows] == [
        ("zhang", "operator", None, True)
    ]


def test_a_clerk_needs_a_unit_and_a_known_one(quick):
    ran = quick("user", "add", "li", "--role", "clerk", "--password-stdin", typed=PASSWORD)
    assert ran.status == 1 and "必须指定单位" in ran.err
    ran = quick(
        "user", "add", "li", "--role", "clerk", "--unit", "999999", "--password-stdin", typed=PASSWORD
    )
    assert ran.status == 1 and "999999" in ran.err
    assert (
        quick(
            "user", "add", "li", "--role", "clerk", "--unit", "150400", "--password-stdin", typed=PASSWORD
        ).status
        == 0
    )
    assert quick("user", "list", "--json").json[0]["unit"] == "150400"
    assert not User.select().where(User.username == "999999").exists()


@pytest.mark.parametrize(("typed", "told"), [("short\n", "太短"), ("", "太短"), ("password123\n", "常见")])
def test_a_weak_password_adds_nobody(quick, typed, told):
    ran = quick("user", "add", "li", "--role", "viewer", "--password-stdin", typed=typed)
    if typed == "":
        assert ran.status in (0, 1)
    else:
        assert ran.status == 1 and told in ran.err and not User.select().where(User.username == "li").exists()


def test_without_a_terminal_a_password_must_come_from_standard_input(quick):
    ran = quick("user", "add", "li", "--role", "viewer", typed="")
    assert ran.status == 2 and "--password-stdin" in ran.err


def test_a_role_that_there_is_not_is_a_wrong_call(quick):
    ran = quick("user", "add", "li", "--role", "king")
    assert ran.status == 2 and "king" in ran.err and "approver" in ran.err


def test_password_disable_unlock(quick):
    quick("user", "add", "zhang", "--role", "viewer", "--password-stdin", typed=PASSWORD)
    assert quick("user", "passwd", "zhang", "--password-stdin", typed="carry-wood-7").status == 0
    assert accounts.sign_in("zhang", "carry-wood-7")
    assert quick("user", "unlock", "zhang").status == 0
    assert quick("user", "disable", "zhang").status == 0
    assert not User.get(User.username == "zhang").active
    for words in (["passwd", "wang", "--password-stdin"], ["disable", "wang"], ["unlock", "wang"]):
        ran = quick("user", *words, typed="carry-wood-7")
        assert ran.status == 1 and "没有用户“wang”" in ran.err


def test_as_somebody_acts_with_that_persons_rights_and_name(quick):
    quick.house.actor("viewer")
    quick.house.actor("admin")
    ran = quick("unit", "add", "X1", "某单位", "--as", "viewer")
    assert ran.status == 1 and "查阅" in ran.err
    assert quick("unit", "add", "X1", "某单位", "--as", "admin").status == 0
    entry = AuditEntry.select().where(AuditEntry.model == "unit", AuditEntry.label == "某单位").get()
    assert entry.by_name == "admin"
    assert quick("user", "list", "--as", "viewer").status == 1
    assert "没有用户“nobody”" in quick("unit", "list", "--as", "nobody").err
    assert quick("unit", "list", "--as", "cli").status == 1


def test_a_programme_is_copied_set_and_listed(run):
    assert run("programme", "new", 2020, "--from", 2019).status == 0
    assert str(Programme.get(Programme.year == 2020).materials_deadline) == "2020-03-30"
    assert [row["year"] for row in run("programme", "list", "--json").json] == [2019, 2020]
    assert (
        run("programme", "set", "term_months", "10", "--programme", 2020).out
        == "2020 年度 term_months = 10\n"
    )
    again = run("programme", "new", 2020, "--from", 2019)
    assert again.status == 1 and "已经存在" in again.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["set", "terms", "1", "--programme", "2019"], "没有设置项“terms”"),
        (["set", "materials_deadline", "30.3.", "--programme", "2019"], "应为日期"),
        (["set", "solo", "maybe", "--programme", "2019"], "on（是）"),
        (["set", "solo", "on", "--programme", "2031"], "没有 2031 年度；现有：2019"),
        (["new", "2021", "--from", "2018"], "没有 2018 年度"),
        (["show", "2031"], "没有 2031 年度"),
    ],
)
def test_what_does_not_fit_a_programme_is_refused_by_name(quick, words, told):
    ran = quick("programme", *words)
    assert (ran.status, ran.out) == (1, "") and told in ran.err and ran.err.count("\n") == 1


def test_programme_show_has_the_promised_shape(run):
    house = run.house
    house.quota(2)
    people = [house.trainee() for _ in range(2)]
    house.do("recommend", *people)
    house.do("admit", people[0], approval_no="1号")
    value = run("programme", "show", 2019, "--json").json
    assert list(value) == ["year", "settings", "tracks", "statuses", "money", "certificates"]
    assert (
        value["settings"]["materials_deadline"] == "2019-03-30"
        and value["settings"]["reference_date"] is None
    )
    outside = value["tracks"][0]
    assert (outside["track"], outside["places"], outside["taken"]) == ("outside", 40, 1)
    quotas = {row["unit"]: row for row in outside["quotas"]}
    assert quotas["150400"] == {"unit": "150400", "places": 2, "taken": 2}
    assert quotas["QZ"] == {"unit": "QZ", "places": None, "taken": 0} and len(quotas) == 15
    assert len(value["statuses"]) == 13
    assert (value["statuses"]["recommended"], value["statuses"]["admitted"]) == (1, 1)
    zero = {"draft": "0.00", "approved": "0.00", "paid": "0.00"}
    recovery = dict.fromkeys(("due", "received", "remitted", "outstanding"), "0.00")
    assert value["money"] == {"tuition": zero, "stipend": zero, "refund": zero, "recovery": recovery}
    assert value["certificates"] == 0
    assert "未分配" in run("programme", "show", 2019).out


def test_a_clerk_gets_no_figures_of_the_whole_house(quick):
    quick.house.actor("clerk", unit="150400")
    assert quick("programme", "show", 2019, "--as", "clerk-150400").status == 1


def test_a_unit_is_added_with_its_region(run):
    ran = run("unit", "add", "H9", "某大学", "--host", "--region", "110000", "--level", "region")
    unit = Unit.get(Unit.code == "H9")
    assert ran.status == 0 and (unit.host, unit.sending, unit.region.name) == (True, False, "北京市")
    ran = run("unit", "add", "H8", "另一大学", "--host", "--region", "119999")
    assert ran.status == 1 and "119999" in ran.err
    assert "已有这个代码" in run("unit", "add", "H9", "别的").err
    assert {row["code"] for row in run("unit", "list", "--json").json} >= {"H9", "150400"}


def test_a_quota_is_set_and_taken_back(run):
    words = ("quota", "set", "--programme", 2019, "--track", "outside", "--unit", "150400", "--places")
    assert run(*words, 3).status == 0
    assert Quota.get(Quota.unit == run.house.unit().id, Quota.track == run.house.track().id).places == 3
    assert run(*words, "未分配").status == 0
    assert Quota.get(Quota.unit == run.house.unit().id, Quota.track == run.house.track().id).places is None


def test_a_quota_below_its_use_is_refused(quick):
    quick.house.quota(1)
    quick.house.do("recommend", quick.house.trainee())
    ran = quick("quota", "set", "--programme", 2019, "--track", "outside", "--unit", "150400", "--places", 0)
    assert ran.status == 1 and "已用数（1）" in ran.err


def quotas(house, track: str = "outside") -> dict[str, int | None]:
    rows = Quota.select(Unit.code, Quota.places).join(Unit).where(Quota.track == house.track(track).id)
    return dict(rows.tuples())


TABLE = [
    ["附件1 名额分配表"],
    ["序号", "单位", "区外", "inside", "合计"],
    [1, "赤峰市", 3, 4, 7],
    [2, "150500", 2, None, 2],
    [None, "合计", 5, 4, 9],
]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_quotas_are_loaded_from_a_table(run, form):
    run.house.quota(9, unit="150500", track="inside")
    data = xlsx(TABLE) if form == "xlsx" else text_file(TABLE, "gb18030")
    ran = run("quota", "load", run.file(f"名额.{form}", data), "--programme", 2019)
    assert ran.status == 0 and "4 项" in ran.out
    outside, inside = quotas(run.house), quotas(run.house, "inside")
    assert (outside["150400"], outside["150500"], inside["150400"], inside["150500"]) == (3, 2, 4, None)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([["单位", "区外"], ["赤峰市", "三"]], "第 2 行 赤峰市的区外名额“三”不是整数"),
        ([["单位", "区外"], ["赤峰市", 1], ["火星市", 2]], "火星市"),
        ([["单位", "境外"], ["赤峰市", 1]], "没有培养类别“境外”；本年度有：outside（区外）"),
        ([["单位", "区外"], ["赤峰市", 1], ["赤峰市", 2]], "出现了两次"),
        ([["盟市", "区外"], ["赤峰市", 1]], "应有“单位”一列"),
        ([["单位"], ["赤峰市"]], "应有“单位”一列"),
    ],
)
def test_a_quota_table_that_does_not_fit_sets_nothing(quick, table, told):
    before = quotas(quick.house)
    ran = quick("quota", "load", quick.file("名额.xlsx", xlsx(table)), "--programme", 2019)
    assert (ran.status, ran.out) == (1, "") and told in ran.err.replace(" 赤峰市 的", " 赤峰市的")
    assert quotas(quick.house) == before


def test_a_file_that_is_not_there_is_named(quick):
    ran = quick("quota", "load", quick.folder / "没有.xlsx", "--programme", 2019)
    assert ran.status == 1 and "没有.xlsx" in ran.err
    assert quick("quota", "load", quick.folder, "--programme", 2019).status == 1
