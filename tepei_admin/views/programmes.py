"""年度计划: the notice's numbers and dates, and the office's own settings."""

from __future__ import annotations

from tepei_admin.views.resource import ResourceView


class ProgrammeView(ResourceView):
    groups = (
        ("通知", ("year", "name", "notice_no", "materials_deadline", "reference_date", "notice_by", "term_months")),
        ("资格", ("age_reading", "earlier_participation")),
        ("经费", ("tuition_when", "passing_stipend", "stipend_on_early_end", "leave_deduction", "recovery",
                 "recovery_payer")),
        ("结业", ("passing_certificate", "documents", "certificate_number")),
        ("办公室", ("solo",)),
    )  # fmt: skip
