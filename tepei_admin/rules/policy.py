"""What a track of a programme year asks for, frozen. Every limit is data; none is a constant of the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

from tepei_admin.choices import AgeReading, Choice, EarlierParticipation, UnitLevelRule

Chosen = TypeVar("Chosen", bound=Choice)


def member(kind: type[Chosen], value: str) -> Chosen:
    """The choice of that stored value. (Where `kind(value)` is called, mypy asks for the label as well.)"""
    for choice in kind:
        if choice == value:
            return choice
    raise ValueError(f"{value!r} is not a {kind.__name__}")


@dataclass(frozen=True)
class RoutePolicy:
    """One way to qualify (资格条件). What is empty is not asked for; what is asked for must all be met."""

    label: str
    schooling: str = ""  # "", "bachelor" or "master": schooling (学历), not degree
    min_years: int | None = None  # whole years in this profession at the reference date
    title_level: str = ""  # GB/T 12407 code of the lowest level that will do
    clause: str = ""


@dataclass(frozen=True)
class TrackPolicy:
    """The conditions of one track in one year (二)."""

    year: int
    track: str
    track_label: str
    age_limit: int  # in whole years, itself included ("以下" includes the number)
    reference_date: date  # the day at which age and years are counted
    deadline: date  # of the materials; the day itself is in time
    age_reading: AgeReading = AgeReading.COMPLETED
    unit_level: UnitLevelRule = UnitLevelRule.ANY
    earlier_participation: EarlierParticipation = EarlierParticipation.DECIDE
    clause: str = ""  # of the track's conditions, such as 二（一）
    routes: tuple[RoutePolicy, ...] = ()

    def clause_of(self, number: int) -> str:
        """One item of the track's conditions: 二（一）2; '' where the track cites no clause."""
        return self.clause and f"{self.clause}{number}"

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, always in the same order."""
        return asdict(self) | {
            "reference_date": self.reference_date.isoformat(),
            "deadline": self.deadline.isoformat(),
            "age_reading": str(self.age_reading),
            "unit_level": str(self.unit_level),
            "earlier_participation": str(self.earlier_participation),
            "routes": [asdict(route) for route in self.routes],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrackPolicy:
        """What `as_dict` gave, read back."""
        typed = {
            "reference_date": date.fromisoformat(values["reference_date"]),
            "deadline": date.fromisoformat(values["deadline"]),
            "age_reading": member(AgeReading, values["age_reading"]),
            "unit_level": member(UnitLevelRule, values["unit_level"]),
            "earlier_participation": member(EarlierParticipation, values["earlier_participation"]),
            "routes": tuple(RoutePolicy(**route) for route in values["routes"]),
        }
        return cls(**{**values, **typed})
