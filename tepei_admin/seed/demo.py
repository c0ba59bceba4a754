"""The demo: invented people, through the same commands as everybody. Its day is written into the database last."""

from __future__ import annotations

import datetime as dt

from tepei_admin.seed import autumn, fullyear, many, spring, stage, winter, year2018
from tepei_admin.seed.desk import Desk
from tepei_admin.services import accounts, clock, setup

DAY = dt.date(2019, 12, 27)
PASSWORD, ACCOUNTS = stage.PASSWORD, stage.ACCOUNTS


def fill() -> list[str]:
    """About 120 people as they stand on 2019-12-27, and a finished 2018; what to tell.

    Raises `RuleViolation` where there is somebody already; so do the others.
    """
    cli = stage.empty_house()
    stage.build(cli)
    office = desk(2019)
    year2018.play(desk(2018), cli)
    spring.nominate(office, cli)
    spring.decide(office)
    autumn.train(office)
    winter.play(office)
    return _close(DAY)


def fill_full_year() -> list[str]:
    """Exactly the 80 places of 2019 on 2020-12-31: everybody has passed a full year, all is paid and certified."""
    stage.build(stage.empty_house())
    fullyear.play(desk(2019))
    return _close(fullyear.DAY)


def fill_many(people: int) -> list[str]:
    """The same house with `people` applicants and nothing decided, for measuring."""
    cli = stage.empty_house()
    stage.build(cli)
    many.applicants(cli, people)
    return [f"已生成 {people} 名虚构的申报人", *_close(DAY)]


def desk(year: int) -> Desk:
    """The demo's operator and approver at work on a year."""
    return Desk(accounts.actor_named("operator"), accounts.actor_named("approver"), year)


def _close(day: dt.date) -> list[str]:
    setup.note(accounts.cli_actor(), "today", day.isoformat())
    return told()


def told() -> list[str]:
    """What the demo says of itself."""
    names = "、".join(f"{username}（{role.label}）" for username, role, _, _ in ACCOUNTS)
    return [
        f"演示数据：人员和各单位名额均为虚构（附件1的名额表未公开）；演示日为 {clock.today()}，即各页面和命令的“今天”",
        f"演示账号：{names}；口令都是 {PASSWORD}",
    ]


def finished() -> bool:
    """The day is written last: a demo without it was broken off."""
    return clock.demo_day() is not None
