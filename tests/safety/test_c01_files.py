"""C1: files that would take the server down. Each is refused with its reason, or read where it is sound."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import isolated
from tepei_admin.messages import say_all
from tests.exchange import making
from tests.safety import hostile
from tests.served import PATIENCE, Answer, Server, Visitor

REFUSED_IN, READ_IN = 2, 3
"""Seconds: a hostile file refused, a good one of 20,000 rows and 20 columns read; on a quiet machine."""
BUSY = 10
"""As many times over on one that does other things too: what is told apart are seconds from hours."""

SHORT = [
    "one cell in the last corner", "2 MB that unzip to 2 GB", "a directory that lies", "a thousand million laughs",
    "a document type that hides", "a wrong check sum", "cut off", "a web page", "merged over and over",
    "texts that a careless pattern takes hours for", "noise",
]  # fmt: skip
"""Those that are made in no time."""


@pytest.mark.parametrize("name", SHORT)
def test_a_hostile_file_is_refused_with_its_reason_or_read_where_it_is_sound(name):
    make, reason = hostile.FILES[name]
    if not reason:
        assert len(next(isolated.sheets(make(), "汇总表.xlsx")).rows) >= 4
        return
    with pytest.raises(RuleViolation) as refused:
        list(isolated.sheets(make(), "汇总表.xlsx"))
    assert re.search(reason, say_all(refused.value))


def test_without_a_process_of_its_own_the_corner_cell_ends_the_server(tmp_path: Path):
    """The control: the reader that was here before, in the process that serves."""
    (tmp_path / "corner.xlsx").write_bytes(hostile.corner())
    serve = "import sys; from python_calamine import CalamineWorkbook as Book\n"
    serve += "Book.from_path(sys.argv[1]).get_sheet_by_index(0).to_python(); print('still here')"
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n{serve}"
    run = [sys.executable, "-c", limited, str(tmp_path / "corner.xlsx")]
    ended = subprocess.run(run, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode < 0 and "still here" not in ended.stdout


class Poller:
    """Somebody who looks at the health page all the time."""

    def __init__(self, server: Server) -> None:
        self.visitor, self.statuses, self.ending = Visitor(server), [], threading.Event()
        self.longest = 0.0
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.ending.wait(0.05):
            began = time.monotonic()
            self.statuses.append(self.visitor.ask("/healthz").status)
            self.longest = max(self.longest, time.monotonic() - began)

    def __enter__(self) -> Poller:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.thread.join(PATIENCE)


@pytest.fixture
def server(sqlite_house, tmp_path: Path) -> Iterator[Server]:
    sqlite_house.actor("operator")
    with Server(tmp_path, TEPEI_DATABASE_URL=sqlite_house.url) as running:
        yield running


@dataclass
class Sender:
    """Somebody of the office with tables."""

    visitor: Visitor
    track: int

    def hand_in(self, data: bytes) -> tuple[Answer, float]:
        """What becomes of a file, a large one in a job; after how many seconds."""
        began, form = time.monotonic(), {"track": str(self.track), "sealed": "1"}
        answer = self.visitor.send("/import/", at="/import/", file=("汇总表.xlsx", data), **form)
        if "/jobs/" in (job := answer.where):
            while (answer := self.visitor.ask(job)).refreshing:
                time.sleep(0.05)
        return answer, time.monotonic() - began


@pytest.fixture
def sender(server, sqlite_house) -> Sender:
    return Sender(Visitor(server, "operator"), sqlite_house.track().id)


def is_right(answer: Answer, reason: str) -> bool:
    """Refused in the words that fit, or there to be looked at."""
    if not reason:
        return answer.status == 303 and bool(re.fullmatch(r"/import/\d+", answer.where))
    told = re.search('role="alert">([^<]+)', answer.text)
    return answer.status == 422 and bool(told and re.search(reason, told[1]))


@pytest.mark.safety
@pytest.mark.measured
def test_the_server_stays_itself_while_hostile_files_come_in(server, sender):
    """The same process, at most 50 MB more of it, and its health page answers all the while."""
    assert is_right(sender.hand_in(hostile.people())[0], "")  # all is loaded
    before, seconds = server.memory(), {}
    with Poller(server) as poller:
        for name, (make, reason) in hostile.FILES.items():
            answer, seconds[name] = sender.hand_in(make())
            assert is_right(answer, reason), (name, answer.status, answer.where)
    assert server.process.poll() is None
    assert set(poller.statuses) == {200} and len(poller.statuses) > len(hostile.FILES)
    grown = server.memory() - before
    print(f"grown by {grown:.0f} MB; {len(poller.statuses)} looks, the longest {poller.longest:.2f} s")
    print("\n".join(f"{took:6.2f} s  {name}" for name, took in seconds.items()))
    assert grown <= 50
    refused = [took for name, took in seconds.items() if hostile.FILES[name][1]]
    assert max(refused) < REFUSED_IN * BUSY
    assert is_right(sender.hand_in(hostile.people())[0], "")


@pytest.mark.safety
@pytest.mark.measured
def test_a_good_table_of_twenty_thousand_rows_is_soon_read():
    """The limits that stop the hostile do not hold up the honest."""
    row = [str(number) for number in range(20)]
    data = making.shared([hostile.LINE, making.HEADER, *([row] * 20_000)])
    began = time.monotonic()
    assert len(next(isolated.sheets(data, "汇总表.xlsx")).rows) > 20_000
    print(f"read in {(took := time.monotonic() - began):.2f} s")
    assert took < READ_IN * BUSY
