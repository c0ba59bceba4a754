"""doctor: is the house sound? Every finding is one sentence that says what to do."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import peewee

from tepei_admin import database, safeguards
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.messages import say
from tepei_admin.serve import made, unmade
from tepei_admin.services import surroundings

COUNTED = ("programme", "unit", "trainee", "batch", "user", "audit_entry")


@dataclass
class Examination:
    """`counts`: rows by what the office calls them. `database`: which it is, with its version."""

    findings: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    database: str = ""


def examine(config: Config) -> Examination:
    """Look at everything; what stops one look does not stop the next."""
    seen = Examination(list(_files(config)))
    if not made(config):
        seen.findings.append(say(unmade(config)))
        return seen
    open_database(config.database_url)
    surroundings.settle(config)
    try:
        with db.obj.connection_context():
            seen.database = db.obj.kind()
            seen.findings += _database(seen.counts, config)
    except peewee.DatabaseError as error:
        seen.findings.append(f"数据库不能读取：{' '.join(str(error).split())}；请检查设置，或从备份恢复")
    return seen


def _files(config: Config) -> Iterator[str]:
    """What the panel would not start with, and the folder that only its owner may read."""
    yield from safeguards.findings(config)
    folder = config.data_dir
    if os.name == "posix" and folder.exists() and folder.stat().st_mode & 0o007:
        yield f"{folder} 能被其他用户读取，请运行 chmod o-rwx {folder}"


def _database(counts: dict[str, int], config: Config) -> Iterator[str]:
    from tepei_admin import migrations
    from tepei_admin.services import audit, backups, sums

    pending = migrations.pending()
    if pending:
        yield f"有未应用的升级：{'、'.join(pending)}；请运行 tepei-admin init"
        return
    if not db.obj.postgres:
        yield from _sqlite()
    yield from audit.findings()
    yield from sums.disagreements()
    if backups.is_old():
        yield (
            "一周没有备份了；请运行 tepei-admin backup"
            if backups.last_taken()
            else "还没有备份过；请运行 tepei-admin backup"
        )
    counts.update(_counts())
    yield from _accounts()
    yield from _uploads(config.upload_days)


def loses_log(version: tuple[int, ...]) -> bool:
    """Has this SQLite the WAL-reset fault? The queue keeps it away wherever files can be locked (decision 0024)."""
    return not (version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45))


def _sqlite() -> Iterator[str]:
    if database.fcntl is None and loses_log(sqlite3.sqlite_version_info):
        yield f"SQLite {sqlite3.sqlite_version} 的日志有缺陷，后台运行时请不要同时使用命令行；请升级到 3.51.3 以上"
    for (result,) in db.execute_sql("PRAGMA integrity_check(5)").fetchall():
        if result != "ok":
            yield f"数据库文件已损坏（{result}）；请从备份恢复"
    orphans: list[Any] = db.execute_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        tables = "、".join(sorted({row[0] for row in orphans}))
        yield f"有 {len(orphans)} 条记录缺少所属记录（{tables}）；请从备份恢复"


def _counts() -> dict[str, int]:
    from tepei_admin.schema import all_models

    models = {model._meta.table_name: model for model in all_models()}
    return {models[name].panel.title: models[name].select().count() for name in COUNTED}


def _accounts() -> Iterator[str]:
    from tepei_admin.models import User

    found = User.select().where(User.role == "admin", User.active, ~User.system, User.password_hash != "")
    if not found.exists():
        yield "没有能登录的管理员账号；请运行 tepei-admin user add 用户名 --role admin"


def _uploads(days: int) -> Iterator[str]:
    """Files with people's data that nobody needs any more; the next upload clears them away."""
    from tepei_admin.models import Upload
    from tepei_admin.services import uploads
    from tepei_admin.services.work import now

    left = Upload.select().where(uploads.left_since(now() - dt.timedelta(days=days))).count()
    if left:
        yield f"有 {left} 份导入文件超过 {days} 天没有保存，含个人信息；下次上传时会自动清理，也可现在到“汇总表导入”保存"
