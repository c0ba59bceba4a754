"""Forms: made from declarations, refused in Chinese, nothing lost, nothing beyond the actor's rights."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest

from tepei_admin.database import db
from tepei_admin.models import PovertyCounty, Programme, Region, TitleName, Track, Trainee, Unit, User
from tepei_admin.services import opened
from tests.factories import id_number
from tests.views.browser import Browser
from tests.views.sample import row

NEW = {"code": "T1", "name": "新单位", "sending": "y", "active": "y"}


def person(house, **values: str) -> dict[str, str]:
    return {
        "track": str(house.track().id), "unit": str(house.unit().id), "name": "新人", "id_number": id_number(300), **values,
    }  # fmt: skip


def test_a_row_is_added_and_shown(admin: Browser) -> None:
    answer = admin.save("/units/new", **NEW)
    unit = Unit.get(Unit.code == "T1")
    assert (answer.status_code, answer.location) == (303, f"/units/{unit.id}")
    assert unit.sending and not unit.host and unit.bank_name == ""


def test_fields_stand_in_order_with_label_help_and_choices(admin: Browser) -> None:
    page = admin.get("/units/new").text
    assert page.index('name="code"') < page.index('name="name"') < page.index('name="level"')
    assert "报送盟市用行政区划代码" in page and "驻盟市的区直分支机构" in page
    for machine in ('name="id"', 'name="version"', 'name="created_at"'):
        assert machine not in page


def test_a_required_choice_preselects_nothing_and_is_asked_for(house, admin: Browser) -> None:
    boxes = admin.boxes("/past-trainees/new")
    assert boxes["outcome"] == ""
    answer = admin.save("/past-trainees/new", name="王明", id_number=id_number(9), year="2017")
    assert answer.status_code == 422
    assert "请填写“结果”" in answer.text and "王明" in answer.text


@pytest.mark.parametrize(
    ("path", "values", "sentence"),
    [
        ("/units/new", {"code": "T1"}, "请填写“名称”"),
        ("/units/new", NEW | {"code": "x" * 33}, "“代码”至多 32 个字，所填有 33 个"),
        ("/units/new", NEW | {"name": "a\0b"}, "“名称”中有不可用的字符"),
        ("/units/new", NEW | {"level": "moon"}, "“层级”没有“moon”这一项"),
        ("/units/new", NEW | {"code": "150400"}, "已有这个代码的单位"),
        (
            "/poverty-counties/new",
            {"code": "1", "name": "n", "delisted_on": "2019-02-30"},
            "“退出日期”应为日期",
        ),
        ("/tracks/new", {"places": "十"}, "“总名额”应为数字，所填“十”不是"),
        ("/tracks/new", {"places": "²"}, "“总名额”应为数字"),
        ("/tracks/new", {"age_limit": "40000"}, "“年龄上限（周岁）”应为数字"),
        ("/tracks/new", {"tuition": "1.234"}, "“学费和住宿费”应为金额"),
        ("/tracks/new", {"tuition": "1e99"}, "“学费和住宿费”应为金额"),
        ("/routes/new", {"track": "99999", "label": "x"}, "“培养类别”中没有找到“99999”"),
    ],
)
def test_what_does_not_fit_is_refused_under_its_field_and_kept(
    path, values, sentence, sqlite_admin: Browser
) -> None:
    answer = sqlite_admin.save(path, **values)
    assert answer.status_code == 422
    assert sentence in answer.text
    for value in values.values():
        if "\0" not in value and value not in ("y", "moon", "99999"):
            assert value in answer.text


def test_a_conversion_error_is_not_called_missing(admin: Browser) -> None:
    """wtf-peewee's ValueRequired wipes it."""
    page = admin.save("/programmes/new", year="2031", name="x", materials_deadline="明天").text
    assert "“材料报送截止”应为日期" in page and "请填写“材料报送截止”" not in page


@pytest.mark.parametrize(
    "typed", ["2019-03-30", "2019/3/30", "2019.3.30", "2019年3月30日", "20190330", " 2019-3-30 "]
)
def test_a_date_is_read_as_people_write_it(typed: str, sqlite_admin: Browser) -> None:
    sqlite_admin.save("/poverty-counties/new", code="999", name="县", delisted_on=typed)
    assert PovertyCounty.get(PovertyCounty.code == "999").delisted_on == dt.date(2019, 3, 30)


@pytest.mark.parametrize(
    ("typed", "kept"), [("1980", "1980"), ("1980年5月", "1980-05"), ("1980-5-2", "1980-05-02"), ("", "")]
)
def test_a_partial_date_keeps_what_is_known(
    typed: str, kept: str, sqlite_house, sqlite_admin: Browser
) -> None:  # fmt: skip
    sqlite_admin.save("/trainees/new", **person(sqlite_house, work_start=typed))
    assert Trainee.get(Trainee.name == "新人").work_start == kept


