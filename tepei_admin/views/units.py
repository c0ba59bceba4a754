"""单位."""

from __future__ import annotations

from tepei_admin.views.resource import ResourceView


class UnitView(ResourceView):
    groups = (
        ("单位", ("code", "name", "level", "region", "sending", "host", "active")),
        ("联系", ("contact", "phone", "address")),
        ("账户", ("uscc", "bank_name", "bank_account", "bank_holder")),
    )
