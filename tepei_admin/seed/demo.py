"""The demo: about 120 invented people as they stand on 2019-12-27, through the same commands as everybody.

Its quotas are invented too: the notice's table of places is not to be had.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import Result, Role, Status
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import PastTrainee, Programme, Region, Track, Trainee, Unit, User
from tepei_admin.permissions import Actor
from tepei_admin.seed import autumn, many
from tepei_admin.seed.cast import Cast, Person, id_number
from tepei_admin.seed.lists import PLACES
from tepei_admin.services import accounts, clock, crud, nominations, programmes, requests, setup, verbs
from tepei_admin.services.plan import Args, Outcome

DAY = dt.date(2019, 12, 27)
PASSWORD = "demo-2019-tepei"
ACCOUNTS = (
    ("viewer", Role.VIEWER, "高娃", None),
    ("clerk", Role.CLERK, "包文静", "150400"),
    ("operator", Role.OPERATOR, "斯琴图雅", None),
    ("approver", Role.APPROVER, "敖志强", None),
    ("admin", Role.ADMIN, "那顺", None),
)
HOSTS = (
    ("H01", "北京师范大学", "110000"), ("H02", "中国农业大学", "110000"), ("H03", "中国医学科学院阜外医院", "110000"),
    ("H04", "中国科学院植物研究所", "110000"), ("H05", "复旦大学", "310000"), ("H06", "浙江大学", "330000"),
    ("H07", "东北师范大学", "220000"), ("H08", "华中科技大学同济医学院附属协和医院", "420000"),
    ("H21", "内蒙古大学", "150100"), ("H22", "内蒙古农业大学", "150100"), ("H23", "内蒙古师范大学", "150100"),
    ("H24", "内蒙古医科大学附属医院", "150100"), ("H25", "内蒙古科技大学", "150200"),
)  # fmt: skip
DIRECT = (
    ("Q01", "内蒙古自治区人民医院", "region"),
    ("Q02", "内蒙古自治区农牧业科学院", "region"),
    ("Q03", "内蒙古自治区水文局赤峰分局", "branch"),
)
# Invented: places outside and inside by reporting place, in the order of the codes; 38 + 2 direct, and 40.
OUTSIDE = dict(zip(PLACES, (4, 3, 1, 4, 4, 3, 3, 1, 3, 3, 3, 3, 1, 2), strict=True)) | {"Q01": 1, "Q02": 1}
INSIDE = dict(zip(PLACES, (4, 3, 1, 5, 5, 2, 4, 1, 3, 4, 3, 3, 1, 1), strict=True))
EXTRA = {"150100": 1, "150400": 2, "150500": 2, "150700": 1, "152200": 1, "150900": 1}
"""Who nominates more than it has places for: nominations above the quota, a track."""


def fill() -> list[str]:
    """Fill a database without people; what to tell. Raises `RuleViolation` where there is somebody."""
    cli = _empty_house()
    _accounts(cli)
    _units(cli)
    _earlier_year(cli)
    _nominations(cli)
    _decisions()
    autumn.train(accounts.actor_named("operator"))
    setup.note(cli, "today", DAY.isoformat())
    return told()


def fill_many(people: int) -> list[str]:
    """The same house with `people` applicants and nothing decided, for measuring."""
    cli = _empty_house()
    _accounts(cli)
    _units(cli)
    many.applicants(cli, people)
    setup.note(cli, "today", DAY.isoformat())
    return [f"已生成 {people} 名虚构的申报人；演示日为 {DAY}", *told()[1:]]


def told() -> list[str]:
    """What the demo says of itself."""
    names = "、".join(f"{username}（{role.label}）" for username, role, _, _ in ACCOUNTS)
    return [
        f"演示数据：人员和各单位名额均为虚构（附件1的名额表未公开）；演示日为 {DAY}，即各页面和命令的“今天”",
        f"演示账号：{names}；口令都是 {PASSWORD}",
    ]


def finished() -> bool:
    """The day is written last: a demo without it was broken off."""
    return clock.demo_day() is not None


def _empty_house() -> Actor:
    ensure(not Trainee.select().exists(), "demo.not_empty")
    names = [name for name, *_ in ACCOUNTS]
    taken = [row[0] for row in User.select(User.username).where(among(User.username, names)).tuples()]
    if taken:
        raise RuleViolation(Violation("demo.accounts_taken", params={"names": "、".join(taken)}))
    return accounts.cli_actor()


def _accounts(cli: Actor) -> None:
    for username, role, name, unit in ACCOUNTS:
        accounts.add(cli, username, role.value, password=PASSWORD, name=name, unit=unit)


def _units(cli: Actor) -> None:
    """Hosts, region-direct units, and the invented quotas."""
    regions = dict(Region.select(Region.code, Region.id).tuples())
    for code, name, region in HOSTS:
        crud.create(cli, Unit, {"code": code, "name": name, "host": True, "region": regions[region]})
    for code, name, level in DIRECT:
        region = regions["150400" if level == "branch" else "150000"]
        crud.create(
            cli, Unit, {"code": code, "name": name, "sending": True, "level": level, "region": region}
        )
    table: dict[str, dict[str, int | None]] = {code: {"outside": places} for code, places in OUTSIDE.items()}
    for code, places in INSIDE.items():
        table[code]["inside"] = places
    programmes.set_quotas(cli, 2019, table)


# --- Nominations, as the units' tables


@dataclass(frozen=True)
class Desk:
    """Hands in tables of one programme year on somebody's behalf."""

    actor: Actor
    year: int

    def track(self, code: str) -> Track:
        return programmes.find_track(programmes.find(self.year).id, code)

    def hand_in(
        self, unit: str, track: str, people: Sequence[Person], on: dt.date, *, sealed: bool = True
    ) -> list[int]:
        """A unit's summary table, stored as an import stores it."""
        regions = dict(Region.select(Region.code, Region.id).tuples())
        sender, target = programmes.find_unit(unit), self.track(track)
        items = [
            nominations.Nomination(row, sender.id, _numbered(person, row, regions))
            for row, person in enumerate(people, 4)
        ]
        source = nominations.Source(f"{sender.name}{target.label}学员汇总表.xlsx", on, sealed)
        expected = {item.row: "new" for item in items}
        return list(nominations.store(self.actor, target, items, expected, source).done)

    def do(self, verb: str, people: Sequence[int], on: dt.date, **args: Any) -> Outcome:
        return verbs.perform(self.actor, verb, people, Args(on, **args))


