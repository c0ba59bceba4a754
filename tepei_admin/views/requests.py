"""待核准: what one person opened and another decides, oldest first. What is refused stays open, with the reason."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import Status, Switch
from tepei_admin.database import among
from tepei_admin.errors import Mendable
from tepei_admin.messages import say, say_all
from tepei_admin.models import Programme, Trainee
from tepei_admin.permissions import P
from tepei_admin.services import person, requests
from tepei_admin.services.requests import Waiting
from tepei_admin.views import sent
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import KEY, carries
from tepei_admin.views.typed import problem

pages = Blueprint("requests", __name__)
ASKED = ("decision_no", "decided_on")
"""What a matter may ask of the decider."""


@pages.get("/requests/")
@needs(P.READ)
def index() -> ResponseReturnValue:
    return _page()


@pages.post("/requests/<ref>")
@needs(P.DECIDE)
@carries(KEY)
def decide(ref: str) -> ResponseReturnValue:
    """同意 or 不同意, with an opinion. Agreeing does it in the same transaction."""
    answer, opinion = request.form.get("decide"), request.form.get("reason", "")
    if answer not in ("yes", "no"):
        return _page(ref, "请选择同意或不同意", opinion), 422
    if wrong := problem("reason", "核准意见", opinion, 255):
        return _page(ref, say(wrong), opinion), 422
    try:
        more = {name: request.form[name] for name in ASKED if name in request.form}
        outcome = requests.decide(
            actor(), ref, yes=answer == "yes", reason=opinion, more=more, key=sent.key()
        )
    except Mendable as refusal:
        return _page(ref, say_all(refusal), opinion), refusal.status
    flash("已同意并办理" if answer == "yes" else "已记为不同意", "ok")
    return redirect(f"/batches/{outcome.batch}" if outcome.batch else "/requests/", 303)


def _page(ref: str = "", refused: str = "", opinion: str = "") -> str:
    items = requests.waiting(actor())
    return render_template(
        "requests/index.html",
        items=items,
        where=person.whereabouts(actor(), [item.trainee for item in items]),
        own=_own(items),
        may_decide=actor().may(P.DECIDE),
        many_payments=sum(item.ref.startswith("payment-") for item in items) > 1,
        ref=ref,
        refused=refused,
        opinion=opinion,
        asked=request.form,
        labels=Status.label_of,
        known=any(item.ref == ref for item in items),
    )


def _own(items: list[Waiting]) -> set[str]:
    """The matters that this person opened and so cannot decide (but in an office of one)."""
    mine = [item for item in items if item.opened_by_id == actor().id]
    if not mine:
        return set()
    query = Trainee.select(Trainee.id, Programme.solo).join(Programme, on=(Trainee.programme == Programme.id))
    solo = dict(query.where(among(Trainee.id, [item.trainee for item in mine])).tuples())
    return {item.ref for item in mine if solo.get(item.trainee) != Switch.ON}
