"""Import, eligibility, verbs, requests, exports, batches."""

from __future__ import annotations

import csv

import openpyxl
import pytest

from tepei_admin.models import AuditEntry, Batch, BatchRow, ExportRecord, Request, Trainee, Upload
from tests.exchange.making import HEADER, id_number, person, xlsx

LINE = ["单位（盖章）：赤峰市人力资源和社会保障局"]
ON = ("--on", "2019-04-10")


def sheet(run, *rows, name="汇总表.xlsx"):
    return run.file(name, xlsx([LINE, HEADER, *rows]))


def take(run, path, *more):
    return run("import", path, "--programme", 2019, "--track", "outside", *more)


def bad(row: int):
    """A row whose ID number does not hold."""
    found = list(person(row))
    found[HEADER.index("身份证号")] = "150404198005129821"
    return found


def test_a_clean_file_is_stored_as_one_batch(run):
    ran = take(run, sheet(run, person(1), person(2)), "--received", "2019-03-20", "--json")
    assert ran.status == 0 and ran.json["counts"]["new"] == 2 and ran.json["file"] == "汇总表.xlsx"
    assert [row["row"] for row in ran.json["rows"] if row["outcome"] == "new"] == [3, 4]
    stored = Trainee.get()
    assert (stored.unit.code, str(stored.received_on), stored.attested_signed) == (
        "150400",
        "2019-03-20",
        True,
    )
    assert Batch.select().where(Batch.verb == "import").count() == 1
    again = take(run, sheet(run, person(1), person(2)), "--received", "2019-03-20", "--json")
    assert again.status == 0 and again.json["counts"]["same"] == 2 and Batch.select().count() == 1


def test_a_dry_run_stores_nothing(quick):
    ran = take(quick, sheet(quick, person(1)), "--dry-run")
    assert ran.status == 0 and "没有保存" in ran.out and not Trainee.select().exists()


def test_a_file_with_errors_stores_nothing_unless_the_good_rows_may_go(quick):
    path = sheet(quick, person(1), bad(2))
    ran = take(quick, path)
    assert ran.status == 1 and "第 4 行" in ran.out and "错误 1" in ran.out
    assert not Trainee.select().exists()
    ran = take(quick, path, "--accept-good")
    assert ran.status == 1 and "已保存 1 人" in ran.out and Trainee.select().count() == 1


def test_the_file_is_kept_with_its_batch_and_the_rows_left_out_are_told(quick):
    path = sheet(quick, person(1), bad(2))
    assert take(quick, path, "--accept-good").status == 1
    upload = Upload.get()
    assert upload.batch.verb == "import" and vault_of(quick, upload) == path.read_bytes()
    left = BatchRow.get(~BatchRow.done)
    assert left.text.startswith("第 4 行：错误，未保存") and Batch.get_by_id(upload.batch_id).skipped == 1


def vault_of(run, upload) -> bytes:
    return (run.folder / "var" / "files" / upload.stored_as).read_bytes()


def test_the_rows_with_errors_are_written_out_and_taken_when_put_right(quick):
    errors = quick.folder / "错误行.xlsx"
    ran = take(quick, sheet(quick, person(1), bad(2)), "--accept-good", "--errors-to", errors)
    assert ran.status == 1 and Trainee.select().count() == 1
    book = openpyxl.load_workbook(errors)
    cells = {cell.value: cell for row in book.active.iter_rows() for cell in row}
    cells["150404198005129821"].value = id_number(2)
    book.save(errors)
    assert take(quick, errors).status == 0 and Trainee.select().count() == 2


def test_a_blank_table_is_written(quick):
    path = quick.folder / "空表.xlsx"
    ran = quick("template", "--programme", 2019, "--track", "inside", "-o", path)
    assert ran.status == 0 and openpyxl.load_workbook(path).sheetnames[0] == "汇总表"
    assert quick("template", "--programme", 2019, "--track", "x", "-o", path).status == 1
    nowhere = quick(
        "template", "--programme", 2019, "--track", "inside", "-o", quick.folder / "none" / "a.xlsx"
    )
    assert nowhere.status == 1 and "无法写入" in nowhere.err


