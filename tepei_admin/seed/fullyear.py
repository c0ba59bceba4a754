"""The whole of 2019, to its last day: exactly the notice's 80 places, everybody passing a full year, paid and certified."""

from __future__ import annotations

import datetime as dt

from tepei_admin.choices import Status
from tepei_admin.seed import course, spring
from tepei_admin.seed.cast import Cast
from tepei_admin.seed.desk import Desk

DAY = dt.date(2020, 12, 31)
EXCELLENT = 5
"""Every fifth is 优秀, the others 合格."""


def play(desk: Desk) -> None:
    """From the tables of March 2019 to the archive in December 2020."""
    spring.fitting(desk, Cast(2019))
    desk.do("recommend", desk.people(), desk.day(4, 8))
    desk.do("admit", desk.people(Status.RECOMMENDED), desk.day(5, 20), approval_no="演示〔2019〕52号")
    for track in ("outside", "inside"):
        people = desk.people(Status.ADMITTED, track=track)
        course.begin(desk, people, track)
        course.receive(desk, people, desk.day(10, 8), of_the_end=False)
        course.tuition(desk, people, "2019-1021")
        course.grade(desk, people, "pass", desk.day(12, 20), kind="yearly")
        end = desk.day(9, 18, after=1)
        best = people[::EXCELLENT]
        course.grade(desk, best, "excellent", end)
        course.grade(desk, [person for person in people if person not in best], "pass", end)
        course.finish(desk, people, "2020-1026")
