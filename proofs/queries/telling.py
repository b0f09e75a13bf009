"""What both packets say of where they belong: workspace, project, milestone, version, end of the journal."""

from datetime import date, datetime
from uuid import UUID

from journal.canonical import plain
from journal.models import ChainHead
from milestones.models import Milestone
from proofs.content import JournalTold, MilestoneTold, PacketTold, ProjectTold, WorkspaceTold
from proofs.models import HandoffPacket, ProofPacket
from proofs.queries.packets import acceptance_of
from workspaces.models import Membership, WorkspaceSettings


def instant(at: datetime | None) -> str | None:
    return plain(at) if at else None


def day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def workspace_told() -> WorkspaceTold:
    brand = WorkspaceSettings.objects.select_related("workspace").get()
    return {
        "id": str(brand.workspace_id),
        "name": brand.workspace.name,
        "brand_name": brand.brand_name or brand.workspace.name,
        "brand_colour": brand.brand_colour,
        "time_zone": brand.workspace.time_zone,
    }


def project_told(milestone: Milestone) -> ProjectTold:
    project = milestone.project
    return {
        "id": str(project.pk),
        "name": project.name,
        "client": project.account.name,
        "kickoff_completed_at": instant(project.kickoff_completed_at),
    }


def milestone_told(milestone: Milestone) -> MilestoneTold:
    return {
        "id": str(milestone.pk),
        "code": milestone.code,
        "name": milestone.name,
        "kind": milestone.get_kind_display(),
        "output": milestone.output,
        "description": milestone.description,
        "planned_date": day(milestone.planned_date),
        "completed_at": instant(milestone.completed_at),
        "accepted_at": instant(milestone.accepted_at),
        "owner": _name(milestone.owner_primary),
        "review_owner": _name(milestone.review_owner),
        "approver": _approver(milestone),
    }


def _approver(milestone: Milestone) -> str:
    """Who accepted it, perhaps in the approver's place; until then who is to."""
    decision = acceptance_of(milestone.pk) if milestone.accepted_at else None
    if decision:
        return decision.name
    return milestone.approver.name if milestone.approver else ""


def _name(member: Membership | None) -> str:
    return str(member.user) if member else ""


def zone_of(milestone: Milestone) -> str:
    """Where the packet's reader is: its cover and its sentences name the same days."""
    return str(milestone.approver.time_zone if milestone.approver else milestone.workspace.time_zone)


def packet_told(
    packet: ProofPacket | HandoffPacket, *, same_day: bool | None = None, zone: str = ""
) -> PacketTold:
    """The version itself. A draft has no publishing yet, so these places stay empty."""
    return {
        "id": str(packet.pk),
        "number": packet.number,
        "correction": packet.correction,
        "published_at": instant(packet.published_at) or "",
        "published_by": packet.published_name,
        "same_day": same_day,
        "clock_zone": zone,
    }


def journal_told() -> JournalTold:
    head = ChainHead.objects.get()
    return {"seq": head.seq, "hash": bytes(head.hash).hex()}


def with_people(pk: UUID) -> Milestone:
    """A milestone with everybody and everything that a packet names."""
    return Milestone.objects.select_related(
        "project__account", "owner_primary__user", "review_owner__user", "approver"
    ).get(pk=pk)
