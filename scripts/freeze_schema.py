"""Write the SQL that makes today's models, for a new migration: python scripts/freeze_schema.py 0001_initial

Needs no database; a frozen file is never written again once it has been released.
"""

import sys
from pathlib import Path

import tepei_admin.models  # noqa: F401  (declares the models)
from tepei_admin.database import GuardedPostgres, GuardedSqlite, db
from tepei_admin.migrations import FOLDER
from tepei_admin.schema import all_models


def statements(database) -> list[str]:  # type: ignore[no-untyped-def]
    db.initialize(database)
    found = []
    for model in all_models():
        manager = model._schema
        contexts = [manager._create_table(safe=False), *manager._create_indexes(safe=False)]
        for context in contexts:
            sql, parameters = context.query()
            assert not parameters, (sql, parameters)
            found.append(sql)
    return found


def main(name: str) -> None:
    for dialect, database in (
        ("sqlite", GuardedSqlite(":memory:")),
        ("postgresql", GuardedPostgres("frozen")),
    ):
        path = Path(FOLDER) / f"{name}.{dialect}.sql"
        path.write_text(";\n".join(statements(database)) + ";\n", encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(sys.argv[1])
