"""The house as a whole: backup, restore, move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tepei_admin.config import Config
from tepei_admin.messages import word
from tepei_admin.permissions import Actor

CLOSED = frozenset({"restore", "move"})
"""Commands that get the settings and open the databases themselves."""


def backup(options: Any, actor: Actor) -> int:
    """Exit status 1 where what was backed up is not as it should be."""
    from tepei_admin.services import backups

    path, manifest = backups.make(actor, Path(options.output) if options.output else None)
    rows = sum(table.rows for table in manifest.tables.values())
    print(f"已备份：{path}（{len(manifest.tables)} 张表 {rows} 行，附件 {len(manifest.files)} 个，已核对）")
    found = backups.findings(manifest)
    if found:
        print("\n".join([word("backup.with_faults"), *found]))
    return 1 if found else 0


def files_clear(options: Any, actor: Actor) -> None:
    """Take away what `doctor` has named."""
    from tepei_admin.services import kept_files

    count, size = kept_files.clear(actor)
    print(f"已清理 {count} 个文件，{size / 1_000_000:.1f} MB" if count else "没有可清理的文件")


def restore(options: Any, config: Config) -> int:
    """Exit status 1 where what the backup carries is not as it should be."""
    from tepei_admin.services import restoring

    place = restoring.Place.of(options.into, config.data_dir)
    manifest = restoring.restore(Path(options.file), place)
    rows = sum(table.rows for table in manifest.tables.values())
    print(f"已恢复 {manifest.made_at} 的备份：{rows} 行，附件 {len(manifest.files)} 个，逐表核对一致")
    found = restoring.checked(place, manifest)
    print("\n".join(found) or "附件与记录一致，历史链完整")
    print(
        f"启用：TEPEI_DATA_DIR={place.data_dir}"
        + (" TEPEI_DATABASE_URL=（所给地址）" if place.postgres else "")
    )
    return 1 if found else 0


def move(options: Any, config: Config) -> None:
    from tepei_admin.serve import ensure_made
    from tepei_admin.services import moving

    ensure_made(config)
    tables = moving.move(config.database_url, options.to)
    rows = sum(table.rows for table in tables.values())
    print(f"已搬迁 {len(tables)} 张表 {rows} 行，逐表核对一致；附件仍在 {config.data_dir}")
    print("请把 TEPEI_DATABASE_URL 改为新地址后启动；原数据库未改动")
