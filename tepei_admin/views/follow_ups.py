"""跟踪服务: the list, and a note written from the person's page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Refusal
from tepei_admin.models import FollowUp, Trainee
from tepei_admin.permissions import P
from tepei_admin.services import crud, scope
from tepei_admin.views.resource import ResourceView, related
from tepei_admin.views.rights import actor, needs

pages = Blueprint("follow_up_pages", __name__)


class FollowUpView(ResourceView):
    groups = (("联系", ("trainee", "kind", "on", "by", "note", "next_on")),)


@pages.post("/trainees/<int(max=2147483647):pk>/follow-ups")
@needs(P.WORK)
def add(pk: int) -> ResponseReturnValue:
    """A note; what is refused comes back as the list's own form, with all that was typed."""
    scope.get(actor(), Trainee, pk)
    view = related.view_of(FollowUp)
    form = view.form_of()
    if not form.validate():
        return view._form_page(form, None, 422)
    try:
        crud.create(actor(), FollowUp, {**form.values(), "trainee": pk})
    except Refusal as refusal:
        return view._form_page(form, None, form.refuse(refusal))
    flash("已记下这次联系", "ok")
    return redirect(f"/trainees/{pk}#follow-ups", 303)
