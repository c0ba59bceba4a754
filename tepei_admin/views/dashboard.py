"""工作台: how the year stands and what is to be done today. Every number leads to the people behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tepei_admin.choices import ROAD, Status
from tepei_admin.permissions import P
from tepei_admin.rules.quota import TRACK_TAKING, UNIT_TAKING
from tepei_admin.services import clock, home, money
from tepei_admin.services.home import Overview
from tepei_admin.views import year
from tepei_admin.views.resource import words
from tepei_admin.views.rights import actor, needs, signed_in
from tepei_admin.views.todo import Item, people, todo

pages = Blueprint("dashboard", __name__)
pages.add_app_template_filter(words.partial_day, "day")
pages.add_app_template_filter(words.moment, "moment")
pages.add_app_template_filter(words.yuan, "yuan")

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Bar:
    """Places in use. `limit` None: not allocated; `waived`: of those in use, by 特批."""

    label: str
    used: int
    limit: int | None
    url: str
    note: str = ""
    waived: int = 0

    @property
    def full(self) -> bool:
        return self.limit is not None and self.used >= self.limit


@dataclass(frozen=True)
class Money:
    title: str
    planned: int
    approved: int
    paid: int


@dataclass(frozen=True)
class Date:
    title: str
    on: dt.date
    words: str
    past: bool


@pages.get("/")
@needs(P.READ)
def front() -> ResponseReturnValue:
    today, programme = clock.today(), year.current()
    day = f"{words.partial_day(today)} 星期{WEEKDAYS[today.weekday()]}"
    if programme is None:
        return render_template("dashboard/none.html", day=day)
    who, found = actor(), home.overview(actor(), programme.id)
    return render_template(
        "dashboard/front.html",
        day=day,
        year=programme.year,
        own_unit=who.unit_id is not None,
        tracks=[] if who.unit_id else _tracks(found),
        road=_road(found),
        todo=todo(who, found, today),
        table=_table(found),
        allotted=_allotted(found) if who.unit_id is None else "",
        money=[] if who.unit_id else _money(found),
        dates=_dates(found, today),
    )


def _tracks(found: Overview) -> list[Bar]:
    bars = []
    for track in found.tracks:
        used = found.people(lambda g, t=track.id: g.track == t and g.status in TRACK_TAKING)
        ready = found.people(lambda g, t=track.id: g.track == t and g.status == Status.RECOMMENDED)
        note = f"余 {max(track.places - used, 0)} · 已推荐待录取 {ready}"
        bars.append(Bar(track.label, used, track.places, people(track=track.id, status=TRACK_TAKING), note))
    return bars


def _road(found: Overview) -> list[Item]:
    """How many got that far; the filter is by present status, so the list has the same number."""
    steps = []
    for status in ROAD:
        reached = home.GOT_TO[status]
        url = people() if status is Status.APPLIED else people(status=reached)
        steps.append(Item(status.label, found.people(lambda g, r=reached: g.status in r), url))
    return steps


def _table(found: Overview) -> list[tuple[str, list[Bar]]]:
    """The units' quotas, a bar a track; a unit with people but without a row is not allocated either."""
    names = {quota.unit: quota.name for quota in found.quotas}
    limits = {(quota.track, quota.unit): quota.places for quota in found.quotas}
    return [
        (
            name,
            [
                _quota_bar(found, track.id, track.label, unit, limits.get((track.id, unit)))
                for track in found.tracks
            ],
        )
        for unit, name in names.items()
    ]


def _quota_bar(found: Overview, track: int, label: str, unit: int, limit: int | None) -> Bar:
    url = people(unit=unit, track=track, status=UNIT_TAKING)
    return Bar(label, found.taken(track, unit), limit, url, waived=found.over.get((track, unit), 0))


def _allotted(found: Overview) -> str:
    """区外 38 / 40, 区内 未分配: the sum of the quotas beside the track's total (差额推荐 is allowed)."""
    parts = []
    for track in found.tracks:
        given = [
            quota.places for quota in found.quotas if quota.track == track.id and quota.places is not None
        ]
        parts.append(f"{track.label}{f'已分配 {sum(given)}' if given else '未分配'}，总名额 {track.places}")
    return "；".join(parts)


def _money(found: Overview) -> list[Money]:
    """Planned: every place at its rate."""
    tracks = money.planned(found.tracks, found.programme.term_months)
    return [
        Money(kind.label, sum(track.amounts[kind] for track in tracks), *found.money(kind.value))
        for kind in money.SPENT
    ]


def _dates(found: Overview, today: dt.date) -> list[Date]:
    programme = found.programme
    wanted = (("材料报送截止", programme.materials_deadline), ("发报到通知", programme.notice_by))
    return [Date(title, on, _away(on, today), on < today) for title, on in wanted if on]


def _away(on: dt.date, today: dt.date) -> str:
    days = (on - today).days
    return "今天" if days == 0 else f"还有 {days} 天" if days > 0 else f"已过 {-days} 天"


class Badges:
    """The numbers beside the side menu; asked for by the layout, found when it asks: two queries a page."""

    @property
    def counts(self) -> dict[str, str]:
        if not signed_in():
            return {}
        programme = year.current()
        found = {
            "/requests/": home.waiting(actor()),
            "/trainees/": home.undecided(actor(), programme.id) if programme else 0,
        }
        return {
            url: f"{home.MANY - 1}+" if count >= home.MANY else str(count)
            for url, count in found.items()
            if count
        }


@pages.app_context_processor
def badges() -> dict[str, object]:
    return {"badges": Badges()}
