"""Where a person may enter, looked up before any workspace is known."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from journal.actors import Actor
from tenancy.refusal import Refused
from workspaces.models import Role, User

RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.OWNER: 2}


@dataclass(frozen=True, slots=True)
class Access:
    """One workspace that a person may enter, and as what."""

    workspace_id: UUID
    slug: str
    name: str
    membership_id: UUID
    role: Role

    def allows(self, least: Role) -> bool:
        """Whether this role is at least the one asked for."""
        return RANK[self.role] >= RANK[least]


def workspaces_of(user: User) -> list[Access]:
    """Every workspace the person is a member of, by name. Works outside every workspace."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, slug, name, membership_id, role FROM workspaces_of(%s)", [user.pk]
        )
        rows = cursor.fetchall()
    return [Access(place, slug, name, key, Role(role)) for place, slug, name, key, role in rows]


def actor_of(access: Access, user: User) -> Actor:
    """The person as the journal names them."""
    return Actor("user", user.pk, str(user))


def person_of(by: Actor) -> UUID:
    """The user who acts, where a machine may not."""
    if by.kind != "user" or by.id is None:
        raise Refused("Only a person can do this, signed in.")
    return by.id
