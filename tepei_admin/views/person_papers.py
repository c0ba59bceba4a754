"""The person page's sections that this room fills: certificates, documents, letters, follow-ups."""

from __future__ import annotations

from typing import Any

from tepei_admin.choices import CertificateState, DocumentKind, FollowUpKind, LetterKind, Status
from tepei_admin.models import Certificate, FollowUp, Trainee
from tepei_admin.permissions import P
from tepei_admin.rules.documents import KEPT_FOR
from tepei_admin.services import clock, documents, letters, verbs
from tepei_admin.views.resource.chips import colour
from tepei_admin.views.rights import actor

SHOWN = 5


def of(row: Trainee) -> dict[str, Any]:
    """What `person/papers.html` needs."""
    certificates = list(
        Certificate.select().where(Certificate.trainee == row.id).order_by(Certificate.id.desc())
    )
    papers = documents.checklist(row.id)
    notes = FollowUp.select().where(FollowUp.trainee == row.id)
    may = actor().may
    valid = any(item.state == CertificateState.ISSUED for item in certificates)
    return {
        "certificates": [
            (item, CertificateState(item.state), colour(CertificateState, item.state))
            for item in certificates
        ],
        "certificate_offers": [offer for offer in verbs.offered(actor(), Certificate) if valid],
        "papers": papers,
        "papers_due": row.status in KEPT_FOR or any(paper.rows for paper in papers),
        "letters": _letters(row) if may(P.WORK) else [],
        "notes": list(notes.order_by(FollowUp.on.desc(), FollowUp.id.desc()).limit(SHOWN)),
        "notes_more": notes.count() > SHOWN,
        "note_kinds": FollowUpKind.choices(),
        "note_label": FollowUpKind.label_of,
        "document_label": DocumentKind.label_of,
        "may_write": may(P.WORK),
        "may_fetch": may(P.REVEAL),
        "today": clock.today(),
    }


def _letters(row: Trainee) -> list[tuple[str, str]]:
    """(label, address) of what can be printed for this person now."""
    found = []
    if Status(row.status) in letters.TOLD and letters.placed(row.id):
        found.append((LetterKind.NOTIFY.label, f"/letters/{LetterKind.NOTIFY.value}?ids={row.id}"))
    case = letters.latest_case(row.id)
    if case:
        found += [
            (kind.label, f"/letters/{kind.value}?ids={case}")
            for kind in (LetterKind.CIRCULAR, LetterKind.RECOVERY)
        ]
    return found
