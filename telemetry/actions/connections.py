"""Writes about connections to other tools."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from journal.actions import record
from journal.actors import Actor
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Milestone
from milestones.words import Stage, WorkState
from telemetry.inbound import DOOR
from telemetry.models import Connection
from telemetry.models.inbound import ProviderName
from tenancy.door import sha256
from tenancy.models import DoorKey
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from tenancy.sealed import seal, unseal

OVERLAP = timedelta(hours=24)
CHANGEABLE = {"name", "milestone", "options"}
SHORTEST, LONGEST = 16, 200
MOST_WORDS = 100


@transaction.atomic
def connect(
    *,
    provider: str,
    name: str,
    milestone: Milestone,
    secret: str = "",
    options: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Connection, str]:
    """Opens an address for a tool; new items go to `milestone`. Returns the secret too, for the only time.

    Some tools choose the secret themselves: then it is given, else one is made. A generic sender that cannot
    sign carries a given secret without the `whsec_` prefix as a bearer token.
    """
    _check_provider(provider)
    _check_milestone(milestone)
    text = secret or new_secret(provider)
    _check_secret(text)
    connection = Connection(
        provider=provider,
        name=name.strip(),
        milestone=milestone,
        secret=seal(text),
        options=checked_options(options or {}),
        created_at=now,
    )
    add(connection)
    DoorKey.objects.create(kind=DOOR, digest=sha256(str(connection.pk)), subject_id=connection.pk)
    told = {"provider": provider, "name": connection.name, "milestone_id": milestone.pk}
    record(connection, "connection.made", by=by, at=now, data=told)
    return connection, text


def new_secret(provider: str) -> str:
    """A secret in the form that the provider's senders understand."""
    random = secrets.token_bytes(32)
    return "whsec_" + b64encode(random).decode() if provider == ProviderName.GENERIC else random.hex()


def _check_provider(provider: str) -> None:
    if provider not in ProviderName.values:
        raise _wrong("provider", f"Choose one of {', '.join(ProviderName.values)}.")


def _check_milestone(milestone: Milestone) -> None:
    check_is_not_archived(milestone.project)
    if milestone.stage == Stage.CLOSED:
        raise _wrong("milestone", "A closed milestone takes no new items; choose one that is still open.")


def _check_secret(text: str) -> None:
    if not SHORTEST <= len(text) <= LONGEST or not text.isascii() or not text.isprintable():
        raise _wrong(
            "secret", f"Give a secret of {SHORTEST} to {LONGEST} plain characters, as the tool shows it."
        )


def _wrong(field: str, sentence: str) -> Refused:
    return Refused(sentence, code="invalid", fields={field: [sentence]})


def checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they are kept: `states` maps the tool's own words for a state to ours.

    Raises:
        Refused: naming what is no option, or maps to no state.
    """
    if unknown := sorted(set(options) - {"states"}):
        raise _wrong("options", f"There is no option {unknown[0]!r}; only “states” is known.")
    states = options.get("states", {})
    if not isinstance(states, Mapping) or len(states) > MOST_WORDS:
        raise _wrong("options", f"“states” maps at most {MOST_WORDS} of the tool's words to our states.")
    for word, state in states.items():
        if not isinstance(word, str) or not 0 < len(word) <= LONGEST or state not in WorkState.values:
            raise _wrong("options", f"“states” maps {word!r} to none of {', '.join(WorkState.values)}.")
    return {"states": dict(states)} if states else {}


def set_secret(pk: UUID, secret: str, *, by: Actor, now: datetime, expected: int | None = None) -> Connection:
    """Takes the secret that the tool shows. The one before stops counting at once."""
    _check_secret(secret)
    connection = locked(Connection, pk, expected=expected)
    change(connection, {"secret": seal(secret), "old_secret": "", "old_secret_until": None})
    record(connection, "connection.secret_set", by=by, at=now)
    return connection


def rotate_secret(
    pk: UUID, *, by: Actor, now: datetime, expected: int | None = None
) -> tuple[Connection, str]:
    """A new secret; the old one counts for another day. Returns the new one, for the only time.

    Raises:
        Refused: while the last rotation still runs, since only two secrets can count.
    """
    connection = locked(Connection, pk, expected=expected)
    _check_is_on(connection)
    if connection.old_secret_until and connection.old_secret_until > now:
        raise Refused(
            "The secret was changed within the last day, and the one before still counts. Wait until it "
            "ends, or set a secret, which ends the others at once.",
            code="rotating",
        )
    text, until = new_secret(connection.provider), now + OVERLAP
    old = seal(unseal(connection.secret))
    change(connection, {"secret": seal(text), "old_secret": old, "old_secret_until": until})
    record(connection, "connection.secret_rotated", by=by, at=now, data={"old_counts_until": until})
    return connection, text


def _check_is_on(connection: Connection) -> None:
    if connection.disabled_at:
        raise Refused("This connection is switched off.", code="disconnected")


def change_connection(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Connection:
    """Changes name, options, or the milestone that new items go to.

    Raises:
        Refused: naming what cannot change, or cannot take this value.
        Stale: when somebody saved since version `expected`.
    """
    if fixed := sorted(set(changes) - CHANGEABLE):
        raise _wrong(fixed[0], "This does not change once the connection is made.")
    connection = locked(Connection, pk, expected=expected)
    if "options" in changes:
        changes = {**changes, "options": checked_options(changes["options"])}
    if "milestone" in changes:
        _check_milestone(changes["milestone"])
    if moved := change(connection, changes):
        record(connection, "connection.changed", by=by, at=now, data={"fields": moved})
    return connection


def disconnect(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Connection:
    """Switches a connection off: deliveries are answered and dropped. What it brought stays."""
    connection = locked(Connection, pk, expected=expected)
    _check_is_on(connection)
    change(connection, {"disabled_at": now})
    record(connection, "connection.disconnected", by=by, at=now)
    return connection
