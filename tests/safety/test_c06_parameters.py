"""C6: parameters as nobody meant them. Seeded requests with pages, sorts, filters, ids, dates, NUL, surrogates, huge numbers."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.safety.canaries import nest
from tests.safety.digest import digest
from tests.safety.test_a01_routes import CARRIED
from tests.views.browser import Browser

SHORT, LONG = 400, 3000
SLOWEST = 60.0
"""Seconds: what takes longer hangs, and is no slow machine's doing."""
WORDS = [
    "", "0", "1", "-1", "2", "007", "1e3", "²", "９", "4294967296", "9223372036854775808", "9" * 40, "-9" * 20, "0x10", "1.5", "NaN",
    "inf", "true", "null", "None", "[]", "{}", "'", '"', "\\", "%", "_", "%%", "';--", "1 OR 1=1", "\x00", "a\x00b", "\ud800", "\udfff1",
    "\u202e", "\ufeff", "𠮷", "王", "阿拉坦·乌拉", "２０１９", "2019-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2019-13", "2019年3月",
    "1969-12-31", "-1-1-1", "id", "-id", "--id", "name", "-name,", "id.desc", "unit__name", "trainee.name", "../../etc/passwd",
    "<script>", "{{7*7}}", "%s%n", "${x}", "a" * 5000, "，" * 300, ",".join(map(str, range(900))), "\r\nX: y", "\t", "　",
]  # fmt: skip
KEYS = ["page", "page_size", "sort", "search", "columns", "q", "next", "month", "host", "ids", "all", "query", "verb", "version",
        "format", "encoding", "masked", "track", "unit", "column", "show", "state", "kind", "from", "to", "number", "code", "decide",
        "csrf_token[]", "on", "reason", "file", "programme", "row", "value", "key", "job", "label"]  # fmt: skip


def byte_address(text: str) -> str:
    """As it goes over the wire, surrogates and all."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


class Dice:
    """Addresses, parameters and forms, the same ones for the same seed."""

    def __init__(self, app: Any, rows: dict[Any, Any], seed: int) -> None:
        self.random = random.Random(seed)
        self.doors = [
            door
            for door in app.extensions["doors"].values()
            if door.rule not in ("/logout", "/account/password")
        ]
        self.views = list(app.extensions["resources"].values())
        self.numbers = [str(row.id) for row in rows.values()]

    def address(self, rule: str) -> str:
        def part(found: re.Match[str]) -> str:
            if found[0].startswith("<int"):
                return self.random.choice([*self.numbers, "1", "0", "2147483647", "2147483648", "9" * 30])
            return byte_address(
                self.random.choice([*WORDS, "payment-1", "request-1", "waiver-x", "notice"]).replace("/", "")
                or "x"
            )

        return re.sub(r"<[^>]*>", part, rule)

    def pairs(self) -> list[tuple[str, str]]:
        keys = [*KEYS, *self.random.choice(self.views).filters]
        return [(self.random.choice(keys), self.word()) for _ in range(self.random.randint(0, 5))]

    def word(self) -> str:
        return self.random.choice([*WORDS, *self.numbers])


def requests(dice: Dice, count: int) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    for _ in range(count):
        door = dice.random.choice(dice.doors)
        query = "&".join(f"{byte_address(key)}={byte_address(value)}" for key, value in dice.pairs())
        yield door.method, f"{dice.address(door.rule)}?{query}", dice.pairs()


def faults(browser: Browser, rows: dict[Any, Any], count: int, seed: int) -> list[Any]:
    """What answered with a 500, took too long, or was a GET and wrote."""
    token, found = browser.token("/units/"), []
    before = digest()
    for method, address, pairs in requests(Dice(browser.app, rows, seed), count):
        form = {
            "csrf_token": token,
            **CARRIED,
            **{key: value.encode("utf-8", "replace").decode() for key, value in pairs},
        }
        began = time.monotonic()
        answer = browser.client.open(address, method=method, data=form if method == "POST" else None)
        size, took = len(answer.get_data()), time.monotonic() - began
        if answer.status_code >= 500 or took > SLOWEST or size > 5_000_000:
            found.append(
                (method, address[:300], pairs if method == "POST" else "", answer.status_code, round(took, 2))
            )
        if method == "POST":
            before = digest() if answer.status_code < 400 else before
        elif answer.status_code == 200 and digest() != before:
            found.append((method, address[:300], "wrote"))
            before = digest()
    return found


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.safety)])
def test_no_parameter_makes_an_error_of_ours(seed: int, house, admin: Browser) -> None:
    rows = nest("150400")
    assert faults(admin, rows, SHORT if seed == 1 else LONG, seed) == []


def test_control_a_fault_in_a_view_is_found(sqlite_house, sqlite_admin: Browser) -> None:
    rows = nest("150400")

    def broken(**_: object) -> str:
        raise ValueError("broken")

    for name in sqlite_admin.app.view_functions:
        if name.endswith("index_view"):
            sqlite_admin.app.view_functions[name] = broken
    assert faults(sqlite_admin, rows, 100, 3)
