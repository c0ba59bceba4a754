"""The short conditions of 二 and 三: minority, health, conduct, the sending unit's level."""

from __future__ import annotations

from tepei_admin import codes
from tepei_admin.choices import Rule, UnitLevel, UnitLevelRule, Verdict
from tepei_admin.rules.facts import PersonFacts
from tepei_admin.rules.finding import Finding
from tepei_admin.rules.policy import TrackPolicy

HAN = "01"
NOT_A_GROUP = frozenset({"97", "98"})  # 其他, 外国血统中国籍人士: a person decides


def check_minority(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    """二（一）2: one of the 55 groups of GB/T 3304 other than Han."""
    code, groups = facts.ethnicity, codes.ethnic_groups()
    if not code:
        verdict, why = Verdict.UNKNOWN, "unknown"
    elif code == HAN:
        verdict, why = Verdict.NOT_MET, "not_met"
    elif code in NOT_A_GROUP or code not in groups:
        verdict, why = Verdict.NEEDS_DECISION, "ask"
    else:
        verdict, why = Verdict.MET, "met"
    name = groups.get(code, code)
    used = {"ethnicity": code, "ethnicity_name": name}
    clause = policy.clause_of(2)
    code = f"eligibility.minority.{why}"
    return Finding(Rule.MINORITY, verdict, True, clause, code, {"ethnicity": name}, used)


def _attested(rule: Rule, value: bool | None, clause: str) -> Finding:
    """A statement of the unit: yes, no, or not made."""
    verdict = Verdict.UNKNOWN if value is None else Verdict.MET if value else Verdict.NOT_MET
    code = f"eligibility.{rule.value}.{verdict.value}"
    return Finding(rule, verdict, True, clause, code, {}, {rule.value: value})


def check_health(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    # 身心健康 stands in item 2, beside minority and age; conduct alone is item 1.
    return _attested(Rule.HEALTH, facts.health, policy.clause_of(2))


def check_conduct(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    return _attested(Rule.CONDUCT, facts.conduct, policy.clause_of(1))


def check_level(facts: PersonFacts, policy: TrackPolicy) -> Finding | None:
    """三（二）: only leagues, cities and below. No finding in a track that takes every unit."""
    if policy.unit_level != UnitLevelRule.LEAGUE:
        return None
    verdict, why = {
        UnitLevel.LEAGUE.value: (Verdict.MET, "met"),
        UnitLevel.COUNTY.value: (Verdict.MET, "met"),
        UnitLevel.REGION.value: (Verdict.NOT_MET, "not_met"),
        UnitLevel.BRANCH.value: (Verdict.NEEDS_DECISION, "ask"),
    }.get(facts.unit_level, (Verdict.UNKNOWN, "unknown"))
    params = {"level": UnitLevel.label_of(facts.unit_level)}
    used = {"unit_level": facts.unit_level}
    return Finding(Rule.LEVEL, verdict, True, "三（二）", f"eligibility.level.{why}", params, used)
