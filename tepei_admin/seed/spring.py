"""The demo's spring of 2019: every place's two tables, those who do not fit, and what the office decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tepei_admin.choices import Result, Status
from tepei_admin.models import PastTrainee, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.seed import stage, year2018
from tepei_admin.seed.cast import Cast, Person, id_number
from tepei_admin.seed.desk import Desk
from tepei_admin.seed.lists import PLACES
from tepei_admin.services import crud, programmes, requests

EXTRA = {"150100": 1, "150400": 2, "150500": 2, "150700": 1, "152200": 1, "150900": 1}
"""Who nominates more than it has places for: nominations above the quota, a track."""


def nominate(desk: Desk, cli: Actor) -> None:
    """Every place's two tables in March; then those who do not fit, each in a way of its own."""
    cast = Cast(2019)
    fitting(desk, cast, EXTRA)
    _misfits(cast, desk, cli)


def fitting(desk: Desk, cast: Cast, extra: dict[str, int] | None = None) -> None:
    """As many people without a flaw as each place has places, and `extra` ones."""
    for index, place in enumerate(PLACES):
        day = desk.day(3, 11) + dt.timedelta(days=index)
        for track, places in (("outside", stage.OUTSIDE[place]), ("inside", stage.INSIDE[place])):
            count = places + (extra or {}).get(place, 0)
            people = [cast.person(place, inside=track == "inside") for _ in range(count)]
            desk.hand_in(place, track, people, day)
    for unit in ("Q01", "Q02"):
        person = cast.person("150100", inside=False) | {"employer": programmes.find_unit(unit).name}
        desk.hand_in(unit, "outside", [person], desk.day(3, 22))


def _misfits(cast: Cast, desk: Desk, cli: Actor) -> None:
    """Undecided for each reason, and ineligible ones."""

    def outside(**values: Any) -> Person:
        return _born(cast.person("150400", inside=False), values)

    def inside(**values: Any) -> Person:
        return _born(cast.person("150700", inside=True), values)

    day = dt.date(2019, 3, 28)
    no_route = {"education": "21", "degree": "4"}
    undecided = [
        outside(ethnicity="97"),
        outside(title="首席专家", title_level="", **no_route),
        outside(title="副教授级", title_level="", education="1E", education_written="同等学力", degree="3"),
        outside(born=dt.date(1973, 3, 30)),  # the birthday falls on the reference date
        outside(title="", title_level="", education="14", degree="3", profession_start="2011"),
        outside(title="", title_level="", **no_route),
    ]
    desk.hand_in("150400", "outside", undecided, day)
    desk.hand_in(
        "150700",
        "inside",
        [inside(title="", title_level="", profession_start="2014-03"), inside(ethnicity="")],
        day,
    )
    before = outside()
    crud.create(cli, PastTrainee, year2018.past(before, 2016, "certified"))
    desk.hand_in("150500", "outside", [before], day)
    desk.hand_in("150200", "outside", year2018.again(), day)
    branch = _born(cast.person("150400", inside=True), {"employer": stage.DIRECT[2][1]})
    desk.hand_in("Q03", "inside", [branch], day)  # a branch in a league: its level is to be decided
    ineligible = [
        outside(born=dt.date(1968, 5, 6)),
        outside(ethnicity="01"),
        outside(title="讲师", title_level="420", **no_route),
    ]
    desk.hand_in("150400", "outside", ineligible, day)
    desk.hand_in("Q01", "inside", [inside()], day)  # 三（二）: not for region-direct units
    unsigned = [cast.person("150600", inside=False), cast.person("150600", inside=False)]
    desk.hand_in("150600", "outside", unsigned, dt.date(2019, 4, 2), sealed=False)  # late and without a seal


def _born(person: Person, values: Person) -> Person:
    """The person with other values; another birth date changes the number too."""
    born = values.pop("born", None)
    if born is not None:
        number = person["id_number"]
        values |= {
            "birth_date": born.isoformat(),
            "id_number": id_number(number[:6], born, int(number[14:17])),
        }
    return {**person, **values}