def test_unsealed_and_another_unit(quick):
    path = sheet(quick, person(1))
    assert take(quick, path, "--unsealed", "--unit", "150500").status == 0
    stored = Trainee.get()
    assert (stored.unit.code, stored.attested_signed) == ("150500", None)


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "import.empty_file"), (b"%PDF-1.4 x", "import.unknown_type"), ("姓名\n".encode(), "import.")],
)
def test_a_refused_file_is_one_json_error(quick, data, code):
    ran = take(quick, quick.file("a.xlsx", data), "--json")
    assert ran.status == 1 and ran.json["error"]["code"].startswith(code) and ran.json["error"]["text"]
    plain = take(quick, quick.file("a.xlsx", data))
    assert (plain.status, plain.out) == (1, "") and plain.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--programme", "2031", "--track", "outside"], "没有 2031 年度"),
        (["--programme", "2019", "--track", "abroad"], "outside（区外）、inside（区内）"),
        (["--programme", "2019", "--track", "outside", "--unit", "159999"], "159999"),
    ],
)
def test_what_an_import_is_told_wrong_is_named(quick, words, told):
    ran = quick("import", sheet(quick, person(1)), *words)
    assert (ran.status, ran.out) == (1, "") and told in ran.err and not Trainee.select().exists()


def test_eligibility_is_computed_stored_and_logged(run):
    house = run.house
    good, han = house.trainee(), house.trainee(ethnicity="01")
    inside = house.trainee(track="inside", attested=False)
    ran = run("eligibility", "--programme", 2019, "--json")
    assert ran.status == 0
    results = {row["id"]: row for row in ran.json}
    assert [results[row.id]["result"] for row in (good, han, inside)] == ["eligible", "ineligible", "pending"]
    first = results[han.id]
    assert first["id_number"] == han.id_number and first["name"] == han.name
    minority = next(item for item in first["findings"] if item["rule"] == "minority")
    assert set(minority) >= {"rule", "verdict", "counts", "clause", "text", "facts"}
    assert (minority["verdict"], minority["counts"], minority["clause"]) == ("not_met", True, "二（一）2")
    assert house.reload(han).eligibility == "ineligible"
    record = ExportRecord.get()
    assert (record.format, record.masked, record.row_count) == ("json", False, 3)
    assert AuditEntry.select().where(AuditEntry.action == "export").count() == 1
    only = run("eligibility", "--programme", 2019, "--track", "inside", "--json").json
    assert [row["id"] for row in only] == [inside.id]
    assert "汉族" in run("eligibility", "--programme", 2019).out


def test_eligibility_of_nobody(quick):
    assert quick("eligibility", "--programme", 2019, "--json").json == []


def test_trainees_are_listed_by_status(run):
    house = run.house
    house.quota(2)
    first, second = house.trainee(), house.trainee()
    house.do("recommend", second)
    rows = run("trainees", "--programme", 2019, "--json").json
    assert [row["id"] for row in rows] == [first.id, second.id]
    shown = {key: rows[0][key] for key in ("name", "id_number", "unit", "track", "status")}
    assert shown == {
        "name": first.name,
        "id_number": first.id_number,
        "unit": "150400",
        "track": "outside",
        "status": "applied",
    }
    rows = run("trainees", "--programme", 2019, "--status", "recommended", "--json").json
    assert [row["id"] for row in rows] == [second.id]
    ran = run("trainees", "--programme", 2019, "--status", "flying")
    assert ran.status == 1 and "applied（已申报）" in ran.err
    assert first.name in run("trainees", "--programme", 2019).out


