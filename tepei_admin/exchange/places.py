"""Places as tables write them: by code, in full, with the league in front, without 区, 旗, 县 or 市 behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from tepei_admin.characters import key
from tepei_admin.exchange.near import MOST, Near, asked

_OFFICE = re.compile(
    r"(?:人力资源(?:和|与|及)?社会保障[局厅]|人力资源社保局|人社[局厅]|人事局|人才(?:交流)?服务(?:中心|局)|"
    r"(?:[市盟旗县区]?委)?组织部|人民政府|政府|行政公署|行署|留学人员和专家服务中心)(?:[(（].*[)）])?$"
)
_REGION = re.compile(r"^内蒙古(?:自治区)?(?=.)")
_KIND = re.compile(r"(?<=..)[市盟]$")
_ANY_KIND = re.compile(r"(?<=..)(?:(?:族?自治|联合)?[旗县]|矿?区|市|盟)$")
_ITSELF = re.compile(r"[市盟]?(?:直|直属|本级|辖区)(?:单位|机关)?")
_BETWEEN = "·-—/、,"


def place_key(text: str) -> str:
    """A place or its office, as the place: 呼伦贝尔市人力资源和社会保障局 -> 呼伦贝尔."""
    return _KIND.sub("", _bare(text))


def league_of(code: str) -> str:
    """The code of the league or city that a place is or lies in (GB/T 2260: the first four digits); the region has none."""
    return "" if code[2:4] in ("", "00") else f"{code[:4]}00"


class Places:
    """`names`: the region's places, name by GB/T 2260 code."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self._exact = {key(name): code for code, name in names.items()} | {code: code for code in names}
        short: dict[str, list[str]] = {}
        for code, name in names.items():
            short.setdefault(place_key(name), []).append(code)
        for name, found in short.items():
            if len(found) == 1:
                self._exact.setdefault(name, found[0])

    def code(self, text: str, league: str = "") -> str:
        """The place that is meant; empty where it is not known, or not the only one.

        `league`: where the row says that it lies. A place's whole name is believed anywhere, a short one only there.
        """
        return self._named(text) or self.below(text) or self._short(_bare(text), league)

    def below(self, text: str) -> str:
        """The place of a text that begins with its own league: 赤峰市松山区, 锡林郭勒盟二连浩特."""
        league, rest = self._parted(text)
        found = (self._named(rest) or self._short(rest, league)) if rest else ""
        return found if league_of(found) == league != found else ""

    def beginning(self, text: str, league: str = "") -> list[str]:
        """The places below the leagues whose names begin so, all or those of one league."""
        own, rest = self._parted(text)
        return self._beginning(rest, own) if rest else self._beginning(_bare(text), league)

    def near(self, text: str) -> list[str]:
        """The places that are one character away."""
        return [self._exact[name] for name in self._near.to(self._last(text))]

    def name(self, code: str) -> str:
        return self.names.get(code, code)

    def hint(self, text: str, league: str = "") -> str:
        """The question after the places that are nearly this one, or that it may be the short form of."""
        meant = [self.names[code] for code in self.beginning(text, league)]
        return asked(*meant) if 0 < len(meant) <= MOST else self._near.hint(self._last(text))

    def tells(self, text: str) -> bool:
        """Does it name a place below the league at all? 市直, 本级 are the league itself."""
        rest = self._last(text)
        return (
            any(char.isalnum() for char in rest)
            and not _ITSELF.fullmatch(rest)
            and rest not in ("无", "暂无")
        )

    def _named(self, text: str) -> str:
        return self._exact.get(key(text)) or self._exact.get(place_key(text), "")

    def _short(self, text: str, league: str) -> str:
        found = self._beginning(text, league)
        if len(found) != 1:
            return ""
        name = key(self.names[found[0]])
        stem = _stem(name)
        return found[0] if text in (stem, stem + name[-1]) else ""

    def _beginning(self, text: str, league: str) -> list[str]:
        stem = _stem(text)
        if len(stem) < 2:
            return []
        return [
            code
            for code, name in self._below_leagues.items()
            if name.startswith(stem) and league in ("", league_of(code))
        ]

    def _parted(self, text: str) -> tuple[str, str]:
        """(the league's code, what stands after its name); empty where there is not both."""
        bare = _bare(text)
        for name, code in self._leagues:
            if bare.startswith(name) and (rest := bare[len(name) :].lstrip(_BETWEEN)):
                return code, rest
        return "", ""

    def _last(self, text: str) -> str:
        """The place itself, without the league in front."""
        return self._parted(text)[1] or _bare(text)

    @cached_property
    def _leagues(self) -> list[tuple[str, str]]:
        """Names of the leagues with and without 市 and 盟, the longest first."""
        found = {
            form: code
            for code, name in self.names.items()
            if code == league_of(code)
            for form in (key(name), place_key(name))
        }
        return sorted(found.items(), key=lambda item: -len(item[0]))

    @cached_property
    def _below_leagues(self) -> dict[str, str]:
        return {code: key(name) for code, name in self.names.items() if league_of(code) not in ("", code)}

    @cached_property
    def _near(self) -> Near:
        return Near(name for name in self._exact if not name.isascii())


def _stem(name: str) -> str:
    """翁牛特旗 -> 翁牛特, 鄂伦春自治旗 -> 鄂伦春."""
    return _ANY_KIND.sub("", name)


def _bare(text: str) -> str:
    """Without the region in front and the office behind."""
    return _OFFICE.sub("", _REGION.sub("", key(text)))
