"""/exports/ and the download of a list, as a browser sees them."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from tepei_admin import views
from tepei_admin.app import create_app
from tepei_admin.config import Config
from tepei_admin.exchange import templates
from tepei_admin.models import ExportRecord, ExportTemplate
from tepei_admin.views import exports
from tests.factories import PASSWORD


@pytest.fixture
def app(house, tmp_path, monkeypatch):
    templates.install()
    if exports.pages not in views.PAGES:
        monkeypatch.setattr(views, "PAGES", [*views.PAGES, exports.pages])
    made = create_app(Config(data_dir=tmp_path, database_url=house.url, secret_key="x" * 40))
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def sign_in(app, house):
    def as_role(role, unit=None):
        actor = house.actor(role, unit)
        client = app.test_client()
        username = f"{role}-{unit}" if unit else role
        client.post(
            "/login",
            data={"username": username, "password": PASSWORD},
            headers={"Origin": "http://localhost"},
        )
        assert actor
        return client

    return as_role


def post(client, address, **form):
    return client.post(address, data=form, headers={"Origin": "http://localhost"})


def number(name="区外学员汇总表"):
    return ExportTemplate.get(ExportTemplate.name == name).id


def test_the_page_shows_templates_and_what_went_out(house, sign_in):
    house.trainee()
    client = sign_in("operator")
    post(client, f"/exports/{number()}", format="csv")
    text = client.get("/exports/").text
    assert all(words in text for words in ("区外学员汇总表", "录取名单", "最近导出", "已遮盖", "完整显示"))
    assert f"/exports/{number()}" in text
    assert not re.search(r"<script(?! src)|style=|\son\w+=", text)


def test_the_choice_of_whole_numbers_is_for_who_may_reveal(sign_in):
    assert "完整显示" not in sign_in("viewer").get("/exports/").text
    assert "完整显示" not in sign_in("clerk", "150400").get("/exports/").text


def test_a_template_is_downloaded_under_its_chinese_name(house, sign_in):
    person = house.trainee()
    answer = post(sign_in("operator"), f"/exports/{number()}", format="csv", encoding="utf-8-sig", masked="0")
    assert answer.status_code == 200 and answer.data.startswith(b"\xef\xbb\xbf")
    assert person.id_number in answer.text
    header = answer.headers["Content-Disposition"]
    assert header.isascii() and 'filename="export.csv"' in header
    assert re.fullmatch(r"区外学员汇总表-2019年度-\d{8}\.csv", unquote(header.partition("UTF-8''")[2]))
    assert ExportRecord.get().masked is False


def test_without_the_right_whole_numbers_are_refused(house, sign_in):
    house.trainee()
    assert post(sign_in("viewer"), f"/exports/{number()}", masked="0").status_code == 403
    assert ExportRecord.select().count() == 0


def test_a_refusal_is_told_on_the_page(sign_in):
    client = sign_in("operator")
    answer = post(client, f"/exports/{number()}", track="inside")
    assert answer.status_code == 303
    assert "只含区外人员" in client.get("/exports/").text


def test_a_download_is_a_post_for_who_is_signed_in(app, sign_in):
    assert sign_in("operator").get(f"/exports/{number()}").status_code == 405
    assert post(app.test_client(), f"/exports/{number()}").status_code == 401
    assert post(sign_in("operator"), "/exports/9999").status_code == 404


def test_the_offices_exports_are_known_to_the_office_and_a_clerk_knows_the_own_ones(house, sign_in):
    post(sign_in("operator"), f"/exports/{number()}", format="csv")
    assert "区外学员汇总表-2019" in sign_in("viewer").get("/exports/").text
    assert "区外学员汇总表-2019" not in sign_in("clerk", "150400").get("/exports/").text


@pytest.mark.parametrize("form", [{}, {"masked": "0"}])
def test_a_list_goes_out_as_it_stands(house, sign_in, form):
    people = [house.trainee(name=name, title="=1+1") for name in ("甲", "乙")]  # in order of pinyin
    house.trainee(name="丙", unit="150700")
    query = f"?unit={house.unit().id}&sort=name&columns=name,title,id_number"
    answer = post(sign_in("operator"), "/trainees/export", format="csv", query=query, **form)
    rows = [line.split(",") for line in answer.data.decode("utf-8-sig").splitlines()]
    number = people[0].id_number
    assert rows[:2] == [
        ["姓名", "专业技术职务", "身份证号"],
        ["甲", "'=1+1", number if form else f"尾号 {number[-4:]}"],
    ]
    assert [row[0] for row in rows[2:]] == ["乙"]
    row = ExportRecord.get()
    assert row.filter["query"].startswith("?unit=") and row.masked == (not form)
    masked = "" if form else "-遮盖"
    assert re.fullmatch(rf"学员-2019年度-\d{{8}}{masked}\.csv", row.file_name)


def test_ticked_rows_go_out_alone(house, sign_in):
    first, _ = house.trainee(name="甲"), house.trainee(name="乙")
    answer = post(sign_in("viewer"), "/trainees/export", format="csv", query="", ids=str(first.id))
    assert [line.split(",")[0] for line in answer.data.decode("utf-8-sig").splitlines()] == ["姓名", "甲"]


def test_an_unknown_format_of_a_list_is_refused(house, sign_in):
    assert post(sign_in("viewer"), "/trainees/export", format="pdf", query="").status_code == 422
