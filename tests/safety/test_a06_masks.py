"""A6: ID numbers, bank accounts and health matters where they do not belong. Canaries looked for in everything."""

from __future__ import annotations

import inspect
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tepei_admin.choices import LetterKind
from tepei_admin.database import db
from tepei_admin.exchange import papers
from tepei_admin.models import (
    AuditEntry,
    Batch,
    Certificate,
    Document,
    ExportRecord,
    ExportTemplate,
    Leave,
    LetterText,
    Proposal,
    Termination,
    Trainee,
    Upload,
)
from tepei_admin.services import batch, crud
from tests.exchange.documents.reading import pages
from tests.factories import ROLES
from tests.safety.canaries import BANK, HEALTH, ID_NUMBER, MOBILE, SECRETS, nest
from tests.safety.test_a01_routes import knocks
from tests.services import paper_cast
from tests.views.browser import Browser

REVEALING = ("operator", "approver", "admin")
PEOPLE = (
    "trainees",
    "payments",
    "leaves",
    "units",
    "past-trainees",
    "placements",
    "history",
    "uploads",
    "batches",
)
"""Lists whose exports are opened, and whose pages are looked at from every side."""


LONG = [
    role if role in ("viewer", "admin") else pytest.param(role, marks=pytest.mark.safety) for role in ROLES
]


@pytest.fixture
def bird(house, app) -> dict[Any, Any]:
    """One person of 赤峰市 full of canaries, and a leave that goes the way of the office; in the panel's own house."""
    db.connect(reuse_if_open=True)
    rows = nest("150400")
    (person,) = house.trained()
    operator = house.actor("operator")
    number = batch.propose(operator, "record_leave", [person.id], {
        "on": "2019-09-30", "leave_state": "granted", "host_approval": "研究生院", "starts": "2019-10-08", "ends": "2019-10-12", "leave_reason": HEALTH,
    })  # fmt: skip
    batch.confirm(operator, number, {})
    assert Leave.select().where(Leave.reason == HEALTH).count() == 2
    return rows


def texts(answer: Any) -> Iterator[str]:
    """All text of an answer: body, headers, what is packed into a workbook or archive, what a PDF says."""
    data = answer.get_data()
    yield data.decode("utf-8", "replace")
    yield data.decode("gb18030", "replace")
    yield str(answer.headers)
    if data[:5] == b"%PDF-":
        yield "".join(pages(data))
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", "replace")


def seen(answer: Any) -> set[str]:
    return {secret for secret in SECRETS for text in texts(answer) if secret in text}


