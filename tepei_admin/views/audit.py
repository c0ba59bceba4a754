"""历史: who changed what. A row's before and after are read through its model, so that its masks hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tepei_admin.models import AuditEntry
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.resource.history import differences, model_named


class AuditView(ResourceView):
    details_template = "audit.html"

    def details(self, row: AuditEntry, revealed: Mapping[str, str]) -> dict[str, Any]:
        page = super().details(row, revealed)
        for section in page["sections"]:
            section.columns[:] = [
                column for column in section.columns if column.name not in ("before", "after")
            ]
        return {**page, "differences": differences(model_named(row.model), row.before or {}, row.after or {})}
