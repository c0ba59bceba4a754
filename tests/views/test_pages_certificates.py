"""Register, who can and who cannot, PDFs, the public check page, documents, letters, contacts: as each role."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from urllib.parse import quote

import pytest

from tepei_admin.models import AuditEntry, Certificate, Document, ExportRecord, FollowUp, LetterText
from tepei_admin.services import vault
from tepei_admin.views import verify
from tests.exchange.documents.reading import pages
from tests.factories import ROLES
from tests.services.paper_cast import TODAY, case, completed, confirmed, today_is
from tests.views.browser import Browser

WORKERS = ("operator", "approver", "admin")
PDF = b"%PDF-1.4\n%fake\n"


@pytest.fixture(autouse=True)
def _start(house, app):
    """Accounts and people are made with the panel's own database open."""
    from tepei_admin.database import db

    db.connect(reuse_if_open=True)
    today_is(house)


@pytest.fixture
def issued(house):
    person = completed(house, name="王䶮")
    house.do("certify", person, on=TODAY)
    return Certificate.get()


# --- Issuing


def test_who_can_and_who_cannot_and_on_to_the_look_page(house, client_as):
    can, cannot = completed(house, name="阿拉坦其其格·巴特尔苏"), completed(house, name="王𠮷")
    operator = client_as("operator")
    page = operator.get("/certificates/ready").text
    assert "1 人可以发证" in page and "1 人还不能" in page and "“𠮷”没有字体可印" in page
    answer = operator.post("/certificates/ready", ids=can.id)
    look = operator.get(answer.location).text
    assert "编号 2019W0001" in look and "看样张" in look
    specimen = operator.post(
        answer.location.replace("/batches/look", "/certificates/specimen"), on=TODAY.isoformat()
    )
    assert "阿拉坦其其格·巴特尔苏" in pages(specimen.data)[0] and "样" in pages(specimen.data)[0]
    assert Certificate.select().count() == 0
    confirm = answer.location.replace("look", "confirm")
    seen = re.search(r'name="shown" value="([^"]+)"', operator.get(f"{answer.location}?on={TODAY}").text)
    done = operator.post(confirm, on=TODAY.isoformat(), shown=seen[1] if seen else "")
    assert "编号 2019W0001" in operator.get(done.location).text
    assert house.reload(can).status == "certified" and house.reload(cannot).status == "completed"


@pytest.mark.parametrize("role", ROLES)
def test_issuing_and_printing_need_the_right(house, client_as, issued, role):
    browser = client_as(role)
    allowed = role in WORKERS
    assert browser.get("/certificates/ready").status_code == 200
    assert browser.post("/certificates/ready", ids=issued.trainee_id).status_code == (303 if allowed else 403)
    answer = browser.post("/certificates/pdf", ids=issued.id)
    assert answer.status_code == (200 if allowed else 403)
    assert ("证书 PDF" in browser.get(f"/certificates/{issued.id}").text) == allowed


def test_the_pdf_says_the_name_is_an_attachment_and_is_on_record(client_as, issued):
    answer = client_as("operator").post("/certificates/pdf", ids=issued.id)
    assert "王䶮" in pages(answer.data)[0] and "2019W0001" in pages(answer.data)[0]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert quote("结业证书-2019W0001-王䶮.pdf", safe="") in answer.headers["Content-Disposition"]
    row = ExportRecord.select().order_by(ExportRecord.id.desc()).first()
    assert (row.template, row.format, row.row_count) == ("结业证书", "pdf", 1)
    assert AuditEntry.select().where(AuditEntry.action == "export").count() == 1


def test_the_whole_register_in_one_file_by_number(house, client_as):
    people = [completed(house, name=name) for name in ("乙", "甲", "丙")]
    outcome = house.do("certify", *people, on=TODAY)
    operator = client_as("operator")
    both = operator.post("/certificates/pdf", all="1", query="?state=issued")
    assert len(pages(both.data)) == 3
    of_batch = operator.post(f"/certificates/of-batch/{outcome.batch}")
    assert len(pages(of_batch.data)) == 3
    assert "证书 PDF" in operator.get(f"/batches/{outcome.batch}").text


