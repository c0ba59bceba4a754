"""The server as a process: it starts, answers, and ends; what it refuses."""

from __future__ import annotations

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tepei_admin import serve
from tepei_admin.config import Config
from tepei_admin.errors import RuleViolation
from tests.served import PATIENCE, Server, eventually, filled, lives


@pytest.fixture
def made(tmp_path: Path) -> None:
    """A house in the folder where `start` serves; made sooner than a demo."""
    (tmp_path / "var").mkdir()
    with filled(tmp_path / "var"):
        pass


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    running: list[Server] = []

    def run(*words: str, **env: str) -> Server:
        running.append(Server(tmp_path / "var", *words, **env))
        return running[-1]

    yield run
    for server in running:
        server.end()


def status(address: str) -> int:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        return int(answer.status)


@pytest.mark.slow
def test_the_demo_is_served_by_several_and_all_end_together(start, tmp_path):
    server = start("--demo", "--workers", "2")
    address = server.address
    assert "demo-2019-" in "".join(server.told) and "虚构" in "".join(server.told)
    assert (tmp_path / "var" / "demo.sqlite3").exists() and not (tmp_path / "var" / "tepei.sqlite3").exists()
    assert [status(f"{address}/healthz") for _ in range(8)] == [200] * 8
    assert eventually(lambda: len(server.workers()) == 2)
    workers = server.workers()
    time.sleep(serve.SOON)
    os.kill(workers[0], signal.SIGKILL)
    assert eventually(lambda: len(server.workers()) == 2 and workers[0] not in server.workers())
    assert status(f"{address}/healthz") == 200
    workers = server.workers()
    assert server.end() == 0 and eventually(lambda: not any(map(lives, workers)))
    again = start("--demo")  # filled once
    assert status(f"{again.address}/login") == 200
    assert again.end() == 0


@pytest.mark.slow
def test_a_demo_that_was_broken_off_is_made_anew(start, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "demo.sqlite3.new").write_bytes(b"half")
    assert status(f"{start('--demo').address}/healthz") == 200
    assert not list((tmp_path / "var").glob("demo.sqlite3.new*"))


@pytest.mark.slow
def test_workers_that_cannot_start_are_not_started_for_ever(made, start, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "waitress.py").write_text("raise ImportError('no server')")
    server = start("--workers", "2", PYTHONPATH=f"{broken}:{os.getcwd()}")
    assert server.process.wait(PATIENCE) == 1 and "一启动就退出" in server.complaints()


DEAF = """
import time
def serve(*_, **__):
    while True:
        try:
            print("listening\\n", end="", flush=True)  # in one piece, beside the other worker
            time.sleep(60)
        except SystemExit:  # as a finaliser would
            if globals().setdefault("told", 0):
                raise
            globals()["told"] += 1
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_who_does_not_hear_the_first_time_is_told_to_end_again(made, start, tmp_path, workers):
    """A worker that missed the signal while it was starting once kept the whole server from ending."""
    deaf = tmp_path / "deaf"
    deaf.mkdir()
    (deaf / "waitress.py").write_text(DEAF)
    sooner = "from tepei_admin import serve\nserve.AGAIN = 1\n"
    server = start("--workers", workers, before=sooner, PYTHONPATH=f"{deaf}:{os.getcwd()}")
    assert server.address
    heard = [server.out.readline() for _ in range(int(workers))]
    assert heard == ["listening\n"] * int(workers)
    assert server.end() == 0


def test_beyond_loopback_needs_a_base_url(tmp_path):
    with pytest.raises(RuleViolation, match=r"serve\.base_url_needed"):
        serve.run(Config(data_dir=tmp_path), host="0.0.0.0", port=0, workers=1, demo=False)


def test_a_port_in_use_is_told_in_one_line(quick):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = quick("serve", "--port", taken.getsockname()[1])
    assert (ran.status, ran.out) == (1, "") and "不能监听" in ran.err and ran.err.count("\n") == 1


def test_a_house_that_was_not_made_is_refused(quick, monkeypatch, tmp_path):
    monkeypatch.setenv("TEPEI_DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    ran = quick("serve", "--port", 0)
    assert ran.status == 1 and "tepei-admin init" in ran.err and not (tmp_path / "none.sqlite3").exists()


def test_a_house_that_is_not_up_to_date_is_refused(quick, monkeypatch):
    monkeypatch.setattr("tepei_admin.migrations.pending", lambda: ["0002_next"])
    ran = quick("serve", "--port", 0)
    assert ran.status == 1 and "需要升级" in ran.err


def test_a_day_is_set_on_a_demo_only(quick, monkeypatch):
    monkeypatch.setenv("TEPEI_TODAY", "2019-12-30")
    ran = quick("serve", "--port", 0)
    assert ran.status == 2 and "TEPEI_TODAY" in ran.err
