"""The form fields of our column types: they read what people type and refuse in Chinese, keeping what was typed."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import peewee
import wtforms
from markupsafe import Markup
from wtforms import ValidationError
from wtforms.validators import StopValidation
from wtforms.widgets import TextArea, TextInput, html_params

from tepei_admin.messages import word
from tepei_admin.services.scope import number_of
from tepei_admin.views.resource import words
from tepei_admin.views.resource.lookups import SHORT, Lookup, Option

LONGEST_BLOCK = 20_000
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u180e"


class Required:
    """Something must be given. Unlike wtf-peewee's, it leaves a conversion error standing."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: wtforms.Field) -> None:
        if field.errors or getattr(field, "kept", ""):
            raise StopValidation()
        if field.data in (None, ""):
            raise StopValidation(word("record.required", label=field.label.text))


class Typed(wtforms.Field):
    """One line that is read into a value; what was typed stays on screen when it cannot be."""

    widget = TextInput()
    refusal = "record.not_number"
    empty: Any = None

    def __init__(self, *, column: peewee.Field, **options: Any) -> None:
        super().__init__(**options)
        self.column = column

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = valuelist[0].strip().strip(_INVISIBLE).strip()
        if "\0" in text:
            self.data = self.empty
            raise ValueError(word("record.nul", label=self.label.text))
        self.data = self.empty
        if text:
            try:
                self.data = self.parse(text)
            except (ValueError, ArithmeticError):
                raise ValueError(word(self.refusal, label=self.label.text, value=text[:40])) from None

    def parse(self, text: str) -> Any:
        return text

    def show(self, value: Any) -> str:
        return str(value)


class Line(Typed):
    empty = ""

    def pre_validate(self, form: Any) -> None:
        limit = getattr(self.column, "max_length", None) or LONGEST_BLOCK
        if (length := len(self.data or "")) > limit:
            raise ValidationError(word("record.too_long", label=self.label.text, limit=limit, length=length))


class Block(Line):
    widget = TextArea()


class Secret(Line):
    """A sensitive value: a form never shows the stored one. Left empty it stays; `<name>.clear` takes it away."""

    def process(
        self, formdata: Any, data: Any = wtforms.utils.unset_value, extra_filters: Any = None
    ) -> None:
        self.stored = data if isinstance(data, str) else ""
        super().process(formdata, data, extra_filters)
        self.clear = bool(formdata and formdata.get(f"{self.name}.clear"))

    @property
    def kept(self) -> str:
        """The mask of what stays as it is."""
        typed = self.raw_data and self.raw_data[0].strip()
        return words.tail(self.stored) if self.stored and not typed and not self.clear else ""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else ""

    def widget(self, field: Any, **options: Any) -> Markup:
        if self.stored:
            options |= {"placeholder": f"{words.tail(self.stored)}（不改请留空）", "required": False}
        box = TextInput()(self, autocomplete="off", **options)
        if not self.stored or self.flags.required:
            return box
        tick = html_params(type="checkbox", name=f"{self.name}.clear", value="1", checked=self.clear)
        return box + Markup(f'<label class="clear"><input {tick}> 清除</label>')


class Whole(Typed):
    """A whole number that the column can hold."""

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            raise ValueError(text)
        if abs(value := int(text)) > _largest(self.column):
            raise ValueError(text)
        return value


class Yuan(Typed):
    """Yuan with at most two decimals on screen, integer fen inside."""

    refusal = "record.not_money"

    def parse(self, text: str) -> int:
        try:
            fen = Decimal(text.replace(",", "").replace("，", "").removeprefix("¥").strip()) * 100
        except InvalidOperation:
            raise ValueError(text) from None
        if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) >= 10**15:
            raise ValueError(text)
        return int(fen)

    def show(self, value: int) -> str:
        return words.yuan(value).replace(",", "")


class Day(Typed):
    """2019-03-30, also as 2019.3.30, 2019/3/30, 2019年3月30日, 20190330."""

    refusal = "record.not_date"
    hint = "2019-03-30"

    def widget(self, field: Any, **options: Any) -> Markup:
        """A plain box: the browser's own date field shows 03/30/2019 to some, and takes no paste from a sheet."""
        return TextInput()(self, placeholder=self.hint, autocomplete="off", **options)

    def parse(self, text: str) -> Any:
        return dt.date(*words.day_parts(text, least=3))

    def show(self, value: Any) -> str:
        return str(value)[:10]


class PartialDay(Day):
    """A date, or what is known of it: 2019-03, 2019. Kept as text."""

    empty = ""
    hint = "2019-03-30 或 2019-03"

    def parse(self, text: str) -> str:
        parts = words.day_parts(text, least=1)
        dt.date(*[*parts, 1, 1][:3])
        return "-".join(f"{part:04d}" if place == 0 else f"{part:02d}" for place, part in enumerate(parts))


class Moment(Typed):
    """A stamp to the microsecond: showing and saving it must not cut anything off."""

    refusal = "record.not_date"

    def parse(self, text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)


class Number(Typed):
    """A decimal or floating number, for column types that we do not use (yet)."""

    def parse(self, text: str) -> Any:
        value = Decimal(text)
        if not value.is_finite():
            raise ValueError(text)
        return value if isinstance(self.column, peewee.DecimalField) else float(value)


