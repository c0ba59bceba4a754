"""The import's database half: units, records that are there, storing as one batch, sending the file again."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.errors import NotAllowed, RuleViolation, Stale
from tepei_admin.exchange import intake
from tepei_admin.models import AuditEntry, Batch, BatchRow, EligibilityCheck, PastTrainee, Trainee, Upload
from tepei_admin.services import batch, crud, eligibility, vault
from tests.exchange.making import HEADER, id_number, person, xlsx

DAY = dt.date(2019, 3, 20)
LINE = ["单位（盖章）：赤峰市人力资源和社会保障局"]


def table(*rows, line=LINE) -> bytes:
    return xlsx([line, HEADER, *rows])


def check(house, data: bytes, *, actor=None, track="outside", unit=None, sealed=True, name="汇总表.xlsx"):
    chosen = house.unit(unit) if unit else None
    return intake.check(
        actor or house.cli, data, name, track=house.track(track), unit=chosen, received=DAY, sealed=sealed
    )  # fmt: skip


def load(house, data: bytes, *, good=False, **options):
    made = check(house, data, **options)
    return made, intake.store(options.get("actor") or house.cli, made, accept_good=good)


def outcomes(made) -> list[str]:
    return [row.outcome for row in made.report.rows]


def codes(made, index=0) -> list[str]:
    return [message.code for message in made.report.rows[index].messages if message.level != "notice"]


def test_a_clean_table_is_stored_as_one_batch_with_the_units_attestation(house):
    made, outcome = load(house, table(person(1), person(2)))
    assert outcomes(made) == ["new", "new"] and len(outcome.done) == 2
    stored = house.reload(outcome.done[0])
    assert (stored.unit.code, stored.status, stored.received_on) == ("150400", "applied", DAY)
    assert (stored.attested_signed, stored.attested_paper) == (True, "汇总表.xlsx")
    assert stored.eligibility == "eligible" and stored.initials == "ww"
    assert Batch.get_by_id(outcome.batch).done == 2
    history = AuditEntry.select().where(AuditEntry.batch_id == outcome.batch, AuditEntry.model == "trainee")
    assert [(row.action, row.after["eligibility"]) for row in history] == [("insert", "eligible")] * 2


def test_checking_alone_stores_nothing(house):
    before = AuditEntry.select().count()
    check(house, table(person(1)))
    assert (Trainee.select().count(), AuditEntry.select().count()) == (0, before)


def test_an_unsealed_table_attests_nothing(house):
    _, outcome = load(house, table(person(1)), sealed=False)
    stored = house.reload(outcome.done[0])
    assert stored.attested_signed is None and stored.eligibility == "pending"


def test_a_file_with_errors_stores_nothing_unless_the_good_rows_may_go(house):
    data = table(person(1), person(2, 民族=None))
    with pytest.raises(RuleViolation) as refused:
        load(house, data)
    assert refused.value.violations[0].code == "import.has_errors" and Trainee.select().count() == 0
    _, outcome = load(house, data, good=True)
    assert len(outcome.done) == 1 and Trainee.select().count() == 1


def test_the_same_file_twice_does_nothing(house):
    data = table(person(1), person(2))
    load(house, data)
    made, outcome = load(house, data)
    assert outcomes(made) == ["same", "same"] and outcome.batch is None
    assert Batch.select().where(Batch.verb == "import").count() == 1


def test_a_corrected_table_changes_only_what_differs_and_a_blank_cell_nothing(house):
    _, first = load(house, table(person(1)))
    made, outcome = load(house, table(person(1, 手机="13900000001", 学历=None)))
    assert outcomes(made) == ["changed"]
    assert made.report.rows[0].messages[-1].text == "手机由“13800000991”改为“13900000001”"
    stored = house.reload(first.done[0])
    assert (stored.mobile, stored.education) == ("13900000001", "14") and outcome.done == first.done


def test_a_new_title_brings_its_level_and_an_unknown_one_takes_it_away(house):
    _, first = load(house, table(person(1)))
    load(house, table(person(1, 专业技术职务="教授")))
    assert house.reload(first.done[0]).title_level == "411"
    load(house, table(person(1, 专业技术职务="首席专家")))
    assert (house.reload(first.done[0]).title, house.reload(first.done[0]).title_level) == ("首席专家", "")


@pytest.mark.parametrize(
    ("status", "cell", "outcome", "code"),
    [("recommended", {"手机": "13900000001"}, "changed", ["record.recommended"]),
     ("recommended", {"学历": "大学本科"}, "changed", ["record.recommended"]),
     ("admitted", {"手机": "13900000001"}, "changed", []),
     ("admitted", {"专业技术职务": "教授"}, "error", ["record.too_late"]),
     ("training", {"手机": "13900000001"}, "changed", []),
     ("withdrawn", {"手机": "13900000001"}, "changed", ["record.gone"]),
     ("withdrawn", {"学历": "大学本科"}, "error", ["record.gone"])],
)  # fmt: skip
def test_people_who_have_moved_on_take_only_what_is_allowed(house, status, cell, outcome, code):
    from tests.services.cast import put_into

    _, first = load(house, table(person(1)))
    put_into(house.reload(first.done[0]), status)
    made = check(house, table(person(1, **cell)))
    assert outcomes(made) == [outcome]
    assert codes(made)[:1] == code


def test_a_person_of_another_unit_is_an_error_that_names_the_record(house):
    _, first = load(house, table(person(1)))
    made = check(house, table(person(1)), unit="150700")
    assert outcomes(made) == ["error"] and codes(made) == ["unit.differs", "record.other_unit"]
    text = made.report.rows[0].messages[-1].text
    assert "赤峰市" in text and f"批次 {first.batch}" in text


def test_a_person_of_the_other_track_is_an_error_that_names_the_record(house):
    load(house, table(person(1)))
    made = check(house, table(person(1)), track="inside")
    assert codes(made) == ["record.other_track"] and "区外" in made.report.rows[0].messages[-1].text


def test_an_earlier_year_is_a_warning_with_that_record(house):
    row = {"id_number": id_number(1), "name": "王伟", "year": 2017, "outcome": "certified"}
    crud.create(house.cli, PastTrainee, row)
    made, outcome = load(house, table(person(1)))
    assert outcomes(made) == ["new"] and codes(made) == ["record.earlier"]
    assert house.reload(outcome.done[0]).eligibility == "pending"


@pytest.mark.parametrize("sealed", [True, False])
def test_the_result_stored_with_new_people_is_the_one_that_a_check_afterwards_finds(house, sealed):
    """It is reckoned from the rows about to be stored, and from the database ever after."""
    part = {"id_number": id_number(2), "name": "王伟", "year": 2017, "outcome": "certified"}
    crud.create(house.cli, PastTrainee, part)
    rows = person(1), person(2), person(3, 专业技术职务="", 学历="本科", 学位="", 从事专业时间="")
    _, outcome = load(house, table(*rows), sealed=sealed)
    stored = {row.trainee_id: row for row in EligibilityCheck.select()}
    afresh = eligibility.compute(dict.fromkeys(outcome.done, house.track("outside").id))
    assert sorted(stored) == sorted(afresh) == sorted(outcome.done)
    for number, item in afresh.items():
        kept, one = stored[number], house.reload(number)
        assert (kept.facts, kept.policy) == (item.facts.as_dict(), item.policy.as_dict())
        assert kept.findings == [finding.as_dict() for finding in item.check.findings]
        assert kept.result == one.eligibility == item.check.result
        assert (one.eligibility_cause, one.eligibility_stale) == (item.check.cause, False)
    assert len({item.facts for item in afresh.values()}) == 3


# --- The sending unit


def test_the_chosen_unit_goes_before_all(house):
    _, outcome = load(house, table(person(1)), unit="150700")
    assert house.reload(outcome.done[0]).unit.code == "150700"


@pytest.mark.parametrize(
    ("league", "county", "code"),
    [("赤峰市", "松山区", "150400"), ("赤峰", None, "150400"), ("呼伦贝尔市", "满洲里市", "150781"),
     ("锡林郭勒盟", "二连浩特市", "152501"), ("锡盟人力资源和社会保障局", "正蓝旗", None), (None, "满洲里", "150781")],
)  # fmt: skip
def test_the_places_columns_tell_the_unit(house, league, county, code):
    data = xlsx([[*HEADER, "单位所在盟市", "旗县"], [*person(1), league, county]])
    made = check(house, data)
    if code is None:
        assert outcomes(made) == ["error"] and codes(made)[-1] == "unit.row_unknown"
    else:
        intake.store(house.cli, made)
        assert Trainee.get().unit.code == code


def test_without_any_trace_of_a_unit_the_file_is_refused_with_the_remedy(house):
    with pytest.raises(RuleViolation) as refused:
        check(house, xlsx([HEADER, person(1)]))
    assert refused.value.violations[0].code == "import.unit.unknown"


def test_a_clerk_imports_for_the_own_unit_only(house):
    clerk = house.actor("clerk", unit="150700")
    _, outcome = load(house, table(person(1)), actor=clerk)
    assert house.reload(outcome.done[0]).unit.code == "150700"


def test_a_viewer_may_not_import(house):
    with pytest.raises(NotAllowed):
        check(house, table(person(1)), actor=house.actor("viewer"))


# --- Between preview and storing


def test_what_changed_after_the_preview_stores_nothing(house):
    made = check(house, table(person(1), person(2)))
    load(house, table(person(1)), unit="150700")
    with pytest.raises(Stale) as refused:
        intake.store(house.cli, made)
    assert refused.value.violations[0].params["rows"] == "第 3 行"
    assert Trainee.select().count() == 1


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "folder", tmp_path / "files")
    return tmp_path / "files"


def hand_in(house, data: bytes, **options) -> Upload:
    made = check(house, data, **options)
    unit = house.unit(options["unit"]) if options.get("unit") else None
    return Upload.get_by_id(intake.hand_in(options.get("actor") or house.cli, data, made, unit))


def stored(house, upload: Upload, *, good=False):
    return intake.store_kept(house.cli, upload.id, upload.version, accept_good=good)


def test_an_upload_is_stored_once(house, files):
    upload = hand_in(house, table(person(1)))
    assert Trainee.select().count() == 0
    outcome = stored(house, upload)
    assert Upload.get_by_id(upload.id).batch_id == outcome.batch and Trainee.select().count() == 1
    with pytest.raises(RuleViolation) as refused:
        stored(house, upload)
    assert refused.value.violations[0].code == "import.already_stored"


def test_undoing_an_import_takes_the_new_people_away_and_gives_old_values_back(house):
    _, first = load(house, table(person(1)))
    _, second = load(house, table(person(1, 手机="13900000001"), person(2)))
    undone = batch.undo(house.cli, second.batch)
    assert len(undone.done) == 2
    assert [row.mobile for row in Trainee.select()] == ["13800000991"]
    assert batch.undo(house.cli, first.batch).skipped[0].refused.code == "undo.touched"


def test_undoing_an_import_leaves_those_who_have_moved_on(house):
    house.quota(1)
    _, first = load(house, table(person(1), person(2)))
    house.do("recommend", first.done[0])
    undone = batch.undo(house.cli, first.batch)
    assert undone.done == (first.done[1],) and undone.skipped[0].refused.code == "undo.touched"


def test_storing_many_takes_a_number_of_queries_that_does_not_grow(house, count_queries):
    def queries(count: int, start: int) -> int:
        made = check(house, table(*(person(start + n, 姓名="王伟") for n in range(count))))
        with count_queries() as counted:
            intake.store(house.cli, made)
        return len(counted)

    few = queries(5, 1)
    assert queries(60, 100) <= few + 1
    assert BatchRow.select().count() == 65


def test_a_sealed_table_after_an_unsealed_one_brings_the_attestation(house):
    data = table(person(1))
    _, first = load(house, data, sealed=False)
    made, outcome = load(house, data)
    assert outcomes(made) == ["changed"] and outcome.done == first.done
    stored = house.reload(first.done[0])
    assert (stored.attested_signed, stored.attested_on, stored.eligibility) == (True, DAY, "eligible")
    assert outcomes(load(house, data)[0]) == ["same"]


def test_a_file_taken_in_and_then_refused_leaves_nothing_behind(house, tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "folder", tmp_path / "files")
    made = check(house, table(person(1)))
    house.trainee(id_number=id_number(1), name="王伟", attested=False)  # in between
    with pytest.raises(Stale):
        intake.take_in(house.cli, table(person(1)), made, None)
    assert Upload.select().count() == 0 and list((tmp_path / "files").iterdir()) == []
