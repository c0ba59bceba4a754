"""A record's form for one request: what was typed, what it refuses, what would be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_admin.form import BaseForm

from tepei_admin.errors import Refusal, Stale
from tepei_admin.messages import say
from tepei_admin.permissions import Actor
from tepei_admin.views.resource.fields import RefField
from tepei_admin.views.resource.lookups import Lookup


class RecordForm(BaseForm):
    """The base of every scaffolded form. Fields it does not have are ignored, whoever posts them."""

    def __init__(
        self,
        formdata: Any = None,
        *,
        data: Mapping[str, Any] | None = None,
        actor: Actor,
        programme: int | None,
    ):
        super().__init__(formdata, data=dict(data or {}))
        self.top: list[str] = []
        self.theirs: dict[str, Any] = {}
        self.taken: list[str] = []
        for field in self:
            if isinstance(field, RefField):
                field.lookup = Lookup(field.target, actor, programme, only=field.column.only)
                self._prefill(field, actor)

    def _prefill(self, field: RefField, actor: Actor) -> None:
        """A clerk's own unit, the only one there is to choose."""
        if actor.unit_id and field.data is None and not field.text and field.target.panel.owner == "self":
            field.data = actor.unit_id

    def values(self) -> dict[str, Any]:
        """What would be written. A sensitive value that was left as it is, is not in it."""
        return {field.name: field.data for field in self if not getattr(field, "kept", "")}

    def refuse(self, refusal: Refusal) -> int:
        """Put the reasons under their fields, or on top; the status to answer with."""
        for violation in refusal.violations:
            field = self._fields.get(violation.field or "")
            if field is None:
                self.top.append(say(violation))
            else:
                field.errors = [*field.errors, say(violation)]
        if isinstance(refusal, Stale):
            self.theirs = {name: value for name, value in refusal.theirs.items() if name in self._fields}
        return refusal.status

    def merge(self, opened: Mapping[str, Any] | None) -> None:
        """After a refusal because somebody else was faster: what only they have changed is taken over, what only we
        have changed stands; left in `theirs` is what both have. `opened`: the columns that have changed since the form
        was opened, as they were then; None where nobody knows: then everything that differs is left."""
        for name, value in list(self.theirs.items()):
            field = self._fields[name]
            ours = opened is not None and name not in opened
            if ours or field.data == value:
                del self.theirs[name]
            elif opened is not None and field.data == opened[name]:
                field.raw_data = None  # what was typed; a box shows it before its value
                field.process(None, value)
                del self.theirs[name]
                self.taken.append(name)
