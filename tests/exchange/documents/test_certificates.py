from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from tepei_admin import fonts
from tepei_admin.errors import RuleViolation
from tepei_admin.exchange.documents import typesetting
from tepei_admin.exchange.documents.certificates import CertificateData, render
from tepei_admin.messages import say_all
from tests.exchange.documents.reading import fonts as fonts_of
from tests.exchange.documents.reading import pages

HERE = CertificateData(
    name="王䶮",
    programme="2019年度“内蒙古少数民族专业技术人才特培计划”",
    track="区外",
    host="北京大学第一医院",
    major="心血管内科学",
    start=dt.date(2019, 9, 1),
    end=dt.date(2020, 8, 31),
    number="2019W0001",
    code="7NP5JJ4JJRPY8XYTQHV0R3WRED",
    address="https://tepei.example.cn/verify/2019W0001/7NP5JJ4JJRPY8XYTQHV0R3WRED",
    issued_on=dt.date(2020, 9, 10),
)
MARKUP = [
    '#read("/etc/passwd")',
    "]",
    "$",
    "$x$",
    "*b*",
    "_i_",
    "@ref",
    "<l>",
    "`r`",
    "//c",
    "\\",
    "#",
    "{name}",
    '"q"',
    "~",
    "--",
]


def certificate(**changes: object) -> CertificateData:
    return dataclasses.replace(HERE, **changes)


def refused(*certificates: CertificateData, **options: str) -> str:
    with pytest.raises(RuleViolation) as refusal:
        render(certificates, **options)
    return say_all(refusal.value)


def test_a_certificate_says_what_it_must():
    (page,) = pages(render([HERE]))
    for said in (
        "结业证书",
        "证书编号：2019W0001",
        "王䶮同志于2019年9月1日至2020年8月31日参加2019年度“内蒙古少数民族专业技术人才特培计划”（区外培养），"
        "在北京大学第一医院心血管内科学专业培养学习，期满考核合格，准予结业。",
        "人力资源社会保障部专业技术人员管理司",
        "内蒙古自治区人力资源和社会保障厅",
        "2020年9月10日",
        "https://tepei.example.cn/verify",
        "查验码：7NP5JJ4JJRPY8XYTQHV0R3WRED",
    ):
        assert said in page
    assert "补发" not in page
    assert "样张" not in page


def test_there_is_a_page_a_person_in_the_order_given():
    names = ["王䶮", "㛃日娜", "𬭎其木格"]
    found = pages(render([certificate(name=name) for name in names]))
    assert [name in page for name, page in zip(names, found, strict=True)] == [True] * 3


@pytest.mark.parametrize("count", [typesetting.LARGE, typesetting.LARGE + 1], ids=["here", "in the press"])
def test_a_large_job_is_the_same_in_a_process_of_its_own(count):
    found = pages(render([certificate(name=f"王{i}") for i in range(count)]))
    assert len(found) == count
    assert all(f"王{i}同志" in page for i, page in enumerate(found))


def test_the_press_says_why_it_failed(monkeypatch):
    monkeypatch.setattr(typesetting, "LARGE", 0)
    with pytest.raises(RuntimeError, match="dictionary does not contain key"):
        typesetting.typeset("certificate.typ", 1, dict)


def test_the_press_sets_with_the_offices_fonts_too(monkeypatch, tmp_path):
    monkeypatch.setattr(typesetting, "LARGE", 0)
    monkeypatch.setattr(fonts, "extra", tmp_path)
    assert len(pages(render([HERE]))) == 1


def test_the_same_certificate_is_the_same_file():
    assert render([HERE]) == render([HERE])


@pytest.mark.parametrize(
    "name", ["阿卜杜热西提·买买提", "买买提艾力·阿卜杜克热木江", "乌兰·巴特尔", "Anna-Maria O’Brien", "王"]
)
def test_a_long_name_with_a_middle_dot_stands_whole(name):
    (page,) = pages(render([certificate(name=name)]))
    assert f"{name.replace(' ', '')}同志于" in page


@pytest.mark.parametrize("host", ["大学" * 60, "内蒙古自治区" * 40, "University" * 20, "a b " * 200])
def test_a_long_host_stays_on_the_page(host):
    (page,) = pages(render([certificate(host=host)]))
    assert "".join(host.split()) in page
    assert "准予结业。" in page


@pytest.mark.parametrize("payload", MARKUP)
def test_markup_is_text(payload):
    (page,) = pages(render([certificate(name=payload, host=f"在{payload}处", major="", number=payload)]))
    assert f"{payload}同志" in page
    assert f"在{payload}处培养学习" in page
    assert f"证书编号：{payload}" in page
    assert "root:" not in page


@pytest.mark.parametrize("char", "王A")
def test_five_thousand_characters_are_five_thousand_characters_on_one_page(char):
    (page,) = pages(render([certificate(name=char * 5000)]))
    assert char * 5000 in page
    assert "准予结业。" in page


def test_a_name_that_no_font_can_print_is_refused_by_name():
    said = refused(HERE, certificate(name="𠮷日格勒"), certificate(name="ᠮᠣᠩᠭᠣᠯ", host="𠮷大学"))
    assert "𠮷日格勒的姓名中有字体里没有的字：𠮷（U+20BB7）" in said
    assert "ᠮ（U+182E）" in said
    assert "ᠮᠣᠩᠭᠣᠯ的培养单位" in said
    assert "王䶮" not in said


@pytest.mark.parametrize("field", ["host", "major", "programme", "track", "number"])
def test_no_part_is_printed_with_a_hole(field):
    assert "王䶮的" in refused(certificate(**{field: "有𠮷字"}))


def test_a_specimen_says_so():
    assert all("样张" in page for page in pages(render([HERE, HERE], specimen=True)))


def test_a_reissue_says_so_under_the_same_number():
    (page,) = pages(render([certificate(reissued_on=dt.date(2021, 3, 1))]))
    assert "证书编号：2019W0001（补发）" in page
    assert "2020年9月10日2021年3月1日补发" in page


@pytest.mark.parametrize(
    ("major", "said"),
    [
        ("", "医院培养学习"),
        ("学前教育专业", "医院学前教育专业培养学习"),
        ("护理学", "医院护理学专业培养学习"),
    ],
)
def test_the_major_is_named_once(major, said):
    assert said in pages(render([certificate(major=major)]))[0]


def test_the_wording_is_the_offices():
    (page,) = pages(render([HERE], text="兹证明{name}完成{programme}学习。"))
    assert "兹证明王䶮完成2019年度“内蒙古少数民族专业技术人才特培计划”学习。" in page


def test_an_unsound_wording_is_refused():
    assert "{naem} 不是可填的位置" in refused(HERE, text="{naem}{name}")
    assert "没有 {name}" in refused(HERE, text="同志准予结业。")
    assert "花括号不成对" in refused(HERE, text="{name}{同志")


def test_nothing_to_print_is_refused():
    assert refused() == "没有要打印的文书，请先选择人员"


def test_fonts_are_embedded_as_subsets():
    pdf = render([HERE])
    found = fonts_of(pdf)
    assert found
    assert all(name[7] == "+" and embedded for name, embedded in found.items())
    assert len(pdf) < 100_000


def test_typst_is_loaded_when_something_is_printed_and_not_before():
    import subprocess
    import sys

    code = "import sys, tepei_admin.exchange.documents.letters, tepei_admin.exchange.documents.certificates as c; print([m for m in ('typst', 'segno') if m in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )
