"""Bulk actions: which rows were chosen, and the look-first page they lead to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import flash
from werkzeug.datastructures import MultiDict

from tepei_admin.errors import Refusal
from tepei_admin.messages import say_all
from tepei_admin.services import batch, verbs
from tepei_admin.services.scope import number_of
from tepei_admin.views.resource.state import State
from tepei_admin.views.rights import actor

if TYPE_CHECKING:
    from tepei_admin.views.resource.view import ResourceView


def propose(view: ResourceView, form: MultiDict[str, str], state: State) -> str:
    """Keep the choice as a proposal; the address that shows what would happen. A refusal leads back, in words."""
    ids = view.listing(state).ids() if form.get("all") else ticked(form)
    try:
        verbs.spec(form.get("verb", ""), view.model)
        ids = view.subjects(ids)
        return f"/batches/look/{batch.propose(actor(), form.get('verb', ''), ids, {})}"
    except Refusal as refusal:
        flash(say_all(refusal), "bad")
        return f"{view.url}/{state.query()}"


def ticked(form: MultiDict[str, str]) -> list[int]:
    return [number for value in form.getlist("ids") if (number := number_of(value))]


def narrowed(state: State, form: MultiDict[str, str]) -> State:
    """The list, cut down to the ticked rows where there are any."""
    ids = ticked(form)
    if not ids or form.get("all"):
        return replace(state, page=0)
    return state.narrowed("id", ",".join(map(str, ids)))
