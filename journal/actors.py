"""Who does, and who is told: kind, id and a name to show. No foreign keys: people leave, history stays."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["user", "token", "contact", "connection", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone to tell. `address` is where; `id` is the member or contact."""

    kind: ActorKind
    id: UUID | None
    name: str
    address: str


SYSTEM = Actor("system", None, "Cairn")
