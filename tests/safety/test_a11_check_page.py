"""A11: the public check page. Guessing finds nothing and is slowed down; who is revoked is told at once."""

from __future__ import annotations

import pytest

from tepei_admin.database import db
from tepei_admin.models import Certificate
from tepei_admin.rules.certificates import CODE_BYTES, code_of
from tepei_admin.services import limits
from tepei_admin.views import verify
from tests.safety.digest import digest
from tests.services.paper_cast import TODAY, completed
from tests.views.browser import Browser


@pytest.fixture
def issued(house, app) -> Certificate:
    db.connect(reuse_if_open=True)
    limits.clear()
    house.do("certify", completed(house, name="王小明"), on=TODAY)
    return Certificate.get()


def test_the_code_has_128_random_bits_and_no_two_are_alike(house, issued) -> None:
    assert CODE_BYTES * 8 == 128
    codes = {code_of(bytes([byte]) * CODE_BYTES) for byte in range(256)}
    assert len(codes) == 256


def test_guessing_is_answered_alike_and_then_not_at_all(house, nobody: Browser, issued) -> None:
    """Right numbers and wrong ones, one after the other, with codes near the right one: 404, and 429 after thirty."""
    before = digest()
    near = [
        issued.code[:-1] + letter
        for letter in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        if letter != issued.code[-1]
    ]
    tries = [(f"2019W{number:04d}", code) for number, code in enumerate(near * 4)]
    answers = [nobody.get(f"/verify/{number}/{code}") for number, code in tries[:100]]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [404] * verify.limit.tries + [429] * (100 - verify.limit.tries)
    assert len({answer.text for answer in answers if answer.status_code == 404}) == 1
    assert "王" not in "".join(answer.text for answer in answers)
    assert digest() == before


def test_control_without_the_limit_a_hundred_guesses_go_through(nobody: Browser, issued, monkeypatch) -> None:
    monkeypatch.setattr(limits.Limit, "wait", lambda self, who, now=None: 0)
    assert {nobody.get(f"/verify/{issued.number}/{'0' * 26}").status_code for _ in range(100)} == {404}


def test_it_tells_a_masked_name_and_validity_and_nothing_else(house, nobody: Browser, issued) -> None:
    page = nobody.get(f"/verify/{issued.number}/{issued.code}").text
    assert "王＊＊" in page or "王**" in page
    assert (
        "王小明" not in page
        and issued.trainee.id_number not in page
        and issued.trainee.id_number[-4:] not in page
    )


def test_who_is_revoked_is_told_at_the_next_look(house, nobody: Browser, issued) -> None:
    way = f"/verify/{issued.number}/{issued.code}"
    assert "有效" in nobody.get(way).text
    with db.obj.unguarded():
        Certificate.update(state="revoked").where(Certificate.id == issued.id).execute()
    page = nobody.get(way).text
    assert "已撤销" in page and "不再有效" in page
