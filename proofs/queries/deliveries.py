"""Reads around the delivery of packets. Call them inside the workspace's door."""

from collections.abc import Iterable
from uuid import UUID

from milestones.models import Notice
from milestones.words import NoticeKind
from proofs import delivery_letters as letters
from proofs.models import DeliveryTemplate, ProofPacket
from workspaces.models import WorkspaceSettings


def template() -> DeliveryTemplate:
    """The workspace's words; where it has none, the shipped ones in a row that is not saved."""
    return DeliveryTemplate.objects.first() or shipped()


def shipped() -> DeliveryTemplate:
    return DeliveryTemplate(subject=letters.SUBJECT, body=letters.BODY, version=0)


def brand_name() -> str:
    """The workspace's name as clients see it."""
    brand = WorkspaceSettings.objects.select_related("workspace").get()
    return brand.brand_name or brand.workspace.name


def notice_of(packet: ProofPacket) -> Notice | None:
    """The e-mail that brings a packet."""
    return Notice.objects.filter(kind=NoticeKind.PROOF, subject_id=packet.pk).first()


def notices_of(packets: Iterable[ProofPacket]) -> dict[UUID, Notice]:
    """The e-mail of each packet."""
    rows = Notice.objects.filter(kind=NoticeKind.PROOF, subject_id__in=[packet.pk for packet in packets])
    return {notice.subject_id: notice for notice in rows.select_related("recipient")}
