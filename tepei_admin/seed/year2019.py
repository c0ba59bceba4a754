"""The programme of 2019, as its notice has it; clauses beside the figures. Another year is copied from it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tepei_admin.choices import Arranger, HostRegion, Schooling, UnitLevelRule

YEAR = 2019

PROGRAMME: dict[str, Any] = {
    "year": YEAR,
    "name": "2019年度“内蒙古少数民族专业技术人才特培计划”",
    "materials_deadline": dt.date(2019, 3, 30),  # 五
    "notice_by": dt.date(2019, 7, 5),  # 四（三）: early July
}

TRACKS: tuple[dict[str, Any], ...] = (
    {
        "code": "outside",
        "label": "区外",
        "letter": "W",
        "clause": "二（一）",
        "places": 40,  # 一（二）
        "age_limit": 45,  # 二（一）2
        "tuition": 33_000_00,  # fen, 九（一）
        "stipend": 600_00,
        "host_region": HostRegion.OUT.value,  # 三（一）
        "unit_level": UnitLevelRule.ANY.value,
        "arranged_by": Arranger.MINISTRY.value,  # 九（二）
        "position": 1,
    },
    {
        "code": "inside",
        "label": "区内",
        "letter": "N",
        "clause": "二（二）",
        "places": 40,
        "age_limit": 35,  # 二（二）2
        "tuition": 16_000_00,
        "stipend": 400_00,
        "host_region": HostRegion.IN.value,  # 三（二）
        "unit_level": UnitLevelRule.LEAGUE.value,
        "arranged_by": Arranger.DEPARTMENT.value,
        "position": 2,
    },
)


def _route(
    label: str, schooling: str, years: int | None, title: str, clause: str, position: int
) -> dict[str, Any]:
    return {
        "label": label,
        "schooling": schooling,
        "min_years": years,
        "title_level": title,
        "clause": clause,
        "position": position,
    }


ROUTES: dict[str, tuple[dict[str, Any], ...]] = {
    "outside": (
        _route("硕士研究生及以上学历，从事本专业8年以上", Schooling.MASTER.value, 8, "", "二（一）3", 1),
        _route("副高级及以上职称", "", None, "412", "二（一）3", 2),
    ),
    "inside": (
        _route("大学本科及以上学历，从事本专业5年以上", Schooling.BACHELOR.value, 5, "", "二（二）3", 1),
        _route("中级及以上职称", "", None, "420", "二（二）3", 2),
    ),
}