def test_money_is_yuan_on_screen_and_fen_inside(house, admin: Browser) -> None:
    track = house.track()
    assert admin.boxes(f"/tracks/{track.id}/edit")["tuition"] == "33000.00"
    admin.save(f"/tracks/{track.id}/edit", tuition="33,000.5")
    assert Track.get_by_id(track.id).tuition == 3300050
    assert "¥33,000.50" in admin.get(f"/tracks/{track.id}").text


def test_saving_without_a_change_changes_nothing(house, admin: Browser) -> None:
    """Ground 3 and 6: whatever a form shows comes back the same; an unchanged row is neither written nor logged."""
    made = [house.trainee(), house.unit(), house.track(), house.programme()]
    before = [dict(type(item).get_by_id(item.id).__data__) for item in made]
    for item in made:
        path = admin.app.extensions["resources"][type(item)].url
        answer = admin.save(f"{path}/{item.id}/edit")
        assert answer.status_code == 303, answer.text[-2000:]
    assert [dict(type(item).get_by_id(item.id).__data__) for item in made] == before


def test_an_edit_writes_only_what_changed(house, admin: Browser) -> None:
    """Ground 3: whoever saves later must not undo what another has changed in other columns."""
    title = row(TitleName, name="一级", level="430", series="甲")
    boxes = admin.boxes(f"/title-names/{title.id}/edit")
    admin.save(f"/title-names/{title.id}/edit", series="乙")
    late = admin.client.post(f"/title-names/{title.id}/edit", data={**boxes, "name": "某级教师"})
    assert late.status_code == 409
    kept = TitleName.get_by_id(title.id)
    assert (kept.name, kept.series) == ("一级", "乙")
    assert 'value="乙"' in late.text and 'value="某级教师"' in late.text
    assert "已被别人修改" in late.text and "只有别人改过的，已换成现在的值" in late.text
    again = {**boxes, "name": "某级教师", "series": "乙", "version": str(kept.version)}
    assert f'name="version" value="{kept.version}"' in late.text
    assert admin.client.post(f"/title-names/{title.id}/edit", data=again).status_code == 303


def test_a_form_without_a_version_is_not_let_in(house, admin: Browser) -> None:
    title = row(TitleName, name="甲", level="430")
    boxes = admin.boxes(f"/title-names/{title.id}/edit") | {"version": ""}
    assert admin.client.post(f"/title-names/{title.id}/edit", data=boxes).status_code == 400


def test_machine_fields_and_unknown_fields_are_ignored(house, admin: Browser) -> None:
    """Ground 14, safety A4."""
    someone = house.trainee()
    answer = admin.save(
        f"/trainees/{someone.id}/edit", status="certified", over_quota="1", approval_no="x", eligibility="eligible",
        created_at="2000-01-01", id="1", nonsense="1", name="改名",
    )  # fmt: skip
    assert answer.status_code == 303
    kept = house.reload(someone)
    assert (kept.name, kept.status, kept.over_quota, kept.approval_no) == ("改名", "applied", False, "")


def test_a_sensitive_value_is_never_in_a_form(house, admin: Browser) -> None:
    someone = house.trainee(bank_account="6222020200012345678")
    page = admin.get(f"/trainees/{someone.id}/edit").text
    assert someone.id_number not in page and "6222020200012345678" not in page
    assert f"尾号 {someone.id_number[-4:]}（不改请留空）" in page
    admin.save(f"/trainees/{someone.id}/edit", post="主任")
    assert house.reload(someone).bank_account == "6222020200012345678"
    admin.save(f"/trainees/{someone.id}/edit", bank_account="6222029999999999999")
    assert house.reload(someone).bank_account == "6222029999999999999"
    admin.save(f"/trainees/{someone.id}/edit", bank_account__clear="1")
    assert house.reload(someone).bank_account == ""


def test_a_clerk_cannot_point_at_another_unit(house, client_as: Callable[..., Browser]) -> None:
    clerk = client_as("clerk")
    foreign = house.unit("150500")
    assert admin_options(clerk, "/trainees/new") == {str(house.unit("150400").id)}
    answer = clerk.save("/trainees/new", **person(house, unit=str(foreign.id)))
    assert answer.status_code == 422
    assert "“单位”中没有找到" in answer.text and "通辽" not in answer.text
    assert clerk.save("/trainees/new", **person(house)).status_code == 303


def admin_options(browser: Browser, path: str) -> set[str]:
    inside = re.search(r'<select [^>]*name="unit"[^>]*>(.*?)</select>', browser.get(path).text)
    return set(re.findall(r'value="(\d+)"', inside[1]))


