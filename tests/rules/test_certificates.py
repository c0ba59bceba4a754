from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import DocumentsRule, Grade, Status
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.rules.certificates import (
    ALPHABET,
    CertificateFacts,
    CertificatePolicy,
    can_certify,
    check_format,
    code_grouped,
    code_of,
    code_read,
    masked_name,
    number,
    outcome,
    warnings,
)

FORMAT = "{year}{letter}{serial:04d}"
DAY = date(2020, 8, 31)
READY = CertificateFacts(Status.COMPLETED, DAY, Grade.PASS)
POLICY = CertificatePolicy()
BLOCK = CertificatePolicy(documents=DocumentsRule.BLOCK)


@pytest.mark.parametrize(
    ("changed", "policy", "on", "codes"),
    [
        ({}, POLICY, DAY, []),
        ({"status": Status.TRAINING}, POLICY, DAY, ["not_completed"]),
        ({"status": Status.FAILED}, POLICY, DAY, ["not_completed"]),
        ({}, POLICY, date(2020, 8, 30), ["term_not_over"]),
        ({}, POLICY, date(2020, 9, 1), []),
        ({"term_end": None}, POLICY, DAY, ["no_term"]),
        ({"grade": None}, POLICY, DAY, ["no_grade"]),
        ({"grade": Grade.EXCELLENT}, POLICY, DAY, []),
        ({"grade": Grade.FAIL}, POLICY, DAY, ["grade_not_passing"]),
        ({"grade": Grade.FAIL, "waived": True}, POLICY, DAY, ["grade_not_passing"]),
        ({"grade": Grade.BASIC}, POLICY, DAY, ["grade_held"]),
        ({"grade": Grade.BASIC, "waived": True}, POLICY, DAY, []),
        ({"grade": Grade.BASIC, "waived": False}, POLICY, DAY, ["grade_not_passing"]),
        ({"grade": Grade.BASIC}, CertificatePolicy(frozenset({Grade.BASIC})), DAY, []),
        ({"grade": Grade.PASS}, CertificatePolicy(frozenset({Grade.EXCELLENT})), DAY, ["grade_not_passing"]),
        ({"outstanding_fen": 1}, POLICY, DAY, ["open_recovery"]),
        ({"missing": ("考试成绩单",)}, POLICY, DAY, []),
        ({"missing": ("考试成绩单",)}, BLOCK, DAY, ["documents_missing"]),
        ({"unprintable": ("\ue863",)}, POLICY, DAY, ["unprintable"]),
        ({"has_certificate": True}, POLICY, DAY, ["has_one"]),
        ({"status": Status.TRAINING, "grade": None}, POLICY, date(2020, 1, 1), ["not_completed", "term_not_over", "no_grade"]),
    ],
)  # fmt: skip
def test_who_can_be_certified_and_why_not(changed, policy, on, codes):
    found = can_certify(replace(READY, **changed), policy, on)
    assert [violation.code for violation in found] == [f"certificate.{code}" for code in codes]


def test_missing_papers_warn_or_block_and_are_named():
    facts = replace(READY, missing=("考试成绩单", "考核表"))
    assert [w.params["missing"] for w in warnings(facts, POLICY)] == ["考试成绩单、考核表"]
    assert warnings(facts, BLOCK) == warnings(READY, POLICY) == []


@pytest.mark.parametrize(
    ("grade", "waived", "status"),
    [
        (Grade.EXCELLENT, None, Status.COMPLETED),
        (Grade.PASS, None, Status.COMPLETED),
        (Grade.BASIC, True, Status.COMPLETED),
        (Grade.BASIC, False, Status.FAILED),
        (Grade.FAIL, None, Status.FAILED),
        (Grade.FAIL, True, Status.FAILED),
    ],
)
def test_where_the_completion_assessment_leads(grade, waived, status):
    assert outcome(grade, POLICY.passing, waived) is status


def test_a_held_grade_waits():
    assert outcome(Grade.BASIC, POLICY.passing) == Violation(
        "certificate.grade_held", "grade", {"grade": "基本合格"}
    )
    assert outcome(None, POLICY.passing).code == "certificate.no_grade"


