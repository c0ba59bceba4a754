"""What every house starts with: code lists, the 2019 programme, the reporting units. `install()` may run again."""

from __future__ import annotations

import os

from tepei_admin import migrations
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.exchange import templates
from tepei_admin.models import PovertyCounty, Programme, Quota, Region, Route, TitleName, Track, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.seed import lists, year2019
from tepei_admin.services import backups, letters, setup, surroundings
from tepei_admin.services.command import command


def prepare(config: Config) -> list[str]:
    """Make or migrate the house's database and seed it; the names of the migrations applied."""
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_database(config.database_url)
    surroundings.settle(config)
    with db.obj.connection_context():
        applied = _upgraded()
        install()
    if not db.obj.postgres:
        os.chmod(db.obj.database, 0o600)
    return applied


def _upgraded() -> list[str]:
    """What there is to lose is backed up first."""
    wanted = migrations.pending()
    if wanted and migrations.begun():
        backups.take(backups.before(wanted[-1]))
    return migrations.upgrade()


def install() -> None:
    """Add what is missing, in one transaction; nothing that the office has edited changes."""
    _install(setup.FOUNDER)


@command(P.SETUP)
def _install(actor: Actor) -> None:
    setup.add_cli_user(actor)
    setup.add_missing(actor, Region, ("code",), lists.regions())
    setup.add_missing(actor, PovertyCounty, ("code",), lists.poverty_counties())
    setup.add_missing(actor, TitleName, ("name",), lists.title_names())
    regions = dict(Region.select(Region.code, Region.id).tuples())
    setup.add_missing(actor, Unit, ("code",), lists.reporting_units(regions))
    setup.add_missing(actor, Programme, ("year",), [year2019.PROGRAMME])
    _tracks(actor)
    templates.install(actor)
    letters.install(actor)


def _tracks(actor: Actor) -> None:
    """The tracks of 2019; a new one with its routes and a quota row (not allocated) for every reporting unit."""
    programme = Programme.select(Programme.id).where(Programme.year == year2019.YEAR).tuples().first()[0]
    new = setup.add_missing(
        actor, Track, ("programme", "code"), [{**track, "programme": programme} for track in year2019.TRACKS]
    )
    codes = dict(Track.select(Track.code, Track.id).where(Track.programme == programme).tuples())
    routes = [
        {**route, "track": codes[code]}
        for code, wanted in year2019.ROUTES.items()
        for route in wanted
        if codes[code] in new
    ]
    setup.add_missing(actor, Route, ("track", "position"), routes)
    units = [
        row[0]
        for row in Unit.select(Unit.id).where(Unit.code.in_(lists.REPORTING)).order_by(Unit.id).tuples()
    ]
    quotas = [
        {"track": codes[track["code"]], "unit": unit, "places": None}
        for track in year2019.TRACKS
        for unit in units
    ]
    setup.add_missing(actor, Quota, ("track", "unit"), quotas)
