"""A list's filters by name (`services.conditions`), and how they read on their chips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tepei_admin.services import conditions
from tepei_admin.views.resource.columns import Column
from tepei_admin.views.resource.state import LONGEST

OPERATIONS = {
    "": "是", "not": "不是", "has": "含", "min": "不小于", "max": "不大于", "empty": "为空",
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """One operation on one column."""

    column: Column
    operation: str

    @property
    def key(self) -> str:
        return f"{self.column.name}.{self.operation}" if self.operation else self.column.name

    def tidy(self, text: str) -> str:
        """The value as it should stand in the address. One that cannot be read stays as it is, and finds nobody: a list
        without it would be of more people than were asked for."""
        return conditions.tidy(self.column, self.operation, text) or text[:LONGEST].strip()

    def readable(self, text: str) -> bool:
        return conditions.tidy(self.column, self.operation, text) is not None

    def condition(self, text: str) -> Any:
        """The rows that it keeps."""
        if not self.readable(text):
            return self.column.field.in_([])
        return conditions.condition(self.column, self.operation, text)

    def words(self, text: str, names: dict[Any, str]) -> str:
        """What its chip says: 单位：赤峰市."""
        if not self.readable(text):
            return f"筛选“{self.column.label}：{text}”无法识别"
        if self.operation == "empty":
            return f"{self.column.label}：{'未填' if text == '1' else '已填'}"
        parts = conditions.parts(self.column, self.operation, text)
        shown = "、".join(self._word(part, names) for part in parts)
        return f"{self.column.label}{OPERATIONS[self.operation] if self.operation else ''}：{shown}"

    def _word(self, text: str, names: dict[Any, str]) -> str:
        if self.operation == "has" or self.column.kind in (
            "money",
            "moment",
            "partial",
            "day",
            "number",
            "text",
        ):
            return text
        return self.column.words(conditions.value(self.column, self.operation, text), names)


def filters_of(column: Column) -> list[Filter]:
    """The filters that a column has."""
    return [Filter(column, operation) for operation in conditions.operations_of(column)]
