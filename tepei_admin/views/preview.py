"""A file that came in, before it is stored: what it would do row by row; storing it. Only one page is read at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation
from tepei_admin.exchange import jobs, kept, long_work, masking, mending, past_list
from tepei_admin.exchange.columns import ALL_COLUMNS, BESIDE, BY_FIELD, REQUIRED, Column, report_values
from tepei_admin.exchange.intake import labels
from tepei_admin.messages import say_all, word
from tepei_admin.models import Trainee, Unit, Upload, UploadRow
from tepei_admin.permissions import P
from tepei_admin.services import outlook, scope, uploads
from tepei_admin.views import intake, sent
from tepei_admin.views.resource import words
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries

pages = Blueprint("preview", __name__)
PK = "<int(max=2147483647):number>"
PAGE = 50
OUTCOMES = {
    "new": ("新增", "ok"), "changed": ("变更", "done"), "same": ("无变化", "plain"), "error": ("错误", "bad"),
    "skipped": ("跳过", "plain"), "hidden": ("隐藏", "wait"),
}  # fmt: skip
LEVELS = {"error": "错误", "warning": "提醒", "notice": "说明"}
ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
}  # fmt: skip
"""As Excel and Notepad name them."""
FIRST = ("name", "ethnicity", "birth_date", "id_number", "education", "title", "employer")
"""The values that have a column of their own; the others stand in a list below the row."""


@dataclass(frozen=True)
class Filter:
    """What of an upload is shown; the whole of it is the address."""

    upload: int
    root: str
    show: str = ""
    level: str = ""
    column: str = ""
    page: int = 0

    @classmethod
    def asked(cls, upload: Upload, given: Mapping[str, str]) -> Filter:
        """From an address; words that mean nothing count as nothing."""
        show, level, column = (given.get(name, "") for name in ("show", "level", "column"))
        return cls(
            upload.id,
            address_of(upload),
            show if show in OUTCOMES else "",
            level if level in LEVELS else "",
            column if column in fields_of(upload) else "",
            scope.number_of(given.get("page", "")) or 0,
        )

    def query(self) -> Any:
        found = UploadRow.select().where(UploadRow.upload == self.upload)
        if self.show:
            found = found.where(UploadRow.outcome == self.show)
        if self.level or self.column:
            found = found.where(UploadRow.marks.contains(self._mark()))
        return found.order_by(UploadRow.number)

    def _mark(self) -> str:
        if self.level and self.column:
            return f"|{self.level}:{self.column}|"
        return f"|{self.level}:" if self.level else f":{self.column}|"

    def address(self, base: str = "", **changes: Any) -> str:
        """The address of this view with something changed."""
        values = {"show": self.show, "level": self.level, "column": self.column, "page": self.page, **changes}
        asked = urlencode({name: value for name, value in values.items() if value})
        return (f"/import/{self.upload}{base}" if base else self.root) + (f"?{asked}" if asked else "")


def address_of(upload: Upload) -> str:
    """The page that shows what a file would do: of a summary table, or of a list of 往年学员."""
    return f"/past-trainees/load/{upload.id}" if upload.track_id is None else f"/import/{upload.id}"


def fields_of(upload: Upload) -> Mapping[str, Column]:
    """The columns that such a file may have, by field."""
    return past_list.BY_FIELD if upload.track_id is None else BY_FIELD


@pages.get(f"/import/{PK}")
@needs(P.ENTER)
def look(number: int) -> ResponseReturnValue:
    """What the file would do. Reads only: it was checked when it came in."""
    return page(uploads.table_of(actor(), number))


def page(upload: Upload, refused: str = "", typed: Mapping[str, str] | None = None) -> str:
    """The preview; `typed`: what somebody wrote into its boxes, when that could not be taken."""
    if "counts" not in upload.report:
        return columns_page(upload, refused, typed)
    given = typed if typed is not None else request.args
    chosen = Filter.asked(upload, given)
    seen, tracks = shown(upload, chosen), labels(upload.track)
    return render_template(
        "intake/preview.html",
        **{**seen, "rows": [_row(row, upload, typed or {}, tracks) for row in seen["rows"]]},
        first=[(name, BY_FIELD[name].header) for name in FIRST],
        refused=refused,
        doubts=kept.report(upload.report).messages,
        outlook=outlook.of_upload(upload) if upload.batch_id is None else [],
        **columns_of(upload),
    )


def shown(upload: Upload, chosen: Filter) -> dict[str, Any]:
    """What the look at any upload needs: counts, filters, and the rows of one page."""
    counts, trouble = upload.report["counts"], upload.report["trouble"]
    total = _total(chosen, counts)
    pages_of = max(1, -(-total // PAGE))
    at = min(chosen.page, pages_of - 1)
    return {
        "upload": upload,
        "report": upload.report,
        "encoding": ENCODINGS.get(upload.report["encoding"], ""),
        "counts": {"": sum(counts.values()), **counts},
        "tabs": [("", "全部"), *((name, label) for name, (label, _) in OUTCOMES.items() if counts[name])],
        "levels": [(name, label) for name, label in LEVELS.items() if name in trouble],
        "in_trouble": columns_in_trouble(fields_of(upload), trouble),
        "filter": chosen,
        "rows": list(chosen.query().limit(PAGE).offset(at * PAGE)),
        "total": total,
        "page": at,
        "pages": pages_of,
        "storable": counts["new"] + counts["changed"],
        "open": upload.batch_id is None,
        "may_fetch": may_fetch(upload),
    }


def may_fetch(upload: Upload) -> bool:
    """Whole numbers leave the house with those who may see them, and with whoever brought them in."""
    return actor().may(P.REVEAL) or upload.by_id == actor().id


def _total(chosen: Filter, counts: Mapping[str, int]) -> int:
    if chosen.level or chosen.column:
        return int(chosen.query().count())
    return counts[chosen.show] if chosen.show else sum(counts.values())


def columns_in_trouble(
    known: Mapping[str, Column], trouble: Mapping[str, Mapping[str, int]]
) -> list[tuple[str, str, int]]:
    """(field, header, messages) of the columns that anything is said about."""
    counted: dict[str, int] = {}
    for columns in trouble.values():
        for name, count in columns.items():
            counted[name] = counted.get(name, 0) + count
    return [(name, column.header, counted[name]) for name, column in known.items() if name in counted]


# --- One row


def _row(
    row: UploadRow, upload: Upload, typed: Mapping[str, str], tracks: Mapping[str, str]
) -> dict[str, Any]:
    values = report_values(row.values)
    if "track" in values:
        values["track"] = tracks.get(values["track"], values["track"])
    return {
        **said(row, upload, typed),
        "first": [_value(name, values) for name in FIRST],
        "rest": [(_header(name), _value(name, values)) for name in values if name not in FIRST],
    }


def said(row: UploadRow, upload: Upload, typed: Mapping[str, str]) -> dict[str, Any]:
    """What is said of a row of any upload, with the boxes in which it is put right."""
    known = fields_of(upload)
    label, chip = OUTCOMES[row.outcome]
    order = tuple(LEVELS)
    messages = sorted(row.messages, key=lambda item: order.index(item["level"]))
    wrong = list(
        dict.fromkeys(item["field"] for item in messages if item["level"] == "error" and item["field"])
    )
    at = mending.columns_of(upload)
    return {
        "number": row.number,
        "blank": not row.cells,
        "label": label,
        "chip": chip,
        "messages": [
            (item["level"], masking.sentence(item["text"], item["field"]), item["field"]) for item in messages
        ],
        "wrong": wrong,
        "boxes": {name: box(row, known[name], at, typed) for name in wrong if name in known},
        "tick": tick(row),
        "ticked": f"tick.{row.number}" in typed if typed else bool(row.choice),
        "corrected": bool(row.corrections),
    }


def box(row: UploadRow, column: Column, at: Mapping[str, int], typed: Mapping[str, str]) -> dict[str, Any]:
    """The box in which a cell is put right. A masked cell's box is empty: what is typed takes its place whole.

    `lines`: the text has several, and a box of one line would join them.
    """
    name, key = column.field, f"cell.{row.number}.{column.field}"
    sent = mending.as_sent(row, at, name)
    now = row.corrections[name]["text"] if name in row.corrections else sent
    hidden = name in Trainee.panel.sensitive
    return {
        "key": key,
        "label": column.header,
        "value": (value := typed.get(key, "" if hidden else now)),
        "lines": "\n" in value or "\r" in value,
        "hint": f"{masking.value(now, name)}，请重新填写" if hidden and now else "",
        "sent": masking.value(sent, name),
        "now": masking.value(now, name),
    }


def tick(row: UploadRow) -> str:
    """What can be said of the whole row: to take a hidden one, to leave one out."""
    if not row.cells:
        return ""
    if row.hidden:
        return "take"
    return "skip" if row.choice or row.outcome == "error" else ""


def _header(name: str) -> str:
    if name in BY_FIELD:
        return BY_FIELD[name].header
    return str(Trainee._meta.fields[name].verbose_name)


def _value(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if name in Trainee.panel.sensitive:
        return words.tail(value)
    if name.endswith(("_date", "_start", "_date_written")):
        return words.partial_day(value) if "-" in str(value) else str(value)
    choices = dict(Trainee._meta.fields[name].choices or ()) if name in BESIDE else {}
    return str(choices.get(value, value))


# --- The columns of the file


def columns_of(upload: Upload, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """How the columns are understood, for the page's head and for putting them right."""
    found = upload.report["headings"]
    fields = {field for _, _, _, _, field in found}
    choices = upload.report.get("choices", {})
    sender = upload.report.get("sender", "")
    return {
        "headings": [
            {
                "index": index,
                "written": written.replace("\n", " "),
                "field": (typed or {}).get(f"column.{index}", _code(field)),
                "header": BY_FIELD[field].header if field else "序号" if field == "" else "",
                "chosen": label in choices,
                "filled": index in upload.report.get("unread", ()),
                "serial": own == "",
            }
            for index, written, label, own, field in found
        ],
        "offered": [(column.field, column.header) for column in ALL_COLUMNS if column.field],
        "absent": [column.header for column in ALL_COLUMNS if column.field and column.field not in fields],
        "lacking": [column.header for column in REQUIRED if column.field not in fields],
        "sender": Unit.select(Unit.name).where(Unit.code == sender).scalar() if sender else "",
    }


