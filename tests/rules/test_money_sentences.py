"""Every code of the training year is worded, every sentence is used, and takes what its code gives."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tepei_admin import rules
from tepei_admin.choices import (
    DocumentsRule,
    Grade,
    LeaveKind,
    LeaveState,
    PaymentKind,
    PaymentState,
    RecoveryRule,
    Status,
    TerminationPath,
)
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.messages import say
from tepei_admin.messages.money import MESSAGES
from tepei_admin.rules import certificates as cert
from tepei_admin.rules import money, recovery, stipend, term, tuition
from tepei_admin.rules.money import Entry, Line

MODULES = ("money", "term", "stipend", "tuition", "recovery", "certificates")
DAY = date(2019, 10, 1)
K, S, P = PaymentKind, PaymentState, TerminationPath


def away(
    days: int, kind: LeaveKind = LeaveKind.LEAVE, start: date = DAY, state=LeaveState.GRANTED
) -> term.Away:
    return term.Away(term.Period(start, start + timedelta(days - 1)), kind, state)


def refused(call, *args) -> tuple[Violation, ...]:
    with pytest.raises(RuleViolation) as caught:
        call(*args)
    return caught.value.violations


def amounts():
    texts = ("", "x", "1,2", "1.005", "3万", "-1", "0", "9" * 20)
    return [money.parse(text) for text in texts]


def leaves():
    year = term.Period(DAY, date(2020, 9, 30))
    return [
        *term.check_leave(away(0), year),
        *term.check_leave(away(1), None),
        *term.check_leave(away(1, start=date(2019, 1, 1)), year),
        *term.check_leave(away(1), year, [away(1)]),
        term.returned(away(1, state=LeaveState.ASKED), DAY),
        term.returned(away(1), DAY),
        term.returned(away(1), date(2019, 12, 1)),
    ]


def stipends():
    policy = stipend.StipendPolicy(600_00)
    facts = stipend.StipendFacts(
        DAY, date(2019, 11, 15), Grade.PASS, aways=(away(3), away(99, LeaveKind.ABSENCE))
    )
    long = replace(facts, end=date(2021, 1, 1))
    changed = (
        {"start": None}, {"end": None}, {"end": date(2019, 1, 1)}, {"grade": None}, {"grade": Grade.FAIL},
        {"ended_by": P.FOR_CAUSE}, {"ended_by": P.LEFT},
    )  # fmt: skip
    found = [stipend.stipend(replace(facts, **change), policy) for change in changed]
    for text in ("all", "off", "beyond:1"):
        paid = stipend.stipend(facts, replace(policy, leave=stipend.LeaveRule.parse(text)))
        found += [*paid.lines, paid.nothing]
    found += stipend.stipend(long, policy).lines
    found += refused(stipend.LeaveRule.parse, "x") + refused(stipend.passing_grades, "")
    return [*found, *refused(stipend.passing_grades, "x")]


def tuitions():
    paid, back = Entry(1, K.TUITION, 100), Entry(2, K.REFUND, 50)
    facts = tuition.TuitionFacts(100, (paid, back))
    return [
        *tuition.tuition(facts).lines,
        tuition.tuition(replace(facts, entries=(paid,))),
        tuition.tuition(replace(facts, reported_in=False)),
        tuition.tuition(replace(facts, entries=(replace(paid, state=S.DRAFT),))),
        tuition.check_tuition(2, 1),
        tuition.check_refund(1, ()),
    ]


def recoveries():
    paid = (Entry(1, K.TUITION, 100), Entry(2, K.STIPEND, 5), Entry(3, K.REFUND, 50, on=DAY, party="大学"))
    case = recovery.Case(P.LEFT, paid, RecoveryRule.PRO_RATA, term.Period(DAY, DAY), DAY)
    approved = replace(paid[0], id=4, state=S.APPROVED)
    full = recovery.Ledger(100, 1, 1, 1, 90, 1)
    return [
        *recovery.recovery(case).lines,
        *recovery.recovery(replace(case, term=None)).lines,
        *recovery.recovery(replace(case, entries=(replace(paid[2]),))).lines,
        *recovery.recovery(replace(case, entries=())).lines,
        *recovery.recovery(replace(case, path=P.FOR_CAUSE)).lines,
        *recovery.check_decision(replace(case, entries=(approved,), ended_on=None), 7),
        *recovery.check_decision(replace(case, term=None)),
        *recovery.check_step(full, K.RECOVERY, 1000),
        *recovery.check_step(full, K.REPAYMENT, 1000),
        *recovery.check_step(full, K.REMISSION, 1),
        recovery.check_reversal(full, K.RECOVERY, 90),
        *recovery.check_overturn(full),
        *full.lines,
    ]


def certificates():
    policy = cert.CertificatePolicy(documents=DocumentsRule.BLOCK)
    wrong = cert.CertificateFacts(Status.TRAINING, None, None, None, 5, ("考核表",), ("䶮",))
    facts = [
        wrong,
        replace(wrong, has_certificate=True),
        replace(wrong, term_end=date(2099, 1, 1), grade=Grade.FAIL),
        replace(wrong, grade=Grade.BASIC),
    ]
    formats = ("", "{year}/{letter}{serial}", "特培" * 12 + "{year}{letter}{serial:04d}")
    found = [violation for one in facts for violation in cert.can_certify(one, policy, DAY)]
    return found + [violation for text in formats for violation in cert.check_format(text)]


CAST = [amounts, leaves, stipends, tuitions, recoveries, certificates]
SMALL = {"recovery.detail", "recovery.comma"} | {code for code in MESSAGES if ".short." in code}


def shown() -> dict[str, set[str]]:
    """{code: sentences} of everything that the cast brings about."""
    found: dict[str, set[str]] = {}
    for scene in CAST:
        for item in scene():
            if isinstance(item, Violation | Line):
                text = say(item) if isinstance(item, Violation) else item.text
                found.setdefault(item.code, set()).add(text)
    return found


def test_the_cast_brings_about_every_sentence():
    assert set(MESSAGES) - set(shown()) == SMALL


def test_every_sentence_takes_what_its_code_gives():
    for code, texts in shown().items():
        for text in texts:
            assert text and not re.search(r"\{(?!year|letter|serial)|None", text), (code, text)


def test_every_code_written_in_the_rules_is_worded():
    folder = Path(rules.__file__).parent
    for module in MODULES:
        for node in ast.walk(ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if re.fullmatch(r"(money|leave|stipend|tuition|recovery|certificate)\.[a-z_.]*[a-z]", text):
                    assert text in MESSAGES, (module, text)


def test_params_are_ready_for_json():
    kinds = {type(value) for scene in CAST for item in scene() if item for value in item.params.values()}
    assert kinds <= {str, int}
