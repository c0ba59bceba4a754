"""Measures files out: python -m bench.export [PEOPLE]

The summary table of everybody, 29 columns, as a file on disk and as a download, each in a process of its own: time,
rows a second, and the process's peak memory beside that of one that has only opened the house. The database as in
`bench`.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from bench import fresh_house
from bench.training import peak

NAME = "全部学员汇总表"


def main(people: int) -> None:
    with fresh_house() as (url, _):
        from tepei_admin.database import db
        from tepei_admin.exchange.templates import TEMPLATES
        from tepei_admin.models import ExportTemplate
        from tepei_admin.seed import demo
        from tepei_admin.services import accounts, setup

        demo.fill_many(people)
        everybody = {**TEMPLATES[0], "name": NAME, "track_code": ""}
        setup.add_missing(accounts.cli_actor(), ExportTemplate, ("name",), [everybody])
        print(f"{people} people, {'PostgreSQL' if db.obj.postgres else 'SQLite'}")
        for what in ("nothing", "csv", "csv download", "xlsx", "xlsx download"):
            with multiprocessing.get_context("spawn").Pool(1) as alone:
                seconds, busy, size, memory = alone.apply(_measure, (url, what))
            speed = f"{people / seconds:10.0f} rows/s" if size else ""
            print(
                f"{what:<16} {seconds:8.2f} s {busy:8.2f} s of CPU {memory:8.0f} MB {size / 1e6:8.1f} MB file {speed}"
            )


def _measure(url: str, what: str) -> tuple[float, float, int, float]:
    """(seconds, seconds of this process's own work, bytes, peak megabytes) of one export."""
    from tepei_admin.database import db, open_database
    from tepei_admin.exchange import export
    from tepei_admin.services import accounts, programmes, vault

    fmt, _, download = what.partition(" ")
    open_database(url)
    with db.obj.connection_context(), tempfile.TemporaryDirectory() as name:
        vault.folder = Path(name) / "files"
        cli, year, path = accounts.cli_actor(), programmes.find(2019).id, Path(name) / f"a.{fmt}"
        size, start, worked = 0, time.perf_counter(), time.process_time()
        if download:
            size = sum(map(len, export.stream(cli, NAME, year, fmt=fmt).chunks))
        elif fmt != "nothing":
            export.to_file(cli, NAME, year, path, fmt=fmt)
            size = path.stat().st_size
        return time.perf_counter() - start, time.process_time() - worked, size, peak()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
