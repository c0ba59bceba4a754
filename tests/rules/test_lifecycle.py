from __future__ import annotations

import pytest

from tepei_admin.choices import SIDE_EXITS, Status, Verb
from tepei_admin.rules.lifecycle import TRANSITIONS, allowed, verbs_from

# Written out from domain.md, "A trainee's life": who may do what from where, in the order of the buttons.
FROM = {
    "applied": ["recommend", "attest", "transfer", "reject", "withdraw"],
    "recommended": ["admit", "transfer", "reject", "withdraw"],
    "admitted": ["notify", "transfer", "withdraw"],
    "notified": ["report_in", "withdraw", "no_show"],
    "training": ["complete", "terminate", "disqualify"],
    "completed": ["certify"],
    "certified": ["void_certificate", "revoke_certificate"],
    "rejected": ["reinstate"],
    "withdrawn": ["reinstate"],
    "no_show": ["reinstate"],
    "terminated": ["reinstate"],
    "disqualified": ["reinstate"],
    "failed": ["reinstate"],
}
UNDO_FROM = {"applied", "recommended", "admitted", "notified", "training", "rejected", "withdrawn"}
TO = {
    "recommend": ["recommended"],
    "admit": ["admitted"],
    "notify": ["notified"],
    "report_in": ["training"],
    "complete": ["completed", "failed"],
    "certify": ["certified"],
    "void_certificate": ["completed"],
    "revoke_certificate": [],
    "transfer": [],
    "reject": ["rejected"],
    "withdraw": ["withdrawn"],
    "no_show": ["no_show"],
    "terminate": ["terminated"],
    "disqualify": ["disqualified"],
    "reinstate": [],
    "attest": [],
    "undo": [],
}


def having(flag: str) -> set[str]:
    return {verb.value for verb, transition in TRANSITIONS.items() if getattr(transition, flag)}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("verb", list(Verb))
def test_every_verb_from_every_status(status, verb):
    expected = status.value in UNDO_FROM if verb is Verb.UNDO else verb.value in FROM[status.value]
    assert allowed(status, verb) is expected


@pytest.mark.parametrize("status", list(Status))
def test_the_verbs_on_offer_stand_in_the_order_of_the_buttons(status):
    assert [verb.value for verb in verbs_from(status)] == FROM[status.value]


@pytest.mark.parametrize("verb", list(Verb))
def test_where_a_verb_leads(verb):
    assert TRANSITIONS[verb].verb is verb
    assert [target.value for target in TRANSITIONS[verb].targets] == TO[verb.value]


def test_every_side_exit_can_be_reinstated_and_nothing_else():
    assert TRANSITIONS[Verb.REINSTATE].sources == frozenset(SIDE_EXITS)


def test_what_a_verb_asks_for():
    papers = {"void_certificate", "revoke_certificate"}
    assert having("needs_reason") == {"reject", "withdraw", "transfer", "reinstate"} | papers
    assert having("needs_approval") == {"admit", "no_show", "terminate", "disqualify"}
    assert having("needs_date") == {"admit", "notify", "report_in", "attest", "terminate", "disqualify"}
    assert having("second_person") == {"no_show", "terminate", "disqualify", "reinstate"} | papers


def test_withdrawing_after_the_notice_needs_an_approval_number():
    withdraw = TRANSITIONS[Verb.WITHDRAW]
    needed = {status for status in withdraw.sources if withdraw.needs_approval_from(status)}
    assert needed == {Status.NOTIFIED}


def test_what_an_undone_batch_may_take_back():
    undoable = {"recommend", "admit", "notify", "report_in", "attest", "transfer", "reject", "withdraw"}
    assert having("undoable") == undoable
    targets = {target for verb in undoable for target in TRANSITIONS[Verb(verb)].targets}
    assert targets | {Status.APPLIED} == TRANSITIONS[Verb.UNDO].sources


def test_every_status_but_the_first_is_reached_by_some_verb():
    reached = {target for transition in TRANSITIONS.values() for target in transition.targets}
    assert reached == set(Status) - {Status.APPLIED}
