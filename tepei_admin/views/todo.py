"""今日待办: what waits to be done, each a number with the list behind it, in the order of the year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tepei_admin.choices import Result, Status
from tepei_admin.permissions import Actor
from tepei_admin.services import documents, due, follow_ups, home
from tepei_admin.services.home import Group, Overview


@dataclass(frozen=True)
class Item:
    """A number with the list behind it. `late`: it should have been done."""

    title: str
    count: int
    url: str
    late: bool = False


def people(**filters: object) -> str:
    """The list of trainees, filtered. A name's `__` stands for the dot of its operation."""
    pairs = "&".join(f"{name.replace('__', '.')}={_value(value)}" for name, value in filters.items())
    return "/trainees/" + (f"?{pairs}" if pairs else "")


def _value(value: object) -> str:
    if isinstance(value, frozenset | set):
        return ",".join(item.value for item in Status if item in value)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def todo(actor: Actor, found: Overview, today: dt.date) -> list[Item]:
    """All that is not nothing."""
    items = (
        *_admission(found, today),
        Item("待核准", found.waiting, "/requests/"),
        *_training(found, due.of(actor, found.programme, today)),
        *_papers(actor, found, today),
    )
    return [item for item in items if item.count]


# --- Up to the admission


def _admission(found: Overview, today: dt.date) -> Iterable[Item]:
    applied = Status.APPLIED.value
    overdue = today > found.programme.materials_deadline

    def count(status: Status, result: str) -> int:
        return found.people(lambda g: g.status == status and g.eligibility == result)

    yield Item("资格未核查", count(Status.APPLIED, ""), people(status=applied, eligibility__empty=1))
    pending = count(Status.APPLIED, Result.PENDING)
    yield Item("资格待定", pending, people(status=applied, eligibility="pending"))
    stale = people(status={Status.APPLIED, Status.RECOMMENDED}, eligibility_stale=1)
    yield Item("资格需重核", found.people(_stale), stale)
    yield Item("缺单位证明", found.people(_unsigned), people(status=applied, attested_signed__empty=1))
    ready = people(status=applied, eligibility="eligible")
    yield Item("符合条件未推荐", found.people(home.may_be_recommended), ready, overdue)
    yield from _held_back(found)
    yield Item("未落实培养单位", len(found.unplaced), _unplaced(found))


def _stale(group: Group) -> bool:
    return group.stale and group.status in (Status.APPLIED, Status.RECOMMENDED)


def _unsigned(group: Group) -> bool:
    return group.status == Status.APPLIED and not group.signed


def _held_back(found: Overview) -> Iterable[Item]:
    """The eligible whose unit has no place (left) for them, track by track."""
    for track in found.tracks:
        quotas = {quota.unit: quota.places for quota in found.quotas if quota.track == track.id}
        units = sorted({g.unit for g in found.groups if g.track == track.id and home.may_be_recommended(g)})
        closed = [unit for unit in units if quotas.get(unit) is None]
        full = [
            unit
            for unit in units
            if unit not in closed and found.taken(track.id, unit) >= (quotas[unit] or 0)
        ]
        for title, some in (("名额已满仍有合格人选", full), ("名额未分配", closed)):
            number = sum(found.eligible_waiting(track.id, unit) for unit in some)
            url = people(status=Status.APPLIED.value, eligibility="eligible", track=track.id, unit=some)
            yield Item(f"{title}（{track.label}，{len(some)} 个单位）", number, url)


def _unplaced(found: Overview) -> str:
    """By status where that says it all, else by the people's own numbers."""
    admitted = found.people(lambda g: g.status == Status.ADMITTED)
    everybody = len(found.unplaced) == admitted
    return people(status=Status.ADMITTED.value) if everybody else people(id=found.unplaced)


# --- The training year

TRAINING = (
    ("receipt", "未登记收到通知", "/trainees/", False),
    ("arrival", "过期未报到", "/trainees/", True),
    ("tuition", "学费未提出", "/trainees/", False),
    ("leave_asked", "请假待答复", "/leaves/", False),
    ("leave_ending", "假期将满", "/leaves/", False),
    ("assess", "结业考核到期", "/trainees/", True),
    ("held", "基本合格待定", "/trainees/", False),
    ("complete", "可办结业", "/trainees/", False),
    ("stipend", "生活补贴未提出", "/trainees/", False),
    ("to_approve", "经费待核准", "/payments/", False),
    ("to_pay", "经费待支付", "/payments/", False),
    ("case", "终止与取消办理中", "/terminations/", False),
    ("recovery", "追缴未结清", "/terminations/", False),
)
"""(matter of `due`, title, list, late)"""
STATES = {"to_approve": "/payments/?state=draft", "leave_asked": "/leaves/?state=asked"}
"""Where a filter says it as well as the numbers do."""


def _training(found: Overview, matters: Mapping[str, Sequence[int]]) -> Iterable[Item]:
    for matter, title, path, late in TRAINING:
        numbers = matters.get(matter, ())
        url = STATES.get(matter) or f"{path}?id={','.join(map(str, numbers))}"
        yield Item(title, len(numbers), url, late)


# --- Certificates, papers, contacts


def _papers(actor: Actor, found: Overview, today: dt.date) -> Iterable[Item]:
    year = found.programme.id
    called = follow_ups.due(actor, year, today)
    yield Item("考核合格待发证", found.people(lambda g: g.status == Status.COMPLETED), "/certificates/ready")
    yield Item("档案材料不齐", len(documents.missing(actor, year)), "/documents/missing")
    yield Item("该联系了", len(called), f"/follow-ups/?id={','.join(map(str, called))}", late=True)
