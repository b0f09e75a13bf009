"""What signals say to people, and when: outside the recipient's working hours a message waits for them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from escalation.models import Blocker, BlockerType
from journal import outbox
from journal.actors import Recipient
from journal.letters import compose
from milestones.models import Contact, Milestone, Pulse
from milestones.queries.ways import resumed_at
from milestones.words import Authority, Stage
from telemetry.models import Signal
from tenancy.models import Workspace
from workspaces.models import Membership, Role
from workspaces.queries import calendar_of

LIFE = timedelta(days=3)  # older than that it would only puzzle; the signal itself stays open


def request_standup(signal: Signal, milestone: Milestone, *, now: datetime) -> None:
    """Asks the milestone's owner for done, next and blocked; the founder once the owner has left."""
    if owner := milestone.owner_primary:
        to = _founder() if owner.ended_at else _member(owner)
        _send("standup_request", signal, milestone, to=to, now=now)


def route_to_authority(signal: Signal, milestone: Milestone, *, now: datetime) -> None:
    """Tells whoever can end the oldest blocker; the founder where the client names nobody."""
    blocker = (
        Blocker.objects.filter(milestone=milestone, resolved_at=None).order_by("opened_at", "id").first()
    )
    if blocker is None:
        return
    contact = None if blocker.type == BlockerType.CAPACITY else _stakeholder(milestone)
    to = Recipient("contact", contact.pk, contact.name, contact.email) if contact else _founder()
    _send("blocker_aging", signal, milestone, to=to, now=now, blocker=blocker, contact=contact)


def _stakeholder(milestone: Milestone) -> Contact | None:
    at_account = Contact.objects.filter(account=milestone.project.account_id)
    return (
        at_account.filter(authorities__contains=[Authority.STAKEHOLDER]).order_by("created_at", "id").first()
    )


def _founder() -> Recipient:
    owners = Membership.objects.filter(role=Role.OWNER, ended_at=None).select_related("user")
    return _member(owners.order_by("joined_at", "id")[0])


def _member(membership: Membership) -> Recipient:
    return Recipient("user", membership.user.pk, membership.user.name, membership.user.email)


def _still_silent(signal_id: UUID, _now: datetime) -> bool:
    """Whether nothing moved since the signal found silence; the sweep that closes it may not have run yet."""
    signal = _open_signal(signal_id)
    if signal is None or signal.milestone.stage not in (Stage.EXECUTION, Stage.QA):
        return False
    milestone = signal.milestone
    pulse = Pulse.objects.annotate(resumed_at=resumed_at("milestone_id")).get(milestone=milestone)
    moved = (
        milestone.execution_started_at,
        milestone.last_progress_at,
        pulse.last_work_at,
        pulse.resumed_at,
    )
    return signal.since is None or max(filter(None, moved), default=signal.since) <= signal.since


def _still_blocked(signal_id: UUID, _now: datetime) -> bool:
    signal = _open_signal(signal_id)
    if signal is None or signal.milestone.stage == Stage.CLOSED:
        return False
    return signal.milestone.blocked_since is not None


def _open_signal(signal_id: UUID) -> Signal | None:
    """The signal, unless it has closed or its milestone rests."""
    waiting = Signal.objects.filter(pk=signal_id, closed_at=None, milestone__paused_at=None)
    return waiting.select_related("milestone").first()


HOLDS: Final = {"standup_request": _still_silent, "blocker_aging": _still_blocked}


def _send(
    name: str,
    signal: Signal,
    milestone: Milestone,
    *,
    to: Recipient,
    now: datetime,
    blocker: Blocker | None = None,
    contact: Contact | None = None,
) -> None:
    workspace = signal.workspace
    due_at = _opening(workspace, contact, now=now)
    letter = compose(
        name,
        {
            "workspace": workspace,
            "milestone": milestone,
            "signal": signal,
            "blocker": blocker,
            "recipient": to,
            "waited": due_at > now,
            # A contact has no login; the address is for members.
            "url": "" if contact else _page(workspace, milestone),
        },
    )
    outbox.enqueue(
        letter,
        kind=name,
        subject=signal,
        to=to,
        due_at=due_at,
        thread_id=milestone.pk,
        expires_at=due_at + LIFE,
    )


def _opening(workspace: Workspace, contact: Contact | None, *, now: datetime) -> datetime:
    """`now` within the recipient's working hours, else when they begin: in a contact's own zone."""
    calendar = calendar_of(workspace)
    return (replace(calendar, zone=contact.time_zone) if contact else calendar).next_opening(now)


def _page(workspace: Workspace, milestone: Milestone) -> str:
    return f"{settings.PUBLIC_URL}/w/{workspace.slug}/milestones/{milestone.pk}/"
