"""Places of units and tracks as the database has them: counted, and locked while they are being given.

The lock is the track's row: whoever gives, moves or changes places of a track holds it until the commit, so
two people never take one place. (On SQLite the whole database is locked by BEGIN IMMEDIATE.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import fn

from tepei_admin.database import among, db
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import Quota, Track, Trainee, Unit
from tepei_admin.rules.quota import TRACK_TAKING, UNIT_TAKING, Ledger, Places

Key = tuple[int, int]
"""(track, unit)."""


def lock(tracks: Iterable[int]) -> None:
    """Hold these tracks' places until the end of the transaction."""
    query = Track.select(Track.id).where(among(Track.id, sorted(set(tracks)))).order_by(Track.id)
    list(db.obj.lock_rows(query).tuples())


def of_units(keys: Iterable[Key]) -> Ledger[Key]:
    """The quotas of (track, unit) pairs; a pair without a row is not allocated."""
    wanted = set(keys)
    tracks, units = {track for track, _ in wanted}, {unit for _, unit in wanted}
    labels = dict(Track.select(Track.id, Track.label).where(among(Track.id, sorted(tracks))).tuples())
    names = dict(Unit.select(Unit.id, Unit.name).where(among(Unit.id, sorted(units))).tuples())
    quotas = Quota.select(Quota.track, Quota.unit, Quota.places).where(among(Quota.track, sorted(tracks)))
    limits = {(track, unit): places for track, unit, places in quotas.tuples()}
    taken = unit_use(tracks)
    return Ledger(
        {
            key: Places(limits.get(key), taken.get(key, 0), names.get(key[1], ""), labels.get(key[0], ""))
            for key in wanted
        }
    )


def of_tracks(tracks: Iterable[int]) -> Ledger[int]:
    """The totals of tracks."""
    wanted = sorted(set(tracks))
    taken = track_use(wanted)
    rows = Track.select(Track.id, Track.label, Track.places).where(among(Track.id, wanted)).tuples()
    return Ledger({number: Places(places, taken.get(number, 0), "", label) for number, label, places in rows})


def unit_use(tracks: Iterable[int]) -> dict[Key, int]:
    """Places taken by (track, unit): from `recommended` on."""
    query = Trainee.select(Trainee.track, Trainee.unit, fn.COUNT(Trainee.id)).where(
        _taking(tracks, UNIT_TAKING)
    )
    return {
        (track, unit): count for track, unit, count in query.group_by(Trainee.track, Trainee.unit).tuples()
    }


def track_use(tracks: Iterable[int]) -> dict[int, int]:
    """Places taken by track: from `admitted` on."""
    query = Trainee.select(Trainee.track, fn.COUNT(Trainee.id)).where(_taking(tracks, TRACK_TAKING))
    return dict(query.group_by(Trainee.track).tuples())


def _taking(tracks: Iterable[int], statuses: Iterable[str]) -> Any:
    return among(Trainee.track, sorted(set(tracks))) & Trainee.status.in_(sorted(statuses))


def check_quota(track: int, unit: int, places: int | None) -> None:
    """A quota may not be set below its use. Call with the track locked."""
    taken = unit_use([track]).get((track, unit), 0)
    if taken and (places is None or places < taken):
        current = of_units([(track, unit)])[(track, unit)]
        params = {"unit": current.unit, "track": current.track, "taken": taken}
        raise RuleViolation(Violation("quota.below_use", "places", params))


def check_track(track: int, places: int) -> None:
    """A track's total may not be set below its use. Call with the track locked."""
    taken = track_use([track]).get(track, 0)
    if places < taken:
        label = of_tracks([track])[track].track
        raise RuleViolation(
            Violation("programme.track_below_use", "places", {"track": label, "taken": taken})
        )
