"""The cast of the tests: units, accounts, people. Everybody is made through the commands that users use."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from stdnum.cn import ric

from tepei_admin.choices import Role
from tepei_admin.models import Placement, Programme, Region, Track, Trainee, Unit, User
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

    def host(self, code: str = "H101", name: str = "清华大学", region: str = "110000") -> Unit:
        """A host outside the region, unless told otherwise; the same one each time."""
        found = Unit.get_or_none(Unit.code == code)
        if found is None:
            where = Region.get(Region.code == region).id
            values = {"code": code, "name": name, "host": True, "region": where}
            found = Unit.get_by_id(crud.create(self.cli, Unit, values))
        return found

    def inside_host(self) -> Unit:
        return self.host("H201", "内蒙古大学", "150100")

    def admitted(self, count: int = 1, **values: Any) -> list[Trainee]:
        """People who hold a place."""
        unit, track = values.get("unit", "150400"), values.get("track", "outside")
        people = [self.trainee(**values) for _ in range(count)]
        self.quota(500, unit, track)
        for verb, args in (("recommend", {}), ("admit", {"approval_no": "内人社〔2019〕1号"})):
            assert len(self.do(verb, *people, **args).done) == count
        return [self.reload(person) for person in people]

    def placed(self, count: int = 1, *, start: str = "2019-09-01", **values: Any) -> list[Trainee]:
        """Admitted, with a confirmed placement that starts that day."""
        people = self.admitted(count, **values)
        host = self.inside_host() if values.get("track") == "inside" else self.host()
        more = {"host": host.id, "planned_start": start, "major": "课程与教学论"}
        assert len(self.do("assign_host", *people, more=more).done) == count
        assert len(self.do("confirm_placement", *people).done) == count
        return [self.reload(person) for person in people]

    def notified(self, count: int = 1, **values: Any) -> list[Trainee]:
        people = self.placed(count, **values)
        assert len(self.do("notify", *people, on=dt.date(2019, 7, 5)).done) == count
        return [self.reload(person) for person in people]

    def trained(self, count: int = 1, *, start: str = "2019-09-01", **values: Any) -> list[Trainee]:
        """In training since their planned start."""
        people = self.notified(count, start=start, **values)
        assert len(self.do("report_in", *people, on=dt.date.fromisoformat(start)).done) == count
        return [self.reload(person) for person in people]

    def graded(self, *people: Any, grade: str = "pass", on: dt.date = dt.date(2020, 8, 20)) -> None:
        """Their completion assessment."""
        more = {"assessment": "completion", "grade": grade}
        assert len(self.do("assess", *people, on=on, more=more).done) == len(people)

    def placement(self, person: Any) -> Placement:
        """The newest placement of somebody."""
        number = getattr(person, "id", person)
        return Placement.select().where(Placement.trainee == number).order_by(Placement.id.desc()).get()

    def do(self, verb: str, *people: Any, actor: Actor | None = None, on: dt.date = DAY, **args: Any) -> Any:
        """A verb on these people (rows or numbers); the outcome."""
        numbers = [getattr(person, "id", person) for person in people]
        return verbs.perform(actor or self.cli, verb, numbers, Args(on=on, **args))

    def reload(self, person: Any) -> Trainee:
        return Trainee.get_by_id(getattr(person, "id", person))


ROLES = tuple(role.value for role in Role)
