"""Templates as the office edits them: checked, looked at, kept, copied, restored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tepei_admin.errors import NotAllowed, RuleViolation, Stale
from tepei_admin.exchange import design, export
from tepei_admin.exchange.design import Draft
from tepei_admin.messages import say
from tepei_admin.models import ExportTemplate
from tepei_admin.services import exports
from tests.exchange.test_export import get

PLAIN = Draft(name="名册", columns=[["姓名", "name"], ["单位", "unit"]], order="pinyin")


def template(name="录取名单"):
    return ExportTemplate.get(ExportTemplate.name == name)


def said(draft):
    return [say(item) for item in design.problems(draft)]


def test_what_is_right_has_no_problems(house):
    assert said(PLAIN) == []
    for row in ExportTemplate.select():
        assert design.problems(Draft.of(row), number=row.id) == []
        assert design.as_shipped(row)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "请填写“名称”"),
        ({"name": "长" * 65}, "至多 64 个字"),
        ({"name": "录取名单"}, "已经有名为“录取名单”的模板"),
        ({"resource": "nothing"}, "没有“nothing”这种数据"),
        ({"resource": "user"}, "没有“user”这种数据"),
        ({"columns": []}, "至少要有一列"),
        ({"columns": [["列", "nothing"]]}, "“学员”没有“nothing”这一栏"),
        ({"columns": [["列", "unit.nothing"]]}, "没有“unit.nothing”这一栏"),
        ({"columns": [["", "name"]]}, "第 1 列的列名要写"),
        ({"columns": [["姓名", "name:month"]]}, "“姓名”不能用所选的写法"),
        ({"columns": [["姓名", "name", "sum"]]}, "“姓名”不是数字，不能合计"),
        ({"columns": [["姓名", "name", "x"]]}, "没有“x”这种汇总"),
        ({"filter": "status=gone"}, "不能是“gone”"),
        ({"order": "nothing"}, "不能按“nothing”排序"),
        ({"order": "id_number"}, "不能按“身份证号”排序"),
        ({"order": "name,name,name,name,name,name,name"}, "排序至多 6 项"),
        ({"track_code": "third"}, "没有培养类别“third”"),
        (
            {"resource": "unit", "columns": [["名称", "name"]], "order": "", "track_code": "inside"},
            "不分培养类别",
        ),
        ({"format": "pdf"}, "不能导出为“pdf”"),
        ({"encoding": "big5"}, "不支持编码“big5”"),
    ],
)
def test_what_is_wrong_is_said_and_not_kept(house, change, words):
    draft = replace(PLAIN, **change)
    assert any(words in text for text in said(draft))
    with pytest.raises(RuleViolation):
        design.save(house.cli, draft)
    assert ExportTemplate.select().where(ExportTemplate.name == "名册").count() == 0


def test_a_kept_template_gives_its_file(house):
    house.trainee(name="单于")
    house.trainee(name="曾某")
    house.trainee(name="仇某")
    design.save(house.cli, PLAIN)
    assert get(house, "名册") == [
        ["姓名", "单位"],
        ["仇某", "赤峰市"],
        ["单于", "赤峰市"],
        ["曾某", "赤峰市"],
    ]  # fmt: skip  (qiu, shan, zeng)


@pytest.mark.parametrize(
    ("path", "text"),
    [("birth_date", "1985-05-12"), ("birth_date:month", "1985-05"), ("birth_date:chinese", "1985年5月12日"),
     ("ethnicity", "蒙古族"), ("ethnicity:code", "02"), ("track.age_limit", "45"), ("profession_start:chinese", "2008年7月")],
)  # fmt: skip
def test_a_column_is_written_in_the_form_that_is_asked_for(house, path, text):
    house.trainee()
    design.save(house.cli, replace(PLAIN, columns=[["列", path]]))
    assert get(house, "名册") == [["列"], [text]]


def test_groups_come_together_whatever_the_order_says(house):
    for unit in ("150400", "150700", "150400"):
        house.trainee(unit=unit, unit_rank=2)
    columns = [["单位", "unit", "group"], ["次序", "unit_rank", "sum"]]
    design.save(house.cli, replace(PLAIN, columns=columns, order="name"))
    labels = [row[0] for row in get(house, "名册")[1:]]
    assert sorted(label for label in labels if label.endswith("计")) == [
        "合计",
        "呼伦贝尔市小计",
        "赤峰市小计",
    ]


def test_the_tally_counts_by_unit_and_track(house):
    house.trainee(), house.trainee(track="inside"), house.trainee(unit="150700")
    rows = get(house, "在培情况统计表")
    assert rows[0][:3] == ["单位", "培养类别", "已申报"] and rows[0][-1] == "合计" and len(rows[0]) == 16
    assert [[row[0], row[1], row[2], row[-1]] for row in rows[1:]] == [
        ["赤峰市", "区外", "1", "1"], ["赤峰市", "区内", "1", "1"], ["赤峰市小计", "", "2", "2"],
        ["呼伦贝尔市", "区外", "1", "1"], ["呼伦贝尔市小计", "", "1", "1"], ["合计", "", "3", "3"],
    ]  # fmt: skip


def test_a_tally_takes_nothing_that_is_not_one_for_a_unit_and_track(house):
    draft = replace(PLAIN, resource="tally", columns=[["姓名", "name"]], order="name")
    assert len(said(draft)) == 2


def test_a_look_has_the_first_rows_as_they_would_be_and_the_total(house):
    for place in range(12):
        house.trainee(unit_rank=place)
    draft = replace(PLAIN, columns=[["号", "id_number"], ["次序", "unit_rank", "sum"]], order="unit_rank")
    look = design.look(house.actor("admin"), draft, house.programme().id)
    assert (look.total, len(look.lines), look.last) == (12, 10, ["合计", "66"])
    assert all(line[0].startswith("尾号 ") for line in look.lines)
    assert [line[1] for line in look.lines] == [str(place) for place in range(10)]


def test_a_look_writes_nothing_and_leaves_no_transaction(house):
    from tepei_admin.database import db
    from tepei_admin.models import AuditEntry, ExportRecord

    house.trainee()
    admin = house.actor("admin")
    before = AuditEntry.select().count()
    design.look(admin, PLAIN, house.programme().id)
    assert (AuditEntry.select().count(), ExportRecord.select().count()) == (before, 0)
    assert not db.obj.in_transaction()


def test_only_an_admin_keeps_copies_restores_and_takes_away(house):
    row, approver = template(), house.actor("approver")
    for attempt in (
        lambda: design.save(approver, PLAIN),
        lambda: design.copy(approver, row.id),
        lambda: design.restore(approver, row.id, row.version),
        lambda: exports.remove_template(approver, row.id),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_an_edit_of_a_state_that_is_gone_is_refused(house):
    row = template()
    design.save(house.cli, replace(Draft.of(row), note="甲"), number=row.id, version=row.version)
    with pytest.raises(Stale):
        design.save(house.cli, replace(Draft.of(row), note="乙"), number=row.id, version=row.version)
    assert template().note == "甲"


def test_a_copy_says_the_same_under_a_name_of_its_own(house):
    first, second = (design.copy(house.cli, template().id) for _ in range(2))
    names = [ExportTemplate.get_by_id(number).name for number in (first, second)]
    assert names == ["录取名单 副本", "录取名单 副本2"]
    assert ExportTemplate.get_by_id(first).columns == template().columns


def test_a_shipped_template_is_restored_under_the_name_that_it_has(house):
    row = template()
    design.save(house.cli, replace(PLAIN, name="录取"), number=row.id, version=row.version)
    changed = ExportTemplate.get_by_id(row.id)
    assert not design.as_shipped(changed)
    design.restore(house.cli, row.id, changed.version)
    restored = ExportTemplate.get_by_id(row.id)
    assert restored.name == "录取" and restored.columns == row.columns and design.as_shipped(restored)


def test_a_template_of_ones_own_has_nothing_to_be_restored_to(house):
    number = design.save(house.cli, PLAIN)
    with pytest.raises(RuleViolation, match="not_shipped"):
        design.restore(house.cli, number, 1)


def test_a_template_that_files_were_made_of_stays(house):
    get(house, "录取名单")
    with pytest.raises(RuleViolation, match="has_dependants"):
        exports.remove_template(house.cli, template().id)
    number = design.save(house.cli, PLAIN)
    exports.remove_template(house.cli, number)
    assert "名册" not in export.names()