def test_what_is_void_is_not_printed(house, client_as, issued):
    (number,) = house.do(
        "void_certificate", issued.trainee_id, actor=house.actor("operator"), on=TODAY, reason="错"
    ).requests
    assert client_as("approver").post(f"/requests/request-{number}", decide="yes").status_code == 303
    operator = client_as("operator")
    answer = operator.post("/certificates/pdf", ids=issued.id)
    assert answer.status_code == 303 and "已作废，不能再打印" in operator.get(answer.location).text


def test_the_register_acts_on_the_people(client_as, issued):
    operator = client_as("operator")
    answer = operator.post("/certificates/act", verb="hand_over", ids=issued.id)
    assert answer.location.startswith("/batches/look/") and "王䶮" in operator.get(answer.location).text
    assert operator.post(answer.location.replace("look", "confirm"), on=TODAY.isoformat()).status_code in (
        200,
        303,
    )
    page = operator.get(f"/trainees/{issued.trainee_id}").text
    assert "2019W0001" in page and "交付证书…" in page and "证书作废…" in page


def test_a_clerk_prints_nothing_of_another_unit(house, client_as, issued):
    clerk = client_as("clerk", "150700")
    assert clerk.get(f"/certificates/{issued.id}").status_code == 404
    assert "2019W0001" not in clerk.get("/certificates/").text
    assert "王䶮" not in clerk.get("/certificates/ready").text


# --- The check page


def test_a_stranger_checks_a_certificate_and_sees_no_more(nobody: Browser, issued):
    answer = nobody.get(f"/verify/{issued.number}/{issued.code}")
    assert answer.status_code == 200
    for shown in ("有效", "王*", "2019 年度", "区外", "2019W0001"):
        assert shown in answer.text
    for hidden in ("王䶮", "赤峰", "1504", "副教授", "北京师范大学"):
        assert hidden not in answer.text


def test_the_form_leads_to_the_qr_codes_address(nobody: Browser, issued):
    assert nobody.get("/verify").status_code == 200
    spaced = f"{issued.code[:5]} {issued.code[5:]}"
    answer = nobody.get("/verify", query_string={"number": " 2019W0001 ", "code": spaced})
    assert (answer.status_code, answer.location) == (303, f"/verify/2019W0001/{issued.code}")
    assert "请填写" in nobody.get("/verify?number=&code=").text


def test_wrong_pairs_answer_the_same_as_unknown_ones(nobody: Browser, issued):
    wrong = nobody.get(f"/verify/{issued.number}/{'0' * 26}")
    unknown = nobody.get(f"/verify/2019W9999/{issued.code}")
    garbage = nobody.get("/verify/%00/%F0%90")
    assert wrong.status_code == unknown.status_code == garbage.status_code == 404
    assert wrong.text == unknown.text == garbage.text and "王" not in wrong.text


@pytest.mark.parametrize(("verb", "word"), [("void_certificate", "已作废"), ("revoke_certificate", "已撤销")])
def test_void_and_revoked_are_told_at_once(house, nobody: Browser, client_as, issued, verb, word):
    (number,) = house.do(
        verb, issued.trainee_id, actor=house.actor("operator"), on=TODAY, reason="错"
    ).requests
    assert "有效" in nobody.get(f"/verify/{issued.number}/{issued.code}").text
    client_as("approver").post(f"/requests/request-{number}", decide="yes")
    page = nobody.get(f"/verify/{issued.number}/{issued.code}").text
    assert word in page and "不再有效" in page


