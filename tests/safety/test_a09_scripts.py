"""A9: scripts in data. Thirty payloads in every text column, seen in Chromium; not one runs, and no policy is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Error, Page, Response

from tepei_admin.app import create_app
from tepei_admin.config import Config
from tepei_admin.database import db
from tepei_admin.models import Certificate, TitleName, Trainee, Unit
from tepei_admin.rules.certificates import code_of
from tepei_admin.seed import demo
from tepei_admin.services import accounts
from tests.factories import ROLES, House
from tests.safety.canaries import flock
from tests.safety.pages import furnish
from tests.safety.people import NOBODY
from tests.served import PATIENCE, Server, filled
from tests.views import sample

BROWSER = [pytest.mark.browser, pytest.mark.slow]
RAN = "window.ran=(window.ran||0)+1"
PAYLOADS = [
    f"<script>{RAN}</script>", f"<img src=x onerror={RAN}>", f"<svg onload={RAN}>", f"<svg><script>{RAN}</script></svg>",
    f'"><script>{RAN}</script>', f"'><script>{RAN}</script>", f'" onfocus={RAN} autofocus x="', f"' onmouseover={RAN} x='",
    f"</textarea><script>{RAN}</script>", f"</title><script>{RAN}</script>", f"</select><img src=x onerror={RAN}>",
    f"</script><script>{RAN}</script>", f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>", f"javascript:{RAN}",
    f"<a href=javascript:{RAN}>x</a>", f"<details open ontoggle={RAN}>", f"<body onload={RAN}>", f"<input autofocus onfocus={RAN}>",
    f"<video><source onerror={RAN}></video>", f"<math><mi xlink:href=javascript:{RAN}>", f"<style>@import'javascript:{RAN}'</style>",
    f"<object data=javascript:{RAN}>", "<base href=//evil.example/>", "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>", f"{{{{ 7*7 }}}}{{% for x in () %}}<b onclick={RAN}>", f"${{{RAN}}}`{RAN}`",
    f"&lt;script&gt;{RAN}&lt;/script&gt;", f"＜script＞{RAN}＜/script＞", f"<scr\u0000ipt>{RAN}</scr\u0000ipt>".replace("\u0000", "\u200b"),
]  # fmt: skip
TABLES = ("trainees", "placements", "leaves", "terminations", "payments", "certificates", "documents", "follow-ups", "batches",
          "batch-rows", "waivers", "asked", "status-changes", "assessments", "eligibility-checks", "units", "title-names")  # fmt: skip


NUMBER, CODE = "<script>window.ran=1", code_of(b"\x01" * 16)
"""Of a certificate whose holder and number are payloads."""


class Watched:
    """A page whose every complaint is kept: console errors, broken policies, dialogs, payloads that ran."""

    def __init__(self, chromium: Browser, address: str, *, bypass_csp: bool = False) -> None:
        self.complaints: list[str] = []
        self.context = chromium.new_context(
            base_url=address, viewport={"width": 1366, "height": 768}, bypass_csp=bypass_csp
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._note(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self._note(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on(
            "request",
            lambda request: None if request.url.startswith(address) else self._note(f"went to {request.url}"),
        )

    def _hear(self, message: object) -> None:
        text = message.text  # type: ignore[attr-defined]
        if message.type == "error" and not re.search(r"status of (401|403|404|409|422|429)", text):  # type: ignore[attr-defined]
            self._note(text)

    def _note(self, text: str) -> None:
        self.complaints.append(f"{self.page.url}: {text}"[:300])

    def sign_in(self, role: str) -> None:
        self.page.goto("/login")
        self.page.fill("[name=username]", role)
        self.page.fill("[name=password]", demo.PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(re.compile(r"/$"))

    def look(self, path: str) -> Response | None:
        """The answer; None for a file, which is no page."""
        try:
            answer = self.page.goto(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            return None
        if ran := self.page.evaluate("window.ran || 0"):
            self._note(f"{ran} payloads ran")
        return answer


EVERY: list[str] = []
"""Each page of the table of permissions, in the house below."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house full of payloads, with an account of every role."""
    made = tmp_path_factory.mktemp("payloads")
    with filled(made) as house:
        _fill(house)
        EVERY[:] = furnish(house, made).values()
    return made


@pytest.fixture(scope="module")
def panel(folder: Path) -> Iterator[str]:
    """Its address."""
    with Server(folder) as server:
        yield server.address


def _fill(house: House) -> None:
    for role in ROLES:
        if role not in ("operator", "approver"):
            unit = "150400" if role == "clerk" else None
            accounts.add(house.cli, role, role, password=demo.PASSWORD, name=PAYLOADS[0], unit=unit)
    flock("150400", PAYLOADS)
    with db.obj.unguarded():
        Certificate.update(code=CODE, number=NUMBER, state="issued").where(Certificate.id == 2).execute()
    for text in PAYLOADS:
        sample.row(TitleName, name=text[:64])
    with db.obj.unguarded():
        Unit.update(contact=PAYLOADS[1], address=PAYLOADS[2], bank_name=PAYLOADS[4]).where(
            Unit.code == "150400"
        ).execute()


