"""B3: nobody's change is undone in silence; who comes late sees both values and keeps what was typed."""

from __future__ import annotations

import pytest

from tepei_admin.database import db
from tepei_admin.errors import RuleViolation, Stale
from tepei_admin.models import AuditEntry, Trainee, Unit
from tepei_admin.services import accounts, batch, crud
from tests.safety import racing
from tests.safety import test_b04_whole as whole
from tests.safety.racing import RACERS, race
from tests.views.browser import Browser
from tests.views.conftest import panel


def add_a_word(job: tuple[int, str], *, blind: bool = False) -> str:
    """Read, add a word to the remarks, save; whoever is late reads again, as a person does."""
    person, word = job
    for _ in range(500):
        row = Trainee.get_by_id(person)
        try:
            version = None if blind else row.version
            if blind:
                racing.meet()
            crud.edit(accounts.cli_actor(), Trainee, person, version, {"remarks": f"{row.remarks}{word} "})
            return "saved"
        except Stale:
            continue
    return "never"


def add_a_word_blindly(job: tuple[int, str]) -> str:
    """The control: the version that was seen counts for nothing."""
    return add_a_word(job, blind=True)


def saved(house, act, rounds: int) -> list[str]:
    """The words that are there after eight have saved `rounds` times each, at once."""
    person = house.trainee().id
    jobs = [[(person, f"{number}-{mine}") for mine in range(RACERS)] for number in range(rounds)]
    told = race(house.url, act, jobs)
    assert [dict(answers) for answers in told] == [{"saved": RACERS}] * rounds
    return house.reload(person).remarks.split()


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.safety)])
def test_eight_savers_at_once_lose_nothing(house, rounds):
    words = saved(house, add_a_word, rounds)
    assert sorted(words) == sorted(f"{number}-{mine}" for number in range(rounds) for mine in range(RACERS))
    seen = AuditEntry.select().where(AuditEntry.model == "trainee", AuditEntry.action == "update")
    assert sum("remarks" in (row.after or {}) for row in seen) == rounds * RACERS


def test_without_the_version_words_are_lost(house):
    assert len(saved(house, add_a_word_blindly, 1)) < RACERS


def test_the_later_of_two_editors_sees_both_and_keeps_what_was_typed(house, tmp_path):
    number = house.unit().id
    app = panel(house, tmp_path)
    first, second = (Browser(app).sign_in(house, role) for role in ("admin", "admin"))
    boxes = second.boxes(f"/units/{number}/edit")
    boxes.pop("next", None)
    assert first.save(f"/units/{number}/edit", contact="额尔敦", phone="0471-1").status_code == 303
    late = second.client.post(f"/units/{number}/edit", data={**boxes, "contact": "乌兰"})
    assert late.status_code == 409 and 'value="乌兰"' in late.text and "现在的值：额尔敦" in late.text
    db.connect(reuse_if_open=True)
    assert Unit.get_by_id(number).contact == "额尔敦"


def test_who_was_changed_after_the_look_is_left_out_of_the_batch(house):
    house.quota(5)
    operator = house.actor("operator")
    one, two = house.trainee(), house.trainee()
    number = batch.propose(operator, "recommend", [one.id, two.id])
    crud.edit(house.cli, Trainee, two.id, two.version, {"remarks": "有人改过"})
    outcome = batch.confirm(operator, number)
    assert outcome.done == (one.id,) and outcome.skipped[0].refused.code == "verb.changed_meanwhile"


def test_a_table_that_would_no_longer_do_what_was_shown_is_not_stored(house):
    from tepei_admin.exchange import intake
    from tests.factories import DAY

    made, again = (
        intake.check(
            house.cli,
            whole.table(),
            "赤峰.csv",
            track=house.track(),
            unit=house.unit(),
            received=DAY,
            sealed=True,
        )
        for _ in range(2)
    )
    assert intake.store(house.cli, made, accept_good=True).done
    count = Trainee.select().count()
    with pytest.raises((Stale, RuleViolation)):
        intake.store(house.cli, again, accept_good=True)
    assert Trainee.select().count() == count


def test_a_change_between_preview_and_storing_is_shown_before_anything_is_stored(house, tmp_path):
    from tepei_admin.exchange import intake, mending
    from tepei_admin.services import vault
    from tests.exchange import making
    from tests.factories import DAY

    vault.folder = tmp_path / "files"
    person = house.trainee(id_number=making.id_number(1), name="王伟", mobile="13800000000")

    def look():
        return intake.check(
            house.cli,
            whole.table(),
            "赤峰.csv",
            track=house.track(),
            unit=house.unit(),
            received=DAY,
            sealed=True,
        )

    upload = intake.hand_in(house.cli, whole.table(), look(), house.unit())
    crud.edit(house.cli, Trainee, person.id, house.reload(person).version, {"mobile": "13911112222"})
    told = mending.confirm(house.cli, upload, 1, accept_good=True)
    assert told.batch is None and told.moved == (2,)
    assert house.reload(person).mobile == "13911112222" and Trainee.select().count() == 1
    assert mending.confirm(house.cli, upload, 2, accept_good=True).done == 12  # seen, and wanted
    assert house.reload(person).mobile == "13800000991"
