"""The demo's year before: six people, three of them trained, one for each ending; and a few of 往年学员."""

from __future__ import annotations

from typing import Any

from tepei_admin.choices import PaymentKind, Status
from tepei_admin.models import PastTrainee, Placement, Programme, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.seed import course
from tepei_admin.seed.cast import Cast, Person
from tepei_admin.seed.desk import Desk
from tepei_admin.services import crud, entries, nominations, programmes, terminations


def play(desk: Desk, cli: Actor) -> None:
    """Copied backwards from 2019, and finished: certified, failed, disqualified with the money back."""
    programmes.new_year(cli, desk.year, source=desk.year + 1)
    programmes.set_quotas(cli, desk.year, {"150400": {"outside": 2}, "150200": {"outside": 2, "inside": 1}})
    cast = Cast(2018, year=desk.year, first=400)
    passed, failed, gone = _admitted(desk, cast)
    for people, track in (([passed, failed], "outside"), ([gone], "inside")):
        course.begin(desk, people, track)
        course.receive(desk, people, desk.day(10, 8), of_the_end=False)
        course.tuition(desk, people, f"{desk.year}-1021")
    _disqualified(desk, gone)
    course.grade(desk, [passed], "pass", desk.day(9, 6, after=1))
    course.grade(desk, [failed], "fail", desk.day(9, 6, after=1))
    course.finish(desk, [passed], f"{desk.year + 1}-1026")
    desk.do("complete", [failed], desk.day(9, 25, after=1))
    course.receive(desk, [failed], desk.day(9, 28, after=1), of_the_end=True)
    for year, outcome in ((2014, "failed"), (2015, "certified"), (2016, "no_show"), (2017, "applied")):
        crud.create(cli, PastTrainee, past(cast.person("150500", inside=False), year, outcome))


def _admitted(desk: Desk, cast: Cast) -> list[int]:
    """Three of six; 包头 had nominated more than it could be given."""
    day = desk.day(3, 20)
    chifeng = desk.hand_in("150400", "outside", [cast.person("150400", inside=False) for _ in range(2)], day)
    baotou = desk.hand_in("150200", "outside", [cast.person("150200", inside=False) for _ in range(3)], day)
    inside = desk.hand_in("150200", "inside", [cast.person("150200", inside=True)], day)
    desk.do("recommend", [*chifeng, *baotou[:2], *inside], desk.day(4, 10))
    desk.do("admit", [*chifeng, *inside], desk.day(5, 21), approval_no=f"演示〔{desk.year}〕31号")
    desk.do("reject", baotou[:2], desk.day(5, 21), reason="名额所限")
    desk.do("withdraw", baotou[2:], desk.day(4, 18), reason="本人申请撤回")
    return [*chifeng, *inside]


def _disqualified(desk: Desk, person: int) -> None:
    """Case 3 in March: the host returned a part, two instalments came, the rest was remitted."""
    host = Placement.get(Placement.trainee == person).id
    back = entries.open_refund(
        desk.operator, person, placement=host, amount=6_000_00, reason="按实际培养时间退回"
    )
    desk.settle([back], desk.day(3, 12, after=1), desk.day(3, 14, after=1), f"{desk.year + 1}-0314")
    case = terminations.open_case(
        desk.operator, person, path="discipline", facts="严重违反培养单位管理规定，经教育不改",
        papers="培养单位情况说明；本人检查", actual_end=desk.day(3, 8, after=1),
    )  # fmt: skip
    number = f"演示〔{desk.year + 1}〕17号"
    desk.decide(f"termination-{case}", decision_no=number, decided_on=desk.day(3, 20, after=1).isoformat())
    terminations.circular(desk.operator, case, on=desk.day(3, 25, after=1), to="包头市人力资源和社会保障局")
    for month, amount in ((5, 4_000_00), (8, 3_500_00)):
        step = entries.open_step(desk.operator, case, kind=PaymentKind.RECOVERY.value, amount=amount)
        day = desk.day(month, 15, after=1)
        desk.settle([step], day, day, f"{day:%Y-%m%d}")
    rest = entries.open_step(
        desk.operator,
        case,
        kind=PaymentKind.REMISSION.value,
        amount=2_500_00,
        reason="家庭发生重大变故，经研究减免",
    )
    desk.approve([rest], desk.day(9, 10, after=1))


def past(person: Person, year: int, outcome: str) -> dict[str, Any]:
    """A line of 往年学员."""
    return {"id_number": person["id_number"], "name": person["name"], "year": year, "outcome": outcome}


def again() -> list[Person]:
    """The two whom 2018 could not take, as their unit nominates them one year on."""
    query = Trainee.select().join(Programme).where(Programme.year == 2018, Trainee.status == Status.REJECTED)
    return [_again(row) for row in query.order_by(Trainee.id)]


def _again(row: Trainee) -> Person:
    values = {name: getattr(row, name) for name in nominations.COLUMNS if name not in ("region", "county")}
    return {name: value for name, value in values.items() if value not in (None, "")}
