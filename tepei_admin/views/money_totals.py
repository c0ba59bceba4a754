"""经费汇总: by kind, track, host and year, beside the year's check figures; the same sums as the lists and the exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tepei_admin.choices import PaymentKind, PaymentState
from tepei_admin.models import Programme
from tepei_admin.permissions import P
from tepei_admin.rules.money import yuan
from tepei_admin.services import money, programmes
from tepei_admin.services.money import SPENT, Planned, Sum
from tepei_admin.views import year
from tepei_admin.views.rights import actor, needs

pages = Blueprint("money_totals", __name__)
STATES = (PaymentState.DRAFT, PaymentState.APPROVED, PaymentState.PAID)


@dataclass(frozen=True)
class Row:
    """Sums by state; `url`: the list behind them; `planned`: what the places would cost, where that is known."""

    label: str
    cells: Mapping[PaymentState, int]
    url: str = ""
    planned: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows of one kind. `head`: what their labels are; `summed`: they make one sum together."""

    title: str
    head: str
    rows: list[Row]
    summed: bool = True

    @property
    def total(self) -> dict[PaymentState, int]:
        return {state: sum(row.cells.get(state, 0) for row in self.rows) for state in STATES}

    @property
    def planned(self) -> int | None:
        known = [row.planned for row in self.rows if row.planned is not None]
        return sum(known) if known else None


@pages.get("/payments/totals")
@needs(P.READ)
def totals() -> ResponseReturnValue:
    programme = year.current()
    found = money.sums(actor(), programme.id) if programme else []
    books = money.of_year(actor(), programme.id) if programme else []
    planned = _planned(programme.id) if programme else []
    spent = [item for item in found if item.kind in SPENT and item.state is PaymentState.PAID]
    return render_template(
        "money/totals.html",
        tables=[table for table in _tables(found, planned) if table.rows],
        states=STATES,
        recovery=money.total_of(books),
        cases=len(books),
        yuan=yuan,
        spent=sum(item.amount for item in spent),
    )


def _planned(programme: int) -> list[Planned]:
    return money.planned(programmes.tracks_of(programme), Programme.get_by_id(programme).term_months)


def _tables(found: list[Sum], planned: list[Planned]) -> list[Table]:
    years = money.by_year(actor())
    return [
        _by_track(found, planned),
        _by_kind(found),
        _by_host(found, "按培养单位（学费和住宿费）", PaymentKind.TUITION),
        _by_host(found, "退费", PaymentKind.REFUND),
        Table(
            "按年度（学费和住宿费、生活补贴）", "年度", [Row(str(at), cells) for at, cells in years.items()]
        )
        if len(years) > 1
        else Table("", "", []),
    ]


def _by_track(found: list[Sum], planned: list[Planned]) -> Table:
    """The check figures stand beside what was spent: places x rate (九（一）)."""
    rows = [
        Row(
            f"{track.label} · {kind.label}",
            _cells(
                found, lambda item, track=track, kind=kind: (item.track, item.kind) == (track.label, kind)
            ),
            planned=track.amounts[kind],
        )
        for track in planned
        for kind in SPENT
    ]
    return Table("按类别", "类别", rows)


def _by_kind(found: list[Sum]) -> Table:
    rows = [
        Row(
            kind.label,
            _cells(found, lambda item, kind=kind: item.kind is kind),
            f"/payments/?kind={kind.value}",
        )
        for kind in PaymentKind
        if any(item.kind is kind for item in found)
    ]
    return Table("按项目", "项目", rows, summed=False)


def _by_host(found: list[Sum], title: str, kind: PaymentKind) -> Table:
    own = [item for item in found if item.kind is kind]
    hosts = dict.fromkeys((item.host_id, item.host) for item in own)
    rows = [
        Row(
            name or "—",
            _cells(own, lambda item, number=number: item.host_id == number),
            f"/payments/?kind={kind.value}&payee_unit={number}" if number else "",
        )
        for number, name in hosts
    ]
    return Table(title, "培养单位", rows)


def _cells(found: list[Sum], wanted: Callable[[Sum], bool]) -> dict[PaymentState, int]:
    return {
        state: sum(item.amount for item in found if item.state is state and wanted(item)) for state in STATES
    }