def test_too_many_tries_wait_and_others_do_not(nobody: Browser, issued):
    way = f"/verify/{issued.number}/{issued.code}"
    answers = [nobody.get(way).status_code for _ in range(verify.limit.tries + 1)]
    assert answers == [200] * verify.limit.tries + [429]
    assert int(nobody.get(way).headers["Retry-After"]) > 0
    assert nobody.get(way, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 200


def test_a_name_with_markup_is_text_on_the_public_page(house, nobody: Browser, issued):
    assert "<script" not in nobody.get("/verify/<script>alert(1)</script>/x").text.replace(
        '<script src="/static', ""
    )


# --- Documents


def upload(browser: Browser, person, name: str, data: bytes, **values):
    form = {"kind": "basic", "received_on": "2020-09-01", "copies": "1", "note": "", **values}
    form |= {"csrf_token": browser.token("/units/"), "file": (io.BytesIO(data), name)}
    return browser.client.post(
        f"/trainees/{person.id}/documents", data=form, content_type="multipart/form-data"
    )


@pytest.fixture
def kept(tmp_path, monkeypatch, app):
    monkeypatch.setattr(vault, "folder", tmp_path / "kept")
    return tmp_path / "kept"


def test_a_paper_with_its_file_and_back(house, client_as, kept):
    person = completed(house, papers=False)
    operator = client_as("operator")
    assert upload(operator, person, "身份证.pdf", PDF).status_code == 303
    row = Document.get()
    page = operator.get(f"/trainees/{person.id}/documents").text
    assert "身份证.pdf" in page and "没有收到" in page
    answer = operator.post(f"/documents/{row.id}/file")
    assert answer.data == PDF and answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert operator.get(f"/documents/{row.id}/file").status_code == 405
    assert AuditEntry.select().where(AuditEntry.action == "download").count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_papers_need_the_right(house, client_as, kept, role):
    person = completed(house, papers=False)
    upload(client_as("admin"), person, "a.pdf", PDF)
    row, browser, allowed = Document.get(), client_as(role), role in WORKERS
    assert browser.get(f"/trainees/{person.id}/documents").status_code == 200
    assert upload(browser, person, "a.pdf", PDF).status_code == (303 if allowed else 403)
    assert browser.post(f"/documents/{row.id}/file").status_code == (200 if allowed else 403)
    assert browser.post(f"/trainees/{person.id}/documents.zip").status_code == (200 if allowed else 403)
    assert browser.get(f"/documents/{row.id}/change").status_code == (200 if allowed else 403)


def test_a_rejected_edit_keeps_the_old_file(house, client_as, kept):
    person = completed(house, papers=False)
    operator = client_as("operator")
    upload(operator, person, "好.pdf", PDF)
    row = Document.get()
    form = {
        "csrf_token": operator.token("/units/"), "version": "1", "received_on": "2020-09-01", "copies": "1", "note": "改",
        "file": (io.BytesIO(b"<html><script>"), "新.pdf"),
    }  # fmt: skip
    answer = operator.client.post(
        f"/documents/{row.id}/change", data=form, content_type="multipart/form-data"
    )
    assert answer.status_code == 422 and "不是可以保存的文件" in answer.text and "改" in answer.text
    assert Document.get().file_name == "好.pdf" and operator.post(f"/documents/{row.id}/file").data == PDF


def test_a_stale_edit_is_told(house, client_as, kept):
    person = completed(house, papers=False)
    operator = client_as("operator")
    upload(operator, person, "好.pdf", PDF)
    row = Document.get()
    way = f"/documents/{row.id}/change"
    assert operator.post(way, version=1, received_on="2020-09-02", copies=2, note="").status_code == 303
    answer = operator.post(way, version=1, received_on="2020-09-03", copies=3, note="晚的")
    assert answer.status_code == 409 and "晚的" in answer.text and Document.get().copies == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"received_on": "2020-13-01"}, "应为日期"), ({"received_on": "2021-01-01"}, "晚于今天"),
        ({"copies": "0"}, "份数应为"), ({"copies": "x"}, "份数应为"), ({"kind": "nonsense"}, "请选择材料"),
        ({"note": "长" * 256}, "至多 255 个字"),
    ],
)  # fmt: skip
def test_wrong_words_are_told_beside_the_field(house, client_as, kept, values, said):
    answer = upload(client_as("operator"), completed(house, papers=False), "a.pdf", PDF, **values)
    assert answer.status_code == 422 and said in answer.text and Document.select().count() == 0


