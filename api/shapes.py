"""The shapes of what comes in and of what is served. They shape only; rules refuse, actions write.

`Out` is documentation and a list of columns: rows are served as PostgreSQL gives them, without a serializer.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import Model, QuerySet
from django_filters import Filter, FilterSet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

UNKNOWN = "There is no such object in this workspace."


class Out(serializers.ModelSerializer[Any]):
    """What is served of a row: `Meta.fields` are names of columns."""

    @classmethod
    def columns(cls) -> list[str]:
        return list(cls.Meta.fields)

    @classmethod
    def of(cls, row: Model) -> dict[str, Any]:
        """The row as it is served, from an object that an action returned."""
        field: Any = row._meta.get_field
        return {name: field(name).to_python(getattr(row, name)) for name in cls.columns()}


class Key(serializers.UUIDField):
    """The id of another row of this workspace. `rows` says which may be named."""

    def __init__(self, rows: Callable[[], QuerySet[Any]], **options: Any) -> None:
        self.rows = rows
        super().__init__(**options)


class _FlagField(forms.TypedChoiceField):
    def __init__(self, **options: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda text: text == "true", empty_value=None, **options)


@extend_schema_field(bool)
class Flag(Filter):  # type: ignore[misc]
    """A filter by `true` or `false`; anything else is refused, never ignored."""

    field_class = _FlagField


class Filters(FilterSet):  # type: ignore[misc]
    """The filters of a list; unknown ones are refused by the view."""


class Input(serializers.Serializer[Any]):
    """A body: names what it does not take, and finds the rows that its keys name with one query per table.

    `served` is the shape of the answer: its other fields are read-only, not unknown. A field in `fixed` can
    be given when a row is made and never changes.
    """

    served: ClassVar[type[serializers.BaseSerializer[Any]] | None] = None
    fixed: ClassVar[frozenset[str]] = frozenset()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        return {name: field for name, field in fields.items() if not (self.partial and name in self.fixed)}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and (extra := [name for name in data if name not in self.fields]):
            raise serializers.ValidationError({name: [self._why(name)] for name in extra})
        shaped = super().to_internal_value(data)
        return self._resolved(shaped)

    def _why(self, name: str) -> str:
        if name in self.fixed:
            return "This is fixed once it is made."
        columns = getattr(getattr(self.served, "Meta", None), "fields", ())
        return "This field is read-only." if name in columns else "There is no such field."

    def _resolved(self, shaped: dict[str, Any]) -> dict[str, Any]:
        """With each key replaced by its row, under the name without `_id`."""
        given = {name: field for name, field in self.fields.items() if name in shaped}
        keys = {name: field for name, field in given.items() if isinstance(field, Key)}
        wanted: dict[Callable[[], QuerySet[Any]], set[UUID]] = {}
        for name, field in keys.items():
            wanted.setdefault(field.rows, set()).update({shaped[name]} - {None})
        found = {rows: rows().in_bulk(ids) if ids else {} for rows, ids in wanted.items()}
        missing = [name for name, key in keys.items() if shaped[name] and shaped[name] not in found[key.rows]]
        if missing:
            raise serializers.ValidationError({name: [UNKNOWN] for name in missing})
        rows_by_name = {row_name(name): found[key.rows].get(shaped[name]) for name, key in keys.items()}
        return {name: value for name, value in shaped.items() if name not in keys} | rows_by_name


def row_name(key_name: str) -> str:
    return key_name.removesuffix("_id")


class ModelInput(Input, serializers.ModelSerializer[Any]):
    """A body whose fields are columns of `Meta.model`, with their own lengths and choices."""

    def get_validators(self) -> list[Any]:
        """None: what must be unique is for the action to say, in words, and for the database to hold."""
        return []