def addresses(role: str, *, whole: bool) -> list[str]:
    """The lists with all their columns, rows and forms, filters, the pages beside them, searches and errors."""
    found = [*(EVERY if whole else ()), "/", "/requests/", "/recoveries/", "/certificates/ready", "/documents/missing", "/payments/totals", "/exports/",
             "/import/", "/leaves/calendar", "/account/password", "/assessments/group", "/history/?page_size=200"]  # fmt: skip
    thirty = whole and role == "admin"
    rows = len(PAYLOADS) if thirty else 2
    for table in TABLES:
        found += [f"/{table}/", f"/{table}/filter", f"/{table}/1"]
    for number in range(1, rows + 1):
        found += [
            f"/trainees/{number}",
            f"/trainees/{number}/edit",
            f"/trainees/{number}/documents",
            f"/batches/{number}",
        ]
    for text in PAYLOADS if thirty else PAYLOADS[:3]:
        asked = quote(text, safe="")
        found += [
            f"/trainees/?search={asked}",
            f"/trainees/?name.has={asked}&sort=name",
            f"/{asked}",
            f"/login?next=/{asked}",
        ]
    return found


def walk(chromium: Browser, address: str, role: str, *, whole: bool) -> tuple[list[str], int]:
    watched, seen = Watched(chromium, address), 0
    try:
        if role != NOBODY:
            watched.sign_in(role)
        for path in addresses(role, whole=whole):
            answer = watched.look(path)
            seen += answer is not None and answer.status == 200
    finally:
        watched.context.close()
    return watched.complaints, seen


@pytest.mark.parametrize("role", [pytest.param("operator", marks=BROWSER)])
def test_no_payload_runs_and_no_policy_is_broken(role: str, chromium, panel) -> None:
    complaints, seen = walk(chromium, panel, role, whole=False)
    assert complaints == [] and seen > 60


@pytest.mark.safety
@pytest.mark.browser
@pytest.mark.parametrize("role", ("nobody", *ROLES))
def test_every_page_as_everybody_and_thirty_payloads_in_every_column(role: str, chromium, panel) -> None:
    complaints, seen = walk(chromium, panel, role, whole=True)
    assert complaints == [] and seen > 120


@pytest.mark.browser
@pytest.mark.slow
def test_nothing_runs_on_the_public_pages(chromium, panel) -> None:
    watched = Watched(chromium, panel)
    answer = watched.look(f"/verify/{quote(NUMBER, safe='')}/{CODE}")
    assert answer and answer.status == 200 and "有效" in watched.page.inner_text("main")
    for text in PAYLOADS[::3]:
        asked = quote(text, safe="")
        for path in (f"/verify?number={asked}&code={asked}", f"/login?next={asked}", f"/{asked}"):
            watched.look(path)
    assert watched.complaints == []
    watched.context.close()


UNESCAPED = "from flask import Flask\nFlask.select_jinja_autoescape = lambda *_: False\n"


@pytest.mark.browser
@pytest.mark.slow
def test_control_without_escaping_the_policy_is_broken_and_without_it_too_the_payloads_run(
    chromium, folder
) -> None:
    """The same looks at the panel's own pages: what is told is the policy's doing, then the payloads'."""
    with Server(folder, before=UNESCAPED) as server:
        for bypassed, word in ((False, "Content Security Policy"), (True, "payloads ran")):
            watched = Watched(chromium, server.address, bypass_csp=bypassed)
            watched.sign_in("operator")
            for number in (1, 2):
                watched.look(f"/trainees/{number}")
            assert any(word in complaint for complaint in watched.complaints), watched.complaints
            watched.context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_deleting_asks_first(chromium, panel) -> None:
    watched = Watched(chromium, panel)
    watched.sign_in("admin")
    page = watched.page
    page.goto("/title-names/?search=javascript")
    page.locator("tbody tr td a").first.click()
    where = page.url
    page.get_by_role("link", name="删除").click()
    page.get_by_role("link", name="不删").click()
    assert page.url == where.partition("?")[0]
    page.get_by_role("link", name="删除").click()
    page.get_by_role("button", name="删除").click()
    page.wait_for_url("**/title-names/")
    assert watched.complaints == []
    watched.context.close()


INLINE = re.compile(
    r"<script(?![^>]* src=)|<style|<[^>]*\sstyle=|<[^>]*\son\w+\s*=|(?:href|src|action)=[\"']?\s*javascript:",
    re.I,
)


def test_no_page_of_ours_has_a_script_style_or_handler_in_it(sqlite_house, tmp_path) -> None:
    """By reading: what the policy forbids is not there to be forbidden, on any page of any address."""
    flock("150400", ["金丝雀"])
    db.close()
    app = create_app(Config(tmp_path, sqlite_house.url, "k" * 40))
    from tests.views.browser import Browser as Plain

    admin, wrong, seen = Plain(app).sign_in(sqlite_house, "admin"), [], 0
    for door in app.extensions["doors"].values():
        if door.method == "GET" and not door.rule.startswith("/static"):
            answer = admin.get(re.sub(r"<[^>]*>", "1", door.rule))
            seen += answer.status_code == 200
            if answer.mimetype.startswith("application/vnd"):
                continue  # the blank table is no page
            wrong += [(door.rule, found[0]) for found in [INLINE.search(answer.text)] if found]
    assert wrong == [] and seen > 150
    assert Trainee.select().count() == 1


def test_no_template_marks_anything_as_safe() -> None:
    """Nothing that came from outside is let past Jinja's escaping: no `|safe`, no autoescape off."""
    folder = Path(__file__).parents[2] / "tepei_admin" / "templates"
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape", text), path
        assert not INLINE.search(re.sub(r"\{[{%].*?[%}]\}", "", text)), path
