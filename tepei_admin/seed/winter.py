"""The demo's money and early ends up to 2019-12-27: tuition in every state, a case of each kind, what waits."""

from __future__ import annotations

import datetime as dt

from tepei_admin.choices import PaymentKind, Status
from tepei_admin.models import FollowUp, Placement
from tepei_admin.seed import course
from tepei_admin.seed.desk import Desk
from tepei_admin.services import crud, entries, terminations

APPROVED = 3
"""Of the last group inside: approved and not yet paid; the others of that group still wait for approval."""


def play(desk: Desk) -> None:
    """By the operator; what needs a second person, by the approver."""
    outside, inside = (desk.people(Status.TRAINING, track=track) for track in ("outside", "inside"))
    _tuition(desk, outside, inside)
    _withdrawn(desk)
    _no_show(desk)
    _for_cause(desk, outside[-3])
    _gone(desk, inside[8])
    _waiting(desk, outside[-5])
    _visits(desk, outside[:4])


def _tuition(desk: Desk, outside: list[int], inside: list[int]) -> None:
    """Paid host by host; of the last one inside, a few are approved and the rest wait."""
    paid = [share for _, share in course.groups(outside, "outside")]
    *more, last = (share for _, share in course.groups(inside, "inside"))
    for number, share in enumerate([*paid, *more], 1):
        drafts = desk.propose("tuition", share, dt.date(2019, 10, 10))
        day = dt.date(2019, 10, 21)
        desk.settle(drafts, dt.date(2019, 10, 15), day, f"{day:%Y-%m%d}-{number:02d}")
    drafts = desk.propose("tuition", last, dt.date(2019, 12, 18))
    desk.approve(drafts[:APPROVED], dt.date(2019, 12, 23))


def _withdrawn(desk: Desk) -> None:
    """Notified, not come, with a good cause: approval no. (after the notice)."""
    person = desk.people(Status.NOTIFIED, track="outside")[-1]
    desk.do(
        "withdraw",
        [person],
        dt.date(2019, 9, 12),
        reason="本人患病住院，经批准退出",
        approval_no="演示〔2019〕101号",
    )


def _no_show(desk: Desk) -> None:
    """六（六）1: nothing had been paid, so the case is settled at once."""
    person = desk.people(Status.NOTIFIED, track="inside")[-1]
    case = terminations.open_case(
        desk.operator, person, path="no_show", facts="收到通知后逾期未报到，经多次联系拒不说明原因",
        papers="报到通知回执；电话记录", decision_no="演示〔2019〕118号", decided_on=dt.date(2019, 10, 30),
    )  # fmt: skip
    desk.decide(f"termination-{case}")
    terminations.circular(
        desk.operator, case, on=dt.date(2019, 11, 5), to="申报人所在单位、所在盟市人力资源和社会保障局"
    )


def _for_cause(desk: Desk, person: int) -> None:
    """六（四）: the host confirms, the Department approves; a part of the tuition comes back."""
    case = terminations.open_case(
        desk.operator, person, path="for_cause", facts="本人重病，需长期治疗，无法继续培养",
        papers="诊断证明；本人申请；单位意见", actual_end=dt.date(2019, 11, 29),
    )  # fmt: skip
    terminations.confirm_host(desk.operator, case, on=dt.date(2019, 12, 2), how="培养单位来函同意")
    desk.decide(f"termination-{case}", decision_no="演示〔2019〕140号", decided_on="2019-12-06")
    _refund(desk, person, 20_000_00, dt.date(2019, 12, 20))


def _gone(desk: Desk, person: int) -> None:
    """六（六）2: a refund came first; one instalment has been received, a remission waits."""
    _refund(desk, person, 4_000_00, dt.date(2019, 11, 22))
    case = terminations.open_case(
        desk.operator, person, path="left", facts="2019年10月28日起擅自离开培养单位，经催告不返回",
        papers="培养单位函；催告记录", actual_end=dt.date(2019, 10, 27),
    )  # fmt: skip
    desk.decide(f"termination-{case}", decision_no="演示〔2019〕133号", decided_on="2019-11-26")
    terminations.circular(desk.operator, case, on=dt.date(2019, 11, 28), to="申报人所在单位")
    step = entries.open_step(desk.operator, case, kind=PaymentKind.RECOVERY.value, amount=5_000_00)
    desk.settle([step], dt.date(2019, 12, 16), dt.date(2019, 12, 17), "2019-1217")
    entries.open_step(
        desk.operator,
        case,
        kind=PaymentKind.REMISSION.value,
        amount=1_000_00,
        reason="已主动退还资料设备费用",
    )


def _waiting(desk: Desk, person: int) -> None:
    """A case for cause that waits for the host, and a contact note about it."""
    terminations.open_case(
        desk.operator, person, path="for_cause", facts="所在单位因专项工作申请提前召回",
        papers="所在单位来函", actual_end=dt.date(2020, 1, 10),
    )  # fmt: skip
    _note(
        desk,
        person,
        "call",
        dt.date(2019, 12, 18),
        "与单位人事科通话，确认召回时间；待培养单位书面意见",
        dt.date(2019, 12, 25),
    )


def _visits(desk: Desk, people: list[int]) -> None:
    """The autumn's round of the hosts."""
    for person in people:
        _note(
            desk,
            person,
            "visit",
            dt.date(2019, 11, 13),
            "到培养单位走访，学习生活情况良好",
            dt.date(2020, 3, 16),
        )


def _note(desk: Desk, person: int, kind: str, on: dt.date, note: str, next_on: dt.date) -> None:
    values = {"trainee": person, "kind": kind, "on": on, "by": "斯琴图雅", "note": note, "next_on": next_on}
    crud.create(desk.operator, FollowUp, values)


def _refund(desk: Desk, person: int, amount: int, on: dt.date) -> None:
    place = Placement.select().where(Placement.trainee == person).order_by(Placement.id.desc()).get()
    back = entries.open_refund(
        desk.operator, person, placement=place.id, amount=amount, reason="按未培养时间退回学费和住宿费"
    )
    desk.settle([back], on - dt.timedelta(days=2), on, f"{on:%Y-%m%d}")
