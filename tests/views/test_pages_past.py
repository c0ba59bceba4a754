"""往年学员: a list of them by the page: look first, store, take back; who may, and what is not shown whole."""

from __future__ import annotations

import io
import re

import pytest

from tepei_admin.exchange import past_list
from tepei_admin.models import Batch, PastTrainee, Upload
from tests.exchange.making import id_number, xlsx
from tests.views.browser import Browser

HEADER = ("姓名", "身份证号", "年度", "结果", "备注")


def part(serial=1, year="2017", outcome="结业", name="萨仁"):
    return [name, id_number(serial), year, outcome, None]


def send(browser, *rows, header=HEADER, year="", data=None, name="往年名单.xlsx"):
    form = {"csrf_token": browser.token("/units/"), "year": year}
    form["file"] = (io.BytesIO(xlsx([header, *rows]) if data is None else data), name)
    return browser.client.post("/past-trainees/load", data=form)


def confirm(browser, address, **more):
    version = re.search(r'name="version" value="([^"]+)"', browser.get(address).text)
    return browser.post(address, version=version[1] if version else "", **more)


@pytest.fixture
def operator(sqlite_app, sqlite_house):
    return Browser(sqlite_app).sign_in(sqlite_house, "operator")


def test_a_list_is_looked_at_then_stored_as_one_batch_then_taken_back(client_as):
    operator = client_as("operator")
    assert 'href="/past-trainees/load"' in operator.get("/past-trainees/").text
    answer = send(operator, part(1), part(3, outcome="未录取", name="敖敏"))
    assert answer.status_code == 303
    page = operator.get(answer.location).text
    assert "全部保存（2 行）" in page and "萨仁" in page and "已结业" in page and "已规范为 已结业" in page
    assert not PastTrainee.select().exists()
    stored = confirm(operator, answer.location)
    assert stored.status_code == 303 and stored.location.startswith("/batches/")
    assert PastTrainee.select().count() == 2
    batch = operator.get(stored.location).text
    assert "导入往年学员" in batch and "第 2 行：2017 年度，新增" in batch
    undo = operator.get(f"{stored.location}/undo").text
    assert "撤销 2 条" in undo and "新增的记录将被删除" in undo and "现状态" not in undo
    assert "以后要再导入，请重新上传文件" in undo
    assert operator.post(f"{stored.location}/undo").status_code == 303 and not PastTrainee.select().exists()
    page = operator.get(answer.location).text
    assert "已撤销；要再保存，请重新上传这个文件" in page and "已保存，见" not in page


def test_no_id_number_is_shown_whole(operator):
    page = operator.get(
        send(operator, part(1), ["李明", f" {id_number(3)}", 2017, "不详", None]).location
    ).text
    assert id_number(1) not in page and id_number(3) not in page and id_number(1)[-4:] in page


def test_errors_are_told_by_row_and_the_good_rows_may_go(operator):
    address = send(operator, part(1), part(3, outcome="不详")).location
    page = operator.get(address).text
    assert "有 1 行错误" in page and "结果“不详”无法识别" in page and "只保存没有错误的 1 行" in page
    assert confirm(operator, address).status_code == 422 and not PastTrainee.select().exists()
    assert confirm(operator, address, accept="good").status_code == 303 and PastTrainee.select().count() == 1


def test_stored_once_and_the_page_says_where(operator):
    address = send(operator, part(1)).location
    stored = confirm(operator, address)
    page = operator.get(address).text
    assert f"批次 {Batch.get().id}" in page and "全部保存" not in page
    again = operator.post(address, version="1")
    assert (
        again.status_code == 303 and again.location == stored.location and PastTrainee.select().count() == 1
    )


def test_what_changed_since_the_look_is_shown_anew(operator):
    first, second = (send(operator, part(1), part(3)).location for _ in range(2))
    confirm(operator, second)
    late = operator.post(first, version="1")
    assert late.status_code == 303 and late.location == first
    page = operator.get(first).text
    assert "数据又有变化（第 2、3 行）" in page and "没有可保存的行" in page


def test_the_rows_are_filtered_by_outcome_weight_and_column(operator):
    address = send(
        operator, part(1), part(3, outcome="不详", name="敖敏"), part(5, year="去年", name="乌兰")
    ).location
    assert "敖敏" not in operator.get(f"{address}?show=new").text
    page = operator.get(f"{address}?level=error&column=year").text
    assert "乌兰" in page and "敖敏" not in page and "年度（1）" in page


