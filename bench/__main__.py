"""Measures the panel's own work on invented people: python -m bench [PEOPLE]

Medians of several runs on a fresh SQLite database (or the PostgreSQL that TEPEI_DATABASE_URL names, emptied by
nobody: name a new one). Compare ratios within a run only: machines are shared and noisy.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable

from bench import fresh_house

RUNS = 7


def timed(what: str, action: Callable[[], object], runs: int = RUNS) -> None:
    """The median, the best and the worst, in milliseconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        taken.append((time.perf_counter() - start) * 1000)
    print(f"{what:<48} {statistics.median(taken):10.1f} {min(taken):10.1f} {max(taken):10.1f}")


def main(people: int) -> None:
    from tepei_admin.app import create_app
    from tepei_admin.config import Config
    from tepei_admin.database import db
    from tepei_admin.exchange import export
    from tepei_admin.models import Trainee
    from tepei_admin.seed import demo
    from tepei_admin.services import accounts, programmes, verbs
    from tepei_admin.services.plan import Args

    with fresh_house() as (url, folder):
        demo.fill_many(people)
        config = Config(data_dir=folder, database_url=url, secret_key="b" * 40)
        db.close()  # the panel opens the house anew
        app = create_app(config)
        client = app.test_client()
        token = client.get("/login").text.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"username": "admin", "password": demo.PASSWORD, "csrf_token": token}
        assert client.post("/login", data=form).status_code == 303
        print(f"{people} people, {'PostgreSQL' if db.obj.postgres else 'SQLite'}: median, best, worst (ms)")
        for what, address in (
            ("list, first page of 50", "/trainees/"),
            ("list, page 1000", f"/trainees/?page={min(1000, people // 50 - 1)}"),
            ("two characters of a name", "/trainees/?search=乌兰"),
            ("home", "/"),
            ("edit form", "/trainees/1/edit"),
        ):
            assert client.get(address).status_code == 200, address
            timed(what, lambda address=address: client.get(address))
        db.connect(reuse_if_open=True)
        cli = accounts.cli_actor()
        ids = [row[0] for row in Trainee.select(Trainee.id).order_by(Trainee.id).limit(10_000).tuples()]
        day = dt.date(2019, 4, 1)
        timed(f"eligibility of {len(ids)}", lambda: verbs.perform(cli, "check", ids, Args(day)), 3)
        timed(f"plan: reject {len(ids)}", lambda: verbs.plan(cli, "reject", ids, Args(day, reason="x")), 3)
        timed(
            f"reject {len(ids)}, with history",
            lambda: verbs.perform(cli, "reject", ids, Args(day, reason="x")),
            1,
        )
        year = programmes.find(2019).id
        for fmt in ("csv", "xlsx"):
            timed(
                f"export 区外学员汇总表 as {fmt}",
                lambda fmt=fmt: export.to_file(cli, "区外学员汇总表", year, folder / f"a.{fmt}", fmt=fmt),
                1,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
