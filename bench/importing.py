"""Measures a large import: python -m bench.importing [ROWS]

A table of 附件3 with 25 columns is checked (read, compared, kept for its preview), then stored as it is there, each in a
process of its own, as the panel does it. The database as in `bench`. CPU is that of the process alone.
"""

from __future__ import annotations

import datetime as dt
import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import fresh_house
from bench.training import peak

HEADER = [
    "序号", "姓名", "性别", "民族", "出生年月", "身份证号", "政治面貌", "学历", "学位", "毕业院校", "所学专业", "参加工作时间",
    "从事专业", "从事专业时间", "专业技术职务", "取得时间", "工作单位", "职务", "单位所在盟市", "旗县", "培养专业", "意向培养单位",
    "手机", "邮箱", "备注",
]  # fmt: skip


def table(path: Path, rows: int) -> None:
    """That many invented people, nobody twice, without fault."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("汇总表")
    sheet.write_row(0, 0, HEADER)
    for at in range(rows):
        sheet.write_row(at + 1, 0, _person(at))
    book.close()


def _person(at: int) -> list[Any]:
    from stdnum.cn import ric

    born = dt.date(1974, 4, 1) + dt.timedelta(days=at // 400)
    body = f"150402{born:%Y%m%d}{at % 400 * 2 + 1:03}"
    name = (
        "王李张白包吴乌敖何孟"[at % 10]
        + "伟娜静敏丽强磊军洋勇"[at // 10 % 10]
        + "艳杰娟涛明超霞平刚玲"[at // 100 % 10]
    )
    return [
        at + 1, name, "男", "蒙古族", f"{born:%Y.%m}", body + ric.calc_check_digit(body + "0"), "中共党员", "硕士研究生", "硕士",
        "内蒙古大学", "教育学", "2008.07", "教育", "2008-07", "副教授", "2016-12", f"赤峰学院第{at % 500}分院", "教师", "赤峰市",
        "松山区", "课程与教学论", "清华大学", f"138{at:08}", f"a{at}@example.com", f"备注{at % 50}",
    ]  # fmt: skip


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name, fresh_house() as (url, folder):
        file = Path(name) / "汇总表.xlsx"
        table(file, rows)
        print(
            f"{rows} rows x {len(HEADER)} columns, {file.stat().st_size / 1e6:.1f} MB, {url.partition(':')[0]}"
        )
        print(f"{'':<48} {'wall':>10} {'CPU':>12} {'peak memory':>14}")
        alone("open the file (the limited process)", _open, file)
        number = alone("preview: check and keep", _check, url, folder, file)
        alone("store", _store, url, folder, number)
        again = alone("the same file again: check and keep", _check, url, folder, file)
        assert again != number


def alone(what: str, work: Callable[..., Any], *args: Any) -> Any:
    """In a new process: the time and memory of this step and no other."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result, wall, cpu, memory = pool.apply(_measured, (work, args))
    print(f"{what:<48} {wall:8.1f} s {cpu:10.1f} s {memory:11.0f} MB", flush=True)
    return result


def _measured(work: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, float, float, float]:
    gc.disable()  # as jobs do
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(*args)
    return result, time.perf_counter() - wall, time.process_time() - cpu, peak()


def _open(file: Path) -> int:
    from tepei_admin.exchange import worker

    return sum(len(line.get("rows", ())) for line in worker.answer(file.name, file.read_bytes()))


def _check(url: str, folder: Path, file: Path) -> Any:
    def work(actor: Any) -> Any:
        from tepei_admin.exchange import long_work
        from tepei_admin.services import programmes

        track = programmes.find_track(programmes.find(2019).id, "outside")
        order = {"name": file.name, "track": track.id, "unit": None, "received": "2019-03-01", "sealed": True}
        return long_work.check(actor, order, file.read_bytes())["upload"]

    return _in_house(url, folder, work)


def _store(url: str, folder: Path, number: int) -> Any:
    def work(actor: Any) -> Any:
        from tepei_admin.exchange import long_work
        from tepei_admin.models import Upload

        order = {"upload": number, "version": Upload.get_by_id(number).version, "accept_good": False}
        return long_work.store(actor, order, b"")["done"]

    return _in_house(url, folder, work)


def _in_house(url: str, folder: Path, work: Callable[[Any], Any]) -> Any:
    from tepei_admin.database import db, open_database
    from tepei_admin.services import accounts, vault

    open_database(url)
    vault.folder = folder / "files"
    with db.obj.connection_context():
        return work(accounts.cli_actor())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
