"""学员: the list that the office lives in."""

from __future__ import annotations

from tepei_admin.choices import Status
from tepei_admin.services import verbs
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.resource.view import OF_PEOPLE


class TraineeView(ResourceView):
    counted = "人"
    list_template = "trainees/list.html"

    def offers(self) -> list[verbs.Offer]:
        """Filtered for a status, the verbs that it allows stand first."""
        wanted = dict(self.state().filters).get("status", "")
        fitting = (
            {name for name, item in verbs.SPECS.items() if wanted in item.statuses}
            if wanted in set(Status)
            else set()
        )
        return sorted(
            super().offers(), key=lambda offer: (offer.name not in fitting, bool(fitting) and not offer.main)
        )

    search_hint = OF_PEOPLE
    beneath = {
        "name": "employer",
        "unit": "county",
        "title": "title_level",
        "eligibility": "eligibility_cause",
    }
    sort_as = {"name": "pinyin"}
    groups = (
        ("申报", ("track", "unit", "unit_rank", "received_on", "region", "county", "field")),
        ("基本情况", ("name", "pinyin", "initials", "sex", "ethnicity", "id_number", "birth_date", "birth_date_written",
                     "political_status")),
        ("学历学位", ("education", "education_written", "degree", "degree_written", "school", "major")),
        ("工作和职称", ("employer", "post", "work_start", "profession", "profession_start", "profession_years",
                       "title", "title_level", "title_date")),
        ("培养意向", ("training_major", "host_wish", "supervisor_wish", "training_requirements")),
        ("联系方式", ("mobile", "mobile_other", "office_phone", "email")),
        ("收款账户", ("bank_name", "bank_account", "bank_holder")),
        ("状态", ("programme", "status", "eligibility", "eligibility_cause", "eligibility_stale", "over_quota",
                 "approval_no", "approved_on")),
        ("单位证明", ("attested_signed", "attested_health", "attested_conduct", "attested_on", "attested_paper")),
    )  # fmt: skip
