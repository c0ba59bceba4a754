"""导出 on the screen: templates edited with a look, what went out, what was sent, what has changed."""

from __future__ import annotations

import re

import pytest

from tepei_admin.models import ExportRecord, ExportTemplate, Trainee
from tepei_admin.services import crud
from tests.factories import ROLES


def number(name="录取名单"):
    return ExportTemplate.get(ExportTemplate.name == name).id


def form(**changes):
    return {
        "name": "名册", "resource": "trainee", "track_code": "", "format": "xlsx", "encoding": "utf-8-sig", "filter": "",
        "header": ["姓名", ""], "path": ["姓名", "单位"], "form": ["", ""], "mark": ["", ""],
        "key": ["拼音"], "way": [""], "version": "", **changes,
    }  # fmt: skip


def send(client, address, data=None):
    """Post a form, of which some boxes are there several times."""
    return client.client.post(address, data={"csrf_token": client.token("/units/"), **(data or {})})


def look(page):
    return re.sub(r"<[^>]+>", " ", page.text.split('id="look"')[1].split("</section>")[0])


@pytest.mark.parametrize("role", ROLES)
def test_only_an_admin_comes_to_the_templates(role, client_as):
    client, allowed = client_as(role), role == "admin"
    for address in ("/exports/templates/new", f"/exports/templates/{number()}"):
        assert client.get(address).status_code == (200 if allowed else 403)
    assert send(client, "/exports/templates/new", form()).status_code == (303 if allowed else 403)
    assert ("新建模板" in client.get("/exports/").text) == allowed


def test_a_template_is_made_and_goes_out(house, client_as):
    house.trainee(name="乌兰")
    admin = client_as("admin")
    made = send(admin, "/exports/templates/new", form(numbered="1"))
    assert made.status_code == 303
    row = ExportTemplate.get(ExportTemplate.name == "名册")
    assert (row.columns, row.order, row.numbered) == ([["姓名", "name"], ["单位", "unit"]], "pinyin", True)
    sent = send(admin, f"/exports/{row.id}", {"format": "csv"})
    assert sent.data.decode("utf-8-sig").split() == ["序号,姓名,单位", "1,乌兰,赤峰市"]


def test_a_look_shows_the_first_rows_and_keeps_nothing(house, client_as):
    house.trainee(name="乌兰")
    page = send(client_as("admin"), "/exports/templates/new", form(act="look", header=["学员", ""]))
    assert (
        page.status_code == 200 and "学员" in look(page) and "乌兰" in look(page) and "共 1 行" in look(page)
    )
    assert ExportTemplate.select().where(ExportTemplate.name == "名册").count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"path": ["没有的栏", "单位"]}, "没有“没有的栏”这一栏"),
        ({"filter": "status=gone"}, "不能是“gone”"),
        ({"key": ["身份证号"]}, "不能按“身份证号”排序"),
        ({"mark": ["sum", ""]}, "“姓名”不是数字，不能合计"),
        ({"name": ""}, "请填写“名称”"),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_what_was_typed_stays(house, client_as, changes, words):
    page = send(client_as("admin"), "/exports/templates/new", form(act="save", **changes))
    assert page.status_code == 422 and words in page.text
    for value in changes.values():
        assert (value[0] if isinstance(value, list) else value) in page.text
    assert ExportTemplate.select().where(ExportTemplate.name == "名册").count() == 0


def test_a_column_moves_up_and_down_without_scripts(client_as):
    page = send(client_as("admin"), "/exports/templates/new", form(act="down-1"))
    assert re.findall(r'name="path" value="([^"]+)"', page.text) == ["单位", "姓名"]


def test_a_stale_edit_is_told_and_keeps_what_was_typed(client_as):
    admin, address = client_as("admin"), f"/exports/templates/{number()}"
    assert send(admin, address, form(name="录取名单", version="1")).status_code == 303
    late = send(admin, address, form(name="录取名单", version="1", note="我的说明"))
    assert late.status_code == 409 and "我的说明" in late.text and "再次保存将以您填写的为准" in late.text
    version = re.search(r'name="version" value="(\d+)"', late.text)[1]
    assert send(admin, address, form(name="录取名单", version=version, note="我的说明")).status_code == 303


