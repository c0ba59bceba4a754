"""What lies around the database: kept files, backups, the head of the history, fonts, programs, the day. Set at start."""

from __future__ import annotations

from tepei_admin import fonts
from tepei_admin.config import Config
from tepei_admin.services import audit, backups, clock, limits, pgtools, vault


def settle(config: Config) -> None:
    """Tell each room where its things are."""
    vault.folder, limits.folder = config.data_dir / "files", config.data_dir
    backups.folder = config.backups
    pgtools.folder = config.pg_bin
    audit.head = config.audit_head
    clock.override = config.today
    fonts.extra = config.font_dir
