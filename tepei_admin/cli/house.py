"""The house itself: init, demo, serve, audit, doctor."""

from __future__ import annotations

import sys
from typing import Any

from tepei_admin.cli import doctor as clinic
from tepei_admin.cli.printing import show
from tepei_admin.cli.secret import asked
from tepei_admin.config import Config
from tepei_admin.database import db
from tepei_admin.permissions import Actor

CLOSED = frozenset({"init", "demo", "serve", "doctor"})
"""Commands that get the settings and open the database themselves."""


def init(options: Any, config: Config) -> None:
    """Create or migrate, add what is missing; with input, ask for the first administrator."""
    from tepei_admin import seed

    applied = seed.prepare(config)
    print(f"已升级数据库：{'、'.join(applied)}" if applied else "数据库已是最新")
    with db.obj.connection_context():
        if not options.no_input:
            _first_administrator()


def _first_administrator() -> None:
    from tepei_admin.models import User
    from tepei_admin.services import accounts

    if User.select().where(User.role == "admin", User.active, ~User.system).exists():
        return
    if not sys.stdin.isatty():
        print("还没有管理员账号；请运行 tepei-admin user add 用户名 --role admin")
        return
    name = ""
    while not name:
        name = input("第一个管理员的用户名：").strip()
    accounts.add(accounts.cli_actor(), name, "admin", password=asked())
    print(f"已建立管理员“{name}”")


def demo(options: Any, config: Config) -> None:
    from tepei_admin import seed
    from tepei_admin.seed import demo as invented

    seed.prepare(config)
    with db.obj.connection_context():
        if options.people:
            told = invented.fill_many(options.people)
        else:
            told = invented.fill_full_year() if options.full_year else invented.fill()
    print("\n".join(told))


def serve(options: Any, config: Config) -> int:
    from tepei_admin import serve as server

    return server.run(
        config, host=options.host, port=options.port, workers=options.workers, demo=options.demo
    )


def doctor(options: Any, config: Config) -> int:
    """What a person should put right; exit status 1 where there is anything."""
    seen = clinic.examine(config)
    if options.json:
        show({"findings": seen.findings, "counts": seen.counts, "database": seen.database})
    else:
        print("，".join([seen.database, *(f"{label} {count}" for label, count in seen.counts.items())]))
        print("\n".join(seen.findings) or "没有发现问题")
    return 1 if seen.findings else 0


def audit_verify(options: Any, actor: Actor) -> int:
    from tepei_admin.permissions import P
    from tepei_admin.services import audit

    actor.require(P.ACCOUNTS)
    found = audit.findings()
    print("\n".join(found) or "历史链完整")
    return 1 if found else 0


def audit_renew(options: Any, actor: Actor) -> None:
    from tepei_admin.services import history

    history.renew(actor)
    print("已重新记下历史链的末尾")