# --- What the office did with them


def decide(desk: Desk) -> None:
    """Spring to summer, by an operator; what needs a second person, by an approver."""
    for index, unit in enumerate((*PLACES, "Q01", "Q02")):
        desk.attempt("recommend", desk.people(unit=unit), dt.date(2019, 4, 8) + dt.timedelta(days=index))
    _side_exits(desk)
    for track, late in (("outside", ("150300", "152900")), ("inside", ("150800", "152500"))):
        people = desk.people(Status.RECOMMENDED, track=track)
        waiting = {
            person for unit in late for person in desk.people(Status.RECOMMENDED, track=track, unit=unit)
        }
        ready = [person for person in people if person not in waiting]
        desk.attempt("admit", ready, dt.date(2019, 5, 20), approval_no="演示〔2019〕52号")
    _over_quota(desk)
    _second_person(desk)


def _side_exits(desk: Desk) -> None:
    """Not admitted, and withdrawn before and after the recommendation."""
    ineligible = desk.people(result=Result.INELIGIBLE)
    desk.attempt("reject", ineligible[:2], dt.date(2019, 4, 26), reason="不符合选拔条件")
    desk.attempt(
        "reject",
        desk.people(Status.RECOMMENDED, unit="150900")[:1],
        dt.date(2019, 5, 10),
        reason="培养方向与单位需要不符",
    )
    desk.attempt(
        "withdraw",
        desk.people(Status.RECOMMENDED, unit="150600")[:1],
        dt.date(2019, 4, 29),
        reason="家庭原因，本人申请撤回",
    )
    desk.attempt(
        "withdraw",
        desk.people(result=Result.ELIGIBLE, unit="150700")[:1],
        dt.date(2019, 4, 12),
        reason="已参加其他培养项目",
    )


def _over_quota(desk: Desk) -> None:
    """One is taken above the full quota of 通辽, on the record; another asks for the same and waits."""
    first, second = desk.people(result=Result.ELIGIBLE, unit="150500", track="outside")[:2]
    reason = "贫困旗县急需紧缺专业骨干，经领导小组研究同意"
    number = requests.open_waiver(
        desk.operator, first, kind="quota", reason=reason, approval_no="演示特批〔2019〕1号"
    )
    desk.decide(f"waiver-{number}", reason="同意")
    desk.attempt("recommend", [first], dt.date(2019, 5, 6))
    requests.open_waiver(desk.operator, second, kind="quota", reason="蒙古文信息处理方向仅此一人申报")


def _second_person(desk: Desk) -> None:
    """A finding waived, one that was not, and a reinstatement that waits."""
    level = desk.people(result=Result.PENDING, unit="Q03")[0]
    number = requests.open_waiver(
        desk.operator,
        level,
        kind="finding",
        rule="level",
        reason="驻盟市分支机构，人事关系在盟市",
        approval_no="演示特批〔2019〕2号",
    )
    desk.decide(f"waiver-{number}", reason="同意按盟市单位掌握")
    old = desk.people(result=Result.INELIGIBLE, unit="150400")[0]
    number = requests.open_waiver(
        desk.operator, old, kind="finding", rule=_hindering(old), reason="业务骨干，申请放宽"
    )
    desk.decide(f"waiver-{number}", yes=False, reason="条件为通知所定，不予放宽")
    left = desk.people(Status.WITHDRAWN, unit="150600")
    desk.attempt("reinstate", left, dt.date(2019, 6, 14), reason="本人及单位来函，请求恢复推荐")


def _hindering(person: int) -> str:
    """The first rule that stands in somebody's way."""
    from tepei_admin.services import eligibility

    track = Trainee.select(Trainee.track).where(Trainee.id == person).tuples().first()[0]
    found = eligibility.compute({person: track})[person].check.findings
    return next(finding.rule.value for finding in found if finding.counts and finding.standing != "met")
