"""A form that another site has sent is refused before anything looks at it (the token is the second lock)."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, request

LARGEST_FORM = 2 * 1024 * 1024
"""A form without a file. Werkzeug's own limit only counts the parts of forms that may have one."""


def check() -> None:
    """`Origin: null` is what our own pages send under `Referrer-Policy: no-referrer`."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_FORM
    origin = request.headers.get("Origin", "null")
    foreign = origin != "null" and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(400)
