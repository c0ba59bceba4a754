"""汇总表导入: the form, the preview, storing; and who may see what of it."""

from __future__ import annotations

import io
import re

import pytest

from tepei_admin.models import Batch, Trainee, Upload
from tepei_admin.services import audit, crud
from tests.exchange.making import saved, workbook
from tests.factories import ROLES
from tests.views.browser import Browser

HEADER = "姓名,性别,民族,出生年月,身份证号,学历,学位,从事专业,从事专业时间,专业技术职务,工作单位,银行账号,单位所在盟市"


def line(name: str, number: str, *, league: str = "赤峰市", employer: str = "赤峰学院") -> str:
    return f"{name},男,蒙古族,1985-05,{number},硕士研究生,硕士,教育,2008-07,副教授,{employer},6222020602001234567,{league}"


def sheet(*lines: str) -> bytes:
    return "\r\n".join((HEADER, *lines)).encode("utf-8-sig")


@pytest.fixture
def numbers():
    from tests.factories import id_number

    return [id_number(serial, born="19850512") for serial in range(300, 310)]


def send(
    browser: Browser, house, data: bytes | None, name: str = "汇总表.csv", code: str = "outside", **values
):
    form = {
        "csrf_token": browser.token("/units/"),
        "track": str(house.track(code).id),
        "sealed": "1",
        **values,
    }
    if data is not None:
        form["file"] = (io.BytesIO(data), name)
    return browser.client.post("/import/", data=form)


def store(browser: Browser, path: str, **values):
    """Press the button that stores what the page shows."""
    version = browser.boxes(path).get("version", "")
    return browser.post(path, version=version, **values)


@pytest.fixture
def operator(client_as) -> Browser:
    return client_as("operator")


def test_a_clean_file_is_looked_at_then_stored_as_one_batch(house, operator, numbers):
    answer = send(operator, house, sheet(line("萨仁", numbers[0]), line("敖敏", numbers[1])))
    assert answer.status_code == 303 and re.fullmatch(r"/import/\d+", answer.location)
    page = operator.get(answer.location).text
    assert (
        "全部保存（2 人）" in page
        and "萨仁" in page
        and "文本文件（UTF-8）" in page
        and "表头在第 1 行" in page
    )
    assert Trainee.select().count() == 0
    stored = store(operator, answer.location)
    assert re.fullmatch(r"/batches/\d+", stored.location)
    assert Trainee.select().count() == 2 and Batch.get().done == 2
    assert Trainee.get().attested_signed and Trainee.get().unit.code == "150400"
    again = operator.get(answer.location).text
    assert "已保存，见" in again and "全部保存" not in again
    assert store(operator, answer.location).location == stored.location
    assert Trainee.select().count() == 2


@pytest.mark.parametrize(("name", "warned"), [("汇总表（区内）.csv", True), ("汇总表（区外）.csv", False)])
def test_a_file_named_after_the_other_track_is_warned_of_above_the_rows(
    house, operator, numbers, name, warned
):
    answer = send(operator, house, sheet(line("萨仁", numbers[0])), name=name)
    assert ("与所选类别不符" in operator.get(answer.location).text) is warned


def test_a_column_that_is_not_imported_stands_out_where_people_have_something_in_it(house, operator, numbers):
    row = line("萨仁", numbers[0])
    send(operator, house, "\r\n".join((f"{HEADER},QQ号,微信号", f"{row},123456,")).encode("utf-8-sig"))
    page = operator.get(f"/import/{Upload.select().get().id}").text
    assert "<b>QQ号（有内容）</b>、微信号" in page


def test_numbers_are_masked_however_they_were_written(house, operator, numbers):
    spaced = f"{numbers[1][:6]} {numbers[1][6:14]} {numbers[1][14:]}"
    wrong = numbers[2][:17] + ("1" if numbers[2][17] != "1" else "2")
    wide = "".join(chr(ord(char) + 0xFEE0) for char in numbers[3])
    data = sheet(line("甲一", numbers[0]), line("乙二", spaced), line("丙三", wrong), line("丁四", wide))
    answer = send(operator, house, data)
    page = operator.get(answer.location).text
    squeezed = re.sub(r"[\s\-]", "", page)
    for secret in (*numbers[:2], wrong, wide, numbers[3], "6222020602001234567"):
        assert secret not in squeezed
    assert f"尾号 {numbers[0][-4:]}" in page and "校验位不符" in page and "尾号 4567" in page


def test_an_account_that_changes_is_masked_on_both_sides(house, operator, numbers):
    house.trainee(id_number=numbers[0], bank_account="622202060200")
    page = operator.get(send(operator, house, sheet(line("萨仁", numbers[0]))).location).text
    assert "银行账号由“尾号 0200”改为“尾号 4567”" in page


