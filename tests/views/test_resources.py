"""Every resource, every endpoint, every role: the statuses follow from the model's declarations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tepei_admin.choices import Role
from tepei_admin.permissions import GRANTS
from tepei_admin.schema import all_models
from tepei_admin.views import RESOURCES
from tepei_admin.views.resource import Resource
from tests.factories import ROLES
from tests.views.browser import Browser
from tests.views.conftest import panel
from tests.views.sample import row

TABLES = [item for item in RESOURCES if isinstance(item, Resource)]


def test_every_model_has_its_line_in_resources() -> None:
    assert sorted(model.__name__ for model in all_models()) == sorted(item.model.__name__ for item in TABLES)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_what_the_declarations_say(role: str, sqlite_house, tmp_path) -> None:
    house = sqlite_house
    rows = {item: row(item.model) for item in TABLES}
    browser = Browser(panel(house, tmp_path)).sign_in(house, role)
    grants = GRANTS[Role(role)]
    wrong = []
    for item, sample in rows.items():
        options = item.model.panel
        reads = options.read in grants
        seen = reads and (role != "clerk" or options.shared or options.owner is not None)
        owned = role != "clerk" or options.owner is not None or options.shared
        edits = reads and options.edit in grants and owned
        deletes = edits and options.delete
        want = {
            "": 200 if reads else 403,
            "new": 200 if edits else 403,
            f"{sample.id}": 200 if seen else 404 if reads else 403,
            f"{sample.id}/edit": 200 if edits and seen else 403,
            f"{sample.id}/delete": 200 if deletes and seen else 403,
            "filter": 200 if reads else 403,
            "lookup?q=a": 200 if reads else 403,
        }
        got = {path: browser.get(item.url + path).status_code for path in want}
        wrong += [
            (item.path, path, got[path], status) for path, status in want.items() if got[path] != status
        ]
    assert wrong == []


@pytest.mark.parametrize("path", ["", "new", "1", "1/edit", "1/delete", "filter"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page(path: str, sqlite_app) -> None:
    answer = Browser(sqlite_app).get(f"/units/{path}")
    assert answer.status_code == 302
    assert answer.location == f"/login?next=/units/{path}"


def test_what_is_no_page_answers_401_without_a_session(nobody: Browser) -> None:
    assert nobody.get("/units/lookup?q=a").status_code == 401
    assert nobody.client.post("/units/act").status_code == 401
    assert nobody.client.post("/units/1/delete").status_code == 401


def test_every_list_works_on_both_databases(house, admin: Browser) -> None:
    wrong = []
    for item in TABLES:
        sample = row(item.model)
        for path in (
            "",
            "filter",
            str(sample.id),
            f"?sort={item.model.panel.columns[0]}",
            f"?id={sample.id}",
        ):
            answer = admin.get(item.url + path)
            wrong += [(item.url + path, answer.status_code)] if answer.status_code != 200 else []
        wrong += [] if str(sample.id) in admin.get(f"{item.url}?id={sample.id}").text else [item.url]
    assert wrong == []


def test_every_filter_and_every_sort_of_every_list_runs(house, admin: Browser) -> None:
    values = {
        "choice": None,
        "bool": "1",
        "ref": "1",
        "day": "2019-03-20",
        "moment": "2019-03-20",
        "partial": "2019",
    }
    bad = []
    for model, view in admin.app.extensions["resources"].items():
        row(model)
        for key, item in view.filters.items():
            value = values.get(item.column.kind, "1") or next(iter(item.column.options))
            value = "1" if item.operation in ("empty", "has") else value
            answer = admin.get(f"{view.url}/", query_string={key: value})
            bad += [(view.url, key, answer.status_code)] if answer.status_code != 200 else []
        for name in view.sortable:
            for sign in ("", "-"):
                answer = admin.get(f"{view.url}/", query_string={"sort": sign + name})
                bad += [(view.url, sign + name, answer.status_code)] if answer.status_code != 200 else []
    assert bad == []


def test_a_clerk_sees_only_the_unit_it_belongs_to(house, client_as: Callable[..., Browser]) -> None:
    ours, theirs = (
        house.trainee(unit="150400", name="赤峰的人"),
        house.trainee(unit="150500", name="通辽的人"),
    )
    clerk = client_as("clerk")
    page = clerk.get("/trainees/").text
    assert "赤峰的人" in page and "通辽的人" not in page
    assert clerk.get(f"/trainees/{ours.id}").status_code == 200
    for path in ("", "/edit"):
        assert clerk.get(f"/trainees/{theirs.id}{path}").status_code == 404
    assert clerk.get(f"/trainees/?id={theirs.id}").text.count("通辽的人") == 0
    assert clerk.post(f"/trainees/{theirs.id}/edit", name="x").status_code == 404
    assert clerk.post("/trainees/search", search=theirs.id_number).location == "/trainees/"
    assert clerk.get("/units/lookup?q=通辽").json == []
