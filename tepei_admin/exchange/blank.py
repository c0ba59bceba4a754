"""The blank summary table of a track: the import's own headers, drop-downs, text where numbers are names, 填写说明."""

from __future__ import annotations

import io
from typing import Any

from tepei_admin import codes
from tepei_admin.exchange.columns import COLUMNS, Column
from tepei_admin.models import Region, Track
from tepei_admin.permissions import Actor, P

SPARE = 500
"""Rows below the example that are ready to be filled in."""
HEADER = 2
"""The header's row, from 0; the example follows it."""
LISTS = "选项"
EXAMPLE: dict[str, str] = {
    "": "示例",
    "name": "乌兰其其格",
    "sex": "女",
    "ethnicity": "蒙古族",
    "birth_date": "1985-03",
    "id_number": "15010219850315992X",
    "political_status": "中共党员",
    "education": "硕士研究生",
    "degree": "硕士",
    "school": "内蒙古师范大学",
    "major": "教育学",
    "work_start": "2008-07",
    "profession": "教育",
    "profession_start": "2008-07",
    "title": "副教授",
    "title_date": "2015-12",
    "employer": "内蒙古某某学院",
    "region": "呼和浩特市",
    "county": "新城区",
    "training_major": "课程与教学论",
    "mobile": "13800000000",
    "office_phone": "0471-6290991",
    "email": "ulan@example.com",
    "unit_rank": "1",
}
_DEGREES = ("2", "3", "4")
INNER_MONGOLIA = "15"
"""How its codes in GB/T 2260 begin; a league's or city's ends in 00."""
OTHERS = "97"
"""其他, the last that a summary table may say."""
_STRICT = frozenset(("sex", "ethnicity", "track"))
"""Here only the list counts; elsewhere it is an offer."""


def file_name(track: Track) -> str:
    return f"{track.programme.year}年度学员汇总表（{track.label}）.xlsx"


def build(actor: Actor, track: Track) -> bytes:
    """The workbook."""
    actor.require(P.ENTER)
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        look = {
            "title": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
            "head": book.add_format({"num_format": "@", "bold": True, "border": 1, "text_wrap": True, "align": "center",
                                     "valign": "vcenter", "bg_color": "#E8F1F9"}),
            "must": book.add_format({"num_format": "@", "bold": True, "border": 1, "text_wrap": True, "align": "center",
                                     "valign": "vcenter", "bg_color": "#E8F1F9", "font_color": "#B3261E"}),
            "text": book.add_format({"num_format": "@"}),
            "example": book.add_format({"num_format": "@", "italic": True, "font_color": "#7F7F7F"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
            "bold": book.add_format({"bold": True, "valign": "top"}),
        }  # fmt: skip
        sheet, told, lists = (book.add_worksheet(name) for name in ("汇总表", "填写说明", LISTS))
        _table(sheet, look, track)
        _told(told, look, track)
        _offer(sheet, lists, options(track))
        lists.hide()
    return out.getvalue()


def options(track: Track) -> dict[str, list[str]]:
    """What the drop-downs offer, by field: every one is read by the import without a word."""
    ours = Region.select(Region.code, Region.name).where(Region.code.startswith(INNER_MONGOLIA))
    places = list(ours.order_by(Region.code).tuples())
    return {
        "sex": list(codes.SEXES.values()),
        "ethnicity": [name for code, name in codes.ethnic_groups().items() if code <= OTHERS],
        "political_status": list(codes.political_status().values()),
        "education": ["博士研究生", "硕士研究生", "大学本科", "大学专科", "中等专科"],
        "degree": [codes.degrees()[code] for code in _DEGREES],
        "region": [name for code, name in places if code.endswith("00") and not code.endswith("0000")],
        "county": [name for code, name in places if not code.endswith("00")],
        "track": [track.label],
    }


def _table(sheet: Any, look: dict[str, Any], track: Track) -> None:
    sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, file_name(track).removesuffix(".xlsx"), look["title"])
    sheet.write_string(1, 0, "单位（盖章）：")
    sheet.write_string(1, 12, "填报日期：")
    sheet.set_row(HEADER, 32)
    sheet.freeze_panes(HEADER + 1, 2)
    values = {**EXAMPLE, "track": track.label}
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width, look["text"] if column.text else None)
        sheet.write_string(HEADER, place, column.header, look["must" if column.required else "head"])
        if column.help:
            sheet.write_comment(HEADER, place, column.help)
        if value := values.get(column.field):
            sheet.write_string(HEADER + 1, place, value, look["example"])
        if column.text:
            for row in range(HEADER + 2, HEADER + 2 + SPARE):
                sheet.write_blank(row, place, None, look["text"])


def _told(sheet: Any, look: dict[str, Any], track: Track) -> None:
    """填写说明, from the columns' own words."""
    sheet.set_column(0, 0, 16, look["bold"])
    sheet.set_column(1, 1, 90, look["wrap"])
    lines = [
        (
            "填写说明",
            f"{track.programme.year} 年度 {track.label}；一个类别一份表，表头不要改动，不要合并单元格",
        ),
        ("示例行", "第 4 行是示例，可以删去；不删也不会导入"),
        *((column.header, column.help + ("（必填）" if column.required else "")) for column in COLUMNS),
        ("报送", "填好后打印签字盖章（四（二）），并报送本文件（.xlsx）"),
    ]
    for row, (head, text) in enumerate(lines):
        sheet.write_string(row, 0, head, look["bold"])
        sheet.write_string(row, 1, text, look["wrap"])


def _offer(sheet: Any, lists: Any, offered: dict[str, list[str]]) -> None:
    """Drop-downs that point to the list sheet: an inline list ends at 255 characters."""
    for at, (name, values) in enumerate(offered.items()):
        for row, value in enumerate(values):
            lists.write_string(row, at, value)
        place, column = _place(name)
        letter = chr(ord("A") + at)
        strict = name in _STRICT
        sheet.data_validation(HEADER + 1, place, HEADER + 1 + SPARE, place, {
            "validate": "list", "source": f"={LISTS}!${letter}$1:${letter}${len(values)}",
            "error_type": "stop" if strict else "warning", "error_title": column.header,
            "error_message": "请从列表中选择" if strict else "不在列表中，确定这样填写吗？",
        })  # fmt: skip


def _place(name: str) -> tuple[int, Column]:
    return next((place, column) for place, column in enumerate(COLUMNS) if column.field == name)
