"""A2: rows of another unit. A clerk of 赤峰市 reaches for everything of one person of 通辽市, by every address there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tepei_admin.models import ExportRecord, Proposal, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import batch, verbs
from tepei_admin.services import scope as scopes
from tests.safety.canaries import ID_NUMBER, MOBILE, SECRETS, WORD, nest
from tests.safety.digest import digest
from tests.safety.test_a01_routes import CARRIED
from tests.views.browser import Browser

OWN_TRACES = ("audit_entry", "proposal", "export_record")
"""What a clerk may leave behind: history, a choice of nobody, the record of an export without rows."""
CANARIES = tuple(text.encode() for text in (WORD, *SECRETS, MOBILE))


@pytest.fixture
def theirs(house) -> dict[Any, Any]:
    """One person of 通辽市 with a row of every model, and what somebody of the office has chosen of it."""
    rows = nest("150500")
    operator = house.actor("operator")
    number = batch.propose(operator, "withdraw", [rows[Trainee].id], {})
    return {**rows, Proposal: Proposal.get_by_id(number)}


@pytest.fixture
def clerk(house, theirs, client_as) -> Browser:
    house.trainee(unit="150400", name="自己人")
    return client_as("clerk", "150400")


def addresses(app: Flask, theirs: dict[Any, Any]) -> Iterator[tuple[Any, str]]:
    """Every door with the other unit's numbers in its address."""
    numbers = {
        view.url.strip("/"): theirs[model].id
        for model, view in app.extensions["resources"].items()
        if model in theirs
    }
    for door in app.extensions["doors"].values():
        if door.public or door.rule in ("/logout", "/account/password"):
            continue
        first = door.rule.strip("/").partition("/")[0].replace("import", "uploads")
        number = numbers.get(first, 1)
        if re.match(r"/(batches/(look|confirm)|certificates/specimen)/", door.rule):
            number = theirs[Proposal].id
        yield door, re.sub(r"<[^>]*>", str(number), door.rule)


def forms(door: Any, number: int) -> Iterator[dict[str, Any]]:
    """What is posted: the other's rows as ticks, as a query, as a search."""
    if door.rule.endswith("/act"):
        for verb in [name for name, spec in verbs.SPECS.items() if spec.model is door.view.model] or [
            "withdraw"
        ]:
            yield {"verb": verb, "ids": number, "query": ""}
            yield {"verb": verb, "all": "1", "query": f"?id={number}"}
    elif door.rule.endswith("/search"):
        yield from ({"search": text, "query": f"?id={number}"} for text in (WORD, ID_NUMBER, MOBILE))
    else:
        yield {"ids": number, "query": f"?id={number}", "all": "1", "column": "id_number", "decide": "yes"}


def reached(browser: Browser, theirs: dict[Any, Any]) -> tuple[list[Any], list[Any]]:
    """(what answered otherwise than "not there" or "no right", what had a canary in its body)."""
    token = browser.token("/units/")
    open_doors, leaks = [], []
    for door, address in addresses(browser.app, theirs):
        number = int((re.findall(r"/(\d+)", address) or ["1"])[0])
        posts = (
            [{"csrf_token": token, **CARRIED, **form} for form in forms(door, number)]
            if door.method == "POST"
            else [None]
        )
        for data in posts:
            answer = browser.client.open(address, method=door.method, data=data)
            body = answer.get_data() + answer.headers.get("Location", "").encode()
            leaks += [(door.method, address, text.decode()) for text in CANARIES if text in body]
            of_a_row = "<int" in door.rule and _owned(door, theirs)
            if of_a_row and answer.status_code not in (403, 404):
                open_doors.append((door.method, address, answer.status_code))
    return open_doors, leaks


def _owned(door: Any, theirs: dict[Any, Any]) -> bool:
    model = getattr(door.view, "model", None)
    of_nobody = ("/exports/", "/import/template/")  # a template, the blank table of a track
    return (model is None and not door.rule.startswith(of_nobody)) or model in theirs


def test_every_address_answers_as_if_the_other_units_rows_were_not_there(theirs, clerk) -> None:
    before = digest(OWN_TRACES)
    assert reached(clerk, theirs) == ([], [])
    assert digest(OWN_TRACES) == before
    assert Proposal.select().where(Proposal.by == clerk_id()).count() == 0


def clerk_id() -> int:
    from tepei_admin.models import User

    return User.get(User.username == "clerk-150400").id


@pytest.fixture
def unscoped(monkeypatch) -> None:
    """The control: rows are no unit's."""
    monkeypatch.setattr(scopes, "scope", lambda actor, model: None)
    for module in ("listing", "lookups", "search", "related"):
        monkeypatch.setattr(f"tepei_admin.views.resource.{module}.scope", lambda actor, model: None)


