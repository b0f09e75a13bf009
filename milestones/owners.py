"""Who of the team may own a milestone or take it through its review."""

from collections.abc import Mapping
from typing import Any, Final

from tenancy.refusal import Refused
from workspaces.models import Membership, Role

OWNERS: Final = ("owner_primary", "review_owner")
ONLY_READS: Final = (
    "A viewer only reads. Choose a member or an owner, or give this person another role first."
)


def may_own(member: Membership) -> bool:
    return member.role != Role.VIEWER


def check_may_own(fields: Mapping[str, Any], *, before: Mapping[str, Any] | None = None) -> None:
    """Refuses viewers as owners. Who was one `before` stays, so that other fields can still be saved."""
    wrong = {
        name: [ONLY_READS]
        for name, member in _named(fields)
        if not may_own(member) and (before or {}).get(name) != member.pk
    }
    if wrong:
        raise Refused("Who owns a milestone works on it.", code="invalid", fields=wrong)


def _named(fields: Mapping[str, Any]) -> list[tuple[str, Membership]]:
    """Each owner among the fields, given as a row or, with `_id`, by its key."""
    keys = {name: fields[f"{name}_id"] for name in OWNERS if fields.get(f"{name}_id")}
    found = Membership.objects.in_bulk(set(keys.values())) if keys else {}
    rows = {name: fields[name] for name in OWNERS if fields.get(name)}
    return [*rows.items(), *((name, found[key]) for name, key in keys.items() if key in found)]
