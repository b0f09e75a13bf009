"""What came of a delivery: the client's confidence, what may follow, the e-mail that brought it."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from milestones.models import Account, Contact, Milestone, Project
from milestones.models.engagements import CURRENCY
from proofs.models.packets import ProofPacket
from proofs.words import AskedAbout, OpportunityStage
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text
from workspaces.models import Membership


class Confidence(WorkspaceModel):
    """One contact asked once about one decision or packet: 1 to 5 in one tap, a sentence if they like."""

    contact = TenantKey(Contact, models.PROTECT, related_name="+")
    milestone = TenantKey(Milestone, models.PROTECT, related_name="confidences")
    about = models.CharField(max_length=10, choices=AskedAbout)
    subject_id = models.UUIDField()
    link_id = models.UUIDField()
    asked_at = models.DateTimeField()
    score = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    sentence = Line(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "contact", "subject_id"], name="confidence_is_asked_once"
            ),
            models.CheckConstraint(
                name="confidence_is_one_to_five", condition=Q(score=None) | Q(score__range=(1, 5))
            ),
            models.CheckConstraint(
                name="confidence_given_means_dated",
                condition=Q(score=None, answered_at=None, sentence="")
                | Q(score__isnull=False, answered_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "answered_at"],
                name="confidence_given",
                condition=Q(answered_at__isnull=False),
            ),
            models.Index(fields=["workspace", "subject_id"], name="confidence_subject"),
        ]


class Opportunity(WorkspaceModel):
    """An expansion conversation that a delivered packet started, or that somebody noted by hand."""

    account = TenantKey(Account, models.PROTECT, related_name="opportunities")
    project = TenantKey(Project, models.PROTECT, related_name="opportunities")
    packet = TenantKey(ProofPacket, models.PROTECT, null=True, related_name="opportunities")
    number = models.PositiveIntegerField()
    title = Line(max_length=200)
    notes = Text(max_length=4000, blank=True)
    stage = models.CharField(max_length=12, choices=OpportunityStage, default=OpportunityStage.IDENTIFIED)
    value = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(max_length=3, validators=[CURRENCY])
    owner = TenantKey(Membership, models.PROTECT, null=True, related_name="+")
    next_step = Line(max_length=300, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, editable=False)
    created_at = models.DateTimeField()
    conversation_at = models.DateTimeField(null=True, editable=False)
    proposal_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    end_reason = Line(max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="opportunities_are_numbered"),
            models.UniqueConstraint(
                fields=["workspace", "packet"],
                condition=Q(packet__isnull=False),
                name="a_packet_starts_one_opportunity",
            ),
            models.CheckConstraint(
                name="opportunity_value_is_not_negative", condition=Q(value=None) | Q(value__gte=0)
            ),
            models.CheckConstraint(
                name="opportunity_currency_is_a_code", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
            models.CheckConstraint(
                name="opportunity_ended_means_dated",
                condition=Q(stage__in=[OpportunityStage.WON, OpportunityStage.LOST], ended_at__isnull=False)
                | (~Q(stage__in=[OpportunityStage.WON, OpportunityStage.LOST]) & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="opportunity_lost_says_why",
                condition=~Q(stage=OpportunityStage.LOST) | ~Q(end_reason=""),
            ),
            models.CheckConstraint(
                name="opportunity_has_spoken_before_it_proposes",
                condition=Q(stage=OpportunityStage.IDENTIFIED)
                | Q(stage=OpportunityStage.LOST)
                | Q(conversation_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(F("workspace"), F("created_at").desc(), F("id").desc(), name="opportunity_newest"),
            models.Index(
                fields=["next_step_on"],
                name="opportunity_due",
                condition=Q(ended_at=None, next_step_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DeliveryTemplate(WorkspaceModel):
    """The e-mail that brings a packet, as the workspace words it. Without a row the shipped words stand."""

    subject = Line(max_length=200)
    body = Text(max_length=5000)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="a_workspace_has_one_delivery_template")
        ]
