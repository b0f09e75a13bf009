"""How every action saves: validated with a sentence per field, against the version it was read at."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from tenancy.refusal import Refused, Stale

M = TypeVar("M", bound=models.Model)


def check(row: models.Model, fields: Iterable[str] | None = None) -> None:
    """Validates the fields (all by default), except keys, which the database and the doors check.

    Raises:
        Refused: with what is wrong, by field.
    """
    named = None if fields is None else set(fields)
    skipped = {f.name for f in row._meta.fields if _needs_no_check(row, f, named)}
    try:
        row.clean_fields(exclude=skipped)
    except ValidationError as error:
        raise Refused("Some fields need another look.", code="invalid", fields=error.message_dict) from error


def _needs_no_check(row: models.Model, field: "models.Field[Any, Any]", named: set[str] | None) -> bool:
    if isinstance(field, models.ForeignKey) or (named is not None and field.name not in named):
        return True
    return field.null and getattr(row, field.attname) is None


def add(row: M) -> M:
    """Checks and inserts a new row."""
    check(row)
    row.save(force_insert=True)
    return row


def locked(model: type[M], pk: UUID, *, expected: int | None = None) -> M:
    """The row, locked until the transaction ends.

    Raises:
        model.DoesNotExist: when it is not in this workspace.
        Stale: when `expected` is given and somebody has saved since.
    """
    row: M = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    if expected is not None and row.version != expected:  # type: ignore[attr-defined]
        raise Stale(f"This {model._meta.verbose_name}")
    return row


def change(row: M, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Applies changes to a locked row and saves them with a new version. Returns {field: [old, new]}."""
    before = {name: _value(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    moved = {name: [old, _value(row, name)] for name, old in before.items() if _value(row, name) != old}
    if moved:
        check(row, moved)
        row.version += 1  # type: ignore[attr-defined]
        row.save(update_fields=[*moved, "version"])
    return moved


def _value(row: models.Model, name: str) -> Any:
    return getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]
