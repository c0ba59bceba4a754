"""The lists that the office may edit, as they start: places, poverty counties, titles, reporting units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

from stdnum import numdb

from tepei_admin.choices import UnitLevel
from tepei_admin.codes import table

Row = dict[str, Any]

LEVELS = {"region": "自治区", "league_city": "盟市", "banner_county": "旗县"}
PROVINCE = "省级"
SIMPLE = {"香港特別行政區": "香港特别行政区", "澳門特別行政區": "澳门特别行政区"}
OWN = "15"
GROUP = "QZ"
"""The group row for units that belong to the region itself."""


def regions() -> list[Row]:
    """Inner Mongolia as it was in 2019, and every other province for the hosts' sake."""
    own = [
        {
            "code": row["code"],
            "name": row["name"],
            "level": LEVELS[row["level"]],
            "parent_code": row["parent_code"],
            "reports_separately": row["reports_separately"] == "1",
        }
        for row in table("regions_nm")
    ]
    others = [
        {
            "code": f"{code}0000",
            "name": name,
            "level": PROVINCE,
            "parent_code": "",
            "reports_separately": False,
        }
        for code, name in provinces().items()
        if code != OWN
    ]
    return own + others


@cache
def provinces() -> dict[str, str]:
    """GB/T 2260's two digits -> name, from python-stdnum's table."""
    found = {}
    known = numdb.get("cn/loc")
    for number in range(11, 83):
        for prefix, properties in known.info(f"{number}0000"):
            if prefix == str(number) and "province" in properties:
                found[prefix] = SIMPLE.get(properties["province"], properties["province"])
    return found


def poverty_counties() -> list[Row]:
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "prefecture": row["prefecture"],
            "delisted_on": dt.date.fromisoformat(row["delisted_on"]) if row["delisted_on"] else None,
            "note": "；".join(filter(None, (row["contiguous_area"], _delisting(row)))),
        }
        for row in table("poverty_counties_nm")
    ]


def _delisting(row: Mapping[str, str]) -> str:
    return "" if row["delisted_on"] else "2020年3月以前已退出，退出日期未核实，按在名单计"


def title_names() -> list[Row]:
    return [
        {"name": row["title"], "level": row["level_code"], "series": row["series"]}
        for row in table("title_names")
    ]


def _places() -> list[Mapping[str, str]]:
    return [
        row
        for row in table("regions_nm")
        if row["level"] == "league_city" or row["reports_separately"] == "1"
    ]


PLACES = tuple(row["code"] for row in _places())
"""The fourteen reporting places: twelve leagues and cities, 满洲里, 二连浩特."""
REPORTING = (*PLACES, GROUP)


def reporting_units(regions: Mapping[str, int]) -> list[Row]:
    """A sending unit for each reporting place, and one for the units that belong to the region itself."""
    shared = {"sending": True, "host": False}
    units = [
        {
            **shared,
            "code": row["code"],
            "name": row["name"],
            "level": UnitLevel.LEAGUE.value,
            "region": regions[row["code"]],
        }
        for row in _places()
    ]
    group = {
        "code": GROUP,
        "name": "自治区直属单位",
        "level": UnitLevel.REGION.value,
        "region": regions[f"{OWN}0000"],
    }
    return [*units, {**shared, **group}]
