"""The check of 二 and 三: facts and policy in, a list of findings and one result out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tepei_admin.choices import Result, Rule, Verdict
from tepei_admin.messages.eligibility import CAUSES
from tepei_admin.rules.age import check_age
from tepei_admin.rules.conditions import check_conduct, check_health, check_level, check_minority
from tepei_admin.rules.facts import PersonFacts
from tepei_admin.rules.finding import UNDECIDED, Finding
from tepei_admin.rules.once import check_once
from tepei_admin.rules.policy import TrackPolicy
from tepei_admin.rules.reported import check_field, check_on_time, check_scope
from tepei_admin.rules.routes import check_routes

__all__ = ["Check", "Finding", "check"]

TESTS: tuple[Callable[[PersonFacts, TrackPolicy], Finding | None], ...] = (
    check_minority,
    check_age,
    check_routes,
    check_health,
    check_conduct,
    check_level,
    check_once,
    check_scope,
    check_field,
    check_on_time,
)


@dataclass(frozen=True)
class Check:
    """The result of one check, with everything it was decided by."""

    result: Result
    findings: tuple[Finding, ...]

    @property
    def cause(self) -> str:
        """What first makes it ineligible or pending, in a word ("年龄", "生日当天"); '' if eligible."""
        wanted = {Result.INELIGIBLE: {Verdict.NOT_MET}, Result.PENDING: UNDECIDED}.get(self.result, set())
        for finding in self.findings:
            if finding.counts and finding.standing in wanted:
                return CAUSES.get(finding.code, finding.rule.label)
        return ""


def check(facts: PersonFacts, policy: TrackPolicy, waived: frozenset[Rule] = frozenset()) -> Check:
    """All rules, in the order of `choices.Rule`. `waived`: the rules that a Waiver overrides."""
    found = (test(facts, policy) for test in TESTS)
    findings = tuple(_waive(finding, waived) for finding in found if finding is not None)
    return Check(_result(findings), findings)


def _waive(finding: Finding, waived: frozenset[Rule]) -> Finding:
    """Marked only where the waiver has an effect: on what counts and is not met anyway."""
    needed = finding.counts and finding.verdict != Verdict.MET
    return replace(finding, waived=True) if needed and finding.rule in waived else finding


def _result(findings: tuple[Finding, ...]) -> Result:
    standings = {finding.standing for finding in findings if finding.counts}
    if Verdict.NOT_MET in standings:
        return Result.INELIGIBLE
    return Result.PENDING if standings & UNDECIDED else Result.ELIGIBLE
