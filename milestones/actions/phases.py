"""The order of a project's phases: each has a place of its own, and the others make room."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F

from milestones.models import Phase
from tenancy.refusal import Refused
from tenancy.saving import change

MOST = 999
Placed = list[tuple[Phase, dict[str, list[Any]]]]


def check_place(place: int) -> None:
    """Refuses what leaves no room behind it for the others to step aside."""
    if place > MOST:
        said = f"Choose a position of at most {MOST}."
        raise Refused(said, code="invalid", fields={"position": [said]})


def in_turn(project_id: UUID) -> list[Phase]:
    """All phases of a project, locked in the order of their ids, as whoever locks several does."""
    rows = Phase.objects.filter(project=project_id).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def moved_to(phases: Collection[Phase], pk: UUID, place: int) -> list[UUID]:
    """The order in which one of the phases stands at this place, from 1, or last where there is none such."""
    others = [phase.pk for phase in sorted(phases, key=lambda phase: phase.position) if phase.pk != pk]
    return [*others[: max(place, 1) - 1], pk, *others[max(place, 1) - 1 :]]


def arrange(phases: Sequence[Phase], order: Sequence[UUID]) -> Placed:
    """Puts all phases of a project, which are locked, into this order. Returns those that moved, and how."""
    places = {pk: place for place, pk in enumerate(order, start=1)}
    moving = [phase for phase in phases if phase.position != places[phase.pk]]
    # No two may stand at one place, not even between two statements: they step behind everybody first.
    behind = max([len(phases), *(phase.position for phase in phases)]) if phases else 0
    Phase.objects.filter(pk__in=[phase.pk for phase in moving]).update(position=F("position") + behind)
    return [(phase, change(phase, {"position": places[phase.pk]})) for phase in moving]


def together(*changes: Placed) -> Mapping[Phase, dict[str, list[Any]]]:
    """What changed of each phase, as one entry of the journal tells it."""
    found: dict[Phase, dict[str, list[Any]]] = {}
    for changed in changes:
        for phase, fields in changed:
            found[phase] = {**found.get(phase, {}), **fields}
    return {phase: fields for phase, fields in found.items() if fields}
