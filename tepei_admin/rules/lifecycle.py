"""A trainee's life as data: which verb leads from where to where, and what it asks for (二 to 六).

What a verb needs of other records (a confirmed placement, a decided case, a place in a quota) is the
services' to check; here stands what the states allow and what the person at the desk must give.
"""

from __future__ import annotations

from dataclasses import dataclass

from tepei_admin.choices import SIDE_EXITS, Status, Verb

A, R, M, N, T, C = (
    Status.APPLIED,
    Status.RECOMMENDED,
    Status.ADMITTED,
    Status.NOTIFIED,
    Status.TRAINING,
    Status.COMPLETED,
)


@dataclass(frozen=True)
class Transition:
    """One verb.

    `target`: one status; for `complete` the two it may end in; None for the same one (transfer, attest)
    or for where it left (reinstate, undo).
    `approval_from`: the sources from which an approval or decision number is needed.
    `second_person`: opened by one person, done when another decides.
    `undoable`: undone with its batch; what is not has a reversing verb of its own, or none.
    """

    verb: Verb
    sources: frozenset[Status]
    target: Status | tuple[Status, ...] | None
    needs_reason: bool = False
    needs_date: bool = False
    approval_from: frozenset[Status] = frozenset()
    second_person: bool = False
    undoable: bool = False

    @property
    def targets(self) -> tuple[Status, ...]:
        """Every status it may lead to by itself; empty where it stays, or goes back to where it left."""
        if self.target is None:
            return ()
        return self.target if isinstance(self.target, tuple) else (self.target,)

    @property
    def needs_approval(self) -> bool:
        """An approval number from every source (admit, a decided case)."""
        return bool(self.approval_from) and self.approval_from == self.sources

    def needs_approval_from(self, status: Status) -> bool:
        return status in self.approval_from


def _from(*sources: Status) -> frozenset[Status]:
    return frozenset(sources)


_NOTIFIED, _TRAINING = _from(N), _from(T)
_EXITS = frozenset(SIDE_EXITS)
# Where the undoable verbs, and an import or an edit of somebody still `applied`, leave a person.
_UNDO = _from(A, R, M, N, T, Status.REJECTED, Status.WITHDRAWN)

# In the order in which buttons stand: the road, what stays in place, the ways out.
_ALL = (
    Transition(Verb.RECOMMEND, _from(A), R, undoable=True),
    Transition(Verb.ADMIT, _from(R), M, needs_date=True, approval_from=_from(R), undoable=True),
    Transition(Verb.NOTIFY, _from(M), N, needs_date=True, undoable=True),
    Transition(Verb.REPORT_IN, _NOTIFIED, T, needs_date=True, undoable=True),
    # Its date, the actual end, may be left out: it is then the planned end.
    Transition(Verb.COMPLETE, _TRAINING, (C, Status.FAILED)),
    Transition(Verb.CERTIFY, _from(C), Status.CERTIFIED),
    Transition(Verb.REINSTATE, _EXITS, None, needs_reason=True, second_person=True),
    Transition(Verb.ATTEST, _from(A), None, needs_date=True, undoable=True),
    Transition(Verb.TRANSFER, _from(A, R, M), None, needs_reason=True, undoable=True),
    Transition(Verb.VOID_CERTIFICATE, _from(Status.CERTIFIED), C, needs_reason=True, second_person=True),
    # After hand-over: the person stays certified, the check page says 已撤销.
    Transition(Verb.REVOKE_CERTIFICATE, _from(Status.CERTIFIED), None, needs_reason=True, second_person=True),
    Transition(Verb.REJECT, _from(A, R), Status.REJECTED, needs_reason=True, undoable=True),
    # After the notice, staying away without cause is case 1 of 六（六）: the Department must agree.
    Transition(
        Verb.WITHDRAW,
        _from(A, R, M, N),
        Status.WITHDRAWN,
        needs_reason=True,
        approval_from=_NOTIFIED,
        undoable=True,
    ),
    Transition(Verb.NO_SHOW, _NOTIFIED, Status.NO_SHOW, approval_from=_NOTIFIED, second_person=True),
    Transition(
        Verb.TERMINATE,
        _TRAINING,
        Status.TERMINATED,
        needs_date=True,
        approval_from=_TRAINING,
        second_person=True,
    ),
    Transition(
        Verb.DISQUALIFY,
        _TRAINING,
        Status.DISQUALIFIED,
        needs_date=True,
        approval_from=_TRAINING,
        second_person=True,
    ),
    Transition(Verb.UNDO, _UNDO, None),
)

TRANSITIONS: dict[Verb, Transition] = {transition.verb: transition for transition in _ALL}


def allowed(status: Status, verb: Verb) -> bool:
    """Do the states allow this verb here?"""
    return status in TRANSITIONS[verb].sources


def verbs_from(status: Status) -> tuple[Verb, ...]:
    """The verbs a person in this status may be offered, in the order of the buttons.

    `undo` is never among them: it is done to a batch, not to a person.
    """
    return tuple(verb for verb in TRANSITIONS if verb is not Verb.UNDO and allowed(status, verb))