def test_who_may_not_see_numbers_gets_masks_and_only_own_people(quick):
    house = quick.house
    house.actor("viewer")
    house.actor("clerk", unit="150500")
    mine = house.trainee()
    masked = quick("trainees", "--programme", 2019, "--json", "--as", "viewer").json[0]["id_number"]
    assert masked == "*" * 14 + mine.id_number[-4:]
    assert quick("trainees", "--programme", 2019, "--json", "--as", "clerk-150500").json == []


def test_recommend_counts_places_and_names_who_is_left(run):
    house = run.house
    house.quota(1)
    first, second = house.trainee(), house.trainee()
    dry = run("do", "recommend", "--programme", 2019, "--all-matching", "applied", *ON, "--dry-run", "--json")
    assert dry.status == 0 and dry.json["done"] == [first.id] and dry.json["batch"] is None
    assert house.reload(first).status == "applied"
    ran = run("do", "recommend", "--programme", 2019, "--id", first.id, second.id, *ON, "--json")
    assert ran.status == 0 and ran.json["done"] == [first.id] and ran.json["requests"] == []
    assert ran.json["skipped"] == [
        {"id": second.id, "name": second.name, "code": "quota.full", "text": "名额已满（1/1）"}
    ]
    assert Batch.get_by_id(ran.json["batch"]).done == 1
    none = run("do", "recommend", "--programme", 2019, "--id", second.id, *ON)
    assert none.status == 1 and "名额已满（1/1）" in none.out and "跳过 1 人" in none.out


def test_the_verbs_of_the_first_road(quick):
    house = quick.house
    house.quota(2)
    person_ = house.trainee(attested=False)

    def do(verb, *more):
        return quick("do", verb, "--programme", 2019, "--id", person_.id, *ON, *more).status

    assert do("attest", "--reason", "汇总表") == 0
    assert do("recommend") == 0
    assert do("admit") == 1  # no approval number
    assert do("admit", "--approval-no", "内人社〔2019〕1号") == 0
    assert do("transfer", "--unit", "150500", "--reason", "调动") == 1  # no place there
    house.quota(1, unit="150500")
    assert do("transfer", "--unit", "150500", "--reason", "调动") == 0
    assert do("withdraw", "--reason", "本人申请") == 0
    now = house.reload(person_)
    assert (now.status, now.unit.code) == ("withdrawn", "150500")


def test_reject_needs_a_reason(quick):
    person_ = quick.house.trainee()
    ran = quick("do", "reject", "--programme", 2019, "--id", person_.id, *ON)
    assert ran.status == 1 and "事由" in ran.err
    assert (
        quick("do", "reject", "--programme", 2019, "--id", person_.id, *ON, "--reason", "名额所限").status
        == 0
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fly", "--programme", "2019", "--id", "1"], "没有“fly”这一项办理"),
        (["recommend", "--programme", "2019", "--id", "77"], "没有编号为 77 的学员"),
        (["recommend", "--programme", "2031", "--id", "1"], "没有 2031 年度"),
        (["recommend", "--programme", "2019", "--all-matching", "flying"], "没有状态“flying”"),
    ],
)
def test_a_verb_told_wrong_is_refused_by_name(quick, words, told):
    for more in ([], ["--json"]):
        ran = quick("do", *words, *more)
        assert ran.status == 1 and told in (ran.json["error"]["text"] if more else ran.err)


def reinstating(run):
    house = run.house
    house.quota(2)
    for role in ("operator", "approver"):
        house.actor(role)
    person_ = house.trainee()
    house.do("recommend", person_)
    house.do("withdraw", person_, reason="家庭原因")
    return person_, run(
        "do", "reinstate", "--programme", 2019, "--id", person_.id, *ON, "--reason", "收回", "--json"
    )


