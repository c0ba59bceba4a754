"""往年学员: parts in years before the panel. A list of them is matched with what is known, then stored as one batch.

They feed the rule `once`; results computed earlier are marked out of date by `staleness`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tepei_admin.choices import Status
from tepei_admin.database import among
from tepei_admin.errors import NotAllowed, Stale, Violation, ensure
from tepei_admin.models import Batch, BatchRow, PastTrainee, Programme, Trainee, Unit, Upload
from tepei_admin.permissions import Actor, P
from tepei_admin.services import record, uploads
from tepei_admin.services.batches import LeftOut
from tepei_admin.services.command import command
from tepei_admin.services.plan import Outcome
from tepei_admin.services.work import in_hand

Level = Literal["error", "warning", "notice"]
VERB = "past_load"
VALUES = ("name", "outcome", "note")
"""What a list may correct of a part; the part itself is an ID number and a year."""


@dataclass(frozen=True)
class Part:
    """One row of a list. `values` are the model's, without blanks.

    `told`: what the batch says of the row beside its outcome (what the office has put right).
    """

    row: int
    values: Mapping[str, Any]
    told: str = ""

    @property
    def key(self) -> tuple[str, int]:
        return self.values["id_number"], self.values["year"]


@dataclass
class Match:
    """What storing a part would do. `messages`: (level, field, violation)."""

    part: Part
    outcome: str = "new"
    number: int | None = None
    version: int = 0
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    messages: list[tuple[Level, str, Violation]] = field(default_factory=list)

    def say(self, level: Level, name: str, violation: Violation) -> None:
        self.messages.append((level, name, violation))
        if level == "error":
            self.outcome = "error"


def allow(actor: Actor) -> None:
    """The list is the office's: no clerk of a unit keeps it."""
    if actor.unit_id is not None:
        raise NotAllowed(Violation("import.past.not_yours"))
    actor.require(P.WORK)


def match(parts: Sequence[Part]) -> list[Match]:
    """Compare with what is known of these people. Four queries, however many rows."""
    numbers = sorted({part.key[0] for part in parts})
    known = _known(numbers)
    others = _names(numbers)
    check = Check.of(numbers)
    matches = []
    for part in parts:
        made = Match(part)
        if refused := check.hindrance(*part.key):
            made.say("error", "year" if refused.code == "import.past.year_not_past" else "id_number", refused)
        else:
            _against(made, known.get(part.key))
            if part.key[1] in check.years:
                made.say(
                    "warning", "year", Violation("import.past.year_kept_here", None, {"year": part.key[1]})
                )
        name = part.values["name"]
        if other := "、".join(sorted(others.get(part.key[0], set()) - {name})):
            made.say(
                "warning", "name", Violation("import.past.other_name", None, {"value": name, "other": other})
            )
        matches.append(made)
    return matches


def _against(made: Match, row: Mapping[str, Any] | None) -> None:
    """A part that is there already: the same, or corrected. A blank cell changes nothing."""
    if row is None:
        return
    values = made.part.values
    made.number, made.version = row["id"], row["version"]
    made.changes = {
        name: (row[name], values[name]) for name in VALUES if name in values and values[name] != row[name]
    }
    made.outcome = "changed" if made.changes else "same"
    if "name" in made.changes:
        old, new = made.changes["name"]
        made.say(
            "warning", "name", Violation("import.record.name_changes", None, {"stored": old, "new": new})
        )


@dataclass(frozen=True)
class Check:
    """What a past part may not be: of this year or a later one, or one that the panel has itself."""

    years: frozenset[int]
    here: Mapping[tuple[str, int], tuple[str, str]]

    @classmethod
    def of(cls, numbers: Iterable[str]) -> Check:
        query = Trainee.select(Trainee.id_number, Programme.year, Unit.name, Trainee.status)
        query = query.join(Programme, on=(Trainee.programme == Programme.id)).switch(Trainee)
        query = query.join(Unit, on=(Trainee.unit == Unit.id))
        rows = query.where(among(Trainee.id_number, sorted(set(numbers)))).tuples()
        years = frozenset(row[0] for row in Programme.select(Programme.year).tuples())
        return cls(years, {(number, year): (unit, status) for number, year, unit, status in rows})

    def hindrance(self, number: str, year: int) -> Violation | None:
        newest = max(self.years, default=None)
        if newest is not None and year >= newest:
            return Violation("import.past.year_not_past", "year", {"year": year, "newest": newest})
        if (number, year) not in self.here:
            return None
        unit, status = self.here[number, year]
        params = {"year": year, "unit": unit, "status": Status.label_of(status)}
        return Violation("import.past.in_panel", "id_number", params)