def test_control_without_scope_the_other_units_person_is_there(theirs, clerk, unscoped) -> None:
    person = theirs[Trainee]
    page = clerk.get(f"/trainees/{person.id}")
    assert page.status_code == 200 and WORD in page.text
    assert WORD in clerk.get("/trainees/").text
    assert clerk.get("/trainees/lookup", query_string={"q": WORD}).json != []


@pytest.mark.safety
def test_control_without_scope_the_canaries_sing_everywhere(theirs, clerk, unscoped) -> None:
    open_doors, leaks = reached(clerk, theirs)
    assert len(open_doors) > 20 and len(leaks) > 50


def test_a_filter_by_the_other_ones_number_names_nobody(theirs, clerk) -> None:
    leaks = []
    for view in clerk.app.extensions["resources"].values():
        for key, item in view.filters.items():
            target = getattr(item.column, "target", view.model) if item.operation in ("", "not") else None
            if target in theirs and (key == "id" or target is not view.model):
                page = clerk.get(f"{view.url}/?{key}={theirs[target].id}", follow_redirects=True).text
                leaks += (
                    [f"{view.url}?{key}"] if WORD in page or (target is Unit and "通辽市" in page) else []
                )
    assert leaks == []


def test_a_foreign_key_of_the_other_unit_is_not_taken(theirs, clerk, house) -> None:
    own, other = Trainee.get(Trainee.name == "自己人"), theirs[Unit]
    answer = clerk.save(f"/trainees/{own.id}/edit", unit=str(other.id))
    assert answer.status_code == 422 and "通辽市" not in answer.text
    assert Trainee.get_by_id(own.id).unit_id == own.unit_id
    number = str(house.track().id)
    clerk.save(
        "/trainees/new",
        unit=str(other.id),
        track=number,
        name="新人",
        id_number=ID_NUMBER,
        sex="1",
        ethnicity="02",
    )
    assert not Trainee.select().where(Trainee.name == "新人", Trainee.unit == other.id).exists()


def test_look_ups_find_nothing_of_the_other_unit(theirs, clerk) -> None:
    for model, view in clerk.app.extensions["resources"].items():
        for text in ("通辽", "150500", WORD, ID_NUMBER):
            if model in theirs and model is not Proposal:
                answer = clerk.get(f"{view.url}/lookup", query_string={"q": text})
                assert (answer.status_code, answer.json) == (200, []), view.url


def test_another_ones_choice_is_not_there_within_the_office_either(house, theirs, client_as) -> None:
    """A proposal is its maker's own, whatever the rights."""
    admin = client_as("admin")
    assert admin.get(f"/batches/look/{theirs[Proposal].id}").status_code == 404
    assert admin.post(f"/batches/confirm/{theirs[Proposal].id}").status_code == 404


def test_the_number_of_a_row_says_nothing_of_whether_it_is_there(clerk, theirs) -> None:
    """Beyond the scope and not there at all are the same answer."""
    pages = {clerk.get(f"/trainees/{number}").text for number in (theirs[Trainee].id, 999_999)}
    assert len(pages) == 1


def test_a_clerk_stays_a_clerk(house) -> None:
    """Scope comes from the account, not from the role's name: no unit, no rows."""
    person = house.trainee()
    assert scopes.visible(Actor(0, "x", "clerk", 0), Trainee).count() == 0
    assert scopes.visible(Actor(0, "x", "clerk", person.unit_id), Trainee).count() == 1


def test_a_table_that_went_out_is_the_offices_and_unmasked_for_who_may_reveal(
    house, theirs, client_as
) -> None:
    """The stored copy of an export, its changes and its page: a clerk has only the own ones."""
    operator = client_as("operator")
    list_of = {"format": "csv", "masked": "0", "query": ""}
    assert ID_NUMBER in operator.post("/trainees/export", **list_of).text
    operator.post("/exports/1", format="csv", masked="0")
    records = [row.id for row in ExportRecord.select()]
    assert len(records) == 2
    for role, unit in (("clerk", "150400"), ("clerk", "150500"), ("viewer", None)):
        browser = client_as(role, unit)
        for number in records:
            way = f"/exports/records/{number}"
            page = browser.get(way)
            files = [browser.post(f"{way}/{end}", masked="0") for end in ("copy", "changes")]
            assert page.status_code == (404 if role == "clerk" else 200), (role, unit)
            assert {answer.status_code for answer in files} <= {403, 404}, (role, way)
            assert not any(
                text.encode() in answer.get_data() for text in SECRETS for answer in (page, *files)
            )