def test_a_short_list_is_a_select_and_a_long_one_a_box(house, admin: Browser) -> None:
    page = admin.get("/trainees/new").text
    assert '<select id="unit" name="unit"' in page
    assert 'name="region.text"' in page and '<select id="region"' not in page
    assert len(page) < 60_000


def test_a_foreign_key_is_resolved_by_code_name_or_part_of_a_name(house, admin: Browser) -> None:
    """With JavaScript off."""
    for typed in ("150404", "松山区", "松山"):
        answer = admin.save(
            "/trainees/new", **person(house, region__text=typed, id_number=id_number(next(house.serial)))
        )
        assert answer.status_code == 303, typed
        number = int(answer.location.rsplit("/", 1)[1])
        assert Trainee.get_by_id(number).region.code == "150404"


def test_several_that_fit_come_back_as_a_select(house, admin: Browser) -> None:
    several = Region.select().where(Region.name.contains("旗")).count()
    assert several > 1
    answer = admin.save("/trainees/new", **person(house, region__text="旗"), post="主任")
    assert answer.status_code == 422
    assert "有多条符合“旗”" in answer.text and 'value="主任"' in answer.text
    assert re.search(r'<select [^>]*id="region"', answer.text)
    answer = admin.save("/trainees/new", **person(house, region__text="没有的地方"))
    assert "“单位所在盟市”中没有找到“没有的地方”" in answer.text


def test_a_box_that_nobody_touched_keeps_its_row_even_if_two_have_the_name(house, admin: Browser) -> None:
    one, two = row(Region, code="900001", name="同名"), row(Region, code="900002", name="同名")
    someone = house.trainee(region=two.id)
    admin.save(f"/trainees/{someone.id}/edit", post="主任")
    assert house.reload(someone).region_id == two.id != one.id


def test_a_foreign_key_that_has_vanished_is_a_sentence_not_an_error(house, admin: Browser) -> None:
    """Ground 18."""
    boxes = admin.boxes("/routes/new")
    answer = admin.client.post(
        "/routes/new", data={**boxes, "track": "424242", "label": "x", "min_years": "5"}
    )
    assert answer.status_code == 422


def test_look_ups_are_capped_ordered_scoped_and_escape_wildcards(house, admin: Browser) -> None:
    """Ground 8 and 12."""
    found = admin.get("/regions/lookup?q=旗").json
    assert len(found) == 20 and found == sorted(found, key=lambda item: item["id"])
    assert admin.get("/regions/lookup?q=%25").json == []
    assert admin.get("/regions/lookup?q=_").json == []
    assert admin.get("/regions/lookup?q=").json == []
    assert admin.get("/regions/lookup?q=%00").json == []
    assert admin.get("/units/lookup?q=150400").json[0]["label"] == "赤峰市"


def test_a_unit_out_of_use_is_not_offered_but_stays_where_it_is(house, admin: Browser) -> None:
    someone = house.trainee(unit="150500")
    unit = house.unit("150500")
    admin.save(f"/units/{unit.id}/edit", active="")
    with db.obj.unguarded():
        Unit.update(active=False).where(Unit.id == unit.id).execute()
    assert str(unit.id) not in admin_options(admin, "/trainees/new")
    assert admin.boxes(f"/trainees/{someone.id}/edit")["unit"] == str(unit.id)


def test_an_edit_form_asks_no_query_per_foreign_key_object(house, admin: Browser, count_queries) -> None:
    someone = house.trainee(region=Region.get(Region.code == "150400").id)
    admin.get(f"/trainees/{someone.id}/edit")
    with count_queries() as queries:
        admin.get(f"/trainees/{someone.id}/edit")
    assert len(queries) <= 14, "\n".join(queries.statements)


def test_what_hangs_on_a_row_keeps_it_and_is_counted(house, admin: Browser) -> None:
    """Ground 1: Flask-Admin would have deleted the people along with the unit."""
    house.trainee(), house.trainee()
    unit = house.unit()
    assert "删除“赤峰市”？" in admin.get(f"/units/{unit.id}/delete").text
    answer = admin.save(f"/units/{unit.id}/delete")
    assert answer.status_code == 422
    assert "2 名学员" in answer.text
    assert Trainee.select().count() == 2 and Unit.select().where(Unit.id == unit.id).exists()


def test_a_row_that_nothing_hangs_on_is_deleted_after_asking(house, admin: Browser) -> None:
    title = row(TitleName, name="多余", level="430")
    assert admin.save(f"/title-names/{title.id}/delete").location == "/title-names/"
    assert not TitleName.select().where(TitleName.id == title.id).exists()


