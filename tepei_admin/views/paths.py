"""Addresses: where a redirect may lead, and where we are."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Response, request


def local(target: str | None, default: str = "/") -> str:
    """`target` where it is a path of this house, else `default`: no return link leaves the origin (A8)."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\") or not target.isprintable():
        return default
    return default if "\\" in target else target


def here() -> str:
    """This address, ready to stand in another one as `next`."""
    return quote(request.full_path.rstrip("?"), safe="/")


def wants_page() -> bool:
    """Whether a person looks at the answer, and not a script."""
    wanted = request.accept_mimetypes
    return not wanted or bool(wanted.accept_html)


def stay_home(response: Response) -> Response:
    """After every request: a Location that would leave the origin leads home instead."""
    location = response.headers.get("Location")
    if location:
        parts = urlsplit(location)
        ours = not parts.netloc or (parts.netloc == request.host and parts.scheme in ("http", "https"))
        path = location if not parts.netloc else parts.path or "/"
        if not ours or local(path, "") == "":
            response.headers["Location"] = "/"
    return response
