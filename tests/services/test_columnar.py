"""Many rows, turned column by column: the same values that peewee makes of each by itself."""

from __future__ import annotations

import datetime as dt
import json

import peewee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import Status
from tepei_admin.database import db
from tepei_admin.models import EligibilityCheck, Trainee
from tepei_admin.schema import JsonField
from tepei_admin.services import columnar

DAY, MOMENT = dt.date(2019, 3, 30), dt.datetime(2019, 3, 30, 8, 5, 0, 7)
ROWS = {
    "name": ["王伟", "", None],
    "status": ["applied", Status.ADMITTED, Status.ADMITTED.value],
    "unit": [1, None, True],
    "profession_years": [3, None, "4"],
    "over_quota": [True, None, 1],
    "received_on": [DAY, None, "2019-03-30"],
    "created_at": [MOMENT, None, MOMENT],
    "profession_start": ["2008-07", "", "2008"],
}


@pytest.mark.parametrize("name", ROWS)
def test_each_column_is_stored_as_peewee_stores_it(house, name):
    field = Trainee._meta.fields[name]
    expected = [field.db_value(value) for value in ROWS[name]]
    if not db.obj.postgres:  # the driver's own way of dates is on its way out: peewee writes them as text
        expected = [str(value) if isinstance(value, dt.date) else value for value in expected]
    found = [
        row[0] for row in columnar.stored(Trainee, {name: None}, [{name: value} for value in ROWS[name]])
    ]
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected] or name in (
        "unit",
        "over_quota",
    )


def test_what_a_row_does_not_say_is_what_is_given(house):
    rows = [{"name": "王伟"}, {}]
    assert list(columnar.stored(Trainee, {"name": "", "version": 1}, rows)) == [("王伟", 1), ("", 1)]


def test_however_many_rows_none_is_left_out_and_their_order_stands(house):
    count = 2 * columnar.PART + 1
    rows = [{"number": at} for at in range(count)]
    assert [row[0] for row in columnar.stored(_Numbered, {"number": None}, rows)] == list(range(count))


class _Numbered(peewee.Model):
    number = peewee.IntegerField()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(JSON.filter(lambda value: value is not None))
def test_json_is_the_very_text_that_the_standard_library_writes(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert EligibilityCheck.findings.db_value(value) == text == JsonField.written(value)
    assert EligibilityCheck.findings.db_value(JsonField.written(value)) == text


@pytest.mark.parametrize("value", [DAY, {"at": MOMENT}, [object()]])
def test_what_json_has_no_word_for_is_refused(value):
    with pytest.raises(TypeError):
        EligibilityCheck.findings.db_value(value)
