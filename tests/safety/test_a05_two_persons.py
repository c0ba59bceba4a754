"""A5: nobody makes and approves. Refused in the plan, refused by the database, whatever role one gets in between."""

from __future__ import annotations

from typing import Any

import peewee
import pytest

from tepei_admin.choices import Role
from tepei_admin.database import db
from tepei_admin.errors import RuleViolation
from tepei_admin.models import Payment, User
from tepei_admin.permissions import Actor
from tepei_admin.schema import all_models
from tepei_admin.services import accounts, crud, requests, verbs
from tepei_admin.services.plan import Args
from tests.safety.canaries import nest
from tests.services.money_cast import END, in_training, propose, setting
from tests.views.browser import Browser

PAIRED = [model for model in all_models() if {"opened_by", "decided_by"} <= model._meta.fields.keys()]
"""Everything that one person opens and another decides."""


def approve(actor: Actor, *rows: Payment) -> Any:
    return verbs.perform(actor, "approve_payment", [row.id for row in rows], Args(END))


@pytest.mark.parametrize("model", PAIRED, ids=lambda model: model.__name__)
def test_the_database_refuses_one_person_for_both(model, house) -> None:
    """Raw SQL, past everything of ours."""
    row, approver = nest()[model], house.actor("approver").id
    table = model._meta.table_name
    with (
        db.obj.unguarded(),
        pytest.raises(peewee.IntegrityError, match=f"{table}_two_persons"),
        db.obj.atomic(),
    ):
        db.execute_sql(f'UPDATE "{table}" SET decided_by_id = opened_by_id WHERE id = {row.id}')
    with db.obj.unguarded():
        db.execute_sql(f'UPDATE "{table}" SET decided_by_id = {approver} WHERE id = {row.id}')
        assert model.get_by_id(row.id).decided_by_id == approver
        solo = "true" if db.obj.postgres else "1"  # one person for both, with its mark
        db.execute_sql(
            f'UPDATE "{table}" SET decided_by_id = opened_by_id, solo = {solo} WHERE id = {row.id}'
        )


def test_all_four_are_looked_at() -> None:
    assert {model.__name__ for model in PAIRED} == {"Payment", "Termination", "Waiver", "Request"}


def test_a_new_role_makes_no_second_person(house) -> None:
    """Who opened it as an operator is still the same person as an approver, and as an administrator."""
    operator = house.actor("operator")
    rows = propose(house, "tuition", *[in_training(house) for _ in range(10)], actor=operator)
    user = User.get(User.username == "operator")
    for role in (Role.APPROVER, Role.ADMIN):
        crud.edit(house.cli, User, user.id, None, {"role": role.value})
        risen = accounts.actor_named("operator")
        outcome = approve(risen, *rows)
        assert outcome.done == () and {line.refused.code for line in outcome.skipped} == {
            "access.same_person"
        }
        with pytest.raises(RuleViolation, match=r"access\.same_person"):
            requests.decide(risen, f"payment-{rows[0].id}", yes=True)
    assert {row.state for row in Payment.select()} == {"draft"}


def test_on_the_page_the_own_matter_has_no_button_and_a_forged_answer_is_refused(house, app) -> None:
    admin = Browser(app).sign_in(house, "admin")
    db.connect(reuse_if_open=True)
    (row,) = propose(house, "tuition", in_training(house), actor=house.actor("admin"))
    page = admin.get("/requests/").text
    assert f'action="/requests/payment-{row.id}"' not in page
    answer = admin.post(f"/requests/payment-{row.id}", decide="yes")
    assert answer.status_code == 422 and "不能核准自己提出的事项" in answer.text
    assert Payment.get_by_id(row.id).state == "draft"


def test_control_under_the_setting_of_an_office_of_one_it_is_done_and_marked(house) -> None:
    setting(house, solo="on")
    approver = house.actor("approver")
    (row,) = propose(house, "tuition", in_training(house), actor=approver)
    assert approve(approver, row).done == (row.id,)
    row = Payment.get_by_id(row.id)
    assert row.solo and row.decided_by_id == row.opened_by_id