def test_what_needs_a_second_person_waits_and_is_decided(run):
    person_, ran = reinstating(run)
    assert (
        ran.status == 1 and ran.json["done"] == [] and ran.json["requests"] == [f"request-{Request.get().id}"]
    )
    listed = run("requests", "list", "--json").json
    assert [row["id"] for row in listed] == ran.json["requests"]
    assert {"id", "text", "opened_by", "opened_at"} <= set(listed[0]) and person_.name in listed[0]["text"]
    ref = listed[0]["id"]
    own = run("requests", "decide", ref, "--yes")
    assert own.status == 1 and "--as" in own.err
    assert run("requests", "decide", ref, "--yes", "--as", "operator").status == 1
    assert run("requests", "decide", ref, "--yes", "--as", "approver").status == 0
    assert run.house.reload(person_).status == "recommended"
    closed = run("requests", "decide", ref, "--yes", "--as", "approver")
    assert closed.status == 1 and "不能再核准" in closed.err
    assert "request-x" in run("requests", "decide", "request-x", "--no", "--as", "approver").err or True


def test_a_request_is_refused_with_a_reason_by_its_bare_number(quick):
    person_, _ = reinstating(quick)
    ran = quick("requests", "decide", Request.get().id, "--no", "--reason", "不同意", "--as", "approver")
    assert ran.status == 0 and Request.get().state == "refused" and Request.get().decision == "不同意"
    assert quick.house.reload(person_).status == "withdrawn"


def test_a_template_is_exported_with_whole_numbers(run):
    person_ = run.house.trainee()
    out = run.folder / "汇总.csv"
    ran = run("export", "区外学员汇总表", "--programme", 2019, "-o", out)
    assert ran.status == 0 and "1 行" in ran.out
    rows = list(csv.reader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 2 and person_.id_number in rows[1]
    assert (
        run("export", "录取名单", "--programme", 2019, "--format", "xlsx", "-o", run.folder / "a.xlsx").status
        == 0
    )
    assert (run.folder / "a.xlsx").read_bytes().startswith(b"PK")
    assert "录取名单" in run("export", "--list").out.splitlines()


def test_the_format_of_an_export_is_told_by_the_files_name_unless_it_is_asked_for(run):
    for name, asked, begins in (
        ("a.xlsx", (), b"PK"),
        ("a.csv", (), b"\xef\xbb\xbf"),
        ("b.xlsx", ("--format", "csv"), b"\xef"),
    ):
        path = run.folder / name
        assert run("export", "录取名单", "--programme", 2019, *asked, "-o", path).status == 0
        assert path.read_bytes().startswith(begins)


def test_what_cannot_be_exported_is_said(quick):
    ran = quick("export", "没有", "--programme", 2019, "-o", quick.folder / "a.csv")
    assert ran.status == 1 and "录取名单" in ran.err
    assert quick("export", "录取名单", "--programme", 2019).status == 2
    assert quick("export").status == 2
    ran = quick("export", "录取名单", "--programme", 2019, "-o", quick.folder / "no" / "a.csv")
    assert ran.status == 1 and "a.csv" in ran.err
    ran = quick("export", "录取名单", "--programme", 2019, "--format", "pdf", "-o", quick.folder / "a.pdf")
    assert ran.status == 1 and "csv、xlsx" in ran.err


def test_a_batch_is_listed_and_undone_as_far_as_it_goes(run):
    house = run.house
    house.quota(2)
    first, second = house.trainee(), house.trainee()
    number = run("do", "recommend", "--programme", 2019, "--all-matching", "applied", *ON, "--json").json[
        "batch"
    ]
    house.do("reject", second, reason="名额所限")
    listed = run("batch", "list", "--json").json
    assert number in [row["batch"] for row in listed] and listed[0]["verb"] == "reject"
    ran = run("batch", "undo", number, "--json")
    assert ran.status == 1 and ran.json["done"] == [first.id]
    assert [row["code"] for row in ran.json["skipped"]] == ["undo.touched"]
    assert house.reload(first).status == "applied"
    assert run("batch", "undo", 9999).status == 1
    assert run("batch", "undo", listed[0]["batch"]).status == 0
