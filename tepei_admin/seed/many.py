"""As many invented applicants as asked for, quickly: to measure how the house bears them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

from tepei_admin.models import Region, Trainee, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.seed.cast import Cast, id_number
from tepei_admin.seed.lists import PLACES
from tepei_admin.services import nominations, pinyin, programmes, setup
from tepei_admin.services.command import command

TEMPLATES = 500
"""People told in full; the rest are theirs with other numbers, names and birth dates."""
SERIALS, PIECE = 998, 5_000


@command(P.ENTER)
def applicants(actor: Actor, count: int) -> None:
    """`count` applicants of 2019 over all fourteen places and both tracks, in one transaction."""
    rows = _rows()
    for start in range(0, count, PIECE):
        setup.add_unlogged(actor, Trainee, list(itertools.islice(rows, min(PIECE, count - start))))


def _rows() -> Iterator[dict[str, Any]]:
    """Distinct people without end."""
    models, tracks = _models(), ("outside", "inside")
    first = {"outside": dt.date(1975, 1, 1), "inside": dt.date(1985, 1, 1)}
    for index in itertools.count():
        track = tracks[index % 2]
        model = models[track][index // 2 % len(models[track])]
        turn = index // 2
        serial = turn % (SERIALS // 2) * 2 + (1 if model["sex"] == "1" else 0)
        born = first[track] + dt.timedelta(days=turn // (SERIALS // 2))
        number = id_number(model["id_number"][:6], born, serial)
        yield {
            **model,
            "birth_date": born.isoformat(),
            "id_number": number,
            "mobile": f"139{index % 10**8:08d}",
        }


def _models() -> dict[str, list[dict[str, Any]]]:
    """Full rows to vary, by track."""
    programme = programmes.find(2019).id
    units = dict(Unit.select(Unit.code, Unit.id).where(Unit.sending).tuples())
    regions = dict(Region.select(Region.code, Region.id).tuples())
    blank = {name: Trainee._meta.fields[name].default for name in nominations.COLUMNS}
    said = dict.fromkeys(("attested_signed", "attested_health", "attested_conduct"), True)
    cast = Cast(1)
    found: dict[str, list[dict[str, Any]]] = {}
    for track in ("outside", "inside"):
        number = programmes.find_track(programme, track).id
        shared = {
            **said,
            "programme": programme,
            "track": number,
            "received_on": dt.date(2019, 3, 20),
            "status": "applied",
        }
        found[track] = [
            {
                **blank,
                **_numbered(cast.person(place, inside=track == "inside"), regions),
                **shared,
                "unit": units[place],
            }
            for place in itertools.islice(itertools.cycle(PLACES), TEMPLATES)
        ]
    return found


def _numbered(person: dict[str, Any], regions: dict[str, int]) -> dict[str, Any]:
    letters, initials = pinyin.of(person["name"])
    places = {name: regions[person[name]] for name in ("region", "county")}
    return {**person, **places, "pinyin": letters, "initials": initials}
