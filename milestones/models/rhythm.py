"""The rhythm of an engagement: checklists, weekly reviews, plans kept as templates, imports."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from milestones.models.engagements import Project
from milestones.models.notices import Notice
from milestones.words import ChecklistKind, ImportState
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text


class Checklist(WorkspaceModel):
    """A dated worksheet of a project. `answers` is {code: {"ok": bool or null, "note": text}}."""

    project = TenantKey(Project, models.PROTECT, related_name="checklists")
    kind = models.CharField(max_length=20, choices=ChecklistKind)
    due_on = models.DateField(null=True)
    answers = models.JSONField(default=dict, blank=True)
    sent_back = Text(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True)
    by_name = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "project", "kind", "due_on"],
                nulls_distinct=False,
                name="a_checklist_stands_once_for_its_day",
            )
        ]


class WeeklyReview(WorkspaceModel):
    """The three questions of one week, answered; `notice` is the client's status update made of them."""

    project = TenantKey(Project, models.PROTECT, related_name="weekly_reviews")
    week = models.DateField()
    answers = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)
    notice = TenantKey(Notice, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "project", "week"], name="a_week_is_reviewed_once"),
            models.CheckConstraint(name="a_week_begins_on_monday", condition=Q(week__iso_week_day=1)),
        ]


class PlanTemplate(WorkspaceModel):
    """A plan that a workspace keeps for its next engagements. `document` has the form of the shipped ones."""

    name = Line(max_length=80)
    description = Line(max_length=300, blank=True)
    document = models.JSONField()
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="plan_template_has_its_own_name")
        ]


class ImportRun(WorkspaceModel):
    """A table on its way in: rows as they were read, how columns map to fields, what came of it."""

    name = Line(max_length=120)
    source = models.CharField(max_length=20)
    columns = models.JSONField()
    rows = models.JSONField(blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.OPEN)
    report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    by_name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                name="import_done_means_dated",
                condition=Q(state=ImportState.OPEN, done_at=None)
                | Q(state=ImportState.DONE, done_at__isnull=False),
            )
        ]
