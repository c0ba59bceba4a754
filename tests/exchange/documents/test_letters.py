from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.choices import LetterKind
from tepei_admin.errors import RuleViolation
from tepei_admin.exchange.documents.letters import LetterData, render
from tepei_admin.messages import say_all
from tepei_admin.rules.letters import DEFAULTS, PLACES, Wording, check
from tests.exchange.documents.reading import lines, pages

NOTIFY, CIRCULAR, RECOVERY = LetterKind
PERSON = {
    "unit": "呼和浩特市人力资源和社会保障局",
    "employer": "呼和浩特市第一医院",
    "programme": "2019年度“内蒙古少数民族专业技术人才特培计划”",
    "track": "区外培养",
    "host": "北京大学第一医院",
    "major": "心血管内科学",
    "start": dt.date(2019, 9, 1),
    "end": dt.date(2020, 8, 31),
}
ADMITTED = PERSON | {
    "approval_no": "内人社函〔2019〕128号",
    "supervisor": "张主任",
    "report_on": dt.date(2019, 9, 2),
}
DECIDED = PERSON | {
    "case": "接到报到通知后，无故不参加特培学习",
    "facts": "该同志收到通知后至今未报到。",
    "decision_no": "内人社函〔2019〕201号",
    "decided_on": dt.date(2019, 10, 15),
}
TOLD = DECIDED | {"addressee": "各盟市人力资源和社会保障局"}
OWING = DECIDED | {
    "payer": "王䶮",
    "pay_by": dt.date(2019, 12, 31),
    "account_holder": "人才开发基金",
    "account_bank": "某银行",
    "account_no": "1500000000000000000",
}
LINES = (("学费和住宿费", 33_000_00), ("退费", -8_000_00))
VALUES = {NOTIFY: ADMITTED, CIRCULAR: TOLD, RECOVERY: OWING}


def letter(kind: LetterKind = NOTIFY, name: str = "王䶮", **changes) -> LetterData:
    given = {
        "values": VALUES[kind],
        "office": "内蒙古自治区人力资源和社会保障厅",
        "date": dt.date(2019, 7, 3),
        "lines": LINES if kind is RECOVERY else (),
    }
    return LetterData(kind, name, **(given | changes))


def body(text: str, **more: str) -> Wording:
    return Wording(**{"title": "通知", "salutation": "{unit}：", "body": text} | more)


def refused(*letters: LetterData) -> str:
    with pytest.raises(RuleViolation) as refusal:
        render(letters)
    return say_all(refusal.value)


def test_a_notice_says_where_and_when():
    (page,) = pages(render([letter(number="内人社函〔2019〕130号")]))
    for said in (
        "内人社函〔2019〕130号关于王䶮同志报到学习的通知呼和浩特市人力资源和社会保障局：",
        "批准文号：内人社函〔2019〕128号",
        "培养单位：北京大学第一医院",
        "指导老师：张主任",
        "培养期限：2019年9月1日至2020年8月31日",
        "报到时间：2019年9月2日",
        "内蒙古自治区人力资源和社会保障厅2019年7月3日",
        "—1—",
    ):
        assert said in page


def test_a_paragraph_whose_place_may_stay_empty_is_left_out():
    (page,) = pages(render([letter(values=ADMITTED | {"supervisor": " "})]))
    assert "指导老师" not in page
    assert "单位地址" not in page


def test_a_circular_says_what_happened_and_what_was_decided():
    (page,) = pages(render([letter(CIRCULAR)]))
    assert "关于取消王䶮同志培养资格的通报各盟市人力资源和社会保障局：" in page
    assert "经查，该同志收到通知后至今未报到。上述情况属于“接到报到通知后，无故不参加特培学习”。" in page
    assert "根据内人社函〔2019〕201号（2019年10月15日），决定取消王䶮同志的培养资格，并予以通报批评" in page


def test_a_recovery_shows_its_lines_and_its_sum_twice():
    (page,) = pages(render([letter(RECOVERY)]))
    for said in (
        "追缴通知书王䶮：",
        "学费和住宿费33,000.00退费-8,000.00合计25,000.00",
        "以上合计人民币25,000.00元（大写：贰万伍仟元整），请于2019年12月31日以前汇入",
        "账号：1500000000000000000",
    ):
        assert said in page


@pytest.mark.parametrize("lines", [(), (("退费", -1),), (("学费", 100), ("退费", -100))])
def test_a_recovery_of_nothing_is_refused(lines):
    assert refused(letter(RECOVERY, lines=lines)).startswith("王䶮：没有计算明细或应追缴金额不大于零")


def test_many_letters_make_one_file_each_counted_from_one():
    long = body("字" * 700)
    found = pages(render([letter(text=long), letter(CIRCULAR), letter(name="乌兰")]))
    assert [page[-3:] for page in found] == ["—1—", "—2—", "—1—", "—1—"]
    assert "乌兰同志" in found[3]


