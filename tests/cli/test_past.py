"""tepei-admin past: a list of 往年学员 by the command line."""

from __future__ import annotations

import pytest

from tepei_admin.models import AuditEntry, ExportRecord, PastTrainee, Upload
from tests.exchange.making import id_number, xlsx

HEADER = ("姓名", "身份证号", "年度", "结果")


def names(run, *rows, header=HEADER):
    return run.file("往年学员.xlsx", xlsx([header, *rows]))


def test_a_list_is_stored_and_taken_back_as_one_batch(run):
    ran = run("past", "load", names(run, ["王伟", id_number(1), 2017, "结业"]), "--json")
    assert (
        ran.status == 0
        and ran.json["counts"]["new"] == 1
        and ran.json["rows"][0]["values"]["outcome"] == "已结业"
    )
    assert PastTrainee.get().outcome == "certified"
    again = run("past", "load", names(run, ["王伟", id_number(1), 2017, "结业"]), "--json")
    assert (again.status, again.json["counts"]["same"], again.json["batch"]) == (0, 1, None)
    kept = Upload.get()
    assert (kept.file_name, kept.batch_id) == ("往年学员.xlsx", ran.json["batch"])
    assert run("batch", "undo", ran.json["batch"]).status == 0 and not PastTrainee.select().exists()


def test_a_dry_run_stores_nothing_and_errors_are_told_by_row(quick):
    path = names(quick, ["王伟", id_number(1), 2017, "结业"], ["李明", id_number(3), 2017, "不详"])
    ran = quick("past", "load", path)
    assert ran.status == 1 and "第 3 行" in ran.out and "结果“不详”无法识别" in ran.out
    assert (
        quick("past", "load", path, "--dry-run", "--accept-good").status == 1
        and not PastTrainee.select().exists()
    )
    assert quick("past", "load", path, "--accept-good").status == 1 and PastTrainee.select().count() == 1


def test_the_year_of_a_list_without_that_column(quick):
    path = names(quick, ["王伟", id_number(1), "结业"], header=("姓名", "身份证号", "结果"))
    refused = quick("past", "load", path, "--json")
    assert refused.status == 1 and refused.json["error"]["code"] == "import.past.no_year"
    assert quick("past", "load", path, "--year", 2016).status == 0 and PastTrainee.get().year == 2016


def test_the_list_is_told_and_the_telling_is_on_record(quick):
    quick("past", "load", names(quick, ["王伟", id_number(1), 2017, "结业"]))
    assert quick("past", "list").out == "2017\t王伟\t已结业\t\n"
    assert quick("past", "list", "--json").json[0]["id_number"] == id_number(1)
    assert (
        ExportRecord.select().count() == 1
        and AuditEntry.select().where(AuditEntry.action == "export").count() == 1
    )


@pytest.mark.parametrize("user", ["viewer", "clerk"])
def test_who_may_not(quick, user):
    quick.house.actor(user, unit="150400" if user == "clerk" else None)
    name = "clerk-150400" if user == "clerk" else user
    ran = quick("past", "load", names(quick, ["王伟", id_number(1), 2017, "结业"]), "--as", name)
    assert ran.status == 1 and not PastTrainee.select().exists()
