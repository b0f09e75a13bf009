"""Who may enter: invitations, roles, and the end of a membership."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from journal import outbox
from journal.actions import record
from journal.actors import Actor, Recipient
from journal.letters import compose, link_placeholder
from tenancy.door import inside
from tenancy.ids import uuid7
from tenancy.models import Workspace
from tenancy.refusal import Refused
from workspaces.access import person_of
from workspaces.actions.links import add_link, open_link
from workspaces.models import Invitation, Link, Membership, Purpose, Role, User

INVITATION_LIFE = timedelta(days=7)

ENDED = {
    "unknown": "This invitation is not known. Open the link in the newest mail, or ask for a new one.",
    "expired": "This invitation has expired. Ask whoever invited you for a new one.",
    "revoked": "This invitation was used or taken back. Ask whoever invited you for a new one.",
}


@transaction.atomic
def invite(*, workspace: Workspace, email: str, role: Role, by: Actor, now: datetime) -> Invitation:
    """Offers someone a role by e-mail, for seven days. An expired invitation makes way for the new one."""
    email = email.strip().lower()
    _check_can_invite(email, role)
    _make_way(email, by=by, now=now)
    invitation = Invitation.objects.create(
        email=email, role=role, invited_by_id=person_of(by), created_at=now, expires_at=now + INVITATION_LIFE
    )
    _send(invitation, workspace, by=by, now=now)
    record(
        invitation,
        "invitation.sent",
        by=by,
        at=now,
        data={"role": role, "expires_at": invitation.expires_at},
        personal={"email": email},
    )
    return invitation


def _check_can_invite(email: str, role: Role) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(
            f"“{email}” is no e-mail address.", code="invalid", fields={"email": error.messages}
        ) from error
    if role not in Role.values:
        raise Refused(
            "Choose a role.", code="invalid", fields={"role": [f"Choose one of {', '.join(Role)}."]}
        )
    if Membership.objects.filter(user__email=email, ended_at=None).exists():
        raise Refused(f"{email} is a member already.")


def _make_way(email: str, *, by: Actor, now: datetime) -> None:
    open_one = Invitation.objects.select_for_update().filter(email=email, accepted_at=None, revoked_at=None)
    earlier = open_one.first()
    if earlier is None:
        return
    if earlier.expires_at > now:
        raise Refused(f"{email} has an open invitation. Take it back first to send another.")
    _revoke(earlier, by=by, now=now)


def _send(invitation: Invitation, workspace: Workspace, *, by: Actor, now: datetime) -> None:
    to = Recipient("user", None, invitation.email, invitation.email)
    link = add_link(Purpose.INVITATION, subject=invitation, to=to, now=now, expires_at=invitation.expires_at)
    letter = compose(
        "invitation",
        {
            "workspace": workspace,
            "invited_by": by.name,
            "role": Role(invitation.role).label.lower(),
            "expires_at": invitation.expires_at,
            "address": link_placeholder(link.pk),
        },
    )
    outbox.enqueue(
        letter,
        kind="invitation",
        subject=invitation,
        to=to,
        due_at=now,
        expires_at=invitation.expires_at,
    )


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Actor, now: datetime) -> Invitation:
    """Takes an open invitation back, and the mail if it has not left yet."""
    invitation = _lock(invitation)
    _check_is_open(invitation)
    _revoke(invitation, by=by, now=now)
    return invitation


def _revoke(invitation: Invitation, *, by: Actor, now: datetime) -> None:
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at"])
    _end_link(invitation, now=now)
    outbox.withdraw(invitation, now=now)
    record(invitation, "invitation.revoked", by=by, at=now, personal={"email": invitation.email})


def _end_link(invitation: Invitation, *, now: datetime) -> None:
    Link.objects.filter(purpose=Purpose.INVITATION, subject_id=invitation.pk).update(revoked_at=now)


def _check_is_open(invitation: Invitation) -> None:
    if invitation.accepted_at:
        raise Refused("This invitation was accepted already.")
    if invitation.revoked_at:
        raise Refused("This invitation was taken back already.")


def accept_invitation(token: str, *, user: User, now: datetime) -> Membership:
    """Takes the offered chair, if it was offered to this person. Opens the door by itself."""
    opened = open_link(Purpose.INVITATION, token, now=now)
    if opened.link is None or opened.state != "ok":
        raise Refused(ENDED[opened.state], code=f"invitation_{opened.state}")
    with inside(opened.link.workspace_id):  # type: ignore[arg-type]
        invitation = Invitation.objects.select_for_update().get(pk=opened.link.subject_id)
        _check_is_open(invitation)
        _check_is_for(invitation, user)
        return _accept(invitation, user, now=now)


def _check_is_for(invitation: Invitation, user: User) -> None:
    if user.email != invitation.email:
        raise Refused(
            f"This invitation is for {invitation.email}, and you are signed in as {user.email}. "
            "Sign in with that address, or ask for an invitation to yours.",
            code="wrong_person",
        )


def _accept(invitation: Invitation, user: User, *, now: datetime) -> Membership:
    by, cause = Actor("user", user.pk, str(user)), uuid7()
    membership = _join(user, Role(invitation.role), now=now)
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    _end_link(invitation, now=now)
    outbox.withdraw(invitation, now=now)  # who came by a shared link needs no mail any more
    record(invitation, "invitation.accepted", by=by, at=now, cause_id=cause)
    record(
        membership,
        "membership.joined",
        by=by,
        at=now,
        data={"user_id": user.pk, "role": membership.role},
        cause_id=cause,
    )
    return membership


def _join(user: User, role: Role, *, now: datetime) -> Membership:
    """A new membership, or the ended one of somebody who returns."""
    known = Membership.objects.select_for_update().filter(user=user).first()
    if known is None:
        return Membership.objects.create(user=user, role=role, joined_at=now)
    if known.ended_at is None:
        raise Refused("You are a member of this workspace already.")
    known.role, known.joined_at, known.ended_at = role, now, None
    known.save(update_fields=["role", "joined_at", "ended_at"])
    return known


@transaction.atomic
def change_role(membership: Membership, role: Role, *, by: Actor, now: datetime) -> Membership:
    """Gives a member another role. The last owner stays owner."""
    membership = _lock_member(membership)
    before = membership.role
    if before == role:
        return membership
    if role not in Role.values:
        raise Refused(
            "Choose a role.", code="invalid", fields={"role": [f"Choose one of {', '.join(Role)}."]}
        )
    _check_another_owner_stays(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    record(membership, "membership.role_changed", by=by, at=now, data={"role": [before, role]})
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: Actor, now: datetime) -> Membership:
    """Closes the door to a member, from the next request on. The last owner cannot leave."""
    membership = _lock_member(membership)
    _check_another_owner_stays(membership)
    membership.ended_at = now
    membership.save(update_fields=["ended_at"])
    record(membership, "membership.ended", by=by, at=now, data={"user_id": membership.user_id})
    return membership


def _lock_member(membership: Membership) -> Membership:
    """The member, locked together with all owners, so that the last two cannot resign at once."""
    rows = Membership.objects.select_for_update().filter(ended_at=None).order_by("pk")
    for row in rows:
        if row.pk == membership.pk:
            return row
    raise Refused("This membership has ended already.")


def _check_another_owner_stays(membership: Membership) -> None:
    if membership.role != Role.OWNER:
        return
    others = Membership.objects.filter(role=Role.OWNER, ended_at=None).exclude(pk=membership.pk)
    if not others.exists():
        raise Refused("A workspace keeps at least one owner. Make someone else an owner first.")


def _lock(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update().get(pk=invitation.pk)
