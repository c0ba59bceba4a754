"""The QR code of a certificate's check address, many at a time.

segno makes a symbol in 5 ms, 2 ms with a mask given. A thousand certificates' addresses differ in a few characters
only, and for one length, version, level and mask a symbol is linear over GF(2): flipping one bit of the text flips
the same modules whatever the rest says (Reed-Solomon and the mask are XOR). So segno makes one symbol, and one more
for each bit that ever differs from it; every other symbol is the XOR of those.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LEVEL, MASK = "m", 3
_RUN = re.compile("0+|1+")
# A run of modules as a step of an SVG path: light ones are passed over, dark ones drawn.
_STEP = {"0" * n: f"m{n} 0" for n in range(1, 178)} | {"1" * n: f"h{n}" for n in range(1, 178)}


def symbols(addresses: Sequence[str]) -> list[str]:
    """An SVG for each address, in their order."""
    families: dict[int, _Family] = {}
    found = []
    for address in addresses:
        text = address.encode()
        if len(text) not in families:
            families[len(text)] = _Family(text)
        family = families[len(text)]
        found.append(_svg(family.modules(text), family.size))
    return found


class _Family:
    """The symbols of all texts of one length: modules are one number, row after row, dark is 1."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.base, self.size, self._version = self._make(text, None)
        self._flips: dict[int, int] = {}

    def modules(self, text: bytes) -> int:
        modules = self.base
        differs = int.from_bytes(text) ^ int.from_bytes(self.text)
        while differs:
            bit = differs & -differs
            modules ^= self._flips.get(bit) or self._learn(bit)
            differs ^= bit
        return modules

    def _learn(self, bit: int) -> int:
        """Which modules change with this bit of the text."""
        flipped = int.from_bytes(self.text) ^ bit
        modules, _, _ = self._make(flipped.to_bytes(len(self.text)), self._version)
        self._flips[bit] = modules ^ self.base
        return self._flips[bit]

    @staticmethod
    def _make(text: bytes, version: int | None) -> tuple[int, int, int]:
        import segno

        code = segno.make_qr(text, mode="byte", error=LEVEL, mask=MASK, version=version, boost_error=False)
        rows = ["".join("1" if module else "0" for module in row) for row in code.matrix]
        return int("".join(rows), 2), len(rows), int(code.version)


def _svg(modules: int, size: int) -> str:
    """Dark runs as strokes one module high; the paper round the symbol is its quiet zone."""
    bits = f"{modules:0{size * size}b}"
    rows = (bits[start : start + size] for start in range(0, size * size, size))
    strokes = (f"M0 {y}.5{''.join(map(_STEP.__getitem__, _RUN.findall(row)))}" for y, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<path stroke="#000" d="{"".join(strokes)}"/></svg>'
    )
