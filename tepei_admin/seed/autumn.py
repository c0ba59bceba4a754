"""The demo's training year up to 2019-12-27: hosts, notices, report-ins, leaves, one absence, a change of host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tepei_admin.choices import Status
from tepei_admin.database import among
from tepei_admin.models import Leave, Placement, Trainee, Unit
from tepei_admin.seed import course
from tepei_admin.seed.desk import Desk
from tepei_admin.services import crud, leaves, placements

UNPLACED, PROPOSED, UNNOTIFIED = {"outside": 3, "inside": 2}, 2, 1
"""Of each track: still without a host, with a proposal only, confirmed and not yet notified."""
LATE = 3
"""Of each track: notified and not yet reported in."""


def train(desk: Desk) -> None:
    """From the list of the admitted to a winter's day in training, by an operator."""
    for track in ("outside", "inside"):
        people = desk.people(Status.ADMITTED, track=track)
        placed = people[UNPLACED[track] :]
        course.place(desk, placed, track)
        confirmed = placed[PROPOSED:]
        desk.do("confirm_placement", confirmed, dt.date(2019, 6, 21), approval_no="演示〔2019〕66号")
        notified = confirmed[UNNOTIFIED:]
        desk.do("notify", notified, dt.date(2019, 7, 3))
        desk.do("receive_notice", notified[1:], dt.date(2019, 7, 9))
        begun = notified[LATE:]
        _accounts(desk, begun)
        start = course.start(desk, track)
        desk.do("report_in", begun[:-2], start)
        desk.do("report_in", begun[-2:], start + dt.timedelta(days=9))
        course.receive(desk, begun[:-4], dt.date(2019, 10, 8), of_the_end=False)
        _plans(desk, begun)
        _leaves(desk, begun)
        if track == "outside":
            more = {"starts": "2019-12-09", "ends": "2019-12-11", "leave_reason": "未办手续离开，已约谈"}
            desk.do("record_absence", [begun[7]], dt.date(2019, 12, 12), more=more)
    _change(desk)


def _accounts(desk: Desk, people: Sequence[int]) -> None:
    """Their bank accounts came with the tables; of every sixth it was closed since and is asked for again."""
    for number in people[::6]:
        crud.edit(
            desk.operator, Trainee, number, None, {"bank_name": "", "bank_account": "", "bank_holder": ""}
        )


def _plans(desk: Desk, people: Sequence[int]) -> None:
    """The first third have their plan on record (七（三）（四）)."""
    rows = Placement.select(Placement.id).where(among(Placement.trainee, list(people[: len(people) // 3])))
    for (number,) in rows.order_by(Placement.id).tuples():
        placements.edit(desk.operator, number, None, {
            "plan": "参加研究生课程学习；随导师课题组和科室工作；年度考核与结业考核",
            "tasks": "参与导师课题一项，完成进修报告一份",
            "lodging": "由培养单位统一安排学生公寓",
        })  # fmt: skip


def _leaves(desk: Desk, people: Sequence[int]) -> None:
    """Granted, refused, asked, given back early; one away without approval."""

    def away(who: int, starts: str, ends: str, state: str, reason: str) -> None:
        more = {"starts": starts, "ends": ends, "leave_state": state, "leave_reason": reason}
        if state == "granted":
            more["host_approval"] = "研究生院培养办"
        day = dt.date.fromisoformat(starts) - dt.timedelta(days=3)
        desk.do("record_leave", [people[who]], day, more=more)

    away(1, "2019-10-08", "2019-10-12", "granted", "家中老人住院，回家照料")
    away(2, "2019-12-23", "2019-12-31", "granted", "回单位参加年度考核")
    away(3, "2019-12-16", "2019-12-20", "refused", "个人事务")
    away(4, "2019-12-30", "2020-01-03", "asked", "子女就医")
    away(5, "2019-11-18", "2019-11-29", "granted", "本人手术休养")
    leave = Leave.select().where(Leave.trainee == people[5]).get()
    leaves.come_back(desk.operator, leave.id, back_on=dt.date(2019, 11, 26))


def _change(desk: Desk) -> None:
    """One changes host in November, with the Department's approval (六（一）)."""
    stay = (
        Placement.select()
        .join(Unit, on=(Placement.host == Unit.id))
        .where(Unit.code == "H06", Placement.state == "current")
        .order_by(-Placement.id)
        .first()
    )
    host = Unit.get(Unit.code == "H05").id
    more = {"host": host, "changed_on": "2019-11-25", "supervisor": "沈建国"}
    desk.do(
        "change_host", [stay.trainee_id], dt.date(2019, 11, 20), more=more,
        reason="原导师长期出国，培养计划无法继续", approval_no="演示〔2019〕131号",
    )  # fmt: skip
