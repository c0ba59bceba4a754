"""What a view function needs, said below its route (`doors` makes the table of it), and who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_login import current_user

from tepei_admin.permissions import Actor, P

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC = "public"
"""For everybody, signed in or not. Said alone; any other word is a right of the view's own (`demand`)."""


def needs(*rights: P | str) -> Callable[[F], F]:
    """Declare the rights that a view function needs, below its route. None: being signed in is enough."""
    if PUBLIC in rights and len(rights) > 1:
        raise TypeError("PUBLIC is said alone")

    def declare(function: F) -> F:
        function.needs = rights  # type: ignore[attr-defined]
        return function

    return declare


def actor() -> Actor:
    """Who is signed in. Only for views that are not public."""
    return current_user.actor


def signed_in() -> bool:
    return bool(current_user.is_authenticated)
