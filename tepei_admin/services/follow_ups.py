"""跟踪服务: whose next contact is due. Reads only."""

from __future__ import annotations

import datetime as dt

from peewee import fn

from tepei_admin.database import rows
from tepei_admin.models import FollowUp
from tepei_admin.permissions import Actor
from tepei_admin.services.scope import along, scope


def due(actor: Actor, programme: int, today: dt.date) -> list[int]:
    """The newest note of each person, where its next date has come. One query."""
    newest = FollowUp.select(fn.MAX(FollowUp.id)).group_by(FollowUp.trainee)
    limit = scope(actor, FollowUp)
    conditions = [
        FollowUp.next_on <= today,
        FollowUp.id.in_(newest),
        along(FollowUp, "trainee.programme", programme),
        *([] if limit is None else [limit]),
    ]
    query = FollowUp.select(FollowUp.id).where(*conditions).order_by(FollowUp.next_on, FollowUp.id)
    return [row[0] for row in rows(query)]