def _code(field: str | None) -> str:
    """How a select names it: "" is not imported, "#" the serial number."""
    return "" if field is None else field or "#"


def columns_page(upload: Upload, refused: str, typed: Mapping[str, str] | None) -> str:
    """The columns on a page of their own, while a required one is missing."""
    return render_template(
        "intake/columns.html",
        upload=upload,
        report=upload.report,
        refused=refused,
        **columns_of(upload, typed),
    )


# --- Storing


@pages.post(f"/import/{PK}")
@needs(P.ENTER)
@carries(VERSION)
def store(number: int) -> ResponseReturnValue:
    """One transaction, one batch; what was shown, or shown anew where the data have changed since."""
    upload = uploads.table_of(actor(), number)
    if upload.batch_id is not None:
        flash(word("import.already_stored", batch=upload.batch_id), "wait")
        return redirect(f"/batches/{upload.batch_id}", 303)
    version = sent.version()
    order = {
        "name": upload.file_name, "upload": number, "version": version,
        "accept_good": request.form.get("accept") == "good",
    }  # fmt: skip
    if upload.size > intake.LARGE:
        return redirect(
            f"/import/jobs/{jobs.start(current_app.config['TEPEI'], actor(), 'store', order)}", 303
        )
    try:
        return _told(number, long_work.store(actor(), order, b""))
    except Mendable as refusal:
        return _refused(number, refusal)


