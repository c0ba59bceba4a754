"""What a form carries besides its boxes: a token, so that it is done once (`services.once`), and the version of the row
that was seen. A view function says below its route that its form carries them; a form without is not let in (`doors`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, request

from tepei_admin.services import once
from tepei_admin.services.scope import number_of

F = TypeVar("F", bound=Callable[..., Any])

KEY, VERSION = "key", "version"


def carries(*names: str) -> Callable[[F], F]:
    """Declare what a view function's form carries; asked for before the view."""

    def declare(function: F) -> F:
        function.carries = names  # type: ignore[attr-defined]
        return function

    return declare


def demand(names: tuple[str, ...]) -> None:
    """400 for a form that nobody was shown."""
    if (KEY in names and not key()) or (VERSION in names and _version() is None):
        abort(400)


def key() -> str:
    """The token that came with the form."""
    return request.form.get(KEY, "")


def version() -> int:
    """The version of the row that was seen."""
    found = _version()
    return abort(400) if found is None else found


def _version() -> int | None:
    return number_of(request.form.get(VERSION))


def form_key(action: str = "") -> str:
    """A new token; a form that comes back with what was typed keeps its own. `action`: where several forms stand."""
    return key() if key() and action in ("", request.path) else once.new_key()
