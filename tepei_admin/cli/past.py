"""往年学员: a list of parts in years before the panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tepei_admin.choices import PastOutcome
from tepei_admin.cli.people import tell_report
from tepei_admin.cli.printing import file_bytes, show, table
from tepei_admin.models import PastTrainee
from tepei_admin.permissions import Actor
from tepei_admin.services import exports, past
from tepei_admin.services.plan import Outcome


def past_load(options: Any, actor: Actor) -> int:
    """Check the list and, unless it is a dry run, store it; the report is that of `import`."""
    from tepei_admin.exchange import past_intake

    data = file_bytes(options.file)
    made = past_intake.check(actor, data, Path(options.file).name, year=options.year)
    report = made.as_json()
    stored = Outcome(None)
    if not options.dry_run and (options.accept_good or not made.errors):
        stored = past_intake.take_in(actor, data, made, accept_good=options.accept_good)
    report["batch"] = stored.batch
    show(report) if options.json else tell_report(report, stored, dry=options.dry_run)
    return 1 if made.errors else 0


def past_list(options: Any, actor: Actor) -> None:
    past.allow(actor)
    names = ("name", "id_number", "year", "outcome", "note")
    rows = PastTrainee.select(*(PastTrainee._meta.fields[name] for name in names))
    found = [
        dict(zip(names, row, strict=True))
        for row in rows.order_by(-PastTrainee.year, PastTrainee.id).tuples()
    ]
    if not options.json:
        told = [
            (row["year"], row["name"], PastOutcome.label_of(row["outcome"]), row["note"]) for row in found
        ]
        return table(told)
    exports.note(
        actor, template="tepei-admin past list", file_name="", format="json", filter={}, row_count=len(found),
        masked=False,
    )  # fmt: skip
    return show(found)
