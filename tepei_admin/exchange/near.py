"""Did you mean …: names that differ from a written one by one character. Offered in a remedy, never taken."""

from __future__ import annotations

from collections.abc import Iterable

from tepei_admin.characters import key
from tepei_admin.messages import word

MOST = 3
"""Names that are offered; where more fit, none is near."""


class Near:
    """A list of names, found by what is left of them without one character: quick however long the list."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            whole = key(name)
            for part in _parts(whole) | ({whole[:-2]} if len(whole) > 4 else set()):
                self._names.setdefault(part, []).append(name)

    def to(self, written: str) -> tuple[str, ...]:
        """The names one character away (another one, one more, one less, two that changed places), or that
        this is the beginning of."""
        text = key(written)
        if not 2 <= len(text) <= 30:
            return ()
        found = dict.fromkeys(name for part in _parts(text) for name in self._names.get(part, ()))
        return tuple(found) if len(found) <= MOST else ()

    def hint(self, written: str) -> str:
        """The question that a remedy ends with; empty where nothing is near."""
        names = self.to(written)
        return asked(*names) if names else ""


def asked(*names: str) -> str:
    """The question whether one of these was meant."""
    return word("import.near", names="、".join(names))


def _parts(text: str) -> set[str]:
    """The text, and the text without each of its characters; a single character tells nothing but in a pair."""
    shorter = {text[:at] + text[at + 1 :] for at in range(len(text))}
    return {part for part in shorter | {text} if part}
