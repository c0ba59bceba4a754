"""历史: who changed what, by person, user, day, batch. Before and after are read through their model, so that masks hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.models import AuditEntry, FollowUp
from tepei_admin.services.scope import number_of
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.resource.columns import column
from tepei_admin.views.resource.filters import Filter
from tepei_admin.views.resource.history import about, differences, model_named


@dataclass(frozen=True)
class OfPerson(Filter):
    """`trainee=5`: what became of one person and of all that hangs on this person. The history has no such column."""

    def condition(self, text: str) -> Any:
        return about(number_of(text.partition(",")[0]) or 0)


class AuditView(ResourceView):
    details_template = "audit.html"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        item = OfPerson(column(FollowUp, "trainee"), "")
        self.filters[item.key] = item

    def details(self, row: AuditEntry, revealed: Mapping[str, str]) -> dict[str, Any]:
        page = super().details(row, revealed)
        for section in page["sections"]:
            section.columns[:] = [
                column for column in section.columns if column.name not in ("before", "after")
            ]
        return {**page, "differences": differences(model_named(row.model), row.before or {}, row.after or {})}
