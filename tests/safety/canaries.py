"""A person whose every word and number is a canary: wherever one is seen, it came from this person."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from peewee import CharField, ForeignKeyField, TextField

from tepei_admin.database import db
from tepei_admin.exchange import intake
from tepei_admin.models import Document, Programme, Trainee, Unit, Upload, UploadRow, User
from tepei_admin.schema import ChoiceField, CodeField, JsonField, PartialDateField, Record, all_models
from tepei_admin.services import accounts
from tests.factories import DAY, id_number
from tests.views import sample

WORD = "金丝雀"
ID_NUMBER = id_number(77, born="19770707")
BANK = "6222021602109813755"
HEALTH = "金丝雀住院手术"
MOBILE = "13912345678"
SECRETS = (ID_NUMBER, BANK, HEALTH)
"""What is masked: ID number, bank account, and the health matter of a leave."""
SHOWN = {"id_number": ID_NUMBER, "bank_account": BANK, "mobile": MOBILE}

_serial = itertools.count(1)


def owned() -> list[type[Record]]:
    """The models whose rows belong to a unit."""
    return [model for model in all_models() if model.panel.owner not in (None, "self")]


def flock(unit: str, texts: Sequence[str]) -> list[dict[type[Record], Any]]:
    """For each text a person of that unit with a row of every model, and that text in every column that takes text."""
    found = []
    for place, text in enumerate(texts):
        nest: dict[type[Record], Any] = {Unit: Unit.get(Unit.code == unit)}
        with db.obj.unguarded():
            for model in owned():
                if model._meta.table_name not in ("quota", "upload", "upload_row"):
                    nest[model] = _row(model, nest, _filled(model, text, place))
        found.append(nest)
    return found


def _filled(model: type[Record], text: str, place: int) -> dict[str, Any]:
    """Column lengths are not SQLite's business: the whole text fits everywhere."""
    given = _words(model)
    for name, value in given.items():
        if isinstance(value, str) and name not in ("content_type", *SHOWN):
            given[name] = text
    unique = {
        "id_number": id_number(place + 100, born="19770707"),
        "number": f"{text}{place}",
        "code": f"{text}{place}",
    }
    return {name: unique.get(name, value) for name, value in given.items()}


def nest(unit: str = "150500") -> dict[type[Record], Any]:
    """A row of every model that can belong to a unit, full of canaries, all of one person; past the guard."""
    found: dict[type[Record], Any] = {Unit: _marked(Unit.get(Unit.code == unit))}
    with db.obj.unguarded():
        for model in owned():
            if model not in (Upload, UploadRow):
                found[model] = _row(model, found)
    upload = _upload(found[Unit], found[Trainee])
    return {
        **found,
        Upload: upload,
        UploadRow: UploadRow.get(UploadRow.upload == upload.id, UploadRow.name != ""),
    }


def _upload(unit: Unit, person: Trainee) -> Upload:
    """A table of that unit, read as every table is: somebody new, and the person again."""
    header = "姓名,性别,民族,出生年月,身份证号,学历,学位,从事专业,从事专业时间,专业技术职务,工作单位,银行账号"
    lines = [
        f"{name},男,蒙古族,,{number},硕士研究生,硕士,{WORD},2008-07,副教授,{WORD},{BANK}"
        for name, number in ((f"{WORD}新人", id_number(78, born="19770707")), (f"{WORD}人", ID_NUMBER))
    ]
    data = "\r\n".join((header, *lines)).encode("utf-8-sig")
    actor, name = accounts.cli_actor(), f"{WORD}.csv"
    found = intake.check(actor, data, name, track=person.track, unit=unit, received=DAY, sealed=True)
    return Upload.get_by_id(intake.hand_in(actor, data, found, unit))


def _marked(unit: Unit) -> Unit:
    with db.obj.unguarded():
        Unit.update(**_words(Unit, {"code", "name"})).where(Unit.id == unit.id).execute()
    return Unit.get_by_id(unit.id)


def _row(model: type[Record], found: dict[type[Record], Any], words: dict[str, Any] | None = None) -> Any:
    links = {
        name: found.get(field.rel_model) or _other(field)
        for name, field in model._meta.fields.items()
        if isinstance(field, ForeignKeyField) and (field.rel_model in found or not field.null)
    }
    if "track" in links and model is not Trainee and Trainee in found:
        links["track"] = found[Trainee].track
    existing = None
    if model.panel.owner == "unit" and model._meta.table_name == "quota":
        existing = model.get(model.unit == found[Unit].id)
    return existing or sample._make(model, {**(words or _words(model)), **links})


def _other(field: ForeignKeyField) -> Any:
    if field.rel_model is User:
        return User.get(User.username == "cli")
    if field.rel_model is Programme:
        return Programme.get(Programme.year == 2019)
    return field.rel_model.select().first()


def _words(model: type[Record], leave: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    """A canary for every column that takes any text."""
    given: dict[str, Any] = {"size": 1024, "content_type": "application/pdf"} if model is Document else {}
    for name, field in model._meta.fields.items():
        if (
            name in leave
            or name in given
            or field.choices
            or isinstance(field, ChoiceField | CodeField | PartialDateField)
        ):
            continue
        if name in SHOWN:
            given[name] = SHOWN[name]
        elif name == "reason" and name in model.panel.sensitive:
            given[name] = HEALTH
        elif isinstance(field, JsonField):
            given[name] = (
                []
                if name in ("findings", "lines")
                else {"name": WORD, "id_number": ID_NUMBER, "bank_account": BANK}
            )
        elif isinstance(field, CharField | TextField) and name not in (
            "verb",
            "model",
            "stored_as",
            "digest",
        ):
            limit = getattr(field, "max_length", None) or 100
            given[name] = f"{WORD}{next(_serial)}" if limit >= 8 else ""
    return given
