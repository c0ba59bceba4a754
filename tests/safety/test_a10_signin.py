"""A10: passwords and sessions."""

from __future__ import annotations

import html
import io
import re
from html.parser import HTMLParser

import pytest
from itsdangerous import TimestampSigner
from werkzeug.datastructures import MultiDict

from tepei_admin.app import create_app
from tepei_admin.choices import Role
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.errors import Busy, Refusal, RuleViolation, Violation
from tepei_admin.models import AuditEntry, Trainee, User
from tepei_admin.services import accounts, limits, passwords, programmes
from tepei_admin.views import account
from tests.factories import PASSWORD
from tests.safety.racing import PATIENCE, _context
from tests.views.browser import Browser


def test_a_new_house_has_no_account_that_can_sign_in(house) -> None:
    assert [user.username for user in User.select()] == ["cli"]
    assert not User.get().password_hash


WEAK = ["short7!", "12345678", "87654321", "abcdefgh", "aaaaaaaa", "11112222", "PASSWORD", "Password2019!", "qwerty123",
        "iloveyou", "woaini1314", "5201314520", "P@ssw0rd", "1qaz2wsx", "tepei2019", "Neimenggu1", "operator", "Operator2026",
        "  operator  ", "admin888", "baseball1", "sunshine"]  # fmt: skip


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused(password: str) -> None:
    assert passwords.weak(password, "operator")


@pytest.mark.parametrize(
    "password", [PASSWORD, "draw-water-9", "内蒙古的草原很大呀", "xk4#mq9w", "correct horse battery"]
)
def test_a_good_one_is_not(password: str) -> None:
    assert not passwords.weak(password, "operator")


def test_the_list_of_common_passwords_comes_with_the_package() -> None:
    assert len(passwords.common()) > 8000 and "password" in passwords.common()


def test_every_account_costs_the_same_work_and_hears_the_same(house, monkeypatch) -> None:
    """Not the time is measured, which a busy machine blurs, but that the digest is worked out, once, for everybody."""
    for name in ("known", "off", "locked"):
        house.actor("viewer", name=name)
    accounts.switch(house.cli, "off", active=False)
    worked: list[str] = []
    real = accounts._matches
    monkeypatch.setattr(
        accounts, "_matches", lambda digest, word: worked.append(digest) or real(digest, word)
    )
    heard = set()
    for name in ("known", "off", "nobody", "cli", ""):
        with pytest.raises(Refusal) as refusal:
            accounts.sign_in(name, "wrong-word-1")
        heard.add(refusal.value.violations[0].code)
    assert heard == {"access.wrong_password"} and len(worked) == 5
    assert all(digest.startswith("$argon2id$") for digest in worked)
    assert len({digest.split("$")[3] for digest in worked}) == 1, "the decoy is as much work as a real digest"


@pytest.mark.parametrize("name", ["viewer", "nobody-of-this-name"])
def test_five_failures_lock_any_name_so_that_a_lock_tells_nothing(name: str, house) -> None:
    house.actor("viewer")
    limits.clear()
    heard = []
    for _ in range(7):
        with pytest.raises(Refusal) as refusal:
            accounts.sign_in(name, "wrong-word-1")
        heard.append(refusal.value.violations[0].code.partition(".")[2])
    assert heard == ["wrong_password"] * 4 + ["locked"] * 3


def kept(word: str) -> bool:
    """Is it in any column of the history?"""
    return any(word in str(row) for row in AuditEntry.select().dicts())


def test_a_password_typed_as_the_name_is_not_kept(house) -> None:
    """By a mark too short to be guessed back from; the same name has the same one."""
    limits.clear()
    before = AuditEntry.select().count()
    for _ in range(2):
        with pytest.raises(Refusal):
            accounts.sign_in(PASSWORD, "")
    first, second = AuditEntry.select().order_by(AuditEntry.id).offset(before)
    assert first.action == "login_failed" and first.label == second.label != accounts._mark("another")
    assert not kept(PASSWORD)


def test_control_without_the_mark_it_would_be(house, monkeypatch) -> None:
    monkeypatch.setattr(accounts, "_mark", str)
    with pytest.raises(Refusal):
        accounts.sign_in(PASSWORD, "")
    assert kept(PASSWORD)


def test_who_is_switched_off_stands_there_by_name(house) -> None:
    house.actor("viewer")
    accounts.switch(house.cli, "viewer", active=False)
    with pytest.raises(Refusal):
        accounts.sign_in("viewer", PASSWORD)
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().label == "viewer"


