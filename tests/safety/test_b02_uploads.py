"""B2, B3: one upload, many hands at once: stored once; of two corrections at the same look, one waits for a new look."""

from __future__ import annotations

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import intake, mending
from tepei_admin.models import Batch, Trainee, Upload, UploadRow
from tepei_admin.services import accounts, nominations, uploads
from tests.exchange.making import HEADER, person, xlsx
from tests.exchange.test_intake import LINE, check
from tests.safety.racing import RACERS, race


def handed_in(house, count: int) -> int:
    data = xlsx([LINE, HEADER, *(person(at + 1, 民族="火星族" if at else "蒙古族") for at in range(count))])
    house.actor("operator")
    return intake.hand_in(house.cli, data, check(house, data), None)


def store(number: int) -> str:
    outcome = intake.store_kept(accounts.actor_named("operator"), number, 1, accept_good=True)
    return f"stored {len(outcome.done)}"


def mend(job: tuple[int, int]) -> str:
    """Put the own row right, all from the same look."""
    number, row = job
    mending.mend(accounts.actor_named("operator"), number, 1, {(row, "ethnicity"): "达斡尔族"})
    return "mended"


def test_an_upload_that_eight_store_at_once_is_one_batch(house):
    number = handed_in(house, 1)
    told = race(house.url, store, [[number] * RACERS])[0]
    assert told == {"stored 1": 1, "import.already_stored": RACERS - 1}
    assert (Batch.select().where(Batch.verb == "import").count(), Trainee.select().count()) == (1, 1)


def test_without_the_look_under_the_lock_only_the_database_itself_says_no(house, monkeypatch):
    """The control: whoever stored second would go by what was there before."""
    number = handed_in(house, 1)
    store(number)
    monkeypatch.setattr(uploads, "once", lambda number, version: None)
    monkeypatch.setattr(
        nominations, "match", lambda *given, **more: [nominations.Match(one) for one in given[2]]
    )
    monkeypatch.setattr(uploads, "open_upload", lambda actor, number: Upload.get_by_id(number))
    with pytest.raises(RuleViolation) as refused:
        store(number)
    assert refused.value.violations[0].code not in ("import.already_stored", "import.upload_revised")
    assert Trainee.select().count() == 1


def test_of_eight_corrections_at_one_look_one_is_taken_and_the_others_look_again(house):
    number = handed_in(house, RACERS + 1)
    told = race(house.url, mend, [[(number, at) for at in range(4, 4 + RACERS)]])[0]
    assert told == {"mended": 1, "import.upload_revised": RACERS - 1}
    rows = [row for row in UploadRow.select().where(UploadRow.upload == number) if row.corrections]
    assert len(rows) == 1 and Upload.get_by_id(number).version == 2
    assert Upload.get_by_id(number).report["counts"]["new"] == 2
