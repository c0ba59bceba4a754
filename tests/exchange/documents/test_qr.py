from __future__ import annotations

import random
import re

import pytest
import segno

from tepei_admin.exchange.documents import qr
from tepei_admin.rules.certificates import code_of


def addresses(count: int) -> list[str]:
    chance = random.Random(5)
    return [
        f"https://tepei.example.cn/verify/2019{chance.choice('WN')}{serial:04}/{code_of(chance.randbytes(16))}"
        for serial in range(1, count + 1)
    ]


def drawn(svg: str) -> list[list[int]]:
    """The modules that an SVG of ours draws."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    rows = [[0] * size for _ in range(size)]
    for y, steps in re.findall(r"M0 (\d+)\.5([^M\"]*)", svg):
        x = 0
        for step, length in re.findall(r"([mh])(\d+)", steps):
            if step == "h":
                rows[int(y)][x : x + int(length)] = [1] * int(length)
            x += int(length)
    return rows


@pytest.mark.parametrize("count", [1, 40])
def test_each_symbol_is_the_one_that_segno_makes(count):
    asked = addresses(count)
    for address, svg in zip(asked, qr.symbols(asked), strict=True):
        code = segno.make_qr(address.encode(), mode="byte", error=qr.LEVEL, mask=qr.MASK, boost_error=False)
        assert drawn(svg) == [list(row) for row in code.matrix]


def test_addresses_of_several_lengths_keep_their_order():
    asked = [
        "https://a.cn/verify/1/A",
        "https://tepei.example.cn/verify/2019W0001/ABCDEFGH",
        "https://a.cn/verify/2/B",
    ]
    assert qr.symbols(asked) == [qr.symbols([address])[0] for address in asked]


def test_none_asked_none_made():
    assert qr.symbols([]) == []
