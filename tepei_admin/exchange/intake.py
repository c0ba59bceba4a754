"""An import: the file read, each row's unit and record found, everything reported; storing is one command.

`check` reads only. `store` and `hand_in` write, through `services.nominations`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.characters import key
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange.cells import Message
from tepei_admin.exchange.lookups import Lookups, place_key
from tepei_admin.exchange.reading import quoted
from tepei_admin.exchange.sheet_report import FileReport, PersonRow, as_json, read_report
from tepei_admin.models import Region, TitleName, Track, Trainee, Unit, Upload
from tepei_admin.permissions import Actor, P
from tepei_admin.services import clock, nominations, outlook, progress, scope, vault
from tepei_admin.services.nominations import Nomination, Source
from tepei_admin.services.outlook import Outlook
from tepei_admin.services.plan import Outcome


@dataclass
class Intake:
    """A file checked against the database. `people`: what could be stored, by row."""

    report: FileReport
    track: Track
    source: Source
    people: dict[int, Nomination] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        return self.report.counts()["error"]

    def outlook(self) -> list[Outlook]:
        """Of the units of this file: places, and how many of its people would be added to those who wait."""
        outcomes = {row.number: row.outcome for row in self.report.rows}
        units = {item.unit for item in self.people.values()}
        new = Counter(item.unit for number, item in self.people.items() if outcomes[number] == "new")
        return outlook.of_units(self.track.id, units, new)


def check(
    actor: Actor,
    data: bytes,
    filename: str,
    *,
    track: Track,
    unit: Unit | None,
    received: dt.date,
    sealed: bool,
) -> Intake:
    """Read and report. Raises `RuleViolation` where the whole file is refused."""
    actor.require(P.ENTER)
    if actor.unit_id is not None:
        unit = Unit.get_by_id(actor.unit_id)
    ensure(unit is None or unit.sending, "unit.not_sending", "unit", unit=unit.name if unit else "")
    lookups = _lookups()
    labels = dict(Track.select(Track.code, Track.label).where(Track.programme == track.programme_id).tuples())
    report = read_report(
        data, filename, track_code=track.code, track_labels=labels, lookups=lookups, today=clock.today()
    )
    intake = Intake(report, track, Source(filename, received, sealed))
    _resolve(intake, lookups, unit)
    _match(intake)
    return intake


def _lookups() -> Lookups:
    """The office's own lists, as the reading needs them."""
    regions: dict[str, str] = {}
    rows = list(Region.select(Region.code, Region.name, Region.reports_separately).tuples())
    short: dict[str, list[str]] = {}
    for code, name, _ in rows:
        regions[code] = regions[key(name)] = code
        short.setdefault(place_key(name), []).append(code)
    regions.update(
        {name: codes[0] for name, codes in short.items() if len(codes) == 1 and name not in regions}
    )
    units: dict[str, str] = {}
    for code, name in Unit.select(Unit.code, Unit.name).where(Unit.sending, Unit.active).tuples():
        units |= dict.fromkeys((code, key(name), place_key(name)), code)
    return Lookups(
        titles={
            key(name): level for name, level in TitleName.select(TitleName.name, TitleName.level).tuples()
        },
        regions=regions,
        units=units,
        reporting=frozenset(code for code, _, separate in rows if separate),
    )


def _resolve(intake: Intake, lookups: Lookups, chosen: Unit | None) -> None:
    """The sending unit and the places of each row, as numbers of the database."""
    report = intake.report
    unit_ids = dict(Unit.select(Unit.code, Unit.id).tuples())
    region_ids = dict(Region.select(Region.code, Region.id).tuples())
    from_line = lookups.unit(report.unit_line) if report.unit_line else ""
    shown = [row for row in report.rows if row.outcome != "skipped"]
    unknown = []
    for row in shown:
        code = chosen.code if chosen else _unit_of(row, lookups) or from_line
        values = {name: value for name, value in row.values.items() if name in nominations.COLUMNS}
        for name in ("region", "county"):
            if name in values:
                values[name] = _place(row, name, lookups, region_ids)
        if code in unit_ids:
            values = {name: value for name, value in values.items() if value is not None}
            intake.people[row.number] = Nomination(row.number, unit_ids[code], values)
        else:
            unknown.append(row)
    if unknown and len(unknown) == len(shown) and "region" not in report.columns.values():
        raise RuleViolation(Violation("import.unit.unknown", "unit"))
    for row in unknown:
        value = row.written.get("region", "").strip()
        params = {"column": "单位所在盟市", "value": quoted(value), "near": lookups.near_unit(value)}
        row.add(Message("error", "region", "unit.row_unknown" if value else "unit.row_missing", params))


