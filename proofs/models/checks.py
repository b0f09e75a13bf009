"""Looks at what was delivered: whether it can still be reached, and is still what it was."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from milestones.models import ArtifactVersion
from proofs.words import UNSOUND, Found
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line


class ArtifactWatch(WorkspaceModel):
    """Keeps an eye on one version of an artifact. `due_at` is its next look, none when it is over.

    `is_living`: the page changes at every look (or is meant to), so that only its being reachable counts.
    `sha256` is what was found first, of a link the hash of its content.
    `asked_at`: when the owner was asked, once, whether it is meant to change.
    A claim sets `lease_until` and raises `fence`; only the holder of the fence may finish.
    """

    artifact_version = TenantKey(ArtifactVersion, models.PROTECT, related_name="watches")
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True, editable=False)
    fence = models.BigIntegerField(default=0, db_default=0, editable=False)
    sha256 = models.CharField(max_length=64, blank=True)
    is_living = models.BooleanField(default=False)
    found = models.CharField(max_length=12, choices=Found, blank=True, default="")
    failures = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    is_unsound = models.GeneratedField(
        expression=models.Case(
            models.When(found__in=UNSOUND, then=models.Value(True)), default=models.Value(False)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "artifact_version"], name="an_artifact_version_is_watched_once"
            ),
            models.CheckConstraint(
                name="watch_found_means_checked",
                condition=Q(found="", checked_at=None) | (~Q(found="") & Q(checked_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="watch_answered_means_asked",
                condition=Q(answered_at=None) | Q(asked_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="watch_due", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["workspace", "checked_at"], name="watch_unsound", condition=Q(is_unsound=True)
            ),
        ]

    @property
    def is_asked(self) -> bool:
        """Whether it waits for somebody to say if it is meant to change."""
        return self.asked_at is not None and self.answered_at is None and not self.is_living


class ArtifactCheck(WorkspaceModel):
    """One look: what it found, the answer's status, and the SHA-256 of at most the size that is read."""

    watch = TenantKey(ArtifactWatch, models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    found = models.CharField(max_length=12, choices=Found)
    status = models.PositiveSmallIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True)
    detail = Line(max_length=300, blank=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(F("workspace"), F("watch"), F("at").desc(), F("id").desc(), name="check_newest")
        ]