def test_the_zip_holds_every_file_under_a_name_of_its_own(house, client_as, kept):
    person = completed(house, papers=False, name="那仁")
    operator = client_as("operator")
    for kind in ("basic", "copies", "copies"):
        upload(operator, person, "../../身份证.pdf", PDF + kind.encode(), kind=kind)
    upload(operator, person, "", b"", kind="transcript")
    answer = operator.post(f"/trainees/{person.id}/documents.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    names = archive.namelist()
    assert len(set(names)) == 4 and not any("/" in name or "\\" in name for name in names)
    assert archive.read(names[1]).startswith(b"%PDF")
    rows = list(csv.reader(io.StringIO(archive.read("目录.csv").decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [
        "基本情况及单位推荐意见",
        "考试成绩单",
        "相关材料复印件",
        "相关材料复印件",
    ]


def test_the_missing_list_says_who_lacks_what(house, client_as):
    completed(house, name="齐全")
    lacking = completed(house, name="缺的", papers=False)
    operator = client_as("operator")
    page = operator.get("/documents/missing").text
    assert "缺的" in page and "齐全" not in page and "考试成绩单" in page
    assert "缺的" in operator.get("/documents/missing?kind=transcript").text
    front = operator.get("/").text
    assert "档案材料不齐" in front and "考核合格待发证" in front
    answer = operator.post("/trainees/act", verb="receive", ids=lacking.id)
    look = operator.get(f"{answer.location}?document=transcript&on=2020-09-01").text
    assert "1 可执行" in look


def test_a_clerk_sees_no_paper_of_another_unit(house, client_as, kept):
    person = completed(house, papers=False)
    upload(client_as("admin"), person, "a.pdf", PDF)
    clerk = client_as("clerk", "150700")
    assert clerk.get(f"/trainees/{person.id}/documents").status_code == 404
    assert clerk.get(f"/documents/{Document.get().id}").status_code == 404
    assert person.name not in clerk.get("/documents/missing").text


# --- Letters


def test_notices_for_several_in_one_file(house, client_as):
    people = [confirmed(house, name=name) for name in ("王䶮", "阿拉坦其其格·巴特尔苏")]
    operator = client_as("operator")
    form = {"csrf_token": operator.token("/units/"), "ids": [str(person.id) for person in people]}
    asked = operator.client.post("/letters/notify/choose", data=form)
    page = operator.get(asked.location).text
    assert "报到通知" in page and "王䶮" in page and "2 份" in page
    ids = ",".join(str(person.id) for person in people)
    answer = operator.post("/letters/notify", ids=ids, office="内蒙古自治区人力资源和社会保障厅", date="2019-07-03", number="内人社函〔2019〕128号", report_on="2019-09-02")  # fmt: skip
    text = re.sub(r"\s", "", "".join(pages(answer.data)))
    for said in (
        "关于王䶮同志报到学习的通知",
        "阿拉坦其其格·巴特尔苏",
        "2019年9月2日",
        "北京师范大学",
        "内人社函〔2019〕128号",
    ):
        assert said in text
    assert ExportRecord.select().order_by(ExportRecord.id.desc()).first().template == "报到通知"


def test_who_has_no_placement_gets_no_notice(house, client_as):
    person = house.trainee(name="没有安排")
    answer = client_as("operator").post("/letters/notify", ids=person.id)
    assert answer.status_code == 422 and "没有安排" in answer.text and "只发给已录取" in answer.text


@pytest.mark.parametrize(("kind", "said"), [("circular", "通报批评"), ("recovery", "25,000.00")])
def test_letters_of_a_decided_case(house, client_as, kind, said):
    person = completed(house, name="王䶮", papers=False)
    number = case(house, person)
    admin = client_as("admin")
    text = LetterText.get(LetterText.kind == "recovery")
    saved = admin.save(
        f"/letter-texts/{text.id}/edit", account_holder="某户", account_bank="某行", account_no="15001"
    )
    assert saved.status_code == 303
    answer = client_as("operator").post(
        f"/letters/{kind}", ids=number, office="某厅", date="2020-04-02", pay_by="2020-05-01"
    )
    text = re.sub(r"\s", "", "".join(pages(answer.data)))
    assert said in text and "王䶮" in text and "内人社函〔2020〕12号" in text
    page = client_as("operator").get(f"/trainees/{person.id}").text
    assert f"/letters/{kind}?ids={number}" in page


def test_an_account_that_is_not_filled_in_is_asked_for(house, client_as):
    number = case(house, completed(house, papers=False))
    answer = client_as("operator").post("/letters/recovery", ids=number, pay_by="2020-05-01")
    assert answer.status_code == 422 and "收款账号" in answer.text


def test_a_case_that_is_not_decided_has_no_letter(house, client_as):
    number = case(house, completed(house, papers=False), state="opened", decided_by=None)
    answer = client_as("operator").post("/letters/circular", ids=number)
    assert answer.status_code == 422 and "没有已决定的取消资格案" in answer.text


def test_a_text_with_an_unknown_place_is_not_saved(house, client_as):
    row = LetterText.get(LetterText.kind == "notify")
    admin = client_as("admin")
    answer = admin.save(f"/letter-texts/{row.id}/edit", body="{nobody}同志")
    assert answer.status_code == 422 and "{nobody}" in answer.text
    assert (
        admin.save(f"/letter-texts/{row.id}/edit", body="{name}同志，请于{report_on}报到。").status_code
        == 303
    )
    assert "可填的位置" in admin.get(f"/letter-texts/{row.id}").text
    assert client_as("operator").get(f"/letter-texts/{row.id}/edit").status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_letters_need_the_right(house, client_as, role):
    person = confirmed(house)
    want = 200 if role in WORKERS else 403
    browser = client_as(role)
    assert browser.get(f"/letters/notify?ids={person.id}").status_code == want
    assert browser.post("/letters/notify", ids=person.id, office="某厅").status_code == want
    assert browser.get("/letters/nonsense").status_code == (404 if want == 200 else 403)


# --- Contacts


def test_a_note_from_the_persons_page_and_what_is_due(house, client_as):
    person = completed(house)
    operator = client_as("operator")
    way = f"/trainees/{person.id}/follow-ups"
    answer = operator.post(
        way, trainee=person.id, kind="call", on="2020-09-01", by="斯琴", note="近况良好", next_on="2020-09-05"
    )
    assert answer.location == f"/trainees/{person.id}#follow-ups"
    assert "近况良好" in operator.get(f"/trainees/{person.id}").text
    assert "该联系了" in operator.get("/").text
    assert operator.get(f"/follow-ups/?id={FollowUp.get().id}").text.count("近况良好") == 1
    operator.post(way, trainee=person.id, kind="call", on="2020-09-06", by="", note="已联系", next_on="")
    assert "该联系了" not in operator.get("/").text


def test_a_wrong_note_comes_back_with_what_was_typed(house, client_as):
    person = completed(house)
    answer = client_as("operator").post(
        f"/trainees/{person.id}/follow-ups", trainee=person.id, kind="call", on="昨天", note="打过电话"
    )
    assert answer.status_code == 422 and "打过电话" in answer.text and FollowUp.select().count() == 0
