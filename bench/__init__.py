"""What is measured, and the house it is measured in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh_house() -> Iterator[tuple[str, Path]]:
    """(URL, folder) of a house without people, open: on a new SQLite file, or on the PostgreSQL that
    TEPEI_DATABASE_URL names, which nobody empties: name a new one."""
    from tepei_admin import migrations, seed
    from tepei_admin.database import db, open_database

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = os.environ.get("TEPEI_DATABASE_URL") or f"sqlite:///{folder / 'bench.sqlite3'}"
        open_database(url)
        db.connect()
        migrations.upgrade()
        seed.install()
        try:
            yield url, folder
        finally:
            db.close()
