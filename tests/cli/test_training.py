"""The training year from the command line: the same verbs, their arguments by `--set`."""

from __future__ import annotations

import pytest

from tepei_admin.models import Assessment, Leave


def test_from_the_host_to_the_completion(run):
    house = run.house
    (person,) = house.admitted()
    house.host("H001", "中国农业大学", "110000")

    def do(verb, on, *more):
        ran = run("do", verb, "--programme", 2019, "--id", person.id, "--on", on, *more, "--json")
        assert (ran.status, ran.json["done"]) == (0, [person.id]), ran.out + ran.err

    do(
        "assign_host",
        "2019-06-12",
        "--set",
        "host=H001",
        "--set",
        "planned_start=2019-09-01",
        "--set",
        "major=兽医学",
    )
    do("confirm_placement", "2019-06-20")
    do("notify", "2019-07-05")
    do("receive_notice", "2019-07-09")
    do("report_in", "2019-09-01")
    leave = ("leave_state=granted", "starts=2019-10-08", "ends=2019-10-12", "host_approval=研究生院")
    do("record_leave", "2019-09-30", *(word for item in leave for word in ("--set", item)))
    do("assess", "2020-08-20", "--set", "assessment=结业考核", "--set", "grade=优秀")
    do("complete", "2020-08-31")
    assert house.reload(person).status == "completed" and house.placement(person).major == "兽医学"
    assert Leave.get().state == "granted" and Assessment.get().grade == "excellent"


@pytest.mark.parametrize("words,status,told", [
    (("host=H999", "planned_start=2019-09-01"), 1, "没有代码或名称为“H999”的单位"),
    (("host=H001", "planned_start=昨天"), 1, "应为日期"),
    (("host=H001",), 1, "请填写计划开始日期"),
    (("wirt=H001",), 2, "应为 名称=值"),
    (("host=H001", "planned_start=2019-09-01", "supervisor=" + "长" * 65), 1, "至多 64 个字"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(run, words, status, told):
    (person,) = run.house.admitted()
    run.house.host("H001", "中国农业大学", "110000")
    settings = [word for item in words for word in ("--set", item)]
    ran = run("do", "assign_host", "--programme", 2019, "--id", person.id, *settings)
    assert ran.status == status and told in ran.out + ran.err and "Traceback" not in ran.err
