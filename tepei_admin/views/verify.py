"""The public check page behind the QR code: number and code in, a masked name and validity out.

Tries are counted by address in the memory of this process: with several workers each counts for itself, so that
the limit is at most so many times as high. Guessing 128 random bits is hopeless at any of these rates.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.rules.certificates import CODE_LENGTH, code_grouped
from tepei_admin.services import verification
from tepei_admin.views.rights import PUBLIC, needs

pages = Blueprint("verify", __name__)
TRIES, SECONDS = 30, 60.0
MOST_ADDRESSES = 10_000


class Limit:
    """So many tries in so many seconds by one address; the least recent address is forgotten first."""

    def __init__(self, tries: int, seconds: float) -> None:
        self.tries, self.seconds = tries, seconds
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str, now: float | None = None) -> int:
        """0, and the try is counted; or how many seconds to wait."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            tries = self._seen.setdefault(address, deque(maxlen=self.tries))
            self._seen.move_to_end(address)
            while len(self._seen) > MOST_ADDRESSES:
                self._seen.popitem(last=False)
            if len(tries) == self.tries and moment - tries[0] < self.seconds:
                return int(self.seconds - (moment - tries[0])) + 1
            tries.append(moment)
            return 0

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()


limit = Limit(TRIES, SECONDS)


@pages.get("/verify")
@needs(PUBLIC)
def form() -> ResponseReturnValue:
    """The form; filled in, it leads to the address that the QR code has."""
    number, code = request.args.get("number", "").strip(), request.args.get("code", "").strip()
    if not number or not code:
        return render_template("certificates/verify.html", number=number[:40], asked=bool(request.args))
    from urllib.parse import quote

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
