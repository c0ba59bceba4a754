"""Accounts and units."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from tepei_admin.choices import Role
from tepei_admin.cli.printing import listed
from tepei_admin.cli.secret import password
from tepei_admin.errors import ensure
from tepei_admin.models import Region, Unit, User
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, crud, scope


def user_add(options: Any, actor: Actor) -> None:
    accounts.add(actor, options.name, options.role, password=password(options), unit=options.unit)
    print(f"已建立账号“{options.name}”（{Role(options.role).label}）")


def user_list(options: Any, actor: Actor) -> None:
    actor.require(User.panel.read)
    users = User.select(User, Unit).join(Unit, JOIN.LEFT_OUTER).where(~User.system).order_by(User.username)
    rows = [
        {
            "name": row.username,
            "role": row.role,
            "unit": row.unit.code if row.unit_id else None,
            "full_name": row.name,
            "active": row.active,
            "locked_until": row.locked_until,
        }
        for row in users
    ]
    listed(rows, as_json=options.json)


def user_passwd(options: Any, actor: Actor) -> None:
    accounts.set_password(actor, options.name, password(options))
    print(f"已重设“{options.name}”的口令，原有登录随之失效")


def user_disable(options: Any, actor: Actor) -> None:
    accounts.switch(actor, options.name, active=False)
    print(f"已停用“{options.name}”")


def user_unlock(options: Any, actor: Actor) -> None:
    accounts.unlock(actor, options.name)
    print(f"已解除“{options.name}”的锁定")


def unit_add(options: Any, actor: Actor) -> None:
    region = None
    if options.region:
        region = Region.get_or_none(Region.code == options.region)
        ensure(region is not None, "command.unknown_region", "region", region=options.region)
    values = {
        "code": options.code,
        "name": options.name,
        "sending": options.sending,
        "host": options.host,
        "region": region.id if region else None,
        "level": options.level or "",
    }
    crud.create(actor, Unit, values)
    print(f"已建立单位 {options.code} {options.name}")


def unit_list(options: Any, actor: Actor) -> None:
    names = ("code", "name", "sending", "host", "level", "active")
    units = scope.visible(actor, Unit).order_by(Unit.code)
    listed([{name: getattr(row, name) for name in names} for row in units], as_json=options.json)
