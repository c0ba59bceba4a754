"""The two tracks of 2019 and somebody who qualifies for both; tests change one fact at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tepei_admin.choices import Rule, UnitLevelRule
from tepei_admin.messages import word
from tepei_admin.rules.eligibility import Finding, check
from tepei_admin.rules.facts import PersonFacts
from tepei_admin.rules.policy import RoutePolicy, TrackPolicy

DAY = date(2019, 3, 30)

MASTER = RoutePolicy("硕士研究生及以上学历，从事本专业工作8年以上", "master", 8, "", "二（一）3")
SENIOR = RoutePolicy("副高级及以上职称", "", None, "412", "二（一）3")
BACHELOR = RoutePolicy("大学本科及以上学历，从事本专业工作5年以上", "bachelor", 5, "", "二（二）3")
MIDDLE = RoutePolicy("中级及以上职称", "", None, "420", "二（二）3")

OUTSIDE = TrackPolicy(2019, "outside", "区外", 45, DAY, DAY, clause="二（一）", routes=(MASTER, SENIOR))
INSIDE = TrackPolicy(
    2019,
    "inside",
    "区内",
    35,
    DAY,
    DAY,
    unit_level=UnitLevelRule.LEAGUE,
    clause="二（二）",
    routes=(BACHELOR, MIDDLE),
)

FINE = PersonFacts(
    ethnicity="02",
    birth_date="1985-03-15",
    education="14",
    education_written="硕士研究生",
    degree="304",
    profession_start="2008-07",
    title="副教授",
    title_level="412",
    unit_level="league",
    health=True,
    conduct=True,
    field="economy",
    received_on=date(2019, 3, 20),
)


def person(**changes: Any) -> PersonFacts:
    return replace(FINE, **changes)


def finding(rule: Rule, facts: PersonFacts, policy: TrackPolicy = OUTSIDE) -> Finding:
    return next(found for found in check(facts, policy).findings if found.rule is rule)


def text(found: Finding) -> str:
    return word(found.code, **found.params)
