"""The lists that the office edits, as one argument of a reading: titles, places, sending units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tepei_admin import codes
from tepei_admin.characters import key
from tepei_admin.exchange.near import Near, asked
from tepei_admin.exchange.places import Places, league_of, place_key


@dataclass(frozen=True)
class Lookups:
    """`titles` by `key(title)`, `units` by code, or by `key` or `place_key` of a name.

    `reporting`: the codes of the places below a league that report for themselves.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    places: Places = field(default_factory=lambda: Places({}))
    units: Mapping[str, str] = field(default_factory=dict)
    reporting: frozenset[str] = frozenset()

    def title_level(self, title: str) -> str:
        return self.titles.get(key(title), "")

    def unit(self, text: str) -> str:
        """The sending unit meant by a code, a unit's name, or a place's name with or without its office.

        A place below a league stands for the league, unless it reports for itself.
        """
        named = self.units.get(key(text)) or self.units.get(place_key(text))
        if named:
            return named
        below = self.places.below(text)
        return self.units.get(below if below in self.reporting else league_of(below), "")

    def doubtful(self, text: str, league: str) -> bool:
        """May this unknown place be one that reports for itself? Then the league's name does not tell the unit."""
        meant = self.places.beginning(text, league)
        if not self.reporting.isdisjoint(meant or self.places.near(text)):
            return True
        own = {league_of(code) for code in self.reporting}
        return league in own and not meant and self.places.tells(text)

    def near_title(self, text: str) -> str:
        """The question after titles of the list that are nearly this one, or stand in it beside something else."""
        inside = [part for part in re.split(r"[/、,;()]|兼", text) if part != text and self.title_level(part)]
        return self._titles.hint(text) or (asked(*inside) if len(inside) == 1 else "")

    def near_unit(self, text: str) -> str:
        return self._units.hint(text) or self.places.hint(text)

    @cached_property
    def _titles(self) -> Near:
        return Near(self.titles)

    @cached_property
    def _units(self) -> Near:
        return Near(name for name in self.units if not name.isascii())

    @classmethod
    def from_files(cls) -> Lookups:
        """From the lists in `data/`; a reporting place's region code stands for its unit."""
        rows = codes.table("regions_nm")
        units: dict[str, str] = {}
        for row in rows:
            if row["level"] == "league_city" or row["reports_separately"] == "1":
                units |= dict.fromkeys((row["code"], key(row["name"]), place_key(row["name"])), row["code"])
        return cls(
            titles={key(row["title"]): row["level_code"] for row in codes.table("title_names")},
            places=Places({row["code"]: row["name"] for row in rows}),
            units=units,
            reporting=frozenset(row["code"] for row in rows if row["reports_separately"] == "1"),
        )
