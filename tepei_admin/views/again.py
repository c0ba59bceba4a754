"""Signing in again in place: a form that comes after the session has ended is kept, and comes back as it was typed.

Nothing is stored meanwhile, neither here nor in the database: the sign-in page carries the boxes itself. Nothing is done
either: whoever has signed in sees the form and sends it, with a token of the new session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Response, current_app, flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from tepei_admin.services.scope import number_of
from tepei_admin.views.filling import filled
from tepei_admin.views.origin import LARGEST_FORM
from tepei_admin.views.paths import local

MARK = "kept."
"""Stands before the names of kept boxes, so that they meet none of the sign-in form."""


@dataclass(frozen=True)
class Kept:
    """A form on its way through the sign-in page. `lost`: a file was chosen, which is not kept. `year`: the programme
    that the ended session had in hand, for which the form was typed."""

    target: str
    pairs: list[tuple[str, str]] = field(default_factory=list)
    lost: bool = False
    year: str = ""


def ask(*, secret: bool) -> ResponseReturnValue:
    """The sign-in page in the place of what was posted. Passwords are not carried about (`secret`)."""
    small = (request.content_length or 0) <= LARGEST_FORM  # more is not even read
    boxes = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"] if small else []
    lost = not small or any(item.filename for item in request.files.values())
    return page(Kept(local(request.full_path.rstrip("?")), [] if secret else boxes, lost, _year())), 401


def page(kept: Kept, **more: str) -> str:
    return render_template("login.html", next=kept.target, kept=kept, mark=MARK, **more)


def carried(target: str) -> Kept | None:
    """What the sign-in form has carried; None for a plain one."""
    form = request.form
    if f"{MARK}lost" not in form:
        return None
    pairs = [
        (name.removeprefix(f"{MARK}box."), value)
        for name, value in form.items(multi=True)
        if name.startswith(f"{MARK}box.")
    ]
    return Kept(target, pairs, form[f"{MARK}lost"] == "1", form.get(f"{MARK}year", ""))


def resume(kept: Kept) -> ResponseReturnValue:
    """The form as it was typed; where its page cannot be asked for by itself, a page that asks whether to go on."""
    if (programme := number_of(kept.year)) is not None:
        session["programme"] = programme
    token, path = generate_csrf(), urlsplit(kept.target).path
    shown = _shown(kept) if kept.pairs and _has_page(path) else None
    if shown is not None:
        return filled(shown, path, MultiDict(kept.pairs), token)
    return render_template("again.html", kept=kept)


def _year() -> str:
    cookie = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")
    try:
        ended = current_app.session_interface.get_signing_serializer(current_app).loads(cookie)
    except BadSignature:
        return ""
    return str(ended.get("programme", ""))


def _shown(kept: Kept) -> str | None:
    """The page of a form, asked for by who has just signed in; None where there is none."""
    flash(
        "已重新登录。刚才填写的内容都在下面，还没有提交"
        + ("；选择的文件没有保留，请重新选择" if kept.lost else ""),
        "ok",
    )
    signed = current_app.session_interface.get_signing_serializer(current_app).dumps(dict(session))
    session.pop("_flashes", None)
    headers = [("Cookie", f"{current_app.config['SESSION_COOKIE_NAME']}={signed}"), ("Accept", "text/html")]
    inner = current_app.test_request_context(kept.target, base_url=request.host_url, headers=headers)
    with current_app.app_context(), inner:  # a context of its own: `g` still knows nobody who is signed in
        answer: Response = current_app.full_dispatch_request()
        return answer.get_data(as_text=True) if answer.status_code == 200 else None


def _has_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True