def test_trouble_is_one_list_that_is_filtered_and_downloaded(operator):
    address = send(
        operator, part(1), part(3, outcome="不详", name="敖敏"), part(5, year="去年", name="乌兰"),
        part(7, year="2019", name="斯琴"),
    ).location  # fmt: skip
    trouble = f"/import/{Upload.get().id}/messages"
    assert trouble in operator.get(address).text
    page = operator.get(f"{trouble}?column=outcome").text
    assert "敖敏" in page and "乌兰" not in page and "请填写其一" in page and f'href="{address}"' in page
    assert f"/import/{Upload.get().id}/rows/" not in page
    data = operator.post(trouble, column="").data.decode("utf-8-sig").splitlines()
    assert data[0] == "工作表,行,姓名,轻重,列,填写的值,问题和办法"
    assert [line.split(",")[1:6] for line in data[1:]] == [
        ["3", "敖敏", "错误", "结果", "不详"], ["4", "乌兰", "错误", "年度", "去年"],
        ["5", "斯琴", "错误", "年度", "2019"],
    ]  # fmt: skip


def test_wrong_cells_are_put_right_on_the_page(operator):
    address = send(operator, part(1), part(3, outcome="不详", name="敖敏")).location
    page = operator.get(address).text
    assert 'name="cell.3.outcome" value="不详"' in page and "保存改正并重新核对" in page
    version = Upload.get().version
    put = operator.post(f"{address}/cells", **{"version": version, "cell.3.outcome": "落选", "next": address})
    assert put.status_code == 303 and put.location == address
    page = operator.get(address).text
    assert "已改正 1 处" in page and "全部保存（2 行）" in page and "已改正</small>" in page
    late = operator.post(f"{address}/cells", **{"version": version, "cell.3.outcome": "已结业"})
    assert late.status_code == 409
    assert confirm(operator, address).status_code == 303 and PastTrainee.select().count() == 2


def test_a_number_that_is_put_right_is_never_shown_whole(operator):
    wrong = id_number(3)[:17] + ("0" if id_number(3)[-1] != "0" else "1")
    address = send(operator, ["敖敏", wrong, 2017, "结业", None]).location
    page = operator.get(address).text
    assert wrong not in page and 'name="cell.2.id_number" value=""' in page
    operator.post(f"{address}/cells", **{"version": 1, "cell.2.id_number": id_number(3)})
    page = operator.get(address).text
    assert id_number(3) not in page and "全部保存（1 行）" in page


def test_the_batch_shows_file_hash_who_and_every_row(operator):
    address = send(operator, part(1), part(3, outcome="不详", name="敖敏")).location
    stored = confirm(operator, address, accept="good").location
    page = operator.get(stored).text
    upload = Upload.get()
    for words in ("往年名单.xlsx", upload.sha256, "operator", "第 3 行：错误，未保存", f'href="{address}"'):
        assert words in page
    assert operator.post(f"/import/{upload.id}/file").data.startswith(b"PK")
    assert operator.post(f"/import/{upload.id}/errors").data.startswith(b"PK")
    assert "往年名单.xlsx" in operator.get("/past-trainees/load").text


def test_looking_parses_no_file(operator, monkeypatch):
    address = send(operator, part(1)).location
    monkeypatch.setattr(past_list, "read_list", None)
    assert operator.get(address).status_code == 200


def test_a_list_has_no_page_of_a_summary_table(operator):
    send(operator, part(1))
    number = Upload.get().id
    assert operator.get(f"/import/{number}").status_code == 404
    assert operator.get(f"/import/{number}/rows/2").status_code == 404
    for address in ("", "/cells", "/columns"):
        assert operator.post(f"/import/{number}{address}", version="1").status_code == 404
    assert not PastTrainee.select().exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [({"year": "17"}, "不是已经过去的四位年份"), ({"data": b"%PDF-1.4"}, "无法识别"), ({"data": b""}, "空文件"),
     ({"header": ("姓名", "身份证号", "结果", "甲", "乙")}, "没有“年度”列")],
)  # fmt: skip
def test_a_file_that_is_no_such_list_is_refused_on_the_form(operator, given, told):
    answer = send(operator, part(1), **given)
    assert answer.status_code == 422 and told in answer.text and "核对文件" in answer.text


def test_the_year_of_a_list_without_that_column(operator):
    rows = [["萨仁", id_number(1), "结业"]]
    address = send(operator, *rows, header=("姓名", "身份证号", "结果"), year="2016").location
    assert confirm(operator, address).status_code == 303 and PastTrainee.get().year == 2016


@pytest.mark.parametrize("role", ["viewer", "clerk"])
def test_who_may_not(sqlite_app, sqlite_house, role):
    browser = Browser(sqlite_app).sign_in(sqlite_house, role)
    assert send(browser, part(1)).status_code == 403
    assert browser.get("/past-trainees/load").status_code == 403
    assert "/past-trainees/load" not in browser.get("/past-trainees/").text


def test_a_colleague_goes_on_with_what_another_has_handed_in_and_a_clerk_knows_nothing_of_it(
    operator, sqlite_admin, sqlite_app, sqlite_house
):
    address = send(operator, part(1)).location
    assert sqlite_admin.get(address).status_code == 200
    clerk = Browser(sqlite_app).sign_in(sqlite_house, "clerk")
    assert clerk.get(address).status_code == 403
    assert clerk.get(f"/import/{Upload.get().id}/messages").status_code == 404