def _known(numbers: Sequence[str]) -> dict[tuple[str, int], dict[str, Any]]:
    names = ("id", "version", "id_number", "year", *VALUES)
    query = PastTrainee.select(*(PastTrainee._meta.fields[name] for name in names)).order_by(PastTrainee.id)
    rows = record.locked(query.where(among(PastTrainee.id_number, numbers))).tuples()
    found = (dict(zip(names, row, strict=True)) for row in rows)
    return {(row["id_number"], row["year"]): row for row in found}


def _names(numbers: Sequence[str]) -> dict[str, set[str]]:
    """What these people are called in the years of the panel."""
    query = Trainee.select(Trainee.id_number, Trainee.name).where(among(Trainee.id_number, numbers))
    found: dict[str, set[str]] = {}
    for number, name in query.tuples():
        found.setdefault(number, set()).add(name)
    return found


@dataclass(frozen=True)
class Source:
    """Where the parts come from. `upload` is the file kept, `version` what was seen of it."""

    file_name: str
    upload: int | None = None
    version: int = 0


@command(P.WORK)
def store(
    actor: Actor,
    parts: Sequence[Part],
    expected: Mapping[int, tuple[str, int]],
    source: Source,
    left_out: Sequence[LeftOut] = (),
) -> Outcome:
    """Store these parts as one batch. Raises `Stale` where a row would no longer do what was shown.

    `expected`: outcome and the record's version, by row. `left_out`: the rows that are not stored, for the batch.
    """
    allow(actor)
    uploads.once(source.upload, source.version)
    matches = match(parts)
    moved = [
        str(made.part.row) for made in matches if expected[made.part.row] != (made.outcome, made.version)
    ]
    if moved:
        told = "第 " + "、".join(moved[:20]) + " 行"
        raise Stale(Violation("import.changed_since_preview", params={"rows": told}))
    new = [made for made in matches if made.outcome == "new"]
    changed = [made for made in matches if made.outcome == "changed"]
    ensure(new or changed, "import.nothing_to_store")
    work = in_hand()
    work.reason = source.file_name
    done = len(new) + len(changed)
    work.batch_id = _batch(actor, source.file_name, done, len(matches) - done + len(left_out))
    rows = [{"note": "", **made.part.values} for made in new]
    for made, number in zip(new, record.insert_many(PastTrainee, rows), strict=True):
        made.number = number
    record.update_each(
        PastTrainee,
        {made.number or 0: {name: value for name, (_, value) in made.changes.items()} for made in changed},
        versions={made.number or 0: made.version for made in changed},
    )
    _lines(work.batch_id, matches, left_out)
    if source.upload is not None:
        record.update(Upload, [source.upload], {"batch": work.batch_id})
    return Outcome(work.batch_id, tuple(made.number or 0 for made in (*new, *changed)))


def _batch(actor: Actor, file: str, done: int, skipped: int) -> int:
    values = {
        "verb": VERB, "title": f"导入往年学员 {file[:200]}：{done} 条", "arguments": {"file": file}, "reason": "",
        "by": actor.id, "at": in_hand().at, "done": done, "skipped": skipped,
    }  # fmt: skip
    return record.insert(Batch, values)


def _lines(batch: int, matches: Sequence[Match], left_out: Sequence[LeftOut]) -> None:
    """What became of every row, in the order of the sheet."""
    ids = [made.number for made in matches if made.number]
    versions = dict(
        PastTrainee.select(PastTrainee.id, PastTrainee.version).where(among(PastTrainee.id, ids)).tuples()
    )
    rows = [
        (made.part.row, {
            "object_id": made.number, "name": made.part.values["name"], "done": made.outcome in ("new", "changed"),
            "code": made.outcome, "text": _told(made),
            "object_version": versions.get(made.number) if made.number else None,
        })
        for made in matches
    ]  # fmt: skip
    rows += [(item.row, item.line()) for item in left_out]
    rows.sort(key=lambda item: item[0])
    table = PastTrainee._meta.table_name
    record.append(BatchRow, [{"batch": batch, "model": table, **values} for _, values in rows])


def _told(made: Match) -> str:
    told = {"new": "新增", "changed": "修改", "same": "无变化"}[made.outcome]
    columns = "、".join(str(PastTrainee._meta.fields[name].verbose_name) for name in made.changes)
    parts = [told + (f"（{columns}）" if columns else ""), made.part.told]
    return f"第 {made.part.row} 行：{made.part.values['year']} 年度，{'；'.join(filter(None, parts))}"
