"""What columns a template can have, and how they are called."""

from __future__ import annotations

import pytest

from tepei_admin.exchange import catalogue, export
from tepei_admin.exchange.sources import FORMS
from tepei_admin.models import ExportTemplate
from tepei_admin.services import record
from tepei_admin.services.command import command

RESOURCES = sorted(catalogue.resources())


def test_people_come_first_and_nothing_that_only_some_may_read(house):
    assert next(iter(catalogue.resources())) == "trainee"
    assert {"user", "audit_entry", "house", "export_record"}.isdisjoint(catalogue.resources())


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_column_has_words_of_its_own_and_is_found_by_them(resource):
    entries = catalogue.entries(resource)
    assert len({entry.label for entry in entries}) == len(entries) > 1
    for path, label in entries:
        assert catalogue.label_of(resource, path) == label and catalogue.path_of(resource, label) == path


@pytest.mark.parametrize(
    "path", ["placement.major|training_major", "placement.actual_start~placement.actual_end"]
)
def test_columns_that_are_put_together_read_as_words_too(path):
    words = catalogue.label_of("trainee", path)
    assert "_" not in words and catalogue.path_of("trainee", words) == path


def test_what_is_no_column_stays_as_it_was_typed():
    assert catalogue.path_of("trainee", " 没有这一栏 ") == "没有这一栏"
    assert catalogue.label_of("trainee", "nothing.at.all") == "nothing.at.all"


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_column_comes_off_and_on(form):
    for path in ("birth_date", "a.b~c.d", "x|y"):
        assert catalogue.split_form(catalogue.with_form(path, form)) == (path, form)
    assert catalogue.split_form("lines:period") == ("lines:period", "")


def test_every_column_of_every_catalogue_can_go_out(house):
    @command(None)
    def insert(actor, rows):
        record.insert_many(ExportTemplate, rows, logged=False)

    rows = []
    for resource in RESOURCES:
        columns = [[entry.label[:60], entry.path] for entry in catalogue.entries(resource)]
        rows.append({"name": f"全部{resource}", "resource": resource, "columns": columns, "filter": ""})
    insert(house.cli, rows)
    house.trained(1)
    for row in rows:
        found = export.stream(house.cli, row["name"], house.programme().id, fmt="csv")
        text = b"".join(found.chunks).decode("utf-8-sig")
        assert len(text.splitlines()[0].split(",")) == len(row["columns"])
