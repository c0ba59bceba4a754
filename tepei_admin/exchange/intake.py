"""A table from outside: checked against the database, shown, put right, stored as one command, all or the good rows.

Reading is `sheet_report`, what is kept between the look and the store `kept`, comparing with the records and storing
`services.nominations`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.characters import key
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange import kept, sending
from tepei_admin.exchange.cells import Message
from tepei_admin.exchange.layout import Choices
from tepei_admin.exchange.lookups import Lookups
from tepei_admin.exchange.places import Places, place_key
from tepei_admin.exchange.reading import quoted
from tepei_admin.exchange.sheet_report import FileReport, Known, PersonRow, read_report
from tepei_admin.models import Region, TitleName, Track, Trainee, Unit, Upload, UploadRow
from tepei_admin.permissions import Actor, P
from tepei_admin.services import clock, nominations, outlook, progress, uploads
from tepei_admin.services.batches import LeftOut
from tepei_admin.services.command import command
from tepei_admin.services.nominations import Nomination, Seen, Source
from tepei_admin.services.outlook import Outlook
from tepei_admin.services.plan import Outcome

GOOD = ("new", "changed", "same")


@dataclass
class Intake:
    """A file checked against the database. `people`: what could be stored, by row; `seen`: the version of the
    record that each of them falls upon."""

    report: FileReport
    track: Track
    source: Source
    people: dict[int, Nomination] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        return self.report.counts()["error"]

    def outlook(self) -> list[Outlook]:
        """Of the units of this file: places, and how many of its people would be added to those who wait."""
        outcomes = {row.number: row.outcome for row in self.report.rows}
        units = {item.unit for item in self.people.values()}
        new = Counter(item.unit for number, item in self.people.items() if outcomes[number] == "new")
        return outlook.of_units(self.track.id, units, new)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as they are kept."""
        places = {
            number: [item.unit, item.values.get("region"), item.values.get("county")]
            for number, item in self.people.items()
        }
        return kept.rows(self.report, places, self.seen)


def check(
    actor: Actor,
    data: bytes,
    filename: str,
    *,
    track: Track,
    unit: Unit | None,
    received: dt.date,
    sealed: bool,
    choices: Choices | None = None,
) -> Intake:
    """Read and report. Raises `RuleViolation` where the whole file is refused.

    `choices`: what the columns of this file are, where somebody has said so; else what is remembered of its sender.
    """
    actor.require(P.ENTER)
    if actor.unit_id is not None:
        unit = Unit.get_by_id(actor.unit_id)
    ensure(unit is None or unit.sending, "unit.not_sending", "unit", unit=unit.name if unit else "")
    lookups = lookups_now()
    report = read_report(
        data, filename, track_code=track.code, track_labels=labels(track), lookups=lookups, today=clock.today(),
        known=Known(uploads.remembered(actor), choices, unit.code if unit else ""),
    )  # fmt: skip
    made = checked(Intake(report, track, Source(filename, received, sealed)), lookups, unit)
    if made.report.rows and not made.people and "region" not in report.columns.values():
        ensure(all(row.outcome == "skipped" for row in report.rows), "import.unit.unknown", "unit")
    return made


def checked(intake: Intake, lookups: Lookups, unit: Unit | None) -> Intake:
    _resolve(intake, lookups, unit)
    _match(intake)
    return intake


def labels(track: Track) -> dict[str, str]:
    query = Track.select(Track.code, Track.label).where(Track.programme == track.programme_id)
    return dict(query.tuples())


def lookups_now() -> Lookups:
    """The office's own lists, as the reading needs them."""
    rows = list(Region.select(Region.code, Region.name, Region.reports_separately).tuples())
    units: dict[str, str] = {}
    for code, name in Unit.select(Unit.code, Unit.name).where(Unit.sending, Unit.active).tuples():
        units |= dict.fromkeys((code, key(name), place_key(name)), code)
    return Lookups(
        titles={
            key(name): level for name, level in TitleName.select(TitleName.name, TitleName.level).tuples()
        },
        places=Places({code: name for code, name, _ in rows}),
        units=units,
        reporting=frozenset(code for code, _, separate in rows if separate),
    )


