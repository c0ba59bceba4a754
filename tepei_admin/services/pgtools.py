"""pg_dump and pg_restore: found on the PATH, or in the folder that TEPEI_PG_BIN names."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tepei_admin.errors import RuleViolation, Violation

folder: Path | None = None
"""Set once at start."""


def dump(url: str, target: Path, snapshot: str) -> None:
    """The database as that snapshot sees it, in PostgreSQL's own archive format."""
    _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Into an empty database, in one transaction: all of it or nothing."""
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", str(source))


def _run(name: str, url: str, *words: str) -> None:
    """Raises `RuleViolation` where the program is missing or says no. The password is no word of the call."""
    program = shutil.which(name, path=str(folder) if folder else None)
    if program is None:
        raise RuleViolation(Violation("backup.no_program", params={"name": name}))
    address, secret = _apart(url)
    call = [program, "--no-owner", "--no-privileges", "--no-password", f"--dbname={address}", *words]
    done = subprocess.run(
        call, env={**os.environ, **secret}, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        why = " ".join(done.stderr.split())[-300:]
        raise RuleViolation(Violation("backup.program_failed", params={"name": name, "why": why}))


def _apart(url: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and the password for the environment."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    return make_conninfo("", **parts), {"PGPASSWORD": str(password)} if password else {}