def visits(browser: Browser, role: str, rows: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Every address by GET; every list searched, exported, looked up; every form posted with an error."""
    numbers = {
        view.url.strip("/"): rows[model].id
        for model, view in browser.app.extensions["resources"].items()
        if model in rows
    }
    token = browser.token("/units/")
    for rule, _, method in knocks(browser.app):
        first = rule.strip("/").partition("/")[0].replace("import", "uploads")
        address = re.sub(r"<[^>]*>", str(numbers.get(first, 1)), rule)
        if method == "GET" and not rule.startswith("/static"):
            yield address, browser.get(address)
        elif rule.endswith("/edit"):
            yield (
                address,
                browser.client.post(address, data={"csrf_token": token, "version": "1", "name": ""}),
            )
    for path in PEOPLE:
        for text in (ID_NUMBER, BANK, MOBILE, "住院手术", ID_NUMBER[:8]):
            yield (
                f"{path} {text}",
                browser.client.post(
                    f"/{path}/search", data={"csrf_token": token, "search": text}, follow_redirects=True
                ),
            )
        yield (
            f"{path} columns",
            browser.get(
                f"/{path}/?columns=id_number,bank_account,reason,before,after,arguments,report",
                follow_redirects=True,
            ),
        )
        yield f"{path} look-up", browser.get(f"/{path}/lookup?q=金丝雀")
        for fmt in ("csv", "xlsx"):
            for masked in ("1",) if role in REVEALING else ("1", "0"):
                data = {"csrf_token": token, "format": fmt, "masked": masked, "query": ""}
                yield f"{path} {fmt} {masked}", browser.client.post(f"/{path}/export", data=data)
    for template in ExportTemplate.select(ExportTemplate.id):
        data = {"csrf_token": token, "format": "csv", "masked": "1"}
        yield f"template {template.id}", browser.client.post(f"/exports/{template.id}", data=data)


POSTED = {
    "/batches/<number>/result": Batch, "/import/<number>/messages": Upload, "/import/<number>/errors": Upload,
    "/import/<number>/file": Upload, "/exports/<number>": ExportTemplate, "/exports/records/<number>/copy": ExportRecord,
    "/exports/records/<number>/changes": ExportRecord, "/certificates/pdf": Certificate,
    "/certificates/of-batch/<number>": Batch, "/certificates/specimen/<number>": Proposal, "/documents/<pk>/file": Document,
    "/trainees/<pk>/documents.zip": Trainee, "/letters/<kind>": Termination, "/backups/download": None,
}  # fmt: skip
"""Every address that gives a file for a form, and whose number stands in it (None: nobody's)."""
AS_IT_CAME = {
    "/import/<number>/errors",
    "/import/<number>/file",
    "/documents/<pk>/file",
    "/trainees/<pk>/documents.zip",
}
"""Files of others, whole: for who may reveal, and in the history."""


def test_every_address_that_gives_a_file_for_a_form_is_looked_at(sqlite_house, sqlite_app) -> None:
    """By what its view answers: who adds one adds it here."""
    giving = set()
    for door in sqlite_app.extensions["doors"].values():
        if door.method == "POST" and door.view is None:
            code = inspect.getsource(inspect.unwrap(sqlite_app.view_functions[door.endpoint]))
            if re.search(r"\b(attachment|download|send_file)\(", code):
                giving.add(re.sub(r"<int[^:]*:", "<", door.rule))
    assert giving == set(POSTED)


def taken_away(browser: Browser, rows: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Every such address, as often as it has numbers."""
    token = browser.token("/units/")
    for rule, model in POSTED.items():
        every = [rows[model].id] if model in rows else [row.id for row in model.select()] if model else [1]
        for number, kind in itertools.product(every, LetterKind if "<kind>" in rule else [None]):
            address = re.sub(r"<kind>", kind.value, rule) if kind else re.sub(r"<[^>]*>", str(number), rule)
            form = {
                "csrf_token": token,
                "ids": number,
                "masked": "1",
                "format": "xlsx",
                "sample": "1",
                "on": "2020-09-10",
            }
            yield rule, browser.client.post(address, data=form)


@pytest.mark.parametrize("role", LONG)
def test_no_file_that_is_taken_away_shows_a_whole_number_but_to_who_may_see_it(
    role: str, house, bird, client_as
) -> None:
    browser = client_as(role)
    for number in (1, 2):  # there are copies of something to take
        client_as("operator").post(f"/exports/{number}", format="csv", masked="1")
    found = {}
    for rule, answer in taken_away(browser, bird):
        found.setdefault(rule, set()).update(seen(answer))
    whole = {rule for rule, secrets in found.items() if secrets}
    assert whole <= (AS_IT_CAME if role in REVEALING else set()), found
    assert ("/import/<number>/file" in whole) == (role in REVEALING)
    told = AuditEntry.select(AuditEntry.label).where(
        AuditEntry.action == "export", AuditEntry.by_name == role
    )
    assert (bird[Upload].file_name in {row.label for row in told}) == (role in REVEALING)


def test_no_paper_says_a_whole_number(house, app, client_as) -> None:
    """Certificates, notices and letters of people whose every number is a canary; read back from the PDF."""
    db.connect(reuse_if_open=True)
    paper_cast.today_is(house)
    numbers = {"id_number": ID_NUMBER, "bank_account": BANK}
    graduate = paper_cast.completed(house, name="王伟", **numbers)
    decided = paper_cast.case(
        house, paper_cast.completed(house, name="王伟", papers=False, bank_account=BANK)
    )
    admitted = paper_cast.confirmed(house, name="王伟", bank_account=BANK)
    house.do("certify", graduate, on=paper_cast.TODAY)
    text = LetterText.get(LetterText.kind == "recovery")
    crud.edit(house.cli, LetterText, text.id, None, {"account_holder": "某户", "account_bank": "某行", "account_no": "15001"})  # fmt: skip
    whole = {*SECRETS, *(row.id_number for row in Trainee.select())}
    operator = client_as("operator")
    given = {
        "office": "某厅",
        "date": "2020-04-02",
        "number": "某函〔2020〕1号",
        "report_on": "2020-09-02",
        "pay_by": "2020-05-01",
    }
    for path, number in (
        ("/certificates/pdf", Certificate.get().id), ("/letters/notify", admitted.id), ("/letters/circular", decided),
        ("/letters/recovery", decided),
    ):  # fmt: skip
        answer = operator.post(path, ids=number, **given)
        assert answer.data.startswith(b"%PDF-"), (path, answer.text)
        said = "".join(pages(answer.data))
        assert "王伟" in said and not [secret for secret in whole if secret in said], path


def test_control_a_number_that_is_printed_is_found(house) -> None:
    """The same reading of a paper whose holder is called like a number."""
    paper_cast.today_is(house)
    paper_cast.completed(house, name=f"王{ID_NUMBER}")
    house.do("certify", Trainee.get(), on=paper_cast.TODAY)
    made = papers.certificates(house.cli, [Certificate.get().id], base_url="http://localhost")
    assert ID_NUMBER in "".join(pages(b"".join(made.chunks)))


@pytest.mark.parametrize("role", LONG)
def test_no_page_export_or_error_shows_a_whole_number(role: str, house, bird, client_as, caplog) -> None:
    browser = client_as(role)
    wrong = [(what, found) for what, answer in visits(browser, role, bird) if (found := seen(answer))]
    assert wrong == []
    assert not [secret for secret in SECRETS if secret in caplog.text]


@pytest.mark.parametrize("role", ROLES)
def test_the_whole_value_comes_by_post_alone_and_is_in_the_history(role: str, house, bird, client_as) -> None:
    browser, person = client_as(role), bird[Trainee]
    for address, column, value in (
        (f"/trainees/{person.id}", "id_number", ID_NUMBER), (f"/trainees/{person.id}", "bank_account", BANK),
        (f"/leaves/{bird[Leave].id}", "reason", HEALTH),
    ):  # fmt: skip
        before = AuditEntry.select().where(AuditEntry.action == "reveal").count()
        answer = browser.post(f"{address}/reveal", column=column)
        assert (value in answer.text) == (role in REVEALING), address
        assert AuditEntry.select().where(AuditEntry.action == "reveal").count() - before == (
            role in REVEALING
        )
        assert answer.status_code == (200 if role in REVEALING else 403)
        assert browser.get(f"{address}/reveal?column={column}").status_code == 405


def test_a_column_that_is_not_masked_cannot_be_revealed(house, bird, client_as) -> None:
    for column in ("digest", "name", "password_hash", "nothing", ""):
        assert (
            client_as("admin").post(f"/trainees/{bird[Trainee].id}/reveal", column=column).status_code == 404
        )


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_an_export_in_full_is_for_who_may_reveal_and_is_written_down_first(
    role: str, house, bird, client_as
) -> None:
    browser = client_as(role)
    answer = browser.post("/trainees/export", format="csv", masked="0", query="")
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    if role == "operator":
        assert (last.action, last.after["masked"]) == ("export", False), "before the first byte is read"
        assert ID_NUMBER in answer.text
    else:
        assert answer.status_code == 403 and last.action == "denied"


def test_control_without_the_masks_the_canaries_sing(house, bird, client_as, monkeypatch) -> None:
    monkeypatch.setattr("tepei_admin.views.resource.words.tail", lambda value: str(value or ""))
    monkeypatch.setattr("tepei_admin.exchange.sources.tail", lambda value: str(value or ""))
    browser = client_as("viewer")
    page = browser.get(f"/trainees/{bird[Trainee].id}").text
    assert ID_NUMBER in page and BANK in page


def test_no_password_or_digest_is_on_any_page(house, bird, client_as) -> None:
    admin = client_as("admin")
    for path in (
        "/users/",
        "/users/1",
        "/users/2",
        "/users/2/edit",
        "/history/",
        "/users/?columns=password_hash,epoch",
    ):
        assert "$argon2" not in admin.get(path, follow_redirects=True).text, path
