"""kill -9 in the middle of a file: said in one sentence, nothing stored, and begun again as if nothing had been."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from tepei_admin.exchange import isolated, jobs
from tepei_admin.exchange.isolated import _Reader
from tepei_admin.models import Batch, Trainee, Upload, UploadRow
from tepei_admin.services import vault
from tepei_admin.views import intake
from tests.factories import id_number
from tests.views.browser import Browser
from tests.views.test_pages_intake import line, send, sheet, store
from tests.views.test_pages_jobs import _the_tests_go_on_after_a_job, job_file, named, nameless, wait  # noqa: F401

PEOPLE = 3_000
"""Enough that the process is at work for a while, and has more to say than a pipe holds."""


@pytest.fixture
def operator(sqlite_app, sqlite_house) -> Browser:
    return Browser(sqlite_app).sign_in(sqlite_house, "operator")


@pytest.fixture(scope="module")
def people() -> list[str]:
    return [
        line(f"甲{chr(0x4E00 + n)}", id_number(n % 500, born=f"198505{12 + n // 500}")) for n in range(PEOPLE)
    ]


def nothing_is_there() -> bool:
    files = list(vault.folder.rglob("*")) if vault.folder.exists() else []
    return not (
        Upload.select().count() or UploadRow.select().count() or [path for path in files if path.is_file()]
    )


# --- the process that reads


@pytest.fixture
def killed_reader(monkeypatch):
    """The reading process is killed after its first thousand rows; how it ended."""
    ends: list[int] = []
    whole = _Reader.lines

    def lines(self):
        found = whole(self)
        yield next(found)  # the sheet's head
        yield next(found)
        os.kill(self.process.pid, signal.SIGKILL)
        ends.append(self.process.wait())
        yield from found

    monkeypatch.setattr(_Reader, "lines", lines)
    return ends


@pytest.mark.parametrize("large", [False, True], ids=["in the request", "in a job"])
def test_the_reader_killed_in_the_middle_of_a_file_is_one_sentence_and_nothing_is_kept(
    large, sqlite_app, sqlite_house, operator, people, killed_reader, monkeypatch
):
    monkeypatch.setattr(intake, "LARGE", 0 if large else 10**9)
    data = sheet(*people)
    if large:  # the job here, so that its reader can be killed
        monkeypatch.setattr(jobs, "_begin", jobs.run)
    answer = send(operator, sqlite_house, data)
    if large:
        job = jobs._read(job_file(sqlite_app, answer.location))
        assert job.ended and not job.result and job.refused[0][0] == "import.reader_died"
        answer = operator.get(answer.location)
    assert killed_reader == [-signal.SIGKILL]
    assert answer.status_code == 422 and "没能读完“汇总表.csv”" in answer.text
    assert nothing_is_there() and Trainee.select().count() == 0
    monkeypatch.undo()
    monkeypatch.setattr(intake, "LARGE", 10**9)
    assert "全部保存（1 人）" in operator.get(send(operator, sqlite_house, sheet(people[0])).location).text


def test_a_reader_that_is_left_alone_reads_the_same_file_whole(people):
    [found] = isolated.sheets(sheet(*people), "汇总表.csv")
    assert len(found.rows) == PEOPLE + 1


# --- the process of a job


@pytest.fixture
def begun(monkeypatch) -> list[subprocess.Popen[bytes]]:
    """The processes of jobs; whoever watches them goes first on a busy machine."""
    found: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args, **options):
            super().__init__(*args, **options, preexec_fn=lambda: os.nice(19))
            found.append(self)

    monkeypatch.setattr(jobs.subprocess, "Popen", Noted)
    return found


def kill_at(step: str, process: subprocess.Popen[bytes], path) -> bool:
    """Kill the process when it has come to that step; False: it was quicker."""
    while process.poll() is None:
        if json.loads(path.read_text(encoding="utf-8"))["step"] == step:
            process.kill()
            process.wait()
            break
        time.sleep(0.005)
    return not json.loads(path.read_text(encoding="utf-8"))["ended"]


@pytest.mark.parametrize(
    ("kind", "step"), [("check", "checking"), ("columns", "checking"), ("store", "storing")]
)
def test_a_job_killed_at_its_work_has_done_nothing_and_is_begun_again(
    kind, step, sqlite_app, sqlite_house, operator, people, begun, monkeypatch
):
    path = ""
    if kind != "check":
        with monkeypatch.context() as small:
            small.setattr(intake, "LARGE", 10**9)
            path = send(operator, sqlite_house, (nameless if kind == "columns" else sheet)(*people)).location
    monkeypatch.setattr(intake, "LARGE", 0)
    begins = {
        "check": lambda: send(operator, sqlite_house, sheet(*people)),
        "columns": lambda: named(operator, path, "id_number"),
        "store": lambda: store(operator, path),
    }
    before = [(item.id, item.version, item.batch_id) for item in Upload.select()]
    address = begins[kind]().location
    assert kill_at(step, begun[-1], job_file(sqlite_app, address)), "it was done before it could be killed"
    assert [(item.id, item.version, item.batch_id) for item in Upload.select()] == before
    assert (Trainee.select().count(), Batch.select().where(Batch.verb == "import").count()) == (0, 0)
    with monkeypatch.context() as late:
        late.setattr(jobs, "SILENCE", 0)
        answer = operator.get(address)
    assert answer.status_code == 422 and "Refresh" not in answer.headers
    said = {
        "check": "请重新选择文件核对",
        "columns": "列的对应没有改变",
        "store": "没有保存任何人，请再按一次保存",
    }
    assert said[kind] in answer.text
    done = wait(operator, begins[kind]().location)
    assert done.status_code == 303
    if kind == "store":
        assert Trainee.select().count() == PEOPLE
    else:
        assert f"全部保存（{PEOPLE} 人）" in operator.get(done.location).text
