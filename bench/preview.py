"""Measures the pages of a large import: python -m bench.preview [ROWS]

A table of that many people is handed in; then a page of its preview, its filters, a correction, and storing it.
Medians of several runs where a step can be done twice.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import fresh_house
from bench.__main__ import timed


def table(rows: int) -> bytes:
    """People of one league under the headers of 附件3; each hundredth has a wrong ethnicity."""
    import xlsxwriter

    from tepei_admin.exchange.columns import COLUMNS

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("汇总表")
        for place, column in enumerate(COLUMNS):
            sheet.write_string(0, place, column.header)
        for row in range(1, rows + 1):
            for place, text in enumerate(_person(row)):
                sheet.write_string(row, place, text)
    return out.getvalue()


def _person(row: int) -> list[str]:
    from stdnum.cn import ric

    day = f"19{70 + row % 20}{1 + row % 12:02d}{1 + row % 28:02d}"
    body = f"150404{day}{row // 240 % 1000:03d}"
    number = body + str(ric.calc_check_digit(body + "0"))
    return [
        str(row), "乌云其木格", "女" if int(body[-1]) % 2 == 0 else "男", "火星族" if row % 100 == 0 else "蒙古族",
        f"{day[:4]}-{day[4:6]}", number, "群众", "硕士研究生", "硕士", "内蒙古师范大学", "教育学", "2008-07", "教育", "2008-07",
        "副教授", "2015-12", "赤峰学院", "", "赤峰市", "松山区", "区外", "课程与教学论", "", "", "13800000991", "0476-8810991",
        "a@example.com", str(1 + row % 9999), "",
    ]  # fmt: skip


def once(what: str, action: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = action()
    print(f"{what:<48} {(time.perf_counter() - start) * 1000:10.1f}")
    return result


def main(rows: int) -> None:
    from tepei_admin.app import create_app
    from tepei_admin.config import Config
    from tepei_admin.database import db
    from tepei_admin.exchange import intake, mending
    from tepei_admin.models import Track, Unit, Upload
    from tepei_admin.seed import demo
    from tepei_admin.services import accounts, clock, vault

    with fresh_house() as (url, folder):
        data = table(rows)
        vault.folder = folder / "files"
        cli = accounts.cli_actor()
        accounts.add(cli, "operator", "operator", password=demo.PASSWORD)
        track, unit = Track.get(Track.code == "outside"), Unit.get(Unit.code == "150400")
        print(f"{rows} rows, {len(data) // 1024} kB, {'PostgreSQL' if db.obj.postgres else 'SQLite'} (ms)")
        found = once("read and check", lambda: intake.check(
            cli, data, "汇总表.xlsx", track=track, unit=unit, received=clock.today(), sealed=True
        ))  # fmt: skip
        number = once("keep", lambda: intake.hand_in(cli, data, found, unit))

        db.close()
        client = create_app(Config(data_dir=folder, database_url=url, secret_key="b" * 40)).test_client()
        token = client.get("/login").text.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"username": "operator", "password": demo.PASSWORD, "csrf_token": token}
        assert client.post("/login", data=form).status_code == 303
        for what, address in (
            ("preview, first page", ""),
            ("preview, last page", f"?page={rows // 50 - 1}"),
            ("errors of one column", "?level=error&column=ethnicity"),
            ("list of trouble", "/messages"),
        ):
            assert client.get(f"/import/{number}{address}").status_code == 200
            timed(what, lambda address=address: client.get(f"/import/{number}{address}"))
        db.connect(reuse_if_open=True)
        cell = {(101, "ethnicity"): "蒙古族"}
        once("one cell put right", lambda: mending.mend(cli, number, Upload.get_by_id(number).version, cell))
        version = Upload.get_by_id(number).version
        once("store the good rows", lambda: intake.store_kept(cli, number, version, accept_good=True))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