def _told(number: int, result: Mapping[str, Any]) -> ResponseReturnValue:
    """Where storing led to: the batch, the preview anew, or the preview with the reason."""
    if result["moved"] is not None:
        rows = "第 " + "、".join(map(str, result["moved"][:20])) + " 行"
        flash(word("import.changed_since_preview", rows=rows), "bad")
        return redirect(f"/import/{number}", 303)
    if result["batch"] is None:
        return page(scope.get(actor(), Upload, number), word("import.nothing_to_store")), 422
    flash(f"已保存 {result['done']} 人", "ok")
    return redirect(f"/batches/{result['batch']}", 303)


def _refused(number: int, refusal: Refusal) -> ResponseReturnValue:
    """The preview as it is now, with the reason."""
    upload = scope.get(actor(), Upload, number)
    return page(upload, masking.sentence(say_all(refusal), None)), refusal.status


def stored(job: jobs.Job) -> ResponseReturnValue:
    """A file that was stored in a job. One that was killed has stored everybody or nobody."""
    number = job.order["upload"]
    if job.result:
        return _told(number, job.result)
    upload = scope.get(actor(), Upload, number)
    if upload.batch_id is not None:
        return redirect(f"/batches/{upload.batch_id}", 303)
    return _refused(number, job.refusal() or RuleViolation(Violation("import.job.store_lost")))
