"""What was made and how it was checked: artifacts with versions, QA runs."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from milestones.models.common import PERCENT, percent
from milestones.models.milestone import Milestone
from milestones.words import ArtifactKind, QaKind
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text


class Artifact(WorkspaceModel):
    """Something that was made for a milestone: a link or a file, in versions. Removed, never deleted.

    `is_output` marks what the client is to accept, in contrast to what only helps to check it.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="artifacts")
    kind = models.CharField(max_length=4, choices=ArtifactKind)
    title = Line(max_length=200)
    is_output = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(fields=["workspace", "milestone", "created_at", "id"], name="artifact_oldest")
        ]

    def __str__(self) -> str:
        return self.title


class ArtifactVersion(WorkspaceModel):
    """One state of an artifact, for good: an address, or a stored file by its SHA-256 (64 hex digits)."""

    artifact = TenantKey(Artifact, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    url = models.URLField(max_length=1000, blank=True)
    file_name = Line(max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    note = Line(max_length=300, blank=True)
    added_at = models.DateTimeField()
    by_kind = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "artifact", "number"], name="artifact_versions_are_numbered"
            ),
            models.CheckConstraint(
                name="artifact_version_is_an_address_or_a_file",
                condition=(~Q(url="") & Q(file_name="", size=None))
                | (Q(url="", size__isnull=False) & ~Q(file_name="") & ~Q(sha256="")),
            ),
        ]


class QaRun(WorkspaceModel):
    """One execution of the QA checklist or of an automated check.

    `items` are the checklist's answers, [{"code", "passed", "note"}]; `versions` the ids of the artifact
    versions that were looked at. A void run no longer counts: what it looked at has changed since.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="qa_runs")
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=QaKind, default=QaKind.AUTOMATED)
    check_name = Line(max_length=120)
    score = models.PositiveSmallIntegerField(validators=PERCENT)
    threshold = models.PositiveSmallIntegerField(validators=PERCENT, editable=False)
    notes = Text(max_length=5000, blank=True)
    items = models.JSONField(default=list, blank=True)
    versions = ArrayField(models.UUIDField(), default=list, blank=True)
    voided_at = models.DateTimeField(null=True, editable=False)
    void_reason = Line(max_length=300, blank=True, editable=False)
    passed = models.GeneratedField(
        expression=models.Case(
            models.When(score__gte=F("threshold"), then=models.Value(True)), default=models.Value(False)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(name="qa_score_is_a_percentage", condition=percent("score")),
            models.CheckConstraint(
                name="qa_run_void_means_explained",
                condition=Q(voided_at=None, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(F("workspace"), F("milestone"), F("at").desc(), F("id").desc(), name="qa_newest")
        ]
