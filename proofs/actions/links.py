"""Writes about the addresses of packets that are not publishing: one in place of one that was revoked."""

from datetime import datetime
from typing import Final

from django.db import transaction

from journal.actors import Actor, Recipient
from journal.letters import link_placeholder
from milestones.actions import endings
from milestones.actions.engagements import at_work
from milestones.models import Milestone
from proofs.models import HandoffPacket, ProofPacket
from proofs.queries.links import link_of, of_milestone
from tenancy.refusal import Refused
from workspaces.actions.links import make_link, rotate_link
from workspaces.models import Link, Purpose

KEPT_AS: Final = {Purpose.PROOF: ProofPacket.KEPT_AS, Purpose.HANDOFF: HandoffPacket.KEPT_AS}


def opened(purpose: Purpose, milestone: Milestone, *, by: Actor, now: datetime) -> Link:
    """The address of a packet, made with the first version; later ones appear under the same."""
    if link := link_of(purpose, milestone.pk):
        return link
    reader = milestone.approver or milestone.owner_client
    to = Recipient("contact", reader and reader.pk, reader.name if reader else milestone.project.name, "")
    return make_link(purpose, subject=milestone, to=to, by=by, now=now, thread_id=milestone.pk)


@transaction.atomic
def renew_address(link: Link, *, by: Actor, now: datetime) -> Link:
    """A new address for a packet's link, by which the one before ends.

    Raises:
        Refused: when it was revoked, or the project is archived.
    """
    at_work(link.subject_id)
    return rotate_link(link, by=by, now=now)


@transaction.atomic
def reissue(revoked: Link, *, by: Actor, now: datetime) -> Link:
    """A link in place of one that was revoked; the record leads to it from now on.

    Raises:
        Refused: when a link to the packet stands, or the project is archived.
    """
    purpose, milestone = Purpose(revoked.purpose), at_work(revoked.subject_id)
    if any(link.revoked_at is None for link in of_milestone(milestone.pk) if link.purpose == purpose):
        raise Refused("The packet has a link that works. Give that one a new address instead.")
    to = Recipient(revoked.recipient_kind, revoked.recipient_id, revoked.recipient_name, "")  # type: ignore[arg-type]
    link = make_link(purpose, subject=milestone, to=to, by=by, now=now, thread_id=milestone.pk)
    if getattr(milestone, KEPT_AS[purpose]):
        noted = {KEPT_AS[purpose]: link_placeholder(link.pk)}
        endings.link_packets(milestone.pk, **noted, by=by, now=now)
    return link
