"""What the public check page answers (六（五）): to number and code together, a masked name and validity. Reads only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from tepei_admin.choices import CertificateState
from tepei_admin.models import Certificate, Programme, Track, Trainee
from tepei_admin.rules.certificates import CODE_LENGTH, LONGEST, code_read, masked_name


@dataclass(frozen=True)
class Checked:
    """All that a stranger may know."""

    number: str
    name: str
    year: int
    track: str
    state: CertificateState

    @property
    def valid(self) -> bool:
        return self.state is CertificateState.ISSUED


def check(number: str, code: str) -> Checked | None:
    """The certificate of this number, if the code is its own; None for a wrong pair as for an unknown number."""
    wanted = tidy(number)
    row = (
        Certificate.select(
            Certificate.number, Certificate.code, Trainee.name, Programme.year, Track.label, Certificate.state
        )
        .join(Trainee, on=(Certificate.trainee == Trainee.id))
        .join(Track, on=(Trainee.track == Track.id))
        .switch(Trainee)
        .join(Programme, on=(Trainee.programme == Programme.id))
        .where(Certificate.number.in_([wanted, wanted.upper()]))
        .tuples()
        .first()
    )
    given = code_read(code) or "!" * CODE_LENGTH
    kept = row[1] if row else "?" * CODE_LENGTH
    if not secrets.compare_digest(kept.encode(), given.encode()) or row is None:
        return None
    return Checked(row[0], masked_name(row[2]), row[3], row[4], CertificateState(row[5]))


def tidy(number: str) -> str:
    """A number as people type it: full-width, with spaces."""
    half = "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char for char in number[:200])
    return "".join(half.split()).replace("\0", "")[:LONGEST]
