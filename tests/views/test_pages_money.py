"""The pages of money: looked at first, done once, decided by another; sums that reconcile."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from tepei_admin.models import Payment, Placement, Termination
from tepei_admin.services import entries, once, programmes
from tests.factories import ROLES
from tests.services.cast import put_into
from tests.services.money_cast import (
    case,
    change,
    completed,
    decide,
    disqualified,
    in_training,
    paid,
    placed,
    propose,
    received,
    setting,
    state,
    step,
)


def look(browser, kind):
    answer = browser.post("/payments/propose", kind=kind)
    assert answer.status_code == 303, answer.text
    return answer.location


def confirm(browser, address, **values):
    page = browser.get(address)
    shown = re.search(r'name="shown" value="(\w+)"', page.text)
    return browser.post(address.replace("look", "confirm"), shown=shown[1] if shown else "", **values)


def test_tuition_is_looked_at_by_host_with_subtotals_and_opened_once(house, client_as):
    for _ in range(3):
        in_training(house)
    in_training(house, track="inside", bank_account="")
    operator = client_as("operator")
    address = look(operator, "tuition")
    page = operator.get(address).text
    assert "115,000.00" in page and "北京师范大学" in page and "4 可执行" in page
    first = confirm(operator, address)
    assert first.location.startswith("/batches/") and Payment.select().count() == 4
    assert confirm(operator, address).location == first.location
    assert Payment.select().count() == 4
    assert "提出学费 4 人" in operator.get(first.location).text


def test_stipends_show_their_lines(house, client_as):
    import datetime as dt

    person = completed(house, track="inside", start=dt.date(2019, 9, 16), bank_account="")
    completed(house, grade=None)
    operator = client_as("operator")
    page = operator.get(look(operator, "stipend")).text
    for text in (
        "4,613.33",
        "4,400.00",
        "213.33",
        "不足一个月的 16 天",
        person.name,
        "没有收款账户",
        "还没有结业考核等次",
    ):
        assert text in page


@pytest.mark.parametrize("role", ROLES)
def test_the_list_and_its_buttons_by_role(house, client_as, role):
    propose(house, "tuition", in_training(house))
    page = client_as(role).get("/payments/")
    assert page.status_code == 200
    assert ("提出学费" in page.text) == (role in ("operator", "approver", "admin"))
    assert ('value="approve_payment"' in page.text) == (role in ("approver", "admin"))
    answer = client_as(role).post("/payments/propose", kind="tuition")
    assert answer.status_code == (303 if role in ("operator", "approver", "admin") else 403)


def test_many_are_approved_and_paid_from_the_bar(house, client_as):
    rows = propose(house, "tuition", in_training(house), in_training(house))
    approver, operator = client_as("approver"), client_as("operator")
    ids = [row.id for row in rows]
    address = approver.post("/payments/act", verb="approve_payment", ids=ids, query="").location
    assert "66,000.00" in approver.get(address).text
    confirm(approver, address)
    assert {row.state for row in Payment.select()} == {"approved"}
    address = operator.post("/payments/act", verb="pay_payment", ids=ids, query="").location
    answer = confirm(operator, address, on="2019-10-08", voucher="记-1", look="1")
    shown = re.search(r'name="shown" value="(\w+)"', answer.text)[1]
    done = operator.post(address.replace("look", "confirm"), on="2019-10-08", voucher="记-1", shown=shown)
    assert done.status_code == 303
    assert {(row.state, row.voucher, str(row.paid_on)) for row in Payment.select()} == {
        ("paid", "记-1", "2019-10-08")
    }


def test_a_payments_page_offers_what_is_legal_and_not_to_its_maker(house, client_as):
    (row,) = propose(house, "tuition", in_training(house), actor=house.actor("approver"))
    page = client_as("approver").get(f"/payments/{row.id}").text
    assert "是您提出的" in page and 'value="approve_payment"' not in page and 'value="void_payment"' in page
    other = client_as("admin").get(f"/payments/{row.id}").text
    assert 'value="approve_payment"' in other and "33,000.00" in other
    assert (
        client_as("admin").post(f"/payments/{row.id}/do", verb="recommend").location == f"/payments/{row.id}"
    )


def test_the_approver_sees_the_figures_where_it_waits(house, client_as):
    person = in_training(house)
    paid(house, "tuition", person)
    number = case(house, person)
    page = client_as("approver").get("/requests/").text
    assert "应追缴 33,000.00" in page and 'name="decision_no"' in page
    answer = client_as("approver").post(
        f"/requests/termination-{number}", decide="yes", decision_no="", decided_on="2020-02-01"
    )
    assert answer.status_code == 422 and "决定文号" in answer.text and state(number) == "opened"
    answer = client_as("approver").post(
        f"/requests/termination-{number}", decide="yes", decision_no="8号", decided_on="2020-02-01"
    )
    assert answer.status_code == 303 and house.reload(person).status == "disqualified"


@pytest.mark.parametrize("role", ROLES)
def test_who_may_begin_an_early_end(house, client_as, role):
    person = in_training(house)
    may = role in ("operator", "approver", "admin")
    browser = client_as(role)
    assert browser.get(f"/trainees/{person.id}/end").status_code == (200 if may else 403)
    assert ("终止或取消资格" in browser.get(f"/trainees/{person.id}").text) == may


def test_the_guided_path_from_the_choice_to_the_case(house, client_as):
    person = in_training(house)
    operator = client_as("operator")
    address = f"/trainees/{person.id}/end"
    page = operator.get(address).text
    assert "因故终止" in page and "无故不报到" not in page and 'name="facts"' not in page
    assert 'name="facts"' in operator.get(f"{address}?path=left").text
    key = once.new_key()
    given = {"path": "left", "facts": "离岗", "actual_end": "2019-01-01", "key": key}

    def send():
        return operator.client.post(address, data={"csrf_token": operator.token("/units/"), **given})

    answer = send()
    assert answer.status_code == 422 and "早于实际报到" in answer.text and "离岗" in answer.text
    given["actual_end"] = "2020-01-05"
    first, again = send(), send()
    assert first.location == again.location and Termination.select().count() == 1
    page = operator.get(first.location).text
    assert "没有支付过特培经费" in page and "等待另一位核准" in page


@pytest.mark.parametrize(
    ("stamp", "day"),
    [(dt.datetime(2020, 1, 6, 15, 59), "2020年1月6日"), (dt.datetime(2020, 1, 6, 16, 0), "2020年1月7日")],
)
def test_the_days_of_a_case_are_the_offices_and_not_utcs(stamp, day, house, client_as):
    number = case(house, in_training(house))
    change(house, Termination, number, opened_at=stamp)
    page = client_as("operator").get(f"/terminations/{number}").text
    assert f"立案<br><small>{day}</small>" in page


def test_a_case_for_cause_says_what_is_missing_and_takes_the_hosts_word(house, client_as):
    number = case(house, in_training(house), "for_cause")
    operator = client_as("operator")
    assert "还缺：培养单位的确认" in operator.get(f"/terminations/{number}").text
    assert operator.post(f"/terminations/{number}/confirm", how="", on="2020-01-08").status_code == 422
    assert operator.post(f"/terminations/{number}/confirm", how="来函", on="2020-01-08").status_code == 303
    assert state(number) == "confirmed"


def test_a_changed_figure_is_seen_on_the_case(house, client_as):
    person = in_training(house)
    number = case(house, person)
    propose(house, "tuition", person)
    paid_ = Payment.get()
    step(house, "approve", paid_)
    step(house, "pay", paid_)
    page = client_as("operator").get(f"/terminations/{number}").text
    assert "情况已有变化" in page and "33,000.00" in page


def test_instalments_are_entered_once_and_the_ledger_adds_up(house, client_as):
    _, number = disqualified(house)
    operator = client_as("operator")
    given = {"kind": "recovery", "amount": "10,000.00", "key": once.new_key()}
    for _ in range(2):
        assert operator.post(f"/terminations/{number}/step", **given).status_code == 303
    assert Payment.select().where(Payment.kind == "recovery").count() == 1
    too_much = operator.post(
        f"/terminations/{number}/step", kind="recovery", amount="23000.01", key=once.new_key()
    )
    assert too_much.status_code == 422 and "多于未收的" in too_much.text and "23000.01" in too_much.text
    wrong = operator.post(
        f"/terminations/{number}/step", kind="remission", amount="1.234", key=once.new_key()
    )
    assert wrong.status_code == 422 and "至多到分" in wrong.text


def test_the_ledger_lists_every_case_with_its_sums(house, client_as):
    person, number = disqualified(house)
    received(house, number, 1_000_000)
    received(house, number, 300_000, kind="remission")
    page = client_as("viewer").get("/recoveries/").text
    for text in (person.name, "33,000.00", "10,000.00", "3,000.00", "20,000.00"):
        assert text in page
    totals = client_as("viewer").get("/payments/totals").text
    assert "20,000.00" in totals and "33,000.00" in totals
    assert "追缴未收" in client_as("viewer").get(f"/trainees/{person.id}").text


def test_a_clerk_sees_the_money_of_its_own_unit_only(house, client_as):
    person = in_training(house)
    (row,) = paid(house, "tuition", person)
    assert client_as("clerk").get(f"/payments/{row.id}").status_code == 200
    other = client_as("clerk", "150500")
    assert other.get(f"/payments/{row.id}").status_code == 404
    assert "33,000.00" not in other.get("/payments/totals").text


def test_refunds_and_other_amounts_by_hand(house, client_as):
    person = in_training(house)
    operator = client_as("operator")
    answer = operator.post(f"/trainees/{person.id}/tuition", amount="40000", key=once.new_key())
    assert answer.status_code == 422 and "请写明理由" in answer.text
    key = once.new_key()
    first = operator.post(f"/trainees/{person.id}/tuition", amount="30000", key=key)
    assert first.location == operator.post(f"/trainees/{person.id}/tuition", amount="30000", key=key).location
    row = Payment.get()
    step(house, "approve", row)
    step(house, "pay", row)
    place = Placement.get().id
    assert "北京师范大学" in operator.get(f"/trainees/{person.id}/refund").text
    answer = operator.post(
        f"/trainees/{person.id}/refund", placement=place, amount="30000.01", key=once.new_key()
    )
    assert answer.status_code == 422 and "多于培养单位已收的" in answer.text
    answer = operator.post(
        f"/trainees/{person.id}/refund", placement=place, amount="8000", key=once.new_key()
    )
    assert answer.status_code == 303
    assert Payment.get(Payment.kind == "refund").amount == 800_000


def test_wrong_values_are_told_and_keep_what_was_typed(house, client_as):
    setting(house, tuition_when="report_in")
    person = in_training(house)
    operator = client_as("operator")
    assert operator.post("/payments/propose", kind="lunch").location == "/payments/"
    answer = operator.post(f"/trainees/{person.id}/tuition", amount="三万", reason="说明", key="x")
    assert answer.status_code == 422 and "三万" in answer.text and "说明" in answer.text


def test_the_totals_stand_beside_the_check_figures_of_the_whole_programme(house, client_as):
    person = in_training(house)
    paid(house, "tuition", person)
    host = Placement.get().host_id
    page = client_as("viewer").get("/payments/totals").text
    for figure in ("1,320,000.00", "288,000.00", "640,000.00", "192,000.00", "2,440,000.00", "33,000.00"):
        assert figure in page
    assert f'href="/payments/?kind=tuition&amp;payee_unit={host}"' in page
    listed = client_as("viewer").get(f"/payments/?kind=tuition&payee_unit={host}").text
    assert person.name in listed


def test_a_second_year_has_a_row_of_its_own(house, client_as):
    assert "按年度" not in client_as("viewer").get("/payments/totals").text
    paid(house, "tuition", in_training(house))
    programmes.new_year(house.cli, 2020, source=2019)
    later = house.trainee(year=2020)
    placed(house, later)
    put_into(later, "training")
    propose(house, "tuition", later)
    page = client_as("viewer").get("/payments/totals").text
    assert "按年度" in page and "<td>2019" in page and "<td>2020" in page


def test_the_recovery_is_told_in_one_line_before_and_after_the_decision(house, client_as):
    person = in_training(house)
    paid(house, "tuition", person)
    place = Placement.get().id
    refund = entries.open_refund(house.actor("operator"), person.id, placement=place, amount=800_000)
    step(house, "approve", refund)
    step(house, "pay", refund)
    number = case(house, person)
    line = "学费和住宿费 33,000.00 - 退费 8,000.00 = 25,000.00"
    assert line in client_as("operator").get(f"/terminations/{number}").text
    waiting = client_as("approver").get("/requests/").text
    assert f'href="/terminations/{number}"' in waiting
    decide(house, number)
    assert line in client_as("viewer").get(f"/terminations/{number}").text


def test_many_payments_are_approved_from_their_list(house, client_as):
    (row,) = propose(house, "tuition", in_training(house))
    approver = client_as("approver")
    assert "成批核准经费" not in approver.get("/requests/").text
    assert f'href="/payments/{row.id}"' in approver.get("/requests/").text
    propose(house, "tuition", in_training(house))
    assert 'href="/payments/?state=draft">成批核准经费' in approver.get("/requests/").text
    assert "成批核准经费" not in client_as("operator").get("/requests/").text
