"""留存的内容: the rows of a template's file as they went out, kept beside it, each with its number.

What has changed since is told by them and not by the file, which has no numbers, other headers, sums and masks. A line of
JSON a row, compressed; the first line says what the columns are.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from tepei_admin.services import vault

if TYPE_CHECKING:
    from tepei_admin.exchange.tables import Table

COMPARED = 20_000
"""Rows up to which a manuscript is kept: nobody reads what has changed among more."""


class Column(NamedTuple):
    """`path`: where it comes from; "" for 序号, which says nothing of the row."""

    path: str
    header: str
    kind: str
    sensitive: bool


def columns_of(table: Table) -> list[Column]:
    sensitive = [False] * table.numbered + [source.sensitive for source in table.sources]
    return [
        Column(path, output.header, output.kind, secret)
        for path, output, secret in zip(table.paths, table.outputs, sensitive, strict=True)
    ]


class Manuscript:
    """Takes the rows as they pass."""

    def __init__(self, handle: IO[bytes], table: Table) -> None:
        self.out = gzip.GzipFile(fileobj=handle, mode="wb", compresslevel=1, mtime=0)
        self._line([list(column) for column in columns_of(table)])

    def __call__(self, numbers: Sequence[int], batch: Sequence[tuple[Any, ...]]) -> None:
        for number, row in zip(numbers, batch, strict=True):
            self._line([number, *row])

    def _line(self, value: Any) -> None:
        self.out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        self.out.close()


class Read(NamedTuple):
    columns: list[Column]
    rows: Iterator[tuple[int, list[Any]]]


def read(name: str) -> Read:
    """A manuscript from the vault. Raises `NotFound`."""
    # Not splitlines(): it also parts at U+2028, which a cell may hold.
    lines = iter(gzip.decompress(vault.fetch(name)).decode().removesuffix("\n").split("\n"))
    columns = [Column(*column) for column in json.loads(next(lines))]
    return Read(columns, ((row[0], row[1:]) for row in map(json.loads, lines)))
