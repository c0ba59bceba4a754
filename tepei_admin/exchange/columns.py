"""附件3, column by column: one list for template, import and export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tepei_admin import codes
from tepei_admin.exchange import dates, lists, names, numbers, schooling
from tepei_admin.exchange.cells import Cell
from tepei_admin.exchange.column_help import HELP
from tepei_admin.exchange.headers import ALIASES
from tepei_admin.exchange.reading import Reading
from tepei_admin.models import Trainee

LONGEST = 2_000
"""Characters in a cell; what is longer is no value of ours, and is not searched for one."""

Parse = Callable[[Cell, Reading], None]
Render = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Column:
    """One column. `parse` turns a cell into stored values and messages, `render` stored values into the text
    of reports and exports. `text`: template and export have text cells; `dated`: they are dates. `help`: what 填写说明 says. An empty `field`
    is not stored."""

    field: str
    header: str
    aliases: tuple[str, ...] = ()
    parse: Parse = names.read_text
    render: Render = lambda values: ""
    required: bool = False
    text: bool = False
    dated: bool = False
    width: int = 12
    help: str = ""

    def read(self, cell: Cell, row: Reading) -> None:
        """Read the cell into the row. An error value or a formula without a result is no value."""
        row.start(self.field, self.header, cell)
        if cell.kind in ("error", "formula"):
            say = row.warning if self.field == "remarks" else row.error
            say("cell.error_value" if cell.kind == "error" else _formula_code(cell))
        elif isinstance(cell.value, str) and len(cell.value) > LONGEST:
            row.error("cell.too_long", length=len(cell.value), limit=longest(self.field))
        elif isinstance(cell.value, str) and "\ufffd" in cell.value and self.field != "name":
            row.error("cell.unreadable")
        else:
            self.parse(cell, row)
            self._check_length(row)

    def _check_length(self, row: Reading) -> None:
        """What the database has no room for is an error here, and not a fault there."""
        for name in (self.field, f"{self.field}_written", f"{self.field}_other"):
            value = row.values.get(name)
            if isinstance(value, str) and len(value) > (limit := longest(name)):
                row.error("cell.too_long", length=len(value), limit=limit)
                del row.values[name]


@cache
def longest(field: str) -> int:
    """How many characters the model keeps of a column."""
    return getattr(Trainee._meta.fields.get(field), "max_length", None) or LONGEST


def _formula_code(cell: Cell) -> str:
    return "cell.picture" if "DISPIMG(" in str(cell.value).upper() else "cell.formula_without_result"


def _of(field: str) -> Render:
    return lambda values: "" if values.get(field) is None else str(values[field])


def _named(field: str, table: Callable[[], Mapping[str, str]]) -> Render:
    def render(values: Mapping[str, Any]) -> str:
        code = str(values.get(field) or "")
        return table().get(code, code) or str(values.get(f"{field}_written") or "")

    return render


def _education_names() -> dict[str, str]:
    return {code: item.name for code, item in codes.education().items()}


def _since(values: Mapping[str, Any]) -> str:
    years = values.get("profession_years")
    return str(values.get("profession_start") or (f"{years}年" if years else ""))


def _column(field: str, header: str, *, parse: Parse = names.read_text, **more: Any) -> Column:
    more.setdefault("render", _of(field))
    aliases = tuple(ALIASES.get(field, "").split())
    return Column(field, header, aliases, parse, help=HELP.get(field, ""), **more)


def _date(field: str, header: str, *, parse: Parse = dates.read_date, **more: Any) -> Column:
    """A date is text in template and export: a number 1985.10 would lose its zero."""
    return _column(field, header, parse=parse, text=True, dated=True, **more)


def _nothing(cell: Cell, row: Reading) -> None:
    """序号 is not stored."""


COLUMNS: tuple[Column, ...] = (
    _column("", "序号", parse=_nothing, width=6),
    _column("name", "姓名", parse=names.read_name, required=True),
    _column("sex", "性别", parse=lists.read_sex, render=_named("sex", lambda: codes.SEXES), width=6),
    _column("ethnicity", "民族", parse=lists.read_ethnicity, render=_named("ethnicity", codes.ethnic_groups)),
    _date("birth_date", "出生年月", parse=dates.read_birth_date),
    _column("id_number", "身份证号", parse=numbers.read_id_number, required=True, text=True, width=22),
    _column(
        "political_status",
        "政治面貌",
        parse=lists.read_political_status,
        render=_named("political_status", codes.political_status),
    ),
    _column(
        "education", "学历", parse=schooling.read_education, render=_named("education", _education_names)
    ),
    _column("degree", "学位", parse=schooling.read_degree, render=_named("degree", codes.degrees), width=8),
    _column("school", "毕业院校", width=20),
    _column("major", "所学专业", width=16),
    _date("work_start", "参加工作时间"),
    _column("profession", "从事专业", width=16),
    _date("profession_start", "从事专业时间", parse=dates.read_profession_start, render=_since),
    _column("title", "专业技术职务", parse=schooling.read_title, width=16),
    _date("title_date", "取得时间"),
    _column("employer", "工作单位", width=24),
    _column("post", "职务"),
    _column("region", "单位所在盟市", width=14),
    _column("county", "旗县", width=14),
    _column("track", "培养类别", parse=lists.read_track),
    _column("training_major", "培养专业", width=16),
    _column("host_wish", "意向培养单位", width=20),
    _column("supervisor_wish", "意向导师"),
    _column("mobile", "手机", parse=numbers.read_mobile, text=True, width=14),
    _column("office_phone", "办公电话", parse=numbers.read_office_phone, text=True, width=14),
    _column("email", "邮箱", parse=numbers.read_email, width=20),
    _column("unit_rank", "推荐顺序", parse=numbers.read_rank, width=8),
    _column("remarks", "备注", parse=names.read_remarks, width=20),
)

EXTRA_COLUMNS: tuple[Column, ...] = (
    _column("mobile_other", "其他手机", parse=numbers.read_office_phone, text=True, width=14),
    _column("bank_name", "开户银行", width=24),
    _column("bank_account", "银行账号", parse=numbers.read_bank_account, text=True, width=24),
    _column("bank_holder", "户名"),
)

ALL_COLUMNS = COLUMNS + EXTRA_COLUMNS
BY_FIELD: dict[str, Column] = {column.field: column for column in ALL_COLUMNS if column.field}
REQUIRED = tuple(column for column in ALL_COLUMNS if column.required)

# Cells that others lean on come first: the ID number decides the birth day, a degree stands beside 研究生.
READING_ORDER: tuple[str, ...] = tuple(
    sorted(BY_FIELD, key=lambda name: ("id_number", "degree", "title_date").index(name)
           if name in ("id_number", "degree", "title_date") else 9)
)  # fmt: skip

# What a report shows beside the columns' own fields, as stored.
BESIDE = (
    "title_level",
    "profession_years",
    "mobile_other",
    "birth_date_written",
    "education_written",
    "degree_written",
)


def report_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as a report shows them: 男, 蒙古族, 大学本科; a title's level as its code."""
    shown: dict[str, Any] = {}
    for column in ALL_COLUMNS:
        if column.field and column.field in values:
            value = values[column.field]
            shown[column.field] = value if isinstance(value, int) else column.render(values)
    shown.update({name: values[name] for name in BESIDE if name in values})
    return shown
