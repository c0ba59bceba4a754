"""Money: integer fen inside, yuan with two decimals on screen and in files. Lines, payments, totals (九（一）)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tepei_admin.choices import PaymentKind, PaymentState
from tepei_admin.errors import Violation
from tepei_admin.messages import word

LARGEST = 10**15 - 1  # fen; what the database and every sheet still hold exactly

_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")


# --- Amounts


def half_up(amount: int, parts: int) -> int:
    """`amount / parts` to the whole fen, half away from zero. In integers: there is nothing to lose."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) + parts) // (2 * parts))


def yuan(fen: int) -> str:
    """33,000.00, as it stands on the screen and in a sentence."""
    return f"{_sign(fen)}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def plain(fen: int) -> str:
    """33000.00, as it stands in a file."""
    return f"{_sign(fen)}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _sign(fen: int) -> str:
    return "-" if fen < 0 else ""


def parse(text: str, name: str | None = None) -> int | Violation:
    """Fen from an amount as people type it: 33000, 33,000.00, ３３０００元, ¥600. Never zero or less.

    Commas must stand at the thousands, and nothing is rounded: a third decimal is refused.
    `name`: the form field or column that the refusal belongs to.
    """
    written = "".join(map(_halved, text)).replace(" ", "")
    number = written.removeprefix("人民币").removeprefix("¥").removesuffix("元").removeprefix("+")
    refusal = _problem(number)
    if refusal:
        return Violation(f"money.{refusal}", name, {"value": text.strip()})
    whole, _, decimals = number.replace(",", "").partition(".")
    fen = int(whole or 0) * 100 + int(decimals.ljust(2, "0"))
    if not 0 < fen <= LARGEST:
        return Violation("money.too_large" if fen else "money.zero", name, {"value": text.strip()})
    return fen


def _halved(char: str) -> str:
    """Half-width. Not NFKC, which would turn 33² into 332."""
    if "！" <= char <= "～":
        return chr(ord(char) - 0xFEE0)
    return " " if char.isspace() else "¥" if char == "￥" else char


def _problem(number: str) -> str:
    if not number:
        return "empty"
    if number[0] in "-−" and not _problem(number[1:]):
        return "negative"
    if number[-1] in "万亿千百":
        return "unit"
    if not (_PLAIN.fullmatch(number) or _GROUPED.fullmatch(number)):
        return "commas" if re.fullmatch(r"[0-9,]+(\.[0-9]*)?", number) else "not_amount"
    if len(number.partition(".")[2]) > 2:
        return "decimals"
    return "too_large" if len(number) > 32 else ""


# --- How an amount came about


@dataclass(frozen=True)
class Line:
    """One step of a calculation, in words. What is taken off is negative; the lines add up to the amount.

    Params are ready for JSON: a calculation is stored with its payment and must read the same next year.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    amount_fen: int = 0

    @property
    def text(self) -> str:
        return word(self.code, **self.params)

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "params": dict(self.params),
            "text": self.text,
            "amount": plain(self.amount_fen),
            "fen": self.amount_fen,
        }


def summed(lines: Iterable[Line]) -> int:
    return sum(line.amount_fen for line in lines)


def stored(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Lines as `Payment.lines` and `Termination.lines` keep them."""
    return [line.as_dict() for line in lines]


def never_below_zero(lines: Iterable[Line], code: str) -> tuple[Line, ...]:
    """The lines, with one more that lifts a sum below zero to zero, so that they still add up."""
    kept = tuple(lines)
    short = -summed(kept)
    return (*kept, Line(code, {"short": yuan(short)}, short)) if short > 0 else kept


# --- Payments, as the rules see them


@dataclass(frozen=True)
class Entry:
    """One payment of a person. `reversed`: another payment takes it back, so it counts as never made."""

    id: int
    kind: PaymentKind
    amount_fen: int
    state: PaymentState = PaymentState.PAID
    reversed: bool = False
    on: date | None = None  # the day it was paid
    party: str = ""  # payee or payer, by name

    @property
    def counts(self) -> bool:
        """Money that moved and was not taken back. A remission moves none: it counts once approved."""
        done = {PaymentState.PAID}
        if self.kind is PaymentKind.REMISSION:
            done.add(PaymentState.APPROVED)
        return self.state in done and not self.reversed


def total(entries: Iterable[Entry], *kinds: PaymentKind) -> int:
    """What counts of these kinds, in fen. A reversal is no sum of its own: what it reverses is left out."""
    return sum(entry.amount_fen for entry in entries if entry.counts and entry.kind in kinds)
