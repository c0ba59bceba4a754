"""A large file at work: its page, where it leads, and what is said when it was killed."""

from __future__ import annotations

import gc
import os
import re
import time
from pathlib import Path

import pytest

from tepei_admin.exchange import jobs
from tepei_admin.models import Batch, Trainee, Upload
from tepei_admin.views import intake
from tests.views.test_pages_intake import line, numbers, operator, send, sheet, store  # noqa: F401

PATIENCE = 300


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch):
    monkeypatch.setattr(intake, "LARGE", 0)


@pytest.fixture(autouse=True)
def _the_tests_go_on_after_a_job():
    yield
    gc.enable()


@pytest.fixture
def held(monkeypatch):
    """Jobs are ordered and nobody begins them."""
    monkeypatch.setattr(jobs, "_begin", lambda config, number: None)


def wait(browser, address: str):
    """Look at a job's page until it leads elsewhere."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = browser.get(address)
        if "Refresh" not in answer.headers:
            return answer
        time.sleep(0.1)
    raise AssertionError("the job did not end")


def job_file(app, address: str):
    return app.config["TEPEI"].data_dir / "jobs" / f"{address.rpartition('/')[2]}.json"


def test_a_large_file_is_checked_and_stored_in_jobs(house, operator, numbers):  # noqa: F811
    answer = send(operator, house, sheet(line("萨仁", numbers[0]), line("敖敏", numbers[1])))
    assert answer.status_code == 303 and answer.location.startswith("/import/jobs/")
    looked = wait(operator, answer.location)
    assert looked.status_code == 303 and "全部保存（2 人）" in operator.get(looked.location).text
    assert Trainee.select().count() == 0
    stored = wait(operator, store(operator, looked.location).location)
    assert stored.location == f"/batches/{Batch.get(Batch.verb == 'import').id}"
    assert "已保存 2 人" in operator.get(stored.location).text and Trainee.select().count() == 2


def nameless(*lines: str) -> bytes:
    """A table whose ID numbers stand under a name that nobody knows."""
    return sheet(*lines).replace("身份证号".encode(), "证号".encode())


def named(browser, path: str, field: str, **values):
    """Say what the column 证号 is."""
    page = browser.get(path).text
    column = re.search(r'<span>证号</span>\s*<select name="(column\.\d+)"', page)[1]
    return browser.post(
        f"{path}/columns", **{column.replace(".", "__"): field}, version=str(Upload.get().version), **values
    )


def test_the_columns_of_a_large_file_are_named_in_a_job(house, operator, numbers):  # noqa: F811
    path = wait(operator, send(operator, house, nameless(line("萨仁", numbers[0]))).location).location
    answer = named(operator, path, "id_number")
    assert answer.status_code == 303 and answer.location.startswith("/import/jobs/")
    looked = wait(operator, answer.location)
    assert looked.status_code == 303 and looked.location == path
    page = operator.get(path).text
    assert "已按新的列重新核对" in page and "全部保存（1 人）" in page
    answer = operator.post(f"{path}/columns", forget="1", version=str(Upload.get().version))
    assert wait(operator, answer.location).location == path
    assert "没有认出必需的列：身份证号" in operator.get(path).text


def test_columns_named_wrongly_in_a_job_are_asked_for_again_as_they_were_named(house, operator, numbers):  # noqa: F811
    path = wait(operator, send(operator, house, nameless(line("萨仁", numbers[0]))).location).location
    answer = wait(operator, named(operator, path, "remarks").location)
    assert answer.status_code == 422 and "缺少必需的列" in answer.text
    assert re.search(r'<option value="remarks" selected', answer.text)


def test_columns_that_somebody_has_named_in_between_are_asked_for_again_as_for_a_small_file(
    house, operator, numbers  # noqa: F811
):  # fmt: skip
    path = wait(operator, send(operator, house, nameless(line("萨仁", numbers[0]))).location).location
    wait(operator, named(operator, path, "id_number").location)
    answer = operator.post(f"{path}/columns", forget="1", version=str(Upload.get().version - 1))
    assert wait(operator, answer.location).status_code == 409


def test_a_file_that_is_refused_in_a_job_is_refused_on_the_form_with_what_was_chosen(house, operator):  # noqa: F811
    answer = wait(operator, send(operator, house, b"<html>", "汇总表.xls").location)
    assert answer.status_code == 422 and "内容是网页而不是表格" in answer.text
    assert f'value="{house.track().id}" selected' in answer.text


def test_while_it_is_at_work_the_page_says_how_far_it_is_and_looks_again_by_itself(
    house, operator, numbers, held, app  # noqa: F811
):  # fmt: skip
    address = send(operator, house, sheet(line("萨仁", numbers[0]))).location
    assert "正在排队" in operator.get(address).text
    path = job_file(app, address)
    jobs._Teller(path)("checking", 250, 1000)
    page = operator.get(address)
    assert page.headers["Refresh"] == "2" and "250 / 1000 行" in page.text
    assert (
        '<li class="past">读取文件' in page.text
        and 'class="now" aria-current="step">逐行核对' in page.text
        and 'value="250"' in page.text
    )


def killed(path, ago: float = jobs.SILENCE + 1) -> None:
    """Its last sign of life is that old."""
    old = time.monotonic() - ago
    os.utime(path, (old, old))


@pytest.mark.parametrize("what", ["check", "columns", "store"])
def test_a_job_that_was_killed_leaves_nothing_stuck(what, house, operator, numbers, held, app, monkeypatch):  # noqa: F811
    if what == "check":
        address = send(operator, house, sheet(line("萨仁", numbers[0]))).location
    else:
        with monkeypatch.context() as small:
            small.setattr(intake, "LARGE", 10**9)
            data = (nameless if what == "columns" else sheet)(line("萨仁", numbers[0]))
            upload = send(operator, house, data).location
        address = (
            store(operator, upload) if what == "store" else named(operator, upload, "id_number")
        ).location
    killed(job_file(app, address))
    answer = operator.get(address)
    assert answer.status_code == 422 and "Refresh" not in answer.headers
    assert {
        "check": "请重新选择文件核对",
        "columns": "列的对应没有改变",
        "store": "没有保存任何人，请再按一次保存",
    }[what] in answer.text


def test_another_ones_job_is_not_there(house, operator, client_as, numbers, held):  # noqa: F811
    address = send(operator, house, sheet(line("萨仁", numbers[0]))).location
    assert client_as("admin").get(address).status_code == 404
    assert operator.get("/import/jobs/0123456789abcdef").status_code == 404
    assert operator.get("/import/jobs/..%2Fsecret").status_code == 404


def test_when_too_many_wait_the_next_is_asked_to_come_later(house, operator, numbers, held):  # noqa: F811
    data = sheet(line("萨仁", numbers[0]))
    answers = [send(operator, house, data).status_code for _ in range(jobs.WAITING + 1)]
    assert answers == [303] * jobs.WAITING + [503]


def test_a_job_of_somebody_who_was_switched_off_meanwhile_is_refused(house, operator, numbers, held, app):  # noqa: F811
    address = send(operator, house, sheet(line("萨仁", numbers[0]))).location
    from tepei_admin.models import User
    from tepei_admin.services import accounts

    accounts.switch(house.cli, User.get(User.role == "operator").username, active=False)
    jobs.run(app.config["TEPEI"], address.rpartition("/")[2])
    job = jobs._read(job_file(app, address))
    assert job.ended and job.refused and not job.result and Trainee.select().count() == 0


def test_a_fault_of_ours_is_told_and_its_trace_is_not(house, operator, held, app, monkeypatch, numbers):  # noqa: F811
    address = send(operator, house, sheet(line("萨仁", numbers[0]))).location

    def broken(*_):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(jobs, "_work", broken)
    jobs.run(app.config["TEPEI"], address.rpartition("/")[2])
    page = operator.get(address)
    assert "处理文件时程序出错" in page.text and "secret" not in page.text


def ordered(app, house) -> Path:
    """The file of a job that nobody begins."""
    config = app.config["TEPEI"]
    return config.data_dir / "jobs" / f"{jobs.start(config, house.cli, 'check', {}, b'names')}.json"


@pytest.mark.parametrize("ago", [jobs.GIVEN_UP + 1, -5.0], ids=["long ago", "before the machine was started"])
def test_of_a_killed_job_the_people_s_data_do_not_stay(ago, sqlite_house, sqlite_app, held):
    path = ordered(sqlite_app, sqlite_house)
    killed(path, ago)
    jobs.tidy(sqlite_app.config["TEPEI"])
    assert not path.with_suffix(".data").exists()


def test_a_slow_one_still_finds_its_file(sqlite_house, sqlite_app, held):
    path = ordered(sqlite_app, sqlite_house)
    killed(path)
    jobs.tidy(sqlite_app.config["TEPEI"])
    assert jobs._read(path).lost and path.with_suffix(".data").read_bytes() == b"names"


def test_a_file_whose_job_is_just_being_written_stays(sqlite_house, sqlite_app, held):
    path = ordered(sqlite_app, sqlite_house)
    path.unlink()
    jobs.tidy(sqlite_app.config["TEPEI"])
    assert path.with_suffix(".data").exists()


JUMPS = pytest.mark.parametrize("jump", [-86_400, 365 * 86_400], ids=["a day back", "a year on"])


@JUMPS
def test_a_clock_that_is_set_kills_no_job_and_raises_none(
    jump, sqlite_house, sqlite_app, held, monkeypatch
):  # fmt: skip
    """The office sets its clock: who is at work stays so, who is gone stays gone."""
    alive, dead = ordered(sqlite_app, sqlite_house), ordered(sqlite_app, sqlite_house)
    killed(dead)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump)
    jobs.tidy(sqlite_app.config["TEPEI"])
    assert not jobs._read(alive).lost and alive.with_suffix(".data").exists()
    assert jobs._read(dead).lost


@JUMPS
def test_control_by_the_clock_on_the_wall_it_would(jump, sqlite_house, sqlite_app, held, monkeypatch):
    now = time.time
    monkeypatch.setattr(time, "monotonic", lambda: now())
    alive = ordered(sqlite_app, sqlite_house)
    monkeypatch.setattr(time, "monotonic", lambda: now() + jump)
    assert jobs._read(alive).lost, "stamped in the future, or long ago"
