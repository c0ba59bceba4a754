"""Ways in which people write one and the same value: hypothesis strategies from a value to its spellings."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from tepei_admin.characters import DOTS
from tepei_admin.exchange.cells import Cell
from tests.exchange.making import id_number

SPACES = (
    "",
    " ",
    "  ",
    "\u3000",
    "\u00a0",
    "\u2002",
    "\u2009",
    "\u202f",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\t",
    "\n",
    "\r\n",
)
"""Spaces and invisible characters that come with a cell."""
XS = "xXｘＸ×✕хХχΧⅹⅩ"

space = st.sampled_from(SPACES)
wide = st.booleans()
days = st.dates(date(1930, 1, 1), date(2019, 3, 1))


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@st.composite
def around(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """With spaces before and behind, in full width or not."""
    text = draw(texts)
    return draw(space) + (full_width(text) if draw(wide) else text) + draw(space)


@st.composite
def spread(draw: st.DrawFn, text: str) -> str:
    """With a space of some kind somewhere inside."""
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(space) + text[at:]


# ---- dates

HAN = "〇一二三四五六七八九"


def han_count(number: int) -> str:
    """1-39 as one writes months and days: 十, 十二, 二十, 三十一."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else HAN[tens] + "十") + (HAN[ones] if ones else "")


def of_month(day: date) -> list[str]:
    """Texts that say a month and no day."""
    y, m = day.year, day.month
    marks = [f"{y}{mark}{month}" for mark in ".-/．－—–·・" for month in {f"{m}", f"{m:02}"}]
    han = "".join(HAN[int(digit)] for digit in str(y))
    return [*marks, f"{y}{m:02}", f"{y}年{m}月", f"{y}年{m:02}月", f"{y} 年 {m} 月", f"{han}年{han_count(m)}月",
            f"{y}年{han_count(m)}月", f"{y}年{m}月至今", f"自{y}年{m}月起", f"{y}{m:02}.0"]  # fmt: skip


def of_day(day: date) -> list[str]:
    """Texts that say a day."""
    y, m, d = day.year, day.month, day.day
    marks = [f"{y}{mark}{m:{pad}}{mark}{d:{pad}}" for mark in ".-/．－—·" for pad in ("", "02")]
    han = "".join(HAN[int(digit)] for digit in str(y))
    return [*marks, f"{y}{m:02}{d:02}", f"{y}年{m}月{d}日", f"{y}年{m:02}月{d:02}号", f"{y}年{m}月{d}日生",
            f"{y}-{m}-{d} 00:00:00", f"{y}/{m}/{d} 0:00", f"{y}-{m:02}-{d:02}T00:00:00", f"{y}/{m}/{d} 12:00:00 AM",
            f"{han}年{han_count(m)}月{han_count(d)}日", f"{y}{m:02}{d:02}.0", f"{y}.{m}.{d}."]  # fmt: skip


def serial(day: date, epoch_1904: bool) -> int:
    """The number that Excel keeps for a day."""
    return (day - (date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30))).days


def day_cells(day: date) -> list[Cell]:
    """Cells that are that day, beside texts."""
    moment = datetime(day.year, day.month, day.day)
    formats = ("yyyy-mm-dd", "yyyy/m/d", 'yyyy"年"m"月"d"日"', "m/d/yy", "[$-804]yyyy-mm-dd", "d-mmm-yy")
    return [Cell(moment, "date", shown) for shown in formats] + [
        Cell(moment + timedelta(hours=8), "date", "yyyy-mm-dd hh:mm"),
        Cell(float(day.strftime("%Y%m%d")), "number", "General"),
    ]


# ---- ID numbers, names, telephones


@st.composite
def identities(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["150102", "150404", "152701", "150781", "110101", "659001"]))
    return id_number(draw(st.integers(1, 999)), draw(days).strftime("%Y%m%d"), region)


@st.composite
def id_spellings(draw: st.DrawFn, number: str) -> str:
    text = number[:-1] + draw(st.sampled_from(XS)) if number.endswith("X") else number
    gap = draw(st.sampled_from([*SPACES, "-", "－"]))
    text = gap.join((text[:6], text[6:14], text[14:17], text[17:])) if draw(wide) else draw(spread(text))
    text = full_width(text) if draw(wide) else text
    return draw(
        st.sampled_from(["{}", "'{}", "\t{}", "‘{}", '="{}"', "“{}”", " {} ", "{}\n", "{}.", "{}。"])
    ).format(text)


han = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5, blacklist_characters="某"),
    min_size=1,
    max_size=4,
)
dot = st.sampled_from(list(DOTS))


@st.composite
def names(draw: st.DrawFn) -> tuple[str, ...]:
    """The parts of a Han name, to be joined by dots."""
    parts = draw(st.lists(han, min_size=1, max_size=3))
    return tuple(parts) if len(parts) > 1 or len(parts[0]) > 1 else ("王", "伟")


@st.composite
def name_spellings(draw: st.DrawFn, parts: tuple[str, ...]) -> str:
    text = draw(space)
    for at, part in enumerate(parts):
        text += (draw(space) + draw(dot) + draw(space) if at else "") + draw(spread(part))
    return text + draw(space)


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@st.composite
def mobile_spellings(draw: st.DrawFn, number: str) -> str | float:
    if draw(st.booleans()) and draw(st.booleans()):
        return float(number)
    form = draw(
        st.sampled_from(
            [
                "{}",
                "'{}",
                "\t{}",
                '="{}"',
                "+86{}",
                "+86 {}",
                "86{}",
                "0086-{}",
                "{}.0",
                "{}（微信同号）",
                "本人{}",
            ]
        )
    )
    gap = draw(st.sampled_from(["", " ", "-", "－", "\u3000", "\u200b"]))
    text = gap.join((number[:3], number[3:7], number[7:]))
    if form == "{}.0" or "本人" in form or "微信" in form:
        text = number
    text = form.format(text)
    return full_width(text) if draw(wide) and form in ("{}", "+86{}") else text
