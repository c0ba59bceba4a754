"""Where the person of a row belongs: the places, the sending unit that they tell, and what is to be asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tepei_admin.characters import key
from tepei_admin.exchange.cells import Message
from tepei_admin.exchange.lookups import Lookups
from tepei_admin.exchange.places import league_of
from tepei_admin.exchange.reading import quoted
from tepei_admin.exchange.sheet_report import PersonRow

COLUMNS = {"region": "单位所在盟市", "county": "旗县"}


def places(row: PersonRow, lookups: Lookups, *, settled: bool) -> dict[str, str]:
    """The codes of the row's places by column, "" where one is not known, with what is to be said of them.

    `settled`: the sending unit is known from elsewhere, so that an unknown place is no more than not stored.
    """
    known = lookups.places
    texts = {name: str(row.values[name]) for name in COLUMNS if name in row.values}
    found: dict[str, str] = {}
    if region := texts.get("region"):
        below = known.below(region)
        found["region"] = league_of(below) or known.code(region)
        if below and "county" not in texts:
            found["county"], texts["county"] = below, region
    league = league_of(found.get("region", ""))
    if "county" in texts and "county" not in found:
        found["county"] = known.code(texts["county"], league)
    for name, code in found.items():
        if code:
            _completed(row, name, texts[name], known.name(code), code)
        else:
            _unknown(row, name, texts[name], league, lookups, settled=settled or name != "county")
    other = league_of(found.get("county", ""))
    if league and other not in ("", league):
        params = {"value": quoted(texts["county"]), "own": known.name(other), "league": known.name(league)}
        row.add(Message("warning", "county", "place.elsewhere", params))
    return found


def unit_of(row: PersonRow, found: Mapping[str, str], lookups: Lookups) -> str:
    """A banner or city that reports for itself, else the league (domain: "Files that go in and out")."""
    county = found.get("county", "")
    return county if county in lookups.reporting else lookups.unit(str(row.values.get("region", "")))


def compare(
    row: PersonRow, code: str, said: Iterable[str], lookups: Lookups, names: Mapping[str, str]
) -> None:
    """A warning where the row, or the table above it, names another unit than the row is stored under.

    None for a unit of the region itself, which lies in some league too; and a league's table may hold a place that
    reports for itself. `names`: of the units, by code.
    """
    own = ("", code, league_of(code) if code in lookups.reporting else "")
    other = next((one for one in said if one not in own), "")
    if other and code in lookups.places.names:
        params = {"said": names.get(other) or lookups.places.name(other), "unit": names[code]}
        row.add(Message("warning", "region" if "region" in row.written else None, "unit.differs", params))


def _completed(row: PersonRow, name: str, text: str, stored: str, code: str) -> None:
    if key(text) not in (key(stored), code):
        params = {"column": COLUMNS[name], "value": quoted(text), "stored": stored}
        row.add(Message("notice", name, "place.completed", params))


def _unknown(row: PersonRow, name: str, text: str, league: str, lookups: Lookups, *, settled: bool) -> None:
    params = {"column": COLUMNS[name], "value": quoted(text), "near": lookups.places.hint(text, league)}
    if league and not settled and lookups.doubtful(text, league):
        params["league"] = lookups.places.name(league)
        row.add(Message("error", name, "place.unit_unclear", params))
    else:
        row.add(Message("warning", name, "place.unknown", params))
