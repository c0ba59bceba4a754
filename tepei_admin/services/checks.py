"""What a form's values must fulfil before they are stored, by model. Called under the lock, with the row as is.

Each check gets (actor, number of the row or None for a new one, values to store, values as stored) and may add to the values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tepei_admin import characters
from tepei_admin.choices import LetterKind, Role, Status
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import LetterText, PastTrainee, Programme, Quota, Track, Trainee, Unit, User
from tepei_admin.permissions import Actor
from tepei_admin.rules import certificates, identity, letters
from tepei_admin.rules.calendar import PartialDate
from tepei_admin.rules.stipend import LeaveRule, passing_grades
from tepei_admin.schema import Record
from tepei_admin.services import clock, past, pinyin, places, scope

Values = dict[str, Any]
Check = Callable[[Actor, int | None, Values, Values], None]

CONTACT = frozenset(
    {"mobile", "mobile_other", "office_phone", "email", "bank_name", "bank_account", "bank_holder"}
)
"""What may still change after `applied` (and `recommended`): how to reach and pay a person."""
ALWAYS = CONTACT | {"remarks", "pinyin", "initials", "training_requirements"}


def trainee(actor: Actor, number: int | None, values: Values, stored: Values) -> None:
    """A person by hand: the ID number holds, dates are dates, the track is of the year, no change beyond its time."""
    if "name" in values:
        values["name"] = characters.name(values["name"])
        _read_aloud(values, stored)
    if number is not None:
        _still_open(values, stored)
    for name in ("birth_date", "work_start", "profession_start", "title_date"):
        if values.get(name):
            label = Trainee._meta.fields[name].verbose_name
            ensure(PartialDate.parse(values[name]), "record.not_date", name, label=label, value=values[name])
    both = {**stored, **values}
    if "id_number" in values or "birth_date" in values:
        _identity(both, values)
    if "id_number" in values and values["id_number"] != stored.get("id_number"):
        _only_once(actor, both.get("programme"), values["id_number"])
    if "track" in values:
        year = both.get("programme")
        ensure(
            Track.select().where(Track.id == values["track"], Track.programme == year).exists(),
            "trainee.track_of_other_year", "track", year=Programme.get_by_id(year).year,
        )  # fmt: skip
    if "unit" in values:
        unit = Unit.get_or_none(Unit.id == values["unit"])
        ensure(unit and unit.sending, "unit.not_sending", "unit", unit=unit.name if unit else values["unit"])
        ensure(actor.unit_id in (None, unit.id), "access.no_right", "unit", role=actor.role.label)


def _read_aloud(values: Values, stored: Values) -> None:
    """The pinyin of a new name, unless somebody typed one; that of the old name is none of the new."""
    renamed = values["name"] != stored.get("name")
    typed = values.get("pinyin")
    if not typed or (renamed and typed == stored.get("pinyin")):
        values["pinyin"], values["initials"] = pinyin.of(values["name"])


def _still_open(values: Values, stored: Values) -> None:
    status = Status(stored["status"])
    changed = {name for name, value in values.items() if stored.get(name) != value}
    if status is Status.APPLIED:
        # Unit and track change by `transfer` once there is something to give back; before that, freely.
        return
    late = changed - ALWAYS
    if status is Status.RECOMMENDED:
        late &= {"unit", "track"}
    if late:
        raise RuleViolation(
            [Violation("trainee.past_applied", name, {"status": status.label}) for name in sorted(late)]
        )


def _id_number(values: Values) -> None:
    """Bring the number into its normal form and refuse one that does not hold."""
    written = str(values.get("id_number") or "")
    values["id_number"] = identity.normal_form(written)
    problem = identity.problem(values["id_number"], clock.today())
    if problem:
        suggestion = identity.from_fifteen(values["id_number"]) if problem == "fifteen" else ""
        near = identity.near(values["id_number"], clock.today()) if problem == "format" else ""
        params = {"value": written, "suggestion": suggestion, "near": near}
        raise RuleViolation(Violation(f"import.id_number.{problem}", "id_number", params))


def _identity(both: Values, values: Values) -> None:
    """The birth date of the number is the one that is stored; a written one must not contradict it."""
    if "id_number" in values:
        _id_number(values)
        both = {**both, "id_number": values["id_number"]}
    born = identity.birth_date(both["id_number"])
    written = both.get("birth_date") or ""
    if born is None or born.isoformat() == written:
        return
    if written and not born.isoformat().startswith(written):
        params = {"value": written, "born": born.isoformat()}
        raise RuleViolation(Violation("identity.birth_differs", "birth_date", params))
    values["birth_date"] = born.isoformat()


def _only_once(actor: Actor, programme: Any, id_number: str) -> None:
    """One nomination per person in a year: a second is refused naming the first, to those who may see it.

    (The database refuses it too, in words that name nobody.)
    """
    query = scope.visible(actor, Trainee).where(
        Trainee.programme == programme, Trainee.id_number == id_number
    )
    first = query.first()
    if first is not None:
        params = {"name": first.name, "unit": first.unit.name, "track": first.track.label}
        params["status"] = Status(first.status).label
        raise RuleViolation(Violation("trainee.twice", "id_number", params))


def quota(actor: Actor, number: int | None, values: Values, stored: Values) -> None:
    """A quota is never set below its use, nor moved away from under it."""
    both = {**stored, **values}
    if both["unit"] != stored.get("unit"):
        unit = Unit.get_or_none(Unit.id == both["unit"])
        ensure(unit and unit.sending, "unit.not_sending", "unit", unit=unit.name if unit else both["unit"])
    places.lock({both["track"], stored.get("track", both["track"])})
    if stored and (both["track"], both["unit"]) != (stored["track"], stored["unit"]):
        places.check_quota(stored["track"], stored["unit"], None)
    places.check_quota(both["track"], both["unit"], both.get("places"))


def track(actor: Actor, number: int | None, values: Values, stored: Values) -> None:
    """A track with people stays in its year, and its total is never set below its use."""
    if number is not None and values.get("programme", stored["programme"]) != stored["programme"]:
        places.lock([number])
        taken = Trainee.select().where(Trainee.track == number).count()
        ensure(not taken, "programme.track_has_people", "programme", track=stored["label"], count=taken)
    if number is not None and "places" in values:
        places.lock([number])
        places.check_track(number, values["places"])


def programme(actor: Actor, number: int | None, values: Values, stored: Values) -> None:
    """The settings that are written as text must be ones that the rules can read."""
    if "leave_deduction" in values:
        LeaveRule.parse(values["leave_deduction"])
    for name in ("passing_certificate", "passing_stipend"):
        if name in values:
            passing_grades(values[name], name)
    if "certificate_number" in values:
        unsound = certificates.check_format(values["certificate_number"])
        if unsound:
            raise RuleViolation(unsound)


def user(actor: Actor, number: int | None, values: Values, stored: Values) -> None:
    """Only a clerk has a unit, and must; a changed role, unit or switch ends the old sessions."""
    ensure(not stored.get("system"), "access.system_user", "username", username=stored.get("username", ""))
    both = {**stored, **values}
    if both.get("role") == Role.CLERK:
        ensure(both.get("unit"), "access.unit_required", "unit")
    else:
        values["unit"] = None
    if stored and any(
        stored.get(name) != values[name] for name in ("role", "unit", "active") if name in values
    ):
        values["epoch"] = stored["epoch"] + 1


def past_trainee(actor: Actor, number: int | None, values: Values, stored: Values) -> None:
    """A part in a year before the panel, of somebody whom the panel does not have in that year."""
    if "name" in values:
        values["name"] = characters.name(values["name"])
    if "id_number" in values:
        _id_number(values)
    both = {**stored, **values}
    if refused := past.Check.of([both["id_number"]]).hindrance(both["id_number"], both["year"]):
        raise RuleViolation(refused)


def letter_text(actor: Actor, number: int | None, values: Values, stored: Values) -> None:
    """A letter's text names only places that its kind has, with whole braces."""
    both = {**stored, **values}
    parts = ("title", "salutation", "body", "attachments")
    letters.check(LetterKind(both["kind"]), letters.Wording(*(both.get(part) or "" for part in parts)))


CHECKS: dict[type[Record], Check] = {
    LetterText: letter_text,
    Trainee: trainee,
    Quota: quota,
    Track: track,
    Programme: programme,
    User: user,
    PastTrainee: past_trainee,
}
