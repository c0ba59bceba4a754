"""What Flask-Admin, wtf-peewee and peewee do by themselves and ResourceView must not: docs/ground.md by number.

Points with a file of their own: 1-3, 14, 27 test_forms; 7, 8, 15, 16 test_filters; 11, 12 test_resources, test_forms;
18, 26 test_state; 24, 25 test_speed; 28 test_search, test_bulk; 30 test_details; 9 test_app.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask_admin.contrib.peewee import ModelView

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import TitleName, Unit
from tepei_admin.services import crud
from tepei_admin.views.resource import ResourceView
from tests.views.browser import Browser
from tests.views.sample import row


def test_2_a_refused_save_stores_nothing_and_says_so(house, admin: Browser, monkeypatch) -> None:
    """Flask-Admin would have flashed an error, answered 200 and committed half."""
    real = crud.create

    def half(actor, model, values, **options):
        real(actor, model, values, **options)
        raise RuleViolation(Violation("record.duplicate"))

    monkeypatch.setattr("tepei_admin.services.crud.create", half)
    answer = admin.save("/title-names/new", name="某级", level="430")
    assert answer.status_code == 422 and "已经有相同的记录" in answer.text


def test_4_an_error_in_the_middle_leaves_nothing_and_shows_no_trace(
    house, admin: Browser, monkeypatch, caplog
) -> None:
    monkeypatch.setattr("tepei_admin.services.record.plain", lambda value: 1 / 0)
    answer = admin.save("/title-names/new", name="某级", level="430")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text and "Traceback" not in answer.text
    number = answer.text.split("编号 ")[1][:8]
    assert number in caplog.text and "ZeroDivisionError" in caplog.text
    assert not TitleName.select().where(TitleName.name == "某级").exists()


def test_9_to_12_and_21_the_stock_routes_are_gone(app) -> None:
    ends = {
        rule.endpoint.split(".")[-1]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("units.")
    }
    assert ends == {
        "index_view", "filter_view", "search_view", "lookup_view", "details_view", "reveal_view", "create_view",
        "edit_view", "delete_view", "act_view", "export",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path", ["ajax/update/", "ajax/lookup/", "action/", "export/csv/", "edit/?id=1", "details/?id=1"]
)
def test_10_stock_addresses_answer_404(path: str, sqlite_admin: Browser) -> None:
    assert sqlite_admin.get(f"/units/{path}").status_code == 404
    assert sqlite_admin.post(f"/units/{path}").status_code in (404, 405)


@pytest.mark.parametrize(
    "option",
    [
        {"column_filters": ("name",)}, {"column_searchable_list": ("name",)}, {"inline_models": (Unit,)},
        {"column_editable_list": ("name",)}, {"form_ajax_refs": {}}, {"column_formatters": {}}, {"column_list": ("name",)},
        {"get_query": lambda self: None}, {"on_model_change": lambda self, *_: None}, {"create_template": "x.html"},
    ],
    ids=lambda option: next(iter(option)),
)  # fmt: skip
def test_5_17_22_a_stock_option_that_does_nothing_is_refused_at_start(option: dict) -> None:
    kind = type("Stock", (ResourceView,), option)
    with pytest.raises(TypeError, match=next(iter(option))):
        kind(Unit, "stock")


def test_our_own_options_are_not_refused(app) -> None:
    kind = type("Ours", (ResourceView,), {"groups": (), "beneath": {}, "details_template": "x.html"})
    assert kind(Unit, "ours").details_template == "x.html"


def test_13_the_database_says_nothing_on_the_screen(house, admin: Browser) -> None:
    """PostgreSQL's own text would hold the ID number."""
    someone = house.trainee()
    data = {
        "track": str(someone.track_id),
        "unit": str(someone.unit_id),
        "name": "另一个",
        "id_number": someone.id_number,
    }
    answer = admin.save("/trainees/new", **data)
    assert answer.status_code == 422
    assert "同一年度已有这个身份证号的学员" in answer.text
    assert "UNIQUE" not in answer.text and "duplicate key" not in answer.text


def test_19_a_type_error_of_ours_is_itself(house, admin: Browser, monkeypatch, caplog) -> None:
    calls = []

    def broken(self, state):
        calls.append(state)
        raise TypeError("ours")

    monkeypatch.setattr(ResourceView, "listing", broken)
    assert admin.get("/units/").status_code == 500
    assert "TypeError: ours" in caplog.text and len(calls) == 1


def test_20_rights_vary_by_who_asks_not_by_who_came_first(client_as, house) -> None:
    viewer, boss = client_as("viewer"), client_as("admin")
    for _ in range(2):
        assert "新增单位" in boss.get("/units/").text
        assert "新增单位" not in viewer.get("/units/").text


def test_29_pages_speak_chinese_and_load_nothing_from_elsewhere(admin: Browser) -> None:
    for path in ("/units/", "/units/new", f"/units/{Unit.get().id}", "/units/filter", "/nowhere"):
        page = admin.get(path).text
        assert '<html lang="zh-CN">' in page
        assert "http://" not in page and "https://" not in page and "//cdn" not in page
        assert "bootstrap" not in page and "select2" not in page


def test_the_form_scaffolding_is_flask_admins_own(house, app) -> None:
    view = app.extensions["resources"][Unit]
    assert isinstance(view, ModelView)
    assert list(view._create_form_class(actor=house.cli, programme=None)._fields) == view.form_columns


def test_views_hold_nothing_of_a_request(house, admin: Browser) -> None:
    """View objects are shared by threads."""
    view = admin.app.extensions["resources"][Unit]
    before = dict(vars(view))
    row(Unit, code="T1", name="甲")
    admin.get("/units/?search=甲"), admin.save("/units/new", code="x"), admin.get(f"/units/{Unit.get().id}")
    assert vars(view) == before


def test_a_new_model_is_a_list_a_form_and_details_by_its_declarations_alone(sqlite_url: str) -> None:
    """In a process of its own: field types nobody has thought of, made from those we know (ground 15)."""
    script = Path(__file__).with_name("throwaway.py")
    done = subprocess.run([sys.executable, script, sqlite_url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "walked"
