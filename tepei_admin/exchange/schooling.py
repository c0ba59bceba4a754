"""学历, 学位 and 专业技术职务 from free text: the written is kept, the unclear is held, not guessed."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from tepei_admin import codes
from tepei_admin.characters import key, ordinary, spaced
from tepei_admin.exchange.cells import Cell, written
from tepei_admin.exchange.dates import from_text
from tepei_admin.exchange.lists import coded, noted
from tepei_admin.exchange.lookups import Lookups
from tepei_admin.exchange.names import tidy
from tepei_admin.exchange.near import Near
from tepei_admin.exchange.reading import PLACEHOLDERS, Reading

MASTER_ALONE, SAME_LEVEL, ON_THE_JOB, GRADUATE, CLASS = "1M", "1E", "1J", "10", "17"

# ---- education

_PLAIN = {
    "博士": "11", "博士生": "11", "博士研究生": "11", "博士后": "11", "硕士研究生": "14", "硕士生": "14",
    "研究生班": "17", "大学": "21", "本科": "21", "大本": "21", "大学本科": "21", "专升本": "21",
    "本科生": "21", "普通班": "28", "大学普通班": "28", "大专": "31", "专科": "31", "大学专科": "31",
    "高职": "31", "高职高专": "31", "中专": "41", "中等专科": "41", "职高": "44", "技校": "47", "高中": "61",
    "初中": "71", "小学": "81", "专接本": "21", "专转本": "21", "专科升本科": "21", "专科起点本科": "21", "双本科": "21",
}  # fmt: skip
_MANNER = re.compile(
    r"^(?:全日制|非全日制|国民教育|统招|普通高等教育|普通全日制|函授|自学考试|自考|成人教育|成人|成教|夜大|电大|开放大学|网络教育|网络|远程|业余|"
    r"脱产|第一|最高)+(?:的)?(?=.)"
)
_ASIDE = re.compile(
    r"\((?:全日制|非全日制|统招|国民教育|函授|自考|自学考试|成人|成人教育|成教|夜大|电大|网络|网络教育|远程|业余|毕业)\)"
)
"""How somebody studied, in brackets behind the schooling; 在职 and 党校 are not among them."""
_STUDYING = re.compile(r"在读|未毕业|攻读|就读")
_MASTER_DEGREES = re.compile(r"MBA|MPA|EMBA|硕士")
_TAIL = re.compile(r"(?:学历|毕业生|毕业|文化程度|文化|程度)+$")


@cache
def _education_names() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in codes.table("education"):
        found[row["name"]] = found[row["code"]] = row["code"]
    for item in codes.education().values():
        found.setdefault(item.name, item.code)
        found.setdefault(item.name.replace("（", "(").replace("）", ")"), item.code)
    return found | _PLAIN


@lru_cache(maxsize=2048)
def education_code(text: str, degree_level: str) -> str:
    """GB/T 4658 (or our own) code of a written schooling; empty where it is not known."""
    names = _education_names()
    if text in names and text != "研究生":
        return names[text]
    text = _ASIDE.sub("", text)
    plain = _TAIL.sub("", _MANNER.sub("", re.sub(r"[()/、,;+\-·]", "", text).removesuffix("学位")))
    if _STUDYING.search(text):
        return _while_studying(text)
    if re.search(r"同等学[力历]", text):
        return SAME_LEVEL
    if "党校" in text:
        return ON_THE_JOB if "研究生" in text else "20" if re.search("本科|大学", text) else ""
    if re.search(r"研究生班|研究生课程|课程班|进修班", text):
        return CLASS
    if "在职" in text:
        return ON_THE_JOB if re.search("研究生|硕士|博士", text) else names.get(plain.replace("在职", ""), "")
    if plain in names:
        return names[plain]
    if plain == "研究生":
        return {"master": "14", "doctor": "11"}.get(degree_level, GRADUATE)
    return _by_parts(text, plain)


def _while_studying(text: str) -> str:
    """Still studying: the level below is what is finished."""
    if "博士" in text or "硕博" in text:
        return GRADUATE
    if re.search("硕士|研究生", text):
        return "21"
    return "20" if re.search("本科|大学", text) else ""


def _by_parts(text: str, plain: str) -> str:
    """Several things in one cell: the schooling must be said, a degree alone is none."""
    if re.search("结业|肄业|硕博", text):
        return GRADUATE if "研究生" in text else ""
    if "博士" in text and re.fullmatch(r"[^大专本科]*博士(?:研究生|学位)?[^大专本科]*", plain):
        return "11"
    if "硕士研究生" in text or re.search(r"研究生.{0,3}硕士|硕士.{0,3}研究生", text):
        return "14"
    if _MASTER_DEGREES.search(text):
        return MASTER_ALONE
    if re.search("学士", text) and re.search("本科|大学", text):
        return "21"
    return ""


@cache
def _near_education() -> Near:
    return Near(name for name in _education_names() if not name.isascii())


def read_education(cell: Cell, row: Reading) -> None:
    text = coded(cell).upper()
    if not text or text in PLACEHOLDERS:
        return
    level = codes.degree_levels().get(row.values.get("degree", ""), "")
    row.store(tidy(written(cell)), "education_written")
    code = education_code(text, level)
    if not code:
        row.warning("education.unknown", near=_near_education().hint(text))
        return
    row.store(code)
    name = codes.education()[code].name
    if _STUDYING.search(text) and code in (GRADUATE, "20"):
        row.warning("education.still_studying")
    elif re.search("结业|肄业", text) and code == GRADUATE:
        row.warning("education.not_graduated")
    elif code in (MASTER_ALONE, SAME_LEVEL, ON_THE_JOB, GRADUATE, CLASS, "20", "28"):
        row.warning(f"education.{_HELD[code]}")
    elif _STUDYING.search(text):
        row.notice("education.studying", stored=name)
    else:
        noted(
            cell, row, "education.normalised", name, odd=text not in _education_names() and text != "研究生"
        )


_HELD = {
    MASTER_ALONE: "degree_only", SAME_LEVEL: "same_level", ON_THE_JOB: "on_the_job", GRADUATE: "needs_degree",
    CLASS: "graduate_class", "20": "not_finished", "28": "regular_class",
}  # fmt: skip

# ---- degree

_DEGREE = {"双学士": "4", "MBA": "346", "EMBA": "346", "MPA": "349", "研究生硕士": "3", "研究生博士": "2"}


@cache
def _degree_names() -> dict[str, str]:
    found = dict(_DEGREE)
    for code, name in codes.degrees().items():
        short = name.removesuffix("专业学位").removesuffix("学位")
        found |= {code: code, name: code, short: code, short + "学位": code}
    return found


@lru_cache(maxsize=2048)
def degree_code(text: str) -> str:
    names = _degree_names()
    plain = re.sub(r"[()/、,;·\-]", "", text)
    if found := names.get(text) or names.get(plain):
        return found
    if re.search(r"在读|攻读|未", text):
        return ""
    named = [word for word in ("博士", "硕士", "学士") if word in plain]
    return {"博士": "2", "硕士": "3", "学士": "4"}[named[0]] if len(named) == 1 and "后" not in plain else ""


@cache
def _near_degree() -> Near:
    return Near(name for name in _degree_names() if not name.isascii())


def read_degree(cell: Cell, row: Reading) -> None:
    text = coded(cell).upper()
    if not text or text in PLACEHOLDERS or text == "无学位":
        return
    row.store(tidy(written(cell)), "degree_written")
    code = degree_code(text)
    if code:
        row.store(code)
        noted(cell, row, "degree.normalised", codes.degrees()[code], odd=text not in _degree_names())
    else:
        row.warning("degree.unknown", near=_near_degree().hint(text))


# ---- title

NO_TITLE = frozenset(
    ("无", "暂无", "未评", "未评定", "没有", "无职称", "暂无职称", "未评职称", "未评聘", "无专业技术职务")
)
_SUFFIX = re.compile(r"(?:专业技术职务任职资格|专业技术职务|专业技术资格|任职资格|职务资格|职称|资格)$")
_DATED = re.compile(r"(?:\(([^()]*\d{4}[^()]*)\)|(?<=[^\d(])(\d{4}[.年/-]\d{1,2}(?:[月.日/-]\d{0,2}日?)?))$")
"""A date behind the title, in brackets or by itself."""
_DATED_AS_WRITTEN = re.compile(r"\s*(?:[（(][^（()）]*[）)]|[\d０-９][\d０-９.．年月日/-]*)\s*$")
_DATE_WORDS = re.compile(r"^(?:评定时间|取得时间|聘任时间|时间)?[:]?|(?:取得|评定|评聘|聘任|聘|评)$")


def level_of(text: str, lookups: Lookups) -> str:
    """The level of a title by the office's list: whole, without 职称, or several names of one level."""
    text = _SUFFIX.sub("", text) or text
    if found := lookups.title_level(text):
        return found
    parts = [part for part in re.split(r"[/、,;()]|兼", text) if part]
    levels = {lookups.title_level(part) for part in parts}
    return levels.pop() if len(parts) > 1 and len(levels) == 1 else ""


