"""One person's row while it is read: what was written, what is stored, and what is to be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from typing import Any

from tepei_admin.exchange.cells import Cell, Level, Message, written
from tepei_admin.exchange.lookups import Lookups

PLACEHOLDERS = frozenset(("/", "//", "\\", "-", "--", "—", "——", "－", "无", "暂无", "没有", "空"))


LONGEST_QUOTE = 80


def quoted(text: str) -> str:
    """A cell as a sentence quotes it: on one line, and not endless."""
    line = text.strip().replace("\r\n", "↵").replace("\n", "↵").replace("\r", "↵")
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"


@dataclass(frozen=True)
class Setting:
    """What a whole file is read against."""

    track_code: str
    track_labels: Mapping[str, str]
    lookups: Lookups
    today: date
    epoch_1904: bool = False


@dataclass(slots=True)
class Reading:
    """`values`: what the model stores, without blanks. `written`: the cells as a person reads them."""

    setting: Setting
    written: dict[str, str] = default(default_factory=dict)
    values: dict[str, Any] = default(default_factory=dict)
    messages: list[Message] = default(default_factory=list)
    field: str = ""
    column: str = ""

    def start(self, name: str, column: str, cell: Cell) -> None:
        """Turn to the next cell of the row."""
        self.field, self.column = name, column
        if cell.kind != "empty":
            self.written[name] = written(cell)

    def store(self, value: Any, name: str = "") -> None:
        if value not in (None, ""):
            self.values[name or self.field] = value

    def say(self, level: Level, code: str, /, **params: Any) -> None:
        """A message about the cell in hand; its sentence may always use {column} and {value}."""
        known = {"column": self.column, "value": quoted(self.written.get(self.field, ""))}
        self.messages.append(Message(level, self.field, code, known | params))

    def error(self, code: str, /, **params: Any) -> None:
        self.say("error", code, **params)

    def warning(self, code: str, /, **params: Any) -> None:
        self.say("warning", code, **params)

    def notice(self, code: str, /, **params: Any) -> None:
        self.say("notice", code, **params)
