"""Each kind of cell: what is stored, and what is said. Reference day 2019-03-30."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin import codes
from tepei_admin.characters import DOTS, ordinary
from tepei_admin.characters import name as normal_name
from tepei_admin.exchange.cells import Cell, guard, text_cell, unguard
from tepei_admin.exchange.columns import ALL_COLUMNS, BY_FIELD, report_values
from tepei_admin.exchange.dates import from_text
from tepei_admin.rules.identity import from_fifteen
from tepei_admin.rules.identity import normal_form as id_form
from tests.exchange.making import codes as said
from tests.exchange.making import id_number, read_cell


def number(born: str, serial: int = 991) -> str:
    return id_number(serial, born)


def stored(field, value, **before):
    return read_cell(field, value, **before).values.get(field)


# ---- names


@pytest.mark.parametrize(
    "name", ["王䶮", "李𬭎", "张𠮷", "阿不都·热合曼", "那仁高娃", "ᠪᠠᠶᠠᠷ\u180eᠠ", "王\u3007"]
)
def test_good_names_stay_without_a_word(name):
    row = read_cell("name", name)
    assert (row.values["name"], said(row)) == (name, [])


@pytest.mark.parametrize(
    ("written", "name", "code"),
    [
        ("王\ue863", "王䶮", "name.characters_mapped"),
        ("\uf9e1四", "李四", "name.characters_mapped"),
        ("王⼟⺠", "王土民", "name.characters_mapped"),
        ("王  伟", "王伟", "name.spaces_removed"),
        ("王\u3000伟", "王伟", "name.spaces_removed"),
        ("王\u00a0伟", "王伟", "name.spaces_removed"),
        ("\u200b王伟\ufeff", "王伟", "name.spaces_removed"),
        ("王\n伟", "王伟", "name.spaces_removed"),
        ("那仁 高娃", "那仁高娃", "name.spaces_removed"),
        ("葛\ufe00伟", "葛伟", "name.spaces_removed"),
        *((f"阿不都{dot}热合曼", "阿不都·热合曼", "name.dot_unified") for dot in "•・‧･．∙⋅●."),
        ("阿不都 ・ 热合曼", "阿不都·热合曼", "name.dot_unified"),
        ("John  Smith", "John Smith", "name.spaces_removed"),
    ],
)
def test_names_are_put_right_with_a_notice(written, name, code):
    row = read_cell("name", written)
    assert row.values["name"] == name
    assert code in said(row, "notice")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "name.missing"),
        ("王？", "name.unreadable"),
        ("王?", "name.unreadable"),
        ("王\ufffd", "name.unreadable"),
        ("王\ue900", "name.private_character"),
        ("123", "name.no_letter"),
        ("□", "name.no_letter"),
        (5, "name.not_text"),
        (Cell("#N/A", "error"), "cell.error_value"),
        (Cell("=A1", "formula"), "cell.formula_without_result"),
    ],
)
def test_what_cannot_be_a_name_is_an_error(written, code):
    row = read_cell("name", written)
    assert said(row, "error") == [code]
    assert "name" not in row.values


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("孟和-乌力吉", "name.hyphen"),
        *(
            (name, "name.unusual")
            for name in ("王(龙天)", "王YAN", "王1", "王□", "王*", "王/伟", "王伟女士", "Wang Wei")
        ),
    ],
)
def test_odd_names_are_kept_with_a_warning(written, code):
    row = read_cell("name", written)
    assert (row.values["name"], said(row)) == (written, [code])


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=4)
SPACES = st.sampled_from(["", " ", "  ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\n", "\t", "\u202f"])


@given(HAN, HAN, st.sampled_from(list(DOTS)), SPACES, SPACES, SPACES, SPACES)
def test_any_dot_and_any_spaces_give_one_name(first, last, dot, a, b, c, d):
    assert normal_name(f"{a}{first}{b}{dot}{c}{last}{d}") == f"{first}·{last}"


@given(st.text(max_size=12))
def test_a_name_put_right_twice_is_the_same(text):
    once = normal_name(text)
    assert normal_name(once) == once
    assert ordinary(ordinary(text)) == ordinary(text)


# ---- ID numbers


@pytest.mark.parametrize("last", ["x", "Ｘ", "×", "Х", "х", "Ⅹ", "ⅹ", "X\u200b", " X"])
def test_every_x_is_the_letter_x(last):
    good = next(n for n in (number("19860609", s) for s in range(1, 99)) if n.endswith("X"))
    row = read_cell("id_number", good[:-1] + last)
    assert (row.values["id_number"], said(row)) == (good, ["id_number.normalised"])


@pytest.mark.parametrize(
    "spell",
    [
        lambda n: f"'{n}",
        lambda n: f'="{n}"',
        lambda n: f"\t{n}",
        lambda n: f"{n[:6]} {n[6:14]} {n[14:]}",
        lambda n: f"{n[:6]}-{n[6:14]}-{n[14:]}",
        lambda n: "".join(chr(ord(c) + 0xFEE0) for c in n),
        lambda n: f"\u200b{n}\n",
        lambda n: f"“{n}”",
    ],
)
def test_the_tricks_that_keep_a_number_text_are_undone(spell):
    row = read_cell("id_number", spell(number("19850315")))
    assert (row.values["id_number"], said(row)) == (number("19850315"), ["id_number.normalised"])


@pytest.mark.parametrize("region", ["150404", "152701", "150603", "152525"])
def test_renamed_counties_are_good(region):
    good = id_number(985, "19820607", region)
    row = read_cell("id_number", good)
    assert (row.values["id_number"], said(row)) == (good, [])


def test_an_unknown_county_is_a_hint():
    row = read_cell("id_number", id_number(991, region="239999"))
    assert (said(row), "id_number" in row.values) == (["id_number.region_unknown"], True)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "missing"),
        (1.50102198503159e17, "stored_as_number"),
        (150102198503159000, "stored_as_number"),
        ("1.50102E+17", "stored_as_number"),
        ("1.50102198503159e17", "stored_as_number"),
        ("150102198503159000", "stored_as_number"),
        ("150102850315991", "fifteen"),
        (150102850315991, "fifteen"),
        ("ABC102850315991", "format"),
        ("150102851315991", "format"),
        ("15010219850315991", "format"),
        ("150102********9919", "masked"),
        ("150102198502309910", "birth_impossible"),
        ("150102189902019910", "birth_impossible"),
        (number("20190331"), "birth_future"),
        (number("19850315")[:-1] + ("1" if number("19850315")[-1] != "1" else "2"), "checksum"),
        (Cell("#N/A", "error"), ""),
    ],
)
def test_what_is_no_id_number_is_an_error_and_stores_nothing(written, code):
    row = read_cell("id_number", written)
    assert said(row, "error") == [f"id_number.{code}" if code else "cell.error_value"]
    assert row.values == {}


def test_a_number_whose_digits_are_lost_is_never_shown_with_invented_ones():
    row = read_cell("id_number", 1.50102198503159e17)
    assert "1.50102198503159E+17" in row.messages[0].text


def test_the_old_number_is_asked_for_with_the_derived_one_as_a_suggestion():
    row = read_cell("id_number", "150102850315991")
    assert from_fifteen("150102850315991") == "150102198503159919"
    assert row.messages[0].text.startswith("身份证号“150102850315991”是 15 位旧号码，请提供 18 位号码")
    assert "150102198503159919" in row.messages[0].text


@given(st.integers(1, 999), st.dates(date(1930, 1, 1), date(2005, 12, 31)), SPACES, st.booleans())
def test_any_spelling_of_an_id_number_gives_its_normal_form(serial, born, space, wide):
    good = id_number(serial, born.strftime("%Y%m%d"))
    text = good[:6] + space + good[6:14] + space + good[14:].lower() + space
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if "0" <= c <= "9" or c == "x" else c for c in text)
    assert id_form(text) == good
    assert id_form(id_form(text)) == good


# ---- dates


@pytest.mark.parametrize(
    ("written", "found"),
    [
        *(
            (text, "1985-03")
            for text in ("1985.03", "198503", "1985年3月", "1985-3", "1985/3", "1985．3", "1985-03")
        ),
        *(
            (text, "1985-03")
            for text in ("１９８５．０３", "1985年03月", "1985 年 3 月", "一九八五年三月", "'198503")
        ),
        *(
            (text, "1985-03-15")
            for text in ("1985.3.15", "19850315", "1985年03月15日", "1985-03-15", "1985/3/15")
        ),
        *(
            (text, "1985-03-15")
            for text in ("1985-03-15 00:00:00", "1985年3月15日生", "一九八五年三月十五日", "1985—3—15")
        ),
        ("1985.1", "1985-01"),
        ("1985.10", "1985-10"),
        ("1985", "1985"),
        *(
            (text, None)
            for text in ("85.3", "1985.13", "19850230", "03/04/1985", "1985.3-", "不详", "1985.0", "19853")
        ),
        *(
            (text, None)
            for text in ("1985.3.32", "1985-00-01", "31121", "1899.3", "1985.3/1986.4", "", "1985,3")
        ),
    ],
)
def test_dates_in_every_spelling(written, found):
    assert from_text(written) == found


def as_written(day: date) -> list[str]:
    y, m, d = day.year, day.month, day.day
    return [
        f"{y}-{m:02}-{d:02}", f"{y}.{m}.{d}", f"{y}/{m:02}/{d}", f"{y}年{m}月{d}日", f"{y}{m:02}{d:02}",
        f"{y}．{m}．{d}", f" {y} - {m} - {d} ", f"{y}年{m:02}月{d:02}日生", f"{y}-{m}-{d} 00:00:00",
    ]  # fmt: skip


@given(st.dates(date(1900, 1, 1), date(2018, 12, 31)))
def test_any_legal_spelling_of_a_day_is_that_day(day):
    assert {from_text(text) for text in as_written(day)} == {day.isoformat()}
    assert from_text(day.isoformat()[:7]) == day.isoformat()[:7]
    assert (
        stored("title_date", Cell(datetime(day.year, day.month, day.day), "date", "yyyy/m/d"))
        == day.isoformat()
    )


@given(st.text(alphabet="0123456789.-/年月日 至今", max_size=12))
def test_a_date_read_twice_is_the_same(text):
    once = from_text(text)
    assert once is None or from_text(once) == once


MARCH = number("19850315")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1985.03", ""),
        (198503, ""),
        (19850315, ""),
        (31121, "date.excel_serial"),
        (Cell(datetime(1985, 3, 15), "date", "yyyy-mm-dd"), ""),
        (Cell(datetime(1985, 3, 1), "date", 'yyyy"年"m"月"'), ""),
        (Cell(datetime(1985, 3, 1), "date", "mmm-yy"), ""),
        (Cell(datetime(1985, 3, 1), "date", ""), "date.month_assumed"),
        (1985.3, ""),
        (None, ""),
        ("1985.3.16", "birth_date.other_day"),
        (Cell(datetime(1985, 3, 1), "date", "yyyy-mm-dd"), "birth_date.other_day"),
    ],
)
def test_the_day_of_birth_comes_from_the_number(written, code):
    row = read_cell("birth_date", written, id_number=MARCH)
    assert (row.values["birth_date"], said(row)) == ("1985-03-15", [code] if code else [])


def test_another_written_day_is_kept():
    row = read_cell("birth_date", "1985.3.16", id_number=MARCH)
    assert (row.values["birth_date_written"], said(row, "warning")) == (
        "1985-03-16",
        ["birth_date.other_day"],
    )


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (1985, "birth_date.year_only"),
        ("1985", "birth_date.year_only"),
        ("1985.4", "birth_date.other_month"),
        ("1984.3.15", "birth_date.other_month"),
        ("85.3", "date.unclear"),
        ("不详", "date.unclear"),
        ("/", "date.unclear"),
        (1985.13, "date.unclear"),
        (850315, "date.unclear"),
        ("2019.4", "date.future"),
        (Cell(True, "bool"), "date.unclear"),
    ],
)
def test_unclear_days_of_birth_are_errors(written, code):
    row = read_cell("birth_date", written, id_number=MARCH)
    assert said(row, "error") == [code]
    assert "birth_date" not in row.values


def test_without_a_number_the_month_is_all_there_is():
    assert stored("birth_date", "1985.03") == "1985-03"
    assert stored("birth_date", None) is None


@pytest.mark.parametrize(
    ("written", "born", "found", "code"),
    [
        (1985.1, "19851015", "1985-10-15", "date.month_from_id"),
        (1985.1, "19850110", "1985-01-10", "date.month_from_id"),
        (1985.1, "19850315", None, "date.month_lost"),
        (1985.1, "", None, "date.month_lost"),
        (1985.11, "19851110", "1985-11-10", ""),
        (1985.12, "19851210", "1985-12-10", ""),
        (1985.3, "19850310", "1985-03-10", ""),
        ("1985.1", "19850110", "1985-01-10", ""),
        ("1985.10", "19851010", "1985-10-10", ""),
        ("1985.1", "19851010", None, "birth_date.other_month"),
    ],
)
def test_a_month_that_lost_its_zero(written, born, found, code):
    row = read_cell("birth_date", written, **({"id_number": number(born)} if born else {}))
    assert (row.values.get("birth_date"), said(row)) == (found, [code] if code else [])


def test_serial_numbers_count_from_the_workbooks_epoch():
    row = read_cell("title_date", 31121 - 1462, epoch_1904=True)
    assert row.values["title_date"] == "1985-03-15"


@pytest.mark.parametrize(
    ("written", "years"),
    [
        (8, 8),
        ("8", 8),
        ("8年", 8),
        ("8年3个月", 8),
        ("８年", 8),
        ("十年", 10),
        ("60", 60),
        ("8.5年", 8),
        ("1年", 1),
    ],
)
def test_a_count_of_years_is_whole_years(written, years):
    row = read_cell("profession_start", written)
    assert (row.values, said(row)) == ({"profession_years": years}, [])


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("2011.07", "2011-07"),
        ("2011年7月至今", "2011-07"),
        (2011, "2011"),
        ("2011-07-01", "2011-07-01"),
        (201107, "2011-07"),
    ],
)
def test_a_start_in_the_profession(written, start):
    assert read_cell("profession_start", written).values == {"profession_start": start}


@pytest.mark.parametrize("written", ["61", 0, "约8年", "8个月", "12年3月", 8.5, 2011.1, "多年"])
def test_unclear_starts_are_errors(written):
    row = read_cell("profession_start", written)
    assert (row.values, len(said(row, "error"))) == ({}, 1)


@pytest.mark.parametrize("field", ["title_date", "work_start", "profession_start"])
@pytest.mark.parametrize("written", ["", "无", "/", "—", None])
def test_a_placeholder_is_no_date(field, written):
    assert read_cell(field, written).messages == []


# ---- lists


@pytest.mark.parametrize(
    ("written", "code", "notice"),
    [
        ("蒙古族", "02", False),
        *((text, "02", True) for text in ("蒙古", "02", "02-蒙古族", "MG", "ＭＧ", "mg")),
        *(
            (text, "02", True)
            for text in ("蒙", "蒙族", "蒙古族（察哈尔）", 2, "蒙古 族", "蒙\u200b古族", "02蒙古族")
        ),
        ("达斡尔", "31", True),
        ("达翰尔族", "31", True),
        ("鄂温克", "45", True),
        ("鄂伦春族", "52", False),
        ("满", "11", True),
        ("满族（正黄旗）", "11", True),
        ("汉", "01", True),
        ("其他", "97", False),
    ],
)
def test_ethnic_groups_in_every_spelling(written, code, notice):
    row = read_cell("ethnicity", written)
    assert (row.values["ethnicity"], said(row)) == (code, ["ethnicity.normalised"] if notice else [])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("穿青人", "unknown"),
        ("内蒙古", "unknown"),
        ("02-汉族", "two"),
        ("蒙古族/汉族", "two"),
        ("蒙古族、达斡尔族", "two"),
        ("汉族（蒙古族）", "two"),
        (None, "missing"),
        ("/", "missing"),
    ],
)
def test_an_ethnic_group_that_needs_a_person_is_an_error(written, code):
    row = read_cell("ethnicity", written)
    assert (row.values, said(row)) == ({}, [f"ethnicity.{code}"])


def test_the_message_says_what_to_write_for_an_unrecognised_group():
    assert "其他" in read_cell("ethnicity", "穿青人").messages[0].text


@pytest.mark.parametrize("code", list(codes.ethnic_groups()))
def test_every_code_and_name_of_an_ethnic_group_is_itself(code):
    name = codes.ethnic_groups()[code]
    assert stored("ethnicity", code) == stored("ethnicity", name) == code
    assert report_values({"ethnicity": code}) == {"ethnicity": name}


def test_sex_and_the_number():
    assert stored("sex", "男") == "1"
    assert stored("sex", "女性") == "2"
    assert said(read_cell("sex", "M"), "error") == ["sex.unknown"]
    row = read_cell("sex", "女", id_number=number("19850315", 991))
    assert (row.values["sex"], said(row, "warning")) == ("2", ["sex.differs_from_id"])
    assert read_cell("sex", None).messages == []


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        ("硕士研究生", "14", ""),
        ("博士", "11", ""),
        ("博士研究生", "11", ""),
        ("研究生", "10", "needs_degree"),
        ("硕士", "1M", "degree_only"),
        ("本科/硕士", "1M", "degree_only"),
        ("工程硕士", "1M", "degree_only"),
        ("硕士（同等学力）", "1E", "same_level"),
        ("在职研究生", "1J", "on_the_job"),
        ("党校研究生", "1J", "on_the_job"),
        ("研究生班", "17", "graduate_class"),
        ("硕士在读", "21", "studying"),
        ("本科（硕士在读）", "21", "studying"),
        ("大学普通班", "28", "regular_class"),
        *((text, "21", "") for text in ("大学", "本科", "大本", "专升本", "大学本科", "专接本")),
        *(
            (text, "21", "normalised")
            for text in ("函授本科", "自考本科", "本科学历", "本科（全日制）", "本科/学士")
        ),
        ("⼤学", "21", "normalised"),
        ("大专", "31", ""),
        ("中专", "41", ""),
        ("大专/本科", None, "unknown"),
        ("内蒙古大学", None, "unknown"),
    ],
)
def test_schooling_from_free_text(written, code, message):
    row = read_cell("education", written)
    assert row.values.get("education") == code
    assert said(row) == ([f"education.{message}"] if message else [])
    assert row.values["education_written"] == written


@pytest.mark.parametrize(
    ("degree", "code"), [("3", "14"), ("308", "14"), ("2", "11"), ("4", "10"), ("1", "10")]
)
def test_a_graduate_needs_the_degree_beside_it(degree, code):
    assert stored("education", "研究生", degree=degree) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("硕士", "3"),
        ("工学硕士", "308"),
        ("学士学位", "4"),
        ("博士", "2"),
        ("无", None),
        ("本科", None),
        ("硕士在读", None),
    ],
)
def test_degrees(written, code):
    assert stored("degree", written) == code


@pytest.mark.parametrize("code", list(codes.education()))
def test_every_schooling_is_written_as_it_is_read(code):
    name = codes.education()[code].name
    assert stored("education", name) == code
    assert report_values({"education": code})["education"] == name


TITLES = {
    "412": "副高 副高级 副主任医师 副教授 高级工程师 高级讲师 中小学高级教师 主任记者 副高级职称 高级工程师任职资格",
    "411": "主任护师 高级记者 正高级工程师 教授级高工 主任医师",
    "420": "小学高级教师 一级教师 馆员 主治医师 工程师（中级）",
    "434": "小学一级教师",
    "": "高级工 技师 主任 高级 高级职称 高级教师（小学） 一级 副教授/讲师 专家",
}


@pytest.mark.parametrize(
    ("title", "level"), [(t, level) for level, names in TITLES.items() for t in names.split()]
)
def test_title_levels_come_from_the_list_only(title, level):
    row = read_cell("title", title)
    assert (row.values["title"], row.values["title_level"]) == (title, level)
    assert said(row) == ([] if level else ["title.unknown"])


@pytest.mark.parametrize("written", ["无", "暂无", "未评"])
def test_no_title_is_said_so(written):
    row = read_cell("title", written)
    assert (row.values, row.messages) == ({"title": "无", "title_level": ""}, [])


def test_a_date_behind_a_title_goes_to_its_own_field():
    row = read_cell("title", "副教授（2018.12）")
    assert row.values == {"title": "副教授", "title_level": "412", "title_date": "2018-12"}
    assert said(row) == ["title.date_taken"]


def test_a_stroke_is_no_date_and_the_one_behind_the_title_is_taken():
    row = read_cell("title_date", "/")
    BY_FIELD["title"].read(text_cell("副教授（2018.12）"), row)
    assert (row.values["title_date"], said(row)) == ("2018-12", ["title.date_taken"])


def test_a_date_behind_a_title_never_replaces_the_written_one():
    row = read_cell("title_date", "2015-12")
    BY_FIELD["title"].read(Cell("副教授(2018年12月)", "text"), row)
    assert (row.values["title_date"], said(row)) == ("2015-12", ["title.date_differs"])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("中共党员", "01"),
        ("党员", "01"),
        ("预备党员", "02"),
        ("团员", "03"),
        ("九三学社", "10"),
        ("群众", "13"),
        ("01", "01"),
        ("信教", None),
    ],
)
def test_political_status(written, code):
    assert stored("political_status", written) == code


@pytest.mark.parametrize("written", ["区外", "outside", "区外培养", "", None, "自治区外"])
def test_a_row_of_this_track(written):
    assert read_cell("track", written).messages == []


@pytest.mark.parametrize(
    ("written", "code"),
    [("区内", "other"), ("inside", "other"), ("其他", "unknown"), ("区内/区外", "unknown")],
)
def test_a_row_of_another_track_is_an_error(written, code):
    assert said(read_cell("track", written), "error") == [f"track.{code}"]


# ---- numbers


@pytest.mark.parametrize(
    "written",
    [13800000991, "13800000991", "13800000991.0", "1.3800000991E10", "138-0000-0991", "138 0000 0991", "+86 13800000991",
     "8613800000991", "'13800000991", '="13800000991"', "\t13800000991", "13800000991（微信同号）"],
)  # fmt: skip
def test_a_mobile_number_in_every_spelling(written):
    row = read_cell("mobile", written)
    assert row.values == {"mobile": "13800000991"}
    assert said(row) in ([], ["mobile.normalised"])


@pytest.mark.parametrize(
    ("other", "kept"),
    [("13700000003", "13900000992、13700000003"), ("13900000992", "13900000992"), ("/", "13900000992")],
)
def test_a_second_number_stays_beside_that_of_the_other_column(other, kept):
    row = read_cell("mobile", "13800000991/13900000992")
    BY_FIELD["mobile_other"].read(text_cell(other), row)
    assert row.values["mobile_other"] == kept


@pytest.mark.parametrize("field", ["name", "employer", "title"])
@pytest.mark.parametrize(("written", "taken"), [("#N/A", False), (" #REF! ", False), ("#N/A吗", True)])
def test_an_error_value_that_a_csv_holds_as_text_is_an_error(field, written, taken):
    row = read_cell(field, written)
    assert (field in row.values, "cell.error_value" in said(row)) == (taken, not taken)


@pytest.mark.parametrize("between", ["/", "、", "，", ";", "\n", "  ", " "])
def test_of_several_numbers_the_first_is_the_mobile(between):
    row = read_cell("mobile", f"13800000991{between}13900000992")
    assert row.values == {"mobile": "13800000991", "mobile_other": "13900000992"}
    assert said(row) == ["mobile.several"]


@pytest.mark.parametrize(
    ("written", "kept", "code"),
    [
        ("0471-6290991", "0471-6290991", "mobile.land_line"),
        (4716290991, "4716290991", "phone.zero_lost"),
        ("4716290991", "4716290991", "phone.zero_lost"),
        ("1380000099", "1380000099", "mobile.unusual"),
    ],
)
def test_what_is_no_mobile_is_kept_with_a_warning(written, kept, code):
    row = read_cell("mobile", written)
    assert (row.values["mobile"], said(row, "warning")) == (kept, [code])


@pytest.mark.parametrize("field", ["mobile", "office_phone", "bank_account"])
@pytest.mark.parametrize("written", ["1.38E+10", 6.22202e18])
def test_numbers_that_lost_digits_are_errors(field, written):
    row = read_cell(field, written)
    assert (row.values, len(said(row, "error"))) == ({}, 1)


def test_land_lines_accounts_addresses_and_ranks():
    assert stored("office_phone", "0471－6290991") == "0471-6290991"
    assert said(read_cell("office_phone", 4716290991)) == ["phone.zero_lost"]
    assert stored("bank_account", "6222 0202 0001 1234 567") == "6222020200011234567"
    assert stored("email", " t1＠example.com\u200b") == "t1@example.com"
    assert said(read_cell("email", "example.com")) == ["email.unusual"]
    assert said(read_cell("email", " ｅxample。com")) == ["email.unusual"]
    assert stored("email", " ｅxample。com") == "ｅxample。com"
    assert [stored("unit_rank", text) for text in (1, "1", "１", "第1", "第一", "1.0")] == [1] * 6
    assert said(read_cell("unit_rank", "优先")) == ["unit_rank.unclear"]


# ---- text, formulas


@pytest.mark.parametrize(
    "text", ["=1+1", "+8613800000991", "-1", "@SUM(1)", "\t=1+1", " =1+1", "＝1+1", "一\n二", "'=1"]
)
def test_remarks_stay_as_they_are(text):
    assert read_cell("remarks", text).values == {"remarks": text}


@given(st.text(max_size=20))
def test_what_is_guarded_comes_back(text):
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize(
    "cell", [Cell("#REF!", "error"), Cell("=A1", "formula"), Cell('=DISPIMG("ID_1",1)', "formula")]
)
def test_a_cell_without_a_value_is_an_error_but_in_the_remarks(cell):
    assert len(said(read_cell("school", cell), "error")) == 1
    row = read_cell("remarks", cell)
    assert (row.values, len(said(row, "warning")), said(row, "error")) == ({}, 1, [])


def test_replacement_characters_are_never_stored():
    row = read_cell("school", "内蒙古\ufffd学")
    assert (row.values, said(row, "error")) == ({}, ["cell.unreadable"])


def test_free_text_keeps_its_lines():
    assert stored("school", " 内蒙古\r\n大学\u200b ") == "内蒙古\n大学"


@given(st.sampled_from([column.field for column in ALL_COLUMNS if column.field]), st.text(max_size=25))
def test_any_text_in_any_column_gives_values_or_messages_and_every_message_has_words(field, text):
    row = read_cell(field, text)
    for message in row.messages:
        assert message.field == field
        assert message.text
    report_values(row.values)


@given(
    st.sampled_from([column.field for column in ALL_COLUMNS if column.field]),
    st.floats(-1e20, 1e20) | st.integers(0, 99999999),
)
def test_any_number_in_any_column_gives_values_or_messages(field, value):
    row = read_cell(field, value)
    assert all(message.text for message in row.messages)
