"""Templates and lists handed out: who gets which rows, masked or whole, on record before the first byte."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tracemalloc

import openpyxl
import pytest

from tepei_admin.database import db
from tepei_admin.errors import NotAllowed, NotFound, Refusal, RuleViolation
from tepei_admin.exchange import export, templates
from tepei_admin.exchange.columns import COLUMNS
from tepei_admin.messages import say_all
from tepei_admin.models import AuditEntry, ExportRecord, ExportTemplate, Payment, Trainee, Unit, User
from tepei_admin.services import record
from tepei_admin.services.command import command
from tests.exchange.making import LOOKUPS, report
from tests.services.cast import place, put_into

OUTSIDE, INSIDE, ADMITTED = "区外学员汇总表", "区内学员汇总表", "录取名单"
REPORTED, TALLY = "报到名册", "在培情况统计表"
MONEY = ("学费汇款清单", "生活补贴发放表", "追缴台账")
REGISTER = "结业证书名册"


@pytest.fixture(autouse=True)
def installed(house):
    templates.install()


def table(download):
    data = b"".join(download.chunks)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def get(house, name=OUTSIDE, actor=None, **options):
    options = {"fmt": "csv", **options}
    return table(export.stream(actor or house.cli, name, house.programme().id, **options))


def column(rows, header):
    return [row[rows[0].index(header)] for row in rows[1:]]


def listed(house, actor, model=Trainee, columns=("name", "id_number"), query=None, **options):
    found = export.list_stream(
        actor, model, model.select() if query is None else query, columns, asked={}, **options
    )
    return table(found)


@command(None)
def _insert(actor, model, rows):
    return record.insert_many(model, rows, logged=False)


# --- templates


def test_the_templates_are_there_once_however_often_they_are_installed(house):
    templates.install()
    assert export.names() == [OUTSIDE, INSIDE, ADMITTED, REPORTED, TALLY, *MONEY, REGISTER]


def test_a_template_that_the_office_edited_stays(house):
    @command(None)
    def edit(actor):
        row = ExportTemplate.get(ExportTemplate.name == ADMITTED)
        record.update(ExportTemplate, [row.id], {"order": "name"})

    edit(house.cli)
    templates.install()
    assert ExportTemplate.get(ExportTemplate.name == ADMITTED).order == "name"


def test_the_summary_table_has_the_columns_of_the_annex_in_order(house):
    assert get(house) == [[item.header for item in COLUMNS]]
    assert get(house, INSIDE)[0] == get(house)[0]


def test_the_summary_table_has_everybody_of_its_track_in_order_of_unit_and_rank(house):
    house.trainee(name="丁", unit="150700", unit_rank=1)
    house.trainee(name="乙", unit_rank=2)
    house.trainee(name="丙")
    withdrawn = house.trainee(name="甲", unit_rank=1)
    house.trainee(name="里", track="inside")
    house.do("withdraw", withdrawn, reason="本人申请")
    rows = get(house)
    assert column(rows, "姓名") == ["甲", "乙", "丙", "丁"]
    assert column(rows, "序号") == ["1", "2", "3", "4"]
    assert column(get(house, INSIDE), "姓名") == ["里"]


def test_the_summary_table_says_what_a_person_would_write(house):
    person = house.trainee(
        name="乌兰",
        sex="2",
        political_status="01",
        region=None,
        title_date="2015-12",
        unit_rank=3,
        work_start="2008-07",
    )
    row = dict(zip(*get(house), strict=True))
    number = Trainee.get_by_id(person.id).id_number
    assert row["身份证号"] == number
    expected = {
        "性别": "女", "民族": "蒙古族", "出生年月": "1985-05", "政治面貌": "中共党员", "学历": "硕士研究生", "学位": "硕士",
        "从事专业时间": "2008-07", "专业技术职务": "副教授", "取得时间": "2015-12", "培养类别": "区外", "推荐顺序": "3",
        "参加工作时间": "2008-07", "单位所在盟市": "", "备注": "",
    }  # fmt: skip
    assert {header: row[header] for header in expected} == expected


def test_years_in_the_profession_and_held_schooling_are_as_written(house):
    house.trainee(
        profession_start="", profession_years=8, education="", education_written="研究生", degree=""
    )
    row = dict(zip(*get(house), strict=True))
    assert (row["从事专业时间"], row["学历"], row["学位"]) == ("8年", "研究生", "")


def test_the_admission_list_has_those_who_hold_a_place(house):
    for status in (
        "applied",
        "recommended",
        "admitted",
        "training",
        "terminated",
        "rejected",
        "withdrawn",
        "no_show",
    ):
        person = house.trainee(name=status, pinyin=status)
        put_into(person, status)
    rows = get(house, ADMITTED)
    assert rows[0] == [
        "序号",
        "姓名",
        "性别",
        "民族",
        "出生年月",
        "工作单位",
        "专业技术职务",
        "培养类别",
        "培养专业",
        "培养单位",
        "批准文号",
    ]
    assert column(rows, "姓名") == ["admitted", "terminated", "training"]


@pytest.mark.parametrize(
    ("states", "host", "major"),
    [
        ([], "", "所愿"),
        (["proposed"], "", "所愿"),
        (["cancelled", "confirmed"], "北京师范大学", "confirmed"),
        (["ended", "current"], "北京师范大学", "current"),
        (["ended"], "北京师范大学", "ended"),
        (["replaced"], "", "所愿"),
    ],
)
def test_the_admission_list_names_the_host_of_the_placement_that_counts(house, states, host, major):
    person = house.trainee(training_major="所愿", host_wish="别处")
    put_into(person, "admitted")
    for state in states:
        place(house, person, state=state, major=state)
    rows = get(house, ADMITTED)
    assert (column(rows, "培养单位"), column(rows, "培养专业")) == ([host], [major])


def test_a_track_narrows_a_template_that_is_open_to_all(house):
    for track in ("outside", "inside"):
        put_into(house.trainee(track=track, name=track), "admitted")
    assert column(get(house, ADMITTED), "姓名") == ["outside", "inside"]
    assert column(get(house, ADMITTED, track="inside"), "姓名") == ["inside"]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        (
            "没有的",
            {},
            "没有导出模板“没有的”；可用：区外学员汇总表、区内学员汇总表、录取名单、报到名册、在培情况统计表、学费汇款清单、生活补贴发放表、追缴台账",
        ),
        (OUTSIDE, {"track": "inside"}, "模板“区外学员汇总表”只含区外人员"),
        (ADMITTED, {"track": "x"}, "没有培养类别“x”；本年度有：outside"),
        (OUTSIDE, {"fmt": "pdf"}, "不能导出为“pdf”；可用：csv、xlsx"),
        (OUTSIDE, {"encoding": "big5"}, "不支持编码“big5”"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_leaves_no_record(house, name, options, words):
    with pytest.raises(RuleViolation) as refused:
        get(house, name, **options)
    assert words in say_all(refused.value)
    assert ExportRecord.select().count() == 0


@pytest.mark.parametrize(
    "path", ["nothing", "name.x", "unit.nothing", "placement.digest.x", "placement.lines"]
)
def test_a_template_with_a_wrong_column_is_refused_by_its_name(house, path):
    _insert(house.cli, ExportTemplate, [{"name": "坏", "resource": "trainee", "columns": [["列", path]]}])
    with pytest.raises(RuleViolation, match="unknown_column"):
        get(house, "坏")


@pytest.mark.parametrize(
    "template",
    [
        {"resource": "nothing", "columns": [["列", "id"]]},
        {"resource": "trainee", "columns": [["列", "id"]], "filter": "nothing=1"},
        {"resource": "trainee", "columns": [["列", "id"]], "order": "nothing"},
        {"resource": "payment", "columns": [["列", "digest"]]},
        {"resource": "payment", "columns": [["列", "opened_by.locked_until"]]},
    ],
)
def test_any_other_wrong_template_is_refused_too(house, template):
    _insert(house.cli, ExportTemplate, [{"name": "坏", **template}])
    with pytest.raises(RuleViolation, match=r"export\.unknown_"):
        get(house, "坏")


def test_a_template_of_another_resource_follows_paths_in_any_direction(house):
    person = house.trainee(name="乌兰")
    place(house, person, state="confirmed", planned_start=dt.date(2019, 9, 1))
    columns = [
        ["姓名", "trainee.name"],
        ["单位", "trainee.unit.code"],
        ["培养单位", "host"],
        ["开始", "planned_start"],
    ]
    row = {
        "name": "安排",
        "resource": "placement",
        "columns": columns,
        "filter": "trainee.unit.code=150400",
    }
    _insert(house.cli, ExportTemplate, [{**row, "order": "-trainee.name"}])
    assert get(house, "安排")[1:] == [["乌兰", "150400", "北京师范大学", "2019-09-01"]]
    assert len(get(house, "安排", track="inside")) == 1


def test_an_unknown_programme_is_refused(house):
    with pytest.raises(NotFound):
        export.stream(house.cli, OUTSIDE, 99)


# --- files


def test_to_file_gives_the_number_of_rows_and_leaves_nothing_beside_the_file(house, tmp_path):
    house.trainee(), house.trainee()
    for fmt in ("csv", "xlsx"):
        path = tmp_path / f"汇总.{fmt}"
        assert export.to_file(house.cli, OUTSIDE, house.programme().id, path, fmt=fmt) == 2
    assert sorted(path.name for path in tmp_path.glob("*汇总*")) == ["汇总.csv", "汇总.xlsx"]
    assert (tmp_path / "汇总.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    cells = openpyxl.load_workbook(tmp_path / "汇总.xlsx").active[2]
    kinds = {
        item.header: (cell.data_type, cell.number_format) for item, cell in zip(COLUMNS, cells, strict=True)
    }
    assert kinds["序号"] == ("n", "0") and kinds["身份证号"] == kinds["手机"] == kinds["出生年月"] == (
        "s",
        "@",
    )


def test_to_file_can_speak_gb18030(house, tmp_path):
    house.trainee(name="王䶮")
    export.to_file(house.cli, OUTSIDE, house.programme().id, tmp_path / "x.csv", encoding="gb18030")
    assert "王䶮" in (tmp_path / "x.csv").read_bytes().decode("gb18030")


def test_a_place_that_cannot_be_written_is_said_in_one_sentence(house, tmp_path):
    with pytest.raises(RuleViolation) as refused:
        export.to_file(house.cli, OUTSIDE, house.programme().id, tmp_path / "没有" / "x.csv")
    assert "无法写入" in say_all(refused.value)


def test_a_refused_file_leaves_the_old_one_as_it_was(house, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"old")
    house.trainee(remarks="长" * 32_768)
    with pytest.raises(RuleViolation, match="too_long"):
        export.to_file(house.cli, OUTSIDE, house.programme().id, path, fmt="xlsx")
    assert path.read_bytes() == b"old" and list(tmp_path.glob(".*.part")) == []


def test_more_rows_than_a_sheet_has_are_refused_before_writing(house, monkeypatch):
    house.trainee(), house.trainee()
    monkeypatch.setattr(export, "LAST_ROW", 2)
    with pytest.raises(RuleViolation) as refused:
        get(house, fmt="xlsx")
    assert "超过 1 行" in say_all(refused.value)
    assert len(get(house)) == 3


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_a_download_has_a_chinese_name_with_year_and_day(house, fmt):
    found = export.stream(house.cli, OUTSIDE, house.programme().id, fmt=fmt)
    year, day = dt.date.today().year, f"{export.clock.today():%Y%m%d}"
    assert found.file_name == f"区外学员汇总表-2019年度-{day}.{fmt}" and str(year) in day
    assert found.content_type.startswith("text/csv") == (fmt == "csv")


def test_a_template_name_cannot_lead_out_of_the_folder(house):
    _insert(
        house.cli,
        ExportTemplate,
        [{"name": "../../a\\b:c", "resource": "unit", "columns": [["名称", "name"]]}],
    )
    name = export.stream(house.cli, "../../a\\b:c", house.programme().id).file_name
    assert not set(name) & set('/\\:*?"<>|')


# --- who gets what


MASKED = {"viewer": True, "operator": True, "approver": True, "admin": True}


@pytest.mark.parametrize("role", MASKED)
def test_numbers_are_masked_unless_somebody_asks(house, role):
    person = house.trainee(bank_account="6217000010001234567")
    actor, number = house.actor(role), person.id_number
    assert column(get(house, actor=actor), "身份证号") == [f"尾号 {number[-4:]}"]
    assert listed(house, actor, columns=("id_number", "bank_account"))[1] == [
        f"尾号 {number[-4:]}",
        "尾号 4567",
    ]


@pytest.mark.parametrize("role", ["operator", "approver", "admin"])
def test_who_may_reveal_gets_them_whole_when_asked(house, role):
    number = house.trainee().id_number
    actor = house.actor(role)
    assert column(get(house, actor=actor, masked=False), "身份证号") == [number]
    assert listed(house, actor, masked=False)[1][1] == number
    assert [row.masked for row in ExportRecord.select()] == [False, False]


@pytest.mark.parametrize(("role", "unit"), [("viewer", None), ("clerk", "150400")])
def test_who_may_not_reveal_is_refused_and_nothing_is_on_record(house, role, unit):
    house.trainee()
    actor = house.actor(role, unit=unit)
    with pytest.raises(NotAllowed):
        get(house, actor=actor, masked=False)
    with pytest.raises(NotAllowed):
        listed(house, actor, masked=False)
    assert ExportRecord.select().count() == 0


def test_the_command_lines_own_actor_gets_them_whole_unless_it_wants_masks(house):
    number = house.trainee().id_number
    assert column(get(house), "身份证号") == [number]
    assert column(get(house, masked=True), "身份证号") == [f"尾号 {number[-4:]}"]


def test_a_clerk_gets_the_own_units_people(house):
    house.trainee(name="我们的"), house.trainee(name="别人的", unit="150700")
    clerk = house.actor("clerk", unit="150400")
    assert column(get(house, actor=clerk), "姓名") == ["我们的"]
    assert column(listed(house, clerk), "姓名") == ["我们的"]


def test_a_list_needs_the_right_to_read_it(house):
    with pytest.raises(NotAllowed):
        listed(house, house.actor("operator"), AuditEntry, ("at", "by_name"))
    assert len(listed(house, house.actor("admin"), AuditEntry, ("at", "by_name"))) > 1


def test_hidden_columns_and_json_are_in_no_list(house):
    admin = house.actor("admin")
    assert listed(house, admin, User, ("username", "password_hash", "epoch"))[0] == ["用户名"]
    assert listed(house, admin, AuditEntry, ("action", "before", "after"))[0] == ["动作"]


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_the_export_is_on_record_before_the_first_chunk(house, fmt):
    house.trainee()
    operator = house.actor("operator")
    found = export.stream(operator, OUTSIDE, house.programme().id, fmt=fmt, masked=False)
    row = ExportRecord.get()
    assert (row.template, row.file_name, row.format) == (OUTSIDE, found.file_name, fmt)
    assert (row.row_count, row.masked, row.by_id) == (1, False, operator.id)
    assert row.filter == {"programme": 2019, "track": "outside", "resource": "trainee", "filter": ""}
    assert (row.programme_id, row.source.name, row.resource) == (house.programme().id, OUTSIDE, "trainee")
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.by_id, entry.object_id, entry.label) == (
        "export",
        operator.id,
        row.id,
        found.file_name,
    )
    assert entry.after["row_count"] == 1 and entry.after["masked"] is False
    assert next(found.chunks)


# --- lists


def test_a_list_keeps_its_filter_and_order_and_says_labels(house):
    for name in ("甲", "乙", "丙"):
        house.trainee(name=name)
    house.trainee(name="丁", unit="150700")
    query = Trainee.select().where(Trainee.unit == house.unit().id).order_by(Trainee.id.desc())
    columns = (
        "name",
        "unit",
        "track",
        "programme",
        "status",
        "sex",
        "attested_signed",
        "received_on",
        "unit_rank",
        "over_quota",
    )
    rows = listed(house, house.actor("viewer"), columns=columns, query=query)
    assert rows[0] == [
        "姓名",
        "单位",
        "培养类别",
        "年度",
        "状态",
        "性别",
        "单位签字盖章",
        "收到材料日期",
        "推荐顺序",
        "超名额特批",
    ]
    programme = house.programme()
    label = str(getattr(programme, programme.panel.label))
    assert rows[1] == ["丙", "赤峰市", "区外", label, "已申报", "男", "是", "2019-03-20", "", "否"]
    assert column(rows, "姓名") == ["丙", "乙", "甲"]


def test_stamps_are_in_the_offices_time_and_money_in_yuan(house):
    person = house.trainee()
    moment = dt.datetime(2019, 12, 26, 17, 30)
    row = {
        "programme": house.programme().id, "trainee": person.id, "kind": "stipend", "amount": 461_333,
        "opened_by": house.cli.id, "opened_at": moment, "payee": "=1+1",
    }  # fmt: skip
    _insert(house.cli, Payment, [row])
    columns = ("trainee", "kind", "amount", "state", "opened_at", "payee", "opened_by", "placement")
    rows = listed(house, house.actor("viewer"), Payment, columns)
    assert rows[1] == [person.name, "生活补贴", "4613.33", "待核准", "2019-12-27 01:30", "'=1+1", "cli", ""]


def test_a_foreign_key_to_a_row_without_a_name_says_its_number(house):
    person = house.trainee()
    number = place(house, person, state="confirmed")
    row = {
        "trainee": person.id,
        "placement": number,
        "starts": dt.date(2019, 9, 2),
        "ends": dt.date(2019, 9, 3),
        "reason": "病假",
    }
    from tepei_admin.models import Leave

    _insert(house.cli, Leave, [row])
    rows = listed(house, house.actor("viewer"), Leave, ("trainee", "placement", "starts", "reason"))
    assert rows[1] == [person.name, f"培养安排 {number}", "2019-09-02", "已遮盖"]


def test_every_models_own_list_can_be_exported(house):
    from tepei_admin.schema import all_models

    house.trainee()
    for model in all_models():
        rows = listed(house, house.cli, model, model.panel.columns)
        assert rows[0], model


# --- size


def many(house, number):
    """Copies of one person, made by the database itself."""
    house.trainee()
    names = [field.column_name for field in Trainee._meta.sorted_fields if field.name != "id"]
    taken = ", ".join(
        f"CAST(i AS TEXT) || '{'0' * 10}'" if name == "id_number" else f't."{name}"' for name in names
    )
    quoted = ", ".join(f'"{name}"' for name in names)
    series = f"WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {number})"
    with db.obj.unguarded():
        db.execute_sql(f"{series} INSERT INTO trainee ({quoted}) SELECT {taken} FROM trainee t, series")


def everything():
    return [
        name for name in Trainee._meta.sorted_field_names if name not in ("version", "pinyin", "initials")
    ]


@pytest.mark.parametrize("what", ["template", "list"])
def test_the_number_of_queries_does_not_grow_with_rows(house, count_queries, what):
    def ask():
        with count_queries() as counter:
            if what == "template":
                get(house, ADMITTED)
            else:
                listed(house, house.cli, columns=everything())
        return len(counter)

    put_into(house.trainee(unit="150700"), "admitted")
    few = ask()
    for _ in range(8):
        put_into(house.trainee(), "admitted")
    assert ask() == few <= 16


LONG = (
    "name",
    "unit",
    "track",
    "programme",
    "ethnicity",
    "education",
    "title",
    "employer",
    "id_number",
    "mobile",
    "status",
)


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_memory_stays_flat(house, fmt):
    size = 50_000 if fmt == "csv" else 5_000
    many(house, size)
    tracemalloc.start()
    try:
        found = export.list_stream(house.cli, Trainee, Trainee.select(), LONG, asked={}, fmt=fmt)
        length = sum(map(len, found.chunks))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert length > size * 40
    assert peak < 10_000_000


def test_an_abandoned_download_leaves_no_transaction_open(house):
    many(house, 3000)
    found = export.list_stream(house.cli, Trainee, Trainee.select(), ("name",), asked={})
    next(found.chunks)
    found.chunks.close()
    assert not db.obj.in_transaction()
    house.trainee()


# --- there and back


ODD = [
    ("王䶮", '=HYPERLINK("http://x","点击")'),
    ("张𠮷", "'=1+1"),
    ("阿不都·热合曼", "''＝1"),
    ("李𬭎", " =1+1"),
    ("那仁高娃", "'只是引号"),
    ("白嘎力", "-1"),
    ("乌兰", "第一行\n+第二行"),
    ("敖敏", "\t=1+1"),
    ("何俊生", '含"引号"，逗号,'),
]
WHOLE = {
    "political_status": "01", "school": "内蒙古师范大学", "major": "教育学", "work_start": "2008-07", "title_date": "2015-12",
    "post": "教师", "training_major": "课程与教学论", "host_wish": "北京师范大学", "supervisor_wish": "某教授",
    "office_phone": "0476-8300991", "email": "t1@example.com", "unit_rank": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fmt", "encoding"), [("csv", "utf-8-sig"), ("csv", "gb18030"), ("xlsx", "utf-8-sig")]
)
def test_a_summary_table_read_back_says_the_same(house, tmp_path, fmt, encoding):
    from tepei_admin.models import Region

    region = Region.get(Region.code == "150400")
    for name, remarks in ODD:
        house.trainee(name=name, remarks=remarks, region=region.id, **WHOLE)
    path = tmp_path / f"汇总表.{fmt}"
    export.to_file(house.cli, OUTSIDE, house.programme().id, path, fmt=fmt, encoding=encoding)
    found = report(path.read_bytes(), path.name)
    assert [row.outcome for row in found.rows] == ["new"] * len(ODD), [row.messages for row in found.rows]
    assert [message for row in found.rows for message in row.messages if message.level != "notice"] == []
    by_name = {row.values["name"]: row.values for row in found.rows}
    for name, remarks in ODD:
        stored = Trainee.get(Trainee.name == name)
        values = by_name[name]
        same = ("sex", "ethnicity", "birth_date", "id_number", "education", "degree", "profession", "profession_start", "title",
                "title_level", "employer", "mobile", *WHOLE)  # fmt: skip
        assert {key: values.get(key) for key in same} == {key: getattr(stored, key) for key in same}
        assert (values["remarks"], values["region"], values["track"]) == (remarks, region.name, "outside")
    assert LOOKUPS.places.code(region.name) == "150400"


def test_an_export_of_an_export_is_the_same_to_the_byte(house, tmp_path):
    house.trainee(remarks="'=1")
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    for path in (first, second):
        export.to_file(house.cli, OUTSIDE, house.programme().id, path)
    assert first.read_bytes() == second.read_bytes()


def test_a_refusal_is_a_refusal_and_no_traceback(house):
    with pytest.raises(Refusal):
        export.to_file(house.cli, "x", house.programme().id, "/nowhere/x")
    assert Unit.select().count() > 0
