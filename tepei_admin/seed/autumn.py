"""The demo's training year up to 2019-12-27: hosts, notices, report-ins, leaves, one absence, a change of host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tepei_admin.choices import Status
from tepei_admin.database import among
from tepei_admin.models import Leave, Placement, Programme, Track, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import crud, leaves, placements, verbs
from tepei_admin.services.plan import Args, Outcome

HOSTS = {"outside": ("H01", "H02", "H03", "H05", "H06", "H08"), "inside": ("H21", "H22", "H24", "H25")}
START = {"outside": dt.date(2019, 9, 1), "inside": dt.date(2019, 9, 16)}
MAJORS = (
    "课程与教学论",
    "作物遗传育种",
    "心血管内科",
    "植物生态学",
    "生物信息学",
    "水利工程",
    "蒙古文信息处理",
    "临床检验",
)
SUPERVISORS = (
    ("陈立新", "教授"),
    ("周敏", "主任医师"),
    ("刘志远", "研究员"),
    ("吴晓红", "教授"),
    ("郑海峰", "教授级高级工程师"),
)
UNPLACED, PROPOSED, UNNOTIFIED = {"outside": 3, "inside": 2}, 2, 1
"""Of each track: still without a host, with a proposal only, confirmed and not yet notified."""
LATE = 3
"""Of each track: notified and not yet reported in."""


def train(desk: Actor) -> None:
    """From the list of the admitted to a winter's day in training, by an operator."""
    for code in ("outside", "inside"):
        people = _admitted(code)
        placed = people[UNPLACED[code] :]
        _assign(desk, placed, code)
        confirmed = placed[PROPOSED:]
        _do(desk, "confirm_placement", confirmed, dt.date(2019, 6, 21), approval_no="演示〔2019〕66号")
        notified = confirmed[UNNOTIFIED:]
        _do(desk, "notify", notified, dt.date(2019, 7, 3))
        _do(desk, "receive_notice", notified[1:], dt.date(2019, 7, 9))
        begun = notified[LATE:]
        _accounts(desk, begun)
        _do(desk, "report_in", begun[:-2], START[code])
        _do(desk, "report_in", begun[-2:], START[code] + dt.timedelta(days=9))
        _plans(desk, begun)
        _leaves(desk, begun)
        if code == "outside":
            more = {"starts": "2019-12-09", "ends": "2019-12-11", "leave_reason": "未办手续离开，已约谈"}
            _do(desk, "record_absence", [begun[7]], dt.date(2019, 12, 12), more)
    _change(desk)


def _do(desk: Actor, verb: str, people: Sequence[int], on: dt.date, more: Any = None, **args: Any) -> Outcome:
    outcome = verbs.perform(desk, verb, people, Args(on, more=more or {}, **args))
    if outcome.skipped:
        raise RuntimeError(f"{verb}: {outcome.skipped[0]}")
    return outcome


def _admitted(track: str) -> list[int]:
    query = Trainee.select(Trainee.id).join(Programme).switch(Trainee).join(Track)
    query = query.where(Programme.year == 2019, Trainee.status == Status.ADMITTED, Track.code == track)
    return [row[0] for row in query.order_by(Trainee.id).tuples()]


def _assign(desk: Actor, people: Sequence[int], track: str) -> None:
    """A host's people in one go, as the office does it."""
    hosts = dict(Unit.select(Unit.code, Unit.id).tuples())
    codes = HOSTS[track]
    for place, code in enumerate(codes):
        name, title = SUPERVISORS[place % len(SUPERVISORS)]
        more = {
            "host": hosts[code], "planned_start": START[track].isoformat(), "major": MAJORS[place],
            "supervisor": name, "supervisor_title": title,
        }  # fmt: skip
        _do(desk, "assign_host", people[place :: len(codes)], dt.date(2019, 6, 12), more)


def _accounts(desk: Actor, people: Sequence[int]) -> None:
    """Their bank accounts came with the tables; of every sixth it was closed since and is asked for again."""
    for number in people[::6]:
        crud.edit(desk, Trainee, number, None, {"bank_name": "", "bank_account": "", "bank_holder": ""})


def _plans(desk: Actor, people: Sequence[int]) -> None:
    """The first third have their plan on record (七（三）（四）)."""
    rows = Placement.select(Placement.id).where(among(Placement.trainee, list(people[: len(people) // 3])))
    for (number,) in rows.order_by(Placement.id).tuples():
        placements.edit(desk, number, None, {
            "plan": "参加研究生课程学习；随导师课题组和科室工作；年度考核与结业考核",
            "tasks": "参与导师课题一项，完成进修报告一份",
            "lodging": "由培养单位统一安排学生公寓",
        })  # fmt: skip


def _leaves(desk: Actor, people: Sequence[int]) -> None:
    """Granted, refused, asked, given back early; one away without approval."""

    def away(who: int, starts: str, ends: str, state: str, reason: str) -> None:
        more = {"starts": starts, "ends": ends, "leave_state": state, "leave_reason": reason}
        if state == "granted":
            more["host_approval"] = "研究生院培养办"
        _do(desk, "record_leave", [people[who]], dt.date.fromisoformat(starts) - dt.timedelta(days=3), more)

    away(1, "2019-10-08", "2019-10-12", "granted", "家中老人住院，回家照料")
    away(2, "2019-12-23", "2019-12-31", "granted", "回单位参加年度考核")
    away(3, "2019-12-16", "2019-12-20", "refused", "个人事务")
    away(4, "2019-12-30", "2020-01-03", "asked", "子女就医")
    away(5, "2019-11-18", "2019-11-29", "granted", "本人手术休养")
    leave = Leave.select().where(Leave.trainee == people[5]).get()
    leaves.come_back(desk, leave.id, back_on=dt.date(2019, 11, 26))


def _change(desk: Actor) -> None:
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
    _do(
        desk,
        "change_host",
        [stay.trainee_id],
        dt.date(2019, 11, 20),
        more,
        reason="原导师长期出国，培养计划无法继续",
        approval_no="演示〔2019〕131号",
    )
