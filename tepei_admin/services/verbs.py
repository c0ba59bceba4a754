"""Every verb that can be done to a set of people: who may, what it asks for, its plan. One registry.

`perform` is the command behind the one-person button, the bulk action, the import and the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import Verb
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import Certificate, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.lifecycle import TRANSITIONS
from tepei_admin.schema import Record
from tepei_admin.services import batches, certificates, documents, eligibility, requests, trainees
from tepei_admin.services.command import command
from tepei_admin.services.lifecycle import move
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan, sound
from tepei_admin.services.work import in_hand


@dataclass(frozen=True)
class VerbSpec:
    """One verb. `asks` names the arguments of its form in order (`asks.ASKS`); `needs` those that must be given.

    `apply` does what the plan says, where that is more than `move`; it may return the plan as it came out.
    `shown`: the list that offers it, where that is not the list of `model`.
    """

    name: str
    label: str
    right: P
    plan: Callable[[Actor, Ids, Args], Plan]
    asks: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    undoable: bool = False
    second_person: bool = False
    apply: Callable[[Plan], Plan | None] | None = None
    main: bool = False
    danger: bool = False
    model: type[Record] = Trainee
    shown: type[Record] | None = None


@dataclass(frozen=True)
class Offer:
    """A button."""

    name: str
    label: str
    main: bool
    danger: bool


def _spec(verb: Verb, right: P, asks: Sequence[str], needs: Sequence[str] = (), **options: Any) -> VerbSpec:
    planner = options.pop("plan", None) or requests.PLANNERS.get(verb) or trainees.PLANNERS[verb]
    transition = TRANSITIONS[verb]
    return VerbSpec(
        verb.value, verb.label, right, planner, tuple(asks), frozenset(needs),
        undoable=transition.undoable, second_person=transition.second_person, **options,
    )  # fmt: skip


SPECS: dict[str, VerbSpec] = {
    spec.name: spec
    for spec in (
        VerbSpec("check", "核查资格", P.CHECK, eligibility.plan_check),
        _spec(Verb.ATTEST, P.ENTER, ("on", "reason"), ("on", "reason")),
        _spec(Verb.RECOMMEND, P.WORK, ("on",), ("on",), main=True),
        _spec(Verb.ADMIT, P.WORK, ("on", "approval_no"), ("on", "approval_no")),
        _spec(Verb.TRANSFER, P.WORK, ("on", "unit", "track", "reason"), ("on", "reason")),
        _spec(Verb.REJECT, P.WORK, ("on", "reason"), ("on", "reason"), danger=True),
        _spec(Verb.WITHDRAW, P.WORK, ("on", "reason", "approval_no"), ("on", "reason"), danger=True),
        _spec(Verb.REINSTATE, P.OPEN, ("on", "reason"), ("on", "reason")),
        _spec(
            Verb.CERTIFY,
            P.WORK,
            ("on",),
            ("on",),
            plan=certificates.plan_certify,
            apply=certificates.issue,
        ),
        VerbSpec(
            "hand_over",
            "交付证书",
            P.WORK,
            certificates.plan_hand_over,
            ("on",),
            frozenset({"on"}),
            apply=certificates.hand_over,
            main=True,
            shown=Certificate,
        ),
        VerbSpec(
            "reissue",
            "补发证书",
            P.WORK,
            certificates.plan_reissue,
            ("on", "reason"),
            frozenset({"on"}),
            apply=certificates.reissue,
            shown=Certificate,
        ),
        _spec(
            Verb.VOID_CERTIFICATE,
            P.OPEN,
            ("on", "reason"),
            ("on", "reason"),
            danger=True,
            shown=Certificate,
        ),
        _spec(
            Verb.REVOKE_CERTIFICATE,
            P.OPEN,
            ("on", "reason"),
            ("on", "reason"),
            danger=True,
            shown=Certificate,
        ),
        VerbSpec(
            "receive",
            "登记材料",
            P.WORK,
            documents.plan_receive,
            ("on", "document"),
            frozenset({"on", "document"}),
            apply=documents.receive_many,
        ),
        VerbSpec(
            "archive",
            "送档",
            P.WORK,
            documents.plan_archive,
            ("on", "archived_to"),
            frozenset({"on", "archived_to"}),
            apply=documents.archive,
        ),
    )
}


def spec(name: str) -> VerbSpec:
    """Raises `RuleViolation` for a verb there is none of."""
    if name not in SPECS:
        labels = "、".join(f"{item.name}（{item.label}）" for item in SPECS.values())
        raise RuleViolation(Violation("verb.unknown", params={"verb": name, "verbs": labels}))
    return SPECS[name]


def offered(actor: Actor, model: type[Record]) -> list[Offer]:
    """The bulk actions of a list, as far as this actor has the right."""
    return [
        Offer(item.name, item.label, item.main, item.danger)
        for item in SPECS.values()
        if (item.shown or item.model) is model and actor.may(item.right)
    ]


def plan(actor: Actor, name: str, ids: Ids, args: Args, versions: Mapping[int, int] | None = None) -> Plan:
    """What would happen. Raises `NotAllowed`, and `RuleViolation` for an argument that is missing."""
    item = spec(name)
    actor.require(item.right)
    sound(args)
    made = item.plan(actor, ids, args)
    if versions is None:
        return made
    return replace(made, lines=tuple(_unless_changed(line, versions) for line in made.lines))


def _unless_changed(line: Line, versions: Mapping[int, int]) -> Line:
    if versions.get(line.id, line.version) == line.version:
        return line
    return replace(line, refused=Violation("verb.changed_meanwhile"))


@command(None)
def perform(
    actor: Actor,
    name: str,
    ids: Ids,
    args: Args,
    *,
    versions: Mapping[int, int] | None = None,
    reason: str = "",
) -> Outcome:
    """Do the verb to everybody it can be done to, as one batch. Nobody at all: nothing is written."""
    item = spec(name)
    made = plan(actor, name, ids, args, versions)
    if not made.doable:
        return Outcome(None, skipped=made.skipped)
    work = in_hand()
    work.verb, work.reason = name, reason or args.reason
    work.batch_id = batches.begin(actor, name, f"{item.label} {len(made.doable)} 人", made)
    waiting: tuple[int, ...] = ()
    if item.second_person:
        waiting = requests.open_all(actor, Verb(name), made)
    else:
        if item.apply is not None:
            made = item.apply(made) or made
        elif name != "check":
            move(made.doable, Verb(name), args)
        if "results" in made.extra:
            done = {line.id for line in made.doable}
            eligibility.store(
                {person: item for person, item in made.extra["results"].items() if person in done}
            )
    batches.close(work.batch_id, made)
    return Outcome(work.batch_id, tuple(line.id for line in made.doable), made.skipped, waiting)
