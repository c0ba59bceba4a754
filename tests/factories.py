"""The cast of the tests: units, accounts, people. Everybody is made through the commands that users use."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from stdnum.cn import ric

from tepei_admin.choices import Role
from tepei_admin.models import Programme, Track, Trainee, Unit, User
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, crud, programmes, verbs
from tepei_admin.services.plan import Args

DAY = dt.date(2019, 3, 20)
PASSWORD = "draw-water-9"


def id_number(serial: int, born: str = "19800512", region: str = "150404", sex: int = 1) -> str:
    """A valid invented ID number; another for each serial (0-499)."""
    body = f"{region}{born}{serial * 2 + (1 if sex == 1 else 0):03d}"
    return body + str(ric.calc_check_digit(body + "0"))


@dataclass
class House:
    """An open database and the means to fill it."""

    url: str
    serial: Any = field(default_factory=itertools.count)

    @property
    def cli(self) -> Actor:
        return accounts.cli_actor()

    def actor(self, role: str = "admin", unit: str | None = None, name: str | None = None) -> Actor:
        """An account of that role, the same one each time it is asked for by the same words."""
        username = name or (f"{role}-{unit}" if unit else role)
        if not User.select().where(User.username == username).exists():
            accounts.add(self.cli, username, role, password=PASSWORD, unit=unit)
        return accounts.actor_named(username)

    def programme(self, year: int = 2019) -> Programme:
        return Programme.get(Programme.year == year)

    def track(self, code: str = "outside", year: int = 2019) -> Track:
        return Track.get(Track.programme == self.programme(year).id, Track.code == code)

    def unit(self, code: str = "150400") -> Unit:
        return Unit.get(Unit.code == code)

    def quota(
        self, places: int | None, unit: str = "150400", track: str = "outside", year: int = 2019
    ) -> None:
        programmes.set_quota(self.cli, year, track, unit, places)

    def trainee(
        self,
        *,
        unit: str = "150400",
        track: str = "outside",
        year: int = 2019,
        attested: bool = True,
        **values: Any,
    ) -> Trainee:
        """Somebody who is eligible outside and inside, unless `values` say otherwise."""
        number = next(self.serial)
        defaults = {
            "name": f"白嘎力{'甲乙丙丁戊己庚辛壬癸'[number % 10]}",
            "ethnicity": "02",
            "sex": "1",
            "id_number": id_number(number, born="19850512"),
            "education": "14",
            "degree": "3",
            "profession": "教育",
            "profession_start": "2008-07",
            "title": "副教授",
            "title_level": "412",
            "employer": "赤峰学院",
            "mobile": f"138{number:08d}",
            "received_on": DAY,
        }
        row = {**defaults, "unit": self.unit(unit).id, "track": self.track(track, year).id, **values}
        person = crud.create(self.cli, Trainee, row, programme=self.programme(year).id)
        if attested:
            self.do("attest", person, reason="汇总表")
        return self.reload(person)

    def do(self, verb: str, *people: Any, actor: Actor | None = None, on: dt.date = DAY, **args: Any) -> Any:
        """A verb on these people (rows or numbers); the outcome."""
        numbers = [getattr(person, "id", person) for person in people]
        return verbs.perform(actor or self.cli, verb, numbers, Args(on=on, **args))

    def reload(self, person: Any) -> Trainee:
        return Trainee.get_by_id(getattr(person, "id", person))


ROLES = tuple(role.value for role in Role)
