"""Asking the client: rounds of review, decision requests, decisions, and comments that decide nothing."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from milestones.models.engagements import Contact, Project
from milestones.models.milestone import Milestone
from milestones.words import ApprovalChannel, Ask, Outcome, RequestKind, RequestState
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text


class DecisionRequest(WorkspaceModel):
    """One explicit question to one person, bound to exactly what they are shown.

    Serves reviews, two-option blockers, change requests and re-baselines; `subject_id` is the row it is
    about. `options` is [{"code", "label", "consequence"}]; `shown` is all that the page shows of the
    milestone, and `shown_digest` (SHA-256, hex) what an answer is bound to. The approver answers, or the
    delegate, who is named for an absence.
    """

    project = TenantKey(Project, models.PROTECT, related_name="decision_requests")
    milestone = TenantKey(Milestone, models.PROTECT, related_name="decision_requests")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=RequestKind)
    ask = models.CharField(max_length=20, choices=Ask)
    subject_id = models.UUIDField()
    question = Line(max_length=300)
    context = Text(max_length=5000, blank=True)
    caveats = Text(max_length=2000, blank=True)
    options = models.JSONField()
    recommended = models.CharField(max_length=40, blank=True)
    approver = TenantKey(Contact, models.PROTECT, related_name="+")
    delegate = TenantKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=10, choices=ApprovalChannel)
    decide_by = models.DateTimeField()
    shown = models.JSONField(default=dict, blank=True)
    shown_digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=13, choices=RequestState, default=RequestState.DRAFT)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = Line(max_length=300, blank=True)
    link_id = models.UUIDField(null=True)
    remind_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    replaced_by = TenantKey("self", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="decision_requests_are_numbered"),
            models.UniqueConstraint(
                fields=["workspace", "subject_id"],
                condition=Q(state__in=[RequestState.DRAFT, RequestState.PENDING]),
                name="one_open_request_per_subject",
            ),
            models.CheckConstraint(
                name="decision_request_state_has_its_times",
                condition=Q(state=RequestState.DRAFT, sent_at=None, ended_at=None)
                | (Q(state=RequestState.PENDING, sent_at__isnull=False, ended_at=None) & ~Q(shown_digest=""))
                | Q(state=RequestState.DECIDED, sent_at__isnull=False, ended_at__isnull=False)
                | Q(
                    state__in=[
                        RequestState.WITHDRAWN,
                        RequestState.REPLACED,
                        RequestState.COUNTERMANDED,
                    ],
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="only_a_pending_request_is_reminded_of",
                condition=Q(remind_at=None) | Q(state=RequestState.PENDING),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["remind_at"], name="request_reminder", condition=Q(remind_at__isnull=False)),
            models.Index(fields=["workspace", "state", "decide_by", "id"], name="request_due"),
            models.Index(
                fields=["ended_at"],
                name="blocker_answer_taken_back",
                condition=Q(state=RequestState.COUNTERMANDED, kind=RequestKind.BLOCKER),
            ),
            models.Index(
                F("workspace"), F("created_at").desc(), F("id").desc(), name="decision_request_newest"
            ),
        ]

    def __str__(self) -> str:
        return self.question


class Decision(WorkspaceModel):
    """An explicit answer. Written once; a mistake is countermanded by another entry, before close.

    `name` is what was typed or who spoke; another channel than the link needs `evidence`.
    """

    request = TenantKey(DecisionRequest, models.PROTECT, related_name="decisions")
    option = models.CharField(max_length=40)
    contact = TenantKey(Contact, models.PROTECT, related_name="+")
    name = Line(max_length=120)
    channel = models.CharField(max_length=10, choices=ApprovalChannel)
    evidence = Text(max_length=5000, blank=True)
    comment = Text(max_length=5000, blank=True)
    shown_digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    countermands = TenantKey("self", models.PROTECT, null=True, related_name="+")

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "request"],
                condition=Q(countermands=None),
                name="a_request_is_decided_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "countermands"], name="a_decision_is_countermanded_once"
            ),
            models.CheckConstraint(
                name="another_channel_than_the_link_needs_evidence",
                condition=Q(channel=ApprovalChannel.LINK) | ~Q(evidence=""),
            ),
            models.CheckConstraint(name="a_decision_is_signed_with_a_name", condition=~Q(name="")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="decision_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class Review(WorkspaceModel):
    """One round of asking the client about a milestone. Ends in exactly one outcome."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="reviews")
    number = models.PositiveSmallIntegerField()
    request = TenantKey(DecisionRequest, models.PROTECT, null=True, related_name="+")
    counts = models.BooleanField()
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True, default="")
    note = Text(max_length=2000, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "number"], name="review_rounds_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["workspace", "milestone"],
                condition=Q(ended_at=None),
                name="a_milestone_has_one_open_round",
            ),
            models.CheckConstraint(
                name="review_ended_means_one_outcome",
                condition=Q(outcome="", ended_at=None) | (~Q(outcome="") & Q(ended_at__isnull=False)),
            ),
        ]


class Reviewer(WorkspaceModel):
    """Somebody besides the approver who is asked to look. Their comments are routed; they decide nothing."""

    review = TenantKey(Review, models.PROTECT, related_name="reviewers")
    contact = TenantKey(Contact, models.PROTECT, related_name="+")
    link_id = models.UUIDField(null=True)
    invited_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "review", "contact"], name="a_reviewer_is_asked_once_a_round"
            )
        ]


class Comment(WorkspaceModel):
    """Words about a milestone that decide nothing. An ask among them becomes a change request."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="comments")
    request = TenantKey(DecisionRequest, models.PROTECT, null=True, related_name="comments")
    contact = TenantKey(Contact, models.PROTECT, null=True, related_name="+")
    by_kind = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    text = Text(max_length=5000)
    at = models.DateTimeField()
    change_request_id = models.UUIDField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(name="a_comment_says_something", condition=~Q(text=""))
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("milestone"), F("at").desc(), F("id").desc(), name="comment_newest"
            )
        ]
