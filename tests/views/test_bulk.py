"""Ticked rows and whole results, on their way to the look-first page."""

from __future__ import annotations

from collections.abc import Callable

from tepei_admin.models import Proposal, Trainee
from tests.factories import id_number
from tests.views.browser import Browser


def kept(answer) -> list[int]:
    assert answer.status_code == 303 and answer.location.startswith("/batches/look/"), answer.location
    return sorted(number for number, _ in Proposal.get_by_id(int(answer.location.rsplit("/", 1)[1])).ids)


def test_ticked_rows_become_a_proposal(house, admin: Browser) -> None:
    one, two, _ = house.trainee(), house.trainee(), house.trainee()
    answer = admin.post("/trainees/act", verb="check", ids=[str(one.id), str(two.id), "abc", "-1", "9" * 30])
    assert kept(answer) == [one.id, two.id]
    assert Trainee.get_by_id(one.id).eligibility == ""


def test_the_whole_result_is_what_the_filter_finds_now(house, admin: Browser) -> None:
    people = [house.trainee(id_number=id_number(serial)) for serial in range(3)]
    other = house.trainee(unit="150500")
    query = f"?unit={people[0].unit_id}&page=7&page_size=20"
    answer = admin.post("/trainees/act", verb="check", all="1", ids=str(other.id), query=query)
    assert kept(answer) == [person.id for person in people]


def test_an_unknown_verb_is_refused_in_words_not_ignored(house, admin: Browser) -> None:
    """Ground 28."""
    someone = house.trainee()
    answer = admin.post("/trainees/act", verb="levitate", ids=str(someone.id), query="?status=applied")
    assert answer.location == "/trainees/?status=applied"
    assert "levitate" in admin.get(answer.location).text


def test_nobody_ticked_is_told(house, admin: Browser) -> None:
    answer = admin.post("/trainees/act", verb="check")
    assert answer.location == "/trainees/"
    assert 'class="flash bad"' in admin.get("/trainees/").text


def test_a_role_without_the_right_sees_no_button_and_is_refused(
    house, client_as: Callable[..., Browser]
) -> None:
    someone = house.trainee()
    viewer = client_as("viewer")
    assert 'name="verb"' not in viewer.get("/trainees/").text
    assert viewer.post("/trainees/act", verb="recommend", ids=str(someone.id)).location == "/trainees/"
    assert "没有办理此事的权限" in viewer.get("/trainees/").text
    assert Proposal.select().count() == 0


def test_people_of_another_unit_are_not_in_a_proposal(house, client_as: Callable[..., Browser]) -> None:
    ours, theirs = house.trainee(unit="150400"), house.trainee(unit="150500")
    answer = client_as("clerk").post("/trainees/act", verb="check", ids=[str(ours.id), str(theirs.id)])
    assert kept(answer) == [ours.id]


def test_the_bar_is_there_without_scripts(house, admin: Browser) -> None:
    house.trainee()
    page = admin.get("/trainees/").text
    assert '<div class="rise" data-rise' in page and "hidden>" not in page.split("data-rise")[1][:200]
    assert 'name="ids" value="' in page


def test_an_export_is_of_the_list_or_of_the_ticked_rows(house, admin: Browser, monkeypatch) -> None:
    asked = []
    sent = lambda view, state, form: asked.append((state.query(), form)) or "ok"  # noqa: E731
    monkeypatch.setattr("tepei_admin.views.exports.send_list", sent)
    admin.post("/trainees/export", format="csv", query="?status=applied&page=3")
    admin.post("/trainees/export", format="xlsx", query="?status=applied", ids=["3", "4"])
    assert asked == [("?status=applied", "csv"), ("?status=applied&id=3,4", "xlsx")]