# --- Numbers


@pytest.mark.parametrize(
    ("text", "letter", "serial", "expected"),
    [
        (FORMAT, "W", 1, "2019W0001"),
        (FORMAT, "N", 40, "2019N0040"),
        (FORMAT, "N", 12345, "2019N12345"),
        ("内特培〔{year}〕{letter}-{serial:03}号", "W", 7, "内特培〔2019〕W-007号"),
        ("{letter}{year}{serial}", "W", 7, "W20197"),
    ],
)
def test_a_number_follows_the_setting(text, letter, serial, expected):
    assert check_format(text) == []
    assert number(text, 2019, letter, serial) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "format_fields"),
        ("{year}{serial:04d}", "format_fields"),
        ("{year}{letter}", "format_fields"),
        ("{year}{letter}{serial}{serial}", "format_fields"),
        ("{year}{letter}{serial}{name}", "format_fields"),
        ("{}{letter}{serial}", "format_fields"),
        ("{year.__class__}{letter}{serial}", "format_fields"),
        ("{0}{year}{letter}{serial}", "format_fields"),
        ("{year}{letter}{serial!r}", "format_unsound"),
        ("{year}{letter:>9}{serial}", "format_unsound"),
        ("{year}{letter}{serial:x}", "format_unsound"),
        ("{year}{letter}{serial:{year}}", "format_unsound"),
        ("{year}{letter}{serial", "format_unsound"),
        ("{{{year}{letter}{serial}", "format_unsound"),
        ("{year}/{letter}{serial}", "format_unsound"),
        ("{year} {letter}{serial}", "format_unsound"),
        ("{year}{letter}{serial:4d}", "format_unsound"),
        ("{year}{letter}{serial:99d}", "format_unsound"),
        ("内蒙古少数民族专业技术人才特培计划结业证书编号{year}{letter}{serial:04d}", "format_long"),
    ],
)
def test_an_unsound_setting_is_refused(text, code):
    assert [violation.code for violation in check_format(text)] == [f"certificate.{code}"]
    with pytest.raises(RuleViolation):
        number(text, 2019, "W", 1)


@given(st.text("{}yearletserial:04d!.[]_x /", max_size=40))
def test_any_text_is_a_setting_or_refused(text):
    if not check_format(text):
        assert number(text, 2019, "W", 1) != number(text, 2019, "W", 2)


# --- The check page


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_a_code_keeps_all_its_bits(one, two):
    code = code_of(one)
    assert len(code) == 26 and set(code) <= set(ALPHABET)
    assert (code == code_of(two)) == (one == two)
    assert code_read(code) == code_read(code.lower()) == code_read(code_grouped(code)) == code


def test_a_code_is_read_as_people_type_it():
    code = code_of(bytes(range(1, 17)))
    assert "0" in code
    assert code_read(code.replace("0", "o").replace("1", "l")) == code
    assert code_read("-".join(code)) == code
    assert code_read("".join(chr(ord(char) + 0xFEE0) for char in code)) == code


@pytest.mark.parametrize(
    "text", ["", "2019W0001", "0" * 25, "0" * 27, "8" + "0" * 25, "U" * 26, "你" * 26, "0" * 10**6]
)
def test_what_cannot_be_a_code_is_not_looked_up(text):
    assert code_read(text) is None


def test_fewer_bits_are_a_mistake_of_the_program():
    with pytest.raises(ValueError):
        code_of(b"short")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王明", "王*"),
        ("王小明", "王**"),
        ("王䶮", "王*"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧*"),
        ("乌兰图雅", "乌***"),
        ("巴特尔·孟和", "巴**·**"),
        ("阿卜杜热合曼·买买提", "阿*****·***"),
        ("Anna Lee", "A*** ***"),
        ("王", "*"),
        ("", ""),
        (" 王明 ", "王*"),
        ("𠮷田", "𠮷*"),
        ("长孙·敖登", "长*·**"),
    ],
)
def test_a_name_is_shown_by_its_surname(name, shown):
    assert masked_name(name) == shown
