"""The public check page behind the QR code: number and code in, a masked name and validity out.

Tries are counted by address, over all workers; guessing 128 random bits is hopeless at any such rate.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.rules.certificates import CODE_LENGTH, code_grouped
from tepei_admin.services import verification
from tepei_admin.services.limits import Limit
from tepei_admin.views.rights import PUBLIC, needs

pages = Blueprint("verify", __name__)
limit = Limit("verify", 30, 60.0)


@pages.get("/verify")
@needs(PUBLIC)
def form() -> ResponseReturnValue:
    """The form; filled in, it leads to the address that the QR code has."""
    number, code = request.args.get("number", "").strip(), request.args.get("code", "").strip()
    if not number or not code:
        return render_template("certificates/verify.html", number=number[:40], asked=bool(request.args))
    plain = "".join(char for char in code if not char.isspace())[:100].replace("/", "")
    named = verification.tidy(number).replace("/", "")
    if not plain or not named:
        return render_template("certificates/verify.html", number=number[:40], asked=True)
    return redirect(f"/verify/{quote(named, safe='')}/{quote(plain, safe='')}", 303)


@pages.get("/verify/<number>/<code>")
@needs(PUBLIC)
def show(number: str, code: str) -> ResponseReturnValue:
    """有效, 已作废 or 已撤销 to the right pair; anything else has one and the same answer."""
    if wait := limit.wait(request.remote_addr or ""):
        page = render_template("certificates/verify.html", number="", wait=wait)
        return page, 429, {"Retry-After": str(wait)}
    found = verification.check(number, code)
    shown = code_grouped(code) if len(code) == CODE_LENGTH else ""
    page = render_template(
        "certificates/verify.html",
        number=found.number if found else "",
        found=found,
        code=shown,
        unknown=found is None,
    )
    return page, 200 if found else 404
