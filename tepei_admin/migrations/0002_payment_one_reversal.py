"""A reversal that was refused must not stand in the way of the next one: one that is not void for each payment."""


def up(migrator, db):  # type: ignore[no-untyped-def]
    db.execute_sql('DROP INDEX "payment_reverses_id"')
    db.execute_sql('CREATE INDEX "payment_reverses_id" ON "payment" ("reverses_id")')
    db.execute_sql("CREATE UNIQUE INDEX payment_one_reversal ON payment (reverses_id) WHERE state <> 'void'")