def test_copy_restore_and_delete(client_as):
    admin, address = client_as("admin"), f"/exports/templates/{number()}"
    send(admin, address, form(name="录取名单", version="1"))
    assert "恢复出厂设置" in admin.get(address).text and "本办已改" in admin.get("/exports/").text
    assert send(admin, f"{address}/restore", {"version": "2"}).status_code == 303
    assert "/restore" not in admin.get(address).text
    copied = send(admin, f"{address}/copy").location
    assert "录取名单 副本" in admin.get(copied).text
    assert (
        send(admin, f"{copied}/delete", {"version": "1"}).location == "/exports/"
        and admin.get(copied).status_code == 404
    )


def test_every_shipped_template_opens_with_its_words(client_as):
    admin = client_as("admin")
    for row in ExportTemplate.select():
        page = admin.get(f"/exports/templates/{row.id}")
        assert page.status_code == 200 and 'class="wrong"' not in page.text, row.name


def test_a_file_is_marked_as_sent_and_what_has_changed_is_told(house, client_as):
    person = house.trainee(name="乌兰", post="教师")
    operator = client_as("operator")
    send(operator, f"/exports/{number('区外学员汇总表')}", {})
    row = ExportRecord.get()
    address = f"/exports/records/{row.id}"
    assert "内容至今没有变化" in operator.get(address).text
    bad = send(operator, f"{address}/sent", {"version": "1", "sent_on": "2019-06-03", "sent_to": ""})
    assert bad.status_code == 422 and "请填写报送对象" in bad.text
    good = {"version": "1", "sent_on": "2019-06-03", "sent_to": "人力资源社会保障部"}
    assert send(operator, f"{address}/sent", good).status_code == 303
    assert "2019年6月3日 人力资源社会保障部" in operator.get("/exports/").text
    crud.edit(house.cli, Trainee, person.id, None, {"post": "主任"})
    page = operator.get(address).text
    assert "<del>教师</del> → <ins>主任</ins>" in page
    assert send(operator, f"{address}/changes").data.startswith(b"PK")


def test_a_copy_with_whole_numbers_is_for_who_may_see_them(house, client_as):
    house.trainee()
    send(client_as("operator"), f"/exports/{number('区外学员汇总表')}", {"masked": "0"})
    address = f"/exports/records/{ExportRecord.get().id}"
    viewer = client_as("viewer")
    assert viewer.get(address).status_code == 200 and send(viewer, f"{address}/copy").status_code == 403
    copy = send(client_as("admin"), f"{address}/copy")
    assert copy.status_code == 200 and copy.data.startswith(b"PK")
    assert client_as("clerk").get(address).status_code == 404


def test_a_record_says_in_words_what_its_rows_were_chosen_by(house, client_as):
    house.trainee(unit="150400")
    admin = client_as("admin")
    unit = house.unit("150400")
    values = form(filter=f"status=applied,admitted&unit={unit.id}&unit.code.has=1504&birth_date.min=1980")
    made = send(admin, "/exports/templates/new", values)
    assert "即：状态：已申报、已录取；单位：赤峰市" in admin.get(made.location).text
    send(admin, made.location.replace("templates/", ""), {"track": "outside"})
    page = admin.get(f"/exports/records/{ExportRecord.get().id}").text
    told = "状态：已申报、已录取；单位：赤峰市；单位 · 代码含：1504；出生日期不小于：1980"
    assert (
        told in page
        and "status=" not in page
        and "<dt>培养类别<dd>区外" in page
        and "<dt>年度<dd>2019" in page
    )


def test_a_lists_file_says_its_filter_in_words_too(house, client_as):
    house.trainee()
    operator = client_as("operator")
    operator.post("/trainees/export", format="csv", query="?status=applied&search=王&sort=-name")
    page = operator.get(f"/exports/records/{ExportRecord.get().id}").text
    assert "状态：已申报；搜索：王" in page and "sort" not in page


def test_of_many_ticked_rows_the_first_are_told(house, client_as):
    operator = client_as("operator")
    many = ",".join(str(house.trainee().id) for _ in range(14))
    operator.post("/trainees/export", format="csv", query=f"?id={many}")
    assert " 等 14 项" in operator.get(f"/exports/records/{ExportRecord.get().id}").text


def test_a_filter_that_the_template_got_later_is_told_beside_the_changes(house, client_as):
    house.trainee()
    admin, address = client_as("admin"), f"/exports/templates/{number()}"
    send(admin, address.replace("templates/", ""), {})
    record = f"/exports/records/{ExportRecord.get().id}"
    assert "筛选后来改了" not in admin.get(record).text
    send(admin, address, form(name="录取名单", version="1", filter="status=admitted"))
    page = admin.get(record).text
    assert "筛选后来改了" in page and "按当时的筛选比较" in page
