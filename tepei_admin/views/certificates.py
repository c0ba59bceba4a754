"""结业证书: the register, who can be certified and who cannot, PDFs and specimens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from peewee import SQL, fn

from tepei_admin.choices import CertificateState, Status
from tepei_admin.database import among, rows
from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import papers
from tepei_admin.exchange.export import Download
from tepei_admin.messages import say, say_all
from tepei_admin.models import BatchRow, Certificate, Trainee
from tepei_admin.permissions import P
from tepei_admin.schema import Record
from tepei_admin.services import batch, certificates, clock, person, scope, verbs
from tepei_admin.views import year
from tepei_admin.views.exports import attachment
from tepei_admin.views.paths import local
from tepei_admin.views.resource import ResourceView, bulk, related
from tepei_admin.views.rights import actor, needs

pages = Blueprint("certificate_pages", __name__)
NUMBER = "<int(max=2147483647):number>"
SHOWN = 500


class CertificateView(ResourceView):
    counted = "份"
    list_template = "certificates/list.html"
    details_template = "certificates/details.html"

    def subjects(self, ids: Iterable[int]) -> list[int]:
        """Verbs are done to people; those of these certificates."""
        query = Certificate.select(Certificate.trainee).where(among(Certificate.id, list(ids))).distinct()
        return [row[0] for row in query.tuples()]

    @property
    def may_print(self) -> bool:
        return actor().may(P.WORK)

    def details(self, row: Record, revealed: Mapping[str, str]) -> dict[str, Any]:
        valid = row.state == CertificateState.ISSUED
        return {
            **super().details(row, revealed),
            "valid": valid,
            "offers": verbs.offered(actor(), Certificate) if valid else [],
            "way": papers.address(base_url(), row.number, row.code),
        }


def base_url() -> str:
    """The address that others know this house by; without a setting, that of this request."""
    return current_app.config["TEPEI"].base_url or request.host_url.rstrip("/")


def download(make: Any, back: str) -> ResponseReturnValue:
    """A paper as an attachment; what is refused is told on the page it was asked for."""
    try:
        found: Download = make()
    except RuleViolation as refusal:
        flash(say_all(papers.shortened(refusal)), "bad")
        return redirect(local(back), 303)
    return attachment(found)


@pages.post("/certificates/pdf")
@needs(P.WORK)
def pdf() -> ResponseReturnValue:
    """The ticked certificates of the register, or all that the list's filters keep, in one file."""
    view = related.view_of(Certificate)
    state = view._posted_state()
    ids = view.listing(state).ids() if request.form.get("all") else bulk.ticked(request.form)
    back = request.form.get("next") or f"/certificates/{state.query()}"
    return download(lambda: papers.certificates(actor(), ids, base_url()), back)


@pages.post(f"/certificates/of-batch/{NUMBER}")
@needs(P.WORK)
def of_batch(number: int) -> ResponseReturnValue:
    """What one batch has issued."""
    from tepei_admin.models import Batch

    row = scope.get(actor(), Batch, number)
    done = BatchRow.select(BatchRow.object_id).where(BatchRow.batch == row.id, BatchRow.done == True)  # noqa: E712
    people = [item[0] for item in done.tuples()]
    return download(lambda: papers.certificates_of(actor(), people, base_url()), f"/batches/{number}")


@pages.post(f"/certificates/specimen/{NUMBER}")
@needs(P.WORK)
def specimen(number: int) -> ResponseReturnValue:
    """样张 of what a proposal would issue; `on` as the page has it."""
    found = batch.look(actor(), number, {"on": request.form["on"]} if request.form.get("on") else None)

    def make() -> Download:
        plan = found.plan
        if plan is None or plan.verb != "certify":
            raise RuleViolation(found.missing)
        data = papers.specimen(actor(), plan, base_url())
        return Download("结业证书-样张.pdf", papers.PDF, iter([data]))

    return download(make, f"/batches/look/{number}")


@pages.get("/certificates/ready")
@needs(P.READ)
def ready() -> ResponseReturnValue:
    """Who has passed: who can be certified today, who cannot and why."""
    programme = year.current()
    found = certificates.candidates(actor(), programme.id, clock.today()) if programme else []
    where = person.whereabouts(actor(), [item.id for item in found])
    return render_template(
        "certificates/ready.html",
        can=[item for item in found if item.refused is None],
        cannot=[(item, say(item.refused)) for item in found if item.refused is not None],
        where=where,
        may_issue=actor().may(P.WORK),
        counts=_counts(programme.id) if programme else {},
        shown=SHOWN,
    )


def _counts(programme: int) -> dict[str, int]:
    """How many stand before and after."""
    limit = scope.scope(actor(), Trainee)
    wanted = [Status.TRAINING.value, Status.CERTIFIED.value, Status.FAILED.value]
    conditions = [Trainee.programme == programme, Trainee.status.in_(wanted)]
    query = Trainee.select(Trainee.status, fn.COUNT(SQL("*"))).where(
        *conditions, *([] if limit is None else [limit])
    )
    return dict(rows(query.group_by(Trainee.status)))


@pages.post("/certificates/ready")
@needs(P.WORK)
def propose() -> Response:
    """Those ticked, to be looked at."""
    try:
        number = batch.propose(actor(), "certify", bulk.ticked(request.form), {})
    except RuleViolation as refusal:
        flash(say_all(refusal), "bad")
        return redirect("/certificates/ready", 303)
    return redirect(f"/batches/look/{number}", 303)
