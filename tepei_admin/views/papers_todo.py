"""What the front page says of certificates, papers and contacts: a number and the list behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tepei_admin.choices import Status
from tepei_admin.permissions import Actor
from tepei_admin.services import documents, follow_ups
from tepei_admin.services.home import Overview


@dataclass(frozen=True)
class Item:
    title: str
    count: int
    url: str
    late: bool = False


def todo(actor: Actor, found: Overview, today: dt.date) -> list[Item]:
    year = found.programme.id
    due = follow_ups.due(actor, year, today)
    items = [
        Item("考核合格待发证", found.people(lambda g: g.status == Status.COMPLETED), "/certificates/ready"),
        Item("档案材料不齐", len(documents.missing(actor, year)), "/documents/missing"),
        Item("该联系了", len(due), f"/follow-ups/?id={','.join(map(str, due))}", late=True),
    ]
    return [item for item in items if item.count]