def test_errors_keep_the_file_back_and_the_good_rows_may_go(house, operator, numbers):
    answer = send(operator, house, sheet(line("萨仁", numbers[0]), line("敖敏", "")))
    page = operator.get(answer.location).text
    assert "有 1 行错误" in page and "只保存没有错误的 1 行" in page and "全部保存" not in page
    refused = store(operator, answer.location)
    assert refused.status_code == 422 and "有 1 行错误，没有保存任何内容" in refused.text
    assert Trainee.select().count() == 0
    assert store(operator, answer.location, accept="good").status_code == 303
    assert [person.name for person in Trainee.select()] == ["萨仁"]


@pytest.mark.parametrize(("version", "status"), [("", 400), ("x", 400), ("0", 400), ("7", 409)])
def test_a_form_that_says_not_what_was_seen_stores_nothing(house, operator, numbers, version, status):
    path = send(operator, house, sheet(line("萨仁", numbers[0]))).location
    answer = operator.post(path, version=version)
    assert answer.status_code == status and Trainee.select().count() == 0
    assert ("改正过" if status == 409 else "请求不完整") in answer.text


def test_the_preview_is_filtered_and_paged(house, operator, numbers, monkeypatch):
    from tepei_admin.views import preview

    monkeypatch.setattr(preview, "PAGE", 2)
    path = send(
        operator, house, sheet(*(line(f"甲{n}", numbers[n]) for n in range(3)), line("乙", ""))
    ).location
    assert "第 1 / 2 页" in operator.get(path).text
    assert "甲2" in operator.get(f"{path}?page=1").text
    wrong = operator.get(f"{path}?show=error").text
    assert "甲0" not in wrong and "身份证号为空" in wrong
    assert operator.get(f"{path}?show=nonsense&page=99").status_code == 200


def test_looking_writes_nothing(house, operator, numbers):
    path = send(operator, house, sheet(line("萨仁", numbers[0]))).location
    before = audit.last_hash(), Upload.get().version
    operator.get(path)
    operator.get("/import/")
    assert (audit.last_hash(), Upload.get().version) == before


def test_a_change_in_between_is_shown_anew_before_anything_is_stored(house, operator, numbers):
    path = send(operator, house, sheet(line("萨仁", numbers[0]))).location
    person = house.trainee(id_number=numbers[0], name="萨仁", attested=False)
    answer = store(operator, path)
    assert answer.status_code == 303 and answer.location == path
    page = operator.get(path).text
    assert "核对之后数据又有变化（第 2 行）" in page and "变更 1" in page
    assert house.reload(person).attested_signed is None
    assert store(operator, path).location.startswith("/batches/")
    crud.edit(house.cli, Trainee, person.id, None, {"post": "主任"})
    assert store(operator, path).location.startswith("/batches/")  # stored already


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "汇总表.xlsx", "是空文件"),
        (b"%PDF-1.4", "汇总表.pdf", "无法识别"),
        (
            "姓名,性别\r\n萨仁,女".encode("utf-8-sig"),
            "a.csv",
            "缺少必需的列：身份证号",
        ),  # and none to be named
        (HEADER.encode("utf-8-sig"), "a.csv", "没有找到人员"),
        (None, "", "请填写“文件”"),
    ],
)
def test_a_file_that_is_no_table_is_refused_on_the_form_with_what_was_chosen(
    data, name, words, house, operator
):
    unit = house.unit("150700")
    answer = send(operator, house, data, name, unit=str(unit.id), received="2019-03-25")
    assert answer.status_code == 422 and words in answer.text
    assert f'<option value="{unit.id}" selected>' in answer.text and 'value="2019-03-25"' in answer.text
    assert f'<option value="{house.track().id}" selected>' in answer.text
    assert Upload.select().count() == 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"track": ""}, "请填写“培养类别”"),
        ({"track": "99999"}, "请填写“培养类别”"),
        ({"received": "2019-02-30"}, "应为日期"),
        ({"unit": "99999"}, "没有代码或名称为"),
        ({"unit": "x"}, "没有代码或名称为"),
    ],
)
def test_a_choice_that_is_none_is_refused_at_its_field(values, words, house, operator, numbers):
    answer = send(operator, house, sheet(line("萨仁", numbers[0])), **values)
    assert answer.status_code == 422 and words in answer.text and Upload.select().count() == 0


def test_without_a_unit_anywhere_the_remedy_is_told(house, operator, numbers):
    data = "姓名,民族,身份证号\r\n萨仁,蒙古族,".encode("utf-8-sig") + numbers[0].encode()
    answer = send(operator, house, data)
    assert answer.status_code == 422 and "请在导入时选择单位" in answer.text
    assert send(operator, house, data, unit=str(house.unit().id)).status_code == 303


