"""The lists that the office edits, as one argument of a reading: titles, places, sending units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tepei_admin import codes
from tepei_admin.characters import key
from tepei_admin.exchange.near import Near, asked

_OFFICE = re.compile(
    r"(?:人力资源(?:和|与|及)?社会保障[局厅]|人力资源社保局|人社[局厅]|人事局|人才(?:交流)?服务(?:中心|局)|"
    r"(?:[市盟旗县区]?委)?组织部|人民政府|政府|行政公署|行署|留学人员和专家服务中心)(?:[(（].*[)）])?$"
)
_REGION = re.compile(r"^内蒙古(?:自治区)?(?=.)")
_KIND = re.compile(r"(?<=..)[市盟]$")


def place_key(text: str) -> str:
    """A place or its office, as the place: 呼伦贝尔市人力资源和社会保障局 -> 呼伦贝尔."""
    plain = _OFFICE.sub("", _REGION.sub("", key(text)))
    return _KIND.sub("", plain)


@dataclass(frozen=True)
class Lookups:
    """`titles` by `key(title)`, `regions` and `units` by `key` or `place_key` of a name, or by code.

    `reporting`: the codes of the places below a league that report for themselves.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    reporting: frozenset[str] = frozenset()

    def title_level(self, title: str) -> str:
        return self.titles.get(key(title), "")

    def region(self, text: str) -> str:
        """The GB/T 2260 code of a place by code or name; empty where it is not known, or not the only one."""
        return self.regions.get(key(text)) or self.regions.get(place_key(text), "")

    def unit(self, text: str) -> str:
        """The sending unit meant by a code, a unit's name, or a place's name with or without its office."""
        return self.units.get(key(text)) or self.units.get(place_key(text), "")

    def near_title(self, text: str) -> str:
        """The question after titles of the list that are nearly this one, or stand in it beside something else."""
        inside = [part for part in re.split(r"[/、,;()]|兼", text) if part != text and self.title_level(part)]
        return self._titles.hint(text) or (asked(*inside) if len(inside) == 1 else "")

    def near_region(self, text: str) -> str:
        return self._regions.hint(text)

    def near_unit(self, text: str) -> str:
        return self._units.hint(text)

    @cached_property
    def _titles(self) -> Near:
        return Near(self.titles)

    @cached_property
    def _regions(self) -> Near:
        return Near(name for name in self.regions if not name.isascii())

    @cached_property
    def _units(self) -> Near:
        return Near(name for name in self.units if not name.isascii())

    @classmethod
    def from_files(cls) -> Lookups:
        """From the lists in `data/`; a reporting place's region code stands for its unit."""
        regions: dict[str, str] = {}
        rows = codes.table("regions_nm")
        for row in rows:
            regions[row["code"]] = regions[key(row["name"])] = row["code"]
        short = [(place_key(row["name"]), row["code"]) for row in rows]
        seen = [name for name, _ in short]
        regions.update({name: code for name, code in short if seen.count(name) == 1 and name not in regions})
        units: dict[str, str] = {}
        for row in rows:
            if row["level"] == "league_city" or row["reports_separately"] == "1":
                units |= dict.fromkeys((row["code"], key(row["name"]), place_key(row["name"])), row["code"])
        return cls(
            titles={key(row["title"]): row["level_code"] for row in codes.table("title_names")},
            regions=regions,
            units=units,
            reporting=frozenset(row["code"] for row in rows if row["reports_separately"] == "1"),
        )