def _numbered(person: Person, row: int, regions: Mapping[str, int]) -> Person:
    places: Person = {name: regions[person[name]] for name in ("region", "county") if name in person}
    return {**person, "unit_rank": row - 3, **places}


def _nominations(cli: Actor) -> None:
    """Every place's two tables in March 2019; then those who do not fit, each in a way of its own."""
    cast = Cast(2019)
    desk = Desk(accounts.actor_named("operator"), 2019)
    for index, place in enumerate(PLACES):
        day = dt.date(2019, 3, 11) + dt.timedelta(days=index)
        for track, places in (("outside", OUTSIDE[place]), ("inside", INSIDE[place])):
            count = places + EXTRA.get(place, 0)
            desk.hand_in(
                place, track, [cast.person(place, inside=track == "inside") for _ in range(count)], day
            )
    for unit in ("Q01", "Q02"):
        person = cast.person("150100", inside=False) | {"employer": programmes.find_unit(unit).name}
        desk.hand_in(unit, "outside", [person], dt.date(2019, 3, 22))
    _misfits(cast, desk, cli)


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
    crud.create(cli, PastTrainee, _past(before, 2016, "certified"))
    desk.hand_in("150500", "outside", [before], day)
    desk.hand_in("150200", "outside", [_again(row) for row in _earlier_people()], day)
    branch = _born(cast.person("150400", inside=True), {"employer": DIRECT[2][1]})
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


def _past(person: Person, year: int, outcome: str) -> dict[str, Any]:
    return {"id_number": person["id_number"], "name": person["name"], "year": year, "outcome": outcome}


# --- The year before


def _earlier_year(cli: Actor) -> None:
    """A small 2018 as far as the verbs lead, copied backwards from 2019; and a few of 往年学员."""
    programmes.new_year(cli, 2018, source=2019)
    programmes.set_quotas(cli, 2018, {"150400": {"outside": 2}, "150200": {"outside": 2, "inside": 1}})
    cast, desk = Cast(2018, year=2018, first=400), Desk(cli, 2018)
    day = dt.date(2018, 3, 20)
    chifeng = desk.hand_in("150400", "outside", [cast.person("150400", inside=False) for _ in range(2)], day)
    baotou = desk.hand_in("150200", "outside", [cast.person("150200", inside=False) for _ in range(3)], day)
    inside = desk.hand_in("150200", "inside", [cast.person("150200", inside=True)], day)
    desk.do("recommend", [*chifeng, *baotou[:2], *inside], dt.date(2018, 4, 10))
    desk.do("admit", [*chifeng, *inside], dt.date(2018, 5, 21), approval_no="演示〔2018〕31号")
    desk.do("reject", baotou[:2], dt.date(2018, 5, 21), reason="名额所限")
    for year, outcome in ((2014, "failed"), (2015, "certified"), (2016, "no_show"), (2017, "applied")):
        crud.create(cli, PastTrainee, _past(cast.person("150500", inside=False), year, outcome))


def _earlier_people() -> list[Trainee]:
    """The two whom 2018 could not take."""
    return list(
        Trainee.select()
        .join(Programme)
        .where(Programme.year == 2018, Trainee.status == Status.REJECTED)
        .order_by(Trainee.id)
    )


