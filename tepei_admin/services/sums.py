"""对账: does the house agree with itself? Each disagreement is one sentence that names the rows; none is the rule."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from peewee import fn

from tepei_admin.choices import PaymentKind, PaymentState, TerminationState
from tepei_admin.messages import word
from tepei_admin.models import (
    Certificate,
    CertificateCounter,
    Payment,
    Quota,
    Termination,
    Track,
    Trainee,
    Unit,
)
from tepei_admin.rules.money import yuan
from tepei_admin.services import kept_files, money, places, vault

NAMED = 5
"""How many rows a sentence names; the others are counted."""


def disagreements() -> Iterator[str]:
    """Everything that does not add up."""
    yield from _payments()
    yield from _recoveries()
    yield from _quotas()
    yield from _certificates()
    yield from _files()


def _some(numbers: Iterable[Any]) -> str:
    found = [str(number) for number in numbers]
    return "、".join(found[:NAMED]) + (f" 等 {len(found)} 处" if len(found) > NAMED else "")


def _payments() -> Iterator[str]:
    """Lines add up to their amount; a reversal and what it reverses point at each other with one amount."""
    wrong = [
        number
        for number, amount, lines in Payment.select(Payment.id, Payment.amount, Payment.lines).tuples()
        if lines and sum(line["fen"] for line in lines) != amount
    ]
    if wrong:
        yield word("sums.payment_lines", rows=_some(wrong))
    original = Payment.alias()
    pairs = (
        Payment.select(Payment.id, Payment.amount, original.amount, original.reversed_by)
        .join(original, on=(Payment.reverses == original.id))
        .where(Payment.kind == PaymentKind.REVERSAL.value, Payment.state == PaymentState.PAID.value)
    )
    wrong = [number for number, amount, was, by in pairs.tuples() if amount != was or by != number]
    if wrong:
        yield word("sums.reversals", rows=_some(wrong))


def _recoveries() -> Iterator[str]:
    """What a decided case recovers is the sum of its lines; it is settled exactly when nothing is outstanding."""
    wrong = []
    rows = Termination.select(Termination.id, Termination.due, Termination.lines)
    for number, due, lines in rows.where(Termination.state.in_(money.STANDING)).tuples():
        if lines and sum(line["fen"] for line in lines) != (due or 0):
            wrong.append(number)
    if wrong:
        yield word("sums.case_lines", rows=_some(wrong))
    for book in money.books(Termination.state.in_(money.STANDING)):
        if book.ledger.settled != (book.state is TerminationState.SETTLED):
            yield word("sums.case_state", row=book.id, name=book.name, left=yuan(book.ledger.outstanding))


def _quotas() -> Iterator[str]:
    """Nobody holds a place that is not there, but who bears the mark of an approved excess."""
    tracks = [row[0] for row in Track.select(Track.id).tuples()]
    over = (
        Trainee.select(Trainee.track, Trainee.unit, fn.COUNT(Trainee.id))
        .where(Trainee.over_quota)
        .group_by(Trainee.track, Trainee.unit)
    )
    marked = {(track, unit): count for track, unit, count in over.tuples()}
    rows = (
        Quota.select(Quota.track, Quota.unit, Quota.places, Unit.name, Track.label)
        .join(Unit)
        .switch(Quota)
        .join(Track)
    )
    there = {(track, unit): (count, name, label) for track, unit, count, name, label in rows.tuples()}
    for key, taken in places.unit_use(tracks).items():
        allowed, name, label = there.get(key, (0, "", ""))
        if taken - marked.get(key, 0) > (allowed or 0):
            yield word("sums.quota", unit=name, track=label, taken=taken, places=allowed or 0)


def _certificates() -> Iterator[str]:
    """As many certificates as numbers given out: no gap, none twice."""
    issued = (
        Certificate.select(Trainee.track, fn.COUNT(Certificate.id))
        .join(Trainee, on=(Certificate.trainee == Trainee.id))
        .group_by(Trainee.track)
    )
    counts = dict(issued.tuples())
    rows = CertificateCounter.select(CertificateCounter.track, CertificateCounter.last, Track.label).join(
        Track
    )
    for track, last, label in rows.tuples():
        if counts.get(track, 0) != last:
            yield word("sums.certificates", track=label, last=last, count=counts.get(track, 0))


def _files() -> Iterator[str]:
    """Every kept file is there and is what it was, and there is no other."""
    folder = vault.folder
    if folder is None:
        return
    yield from _papers(lambda item: _as_told(folder / item.stored_as, item.sha256))
    if found := kept_files.strays():
        size = sum(path.stat().st_size for path in found)
        yield word("sums.files_strange", count=len(found), size=f"{size / 1_000_000:.1f}")


def packed(hashes: Mapping[str, str], at_work: Path | None = None) -> Iterator[str]:
    """The same of the files in a backup: `hashes` by name, as they were packed.

    `at_work`: the folder of a house that went on meanwhile: what is there by now came later.
    """

    def as_told(item: kept_files.Told) -> bool | None:
        if item.stored_as in hashes:
            return item.sha256 in (None, hashes[item.stored_as])
        return True if at_work and (at_work / item.stored_as).is_file() else None

    yield from _papers(as_told)


def _papers(as_told: Callable[[kept_files.Told], bool | None]) -> Iterator[str]:
    """What is missing (None), and what is not as its row says."""
    missing: list[str] = []
    changed: list[str] = []
    for item in kept_files.told():
        found = as_told(item)
        if not found:
            (missing if found is None else changed).append(item.label)
    if missing:
        yield word("sums.files_missing", rows=_some(missing))
    if changed:
        yield word("sums.files_changed", rows=_some(changed))


def _as_told(path: Path, digest: str | None) -> bool | None:
    if not path.is_file():
        return None
    return _same(path, digest) if digest else _readable(path)


def _same(path: Path, digest: str) -> bool:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == digest


def _readable(path: Path) -> bool:
    """A compressed file whose own check sum holds."""
    try:
        with gzip.open(path) as handle:
            while handle.read(1 << 20):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True
