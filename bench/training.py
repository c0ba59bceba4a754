"""Measures a training year of many: python -m bench.training [PEOPLE]

Everybody is taken through the year in the demo's own steps; the steps that an office waits for are timed. The
database as in `bench`. Peak memory of printing is that of a process of its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench import fresh_house


def timed(what: str, action: Callable[[], Any]) -> Any:
    """Once: a step of the year cannot be done twice."""
    start = time.perf_counter()
    result = action()
    print(f"{what:<48} {time.perf_counter() - start:10.2f} s")
    return result


def main(people: int) -> None:
    with fresh_house() as (url, _):
        from tepei_admin.choices import Status
        from tepei_admin.database import db
        from tepei_admin.seed import course, demo, fullyear, stage
        from tepei_admin.services import accounts, programmes, setup

        demo.fill_many(people)
        cli = accounts.cli_actor()
        programmes.set_quotas(
            cli,
            2019,
            {code: {"outside": people, "inside": people} for code in stage.OUTSIDE if code[0] == "1"},
        )
        _widen(cli, people)
        setup.note(cli, "today", fullyear.DAY.isoformat())
        desk = demo.desk(2019)
        print(f"{people} people, {'PostgreSQL' if db.obj.postgres else 'SQLite'}")
        timed("recommend", lambda: desk.do("recommend", desk.people(), desk.day(4, 8)))
        everybody = desk.people(Status.RECOMMENDED)
        timed("admit", lambda: desk.do("admit", everybody, desk.day(5, 20), approval_no="1"))
        tracks = {track: desk.people(Status.ADMITTED, track=track) for track in ("outside", "inside")}
        for track, some in tracks.items():
            course.place(desk, some, track)
        timed(
            "confirm the hosts",
            lambda: desk.do("confirm_placement", everybody, desk.day(6, 21), approval_no="2"),
        )
        timed("notify", lambda: desk.do("notify", everybody, desk.day(7, 3)))
        first, rest = tracks["outside"][:1000], tracks["outside"][1000:]
        timed(f"report in {len(first)}", lambda: desk.do("report_in", first, desk.day(9, 1)))
        for some in (rest, tracks["inside"]):
            desk.do("report_in", some, desk.day(9, 16))
        drafts = timed("propose tuition", lambda: desk.propose("tuition", everybody, desk.day(10, 10)))
        timed("approve tuition", lambda: desk.approve(drafts, desk.day(10, 15)))
        timed("pay tuition", lambda: desk.do("pay_payment", drafts, desk.day(10, 21), more={"voucher": "1"}))
        end = desk.day(9, 20, after=1)
        timed("assess", lambda: course.grade(desk, everybody, "pass", end))
        timed("complete", lambda: desk.do("complete", everybody, desk.day(9, 25, after=1)))
        timed("propose stipends", lambda: desk.propose("stipend", everybody, desk.day(10, 12, after=1)))
        timed("certify", lambda: desk.do("certify", everybody, desk.day(11, 20, after=1)))
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            alone.apply(_print, (url, everybody[:1000]))


def _print(url: str, people: Sequence[int]) -> None:
    """One certificate cold and warm, then all of these in one PDF; the process's peak memory."""
    from tepei_admin.database import db, open_database
    from tepei_admin.exchange import papers
    from tepei_admin.services import accounts

    open_database(url)
    with db.obj.connection_context():
        cli = accounts.cli_actor()
        for what, some in (
            ("one, cold", people[:1]),
            ("one, warm", people[:1]),
            (f"{len(people)} in one PDF", people),
        ):
            timed(
                f"certificate: {what}",
                lambda some=some: b"".join(papers.certificates_of(cli, some, "http://x").chunks),
            )
    print(f"{'peak memory':<48} {peak():10.0f} MB")


def peak() -> float:
    """Megabytes. The kernel's own mark: that of `resource` goes back to before the process was its own."""
    try:
        with open("/proc/self/status", encoding="ascii") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _widen(cli: Any, people: int) -> None:
    from tepei_admin.models import Track
    from tepei_admin.services import crud

    for track in Track.select():
        crud.edit(cli, Track, track.id, None, {"places": people})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