def read_title(cell: Cell, row: Reading) -> None:
    """The title as written and its GB/T 12407 level; a date in brackets goes to 取得时间."""
    raw = tidy(written(cell))
    shown = ordinary(raw)
    text = key(shown)
    if not text or text in PLACEHOLDERS - NO_TITLE:
        return
    if text in NO_TITLE:
        row.store("无")
        row.values["title_level"] = ""
        if text not in ("无", "暂无", "未评"):
            row.notice("title.normalised", stored="无")
        return
    if found := _DATED.search(text):
        day = from_text(_DATE_WORDS.sub("", found[1] or found[2]))
        if day:
            text = text[: found.start()]
            raw = shown = _DATED_AS_WRITTEN.sub("", shown)
            _title_date(day, row)
    level = level_of(text, row.setting.lookups)
    shown = spaced(shown) if level else shown
    row.store(shown)
    row.values["title_level"] = level
    if not level:
        row.warning("title.unknown", near=row.setting.lookups.near_title(text))
    if shown != raw:
        row.notice("title.normalised", stored=shown)


def _title_date(day: str, row: Reading) -> None:
    held = row.values.get("title_date")
    if not held:  # no such column, or / in it
        row.store(day, "title_date")
        row.notice("title.date_taken", stored=day)
    elif held != day:
        row.warning("title.date_differs", other=row.written["title_date"], day=day)
