"""What the client is owed to be told."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from milestones.models.engagements import Contact, Project
from milestones.models.milestone import Milestone
from milestones.words import NoticeKind, NoticeState
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text


class Notice(WorkspaceModel):
    """A message that the client is owed. Never lost, never twice: `occurrence` names the one cause.

    `subject_id` is the row it is about (a milestone, a move, a miss, a week). `delivery_id` is its message in
    the outbox. A bounced one stays "client not informed" until somebody says how the client was told.
    """

    project = TenantKey(Project, models.PROTECT, related_name="notices")
    milestone = TenantKey(Milestone, models.PROTECT, null=True, related_name="notices")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=NoticeKind)
    subject_id = models.UUIDField()
    occurrence = models.CharField(max_length=80, blank=True)
    recipient = TenantKey(Contact, models.PROTECT, null=True, related_name="+")
    title = Line(max_length=200)
    body = Text(max_length=20000)
    data = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.DRAFT)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivery_id = models.UUIDField(null=True)
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    problem = Line(max_length=300, blank=True)
    told_otherwise_at = models.DateTimeField(null=True)
    told_otherwise = Line(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="notices_are_numbered"),
            models.UniqueConstraint(
                fields=["workspace", "kind", "subject_id", "occurrence"], name="a_notice_is_owed_once"
            ),
            models.CheckConstraint(
                name="notice_state_has_its_times",
                condition=Q(state=NoticeState.DRAFT, sent_at=None)
                | Q(state=NoticeState.SENT, sent_at__isnull=False)
                | Q(state=NoticeState.DELIVERED, delivered_at__isnull=False)
                | (Q(state=NoticeState.BOUNCED, bounced_at__isnull=False) & ~Q(problem=""))
                | Q(state=NoticeState.WITHDRAWN),
            ),
            models.CheckConstraint(
                name="told_otherwise_means_dated",
                condition=Q(told_otherwise_at=None, told_otherwise="")
                | (Q(told_otherwise_at__isnull=False) & ~Q(told_otherwise="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "delivery_id"],
                name="notice_on_its_way",
                condition=Q(state=NoticeState.SENT),
            ),
            models.Index(F("workspace"), F("project"), F("created_at").desc(), name="notice_of_project"),
            models.Index(F("workspace"), F("created_at").desc(), F("id").desc(), name="notice_newest"),
        ]
