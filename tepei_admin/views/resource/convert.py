"""wtf-peewee's conversion of a column to a form field, through our own fields, by the type a type is made from."""

from __future__ import annotations

from typing import Any

import peewee
from flask_admin.contrib.peewee.form import CustomModelConverter
from wtfpeewee.orm import FieldInfo

from tepei_admin import schema
from tepei_admin.views.resource import fields

FIELDS: dict[type[peewee.Field], Any] = {
    peewee.AutoField: None,
    peewee.IntegerField: fields.Whole,
    peewee.DecimalField: fields.Number,
    peewee.FloatField: fields.Number,
    peewee.BooleanField: fields.Tick,
    peewee.CharField: fields.Line,
    peewee.TextField: fields.Block,
    peewee.DateField: fields.Day,
    peewee.DateTimeField: fields.Moment,
    peewee.ForeignKeyField: fields.RefField,
    schema.FenField: fields.Yuan,
    schema.PartialDateField: fields.PartialDay,
    schema.JsonField: None,
}


class Converter(CustomModelConverter):
    """Required without preselecting, refused in Chinese, subclasses included (ground 15, 27)."""

    def convert(self, model: Any, field: peewee.Field, field_args: Any) -> FieldInfo:
        kind = self._kind(field)
        if kind is None:
            return FieldInfo(field.name, None)
        options = {
            "label": field.verbose_name or field.name,
            "description": field.help_text or "",
            "column": field,
        }
        if needed(field):
            options["validators"] = [fields.Required()]
        if field.default is not None:
            options["default"] = field.default
        return FieldInfo(field.name, kind(**options, **(field_args or {})))

    def _kind(self, field: peewee.Field) -> Any:
        if field.name in field.model.panel.sensitive:
            return fields.Secret
        if field.choices:
            return fields.Select
        if isinstance(field, peewee.BooleanField) and field.null:
            return fields.YesNo
        for base in type(field).__mro__:
            if base in FIELDS:
                return FIELDS[base]
        raise TypeError(f"no form field for {type(field).__name__} ({field.model.__name__}.{field.name})")


def needed(field: peewee.Field) -> bool:
    """Must it be filled in? A text whose default is '' may stay empty; a tick box always says something."""
    return not field.null and field.default != "" and not isinstance(field, peewee.BooleanField)
