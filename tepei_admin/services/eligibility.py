"""The eligibility check on a set of people: computed in one pass, stored with its policy and facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.database import among
from tepei_admin.messages import word
from tepei_admin.models import EligibilityCheck, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.rules.eligibility import Check, check
from tepei_admin.rules.facts import PersonFacts
from tepei_admin.rules.policy import TrackPolicy
from tepei_admin.schema import JsonField
from tepei_admin.services import gather, record
from tepei_admin.services.plan import Args, Ids, Line, Plan
from tepei_admin.services.scope import scope
from tepei_admin.services.work import in_hand


@dataclass(frozen=True)
class Checked:
    """A result with what it was computed from."""

    check: Check
    facts: PersonFacts
    policy: TrackPolicy


def compute(people: Mapping[int, int], *, unit_level: str | None = None) -> dict[int, Checked]:
    """The results of {person: track}, afresh; nothing is stored."""
    policy = gather.policies(people.values())
    waived = gather.waived(people)
    results = {}
    for person, facts in gather.facts(people, unit_level=unit_level).items():
        conditions = policy[people[person]]
        results[person] = Checked(
            check(facts, conditions, waived.get(person, frozenset())), facts, conditions
        )
    return results


def of_new(track: int, people: Iterable[PersonFacts]) -> list[Checked]:
    """The results of people who are about to be entered, in order: what `compute` would say of them afterwards."""
    conditions = gather.policies([track])[track]
    return [Checked(check(facts, conditions), facts, conditions) for facts in people]


def store(results: Mapping[int, Checked]) -> None:
    """Keep the results, inside a command. The trainee's own columns carry them for lists."""
    keep(results)
    columns = {person: {**carried(item), "eligibility_stale": False} for person, item in results.items()}
    record.update_each(Trainee, columns, versioned=False)


def carried(item: Checked) -> dict[str, str]:
    """What the trainee's own columns carry of a result."""
    return {"eligibility": item.check.result.value, "eligibility_cause": item.check.cause}


def keep(results: Mapping[int, Checked]) -> None:
    """Keep the results with what they were computed from, for people whose own columns carry them already."""
    work = in_hand()
    policies = {id(item.policy): item.policy for item in results.values()}
    kept = {key: JsonField.written(policy.as_dict()) for key, policy in policies.items()}  # one a track
    record.put_computed(
        EligibilityCheck,
        "trainee",
        [
            {
                "trainee": person,
                "result": item.check.result.value,
                "findings": [finding.as_dict() for finding in item.check.findings],
                "facts": item.facts.as_dict(),
                "policy": kept[id(item.policy)],
                "checked_at": work.at,
            }
            for person, item in results.items()
        ],
    )
    work.computed.update(dict.fromkeys(results, len(work.changes)))


def plan_check(actor: Actor, people: Ids, args: Args) -> Plan:
    """Everybody in sight can be checked; the line tells the result."""
    condition = scope(actor, Trainee)
    query = Trainee.select(Trainee.id, Trainee.name, Trainee.version, Trainee.track)
    query = query.where(among(Trainee.id, list(people))).order_by(Trainee.id)
    rows = list((query if condition is None else query.where(condition)).tuples())
    results = compute({number: track for number, _, _, track in rows})
    lines = tuple(
        Line(number, name, version, values={"result": summary(results[number].check)})
        for number, name, version, _ in rows
    )
    return Plan("check", args, lines, extra={"results": results})


def summary(item: Check) -> str:
    """符合, or 不符合：年龄."""
    return item.result.label + (f"：{item.cause}" if item.cause else "")


def worded(finding: Mapping[str, Any]) -> str:
    """The sentence of a stored finding."""
    return word(finding["code"], **finding["params"])
