"""备份: the backups that lie in the data directory; a new one, a copy for another disk, an old one put away."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable
from tepei_admin.messages import say_all, word
from tepei_admin.permissions import P
from tepei_admin.services import backups
from tepei_admin.views.rights import actor, needs

pages = Blueprint("backups", __name__)


@pages.get("/backups/")
@needs(P.ACCOUNTS)
def index() -> ResponseReturnValue:
    return _page()


@pages.post("/backups/")
@needs(P.ACCOUNTS)
def make() -> ResponseReturnValue:
    """The whole house in one file, while it is at work."""
    try:
        path, manifest = backups.make(actor())
    except Mendable as refusal:
        return _page(say_all(refusal)), refusal.status
    flash(f"已备份为 {path.name}，附件 {len(manifest.files)} 个；请下载一份存到另一台机器", "ok")
    if found := backups.findings(manifest):
        flash(word("backup.with_faults") + " ".join(found), "bad")
    return redirect("/backups/", 303)


@pages.post("/backups/download")
@needs(P.ACCOUNTS)
def download() -> ResponseReturnValue:
    """One of them; the history has it before the first byte goes out."""
    name = request.form.get("name", "")
    try:
        backups.hand_out(actor(), name)
    except Mendable as refusal:
        return _page(say_all(refusal)), refusal.status
    path = backups.find(name).absolute()
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)


@pages.post("/backups/delete")
@needs(P.ACCOUNTS)
def discard() -> ResponseReturnValue:
    """An old one, after it was ticked that it may go."""
    name = request.form.get("name", "")
    try:
        backups.discard(actor(), name)
    except Mendable as refusal:
        return _page(say_all(refusal)), refusal.status
    flash(f"已删除 {name}", "ok")
    return redirect("/backups/", 303)


def _page(refused: str = "") -> str:
    return render_template(
        "backups.html", kept=backups.kept(), last=backups.last_taken(), old=backups.is_old(), refused=refused
    )
