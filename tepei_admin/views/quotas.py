"""名额: a row has no name of its own, so it is called by its unit and track."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tepei_admin.models import Quota
from tepei_admin.schema import Record
from tepei_admin.services import places
from tepei_admin.views.resource import ResourceView


class QuotaView(ResourceView):
    def called(self, row: Record) -> str:
        """通辽市 · 区外，已占 3，尚余 1"""
        assert isinstance(row, Quota)
        key = row.track_id, row.unit_id
        use = places.of_units([key])[key]
        left = "" if use.limit is None else f"，已占 {use.taken}，尚余 {use.left}"
        return f"{use.unit} · {use.track}{left}"

    def details(self, row: Record, revealed: Mapping[str, str]) -> dict[str, Any]:
        return {**super().details(row, revealed), "title": self.called(row)}
