"""Who must answer for a blocker of each type. Pure."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from milestones.words import Authority


class HasAuthorities(Protocol):
    authorities: list[str]


C = TypeVar("C", bound=HasAuthorities)

# Nobody outside answers for capacity: the plan does.
TARGETS: dict[str, Sequence[Authority]] = {
    "technical": (Authority.CREDENTIAL_OWNER,),
    "approval": (Authority.DECISION_MAKER,),
    "input": (Authority.INPUT_PROVIDER,),
    "capacity": (),
}


def answers(type: str, contacts: Iterable[C]) -> C | None:
    """The first contact with the authority that this type of blocker needs, or None."""
    people = list(contacts)
    for authority in TARGETS[type]:
        for person in people:
            if authority in person.authorities:
                return person
    return None
