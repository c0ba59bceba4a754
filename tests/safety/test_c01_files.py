"""C1: files that would take the server down. Each is refused with its reason, or read where it is sound."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import isolated
from tepei_admin.messages import say_all
from tests.safety import hostile
from tests.served import Server, Visitor

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
    ended = subprocess.run(run, capture_output=True, text=True, timeout=300)
    assert ended.returncode < 0 and "still here" not in ended.stdout


class Poller:
    """Somebody who looks at the health page all the time."""

    def __init__(self, server: Server) -> None:
        self.visitor, self.statuses, self.ending = Visitor(server), [], threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.ending.wait(0.05):
            self.statuses.append(self.visitor.ask("/healthz")[0])

    def __enter__(self) -> Poller:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.thread.join(300)


@pytest.fixture
def server(sqlite_house, tmp_path: Path) -> Iterator[Server]:
    sqlite_house.actor("operator")
    with Server(tmp_path, TEPEI_DATABASE_URL=sqlite_house.url) as running:
        yield running


@pytest.mark.safety
def test_the_server_stays_itself_while_hostile_files_come_in(server, sqlite_house):
    """The same process, at most 50 MB more of it, and its health page answers all the while."""
    operator = Visitor(server, "operator")
    form = {"track": str(sqlite_house.track().id), "sealed": "1"}
    sound = ("汇总表.xlsx", hostile.people())
    assert operator.send("/import/", at="/import/", file=sound, **form)[0] == 303  # all is loaded
    before = server.memory()
    with Poller(server) as poller:
        for name, (make, reason) in hostile.FILES.items():
            status, _, page = operator.send("/import/", at="/import/", file=("汇总表.xlsx", make()), **form)
            found = re.search('role="alert">([^<]+)', page)
            assert (status == 422 and found and re.search(reason, found[1])) if reason else status == 303, (
                name,
                status,
            )
    assert server.process.poll() is None
    assert set(poller.statuses) == {200} and len(poller.statuses) > len(hostile.FILES)
    grown = server.memory() - before
    print(f"grown by {grown:.0f} MB; {len(poller.statuses)} looks at the health page")
    assert grown <= 50
    assert operator.send("/import/", at="/import/", file=sound, **form)[0] == 303
