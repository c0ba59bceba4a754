"""Every code that the program can emit is worded, and no sentence is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tepei_admin
from tepei_admin.messages import MESSAGES

SOURCE = Path(tepei_admin.__file__).parent
EMITTED = re.compile(r'(?:Violation|RuleViolation|word|NotAllowed)\(\s*f?"([a-z_]+\.[a-z_.]+)"')
ENSURED = re.compile(r'ensure\(\s*(?:[^"]|"[^"]*"(?=\s*(?:in|not|==)))*?,\s*"([a-z_]+\.[a-z_.]+)"', re.DOTALL)


def emitted() -> set[str]:
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if "messages" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found |= set(EMITTED.findall(text)) | set(ENSURED.findall(text))
    return found


@pytest.mark.parametrize("code", sorted(emitted()))
def test_an_emitted_code_is_worded(code):
    assert code in MESSAGES


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_a_sentence_is_chinese_and_a_sound_template(code):
    text = MESSAGES[code]
    assert re.search(r"[\u3000-\uffef]|\{", text), text
    names = set(re.findall(r"\{(\w+)", text))
    text.format(**dict.fromkeys(names, 1))


def test_subjects_do_not_overwrite_each_other():
    from tepei_admin import messages

    tables = [module.MESSAGES for module in vars(messages).values() if hasattr(module, "MESSAGES")]
    assert sum(map(len, tables)) == len(MESSAGES)
