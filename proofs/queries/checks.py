"""Reads of what looks at artifacts found. Call them inside the workspace's door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject, TruncDate

from milestones.models import ArtifactVersion, Milestone
from milestones.queries.artifacts import current
from proofs.checking import PAUSES, WATCHED
from proofs.content import ArtifactTold
from proofs.models import ArtifactCheck, ArtifactWatch
from proofs.queries.telling import instant
from proofs.words import UNSOUND, Found


@dataclass(frozen=True, slots=True)
class Seen:
    """The current version of an artifact with what is known of it; no watch where none has begun.

    `detail` and `detail_found` are of the latest look, which may not count yet.
    """

    version: ArtifactVersion
    watch: ArtifactWatch | None
    detail: str = ""
    detail_found: str = ""


def seen(milestone_id: UUID) -> list[Seen]:
    """The current versions of a milestone's artifacts, output first, in two statements."""
    versions = sorted(current(milestone_id), key=lambda version: not version.artifact.is_output)
    watches = watches_of(version.pk for version in versions)
    return [_seen(version, watches.get(version.pk)) for version in versions]


def watches_of(version_ids: Iterable[UUID]) -> dict[UUID, Any]:
    """The watches of versions, each with its latest look as `latest`, in one statement."""
    looks = ArtifactCheck.objects.filter(watch=OuterRef("pk")).order_by("-at", "-id")
    latest = looks.values(told=JSONObject(detail="detail", found="found"))[:1]
    rows = ArtifactWatch.objects.filter(artifact_version__in=list(version_ids))
    return {watch.artifact_version_id: watch for watch in rows.annotate(latest=Subquery(latest))}


def _seen(version: ArtifactVersion, watch: Any) -> Seen:
    latest = (watch and watch.latest) or {"detail": "", "found": ""}
    return Seen(version, watch, latest["detail"], latest["found"])


def changes_of(watch: ArtifactWatch) -> list[tuple[date, str]]:
    """The days, here, of the looks that found it changed, with the content that each found."""
    here = TruncDate("at", tzinfo=ZoneInfo(watch.workspace.time_zone))
    looks = ArtifactCheck.objects.filter(watch=watch.pk, found=Found.CHANGED).order_by()
    return list(looks.annotate(on=here).values_list("on", "sha256").distinct())


def told_of(milestone: Milestone) -> list[ArtifactTold]:
    """What a packet says of the artifacts: where they are, their hashes, and how they were found last."""
    return [_told(each) for each in seen(milestone.pk)]


def unsound(milestone_id: UUID) -> list[ArtifactTold]:
    """Those that a client should not be handed as they are: changed, not reachable or missing."""
    return [told for told in map(_told, seen(milestone_id)) if told["found"] in UNSOUND]


def is_awaited(milestone_id: UUID, *, now: datetime) -> bool:
    """Whether a look at an artifact is still to be made, or failed so that it is soon made again."""
    return any(_is_open(each.watch, now=now) for each in seen(milestone_id))


def _is_open(watch: ArtifactWatch | None, *, now: datetime) -> bool:
    if watch is None:
        return True
    return 0 < watch.failures <= len(PAUSES) or (watch.due_at is not None and watch.due_at <= now)


def _told(each: Seen) -> ArtifactTold:
    version, artifact, watch = each.version, each.version.artifact, each.watch
    told = {
        "id": str(artifact.pk),
        "version_id": str(version.pk),
        "title": artifact.title,
        "kind": artifact.kind,
        "is_output": artifact.is_output,
        "number": version.number,
        "url": version.url,
        "file_name": version.file_name,
        "content_type": version.content_type,
        "size": version.size,
        "sha256": version.sha256 or (watch.sha256 if watch else ""),
        "is_living": watch.is_living if watch else False,
        "found": watch.found if watch else "",
        "checked_at": instant(watch.checked_at) if watch else None,
        "detail": each.detail if watch and each.detail_found == watch.found else "",
    }
    return cast(ArtifactTold, told)


def checks_of(milestone_id: UUID) -> QuerySet[ArtifactCheck]:
    """Every look at what belongs to a milestone, earlier versions and removed artifacts included."""
    version = F("watch__artifact_version_id")
    looks = ArtifactCheck.objects.filter(watch__artifact_version__artifact__milestone=milestone_id)
    return looks.annotate(artifact_version_id=version, artifact_id=F("watch__artifact_version__artifact_id"))


def to_mend() -> QuerySet[ArtifactWatch]:
    """What is unsound now, of all open engagements, longest known first."""
    newer = ArtifactVersion.objects.filter(
        artifact=OuterRef("artifact_version__artifact"), number__gt=OuterRef("artifact_version__number")
    )
    return ArtifactWatch.objects.filter(
        ~Exists(newer),
        is_unsound=True,
        artifact_version__artifact__removed_at=None,
        artifact_version__artifact__milestone__stage__in=WATCHED,
        artifact_version__artifact__milestone__project__archived_at=None,
    ).order_by("checked_at", "id")
