"""What a spreadsheet would run: forty payloads, and how to find what of them has become alive in a file."""

from __future__ import annotations

import csv
import io
import re
import zipfile

PAYLOADS = [
    '=HYPERLINK("http://x","点击")', "=1+1", "=cmd|' /C calc'!A0", "=A1", "==1", '="150102198503159919"',
    "+8613800000991", "+1", "++1", "-1", "-1+1", "--1", "-", "@SUM(1)", "@A", "\t=1+1", "\t", "\tx", "\r=1", "\rx",
    "\n=1", " =1+1", "   +1", "\u3000=1", "\u00a0@x", "\u2003-1", "＝1+1", "＋1", "－1", "＠SUM(1)", " ＝1",
    "'=1", "''=1", "' =1", "'＝1", "'\t1", "'+86", "=1\n=2", '=";=1', "=WEBSERVICE(\"http://x\")",
]  # fmt: skip

LONG_NUMBERS = (
    "150102198503159919",
    "6217000010001234567",
    "9007199254740993",
    "00123",
    "1E5",
    "15010219850315991X",
)
"""Of 18 and 19 digits, beyond what a number keeps, with noughts in front, and one that looks like a power."""

_LIVE = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_PARTS = re.compile(r"<f[\s>/]|<hyperlink|<ddeLink|<oleObject|TargetMode=.External.|externalLink")


def table(data: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    """The cells of a CSV file."""
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


def live_cells(rows: list[list[str]]) -> list[str]:
    """The cells of a CSV that a spreadsheet would take for a formula. A number, as money is, is none."""
    return [
        cell
        for row in rows
        for cell in row
        if _LIVE.match(cell) and not re.fullmatch(r"-?\d+(\.\d\d)?", cell)
    ]


def live_parts(data: bytes) -> list[str]:
    """Formulas, links and objects anywhere in a workbook's own files."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [
            f"{name}: {found[0]}"
            for name in archive.namelist()
            for found in _PARTS.finditer(archive.read(name).decode("utf-8", "replace"))
        ]
