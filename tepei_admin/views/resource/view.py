"""ResourceView: a model's list, filters, search, form, details, bulk actions, from what the model declares.

Of Flask-Admin it keeps the subclass, `add_view`, `expose`, `render` and the form scaffolding; the pages are our
own, with right statuses (303, 403, 404, 409, 422). This room is the only one that knows Flask-Admin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from flask_admin.model import BaseModelView
from werkzeug.datastructures import MultiDict

from tepei_admin.errors import NotAllowed, Refusal, Stale, Violation
from tepei_admin.messages import say_all
from tepei_admin.permissions import Actor, P
from tepei_admin.schema import STAMPS, Record
from tepei_admin.services import crud, opened, scope, verbs
from tepei_admin.services.reveal import reveal
from tepei_admin.views import sent, year
from tepei_admin.views.resource import bulk, pages, search, state
from tepei_admin.views.resource.columns import JsonColumn, column
from tepei_admin.views.resource.convert import Converter
from tepei_admin.views.resource.filters import Filter, filters_of
from tepei_admin.views.resource.forms import RecordForm
from tepei_admin.views.resource.listing import Listing
from tepei_admin.views.resource.lookups import Lookup
from tepei_admin.views.resource.state import State
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries

PK = "/<int(max=2147483647):pk>"
Groups = Sequence[tuple[str, Sequence[str]]]
OF_PEOPLE = "姓名、拼音首字母、单位、身份证号、手机"
"""How people are found."""


class ResourceView(ModelView):
    """The view of one model. A subclass may declare:

    groups    the sections of form and details: (("基本情况", ("name", "sex")), …); what is left over comes last
    beneath   a list's second lines: {"name": "employer"}
    sort_as   the column that orders another one: {"name": "pinyin"}
    counted   what rows are counted in: 人, 条
    list_template, form_template, details_template, and `details(...)` for a page of its own
    """

    groups: ClassVar[Groups] = ()
    beneath: ClassVar[Mapping[str, str]] = {}
    sort_as: ClassVar[Mapping[str, str]] = {}
    counted: ClassVar[str] = "条"
    list_template = "resource/list.html"
    details_template = "resource/details.html"
    form_template = "resource/form.html"

    form_base_class = RecordForm
    model_form_converter = Converter

    # Stock routes and hooks that this class answers in its own way, or not at all.
    ajax_update = ajax_lookup = action_view = action_delete = None

    def __init__(self, model: type[Record], path: str) -> None:
        refuse_stock_options(type(self))
        self.panel = model.panel
        fields = model._meta.sorted_field_names
        self.columns = {name: column(model, name) for name in fields if name not in self.panel.hidden}
        self.listed = [self.columns[name] for name in self.panel.columns]
        self.sortable = {
            name
            for name, item in self.columns.items()
            if not item.sensitive and not isinstance(item, JsonColumn)
        }
        open_to_filters = dict.fromkeys(("id", *(self.panel.filters or self.columns)))
        self.filters: dict[str, Filter] = {
            item.key: item for name in open_to_filters for item in filters_of(self.columns[name])
        }
        closed = self.panel.machine | self.panel.hidden | STAMPS
        self.form_columns = [name for name in fields if name not in closed] if self.panel.edit else ["id"]
        if self.panel.sensitive & set(self.panel.search):
            raise TypeError(f"{model.__name__}: a sensitive column cannot be searched by part")
        super().__init__(model, name=self.panel.title, endpoint=path.replace("-", "_"), url=f"/{path}")

    # --- what the base class asks

    def init_actions(self) -> None:
        """Bulk actions are verbs of `services.verbs`."""

    def init_search(self) -> bool:
        return search.searchable(self.model)

    def get_delete_form(self) -> type[RecordForm]:
        """Deleting has a page and a token of its own."""
        return RecordForm

    get_action_form = get_delete_form

    def _handle_view(self, name: str, **arguments: Any) -> None:
        """Rights were decided before the request came here (`doors.check`), by `needs` and `demand`."""

    def _run_view(self, fn: Any, *args: Any, **arguments: Any) -> Any:
        """Once: the stock one calls again after a TypeError, and so hides where it came from."""
        return fn(self, *args, **arguments)

    # --- rights

    def demand(self, actor: Actor, right: str) -> None:
        """`read`, `edit`, `delete` of this model. Raises `NotAllowed`."""
        actor.require(self.panel.read)
        if right == "edit":
            self._require_edit(actor, "record.not_editable")
        elif right == "delete":
            if not self.panel.delete:
                raise NotAllowed(Violation("record.not_deletable", params={"title": self.panel.title}))
            self._require_edit(actor, "record.not_deletable")

    def _require_edit(self, actor: Actor, code: str) -> None:
        if self.panel.edit is None:
            raise NotAllowed(Violation(code, params={"title": self.panel.title}))
        actor.require(self.panel.edit)
        if actor.unit_id is not None and self.panel.owner is None:
            raise NotAllowed(Violation(code, params={"title": self.panel.title}))

    def may(self, right: str) -> bool:
        try:
            self.demand(actor(), right)
        except NotAllowed:
            return False
        return True

    can_create = can_edit = property(lambda self: self.may("edit"))
    can_delete = property(lambda self: self.may("delete"))
    can_export = property(lambda self: actor().may(P.EXPORT))
    can_reveal = property(lambda self: actor().may(P.REVEAL))

    @property
    def search_hint(self) -> str:
        """What the search box finds: the list's own columns, whole numbers, and people by what is known of them."""
        own = [self.columns[name].label for name in self.panel.search]
        if search.person_of(self.model) is not self.model:
            return "、".join([*own, "姓名、身份证号"]) if own else OF_PEOPLE
        return "、".join(
            [*own, *(f"完整{self.columns[name].label}" for name in search.WHOLE if name in self.columns)]
        )

    # --- the list

    def state(self, args: MultiDict[str, str] | None = None) -> State:
        """The list's state in an address (default: this request's)."""
        args = request.args if args is None else args
        shown = [name for name in self.columns if not isinstance(self.columns[name], JsonColumn)]
        found = state.read(args, check=self._tidy_filter, sortable=self.sortable, columns=shown)
        return found if self._search_supported else replace(found, search="")

    def _tidy_filter(self, key: str, value: str) -> str | None:
        return self.filters[key].tidy(value) if key in self.filters else None

    def listing(self, state: State) -> Listing:
        """The rows of a state, for who is signed in, in the programme in hand."""
        programme = year.current()
        return Listing(self, actor(), state, programme.id if programme else None)

    @expose("/")
    @needs("read")
    def index_view(self) -> ResponseReturnValue:
        wanted = self.state()
        if sorted(request.args.items(multi=True)) != sorted(wanted.pairs()):
            return redirect(f"{self.url}/{wanted.query()}")
        page = pages.list_page(self, wanted)
        if page is None:
            return redirect(f"{self.url}/{wanted.query(page=0)}")
        return self.render(self.list_template, **page)

    @expose("/filter")
    @needs("read")
    def filter_view(self) -> ResponseReturnValue:
        return self.render("resource/filter.html", **pages.filter_page(self, self.state()))

    @expose("/search", methods=("POST",))
    @needs("read")
    def search_view(self) -> ResponseReturnValue:
        """A whole ID number or phone leads to its person; other text goes into the address, but for other long numbers."""
        text, wanted = request.form.get("search", ""), self._posted_state()
        number = search.whole_number(text)
        if number is None:
            tidy = state.tidy_search(text)
            if text.strip() and not tidy:
                flash("这样的号码不能用来查找；查人请用姓名、完整的身份证号或手机", "bad")
            return redirect(f"{self.url}/{wanted.query(search=tidy, page=0)}", 303)
        return redirect(pages.way_to(self, number), 303)

    @expose("/lookup")
    @needs("read")
    def lookup_view(self) -> ResponseReturnValue:
        """What a foreign key's box may mean; for the datalist, so: capped, scoped, in order."""
        found = Lookup(self.model, actor(), getattr(year.current(), "id", None)).find(
            request.args.get("q", "")[:100]
        )
        return jsonify([{"id": number, "label": label} for number, label in found])

    lookup_view.data = True

    def _posted_state(self) -> State:
        return self.state(MultiDict(pages.pairs(request.form.get("query", ""))))

    # --- one row

    @expose(PK)
    @needs("read")
    def details_view(self, pk: int) -> ResponseReturnValue:
        return self.show(pk)

    def show(
        self, pk: int, revealed: Mapping[str, str] | None = None, status: int = 200
    ) -> ResponseReturnValue:
        row = scope.get(actor(), self.model, pk)
        return self.render(self.details_template, **self.details(row, revealed or {})), status

    def details(self, row: Record, revealed: Mapping[str, str]) -> dict[str, Any]:
        """What the details template is given. Override to add to it, with a `details_template` of your own."""
        return pages.details_page(self, row, revealed)

    @expose(f"{PK}/reveal", methods=("POST",))
    @needs("read", P.REVEAL)
    def reveal_view(self, pk: int) -> ResponseReturnValue:
        """The page again with one value in full: never in an address, never without an entry in the history."""
        name = request.form.get("column", "")
        return self.show(pk, {name: reveal(actor(), self.model, pk, name)})

    # --- writing

    @expose("/new", methods=("GET", "POST"))
    @needs("edit")
    def create_view(self) -> ResponseReturnValue:
        form = self.form_of()
        if request.method == "GET":
            return self._form_page(form, None, 200)
        if not form.validate():
            return self._form_page(form, None, 422)
        programme = year.current()
        try:
            number = crud.create(
                actor(), self.model, form.values(), programme=programme.id if programme else None
            )
        except Refusal as refusal:
            return self._form_page(form, None, form.refuse(refusal))
        flash("已保存", "ok")
        return redirect(f"{self.url}/{number}", 303)

    @expose(f"{PK}/edit", methods=("GET", "POST"))
    @needs("edit")
    @carries(VERSION)
    def edit_view(self, pk: int) -> ResponseReturnValue:
        row = scope.get(actor(), self.model, pk)
        form = self.form_of(row)
        if request.method == "GET":
            return self._form_page(form, row, 200)
        if not form.validate():
            return self._form_page(form, row, 422, request.form.get("version"))
        try:
            crud.edit(actor(), self.model, pk, sent.version(), form.values())
        except Refusal as refusal:
            # Only who has been shown the other's values goes on from them; any other refusal keeps what was seen.
            seen, status = request.form.get("version"), form.refuse(refusal)
            if isinstance(refusal, Stale):
                form.merge(opened.before(self.model, pk, sent.version()))
                seen = None
            return self._form_page(form, scope.get(actor(), self.model, pk), status, seen)
        flash("已保存", "ok")
        return redirect(f"{self.url}/{pk}", 303)

    def form_of(self, row: Record | None = None) -> RecordForm:
        """The form over what was posted, or over a row's values (never the row: each foreign key would load)."""
        posted = request.form if request.method == "POST" else None
        programme = year.current()
        kind = self._edit_form_class if row else self._create_form_class
        return kind(
            posted, data=row.__data__ if row else None, actor=actor(), programme=programme and programme.id
        )

    def _form_page(
        self, form: RecordForm, row: Record | None, status: int, version: str | None = None
    ) -> Any:
        return self.render(self.form_template, **pages.form_page(self, form, row, version)), status

    @expose(f"{PK}/delete", methods=("GET", "POST"))
    @needs("delete")
    @carries(VERSION)
    def delete_view(self, pk: int) -> ResponseReturnValue:
        """Asks first. What others depend on is not deleted, and they are counted."""
        row = scope.get(actor(), self.model, pk)
        if request.method == "GET":
            return self.render("resource/delete.html", row=row, refused="")
        try:
            crud.remove(actor(), self.model, pk, sent.version())
        except Refusal as refusal:
            return self.render("resource/delete.html", row=row, refused=say_all(refusal)), refusal.status
        flash(f"已删除“{row}”", "ok")
        return redirect(f"{self.url}/", 303)

    def called(self, row: Record) -> str:
        """What the form's head calls a row."""
        return str(row)

    def leaves_behind(self, row: Record) -> str:
        """What deleting a row means for others that do not point at it, for the page that asks."""
        return ""

    # --- many rows

    def subjects(self, ids: Iterable[int]) -> list[int]:
        """What a verb is done to, where that is not the rows themselves."""
        return list(ids)

    def offers(self) -> list[verbs.Offer]:
        return verbs.offered(actor(), self.model)

    @expose("/act", methods=("POST",))
    @needs("read")
    def act_view(self) -> ResponseReturnValue:
        return redirect(bulk.propose(self, request.form, self._posted_state()), 303)

    @expose("/export", methods=("POST",))
    @needs("read", P.EXPORT)
    def export(self) -> ResponseReturnValue:
        """The list as it stands, or its ticked rows."""
        from tepei_admin.views import exports

        return exports.send_list(
            self, bulk.narrowed(self._posted_state(), request.form), request.form.get("format", "csv")
        )


def refuse_stock_options(kind: type[ResourceView]) -> None:
    """A stock option that does nothing here is an error at start, not a surprise later."""
    stock = {name for base in (ModelView, BaseModelView) for name in vars(base)}
    ours = set(vars(ResourceView))
    for base in kind.__mro__:
        if base is ResourceView:
            break
        dead = sorted(name for name in vars(base).keys() & (stock - ours) if not name.startswith("__"))
        if dead:
            raise TypeError(f"{base.__name__}: ResourceView does not honour {', '.join(dead)}")
