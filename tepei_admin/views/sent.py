"""A form's token: made with the page, sent with the form. A form that is sent twice is done once (`services.once`)."""

from __future__ import annotations

from flask import request

from tepei_admin.services import once


def key() -> str:
    """The token that came with the form."""
    return request.form.get("key", "")


def form_key(action: str = "") -> str:
    """A new token; a form that comes back with what was typed keeps its own. `action`: where several forms stand."""
    return key() if key() and action in ("", request.path) else once.new_key()