@pytest.mark.parametrize(
    ("refusal", "then"),
    [(Busy(Violation("access.busy")), 503), (RuleViolation(Violation("access.wrong_password")), 429)],
    ids=["the house is busy", "wrong"],
)
def test_only_what_was_looked_at_counts_as_a_failure(
    refusal: Refusal, then: int, sqlite_house, sqlite_app, monkeypatch
) -> None:
    limits.clear()

    def sign_in(*_: str) -> None:
        raise refusal

    monkeypatch.setattr(accounts, "sign_in", sign_in)
    browser = Browser(sqlite_app)
    for _ in range(account.limit.tries):
        browser.post("/login", username="viewer", at="/login")
    assert browser.post("/login", username="viewer", at="/login").status_code == then


def test_where_the_counts_cannot_be_kept_a_process_counts_for_itself(tmp_path) -> None:
    limits.folder = tmp_path / "a file and no folder"
    limits.folder.touch()
    limit = limits.Limit("walk", 2, 600)
    assert [limit.wait("somebody") > 0 for _ in range(3)] == [False, False, True]


def _fail(url: str, folder: object, answers: object) -> None:
    open_database(url)
    limits.folder = folder  # type: ignore[assignment]
    try:
        accounts.sign_in("viewer", "wrong-word-1")
    except Refusal as refusal:
        answers.put(refusal.violations[0].code)  # type: ignore[attr-defined]
    db.close()


def test_failures_are_counted_over_all_workers(house, tmp_path) -> None:
    """Five processes, one failure each; the sixth try, with the right password, is refused too."""
    house.actor("viewer")
    db.close()
    answers = _context.Queue()
    workers = [_context.Process(target=_fail, args=(house.url, tmp_path, answers)) for _ in range(5)]
    for worker in workers:
        worker.start()
    heard = sorted(answers.get(timeout=PATIENCE) for _ in workers)
    assert heard == ["access.locked"] + ["access.wrong_password"] * 4
    for worker in workers:
        worker.join(PATIENCE)
    with pytest.raises(Refusal, match=r"access\.locked"):
        accounts.sign_in("viewer", PASSWORD)
    accounts.unlock(house.cli, "viewer")
    assert accounts.sign_in("viewer", PASSWORD)


def _count(folder: object, tries: int, answers: object) -> None:
    limits.folder = folder  # type: ignore[assignment]
    limit = limits.Limit("walk", 100, 600)
    answers.put(sum(limit.wait("somebody") == 0 for _ in range(tries)))  # type: ignore[attr-defined]


def test_a_limit_counts_the_tries_of_all_processes(tmp_path) -> None:
    answers = _context.Queue()
    workers = [_context.Process(target=_count, args=(tmp_path, 60, answers)) for _ in range(4)]
    for worker in workers:
        worker.start()
    assert sum(answers.get(timeout=PATIENCE) for _ in workers) == 100
    for worker in workers:
        worker.join(PATIENCE)


def test_a_limit_forgets_after_its_time_and_tells_names_apart() -> None:
    limits.folder = None
    limit = limits.Limit("test", 2, 60)
    assert [limit.wait("a", now) for now in (0, 1, 2)] == [0, 0, 58]
    assert (limit.blocked("a", 59), limit.wait("a", 61), limit.wait("b", 2)) == (1, 0, 0)
    assert limits.Limit("other", 2, 60).wait("a", 2) == 0
    assert limit.blocked("c", 2) == 0 and [limit.wait("c", 2) for _ in range(3)] == [0, 0, 60]


def test_one_address_cannot_try_a_list_of_names(sqlite_house, sqlite_app, monkeypatch) -> None:
    monkeypatch.setattr(
        limits.time, "monotonic", lambda: 1000.0
    )  # a slow machine takes over a minute for them
    nobody = Browser(sqlite_app)
    statuses = [
        nobody.post("/login", at="/login", username=f"somebody-{number}", password="wrong-word-1").status_code
        for number in range(31)
    ]
    assert statuses == [422] * 30 + [429]
    answer = nobody.post("/login", at="/login", username="somebody", password="wrong-word-1")
    assert "失败次数太多" in answer.text and int(answer.headers["Retry-After"]) > 0


def change_role(house) -> None:
    number = User.get(User.username == "viewer").id
    from tepei_admin.services import crud

    crud.edit(house.cli, User, number, None, {"role": Role.OPERATOR.value})