class Tick(wtforms.BooleanField):
    def __init__(self, *, column: peewee.Field, **options: Any) -> None:
        super().__init__(**options)


class Select(Typed):
    """One of a list. Blank first, so that nobody is 男 by default; a code that is none is told."""

    refusal = "record.not_choice"
    widget = staticmethod(lambda field, **options: _select(field, field.options(), **options))

    def __init__(self, *, column: peewee.Field, **options: Any) -> None:
        super().__init__(column=column, **options)
        self.empty = None if column.null else ""
        self.listed = {str(value): (value, label) for value, label in column.choices or () if value != ""}

    def parse(self, text: str) -> Any:
        if text not in self.listed:
            raise ValueError(text)
        return self.listed[text][0]

    def show(self, value: Any) -> str:
        return str(value)

    def options(self) -> list[tuple[str, str]]:
        return [("", "")] + [(key, label) for key, (_, label) in self.listed.items()]


class YesNo(Select):
    """A boolean that may be unknown."""

    def __init__(self, *, column: peewee.Field, **options: Any) -> None:
        super().__init__(column=column, **options)
        self.listed = {"1": (True, "是"), "0": (False, "否")}

    def show(self, value: Any) -> str:
        return "1" if value else "0"


class RefField(wtforms.Field):
    """A foreign key, which works without scripts: few rows to choose from, or words that the server resolves.

    Posted as `unit=5`, or as `unit.text=赤峰市` beside `unit.was=5` (what the box held before).
    """

    def __init__(self, *, column: peewee.Field, **options: Any) -> None:
        super().__init__(**options)
        self.column, self.target = column, column.rel_model
        self.lookup: Lookup | None = None
        self.several: list[Option] = []
        self.text = ""
        self.was = ""

    def process(
        self, formdata: Any, data: Any = wtforms.utils.unset_value, extra_filters: Any = None
    ) -> None:
        super().process(formdata, data, extra_filters)
        self.text = self.was = ""
        if formdata:
            self.text = formdata.get(f"{self.name}.text", "").strip()
            self.was = formdata.get(f"{self.name}.was", "").strip()
            if not self.raw_data and f"{self.name}.text" in formdata:
                self.data = None

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = number_of(valuelist[0]) or (valuelist[0].strip() or None)

    def pre_validate(self, form: Any) -> None:
        """Resolve what was posted. A row beyond the actor's scope is one that is not there."""
        if isinstance(self.data, int):
            if not self.lookup.option(self.data):
                self._unknown(self.data)
        elif self.data:
            self._unknown(self.data)
        elif self.text:
            self.data = self._resolve(self.text)

    def _resolve(self, text: str) -> int:
        kept = self.lookup.option(number_of(self.was) or 0)
        if kept and kept[1] == text:
            return kept[0]
        found = self.lookup.find(text, SHORT)
        if len(found) == 1:
            return found[0][0]
        if not found:
            self._unknown(text)
        self.several = found
        raise ValidationError(word("record.reference_ambiguous", label=self.label.text, value=text[:40]))

    def _unknown(self, value: object) -> None:
        self.data = None
        raise ValidationError(
            word("record.reference_not_found", label=self.label.text, value=str(value)[:40])
        )

    @property
    def chosen(self) -> Option | None:
        return self.lookup.option(self.data) if isinstance(self.data, int) else None

    def widget(self, field: Any, **options: Any) -> Markup:
        if self.several:
            return _select(
                self, [("", "请选择")] + [(str(number), label) for number, label in self.several], **options
            )
        if self.lookup.short is None:
            return self._box(**options)
        listed = self.lookup.short
        if isinstance(self.data, int) and self.data not in dict(listed) and self.chosen:
            listed = [*listed, self.chosen]
        return _select(self, [("", "")] + [(str(number), label) for number, label in listed], **options)

    def _box(self, **options: Any) -> Markup:
        number, label = self.chosen or ("", "")
        typed = self.text if self.errors else label
        source = getattr(self, "source", "")
        box = html_params(
            **options, id=self.id, name=f"{self.name}.text", value=typed, list=f"{self.id}-list", autocomplete="off",
            data_lookup=source, placeholder="输入代码、名称或名称的一部分",
        )  # fmt: skip
        was = html_params(type="hidden", name=f"{self.name}.was", value=number)
        return Markup(f'<input {box}><datalist id="{self.id}-list"></datalist><input {was}>')

    def _value(self) -> str:
        return str(self.data or "")


def _select(field: Any, options: list[tuple[str, str]], **attributes: Any) -> Markup:
    value = field._value()
    parts = [
        Markup('<option{} value="{}">{}</option>').format(
            Markup(" selected") if key == value else "", key, label
        )
        for key, label in options
    ]
    return (
        Markup(f"<select {html_params(id=field.id, name=field.name, **attributes)}>")
        + Markup("").join(parts)
        + Markup("</select>")
    )


def _largest(column: peewee.Field) -> int:
    if isinstance(column, peewee.SmallIntegerField):
        return 2**15 - 1
    return 2**63 - 1 if isinstance(column, peewee.BigIntegerField) else 2**31 - 1
