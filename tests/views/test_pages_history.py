"""历史: the administrator's page of who did what."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.models import AuditEntry
from tests.factories import ROLES
from tests.views.browser import Browser


@pytest.fixture
def told(house, client_as) -> Browser:
    """Two people with a past, a look at a number, a denial."""
    one, other = house.trained(2)
    operator = client_as("operator")
    operator.post(f"/trainees/{one.id}/reveal", column="id_number")
    operator.save(f"/trainees/{one.id}/edit", remarks="电话已核")
    operator.get("/users/")
    told = client_as("admin")
    told.people = one, other  # type: ignore[attr-defined]
    return told


def rows(browser: Browser, query: str) -> list[AuditEntry]:
    """The entries that a filtered list shows."""
    import re

    page = browser.get(f"/history/?page_size=200&{query}", follow_redirects=True).text
    numbers = {int(number) for number in re.findall(r'href="/history/(\d+)', page)}
    return list(AuditEntry.select().where(AuditEntry.id.in_(numbers)))


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_the_page_is_the_administrators(role: str, client_as) -> None:
    assert client_as(role).get("/history/").status_code == 403


def test_it_is_filtered_by_person_with_all_that_hangs_on_the_person(told: Browser) -> None:
    one, _ = told.people  # type: ignore[attr-defined]
    found = rows(told, f"trainee={one.id}")
    assert {entry.model for entry in found} >= {"trainee", "placement"}
    assert {entry.object_id for entry in found if entry.model == "trainee"} == {one.id}
    assert f"学员：{one.name}" in told.get(f"/history/?trainee={one.id}").text
    assert f'href="/history/?trainee={one.id}"' in told.get(f"/trainees/{one.id}").text
    assert not rows(told, "trainee=99999")


def test_it_is_filtered_by_user_day_batch_and_action(told: Browser) -> None:
    operator = AuditEntry.get(AuditEntry.action == "reveal").by_id
    assert {entry.by_id for entry in rows(told, f"by_id={operator}")} == {operator}
    today = AuditEntry.select(AuditEntry.at).order_by(-AuditEntry.id).scalar().date()
    assert rows(told, f"at.min={today - dt.timedelta(days=1)}") and not rows(
        told, f"at.min={today + dt.timedelta(days=2)}"
    )
    batch = AuditEntry.select(AuditEntry.batch_id).where(AuditEntry.batch_id.is_null(False)).scalar()
    assert {entry.batch_id for entry in rows(told, f"batch_id={batch}")} == {batch}
    assert {entry.action for entry in rows(told, "action=reveal,denied,login")} == {
        "reveal",
        "denied",
        "login",
    }


def test_before_and_after_read_like_the_page_of_the_person(told: Browser) -> None:
    one, _ = told.people  # type: ignore[attr-defined]
    changes = AuditEntry.select().where(AuditEntry.action == "update", AuditEntry.object_id == one.id)
    entry = changes.order_by(AuditEntry.id.desc()).get()
    page = told.get(f"/history/{entry.id}").text
    assert (
        "备注" in page
        and "电话已核" in page
        and "remarks" not in page.partition("变更内容")[2].partition("</section>")[0]
    )
    reveal = told.get(f"/history/{AuditEntry.get(AuditEntry.action == 'reveal').id}").text
    assert "身份证号" in reveal and one.id_number not in reveal
    denied = told.get(f"/history/{AuditEntry.get(AuditEntry.action == 'denied').id}").text
    assert "越权被拒" in denied and "GET /users/" in denied
