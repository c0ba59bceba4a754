"""The search box."""

from __future__ import annotations

from tepei_admin.models import Certificate, FollowUp
from tests.views.browser import Browser, names
from tests.views.sample import row

TYPED = [
    "阿拉坦", "阿拉坦·乌拉", "阿拉坦•乌拉", "阿拉坦・乌拉", "阿拉坦‧乌拉", "阿拉坦･乌拉", "乌拉　阿拉坦", " 阿拉坦  师范 ",
    "altwl", "ALTWL", "ａｌｔｗｌ", "altan", "阿拉\u200b坦",
]  # fmt: skip


def test_a_name_is_found_however_it_is_typed(house, admin: Browser) -> None:
    house.trainee(name="阿拉坦·乌拉", employer="赤峰师范", pinyin="altan wula", initials="altwl")
    house.trainee(name="别人")
    for text in TYPED:
        answer = admin.post("/trainees/search", search=text)
        assert answer.status_code == 303
        assert names(admin.get(answer.location).text) == ["阿拉坦·乌拉"], text


def test_other_words_find_nobody(house, admin: Browser) -> None:
    house.trainee(name="阿拉坦·乌拉")
    for text in ("%", "_", "阿%坦", "没有这个人", "阿拉坦 没有"):
        assert names(admin.get("/trainees/", query_string={"search": text}).text) == [], text


def test_a_whole_id_number_leads_to_the_person_and_stands_in_no_address(house, admin: Browser) -> None:
    person = house.trainee()
    for typed in (
        person.id_number,
        person.id_number.lower(),
        f" {person.id_number[:6]} {person.id_number[6:]} ",
    ):
        assert admin.post("/trainees/search", search=typed).location == f"/trainees/{person.id}"
    assert admin.post("/trainees/search", search=person.id_number[:17]).location != f"/trainees/{person.id}"


def test_a_phone_leads_to_the_few_who_share_it(house, admin: Browser) -> None:
    one, two = house.trainee(mobile="13911112222"), house.trainee(mobile="13911112222")
    assert (
        admin.post("/trainees/search", search="139 1111 2222").location == f"/trainees/?id={two.id},{one.id}"
    )


def test_an_unknown_number_is_told_without_repeating_it(house, admin: Browser) -> None:
    answer = admin.post("/trainees/search", search="150426198005120510")
    assert answer.location == "/trainees/"
    page = admin.get(answer.location).text
    assert "没有找到这个号码的人" in page and "150426198005120510" not in page


def test_a_list_without_names_of_its_own_is_searched_by_its_people(house, admin: Browser) -> None:
    person = house.trainee(name="乌兰")
    row(FollowUp, trainee=person, note="电话"), row(FollowUp, note="别人的")
    from tepei_admin.models import Assessment

    row(Assessment, trainee=person)
    assert names(admin.get("/assessments/?search=乌兰").text) == ["乌兰"]
    assert admin.post("/assessments/search", search=person.id_number).location == f"/trainees/{person.id}"


def test_a_search_keeps_the_filters(house, admin: Browser) -> None:
    answer = admin.post("/trainees/search", search="白 嘎", query="?status=applied&page=3")
    assert answer.location == "/trainees/?status=applied&search=%E7%99%BD%20%E5%98%8E"


def test_a_list_with_columns_of_its_own_is_searched_by_its_people_too(house, admin: Browser) -> None:
    person = house.trainee(name="阿拉坦·乌拉", initials="altwl")
    row(Certificate, trainee=person, number="2019W0007", code="C1")
    row(Certificate, trainee=house.trainee(name="别人"), number="2019W0008", code="C2")
    for text in ("2019w0007", "阿拉坦•乌拉", "altwl"):
        assert names(admin.get("/certificates/", query_string={"search": text}).text) == ["2019W0007"], text
    assert admin.post("/certificates/search", search=person.id_number).location == f"/trainees/{person.id}"
    assert "证书编号、姓名、身份证号" in admin.get("/certificates/").text