ENDS = {
    "logout": lambda house, browser: browser.post("/logout"),
    "own password": lambda house, browser: accounts.change_own_password(
        accounts.actor_named("viewer"), PASSWORD, "carry-wood-7"
    ),
    "reset": lambda house, browser: accounts.set_password(house.cli, "viewer", "carry-wood-7"),
    "disabled": lambda house, browser: accounts.switch(house.cli, "viewer", active=False),
    "role": lambda house, browser: change_role(house),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_copied_cookie_is_worth_nothing_after(end: str, house, app, client_as) -> None:
    browser = client_as("viewer")
    stolen = browser.client.get_cookie("tepei").value
    assert browser.get("/units/").status_code == 200
    ENDS[end](house, browser)
    thief = Browser(app)
    thief.client.set_cookie("tepei", stolen)
    assert thief.get("/units/").location == "/login?next=/units/"
    assert thief.get("/units/lookup?q=a").status_code == 401
    assert thief.client.post("/units/act").status_code == 401


def test_control_without_the_epoch_the_copied_cookie_still_opens(house, app, client_as, monkeypatch) -> None:
    browser = client_as("viewer")
    stolen = browser.client.get_cookie("tepei").value
    real = accounts.actor_of
    monkeypatch.setattr(
        accounts, "actor_of", lambda number, epoch: real(number, User.get_by_id(number).epoch)
    )
    browser.post("/logout")
    thief = Browser(app)
    thief.client.set_cookie("tepei", stolen)
    assert thief.get("/units/").status_code == 200


MORNING = 1_900_000_000


def later(monkeypatch, minutes: int) -> None:
    """The signer's clock, which is what ends idle sessions: minutes after the morning, however slow the machine."""
    moment = MORNING + minutes * 60
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: moment)


def test_an_idle_session_ends_and_every_request_keeps_it(sqlite_house, tmp_path, monkeypatch) -> None:
    db.close()
    app = create_app(Config(tmp_path, sqlite_house.url, "k" * 40, idle_minutes=30))
    db.connect(reuse_if_open=True)
    later(monkeypatch, 0)
    browser = Browser(app).sign_in(sqlite_house, "viewer")
    for minutes in (29, 58, 87):
        later(monkeypatch, minutes)
        assert browser.get("/units/").status_code == 200, minutes
    later(monkeypatch, 87 + 31)
    assert browser.get("/units/").location == "/login?next=/units/"


def test_the_cookie_is_for_the_server_alone_and_for_tls_behind_tls(sqlite_house, tmp_path) -> None:
    for base_url, secure in ((None, False), ("https://tepei.example.cn", True)):
        db.close()
        app = create_app(Config(tmp_path, sqlite_house.url, "k" * 40, base_url=base_url))
        db.connect(reuse_if_open=True)
        cookie = (
            app.test_client().get("/login", base_url=base_url or "http://localhost").headers["Set-Cookie"]
        )
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and ("Secure" in cookie) == secure


def test_signing_in_failing_and_reaching_too_far_are_in_the_history(house, client_as, app) -> None:
    someone = house.trainee()
    clerk = client_as("clerk", "150500")
    Browser(app).post("/login", at="/login", username="clerk-150500", password="wrong-word-1")
    assert clerk.get(f"/trainees/{someone.id}").status_code == 404
    assert clerk.get("/users/").status_code == 403
    clerk.post("/logout")
    actions = [(row.action, row.by_name, row.label) for row in AuditEntry.select().order_by(AuditEntry.id)][
        -5:
    ]
    name = "clerk-150500"
    assert actions == [
        ("login", name, name), ("login_failed", name, name), ("denied", name, f"GET /trainees/{someone.id}"),
        ("denied", name, "GET /users/"), ("logout", name, name),
    ]  # fmt: skip


# --- signing in again in place


def sign_in_again(browser: Browser, page: str, username: str = "operator", password: str = PASSWORD):
    """Fill in the sign-in form of a page, with all that it carries."""
    boxes = [
        (html.unescape(name), html.unescape(value))
        for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
    ]
    data = MultiDict([*boxes, ("username", username), ("password", password)])
    return browser.client.post("/login", data=data)


@pytest.fixture
def idle(sqlite_house, sqlite_app, monkeypatch):
    """An operator who has been away for too long."""
    later(monkeypatch, 0)
    browser = Browser(sqlite_app).sign_in(sqlite_house, "operator")
    token = browser.token("/units/")
    later(monkeypatch, 61)
    return browser, token


def test_a_form_sent_too_late_comes_back_as_it_was_typed(idle, sqlite_house) -> None:
    browser, token = idle
    typed = {
        "name": '阿拉坦·"乌拉" <b>&amp;',
        "employer": "赤峰学院",
        "remarks": "第一行\n第二行 </textarea>",
        "sex": "1",
    }
    answer = browser.client.post("/trainees/new", data={"csrf_token": token, **typed})
    assert answer.status_code == 401 and "登录已过期" in answer.text and "<b>" not in answer.text
    wrong = sign_in_again(browser, answer.text, password="wrong-word-1")
    assert wrong.status_code == 422 and "用户名或密码不正确" in wrong.text
    answer = sign_in_again(browser, wrong.text)
    assert answer.status_code == 200 and "已重新登录" in answer.text
    assert Trainee.select().count() == 0, "nothing is done until the person sends it"
    parsed = Boxes.of(answer.text, "/trainees/new")
    assert {name: parsed[name] for name in typed} == typed
    sent = browser.client.post("/trainees/new", data=parsed)
    assert sent.status_code == 422 and "登录已过期" not in sent.text, "the token is that of the new session"
    assert Boxes.of(sent.text, None)["name"] == typed["name"]


