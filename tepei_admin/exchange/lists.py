"""Cells whose values come from a list: sex, ethnicity, political status, track."""

from __future__ import annotations

import re
from functools import cache

from tepei_admin import codes
from tepei_admin.characters import key, ordinary, squeeze
from tepei_admin.exchange.cells import Cell, bare, number_text, written
from tepei_admin.exchange.near import Near
from tepei_admin.exchange.reading import PLACEHOLDERS, Reading

_BETWEEN = re.compile(r"[/、,;\\|&+]|和|或|及|与")
_BRACKET = re.compile(r"\(([^()]*)\)")
_STOPS = ".。,，;；、!！"


def coded(cell: Cell) -> str:
    """The cell as it is compared with a list."""
    if cell.kind == "number" and isinstance(cell.value, int | float):
        return number_text(cell.value)
    return key(bare(written(cell))).rstrip(_STOPS)


def noted(cell: Cell, row: Reading, code: str, stored: str, *, odd: bool = False) -> None:
    """A notice where something had to be put right: radicals, invisible characters, a full stop.

    `odd`: where the list itself says that the spelling deserves one.
    """
    raw = written(cell).strip()
    if odd or (cell.kind == "text" and (squeeze(ordinary(raw)) != raw or coded(cell) != key(raw))):
        row.notice(code, stored=stored)


# ---- sex

_SEX = {"男": "1", "男性": "1", "1": "1", "女": "2", "女性": "2", "2": "2"}


def read_sex(cell: Cell, row: Reading) -> None:
    text = coded(cell)
    number = row.values.get("id_number", "")
    if not text or text in PLACEHOLDERS:
        return
    code = _SEX.get(text)
    if code is None:
        row.error("sex.unknown")
        return
    row.store(code)
    noted(cell, row, "sex.normalised", codes.SEXES[code], odd=text != codes.SEXES[code])
    if number and code != ("1" if int(number[16]) % 2 else "2"):
        row.warning("sex.differs_from_id", number=codes.SEXES["1" if int(number[16]) % 2 else "2"])


# ---- ethnicity


@cache
def _ethnic() -> dict[str, str]:
    """As written -> code."""
    found: dict[str, str] = {}
    for row in codes.table("ethnic_aliases"):
        for written_form in (row["written"], row["written"].removesuffix("族") + "族"):
            found.setdefault(written_form, row["code"])
    for row in codes.table("ethnic_groups"):
        for form in (row["name"], row["code"], row["code"].lstrip("0"), row["letters"]):
            if form:
                found[form] = row["code"]
    return found | {"其它": "97", "其它民族": "97", "其他民族": "97"}


@cache
def _near_ethnic() -> Near:
    return Near(codes.ethnic_groups().values())


def read_ethnicity(cell: Cell, row: Reading) -> None:
    """The GB/T 3304 code. Two groups, none known or none at all need a person."""
    text = coded(cell).upper()
    if not text or text in PLACEHOLDERS:
        row.error("ethnicity.missing")
        return
    known = _ethnic()
    code = known.get(text) or _composed(text, known)
    if code == "two":
        row.error("ethnicity.two")
    elif not code:
        row.error("ethnicity.unknown", near=_near_ethnic().hint(text))
    else:
        row.store(code)
        name = codes.ethnic_groups()[code]
        noted(cell, row, "ethnicity.normalised", name, odd=text != name)


def _composed(text: str, known: dict[str, str]) -> str:
    """A group with something beside it: 02-蒙古族, 满族（正黄旗）. "two" where two are named."""
    outside = re.sub(r"^(\d\d)(?=[^\d-])", r"\1-", _BRACKET.sub("", text))
    parts = [part for part in re.split(r"[-—]", outside) if part]
    named = [part for piece in parts for part in _BETWEEN.split(piece) if part]
    named += [part for part in _BRACKET.findall(text) if part in known or part + "族" in known]
    found = [known[part] for part in named if part in known]
    if found and any(name in text and code not in found for code, name in codes.ethnic_groups().items()):
        return "two"
    if len(set(found)) > 1:
        return "two"
    if len(found) != len(named) or not found:
        return "two" if found and len(named) > 1 else ""
    return found[0]


# ---- political status

_PARTY_NAMES = {
    "01": "党员 中共党员 共产党员 中国共产党党员 中共正式党员",
    "02": "预备党员 中共预备党员 共产党预备党员",
    "03": "团员 共青团员",
    "04": "民革 民革会员",
    "05": "民盟 民盟会员",
    "06": "民建",
    "07": "民进",
    "08": "农工党 农工民主党 农工党员",
    "09": "致公党",
    "10": "九三 九三学社 九三学社成员",
    "11": "台盟",
    "12": "无党派 无党派人士 无党派民主人士",
    "13": "群众 普通群众 一般群众",
}


@cache
def _political() -> dict[str, str]:
    found = {name: code for code, names in _PARTY_NAMES.items() for name in names.split()}
    for row in codes.table("political_status"):
        found |= dict.fromkeys(
            (row["code"], row["code"].lstrip("0"), row["name"], row["short_name"]), row["code"]
        )
    return found


_JOINED = re.compile(r"\([^()]*\d{4}[^()]*\)$")
"""中共党员(2005.6): when somebody joined."""


@cache
def _near_political() -> Near:
    return Near(name for name in _political() if not name.isascii())


def read_political_status(cell: Cell, row: Reading) -> None:
    text = coded(cell)
    if not text or text in PLACEHOLDERS:
        return
    plain = _JOINED.sub("", text)
    code = _political().get(plain) or _political().get(plain.removeprefix("中国"))
    if code is None:
        row.warning("political_status.unknown", near=_near_political().hint(text))
        return
    row.store(code)
    name = codes.political_status()[code]
    noted(cell, row, "political_status.normalised", name, odd=not _says(plain, code))


def _says(text: str, code: str) -> bool:
    """Is this the code, or its own name?"""
    names = {row["code"]: (row["name"], row["short_name"]) for row in codes.table("political_status")}
    return text in (code, code.lstrip("0"), *names[code])


# ---- track


def read_track(cell: Cell, row: Reading) -> None:
    """A row must say the file's own track, or nothing."""
    text = coded(cell)
    setting = row.setting
    if not text or text in PLACEHOLDERS:
        return
    named = {
        code
        for code, label in setting.track_labels.items()
        if text.lower() == code.lower() or key(label) in text or text.removeprefix("自治") in (key(label),)
    }
    if len(named) != 1:
        row.error("track.unknown", labels="、".join(setting.track_labels.values()))
    elif named != {setting.track_code}:
        own = setting.track_labels.get(setting.track_code, setting.track_code)
        row.error("track.other", own=own)
    else:
        row.store(setting.track_code)
