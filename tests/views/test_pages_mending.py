"""An upload on its pages: cells and columns put right, the list of trouble, what may be taken away, what is cleared."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re

import openpyxl
import pytest

from tepei_admin.models import Batch, ExportRecord, HeaderChoice, Trainee, Upload, UploadRow
from tepei_admin.services import vault
from tepei_admin.services.work import now
from tests.factories import id_number
from tests.views.browser import Browser
from tests.views.test_pages_intake import line, send, sheet, store

BAD = "150404850512601"


@pytest.fixture
def operator(client_as) -> Browser:
    return client_as("operator")


@pytest.fixture
def numbers() -> list[str]:
    return [id_number(serial, born="19850512") for serial in range(300, 310)]


def handed_in(browser: Browser, house, *lines: str, data: bytes | None = None, **values) -> str:
    return send(browser, house, sheet(*lines) if data is None else data, **values).location


def put(browser: Browser, path: str, /, **cells: str):
    """`r3_name="…"`: type this into the box of that cell, and save."""
    form = browser.boxes(path)
    return browser.client.post(
        f"{path}/cells",
        data={
            "csrf_token": form["csrf_token"],
            "version": str(Upload.get().version),
            **{f"cell.{key[1:].split('_')[0]}.{key.split('_', 1)[1]}": text for key, text in cells.items()},
        },
    )


def test_a_wrong_cell_is_put_right_in_its_box_and_the_batch_tells(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", BAD), line("敖敏", numbers[1]))
    page = operator.get(path).text
    assert 'name="cell.2.id_number" value=""' in page and "有 1 行错误" in page
    answer = put(operator, path, r2_id_number=numbers[0])
    assert answer.status_code == 303 and answer.location == path
    page = operator.get(path).text
    assert "已改正 1 处" in page and "全部保存（2 人）" in page
    assert "身份证号已由“尾号 2601”改正为" in page and numbers[0] not in page
    batch = operator.post(path, version=str(Upload.get().version)).location
    assert Trainee.select().count() == 2
    told = operator.get(batch).text
    assert (
        "改正 1 处" in told
        and "改正为“尾号" in told
        and Upload.get().sha256 in told
        and numbers[0] not in told
    )


def test_what_is_typed_stays_when_somebody_else_was_quicker(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", BAD).replace("蒙古族", "火星族"), line("敖敏", numbers[1]))
    token, version = operator.token(path), str(Upload.get().version)
    put(operator, path, r2_id_number=numbers[0])
    answer = operator.client.post(
        f"{path}/cells", data={"csrf_token": token, "version": version, "cell.2.ethnicity": "达斡尔族"}
    )
    assert answer.status_code == 409 and "刚被别人改正过" in answer.text
    assert 'value="达斡尔族"' in answer.text and f'name="version" value="{version}"' not in answer.text
    assert "您填写的内容还在框中，尚未保存" in answer.text


def test_what_another_put_right_differently_stands_beside_what_was_typed(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", numbers[0]).replace("蒙古族", "火星族"))
    token, version = operator.token(path), str(Upload.get().version)
    put(operator, path, r2_ethnicity="汉族")
    stale = {"csrf_token": token, "version": version}
    page = operator.client.post(f"{path}/cells", data={**stale, "cell.2.ethnicity": "达斡尔族"}).text
    assert "第 2 行民族现为“汉族”，您填的“达斡尔族”没有保存" in page and "还在框中" not in page
    page = operator.client.post(path, data={**stale, "accept": "good"}).text
    assert "刚被别人改正过" in page and "您填" not in page


def test_a_row_has_a_page_with_all_its_cells(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", numbers[0]))
    page = operator.get(f"{path}/rows/2?next={path}").text
    assert 'name="cell.2.employer" value="赤峰学院"' in page and 'name="cell.2.id_number" value=""' in page
    assert numbers[0] not in page and "尾号" in page
    put(operator, path, r2_employer="内蒙古师范大学")
    assert "表中为“赤峰学院”" in operator.get(f"{path}/rows/2").text
    assert operator.get(f"{path}/rows/1").status_code == 404  # the header
    assert 'href="//evil' not in operator.get(f"{path}/rows/2?next=//evil.example").text


def test_a_cell_may_be_emptied_but_an_empty_masked_box_says_nothing(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", numbers[0]))
    put(operator, path, r2_employer="", r2_id_number="")
    row = UploadRow.get(UploadRow.number == 2)
    assert "employer" not in row.values and row.values["id_number"] == numbers[0]


def test_a_text_of_several_lines_keeps_them_in_its_box(house, operator, numbers):
    data = sheet(line("萨仁", numbers[0], employer='"赤峰学院\r\n医学院\u2028附属医院"'))
    path = handed_in(operator, house, data=data)
    page = operator.get(f"{path}/rows/2").text
    assert re.search(
        r'<textarea[^>]* name="cell.2.employer"[^>]*>\s*赤峰学院\r?\n医学院\u2028附属医院</textarea>', page
    )
    sent = operator.boxes(f"{path}/rows/2")["cell.2.employer"].replace("\r\n", "\n").replace("\n", "\r\n")
    put(operator, path, r2_employer=sent)
    assert UploadRow.get(UploadRow.number == 2).corrections == {}
    put(operator, path, r2_employer=f"{sent}\r\n内科")
    assert UploadRow.get(UploadRow.number == 2).values["employer"] == "赤峰学院\n医学院\u2028附属医院\n内科"


def test_what_no_file_can_hold_is_not_typed_either(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", numbers[0]))
    put(operator, path, r2_employer="赤峰\0学\uffff院")
    assert UploadRow.get(UploadRow.number == 2).corrections["employer"]["text"] == "赤峰学\ufffd院"


def test_a_row_is_left_out_by_its_tick(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", BAD), line("敖敏", numbers[1]))
    token, version = operator.token(path), str(Upload.get().version)
    operator.client.post(
        f"{path}/cells", data={"csrf_token": token, "version": version, "ticks": "2", "tick.2": "1"}
    )
    page = operator.get(path).text
    assert "全部保存（1 人）" in page and "不导入此行" in page
    assert "已改 1 行的勾选，并重新核对" in page and "已改正" not in page
    operator.client.post(
        f"{path}/cells", data={"csrf_token": token, "version": str(Upload.get().version), "ticks": "2"}
    )
    assert "有 1 行错误" in operator.get(path).text


def test_an_unknown_name_of_a_column_is_put_right_remembered_and_taken_back(house, operator, numbers):
    data = sheet(line("萨仁", numbers[0])).replace("身份证号".encode(), "证号".encode())
    path = handed_in(operator, house, data=data, unit=str(house.unit().id))
    page = operator.get(path).text
    assert (
        "没有认出必需的列：身份证号" in page and "赤峰市以后的表也这样对应" in page and "全部保存" not in page
    )
    column = re.search(r'<span>证号</span>\s*<select name="(column\.\d+)"', page)[1]
    boxes = {"csrf_token": operator.token(path), "version": str(Upload.get().version)}
    refused = operator.client.post(f"{path}/columns", data={**boxes, column: ""})
    assert refused.status_code == 422 and "缺少必需的列" in refused.text
    answer = operator.client.post(f"{path}/columns", data={**boxes, column: "id_number", "remember": "1"})
    assert answer.status_code == 303 and "全部保存（1 人）" in operator.get(path).text
    again = handed_in(operator, house, data=data, unit=str(house.unit().id))
    page = operator.get(again).text
    assert "按上次为赤峰市指明的列识别：证号→身份证号" in page and "恢复自动识别" in page
    assert HeaderChoice.get().unit.code == "150400"


def test_the_list_of_trouble_is_filtered_and_downloaded(house, operator, numbers):
    path = handed_in(
        operator,
        house,
        line("萨仁", BAD),
        line("敖敏", numbers[1]).replace("蒙古族", "火星族"),
        line("好人", numbers[2]),
    )
    page = operator.get(f"{path}/messages").text
    assert "火星族" in page and "18 位" in page and "好人" not in page and BAD not in page
    only = operator.get(f"{path}/messages?level=error&column=ethnicity").text
    assert "火星族" in only and "萨仁" not in only
    token = operator.token(path)
    answer = operator.client.post(f"{path}/messages", data={"csrf_token": token, "column": "ethnicity"})
    text = answer.get_data().decode("utf-8-sig")
    assert text.splitlines()[0] == "工作表,行,姓名,轻重,列,填写的值,问题和办法"
    assert "3,敖敏,错误,民族,火星族" in text and len(text.splitlines()) == 2
    assert ExportRecord.get().template == "问题清单" and ExportRecord.get().masked


def test_the_preview_is_filtered_by_level_and_column(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", BAD), line("敖敏", numbers[1]).replace("蒙古族", "火星族"))
    assert "萨仁" not in operator.get(f"{path}?level=error&column=ethnicity").text
    assert "萨仁" in operator.get(f"{path}?column=id_number").text
    assert operator.get(f"{path}?level=x&column=y&page=99").status_code == 200


def test_the_error_rows_and_the_file_go_out_and_are_put_on_record(house, operator, numbers):
    data = sheet(line("萨仁", BAD), line("敖敏", numbers[1]))
    path = handed_in(operator, house, data=data)
    answer = operator.client.post(f"{path}/errors", data={"csrf_token": operator.token(path)})
    noted = ExportRecord.get()
    assert noted.sha256 == hashlib.sha256(answer.get_data()).hexdigest() and noted.size == len(
        answer.get_data()
    )
    assert (noted.format, noted.row_count, noted.stored_as) == ("xlsx", 1, "")
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    assert next(cell.value for cell in book.active[book.active.max_row]) == "萨仁"
    answer = operator.client.post(f"{path}/file", data={"csrf_token": operator.token(path)})
    assert answer.get_data() == data and "attachment" in answer.headers["Content-Disposition"]
    assert [item.template for item in ExportRecord.select().order_by(ExportRecord.id)] == [
        "错误行",
        "导入原文件",
    ]


def test_a_clerk_takes_away_what_the_own_hands_brought_in_and_nothing_else(house, client_as, numbers):
    clerk, operator = client_as("clerk"), client_as("operator")
    own = handed_in(clerk, house, line("萨仁", BAD))
    assert "下载错误行" in clerk.get(own).text
    assert clerk.client.post(f"{own}/errors", data={"csrf_token": clerk.token(own)}).status_code == 200
    office = handed_in(operator, house, line("敖敏", BAD), unit=str(house.unit().id))
    assert clerk.get(office).status_code == 200 and "下载错误行" not in clerk.get(office).text
    for what in ("errors", "file"):
        assert clerk.client.post(f"{office}/{what}", data={"csrf_token": clerk.token(own)}).status_code == 403
    other = client_as("clerk", "150700")
    for what in ("", "/messages", "/rows/2"):
        assert other.get(office + what).status_code == 404
    for what in ("cells", "columns", "errors", "file", "messages"):
        form = {"csrf_token": other.token("/units/"), "version": "1"}
        assert other.client.post(f"{office}/{what}", data=form).status_code == 404


def test_the_blank_table_is_offered_on_the_page(house, operator):
    page = operator.get("/import/").text
    answer = operator.get(re.search(r'href="(/import/template/\d+)"', page)[1])
    assert answer.status_code == 200 and "2019%E5%B9%B4%E5%BA%A6" in answer.headers["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(answer.get_data())).sheetnames == ["汇总表", "填写说明", "选项"]


def test_a_file_that_nobody_stored_goes_when_the_next_one_comes_after_a_month(house, operator, numbers):
    from tepei_admin.database import db

    handed_in(operator, house, line("旧", numbers[0]))
    store(operator, handed_in(operator, house, line("已存", numbers[1])))
    files = [item.stored_as for item in Upload.select().order_by(Upload.id)]
    with db.obj.unguarded():
        Upload.update(at=now() - dt.timedelta(days=31)).execute()
    handed_in(operator, house, line("新", numbers[2]))
    assert [item.batch_id is None for item in Upload.select().order_by(Upload.id)] == [False, True]
    assert UploadRow.select().where(UploadRow.name == "旧").count() == 0
    assert not (vault.folder / files[0]).exists() and (vault.folder / files[1]).exists()


def test_a_page_of_a_long_preview_takes_as_many_queries_as_that_of_a_short_one(
    house,
    operator,
    count_queries,
):
    def queries(count: int, start: int) -> int:
        people = [line("甲乙", id_number(start + n, born="19850512")) for n in range(count)]
        path = handed_in(operator, house, *people)
        with count_queries() as counted:
            assert operator.get(f"{path}?level=notice").status_code == 200
            assert operator.get(f"{path}/messages?level=notice").status_code == 200
        return len(counted)

    assert queries(300, 100) == queries(3, 1)


def test_the_batch_page_of_an_import_says_which_rows_were_left_out(house, operator, numbers):
    path = handed_in(operator, house, line("萨仁", BAD), line("敖敏", numbers[1]))
    batch = operator.post(path, accept="good", version=str(Upload.get().version)).location
    page = operator.get(f"{batch}?show=skipped").text
    assert (
        "萨仁" in page and "第 2 行：错误，未保存：身份证号“尾号 2601”" in page and Batch.get().skipped == 1
    )