def _resolve(intake: Intake, lookups: Lookups, chosen: Unit | None) -> None:
    """The sending unit and the places of each row, as numbers of the database."""
    report = intake.report
    names = dict(Unit.select(Unit.code, Unit.name).tuples())
    unit_ids = dict(Unit.select(Unit.code, Unit.id).tuples())
    region_ids = dict(Region.select(Region.code, Region.id).tuples())
    line = lookups.unit(report.unit_line) if report.unit_line else ""
    shown = [row for row in report.rows if row.outcome != "skipped"]
    known = {} if chosen or line else _known(intake, shown)
    unknown = []
    for row in shown:
        values = {name: value for name, value in row.values.items() if name in nominations.COLUMNS}
        places = sending.places(row, lookups, settled=bool(chosen or line))
        values |= {name: region_ids.get(code) for name, code in places.items()}
        said = sending.unit_of(row, places, lookups)
        code = chosen.code if chosen else said or line
        number = known.get((values.get("id_number", ""), values.get("region"), values.get("county")))
        if number is None and code in unit_ids:
            number = unit_ids[code]
            sending.compare(row, code, (said, line), lookups, names)
        if number is not None:
            values = {name: value for name, value in values.items() if value is not None}
            intake.people[row.number] = Nomination(row.number, number, values)
        else:
            unknown.append(row)
    for row in unknown:
        value = row.written.get("region", "").strip()
        params = {"column": "单位所在盟市", "value": quoted(value), "near": lookups.near_unit(value)}
        row.add(Message("error", "region", "unit.row_unknown" if value else "unit.row_missing", params))


def _known(intake: Intake, rows: list[PersonRow]) -> dict[tuple[Any, ...], int]:
    """The units of people who are there already, by number and place: a file without units, as our own export is, that
    says of somebody the very place on record says nothing of another unit."""
    numbers = [str(row.values.get("id_number", "")) for row in rows]
    query = Trainee.select(Trainee.id_number, Trainee.region, Trainee.county, Trainee.unit).where(
        Trainee.programme == intake.track.programme_id, among(Trainee.id_number, sorted(set(numbers)))
    )
    return {tuple(place): unit for *place, unit in query.tuples()}


def _match(intake: Intake) -> None:
    """What the database says of the rows that are well so far."""
    rows = {row.number: row for row in intake.report.rows}
    places = nominations.place_names()
    well = [item for number, item in intake.people.items() if rows[number].outcome == "new"]
    sealed = intake.source.sealed
    for made in nominations.match(intake.track.programme_id, intake.track, well, sealed=sealed):
        row = rows[made.nomination.row]
        row.outcome = made.outcome
        intake.seen[row.number] = made.version
        for level, name, violation in made.messages:
            row.messages.append(
                Message(level, name, violation.code.removeprefix("import."), violation.params)
            )
        if made.outcome == "changed":
            for name, (old, new) in made.changes.items():
                params = {
                    "column": Trainee._meta.fields[name].verbose_name,
                    "stored": nominations.shown(name, old, places),
                    "new": nominations.shown(name, new, places),
                }
                row.messages.append(Message("notice", name, "record.changes", params))


# --- Kept until it is stored


def bring_in(actor: Actor, data: bytes, source: Source, track: Track, unit: Unit | None) -> int:
    """A file that is understood is kept with what was found; one whose columns are not, for the office to name them."""
    try:
        found = check(
            actor,
            data,
            source.file_name,
            track=track,
            unit=unit,
            received=source.received,
            sealed=source.sealed,
        )
    except RuleViolation as refusal:
        reason = refusal.violations[0]
        if not may_be_named(reason):
            raise
        return hand_in_unread(actor, data, reason, track, unit, source)
    return hand_in(actor, data, found, unit)


def hand_in(actor: Actor, data: bytes, intake: Intake, unit: Unit | None) -> int:
    """Keep the file and what was found in it; nobody is stored yet. The number of the upload."""
    about = _about(actor, intake.report.file, intake.track, unit, intake.source)
    return _keeping(actor, data, {**about, "report": kept.head(intake.report)}, intake.rows())


def may_be_named(refused: Violation) -> bool:
    """Is a column that is missing perhaps there, under a name that nobody knows?"""
    if refused.code != "import.columns_missing":
        return False
    return any(one.field is None for one in refused.params["headings"])


def hand_in_unread(
    actor: Actor, data: bytes, refused: Violation, track: Track, unit: Unit | None, source: Source
) -> int:
    """Keep a file whose columns nobody has understood yet; the office says which is which."""
    about = _about(actor, source.file_name, track, unit, source)
    return _keeping(actor, data, {**about, "report": unread_head(refused, unit)}, [])


def unread_head(refused: Violation, unit: Unit | None) -> dict[str, Any]:
    """What is kept of a file of which only the header has been found."""
    head = {name: refused.params[name] for name in ("missing", "header_rows", "sheet", "encoding")}
    head["headings"] = kept.headings(refused.params["headings"])
    head["sender"] = unit.code if unit else lookups_now().unit(refused.params["unit_line"])
    return head


def _about(actor: Actor, name: str, track: Track, unit: Unit | None, source: Source) -> dict[str, Any]:
    return {
        "file_name": name[:255], "programme": track.programme_id, "track": track.id,
        "unit": actor.unit_id or (unit.id if unit else None), "received_on": source.received, "sealed": source.sealed,
    }  # fmt: skip


