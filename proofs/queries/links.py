"""The addresses under which a milestone's packets are read. Call it inside the workspace's door."""

from uuid import UUID

from workspaces.models import Link, Purpose

PURPOSES = (Purpose.PROOF, Purpose.HANDOFF)


def link_of(purpose: Purpose, milestone_id: UUID) -> Link | None:
    """The address of a packet. One that was revoked stays so until somebody makes another."""
    return next((link for link in of_milestone(milestone_id) if link.purpose == purpose), None)


def of_milestone(milestone_id: UUID) -> list[Link]:
    """The newest link of each packet, revoked or not."""
    links = Link.objects.filter(purpose__in=PURPOSES, subject_id=milestone_id)
    newest = links.order_by("purpose", "-created_at", "-pk").distinct("purpose")
    return sorted(newest, key=lambda link: PURPOSES.index(Purpose(link.purpose)))