def test_a_path_or_a_long_name_is_only_a_name(house, operator, numbers):
    send(operator, house, sheet(line("萨仁", numbers[0])), "C:\\桌面\\../表" + "长" * 300 + ".csv")
    name = Upload.get().file_name
    assert "\\" not in name and "/" not in name and name.endswith(".csv") and len(name) <= 200
    assert store(operator, f"/import/{Upload.get().id}").status_code == 303


def test_an_unsealed_table_carries_no_attestation(house, operator, numbers):
    store(operator, send(operator, house, sheet(line("萨仁", numbers[0])), sealed="").location)
    assert Trainee.get().attested_signed is None


@pytest.mark.parametrize("role", ROLES)
def test_who_may_import(role, house, client_as, numbers):
    browser, allowed = client_as(role), role != "viewer"
    assert browser.get("/import/").status_code == (200 if allowed else 403)
    answer = send(browser, house, sheet(line("萨仁", numbers[0])))
    assert answer.status_code == (303 if allowed else 403)
    if not allowed:
        assert browser.get("/import/1").status_code == 403 and browser.post("/import/1").status_code == 403


def test_a_clerk_imports_for_the_own_unit_whatever_is_posted(house, client_as, numbers):
    clerk = client_as("clerk")
    page = clerk.get("/import/").text
    assert 'name="unit"' not in page and "赤峰市" in page
    answer = send(
        clerk, house, sheet(line("萨仁", numbers[0], league="通辽市")), unit=str(house.unit("150700").id)
    )
    store(clerk, answer.location)
    assert Trainee.get().unit.code == "150400"


def test_another_units_file_is_not_there_for_a_clerk(house, client_as, numbers):
    path = send(client_as("clerk", "150700"), house, sheet(line("看不见", numbers[0]))).location
    clerk = client_as("clerk")
    assert clerk.get(path).status_code == 404 and clerk.post(path).status_code == 404
    assert Trainee.select().count() == 0


def test_names_in_a_file_are_text_not_markup(house, operator, numbers):
    data = sheet(line("<b>甲</b>", numbers[0], employer="<script>alert(1)</script>"))
    page = operator.get(send(operator, house, data, "<i>表</i>.csv").location).text
    assert "<script>alert" not in page and "<b>甲" not in page and "<i>表" not in page


def test_a_league_table_with_titles_a_merged_header_and_totals(house, operator, numbers):
    """The kind of table that a league sends: everything around the people is skipped, and told."""
    header = [
        "序号",
        "姓 名",
        "性别",
        "民族",
        "出生年月",
        "身份证\n号码",
        "学历",
        "专业技术\n职务",
        "联系方式",
        None,
    ]
    people = [
        [place, name, "男", "达斡尔族", "1985.05", number, "本科", "讲师", "13800000981", "0470-8810991"]
        for place, (name, number) in enumerate(zip(("敖 强", "孟  伟"), numbers, strict=False), 1)
    ]
    book = workbook([
        ["2019年度学员汇总表（区内）"], ["单位（盖章）：呼伦贝尔市人力资源和社会保障局"], header,
        [None] * 8 + ["手机", "办公"], *people, [], ["合计", "2人"], ["填表人：李某"],
    ])  # fmt: skip
    for span in ("A1:J1", "I3:J3", *(f"{column}3:{column}4" for column in "ABCDEFGH")):
        book.active.merge_cells(span)
    page = operator.get(send(operator, house, saved(book), "汇总表.xlsx", "inside").location).text
    assert "全部保存（2 人）" in page and "联系方式/手机" in page and "敖强" in page
    for words in ("标题行，已跳过", "合计"):
        assert words in page


def test_the_look_names_the_sheets_that_were_not_read_and_the_track_in_words(house, operator, numbers):
    header = [*HEADER.split(","), "培养类别"]
    book = workbook([header, [*line("敖强", numbers[0]).split(","), "区外"]])
    other = book.create_sheet("乙")
    for row in (header, [*line("孟伟", numbers[1]).split(","), "区外"]):
        other.append(row)
    page = operator.get(send(operator, house, saved(book), "汇总表.xlsx").location).text
    assert "工作表“乙”也有 1 行人员，未读；请单独另存为一个文件导入" in page and "孟伟" not in page
    assert "<small>培养类别</small> 区外" in page and ">outside" not in page


def test_a_masked_export_is_told_once_for_the_file(house, operator):
    path = send(operator, house, sheet(line("萨仁", "尾号 2038"), line("敖敏", "尾号 2046"))).location
    page = operator.get(path).text
    assert page.count("这是遮盖号码的导出，不能导入；请导出“完整显示”的文件") == 1
    assert page.count("是遮盖的号码，请填写完整的 18 位号码") >= 2 and "不是 18 位号码" not in page


def test_a_table_with_a_wrong_number_is_no_masked_export(house, operator):
    path = send(operator, house, sheet(line("萨仁", "12345"))).location
    assert "这是遮盖号码的导出" not in operator.get(path).text
