"""Steps of a training year that the demo takes with a group: hosts, grades, papers, tuition and stipends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tepei_admin.choices import DocumentKind
from tepei_admin.models import Unit
from tepei_admin.rules import documents
from tepei_admin.seed.desk import Desk

HOSTS = {"outside": ("H01", "H02", "H03", "H05", "H06", "H08"), "inside": ("H21", "H22", "H24", "H25")}
MAJORS = (
    "课程与教学论", "作物遗传育种", "心血管内科", "植物生态学", "生物信息学", "水利工程", "蒙古文信息处理", "临床检验",
)  # fmt: skip
SUPERVISORS = (
    ("陈立新", "教授"), ("周敏", "主任医师"), ("刘志远", "研究员"), ("吴晓红", "教授"), ("郑海峰", "教授级高级工程师"),
)  # fmt: skip


def start(desk: Desk, track: str) -> dt.date:
    """The planned first day."""
    return desk.day(9, 1) if track == "outside" else desk.day(9, 16)


def groups(people: Sequence[int], track: str) -> list[tuple[str, Sequence[int]]]:
    """Who goes to which host."""
    codes = HOSTS[track]
    shares = [(code, people[place :: len(codes)]) for place, code in enumerate(codes)]
    return [(code, share) for code, share in shares if share]


def place(desk: Desk, people: Sequence[int], track: str) -> None:
    """A host's people in one go, as the office does it."""
    hosts = dict(Unit.select(Unit.code, Unit.id).tuples())
    for number, (code, share) in enumerate(groups(people, track)):
        name, title = SUPERVISORS[number % len(SUPERVISORS)]
        more = {
            "host": hosts[code], "planned_start": start(desk, track).isoformat(), "major": MAJORS[number],
            "supervisor": name, "supervisor_title": title,
        }  # fmt: skip
        desk.do("assign_host", share, desk.day(6, 12), more=more)


def begin(desk: Desk, people: Sequence[int], track: str) -> None:
    """From the proposal of a host to the first day there."""
    place(desk, people, track)
    desk.do("confirm_placement", people, desk.day(6, 21), approval_no=f"演示〔{desk.year}〕66号")
    desk.do("notify", people, desk.day(7, 3))
    desk.do("receive_notice", people, desk.day(7, 9))
    desk.do("report_in", people, start(desk, track))


def receive(desk: Desk, people: Sequence[int], on: dt.date, *, of_the_end: bool) -> None:
    """The papers of the beginning, or those that the year brings forth."""
    for kind in documents.REQUIRED:
        if (kind in documents.AT_THE_END) is of_the_end:
            desk.do("receive", people, on, more={"document": DocumentKind(kind).value})


def tuition(desk: Desk, people: Sequence[int], voucher: str) -> None:
    """Proposed in October, approved, paid."""
    drafts = desk.propose("tuition", people, desk.day(10, 10))
    desk.settle(drafts, desk.day(10, 15), desk.day(10, 21), voucher)


def grade(desk: Desk, people: Sequence[int], grade: str, on: dt.date, kind: str = "completion") -> None:
    desk.do("assess", people, on, more={"assessment": kind, "grade": grade})


def finish(desk: Desk, people: Sequence[int], voucher: str) -> None:
    """Who has passed: completed in the autumn after, the stipend, the certificate, the file to the archive."""
    desk.do("complete", people, desk.day(9, 25, after=1))
    receive(desk, people, desk.day(9, 28, after=1), of_the_end=True)
    drafts = desk.propose("stipend", people, desk.day(10, 12, after=1))
    desk.settle(drafts, desk.day(10, 19, after=1), desk.day(10, 26, after=1), voucher)
    desk.do("certify", people, desk.day(11, 20, after=1))
    desk.do("hand_over", people, desk.day(12, 4, after=1))
    desk.do("archive", people, desk.day(12, 11, after=1), more={"archived_to": "所在单位人事档案"})