def _keeping(actor: Actor, data: bytes, values: Mapping[str, Any], rows: list[dict[str, Any]]) -> int:
    progress.at("keeping")
    return uploads.receive(actor, values, data, rows)


# --- Storing


@dataclass(frozen=True)
class _Result:
    """A row with a person in it, as it was shown."""

    number: int
    name: str
    outcome: str
    seen: int
    person: Nomination | None
    why: str = ""
    earlier: str = ""


def store(actor: Actor, intake: Intake, *, accept_good: bool = False) -> Outcome:
    """Store the file as one batch. Raises `RuleViolation` for a file with errors, unless the good rows may go."""
    rows = [row for row in intake.rows() if row["cells"]]
    results = [
        _Result(row["number"], row["name"], row["outcome"], row["seen"], intake.people.get(row["number"]), kept.why(row),
                _earlier(row["messages"]))
        for row in rows
    ]  # fmt: skip
    return _store(actor, intake.track, intake.source, results, accept_good)


def store_kept(actor: Actor, number: object, version: int, *, accept_good: bool = False) -> Outcome:
    """Store an upload as it was looked at: nothing is read again, everything is matched again under the lock."""
    upload = uploads.open_upload(actor, number)
    ensure("counts" in upload.report, "import.columns_unknown", missing=upload.report.get("missing"))
    source = Source(upload.file_name, upload.received_on, upload.sealed, upload.id, version)
    return _store(actor, upload.track, source, _kept_results(upload), accept_good)


def _kept_results(upload: Upload) -> list[_Result]:
    """The rows with people in them. The long columns are read where they are needed only: they are most of the file."""
    about = (UploadRow.number, UploadRow.name, UploadRow.outcome, UploadRow.seen)
    people = (UploadRow.upload == upload.id) & uploads.SOMEBODY
    good = UploadRow.select(*about, UploadRow.values, UploadRow.places, UploadRow.corrections)
    bad = UploadRow.select(*about, UploadRow.messages)
    warned = UploadRow.select(UploadRow.number, UploadRow.messages).where(
        people, UploadRow.outcome.in_(GOOD), UploadRow.marks.contains("|warning:id_number|")
    )
    said = {number: _earlier(messages) for number, messages in warned.tuples()}
    results = [
        _good_row(*row, earlier=said.get(row[0], ""))
        for row in good.where(people, UploadRow.outcome.in_(GOOD)).tuples().iterator()
    ]
    results += [_bad_row(*row) for row in bad.where(people, UploadRow.outcome.not_in(GOOD)).tuples()]
    return sorted(results, key=lambda item: item.number)


def _good_row(
    number: int,
    name: str,
    outcome: str,
    seen: int,
    said: Mapping[str, Any],
    at: list[Any],
    corrections: Any,
    *,
    earlier: str,
) -> _Result:
    values = {name: value for name, value in said.items() if name in nominations.COLUMNS}
    unit, values["region"], values["county"] = at
    values = {name: value for name, value in values.items() if value is not None}
    return _Result(
        number, name, outcome, seen, Nomination(number, unit, values, kept.told(corrections)), earlier=earlier
    )


def _earlier(messages: Iterable[Mapping[str, Any]]) -> str:
    """What was said of parts in earlier years."""
    return next((item["text"] for item in messages if item["code"] in nominations.EARLIER), "")


def _bad_row(number: int, name: str, outcome: str, seen: int, messages: list[Any]) -> _Result:
    return _Result(number, name, outcome, seen, None, kept.why({"outcome": outcome, "messages": messages}))


def _store(
    actor: Actor, track: Track, source: Source, results: Iterable[_Result], accept_good: bool
) -> Outcome:
    results = list(results)
    errors = sum(item.outcome == "error" for item in results)
    if errors and not accept_good:
        raise RuleViolation(Violation("import.has_errors", params={"count": errors}))
    if not any(item.outcome in ("new", "changed") for item in results):
        return Outcome(None)
    good = [item.person for item in results if item.outcome in GOOD and item.person]
    expected: dict[int, Seen] = {item.number: (item.outcome, item.seen, item.earlier) for item in results}
    left_out = [
        LeftOut(item.number, item.name, item.outcome, item.why)
        for item in results
        if item.outcome not in GOOD
    ]
    return nominations.store(actor, track, good, expected, source, left_out)


@command(P.ENTER)
def take_in(
    actor: Actor, data: bytes, intake: Intake, unit: Unit | None, *, accept_good: bool = False
) -> Outcome:
    """Keep the file and store it, in one transaction: the command line's way, which has no look in between."""
    counts = intake.report.counts()
    if not counts["new"] + counts["changed"] or (counts["error"] and not accept_good):
        return store(actor, intake, accept_good=accept_good)
    number = hand_in(actor, data, intake, unit)
    return store_kept(actor, number, Upload.get_by_id(number).version, accept_good=accept_good)
