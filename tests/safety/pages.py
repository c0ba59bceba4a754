"""Every page of the table of permissions, in a house that has something to show on each: which address to ask for."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tepei_admin.choices import LetterKind
from tepei_admin.config import Config
from tepei_admin.database import db
from tepei_admin.exchange import jobs, past_intake
from tepei_admin.models import Certificate, ExportRecord, Proposal, SavedView, UploadRow
from tepei_admin.permissions import Actor
from tepei_admin.rules.certificates import code_of
from tepei_admin.schema import Record
from tepei_admin.services import accounts, batch
from tepei_admin.views import RESOURCES
from tepei_admin.views.resource import Resource
from tests.factories import House
from tests.safety.canaries import nest
from tests.safety.test_a01_routes import written
from tests.views import sample

LEADS = {"/login", "/lists/"}
"""Pages that lead whoever is signed in elsewhere."""
NUMBER, CODE = "2019-1", code_of(b"\x02" * 16)
LIST = "姓名,身份证号,年度,结果\n金丝雀,150404197707071550,2017,未录取\n"


def furnish(house: House, folder: Path, username: str = "admin") -> dict[str, str]:
    """Rows of everything, and the passing things that somebody of this name has made: address as the table has it -> one
    to ask for. `folder`: the data directory."""
    nest("150400")
    actor, someone = accounts.actor_named(username), house.trainee()
    with db.obj.unguarded():
        Certificate.update(code=CODE, number=NUMBER, state="issued").where(Certificate.id == 1).execute()
    row = UploadRow.select().where(UploadRow.name != "").first()
    past = past_intake.check(actor, LIST.encode(), "往年.csv")
    own: dict[str, tuple[object, ...]] = {
        "/batches/look/<number>": (batch.propose(actor, "withdraw", [someone.id], {"reason": "本人申请"}),),
        "/exports/records/<number>": (sample.row(ExportRecord, by=actor.id).id,), "/import/<number>": (row.upload_id,),
        "/import/<number>/messages": (row.upload_id,), "/import/<number>/rows/<row>": (row.upload_id, row.number),
        "/past-trainees/load/<number>": (past_intake.hand_in(actor, LIST.encode(), past),),
        "/import/jobs/<number>": (_job(folder, actor),), "/letters/<kind>": (LetterKind.NOTIFY.value,),
        "/static/<path:filename>": ("style.css",), "/trainees/<pk>/end": (someone.id,), "/verify/<number>/<code>": (NUMBER, CODE),
    }  # fmt: skip
    rows = {f"/{item.path}": _number(item.model, actor) for item in RESOURCES if isinstance(item, Resource)}
    return {rule: _one(rule, own.get(rule), rows) for rule, method in written() if method == "GET"}


def _number(model: type[Record], actor: Actor) -> int:
    """One of its rows, made where there is none; what is somebody's own is this one's."""
    query = model.select().order_by(model.id.desc())
    own = {"by": actor.id} if model in (Proposal, SavedView, ExportRecord) else {}
    if own:
        query = query.where(model.by == actor.id)
    return int((query.first() or sample.row(model, **own)).id)


def _job(folder: Path, actor: Actor) -> str:
    """Waiting for ever: nobody begins it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_begin", lambda *_: None)
        order = {"name": "汇总表.xlsx", "unit": None, "track": 1, "received": "2019-06-01", "sealed": True}
        return jobs.start(Config(data_dir=folder), actor, "check", order)


def _one(rule: str, own: tuple[object, ...] | None, rows: dict[str, int]) -> str:
    values = iter(own or (rows.get(f"/{rule.strip('/').partition('/')[0]}", 1),) * rule.count("<"))
    return re.sub(r"<[^>]*>", lambda _: quote(str(next(values)), safe=""), rule)
