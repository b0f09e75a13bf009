"""Proof and handoff packets: drafts that fill themselves, published versions that stay, their files."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from milestones.models import Milestone
from milestones.words import Outcome
from proofs.words import FileKind, PacketState
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text

PUBLISHED = Q(
    state=PacketState.PUBLISHED,
    published_at__isnull=False,
    content__isnull=False,
    journal_seq__isnull=False,
) & ~Q(content_sha256="")
UNPUBLISHED = Q(state=PacketState.DRAFT, published_at=None, content=None, content_sha256="", journal_seq=None)


def _kept(*columns: str) -> pgtrigger.Condition:
    """When a published row would be changed in one of these columns."""
    changes = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)
    return pgtrigger.Condition(f"OLD.state = 'published' AND ({changes})")


def _not_removed(name: str) -> pgtrigger.Protect:
    """A draft may be taken back; a version that was published is there for good."""
    return pgtrigger.Protect(
        name=name, operation=pgtrigger.Delete, condition=pgtrigger.Condition("OLD.state = 'published'")
    )


class Packet(WorkspaceModel):
    """What both packets have in common: a version of a milestone's packet, frozen when it is published.

    `content` is what every form of the packet is made from, in canonical JSON with its SHA-256;
    `journal_seq` and `journal_hash` are the head of the journal at that moment.
    """

    TOLD_AS: ClassVar[str]  # what its events begin with
    KEPT_AS: ClassVar[str]  # where the record leads to it

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=PacketState, default=PacketState.DRAFT)
    correction = Line(max_length=300, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, editable=False)
    published_kind = models.CharField(max_length=20, blank=True, editable=False)
    published_by = models.UUIDField(null=True, editable=False)
    published_name = models.CharField(max_length=200, blank=True, editable=False)
    content = models.JSONField(null=True, editable=False)
    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    journal_seq = models.BigIntegerField(null=True, editable=False)
    journal_hash = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = True


class ProofPacket(Packet):
    """The evidence of a milestone's value. The founder writes four texts, automation fills the rest.

    The same-day clock runs from the acceptance (`clock_started_at`) to the end of that day in the client's
    zone (`clock_ends_at`); `same_day` is how it ended. `publishes_itself`: once it is accepted and complete,
    without a click, as `allowed_name` said; `tried_at` is when that was last not to be. `as_found`: although
    an artifact was found changed or away, `as_found_of` what exactly was agreed to.
    """

    TOLD_AS: ClassVar = "proof_packet"
    KEPT_AS: ClassVar = "proof_packet_url"

    milestone = TenantKey(Milestone, models.PROTECT, related_name="proof_packets")
    recap = Text(max_length=4000, blank=True)
    not_measurable = Text(max_length=1000, blank=True)
    risks = Text(max_length=4000, blank=True)
    recommendation = Text(max_length=4000, blank=True)
    as_found = models.BooleanField(default=False)
    as_found_of = models.JSONField(default=list, editable=False)
    publishes_itself = models.BooleanField(default=False)
    allowed_by = models.UUIDField(null=True, editable=False)
    allowed_name = models.CharField(max_length=200, blank=True, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    clock_started_at = models.DateTimeField(null=True, editable=False)
    clock_ends_at = models.DateTimeField(null=True, editable=False)
    clock_zone = models.CharField(max_length=64, blank=True, editable=False)
    clock_reminded_at = models.DateTimeField(null=True, editable=False)
    same_day = models.BooleanField(null=True, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "number"], name="proof_packets_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["workspace", "milestone"],
                condition=Q(state=PacketState.DRAFT),
                name="a_milestone_has_one_proof_draft",
            ),
            models.CheckConstraint(
                name="proof_packet_published_means_frozen", condition=PUBLISHED | UNPUBLISHED
            ),
            models.CheckConstraint(
                name="proof_packet_publishes_itself_as_somebody_said",
                condition=Q(publishes_itself=False) | ~Q(allowed_name=""),
            ),
            models.CheckConstraint(
                name="proof_packet_clock_has_both_ends",
                condition=Q(clock_started_at=None, clock_ends_at=None)
                | Q(clock_started_at__isnull=False, clock_ends_at__gt=F("clock_started_at")),
            ),
            models.CheckConstraint(
                name="proof_packet_is_delivered_after_publishing",
                condition=Q(delivered_at=None) | Q(published_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["clock_ends_at"],
                name="proof_packet_clock",
                condition=Q(state=PacketState.DRAFT, clock_ends_at__isnull=False),
            ),
            models.Index(
                F("workspace"), F("published_at").desc(), F("id").desc(), name="proof_packet_newest"
            ),
            models.Index(
                fields=["published_at"],
                name="proof_packet_undelivered",
                condition=Q(state=PacketState.PUBLISHED, delivered_at=None),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="proof_packet_stays_as_published",
                operation=pgtrigger.Update,
                condition=_kept(
                    *("number", "state", "correction", "recap", "not_measurable", "risks", "recommendation"),
                    *("as_found", "as_found_of", "publishes_itself", "allowed_by", "allowed_name"),
                    *("published_at", "published_kind", "published_by", "published_name", "same_day"),
                    *("content", "content_sha256", "journal_seq", "journal_hash", "milestone_id"),
                ),
            ),
            _not_removed("published_proof_packet_is_not_removed"),
        ]


class HandoffPacket(Packet):
    """What happens next, who moves, what is still open. A new version whenever the plan is rescheduled.

    Its texts hold only what people wrote; where they wrote nothing the record speaks, `content` holds both.
    `reason` says why this version came to be. `planned_through` is the entry of the journal up to which
    it knows the plan; none once it follows the plan no more.
    """

    TOLD_AS: ClassVar = "handoff_packet"
    KEPT_AS: ClassVar = "handoff_packet_link"

    milestone = TenantKey(Milestone, models.PROTECT, related_name="handoff_packets")
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True)
    approval_state = Line(max_length=300, blank=True)
    open_dependencies = Text(max_length=2000, blank=True)
    next_stage_trigger = Line(max_length=200, blank=True)
    next_move_owner = Line(max_length=200, blank=True)
    recommendation = Text(max_length=4000, blank=True)
    reason = Line(max_length=300, blank=True)
    planned_through = models.BigIntegerField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "number"], name="handoff_packets_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["workspace", "milestone"],
                condition=Q(state=PacketState.DRAFT),
                name="a_milestone_has_one_handoff_draft",
            ),
            models.CheckConstraint(
                name="handoff_packet_published_means_frozen", condition=PUBLISHED | UNPUBLISHED
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("published_at").desc(), F("id").desc(), name="handoff_packet_newest"
            ),
            models.Index(
                fields=["workspace", "milestone"],
                name="handoff_packet_follows",
                condition=Q(planned_through__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="handoff_packet_stays_as_published",
                operation=pgtrigger.Update,
                condition=_kept(
                    *("number", "state", "correction", "outcome", "approval_state", "open_dependencies"),
                    *("next_stage_trigger", "next_move_owner", "recommendation", "reason", "published_at"),
                    *("published_kind", "published_by", "published_name", "content", "content_sha256"),
                    *("journal_seq", "journal_hash", "milestone_id"),
                ),
            ),
            _not_removed("published_handoff_packet_is_not_removed"),
        ]


EITHER = Q(proof__isnull=False, handoff=None) | Q(proof=None, handoff__isnull=False)


class PacketFile(WorkspaceModel):
    """A file made of a published packet, once. `sha256` names its bytes as they are served.

    `rendered_sha256` is the hash before the seal: the same version renders to the same bytes.
    """

    proof = TenantKey(ProofPacket, models.PROTECT, null=True, related_name="files")
    handoff = TenantKey(HandoffPacket, models.PROTECT, null=True, related_name="files")
    kind = models.CharField(max_length=10, choices=FileKind)
    sha256 = models.CharField(max_length=64)
    rendered_sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    pages = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField()
    certificate = models.CharField(max_length=64, blank=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "proof", "kind"],
                condition=Q(proof__isnull=False),
                name="a_proof_file_is_made_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "handoff", "kind"],
                condition=Q(handoff__isnull=False),
                name="a_handoff_file_is_made_once",
            ),
            models.CheckConstraint(name="packet_file_is_of_one_packet", condition=EITHER),
        ]


class Rendering(WorkspaceModel):
    """The intent to make a published packet's files. What cannot be made is parked and shown."""

    proof = TenantKey(ProofPacket, models.PROTECT, null=True, related_name="renderings")
    handoff = TenantKey(HandoffPacket, models.PROTECT, null=True, related_name="renderings")
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0, db_default=0)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = Line(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "proof"],
                condition=Q(proof__isnull=False),
                name="a_proof_packet_is_rendered_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "handoff"],
                condition=Q(handoff__isnull=False),
                name="a_handoff_packet_is_rendered_once",
            ),
            models.CheckConstraint(name="rendering_is_of_one_packet", condition=EITHER),
            models.CheckConstraint(
                name="rendering_waits_or_has_ended",
                condition=Q(due_at__isnull=False, done_at=None, parked_at=None)
                | Q(due_at=None, done_at__isnull=False, parked_at=None)
                | (Q(due_at=None, done_at=None, parked_at__isnull=False) & ~Q(last_error="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="rendering_due", condition=Q(due_at__isnull=False)),
        ]