def _again(row: Trainee) -> Person:
    """The same person, one year on."""
    values = {name: getattr(row, name) for name in nominations.COLUMNS if name not in ("region", "county")}
    return {name: value for name, value in values.items() if value not in (None, "")}


# --- What the office did with them


def _decisions() -> None:
    """Spring to summer 2019, by an operator; what needs a second person, by an approver."""
    desk = Desk(accounts.actor_named("operator"), 2019)
    approver = accounts.actor_named("approver")
    for index, unit in enumerate((*PLACES, "Q01", "Q02")):
        desk.do("recommend", _people(unit=unit), dt.date(2019, 4, 8) + dt.timedelta(days=index))
    _side_exits(desk)
    for track, late in (("outside", ("150300", "152900")), ("inside", ("150800", "152500"))):
        people = _people(Status.RECOMMENDED, track=track)
        waiting = {person for unit in late for person in _people(Status.RECOMMENDED, track=track, unit=unit)}
        ready = [person for person in people if person not in waiting]
        desk.do("admit", ready, dt.date(2019, 5, 20), approval_no="演示〔2019〕52号")
    _over_quota(desk, approver)
    _second_person(desk, approver)


def _people(status: Status = Status.APPLIED, *, result: str = "", **where: str) -> list[int]:
    """Who stands there in 2019, by track and unit, in order of arrival."""
    query = Trainee.select(Trainee.id).join(Unit).switch(Trainee).join(Track).switch(Trainee).join(Programme)
    query = query.where(Programme.year == 2019, Trainee.status == status)
    for name, model in (("unit", Unit), ("track", Track)):
        if name in where:
            query = query.where(model.code == where[name])
    if result:
        query = query.where(Trainee.eligibility == result)
    return [row[0] for row in query.order_by(Trainee.id).tuples()]


def _side_exits(desk: Desk) -> None:
    """Not admitted, and withdrawn before and after the recommendation."""
    ineligible = _people(result=Result.INELIGIBLE)
    desk.do("reject", ineligible[:2], dt.date(2019, 4, 26), reason="不符合选拔条件")
    desk.do(
        "reject",
        _people(Status.RECOMMENDED, unit="150900")[:1],
        dt.date(2019, 5, 10),
        reason="培养方向与单位需要不符",
    )
    desk.do(
        "withdraw",
        _people(Status.RECOMMENDED, unit="150600")[:1],
        dt.date(2019, 4, 29),
        reason="家庭原因，本人申请撤回",
    )
    desk.do(
        "withdraw",
        _people(result=Result.ELIGIBLE, unit="150700")[:1],
        dt.date(2019, 4, 12),
        reason="已参加其他培养项目",
    )


def _over_quota(desk: Desk, approver: Actor) -> None:
    """One is taken above the full quota of 通辽, on the record; another asks for the same and waits."""
    first, second = _people(result=Result.ELIGIBLE, unit="150500", track="outside")[:2]
    reason = "贫困旗县急需紧缺专业骨干，经领导小组研究同意"
    number = requests.open_waiver(
        desk.actor, first, kind="quota", reason=reason, approval_no="演示特批〔2019〕1号"
    )
    requests.decide(approver, f"waiver-{number}", yes=True, reason="同意")
    desk.do("recommend", [first], dt.date(2019, 5, 6))
    requests.open_waiver(desk.actor, second, kind="quota", reason="蒙古文信息处理方向仅此一人申报")


def _second_person(desk: Desk, approver: Actor) -> None:
    """A finding waived, one that was not, and a reinstatement that waits."""
    level = _people(result=Result.PENDING, unit="Q03")[0]
    number = requests.open_waiver(
        desk.actor,
        level,
        kind="finding",
        rule="level",
        reason="驻盟市分支机构，人事关系在盟市",
        approval_no="演示特批〔2019〕2号",
    )
    requests.decide(approver, f"waiver-{number}", yes=True, reason="同意按盟市单位掌握")
    old = _people(result=Result.INELIGIBLE, unit="150400")[0]
    number = requests.open_waiver(
        desk.actor, old, kind="finding", rule=_hindering(old), reason="业务骨干，申请放宽"
    )
    requests.decide(approver, f"waiver-{number}", yes=False, reason="条件为通知所定，不予放宽")
    left = _people(Status.WITHDRAWN, unit="150600")
    desk.do("reinstate", left, dt.date(2019, 6, 14), reason="本人及单位来函，请求恢复推荐")


def _hindering(person: int) -> str:
    """The first rule that stands in somebody's way."""
    from tepei_admin.services import eligibility

    track = Trainee.select(Trainee.track).where(Trainee.id == person).tuples().first()[0]
    found = eligibility.compute({person: track})[person].check.findings
    return next(finding.rule.value for finding in found if finding.counts and finding.standing != "met")
