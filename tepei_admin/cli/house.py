"""The house itself: init, demo, serve, audit, doctor."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from pathlib import Path
from typing import Any

from tepei_admin.cli.printing import show
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.permissions import Actor


def init(options: Any, config: Config) -> int:
    """Create or migrate, then add what is missing; with input, ask for the first administrator."""
    from tepei_admin.models import User
    from tepei_admin.services import accounts

    applied = prepare(config)
    print("已升级：" + "、".join(applied) if applied else "数据库已是最新")
    with db.obj.connection_context():
        if options.no_input or User.select().where(User.role == "admin", ~User.system).exists():
            return 0
        name = input("第一个管理员的用户名：").strip()
        accounts.add(accounts.cli_actor(), name, "admin", password=getpass.getpass("口令："))
        print(f"已建立管理员 {name}")
    return 0


def prepare(config: Config) -> list[str]:
    """Open, migrate and seed the database; the names of the migrations applied."""
    from tepei_admin import migrations, seed

    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_database(config.database_url)
    with db.obj.connection_context():
        applied = migrations.upgrade()
        seed.install()
    if not db.obj.postgres:
        os.chmod(db.obj.database, 0o600)
    return applied


def demo(options: Any, config: Config) -> int:
    from tepei_admin.seed import demo as invented

    prepare(config)
    with db.obj.connection_context():
        for line in invented.fill(people=options.people):
            print(line)
    return 0


def serve(options: Any, config: Config) -> int:
    from tepei_admin import serve as server

    return server.run(config, host=options.host, port=options.port, workers=options.workers, demo=options.demo)


def audit_verify(options: Any, actor: Actor) -> int:
    from tepei_admin.services import audit

    broken = audit.verify()
    print("历史链完整" if broken is None else f"历史链在第 {broken} 行断开")
    return 0 if broken is None else 1


def doctor(options: Any, actor: Actor) -> int:
    """What a person should put right; exit status 1 where there is anything."""
    findings = _findings()
    if options.json:
        show({"findings": findings})
    else:
        print("\n".join(findings) or "一切正常")
    return 1 if findings else 0


def _findings() -> list[str]:
    from tepei_admin import migrations
    from tepei_admin.services import audit

    found = [f"有未应用的迁移：{name}，请运行 tepei-admin init" for name in migrations.pending()]
    broken = audit.verify()
    if broken is not None:
        found.append(f"历史链在第 {broken} 行断开")
    if db.obj.postgres:
        return found
    result = db.execute_sql("PRAGMA integrity_check").fetchone()[0]
    if result != "ok":
        found.append(f"数据库文件损坏：{result}")
    if db.execute_sql("PRAGMA foreign_key_check").fetchall():
        found.append("有记录缺少所属记录")
    for path in (Path(db.obj.database), Path(db.obj.database).with_name("secret.key")):
        if path.exists() and os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(f"{path} 可被其他用户读取，请 chmod 600")
    return found


def read_password(options: Any) -> str:
    """A password from standard input, or asked for without showing it."""
    return sys.stdin.readline().rstrip("\n") if options.password_stdin else getpass.getpass("口令：")
