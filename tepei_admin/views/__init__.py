"""What the panel consists of. A new model is one line here; a page that is no table is a blueprint in PAGES."""

from __future__ import annotations

from flask import Blueprint

from tepei_admin import models as m
from tepei_admin.permissions import P
from tepei_admin.views import (
    account,
    assessments,
    backups,
    batches,
    certificates,
    dashboard,
    documents,
    export_records,
    export_templates,
    exports,
    follow_ups,
    home,
    intake,
    jobs,
    leaves,
    letters,
    mending,
    money,
    money_totals,
    password,
    past,
    people,
    placements,
    preview,
    recoveries,
    requests,
    upload_files,
    verify,
    year,
)
from tepei_admin.views.audit import AuditView
from tepei_admin.views.batches import BatchView
from tepei_admin.views.certificates import CertificateView
from tepei_admin.views.code_lists import PovertyCountyView, TitleNameView
from tepei_admin.views.documents import DocumentView
from tepei_admin.views.follow_ups import FollowUpView
from tepei_admin.views.letters import LetterTextView
from tepei_admin.views.money import PaymentView
from tepei_admin.views.password import UserView
from tepei_admin.views.people import PersonView
from tepei_admin.views.programmes import ProgrammeView
from tepei_admin.views.quotas import QuotaView
from tepei_admin.views.recoveries import TerminationView
from tepei_admin.views.resource import Page, Resource
from tepei_admin.views.units import UnitView

PAGES: list[Blueprint] = [
    account.pages,
    year.pages,
    home.pages,
    dashboard.pages,
    people.pages,
    batches.pages,
    requests.pages,
    intake.pages,
    preview.pages,
    mending.pages,
    upload_files.pages,
    jobs.pages,
    password.pages,
    past.pages,
    exports.pages,
    export_templates.pages,
    export_records.pages,
    placements.pages,
    leaves.pages,
    assessments.pages,
    money.pages,
    money_totals.pages,
    recoveries.pages,
    certificates.pages,
    documents.pages,
    follow_ups.pages,
    letters.pages,
    verify.pages,
    backups.pages,
]

RESOURCES: tuple[Resource | Page, ...] = (
    Page("", "工作台", "/"),
    Resource("申报", "trainees", m.Trainee, PersonView),
    Page("申报", "汇总表导入", "/import/", P.ENTER),
    Resource("申报", "quotas", m.Quota, QuotaView),
    Resource("培养", "placements", m.Placement, placements.PlacementView),
    Resource("培养", "leaves", m.Leave, leaves.LeaveView),
    Resource("培养", "assessments", m.Assessment, assessments.AssessmentView),
    Resource("培养", "terminations", m.Termination, TerminationView),
    Resource("培养", "follow-ups", m.FollowUp, FollowUpView),
    Resource("经费", "payments", m.Payment, PaymentView),
    Page("经费", "追缴台账", "/recoveries/"),
    Page("结业", "办理发证", "/certificates/ready"),
    Resource("结业", "certificates", m.Certificate, CertificateView),
    Resource("结业", "documents", m.Document, DocumentView),
    Page("数据", "待核准", "/requests/"),
    Page("数据", "导出", "/exports/", P.EXPORT),
    Resource("数据", "units", m.Unit, UnitView),
    Resource("数据", "past-trainees", m.PastTrainee, past.PastView),
    Resource("数据", "batches", m.Batch, BatchView),
    Resource("设置", "programmes", m.Programme, ProgrammeView),
    Resource("设置", "tracks", m.Track),
    Resource("设置", "routes", m.Route),
    Resource("设置", "letter-texts", m.LetterText, LetterTextView),
    Resource("设置", "poverty-counties", m.PovertyCounty, PovertyCountyView),
    Resource("设置", "title-names", m.TitleName, TitleNameView),
    Resource("设置", "regions", m.Region),
    Resource("系统", "users", m.User, UserView),
    Resource("系统", "history", m.AuditEntry, AuditView),
    Page("系统", "备份", "/backups/", P.ACCOUNTS),
    # Reached by links from the pages above.
    Resource(None, "eligibility-checks", m.EligibilityCheck),
    Resource(None, "status-changes", m.StatusChange),
    Resource(None, "waivers", m.Waiver),
    Resource(None, "asked", m.Request),
    Resource(None, "certificate-counters", m.CertificateCounter),
    Resource(None, "batch-rows", m.BatchRow),
    Resource(None, "proposals", m.Proposal),
    Resource(None, "uploads", m.Upload),
    Resource(None, "upload-rows", m.UploadRow),
    Resource(None, "header-choices", m.HeaderChoice),
    Resource(None, "export-templates", m.ExportTemplate),
    Resource(None, "export-records", m.ExportRecord),
    Resource(None, "saved-views", m.SavedView),
    Resource(None, "house", m.House),
)
