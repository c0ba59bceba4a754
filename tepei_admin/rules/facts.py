"""What the eligibility check knows of one person, frozen: the papers' values, none of them guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

# Words in 专业技术职务 that say "no title": a statement, unlike an empty cell.
NO_TITLE = frozenset({"无", "暂无", "未评"})


@dataclass(frozen=True)
class EarlierPart:
    """A part in another programme year, from the panel itself or from the list of 往年学员."""

    year: int
    outcome: str  # a value of choices.Status or choices.PastOutcome
    label: str = ""  # what the record is called on screen, such as 2018年度区外; empty: its year is


@dataclass(frozen=True)
class PersonFacts:
    """One nominee. Empty text or None means: not known, not "no"."""

    ethnicity: str = ""  # GB/T 3304 code
    birth_date: str = ""  # partial date
    birth_date_written: str = ""  # partial date: another day than the ID number's, as the sheet said it
    education: str = ""  # a code of codes.education()
    education_written: str = ""  # as the sheet said it
    degree: str = ""  # GB/T 6864 code
    profession_start: str = ""  # partial date: start in THIS profession, not of work
    profession_years: int | None = None  # the unit's own count of whole years at the reference date
    title: str = ""  # as written
    title_level: str = ""  # GB/T 12407 code
    unit_level: str = ""  # a value of choices.UnitLevel
    health: bool | None = None  # the unit's attestation
    conduct: bool | None = None  # the unit's attestation
    field: str = ""  # a value of choices.FieldOfWork
    received_on: date | None = None
    earlier: tuple[EarlierPart, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, always in the same order, so that two dumps can be compared or hashed."""
        values = dict(vars(self))  # ten times as fast as asdict, which copies every text
        values["received_on"] = self.received_on.isoformat() if self.received_on else None
        values["earlier"] = [dict(vars(part)) for part in self.earlier]
        return values
