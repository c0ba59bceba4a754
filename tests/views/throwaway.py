"""A model that is in no migration, served beside the others: run by test_ground in a process of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import peewee

from tepei_admin import models, schema, views
from tepei_admin.app import create_app
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.permissions import P
from tepei_admin.views.resource import Resource
from tests.factories import House
from tests.views.browser import Browser, names


class Tail(schema.TextLine):
    """A subclass of a subclass."""


class Weight(peewee.FloatField):
    """A subclass of a type that no model of ours has."""


class Yak(schema.Record):
    """牦牛."""

    name = Tail("名称", 32)
    weight = Weight(null=True, verbose_name="体重")
    price = schema.FenField(default=0, verbose_name="价格")
    tame = peewee.BooleanField(null=True, verbose_name="驯养")
    born_at = peewee.DateTimeField(null=True, verbose_name="出生时刻")
    marks = schema.JsonField(null=True, verbose_name="标记")
    unit = schema.Ref(models.Unit, "单位")

    class Panel:
        title, owner, search = "牦牛", "unit", ("name",)
        columns = ("name", "weight", "price", "tame", "born_at", "unit")
        edit, delete = P.WORK, True


def main(url: str) -> None:
    views.RESOURCES += (Resource("培养", "yaks", Yak),)
    open_database(url)
    with db.obj.unguarded():
        db.create_tables([Yak])
    house = House(url)
    house.actor("admin")
    db.close()
    app = create_app(Config(data_dir=Path(tempfile.mkdtemp()), database_url=url, secret_key="k" * 40))
    admin = Browser(app).sign_in(house, "admin")
    made = admin.save(
        "/yaks/new", name="大白", weight="312.50", price="8,800.00", tame="1", born_at="2018-05-01 03:04:05.678901",
        unit=str(house.unit().id),
    )  # fmt: skip
    assert made.status_code == 303, made.text
    kept = Yak.get()
    assert (kept.price, str(kept.weight), kept.tame, kept.born_at.microsecond) == (
        880000,
        "312.5",
        True,
        678901,
    )
    assert admin.save(f"{made.location}/edit", tame="0").status_code == 303
    assert Yak.get().born_at.microsecond == 678901  # ground 6: a form does not cut a stamp
    assert names(
        admin.get("/yaks/?search=大&price.min=1&weight.max=400&unit.has=赤峰&sort=-weight").text
    ) == ["大白"]
    page = admin.get(made.location).text
    assert "¥8,800.00" in page and "赤峰市" in page and "修改" in page
    assert "牦牛" in admin.get("/units/").text
    assert admin.save(f"{made.location}/delete").status_code == 303
    print("walked")


main(sys.argv[1])
