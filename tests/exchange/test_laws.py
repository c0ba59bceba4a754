"""Laws of cells: every legal spelling of a value is that value; read again it stays; nothing raises, nothing is lost."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tepei_admin import codes
from tepei_admin.characters import key
from tepei_admin.exchange.cells import Cell, written
from tepei_admin.exchange.columns import ALL_COLUMNS, BY_FIELD, report_values
from tepei_admin.exchange.reading import quoted
from tests.exchange import spelling
from tests.exchange.making import LOOKUPS, as_cell, id_number, read_cell
from tests.exchange.making import codes as said

FIELDS = [column.field for column in ALL_COLUMNS if column.field]
fields = st.sampled_from(FIELDS)


# ---- one value, many spellings


@given(st.data(), spelling.days)
def test_every_spelling_of_a_day_is_that_day(data, day):
    text = data.draw(spelling.around(st.sampled_from(spelling.of_day(day))))
    row = read_cell("title_date", text)
    assert (row.values, row.messages) == ({"title_date": day.isoformat()}, [])


@given(st.data(), spelling.days)
def test_every_spelling_of_a_month_is_that_month_and_no_day(data, day):
    text = data.draw(spelling.around(st.sampled_from(spelling.of_month(day))))
    row = read_cell("title_date", text)
    assert (row.values, row.messages) == ({"title_date": day.isoformat()[:7]}, [])


@given(spelling.days)
def test_every_date_cell_is_no_more_exact_than_it_shows(day):
    for cell in spelling.day_cells(day):
        assert read_cell("work_start", cell).values == {"work_start": day.isoformat()}
    moment = datetime(day.year, day.month, day.day)
    for shown in ('yyyy"年"m"月"', "yyyy-mm", "mmm-yy"):
        assert read_cell("work_start", Cell(moment, "date", shown)).values == {
            "work_start": day.isoformat()[:7]
        }


@given(spelling.days, st.booleans())
def test_a_day_that_lost_its_format_is_counted_from_the_workbooks_epoch_and_said_so(day, epoch_1904):
    number = spelling.serial(day, epoch_1904)
    assume(number >= 10_000)
    row = read_cell("title_date", number, epoch_1904=epoch_1904)
    assert (row.values["title_date"], said(row)) == (day.isoformat(), ["date.excel_serial"])


@given(st.data(), spelling.days)
def test_with_an_id_number_every_spelling_of_the_month_of_birth_is_the_numbers_day(data, born):
    number = id_number(991, born.strftime("%Y%m%d"))
    text = data.draw(spelling.around(st.sampled_from(spelling.of_month(born) + spelling.of_day(born))))
    row = read_cell("birth_date", text, id_number=number)
    assert (row.values["birth_date"], row.messages) == (born.isoformat(), [])


@given(spelling.days, spelling.days)
def test_another_month_than_the_id_numbers_is_never_stored(born, other):
    assume((born.year, born.month) != (other.year, other.month))
    row = read_cell("birth_date", other.isoformat(), id_number=id_number(991, born.strftime("%Y%m%d")))
    assert "birth_date" not in row.values and said(row, "error") == ["birth_date.other_month"]


@given(st.data(), spelling.identities())
def test_every_spelling_of_an_id_number_is_that_number(data, number):
    row = read_cell("id_number", data.draw(spelling.id_spellings(number)))
    assert row.values == {"id_number": number} and said(row, "error") == []


@given(spelling.identities())
def test_an_id_number_that_was_a_number_once_is_never_stored(number):
    assume(number.isdecimal())
    for cell in (float(number), f"{float(number):.14E}", f"{int(float(number))}.0", f"{number[:15]}000"):
        row = read_cell("id_number", cell)
        assert row.values == {} or (
            row.values["id_number"] == cell and said(row, "warning") == ["id_number.zeros"]
        )


@given(spelling.identities(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_never_passes(number, at, digit):
    assume(number[at] != digit)
    assert "id_number" not in read_cell("id_number", number[:at] + digit + number[at + 1 :]).values


@given(st.data(), spelling.names())
def test_every_spelling_of_a_name_is_that_name(data, parts):
    row = read_cell("name", data.draw(spelling.name_spellings(parts)))
    assert row.values == {"name": "·".join(parts)} and said(row, "error") == []


@given(st.data(), spelling.mobiles)
def test_every_spelling_of_a_mobile_number_is_that_number(data, number):
    row = read_cell("mobile", data.draw(spelling.mobile_spellings(number)))
    assert row.values == {"mobile": number} and said(row, "warning") == []


@given(
    st.lists(spelling.mobiles, min_size=2, max_size=3, unique=True),
    st.sampled_from(["/", "、", "，", ";", "\n", "或", " "]),
)
def test_of_several_numbers_none_is_lost(numbers, between):
    row = read_cell("mobile", between.join(numbers))
    assert row.values == {"mobile": numbers[0], "mobile_other": "、".join(numbers[1:])}


@given(st.data(), st.sampled_from(sorted(codes.ethnic_groups().items())))
def test_every_spelling_of_an_ethnic_group_is_its_code(data, group):
    code, name = group
    forms = [name, code, f"{code}-{name}", f"{code}{name}", f"{name}。", f"{name}（{name}）"]
    forms += [name.removesuffix("族")] if len(name) > 2 and name.endswith("族") else []
    row = read_cell("ethnicity", data.draw(spelling.around(st.sampled_from(forms))))
    assert row.values == {"ethnicity": code} and said(row, "error") == []


@given(
    st.sampled_from(sorted(codes.ethnic_groups().values())),
    st.sampled_from(sorted(codes.ethnic_groups().values())),
)
def test_two_ethnic_groups_are_never_one(one, other):
    assume(one != other and "族" in one and "族" in other)
    for text in (
        f"{one}/{other}",
        f"{one}、{other}",
        f"{one}（{other}）",
        f"{one}(改{other})",
        f"{one}或{other}",
    ):
        assert read_cell("ethnicity", text).values == {}


@given(st.data(), st.sampled_from(sorted(LOOKUPS.titles)))
def test_every_spelling_of_a_title_has_its_level(data, title):
    text = data.draw(
        spelling.around(st.sampled_from([title, f"{title}职称", f"{title}（2015.12）", f"{title}任职资格"]))
    )
    row = read_cell("title", text)
    assert row.values["title_level"] == LOOKUPS.titles[title]
    assert row.values.get("title_date", "2015-12") == "2015-12"


@given(st.data(), st.sampled_from(sorted(codes.education().items())))
def test_every_spelling_of_a_schooling_is_its_code(data, item):
    code, education = item
    row = read_cell("education", data.draw(spelling.around(st.just(education.name))))
    assert row.values["education"] == code and row.values["education_written"].strip()


@given(st.data(), st.integers(1, 60))
def test_every_spelling_of_a_count_of_years_is_that_count(data, years):
    forms = [f"{years}", f"{years}年", f"满{years}年", f"{years}年整", f"{years}年3个月", f"{years}.0"]
    row = read_cell("profession_start", data.draw(spelling.around(st.sampled_from(forms))))
    assert (row.values, row.messages) == ({"profession_years": years}, [])


@given(st.data(), st.integers(1, 99))
def test_every_spelling_of_a_rank_is_that_rank(data, rank):
    forms = [f"{rank}", f"第{rank}", f"第{rank}名", f"{rank}.0", f"{rank}、", f"({rank})"]
    forms += [spelling.han_count(rank)] if rank < 40 else []
    row = read_cell("unit_rank", data.draw(spelling.around(st.sampled_from(forms))))
    assert row.values == {"unit_rank": rank}


# ---- read again


@given(fields, st.text(max_size=30))
@example("mobile_other", "A´")  # NFKC takes ´ apart, and makes Á of it the next time
def test_what_was_read_is_read_again_as_itself(field, text):
    check_again(field, text)


@given(
    fields, st.text("0123456789.-/年月日 族副教授本科硕士研究生（）()、,;+'\"=@cnx\u3000\u200b", max_size=16)
)
def test_what_was_read_of_likely_characters_is_read_again_as_itself(field, text):
    check_again(field, text)


def check_again(field: str, text: str) -> None:
    first = read_cell(field, text).values
    if field not in first:
        return
    shown = str(report_values(first)[field])
    again = read_cell(field, shown, **{name: first[name] for name in ("degree",) if name in first}).values
    assert again.get(field) == first[field]


# ---- nothing raises, nothing is lost

moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))
cells = st.one_of(
    st.text(max_size=40).map(as_cell),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: Cell(number, "number", "General")),
    st.tuples(moments, st.sampled_from(["", "yyyy-mm-dd", "yyyy", "m/d", "@"])).map(
        lambda x: Cell(x[0], "date", x[1])
    ),
    st.booleans().map(lambda value: Cell(value, "bool")),
    st.sampled_from(
        [Cell("#N/A", "error"), Cell("=A1", "formula"), Cell('=DISPIMG("ID",1)', "formula"), as_cell(None)]
    ),
)


@given(fields, cells)
def test_any_cell_in_any_column_gives_values_or_messages_in_words(field, cell):
    row = read_cell(field, cell)
    report_values(row.values)
    for message in row.messages:
        assert message.field == field and message.text and "{" not in message.code
    assert row.written.get(field, "") == written(cell)


FAITHFUL = (
    "name",
    "id_number",
    "mobile",
    "office_phone",
    "email",
    "bank_account",
    "school",
    "employer",
    "remarks",
)
"""Columns whose values are texts: what is stored is what was written, or a message shows both."""


@given(st.sampled_from(FAITHFUL), st.text(max_size=25))
def test_a_written_form_is_kept_or_shown_beside_what_is_stored(field, text):
    row = read_cell(field, text)
    stored = row.values.get(field)
    if stored is None or stored == text.strip():
        return
    plain = {"school", "employer", "remarks"}  # lose outer space and control characters only
    shown = [message.text for message in row.messages if quoted(text) in message.text]
    assert shown or field in plain


@given(fields, st.text(min_size=1, max_size=25))
def test_what_is_not_stored_is_asked_about_unless_it_says_nothing(field, text):
    row = read_cell(field, text)
    nothing = (
        key(text) == "" or not row.written or key(text).strip(".。,，;；、!！'‘’`´\"“”=/\\-—－")[:1] == ""
    )
    says_none = {"无", "暂无", "没有", "空", "无学位"}
    kept = any(name.startswith(field) or name in ("profession_years", "mobile_other") for name in row.values)
    assert kept or row.messages or nothing or key(text) in says_none


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("length", [10, 70, 140, 300, 40_000])
def test_no_value_is_longer_than_its_place_in_the_record(field, length):
    from tepei_admin.models import Trainee

    for text in ("王" * length, "1" * length, "a@" + "b" * length + ".cn", "13800000991、" * (length // 12)):
        row = read_cell(field, text)
        for name, value in row.values.items():
            limit = getattr(Trainee._meta.fields.get(name), "max_length", None)
            assert limit is None or not isinstance(value, str) or len(value) <= limit


def test_what_is_too_long_is_said_with_both_lengths():
    row = read_cell("school", "大" * 200)
    assert said(row, "error") == ["cell.too_long"] and "有 200 个字，最多 128 个字" in row.messages[0].text
    assert BY_FIELD["school"].header in row.messages[0].text


@given(st.dates(date(2019, 3, 31), date(2100, 1, 1)))
def test_a_day_after_today_is_never_stored(day):
    assert read_cell("work_start", day.isoformat()).values == {}
