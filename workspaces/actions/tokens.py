"""Keys for machines: issued once, shown once, found by their digest, revoked."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from journal.actions import record
from journal.actors import Actor
from tenancy.door import inside, knock, sha256
from tenancy.models import DoorKey
from tenancy.refusal import Refused
from tenancy.saving import check
from workspaces.access import person_of
from workspaces.models import ApiToken, Scope
from workspaces.tokens import PREFIX_LENGTH, is_api_token, new_api_token

KIND = "token"
SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue_token(
    *,
    name: str,
    scopes: Collection[str],
    by: Actor,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody can show again."""
    _check_terms(scopes, now=now, expires_at=expires_at)
    text = new_api_token()
    token = ApiToken(
        name=name.strip(),
        prefix=text[:PREFIX_LENGTH],
        scopes=[scope for scope in Scope.values if scope in scopes],
        created_by_id=person_of(by),
        created_at=now,
        expires_at=expires_at,
    )
    check(token, ["name"])
    token.save(force_insert=True)
    DoorKey.objects.create(kind=KIND, digest=sha256(text), subject_id=token.pk)
    told = {"name": token.name, "prefix": token.prefix, "scopes": token.scopes, "expires_at": expires_at}
    record(token, "token.issued", by=by, at=now, data=told)
    return token, text


def _check_terms(scopes: Collection[str], *, now: datetime, expires_at: datetime | None) -> None:
    if not scopes or set(scopes) - set(Scope.values):
        raise Refused(
            f"Choose what the token may do, from {', '.join(Scope.values)}.",
            code="invalid",
            fields={"scopes": ["Choose at least one of the scopes offered."]},
        )
    if expires_at and expires_at <= now:
        raise Refused(
            "The token would have expired already.",
            code="invalid",
            fields={"expires_at": ["Choose a time to come."]},
        )


def open_token(text: str, *, now: datetime) -> ApiToken | None:
    """The live token of this text, from outside every workspace; its use is noted at most once a minute."""
    found = knock(KIND, text) if is_api_token(text) else None
    if found is None:
        return None
    with inside(found.workspace_id):
        token = ApiToken.objects.filter(_live(now), pk=found.subject_id).first()
        if token:
            touch_token(token, now=now)
    return token


def _live(now: datetime) -> Q:
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))


def touch_token(token: ApiToken, *, now: datetime) -> None:
    """Notes that the token was used, unless that was noted within the last minute."""
    if token.last_used_at and now - token.last_used_at < SEEN_EVERY:
        return
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Actor, now: datetime) -> ApiToken:
    """Ends the token for good, from the next request on."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at:
        raise Refused("This token was revoked already.")
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    record(token, "token.revoked", by=by, at=now, data={"name": token.name, "prefix": token.prefix})
    return token


def actor_of_token(token: ApiToken) -> Actor:
    """The machine as the journal names it."""
    return Actor("token", token.pk, token.name)