def test_what_has_no_page_of_its_own_asks_whether_to_go_on(idle, sqlite_house) -> None:
    browser, token = idle
    someone = sqlite_house.trainee()
    sent = {"csrf_token": token, "verb": "withdraw", "ids": str(someone.id)}
    answer = browser.client.post("/trainees/act", data=sent)
    page = sign_in_again(browser, answer.text).text
    assert "刚才的操作还没有办理" in page
    boxes = Boxes.of(page, "/trainees/act")
    assert (boxes["verb"], boxes["ids"]) == ("withdraw", str(someone.id))
    assert browser.client.post("/trainees/act", data=boxes).location.startswith("/batches/look/")


def test_a_chosen_file_is_not_kept_and_that_is_said(idle, sqlite_house) -> None:
    browser, token = idle
    track = str(sqlite_house.track().id)
    sent = {"csrf_token": token, "track": track, "file": (io.BytesIO(b"x" * 100), "表.xlsx")}
    answer = browser.client.post("/import/", data=sent)
    assert answer.status_code == 401 and "选择的文件要重新选择" in answer.text
    page = sign_in_again(browser, answer.text).text
    assert "选择的文件没有保留，请重新选择" in page and Boxes.of(page, "/import/")["track"] == track


def test_a_large_upload_is_not_even_read(idle) -> None:
    browser, token = idle
    sent = {"csrf_token": token, "file": (io.BytesIO(b"x" * 5_000_000), "表.xlsx")}
    answer = browser.client.post("/import/", data=sent)
    assert answer.status_code == 401 and "选择的文件要重新选择" in answer.text


def test_the_year_in_hand_is_kept_too(idle, sqlite_house) -> None:
    """Else what was typed for one year would be stored in the newest."""
    programmes.new_year(sqlite_house.cli, 2020, source=2019)
    browser, _ = idle
    monday = Browser(browser.app).sign_in(sqlite_house, "operator")
    monday.post("/year", programme=str(sqlite_house.programme(2019).id))
    token, old = monday.token("/units/"), monday.client.get_cookie("tepei").value
    browser.client.set_cookie("tepei", old)
    with pytest.MonkeyPatch.context() as patch:
        later(patch, 200)
        answer = browser.client.post("/trainees/new", data={"csrf_token": token, "name": "某人"})
        page = sign_in_again(browser, answer.text).text
        assert "selected>2019 年度" in page


def test_passwords_are_not_carried_about(idle) -> None:
    browser, token = idle
    answer = browser.client.post(
        "/account/password", data={"csrf_token": token, "old": PASSWORD, "new": "carry-wood-7"}
    )
    assert answer.status_code == 401 and "carry-wood-7" not in answer.text and PASSWORD not in answer.text
    assert sign_in_again(browser, answer.text).status_code == 200


def test_another_ones_form_is_shown_only_as_far_as_the_right_goes(idle, sqlite_house) -> None:
    """Who signs in may be somebody else: the form comes through the same doors."""
    browser, token = idle
    sqlite_house.actor("viewer")
    answer = browser.client.post("/trainees/new", data={"csrf_token": token, "name": "某人"})
    page = sign_in_again(browser, answer.text, username="viewer").text
    assert "刚才的操作还没有办理" in page
    assert browser.client.post("/trainees/new", data=Boxes.of(page, "/trainees/new")).status_code == 403


class Boxes(HTMLParser):
    """The boxes of one form of a page, as a browser would send them."""

    def __init__(self, action: str | None) -> None:
        super().__init__()
        self.action, self.within, self.text, self.select = action, False, "", ""
        self.found: dict[str, str] = {}

    @classmethod
    def of(cls, page: str, action: str | None) -> dict[str, str]:
        parser = cls(action)
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag: str, attrs) -> None:
        given = dict(attrs)
        name = given.get("name", "")
        if tag == "form":
            self.within = given.get("method") == "post" and given.get("action") == self.action
        elif self.within and tag == "input" and given.get("type") not in ("checkbox", "radio", "file"):
            self.found[name] = given.get("value") or ""
        elif self.within and tag == "input" and "checked" in given:
            self.found[name] = given.get("value") or "on"
        elif self.within and tag == "textarea":
            self.text, self.found[name] = name, ""
        elif self.within and tag == "select":
            self.select = name
        elif self.within and tag == "option" and "selected" in given:
            self.found[self.select] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.text:
            self.found[self.text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.text:
            self.found[self.text] = self.found[self.text].removeprefix("\n")
            self.text = ""