def test_a_model_that_is_not_deleted_refuses_in_words(house, admin: Browser) -> None:
    number = Programme.get().id
    answer = admin.post(f"/programmes/{number}/delete")
    assert answer.status_code == 403 and "“年度计划”不能删除" in answer.text


def test_an_account_is_made_without_its_machine_fields(house, admin: Browser) -> None:
    answer = admin.save(
        "/users/new", username="wang", role="viewer", active="y", password_hash="x", system="y", epoch="7"
    )
    assert answer.status_code == 303
    made = User.get(User.username == "wang")
    assert (made.password_hash, made.system, made.epoch) == ("", False, 1)
    answer = admin.save("/users/new", username="li", role="clerk", active="y")
    assert answer.status_code == 422 and "单位经办账号必须指定单位" in answer.text


def test_a_secret_that_is_kept_is_not_asked_for_again_by_the_browser(house, admin: Browser) -> None:
    person_ = house.trainee()
    box = re.search(r'<input[^>]*name="id_number"[^>]*>', admin.get(f"/trainees/{person_.id}/edit").text)[0]
    assert "required" not in box and person_.id_number not in box
    new = re.search(r'<input[^>]*name="id_number"[^>]*>', admin.get("/trainees/new").text)[0]
    assert "required" in new


def test_a_mistake_of_ones_own_does_not_hide_what_another_saved(house, client_as) -> None:
    ours, theirs = client_as("operator"), client_as("approver")
    trainee = house.trainee(remarks="旧")
    path = f"/trainees/{trainee.id}/edit"
    boxes = ours.boxes(path)
    assert theirs.save(path, remarks="别人写的").status_code == 303
    answer = ours.client.post(path, data={**boxes, "id_number": "150404198013120018"})
    assert answer.status_code == 422
    kept = re.search(r'name="version" value="(\d+)"', answer.text)
    assert kept and kept[1] == boxes["version"]
    answer = ours.client.post(path, data={**boxes, "version": kept[1], "post": "主任"})
    assert answer.status_code == 409 and "别人写的" in answer.text
    assert house.reload(trainee).remarks == "别人写的"


def test_what_only_another_has_changed_is_taken_over_and_what_both_have_is_asked_about(
    house, client_as
) -> None:
    """Saving once more must not put a colleague's newer value back to the older one (safety B3)."""
    ours, theirs = client_as("operator"), client_as("approver")
    trainee = house.trainee(remarks="旧", mobile="13800000001", post="教师", school="内蒙古大学")
    path = f"/trainees/{trainee.id}/edit"
    boxes = ours.boxes(path)
    assert theirs.save(path, mobile="13800000002", remarks="别人写的").status_code == 303
    house.do("check", trainee)  # reckoned, no version
    assert theirs.save(path, unit_rank="3").status_code == 303
    answer = ours.client.post(path, data={**boxes, "remarks": "我写的", "post": "主任"})
    assert answer.status_code == 409
    alert = re.search(r'<p class="flash wait" role="alert">(.*?)</p>', answer.text)[1]
    told = re.sub("<[^>]+>", "", alert)
    assert told.startswith("只有别人改过的，已换成现在的值：") and "您和别人都改了的：备注；" in told
    assert {"手机", "推荐顺序"} <= set(re.split("[：、。；]", told)) and "职务" not in told
    assert answer.text.count("现在的值：别人写的") == 1 == answer.text.count('class="theirs"')
    shown = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.text)[1]
        for name in ("mobile", "post", "version")
    }
    assert (shown["mobile"], shown["post"]) == ("13800000002", "主任")
    again = ours.client.post(path, data={**boxes, **shown, "unit_rank": "3", "remarks": "我写的"})
    assert again.status_code == 303
    now = house.reload(trainee)
    assert (now.mobile, now.remarks, now.post, now.unit_rank) == ("13800000002", "我写的", "主任", 3)


def test_where_the_history_does_not_tell_everything_that_differs_is_asked_about(house, client_as) -> None:
    trainee = house.trainee(mobile="13800000001")
    version = house.reload(trainee).version
    client_as("approver").save(f"/trainees/{trainee.id}/edit", mobile="13800000002")
    assert opened.before(Trainee, trainee.id, version) == {"mobile": "13800000001"}
    assert opened.before(Trainee, trainee.id, version + 1) == {}
    assert opened.before(Trainee, trainee.id, -9) is None


def test_only_sending_units_are_offered_where_a_command_asks_for_one(house, admin: Browser) -> None:
    row(Unit, code="H900", name="某培养单位", sending=False, host=True)
    for page in ("/trainees/new", "/quotas/new"):
        text = admin.get(page).text
        assert "赤峰市</option>" in text and "某培养单位" not in text
    assert "某培养单位" in admin.get("/units/").text
