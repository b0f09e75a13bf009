"""Reads of what was made: artifacts and their versions. Call them inside the workspace's door."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from milestones.models import Artifact, ArtifactVersion


def artifacts_of(milestone_id: UUID) -> QuerySet[Artifact]:
    return Artifact.objects.filter(milestone=milestone_id)


def artifacts() -> QuerySet[Artifact]:
    return Artifact.objects.all()


def versions_of(artifact_id: UUID) -> QuerySet[ArtifactVersion]:
    return ArtifactVersion.objects.filter(artifact=artifact_id)


def current(milestone_id: UUID) -> list[ArtifactVersion]:
    """The latest version of each artifact that was not removed, with its artifact, oldest artifact first."""
    versions = (
        ArtifactVersion.objects.filter(artifact__milestone=milestone_id, artifact__removed_at=None)
        .select_related("artifact")
        .order_by("artifact__created_at", "artifact_id", "-number")
        .distinct("artifact__created_at", "artifact_id")
    )
    return list(versions)


def is_current(version: ArtifactVersion) -> bool:
    """Whether no version followed this one."""
    return not versions_of(version.artifact_id).filter(number__gt=version.number).exists()


def with_history(milestone_id: UUID) -> list[Artifact]:
    """All artifacts of a milestone, removed ones too, each with its versions, newest first."""
    versions = Prefetch("versions", ArtifactVersion.objects.order_by("-number"))
    return list(artifacts_of(milestone_id).order_by("created_at", "id").prefetch_related(versions))


def files() -> QuerySet[ArtifactVersion]:
    """Versions that are stored files, not addresses."""
    return ArtifactVersion.objects.exclude(file_name="")
