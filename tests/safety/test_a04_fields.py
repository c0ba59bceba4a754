"""A4: hidden fields posted. Every column of every model through every form, as each role: only its own boxes count."""

from __future__ import annotations

from typing import Any

import peewee
import pytest

from tepei_admin.database import db
from tepei_admin.models import Trainee
from tepei_admin.permissions import Actor
from tepei_admin.schema import STAMPS, PartialDateField, Record
from tepei_admin.services import accounts, checks, crud
from tests.factories import ROLES
from tests.safety.canaries import nest
from tests.views import sample
from tests.views.browser import Browser

MOVED_BY_RULES = {("unit", "updated_at"), ("trainee", "eligibility_stale"), ("user", "epoch")}
"""What follows from an allowed change and is nobody's box."""


def other(field: peewee.Field, stored: Any) -> str:
    """Another value than the stored one that the column could hold."""
    if isinstance(field, peewee.ForeignKeyField):
        return str(stored + 1 if stored else 1)
    if field.choices:
        return next(str(value) for value, _ in field.choices if value not in (stored, ""))
    if isinstance(field, peewee.BooleanField):
        return "0" if stored else "1"
    if isinstance(field, peewee.DateTimeField):
        return "2031-01-02 03:04:05"
    if isinstance(field, peewee.DateField):
        return "2018-04-05"
    if isinstance(field, peewee.IntegerField):
        return str((stored or 0) + 1)
    return "2018-04" if isinstance(field, PartialDateField) else "另外"


def stored(model: type[Record], number: int) -> dict[str, Any]:
    names = list(model._meta.fields)
    row = model.select(*(model._meta.fields[name] for name in names)).where(model.id == number).tuples().get()
    return dict(zip(names, row, strict=True))


def rows(house: Any, unit: str) -> dict[type[Record], Any]:
    """A row of every model, of this unit where models belong to one."""
    found = nest(unit)
    return {**{model: sample.row(model) for model in sample_models(found)}, **found}


def sample_models(found: dict[type[Record], Any]) -> list[type[Record]]:
    from tepei_admin.schema import all_models

    return [model for model in all_models() if model not in found and model._meta.table_name != "audit_entry"]


def smuggled(browser: Browser, actor: Actor, rows: dict[type[Record], Any]) -> tuple[list[Any], int]:
    """([(model, column) that changed without being a box of this role], how many forms were taken)."""
    token, wrong, taken = browser.token("/units/"), [], 0
    for model, row in rows.items():
        view, before = browser.app.extensions["resources"][model], stored(model, row.id)
        own = set(crud.fields_for(actor, model))
        for sent in ({*model._meta.fields}, {*model._meta.fields} - own):
            form = {name: other(model._meta.fields[name], before[name]) for name in sorted(sent)}
            kept = {name: "" if before[name] is None else str(before[name]) for name in own - sent}
            data = {**form, **kept, "version": str(before["version"]), "csrf_token": token}
            taken += browser.client.post(f"{view.url}/{row.id}/edit", data=data).status_code == 303
            after = stored(model, row.id)
            changed = {name for name in after if after[name] != before[name]} - own - STAMPS
            wrong += [
                (model._meta.table_name, name)
                for name in changed
                if (model._meta.table_name, name) not in MOVED_BY_RULES
            ]
            before = after
    return wrong, taken


@pytest.mark.parametrize("role", ROLES)
def test_only_the_boxes_of_the_role_change_anything(role: str, sqlite_house, sqlite_app) -> None:
    found = rows(sqlite_house, "150400")
    browser = Browser(sqlite_app).sign_in(sqlite_house, role)
    actor = accounts.actor_named("clerk-150400" if role == "clerk" else role)
    wrong, taken = smuggled(browser, actor, found)
    assert wrong == []
    assert taken > {"admin": 5, "viewer": -1}.get(role, 0)


def test_control_without_the_list_of_boxes_machine_columns_would_be_written(
    sqlite_house, monkeypatch
) -> None:
    """The same values through the command, with its filter off: the database would take them."""
    person = sqlite_house.trainee()
    monkeypatch.setattr(crud, "_permitted", lambda actor, model, values: dict(values))
    monkeypatch.setitem(checks.CHECKS, Trainee, lambda *_: None)
    crud.edit(
        sqlite_house.actor("operator"), Trainee, person.id, None, {"status": "certified", "over_quota": True}
    )
    assert Trainee.get_by_id(person.id).status == "certified"


def test_the_filter_holds_in_the_command_too(house) -> None:
    """Whatever a page lets through."""
    person = house.trainee()
    values = {
        "status": "certified",
        "over_quota": True,
        "eligibility": "eligible",
        "version": 99,
        "remarks": "可以",
    }
    crud.edit(house.actor("operator"), Trainee, person.id, None, values)
    row = Trainee.get_by_id(person.id)
    assert (row.remarks, row.status, row.over_quota) == ("可以", "applied", False)


@pytest.mark.parametrize("role", ["clerk", "operator", "admin"])
def test_a_new_row_takes_no_more_than_its_boxes(role: str, sqlite_house, sqlite_app) -> None:
    browser = Browser(sqlite_app).sign_in(sqlite_house, role)
    boxes = {"name": "新人", "id_number": "150404198505120019", "sex": "1", "ethnicity": "02", "unit": str(sqlite_house.unit().id),
             "track": str(sqlite_house.track().id)}  # fmt: skip
    hidden = {
        "status": "certified",
        "eligibility": "eligible",
        "over_quota": "1",
        "programme": "99",
        "id": "4711",
        "version": "9",
    }
    from tests.factories import id_number

    answer = browser.client.post(
        "/trainees/new",
        data={**boxes, **hidden, "id_number": id_number(3), "csrf_token": browser.token("/units/")},
    )
    assert answer.status_code == 303, answer.text
    row = Trainee.get(Trainee.name == "新人")
    assert (row.status, row.eligibility, row.over_quota, row.version, row.programme.year) == (
        "applied",
        "",
        False,
        1,
        2019,
    )
    assert row.id != 4711
    db.close()
