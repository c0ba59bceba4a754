"""People sent in by a table: matched with those already there, then stored in one transaction, as one batch.

`match` reads and decides; `store` matches again under the lock, so that nothing it decides can be out of date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tepei_admin.choices import Status
from tepei_admin.database import among
from tepei_admin.errors import Stale, Violation, ensure
from tepei_admin.messages import word
from tepei_admin.models import Batch, BatchRow, Region, Track, Trainee, Unit, Upload
from tepei_admin.permissions import Actor, P
from tepei_admin.rules import once
from tepei_admin.rules.facts import EarlierPart
from tepei_admin.rules.quota import FREEING
from tepei_admin.services import eligibility, gather, pinyin, places, progress, record, uploads
from tepei_admin.services.batches import LeftOut
from tepei_admin.services.checks import CONTACT
from tepei_admin.services.command import command
from tepei_admin.services.plan import Outcome
from tepei_admin.services.work import in_hand

COLUMNS = (
    "name", "sex", "ethnicity", "birth_date", "birth_date_written", "id_number", "political_status", "education",
    "education_written", "degree", "degree_written", "school", "major", "work_start", "profession",
    "profession_start", "profession_years", "title", "title_level", "title_date", "employer", "post", "region",
    "county", "training_major", "host_wish", "supervisor_wish", "mobile", "mobile_other", "office_phone", "email",
    "bank_name", "bank_account", "bank_holder", "unit_rank", "remarks",
)  # fmt: skip
"""What a table may say of a person, as the model stores it."""

# These go together: a new title brings its level, a new way of writing brings the code.
_TOGETHER = {
    "title": ("title_level",),
    "education": ("education_written",),
    "degree": ("degree_written",),
    "profession_start": ("profession_years",),
    "profession_years": ("profession_start",),
    "birth_date": ("birth_date_written",),
}


PART = 2_000
"""People stored at a time, all in one transaction."""

EARLIER = ("record.earlier", "record.applied_earlier")
"""What is said of parts in earlier years: of those that somebody must decide about, of mere applications."""

Level = Literal["error", "warning", "notice"]


@dataclass(frozen=True)
class Nomination:
    """One person as a table has it. `values` are the model's, without blanks; `unit` is the sending unit.

    `told`: what the batch says of the row beside its outcome (what the office has put right).
    """

    row: int
    unit: int
    values: Mapping[str, Any]
    told: str = ""


@dataclass
class Match:
    """What storing a nomination would do. `messages`: (level, field, violation)."""

    nomination: Nomination
    outcome: str = "new"
    trainee: int | None = None
    version: int = 0
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    moved_on: bool = False
    """No longer `applied`: the result is not computed here, it goes out of date where facts change."""
    attests: bool = False
    """A sealed table brings the attestations that an unsealed one before it did not (四（二））."""
    earlier: Sequence[EarlierPart] = ()
    """The parts in years before this one, from the panel and from the list of 往年学员."""
    said: str = ""
    """What is said of those parts."""
    messages: list[tuple[Level, str | None, Violation]] = field(default_factory=list)

    def say(self, level: Level, name: str | None, code: str, **params: Any) -> None:
        self.messages.append((level, name, Violation(f"import.{code}", name, params)))
        if level == "error":
            self.outcome = "error"


def match(programme: int, track: Track, nominations: Sequence[Nomination], *, sealed: bool) -> list[Match]:
    """Compare with the people of the year. A handful of queries, however many rows."""
    numbers = [item.values["id_number"] for item in nominations]
    found = _stored(programme, numbers)
    batches = _batches([row["id"] for row in found.values()])
    labels = dict(Track.select(Track.id, Track.label).where(Track.programme == programme).tuples())
    units = dict(Unit.select(Unit.id, Unit.name).tuples())
    earlier = gather.earlier(numbers, before=track.programme.year)
    places = place_names()
    matches = []
    for item in nominations:
        row = found.get(item.values["id_number"])
        made = Match(item)
        if row is not None:
            made.trainee, made.version = row["id"], row["version"]
            where = {
                "unit": units.get(row["unit"], ""),
                "track": labels.get(row["track"], ""),
                "batch": batches.get(row["id"], "—"),
            }
            _against(made, row, track.id, where, sealed, places)
        parts = made.earlier = earlier.get(item.values["id_number"], ())
        if parts and made.outcome in ("new", "changed"):
            heavy = once.grave(parts)
            code, told = EARLIER[not heavy], "、".join(map(once.named, heavy or parts))
            made.say("warning", "id_number", code, parts=told)
            made.said = word(f"import.{code}", parts=told)
        matches.append(made)
    return matches


def _against(
    made: Match, row: Mapping[str, Any], track: int, where: Mapping[str, Any], sealed: bool, places: Mapping[int, str]
) -> None:  # fmt: skip
    """A person who is there already: same, changed, or an error that names the record."""
    status = Status(row["status"])
    if row["track"] != track:
        return made.say("error", "id_number", "record.other_track", **where)
    if row["unit"] != made.nomination.unit:
        return made.say("error", "id_number", "record.other_unit", **where)
    made.changes = _differences(row, made.nomination.values)
    made.moved_on = status is not Status.APPLIED
    if sealed and status is Status.APPLIED and not row["attested_signed"]:
        made.attests = True
        made.say("notice", None, "record.attests")
    made.outcome = "changed" if made.changes or made.attests else "same"
    if "name" in made.changes:
        old, new = made.changes["name"]
        made.say("warning", "name", "record.name_changes", stored=old, new=new)
    if status in FREEING:
        level: Level = "error" if set(made.changes) - CONTACT else "warning"
        return made.say(level, "id_number", "record.gone", status=status.label)
    if not made.changes or status is Status.APPLIED:
        return None
    if status is Status.RECOMMENDED:
        return made.say("warning", None, "record.recommended")
    for name, (old, _) in made.changes.items():
        if name not in CONTACT:
            label = Trainee._meta.fields[name].verbose_name
            stored = shown(name, old, places)
            made.say("error", name, "record.too_late", status=status.label, column=label, stored=stored)
    return None


def _differences(row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """{column: (stored, new)}. A blank cell changes nothing; what belongs together changes together."""
    changes = {
        name: (row[name], value)
        for name, value in values.items()
        if name in row and row[name] != value and not _our_own_words(row, values, name)
    }
    for name in list(changes):
        for other in _TOGETHER.get(name, ()):
            blank = Trainee._meta.fields[other].default
            if other not in values and row[other] != blank:
                changes[other] = (row[other], blank)
    return changes


def _our_own_words(row: Mapping[str, Any], values: Mapping[str, Any], name: str) -> bool:
    """学历（原文） that is only our name of the code that is stored: an export says it where the sheet said other words."""
    coded = name.removesuffix("_written")
    if coded == name or not row.get(coded) or values.get(coded, row[coded]) != row[coded]:
        return False
    return bool(values[name] == shown(coded, row[coded], {}))


def place_names() -> dict[int, str]:
    """The places by their number, for `shown`."""
    return dict(Region.select(Region.id, Region.name).tuples())


def shown(name: str, value: Any, places: Mapping[int, str]) -> str:
    """A stored value as a person reads it."""
    if name in ("region", "county"):
        return places.get(value, "")
    return str(dict(Trainee._meta.fields[name].choices or ()).get(value, "" if value is None else value))


def _stored(programme: int, numbers: Iterable[str]) -> dict[str, dict[str, Any]]:
    names = ("id", "version", "unit", "track", "status", "attested_signed", *COLUMNS)
    query = Trainee.select(*(Trainee._meta.fields[name] for name in names)).order_by(Trainee.id)
    query = query.where(Trainee.programme == programme, among(Trainee.id_number, sorted(set(numbers))))
    rows = (dict(zip(names, row, strict=True)) for row in record.locked(query).tuples())
    return {row["id_number"]: row for row in rows}


def _batches(people: Iterable[int]) -> dict[int, int]:
    """The batch in which each person came in, where one did."""
    query = BatchRow.select(BatchRow.object_id, BatchRow.batch).join(Batch)
    query = query.where(Batch.verb == "import", BatchRow.done, among(BatchRow.object_id, list(people)))
    return dict(query.order_by(BatchRow.id.desc()).tuples())


@dataclass(frozen=True)
class Source:
    """Where the people come from. `sealed`: the table is a signed and sealed paper (四（二）).

    `upload` is the file kept, `version` what was seen of it.
    """

    file_name: str
    received: dt.date
    sealed: bool
    upload: int | None = None
    version: int = 0


Seen = tuple[str, int, str]
"""What a row was shown to do: its outcome, the version of the record it falls upon (0: none), and what was said of the
person's parts in earlier years."""


def store(
    actor: Actor,
    track: Track,
    nominations: Sequence[Nomination],
    expected: Mapping[int, Seen],
    source: Source,
    left_out: Sequence[LeftOut] = (),
) -> Outcome:
    """Store these people as one batch. Raises `Stale` where a row would no longer do what was shown."""
    sounds = {name: pinyin.of(name) for name in {item.values["name"] for item in nominations}}
    return _store(actor, track, nominations, expected, source, sounds, left_out)


@command(P.ENTER)
def _store(
    actor: Actor,
    track: Track,
    nominations: Sequence[Nomination],
    expected: Mapping[int, Seen],
    source: Source,
    sounds: Mapping[str, tuple[str, str]],
    left_out: Sequence[LeftOut],
) -> Outcome:
    """The part of `store` that others wait for: what needs no lock has been worked out before."""
    progress.at("storing")
    programme = track.programme_id
    places.lock([track.id])
    uploads.once(source.upload, source.version)
    matches = match(programme, track, nominations, sealed=source.sealed)
    moved = [
        str(made.nomination.row)
        for made in matches
        if expected[made.nomination.row] != (made.outcome, made.version, made.said)
    ]
    if moved:
        raise Stale(
            Violation("import.changed_since_preview", params={"rows": "第 " + "、".join(moved[:20]) + " 行"})
        )
    work = in_hand()
    new = [made for made in matches if made.outcome == "new"]
    changed = [made for made in matches if made.outcome == "changed"]
    ensure(new or changed, "import.nothing_to_store")
    work.reason = source.file_name
    skipped = len(matches) - len(new) - len(changed) + len(left_out)
    work.batch_id = _batch(actor, programme, source, len(new) + len(changed), skipped)
    for at, part in enumerate(_parts(new)):
        progress.at("storing", at * PART, len(new))
        _enter(part, track, [_row(made, track, source, sounds) for made in part])
    record.update_each(
        Trainee,
        {made.trainee or 0: _new_values(made, source, sounds) for made in changed},
        versions={made.trainee or 0: made.version for made in changed},
    )
    again = [made.trainee or 0 for made in changed if not made.moved_on]
    for at, some in enumerate(_parts(again)):
        progress.at("storing", at * PART, len(again))
        eligibility.store(eligibility.compute(dict.fromkeys(some, track.id)))
    _rows(work.batch_id, matches, left_out)
    if source.upload is not None:
        record.update(Upload, [source.upload], {"batch": work.batch_id})
    return Outcome(work.batch_id, tuple(made.trainee or 0 for made in (*new, *changed)))


def _enter(people: Sequence[Match], track: Track, rows: Sequence[dict[str, Any]]) -> None:
    """New people, each with the result of the check: one row and one line in the history."""
    facts = gather.facts_of_new(rows, [made.earlier for made in people])
    results = eligibility.of_new(track.id, facts)
    rows = [row | eligibility.carried(item) for row, item in zip(rows, results, strict=True)]
    numbers = record.insert_many(Trainee, rows)
    eligibility.keep(dict(zip(numbers, results, strict=True)))
    for made, number in zip(people, numbers, strict=True):
        made.trainee = number


def _parts(items: list[Any]) -> Iterable[list[Any]]:
    """Some at a time: what is made of them on the way to the database is gone before the next."""
    return (items[start : start + PART] for start in range(0, len(items), PART))


def _row(made: Match, track: Track, source: Source, sounds: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """All columns, so that one INSERT takes many rows."""
    values = made.nomination.values
    row = {name: values.get(name, Trainee._meta.fields[name].default) for name in COLUMNS}
    row["pinyin"], row["initials"] = sounds[values["name"]]
    row |= {"programme": track.programme_id, "track": track.id, "unit": made.nomination.unit}
    return row | {"received_on": source.received, "status": Status.APPLIED.value, **_attested(source)}


def _attested(source: Source) -> dict[str, Any]:
    said = True if source.sealed else None
    return {
        "attested_signed": said,
        "attested_health": said,
        "attested_conduct": said,
        "attested_on": source.received if source.sealed else None,
        "attested_paper": source.file_name[:255] if source.sealed else "",
    }


def _new_values(made: Match, source: Source, sounds: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    values = {name: new for name, (_, new) in made.changes.items()}
    if "name" in values:
        values["pinyin"], values["initials"] = sounds[values["name"]]
    return values | _attested(source) if made.attests else values


def _batch(actor: Actor, programme: int, source: Source, done: int, skipped: int) -> int:
    values = {
        "verb": "import", "title": f"导入 {source.file_name[:200]}：{done} 人", "programme": programme, "unit": actor.unit_id,
        "arguments": {"file": source.file_name, "received": source.received.isoformat(), "sealed": source.sealed},
        "by": actor.id, "at": in_hand().at, "done": done, "skipped": skipped,
    }  # fmt: skip
    return record.insert(Batch, values)


def _rows(batch: int, matches: Sequence[Match], left_out: Sequence[LeftOut]) -> None:
    """What became of every row, in the order of the sheet."""
    ids = [made.trainee for made in matches if made.trainee]
    versions = dict(Trainee.select(Trainee.id, Trainee.version).where(among(Trainee.id, ids)).tuples())
    rows = [
        (made.nomination.row, {
            "object_id": made.trainee, "name": made.nomination.values["name"], "done": made.outcome in ("new", "changed"),
            "code": made.outcome, "text": _told(made),
            "object_version": versions.get(made.trainee) if made.trainee else None,
        })
        for made in matches
    ]  # fmt: skip
    rows += [(item.row, item.line()) for item in left_out]
    rows.sort(key=lambda item: item[0])
    record.append(BatchRow, [{"batch": batch, "model": "trainee", **values} for _, values in rows])


def _told(made: Match) -> str:
    told = {"new": "新增", "changed": "修改", "same": "无变化", "error": "未保存"}[made.outcome]
    columns = "、".join(str(Trainee._meta.fields[name].verbose_name) for name in made.changes)
    text = f"第 {made.nomination.row} 行：{told}" + (f"（{columns}）" if columns else "")
    return f"{text}；{made.nomination.told}" if made.nomination.told else text
