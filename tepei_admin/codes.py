"""National code lists (GB/T), read once from `data/`, and the meaning they have for the programme.

The lists that the office edits (regions, poverty counties, title names) are tables of the database
and only *start* from the files here, by `seed`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNSURE = "?"


def table(name: str) -> list[dict[str, str]]:
    """The rows of `data/<name>.csv`."""
    text = files("tepei_admin").joinpath("data", f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Education:
    """One way of schooling. `master` and `bachelor`: does it meet that schooling? True, False or None (ask)."""

    code: str
    name: str
    master: bool | None
    bachelor: bool | None


def _tri(value: str) -> bool | None:
    return None if value == UNSURE else value == "1"


# What people write in 学历 that GB/T 4658 has no code for: our own codes, two letters, so that none can clash.
_HOUSE_EDUCATION = (
    Education("1M", "硕士（学历未说明）", None, True),
    Education("1E", "硕士（同等学力）", None, True),
    Education("1J", "在职研究生", None, None),
)


@cache
def education() -> dict[str, Education]:
    """GB/T 4658 and our own additions, by code. Graduates are called by the plain name (大学本科)."""
    rows = {
        row["code"]: Education(
            row["code"],
            row["name"].removesuffix("毕业") if row["graduated"] == "1" else row["name"],
            _tri(row["meets_master"]),
            _tri(row["meets_bachelor"]),
        )
        for row in table("education")
    }
    return rows | {item.code: item for item in _HOUSE_EDUCATION}


def _names(name: str, column: str = "name") -> dict[str, str]:
    return {row["code"]: row[column] for row in table(name)}


@cache
def ethnic_groups() -> dict[str, str]:
    """GB/T 3304: code -> full name (蒙古族)."""
    return _names("ethnic_groups")


@cache
def degrees() -> dict[str, str]:
    """GB/T 6864: code -> name."""
    return _names("degrees")


@cache
def degree_levels() -> dict[str, str]:
    """GB/T 6864: code -> doctor, master, bachelor or honorary_doctor."""
    return _names("degrees", "level")


@cache
def political_status() -> dict[str, str]:
    """GB/T 4762: code -> short name (中共党员)."""
    return _names("political_status", "short_name")


SEXES = {"1": "男", "2": "女"}


@cache
def title_levels() -> dict[str, str]:
    """GB/T 12407: code -> name (副高级)."""
    return _names("title_levels")


@cache
def title_ranks() -> dict[str, int]:
    """GB/T 12407: code -> rank, 1 the highest. 高级 and 初级 alone do not say which and have no rank."""
    return {row["code"]: int(row["rank"]) for row in table("title_levels") if row["rank"]}
