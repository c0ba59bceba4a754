"""What people type into the small forms: refused in words where a column could not hold it."""

from __future__ import annotations

from tepei_admin.errors import Violation

LONGEST = 2000


def problem(name: str, label: str, text: str, limit: int = LONGEST) -> Violation | None:
    """Why this text cannot be kept; None if it can."""
    if "\0" in text:
        return Violation("record.nul", name, {"label": label})
    if len(text.strip()) > limit:
        return Violation(
            "record.too_long", name, {"label": label, "limit": limit, "length": len(text.strip())}
        )
    return None


def problems(*asked: tuple[str, str, str, int]) -> tuple[Violation, ...]:
    """The problems of several fields: (name, label, text, limit)."""
    found = (problem(name, label, text, limit) for name, label, text, limit in asked)
    return tuple(item for item in found if item is not None)
