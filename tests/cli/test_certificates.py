"""`certificates issue`, `pdf`, `verify`; the register for the Ministry."""

from __future__ import annotations

import pytest

from tepei_admin.models import Certificate
from tests.exchange.documents.reading import pages
from tests.services.paper_cast import TODAY, completed, today_is

YEAR = ("--programme", "2019")


@pytest.fixture
def people(run):
    today_is(run.house)
    return [completed(run.house, name=name) for name in ("王䶮", "阿拉坦其其格·巴特尔苏", "王𠮷")]


def test_issuing_is_do_certify(run, people):
    looked = run("certificates", "issue", *YEAR, "--all-matching", "completed", "--dry-run", "--json")
    assert looked.status == 0 and len(looked.json["done"]) == 2
    ran = run("certificates", "issue", *YEAR, "--all-matching", "completed", "--on", TODAY, "--json")
    assert ran.status == 0 and sorted(ran.json["done"]) == [people[0].id, people[1].id]
    (skipped,) = ran.json["skipped"]
    assert (skipped["name"], skipped["code"]) == ("王𠮷", "certificate.unprintable") and "𠮷" in skipped[
        "text"
    ]
    assert Certificate.select().count() == 2


def test_one_pdf_of_the_year(run, people):
    run("certificates", "issue", *YEAR, "--all-matching", "completed")
    path = run.folder / "证书.pdf"
    ran = run("certificates", "pdf", *YEAR, "-o", path)
    assert ran.status == 0 and "2 份" in ran.out
    text = pages(path.read_bytes())
    assert "阿拉坦其其格·巴特尔苏" in text[0] + text[1] and "王䶮" in text[0] + text[1]
    one = run("certificates", "pdf", *YEAR, "--id", people[0].id, "-o", path)
    assert one.status == 0 and len(pages(path.read_bytes())) == 1


def test_a_pdf_of_nothing_or_to_nowhere_is_refused(run, people):
    ran = run("certificates", "pdf", *YEAR, "-o", run.folder / "a.pdf")
    assert ran.status == 1 and "没有有效的结业证书" in ran.err and not (run.folder / "a.pdf").exists()
    run("certificates", "issue", *YEAR, "--id", people[0].id)
    ran = run("certificates", "pdf", *YEAR, "-o", run.folder / "none" / "a.pdf")
    assert ran.status == 1 and "无法写入" in ran.err


def test_verifying(run, people):
    run("certificates", "issue", *YEAR, "--id", people[0].id)
    row = Certificate.get()
    good = run("certificates", "verify", row.number, row.code, "--json")
    assert good.status == 0 and good.json == {
        "valid": True, "state": "issued", "number": "2019W0001", "name": "王*", "year": 2019, "track": "区外",
    }  # fmt: skip
    assert run("certificates", "verify", row.number, "0" * 26).status == 1
    assert run("certificates", "verify", "2019W0009", row.code, "--json").json == {
        "valid": False,
        "state": "unknown",
    }


def test_the_register_for_the_ministry(run, people):
    run("certificates", "issue", *YEAR, "--all-matching", "completed")
    path = run.folder / "名册.csv"
    assert run("export", "结业证书名册", *YEAR, "-o", path).status == 0
    head, first, *_ = path.read_text(encoding="utf-8-sig").splitlines()
    assert (
        head
        == "序号,证书编号,姓名,性别,民族,身份证号,工作单位,培养类别,培养专业,培养单位,培养起止,考核等次,发证日期"
    )
    for said in (
        "2019W0001",
        "北京师范大学",
        "心血管内科学",
        "2019-09-01 至 2020-08-31",
        "合格",
        "2020-09-10",
    ):
        assert said in first