def _unit_of(row: PersonRow, lookups: Lookups) -> str:
    """A banner or city that reports for itself, else the league (domain: "Files that go in and out")."""
    county = lookups.region(str(row.values.get("county", "")))
    if county in lookups.reporting:
        return county
    return lookups.unit(str(row.values.get("region", "")))


def _place(row: PersonRow, name: str, lookups: Lookups, region_ids: dict[str, int]) -> int | None:
    found = region_ids.get(lookups.region(str(row.values[name])))
    if found is None:
        value = str(row.values[name])
        column = "旗县" if name == "county" else "单位所在盟市"
        params = {"column": column, "value": quoted(value), "near": lookups.near_region(value)}
        row.add(Message("warning", name, "place.unknown", params))
    return found


def _match(intake: Intake) -> None:
    """What the database says of the rows that are well so far."""
    rows = {row.number: row for row in intake.report.rows}
    places = nominations.place_names()
    well = [item for number, item in intake.people.items() if rows[number].outcome == "new"]
    sealed = intake.source.sealed
    for made in nominations.match(intake.track.programme_id, intake.track, well, sealed=sealed):
        row = rows[made.nomination.row]
        row.outcome = made.outcome
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


def store(actor: Actor, intake: Intake, *, accept_good: bool = False) -> Outcome:
    """Store the file as one batch. Raises `RuleViolation` for a file with errors, unless the good rows may go."""
    if intake.errors and not accept_good:
        raise RuleViolation(Violation("import.has_errors", params={"count": intake.errors}))
    outcomes = {row.number: row.outcome for row in intake.report.rows}
    good = [item for number, item in intake.people.items() if outcomes[number] in ("new", "changed", "same")]
    if not any(outcomes[item.row] in ("new", "changed") for item in good):
        return Outcome(None)
    return nominations.store(actor, intake.track, good, outcomes, intake.source)


def hand_in(actor: Actor, data: bytes, intake: Intake, unit: Unit | None) -> int:
    """Keep the file and its report for the preview; nobody is stored yet. The number of the upload."""
    progress.at("keeping")
    name, digest = vault.keep(data)
    values: dict[str, Any] = {
        "file_name": intake.report.file[:255],
        "stored_as": name,
        "sha256": digest,
        "size": len(data),
        "programme": intake.track.programme_id,
        "track": intake.track.id,
        "unit": actor.unit_id or (unit.id if unit else None),
        "received_on": intake.source.received,
        "sealed": intake.source.sealed,
        "report": as_json(intake.report),
    }
    return nominations.receive(actor, values)


@dataclass(frozen=True)
class Confirmed:
    """What became of an upload that somebody confirmed. `again`: the upload that shows what has changed since."""

    batch: int | None = None
    done: int = 0
    again: int | None = None
    moved: tuple[int, ...] = ()


def confirm(actor: Actor, number: object, *, accept_good: bool) -> Confirmed:
    """Store an upload as it was shown; where its rows would now do something else, show them anew instead."""
    upload, found = resume(actor, number)
    if moved := _moved(upload.report["rows"], found):
        again = hand_in(actor, vault.fetch(upload.stored_as), found, upload.unit)
        return Confirmed(again=again, moved=tuple(moved))
    outcome = store(actor, found, accept_good=accept_good)
    return Confirmed(outcome.batch, len(outcome.done))


def _moved(shown: Iterable[Mapping[str, Any]], found: Intake) -> list[int]:
    """The rows that would now do something else than the preview says."""
    before = {row["row"]: (row["outcome"], [item["text"] for item in row["messages"]]) for row in shown}
    now = {row.number: (row.outcome, [item.text for item in row.messages]) for row in found.report.rows}
    return sorted(number for number, state in now.items() if before.get(number) != state)


def resume(actor: Actor, number: object) -> tuple[Upload, Intake]:
    """A file handed in earlier, checked again against the database as it is now."""
    upload = scope.get(actor, Upload, number)
    intake = check(
        actor, vault.fetch(upload.stored_as), upload.file_name,
        track=upload.track, unit=upload.unit, received=upload.received_on, sealed=upload.sealed,
    )  # fmt: skip
    intake.source = Source(upload.file_name, upload.received_on, upload.sealed, upload.id)
    return upload, intake
