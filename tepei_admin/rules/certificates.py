"""结业证书 (六（五）): who may be certified, the number, the code of the check page, the name as shown there."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import date

from tepei_admin.choices import DocumentsRule, Grade, Status
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.money import yuan
from tepei_admin.rules.term import is_over

# --- Who


@dataclass(frozen=True)
class CertificateFacts:
    """What the certificate of one person depends on.

    `waived`: what a second person decided on a held grade (True 通过, False 不通过); None: nothing yet.
    `unprintable`: the characters of the name that no font has.
    """

    status: Status
    term_end: date | None  # last day of training: the actual one, else the planned
    grade: Grade | None  # of the completion assessment
    waived: bool | None = None
    outstanding_fen: int = 0  # of a recovery that is not settled
    missing: tuple[str, ...] = ()  # papers of 七（二）, by label
    unprintable: tuple[str, ...] = ()
    has_certificate: bool = False


@dataclass(frozen=True)
class CertificatePolicy:
    passing: frozenset[Grade] = frozenset({Grade.EXCELLENT, Grade.PASS})
    documents: DocumentsRule = DocumentsRule.WARN


def can_certify(facts: CertificateFacts, policy: CertificatePolicy, on: date) -> list[Violation]:
    """Every reason why no certificate can be issued on this day; none if it can."""
    if facts.has_certificate:
        return [Violation("certificate.has_one")]
    found = []
    if facts.status is not Status.COMPLETED:
        found.append(Violation("certificate.not_completed", "status", {"status": facts.status.label}))
    problems = (check_term(facts.term_end, on), _grade_problem(facts, policy))
    found += [problem for problem in problems if problem]
    if facts.outstanding_fen:
        found.append(Violation("certificate.open_recovery", None, {"amount": yuan(facts.outstanding_fen)}))
    if policy.documents is DocumentsRule.BLOCK:
        found += _missing(facts)
    if facts.unprintable:
        found.append(Violation("certificate.unprintable", "name", {"glyphs": "、".join(facts.unprintable)}))
    return found


def warnings(facts: CertificateFacts, policy: CertificatePolicy) -> list[Violation]:
    """What is to be seen before a certificate is issued and does not forbid it."""
    return _missing(facts) if policy.documents is DocumentsRule.WARN else []


def _missing(facts: CertificateFacts) -> list[Violation]:
    if not facts.missing:
        return []
    return [Violation("certificate.documents_missing", "documents", {"missing": "、".join(facts.missing)})]


def check_term(end: date | None, on: date) -> Violation | None:
    """培训期满 (六（五）): for `complete` and for the certificate."""
    if end is None:
        return Violation("certificate.no_term", "actual_end")
    return None if is_over(end, on) else Violation("certificate.term_not_over", "on", {"end": chinese(end)})


def outcome(grade: Grade | None, passing: frozenset[Grade], waived: bool | None = None) -> Status | Violation:
    """Where `complete` leads: completed or failed; or what it waits for.

    基本合格 is held where it does not pass by itself: a second person decides (`waived`). No waiver lifts 不合格.
    """
    if grade is None:
        return Violation("certificate.no_grade", "grade")
    if grade in passing:
        return Status.COMPLETED
    if grade is not Grade.BASIC:
        return Status.FAILED
    if waived is None:
        return Violation("certificate.grade_held", "grade", {"grade": grade.label})
    return Status.COMPLETED if waived else Status.FAILED


def _grade_problem(facts: CertificateFacts, policy: CertificatePolicy) -> Violation | None:
    found = outcome(facts.grade, policy.passing, facts.waived)
    if isinstance(found, Violation) or facts.grade is None:
        return found if isinstance(found, Violation) else None
    if found is Status.COMPLETED:
        return None
    return Violation("certificate.grade_not_passing", "grade", {"grade": facts.grade.label})


# --- The number

LONGEST = 32
_FIELDS = ("year", "letter", "serial")
_WIDTH = re.compile(r"(0[1-9])?d?")  # filled up with zeros, never with spaces
_UNFIT = re.compile(r"[\s/\\?#%&+<>\"']|\.\.")  # the number stands in the address of the check page


def check_format(text: str) -> list[Violation]:
    """Is this a sound setting `certificate_number`? Year, letter and serial must each stand in it once."""
    refusal = _format_problem(text)
    if refusal:
        return [Violation(f"certificate.{refusal}", "certificate_number", {"value": text})]
    if len(_formatted(text, 2019, "WW", 99_999)) > LONGEST:
        return [Violation("certificate.format_long", "certificate_number", {"limit": LONGEST})]
    return []


def _format_problem(text: str) -> str:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return "format_unsound"
    names = [name for _, name, _, _ in parts if name is not None]
    if sorted(names) != sorted(_FIELDS):
        return "format_fields"
    for literal, name, spec, conversion in parts:
        allowed = not spec if name == "letter" else _WIDTH.fullmatch(spec or "")
        if conversion or (name and not allowed) or _UNFIT.search(literal) or "{" in literal or "}" in literal:
            return "format_unsound"
    return ""


def number(text: str, year: int, letter: str, serial: int) -> str:
    """2019W0001 by the setting {year}{letter}{serial:04d}. Raises `RuleViolation` for an unsound setting."""
    problems = check_format(text)
    if problems:
        raise RuleViolation(problems)
    return _formatted(text, year, letter, serial)


def _formatted(text: str, year: int, letter: str, serial: int) -> str:
    return text.format(year=year, letter=letter, serial=serial)


# --- The check page

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
CODE_BYTES, CODE_LENGTH = 16, 26
_READ_AS = str.maketrans("OIL", "011", " -\t\r\n")


def code_of(random: bytes) -> str:
    """The verification code of 128 random bits: 26 letters and digits that nobody mistakes for another."""
    if len(random) != CODE_BYTES:
        raise ValueError(f"{CODE_BYTES} random bytes are needed")
    value = int.from_bytes(random, "big")
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (CODE_LENGTH - 1), -1, -5))


def code_read(text: str) -> str | None:
    """The code that somebody typed: any case, spaces and hyphens between; None where it cannot be one."""
    code = "".join(map(_halved, text[:100])).upper().translate(_READ_AS)
    # 26 letters hold 130 bits: the first stands for three of them only.
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) and code[0] in "01234567" else None


def _halved(char: str) -> str:
    return chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char


def code_grouped(code: str) -> str:
    """In groups of four or five, as it is printed for people to type."""
    return " ".join((code[:5], code[5:10], code[10:15], code[15:20], code[20:]))


_TWO_LETTERS = re.compile(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|宇文|长孙|夏侯|端木|百里|呼延|南宫|独孤|完颜|耶律|拓跋"
)


def masked_name(name: str) -> str:
    """王*, 王**, 欧阳*, 巴****·**: the surname, or the first character where there is none, and a mask."""
    text = name.strip()
    if len(text) < 2:
        return "*" * len(text)
    shown = 2 if len(text) > 2 and "·" not in text and _TWO_LETTERS.match(text) else 1
    return text[:shown] + "".join(map(_masked, text[shown:]))


def _masked(char: str) -> str:
    return char if char in "·• " else "*"
