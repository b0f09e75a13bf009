"""Scope: asks outside what was agreed, and choices for a milestone that is badly blocked."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from milestones.models.decisions import Decision
from milestones.models.milestone import Milestone
from milestones.words import ChangeState, Way
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text


class ChangeRequest(WorkspaceModel):
    """An ask outside the agreed scope. Lives in the post-milestone queue; the milestone's boundary stays."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="change_requests")
    number = models.PositiveIntegerField()
    title = Line(max_length=200)
    detail = Text(max_length=5000, blank=True)
    asked_by = Line(max_length=200, blank=True)
    source = models.CharField(max_length=20, default="cairn")
    source_id = models.UUIDField(null=True, editable=False)
    adds_criterion = Line(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    days = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    state = models.CharField(max_length=12, choices=ChangeState, default=ChangeState.UNDECIDED)
    decision = TenantKey(Decision, models.PROTECT, null=True, editable=False, related_name="+")
    decided_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="change_requests_are_numbered"),
            models.UniqueConstraint(
                fields=["workspace", "source_id"],
                condition=Q(source_id__isnull=False),
                name="an_ask_is_queued_once",
            ),
            models.CheckConstraint(
                name="change_request_accepted_means_decided_by_the_client",
                condition=~Q(state=ChangeState.ACCEPTED) | Q(decision__isnull=False),
            ),
            models.CheckConstraint(
                name="change_request_decided_means_dated",
                condition=Q(state=ChangeState.UNDECIDED, decided_at=None)
                | (~Q(state=ChangeState.UNDECIDED) & Q(decided_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("milestone"), F("asked_at").desc(), F("id").desc(), name="change_newest"
            ),
            models.Index(
                fields=["workspace", "milestone"],
                name="change_undecided",
                condition=Q(state=ChangeState.UNDECIDED),
            ),
        ]


class Recourse(WorkspaceModel):
    """The way chosen out of a bad block: pause, re-scope, proceed conditionally or close out, and why."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="recourses")
    way = models.CharField(max_length=12, choices=Way)
    reason = Text(max_length=500)
    condition = Text(max_length=1000, blank=True)
    until = models.DateField()
    chosen_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    end_note = Text(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone"],
                condition=Q(ended_at=None),
                name="a_milestone_takes_one_way_at_a_time",
            ),
            models.CheckConstraint(name="recourse_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="proceeding_conditionally_names_the_condition",
                condition=~Q(way=Way.CONDITIONAL) | ~Q(condition=""),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["until"], name="recourse_ends", condition=Q(ended_at=None))]
