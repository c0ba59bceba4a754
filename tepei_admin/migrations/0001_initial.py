"""Every table of the first edition, as frozen SQL: one file for each database."""

from pathlib import Path


def up(migrator, db):  # type: ignore[no-untyped-def]
    dialect = "postgresql" if db.postgres else "sqlite"
    text = Path(__file__).with_name(f"0001_initial.{dialect}.sql").read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