def test_a_large_job_is_printed_in_the_press():
    found = pages(render([letter(name=f"王{i}") for i in range(70)]))
    assert [f"关于王{i}同志" in page for i, page in enumerate(found)] == [True] * 70


def test_a_page_holds_twenty_two_lines_of_twenty_eight_characters():
    found = [line for line in lines(render([letter(text=body("字" * 28 * 60))]), 1) if "字" in line]
    assert [len(line.strip()) for line in found] == [28] * 22


def test_the_signature_never_stands_alone():
    for length in range(28 * 14, 28 * 20, 28):
        last = pages(render([letter(text=body("字" * length))]))[-1]
        assert "字" in last


def test_attachments_are_listed_and_numbered():
    (page,) = pages(render([letter(text=body("请照办。", attachments="报到须知\n登记表（{name}）"))]))
    assert "附件：1.报到须知2.登记表（王䶮）" in page
    (page,) = pages(render([letter(text=body("请照办。", attachments="报到须知"))]))
    assert "附件：报到须知" in page
    assert "附件" not in pages(render([letter()]))[0]


def test_a_specimen_says_so():
    assert "样张" in pages(render([letter()], specimen=True))[0]


@pytest.mark.parametrize(
    "payload", ['#read("/etc/passwd")', "]", "$x$", "*b*", "{host}", "{lines}", "{", "\\", "<l>", "@r"]
)
def test_markup_and_places_in_data_are_text(payload):
    values = ADMITTED | {"host": payload, "supervisor": payload}
    (page,) = pages(render([letter(name=payload, values=values, office=payload, number=payload)]))
    assert f"关于{payload}同志" in page
    assert f"培养单位：{payload}批准" not in page
    assert f"培养单位：{payload}" in page
    assert "root:" not in page


def test_data_cannot_slip_in_the_table_of_a_recovery():
    (page,) = pages(render([letter(CIRCULAR, values=TOLD | {"facts": "其一\n{lines}\n其二"})]))
    assert "其一{lines}其二" in page
    assert "合计" not in page


@pytest.mark.parametrize("char", "王A")
def test_five_thousand_characters_are_all_there(char):
    found = pages(render([letter(text=body("{name}"), name=char * 5000)]))
    assert "".join(page.removesuffix("—1—") for page in found).count(char) >= 5000


def test_every_wrong_place_is_refused_in_words_with_those_that_there_are():
    with pytest.raises(RuleViolation) as refusal:
        check(
            NOTIFY,
            Wording("给{naem}的通知", "{unit}：", "到{hots}报到，{amount}元，{name.__class__}，{}，{0}"),
        )
    said = say_all(refusal.value)
    for wrong in ("{naem}", "{hots}", "{amount}", "{name.__class__}", "{}", "{0}"):
        assert f"{wrong} 不是可填的位置" in said
    assert "{host} 培养单位" in said
    assert [v.field for v in refusal.value.violations][:2] == ["title", "body"]


@pytest.mark.parametrize("text", ["{name", "name}", "{{name}}", "{na{me}"])
def test_a_stray_brace_is_refused(text):
    with pytest.raises(RuleViolation) as refusal:
        check(NOTIFY, body(text))
    assert "花括号不成对" in say_all(refusal.value)


@pytest.mark.parametrize("part", ["title", "salutation", "attachments"])
def test_the_computation_stands_in_the_body_only(part):
    with pytest.raises(RuleViolation) as refusal:
        check(RECOVERY, body("{name}", **{part: "{lines}"}))
    assert "{lines} 须单独占一段" in say_all(refusal.value)


def test_the_computation_stands_alone():
    with pytest.raises(RuleViolation) as refusal:
        check(RECOVERY, body("如下：{lines}"))
    assert "{lines} 须单独占一段，不能与其他文字同段：“如下：{lines}”" in say_all(refusal.value)


def test_a_place_without_its_value_is_refused_with_the_person():
    said = refused(letter(values=ADMITTED | {"host": ""}), letter(name="乌兰", values=PERSON))
    assert "王䶮：培养单位尚未填写，而文书文字中要用到 {host}" in said
    assert "乌兰：报到日期尚未填写" in said


@pytest.mark.parametrize("kind", LetterKind)
def test_the_texts_that_we_bring_are_sound(kind):
    check(kind, DEFAULTS[kind])
    assert len(pages(render([letter(kind)]))) == 1


def test_what_no_font_can_print_is_refused_wherever_it_stands():
    said = refused(letter(name="𠮷日格勒"), letter(values=ADMITTED | {"host": "ᠮ大学"}))
    assert "𠮷日格勒的姓名中有字体里没有的字：𠮷（U+20BB7）" in said
    assert "王䶮的报到通知中有字体里没有的字：ᠮ（U+182E）" in said
    assert said.count("U+20BB7") == 1


def test_nothing_to_print_is_refused():
    assert refused() == "没有要打印的文书，请先选择人员"


def test_every_place_has_a_label():
    assert all(label for places in PLACES.values() for label in places.values())
