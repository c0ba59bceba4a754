"""A form that another site has sent is refused before anything looks at it (the token is the second lock)."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, request


def check() -> None:
    """`Origin: null` is what our own pages send under `Referrer-Policy: no-referrer`."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin", "null")
    foreign = origin != "null" and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(400)
