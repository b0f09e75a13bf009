"""Writes about what was made: artifacts as links or files, in versions. Removed ones stay readable."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from journal.actions import record
from journal.actors import Actor
from milestones import files
from milestones.actions.engagements import at_work
from milestones.actions.reports import touch
from milestones.actions.stages import output_changed
from milestones.files import Received
from milestones.models import Artifact, ArtifactVersion, Milestone
from milestones.scanning import NotTaken
from milestones.words import ArtifactKind, Stage
from tenancy.refusal import Refused, TooLarge
from tenancy.saving import add, change, locked
from tenancy.text import LINE


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it comes in: what its sender calls it, and its bytes, piece by piece."""

    name: str
    content: Iterable[bytes]


def add_link(
    milestone_id: UUID,
    *,
    title: str,
    url: str,
    is_output: bool = True,
    note: str = "",
    by: Actor,
    now: datetime,
) -> ArtifactVersion:
    """Adds a link to something that was made elsewhere. It is stored, never fetched.

    Raises:
        Refused: when it is no web address, or the milestone takes none any more.
    """
    _check_address(url)
    words = {"title": title, "kind": ArtifactKind.LINK, "is_output": is_output}
    return _added(milestone_id, words, {"url": url, "note": note}, by=by, now=now)


def add_file(
    milestone_id: UUID,
    *,
    title: str,
    file: Upload,
    is_output: bool = True,
    note: str = "",
    by: Actor,
    now: datetime,
) -> ArtifactVersion:
    """Adds an uploaded file.

    Raises:
        TooLarge: when the file, or all files of the milestone together, would hold more than they may.
        Refused: when it is empty, or the milestone takes none any more.
    """
    words = {"title": title, "kind": ArtifactKind.FILE, "is_output": is_output}
    with files.received(file.content, now=now) as received:
        version = _added(milestone_id, words, _stored(file, received, note), by=by, now=now)
        _keep(version, received)
    return version


def _added(
    milestone_id: UUID, words: Mapping[str, Any], content: Mapping[str, Any], *, by: Actor, now: datetime
) -> ArtifactVersion:
    milestone = at_work(milestone_id)
    _check_takes(milestone, is_output=words["is_output"])
    artifact = add(Artifact(milestone=milestone, created_at=now, **words))
    version = _next(artifact, 1, content, by=by, now=now)
    _tell(milestone, version, "artifact.added", by=by, now=now)
    return version


def add_version(
    artifact_id: UUID,
    *,
    url: str = "",
    file: Upload | None = None,
    note: str = "",
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> ArtifactVersion:
    """Adds the next version: an address to a link, a file to a file. The versions before it stay.

    Raises:
        Refused: when it is of the other kind, the same as the latest, or the milestone takes none any more.
    """
    if file is None:
        milestone, artifact = _next_of(artifact_id, expected, has_file=False)
        _check_address(url)
        return _followed(milestone, artifact, {"url": url, "note": note}, by=by, now=now)
    # Received before anything is locked: a scan may take its time.
    with files.received(file.content, now=now) as received:
        milestone, artifact = _next_of(artifact_id, expected, has_file=True)
        content = _stored(file, received, note)
        version = _followed(milestone, artifact, content, by=by, now=now)
        _keep(version, received)
    return version


def _next_of(artifact_id: UUID, expected: int | None, *, has_file: bool) -> tuple[Milestone, Artifact]:
    milestone, artifact = _locked(artifact_id, expected)
    _check_kind(artifact, has_file=has_file)
    return milestone, artifact


def _followed(
    milestone: Milestone, artifact: Artifact, content: Mapping[str, Any], *, by: Actor, now: datetime
) -> ArtifactVersion:
    latest = artifact.versions.order_by("-number")[0]
    _check_differs(latest, content)
    version = _next(artifact, latest.number + 1, content, by=by, now=now)
    Artifact.objects.filter(pk=artifact.pk).update(version=artifact.version + 1)
    artifact.version += 1
    _tell(milestone, version, "artifact.version_added", by=by, now=now)
    return version


def remove(
    artifact_id: UUID, *, reason: str = "", by: Actor, now: datetime, expected: int | None = None
) -> Artifact:
    """Takes an artifact out of what is current. Its versions stay: decisions and runs may be bound to them.

    Raises:
        Refused: when it was removed before, or the milestone takes no change any more.
    """
    milestone, artifact = _locked(artifact_id, expected)
    change(artifact, {"removed_at": now})
    _follow(milestone, artifact, f"“{artifact.title}” was removed", by=by, now=now)
    record(
        artifact,
        "artifact.removed",
        by=by,
        at=now,
        data={"title": artifact.title, "is_output": artifact.is_output},
        personal={"reason": reason} if reason else None,
        thread_id=milestone.pk,
    )
    return artifact


def journal_refused_upload(milestone_id: UUID, refusal: NotTaken, *, by: Actor, now: datetime) -> None:
    """Writes down that the scan turned a file away, in a transaction of its own; its name stays outside."""
    milestone = Milestone.objects.get(pk=milestone_id)
    data = {"reason": refusal.code}
    record(milestone, "artifact.upload_refused", by=by, at=now, data=data, thread_id=milestone.pk)


def _locked(artifact_id: UUID, expected: int | None) -> tuple[Milestone, Artifact]:
    """The milestone first, as every action does that changes something of it."""
    milestone = at_work(Artifact.objects.get(pk=artifact_id).milestone_id)
    artifact = locked(Artifact, artifact_id, expected=expected)
    if artifact.removed_at:
        raise Refused("This artifact was removed. Add it anew.", code="removed")
    _check_takes(milestone, is_output=artifact.is_output)
    return milestone, artifact


def _stored(file: Upload, received: Received, note: str) -> dict[str, Any]:
    return {
        "file_name": files.clean_name(file.name),
        "content_type": received.content_type,
        "size": received.size,
        "sha256": received.sha256,
        "note": note,
    }


def _next(
    artifact: Artifact, number: int, content: Mapping[str, Any], *, by: Actor, now: datetime
) -> ArtifactVersion:
    who = {"by_kind": by.kind, "by_id": by.id, "by_name": by.name}
    return add(ArtifactVersion(artifact=artifact, number=number, added_at=now, **who, **content))


def _keep(version: ArtifactVersion, received: Received) -> None:
    """The row is written and its caps are held: only now do the bytes get their place."""
    _check_room(version.artifact.milestone_id)
    files.keep(received)


def _tell(milestone: Milestone, version: ArtifactVersion, kind: str, *, by: Actor, now: datetime) -> None:
    artifact = version.artifact
    _follow(milestone, artifact, f"“{artifact.title}”, version {version.number}", by=by, now=now)
    record(
        artifact,
        kind,
        by=by,
        at=now,
        data={
            "title": artifact.title,
            "kind": artifact.kind,
            "is_output": artifact.is_output,
            "number": version.number,
            "size": version.size,
            "sha256": version.sha256,
        },
        personal={"url": version.url, "file_name": version.file_name},
        thread_id=milestone.pk,
    )


def _follow(milestone: Milestone, artifact: Artifact, what: str, *, by: Actor, now: datetime) -> None:
    if artifact.is_output:
        output_changed(milestone, what, by=by, now=now)
    else:
        touch(milestone.pk, now=now)


def _check_takes(milestone: Milestone, *, is_output: bool) -> None:
    """What was accepted stays as it was accepted; only what is beside it may still change."""
    stage = Stage(milestone.stage)
    if stage == Stage.CLOSED:
        raise Refused("A closed milestone takes no artifacts.", code="closed")
    if stage == Stage.CLOSEOUT and is_output:
        raise Refused(
            "The client accepted the output as it is. Queue a change request for what is to change.",
            code="accepted",
        )


def _check_address(url: str) -> None:
    """A link leads to the web and hides nothing; `javascript:`, `data:`, `file:` lead elsewhere."""
    if fault := _address_fault(url):
        raise Refused("This is no web address.", code="invalid", fields={"url": [fault]})


def _address_fault(url: str) -> str:
    if LINE.search(url):
        return "Remove the invisible characters; they cannot be shown safely."
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    return "" if is_web else "Give an address that begins with https:// or http://."


def _check_kind(artifact: Artifact, *, has_file: bool) -> None:
    if has_file == (artifact.kind == ArtifactKind.FILE):
        return
    field, said = ("url", "This artifact is a link: give its new address.")
    if artifact.kind == ArtifactKind.FILE:
        field, said = ("file", "This artifact is a file: upload the new one.")
    raise Refused(said, code="invalid", fields={field: [said]})


def _check_differs(latest: ArtifactVersion, content: Mapping[str, Any]) -> None:
    if latest.sha256 and latest.sha256 == content.get("sha256"):
        said = f"These are the very bytes of version {latest.number}; there is nothing to add."
        raise Refused(said, code="unchanged", fields={"file": [said]})


def _check_room(milestone_id: UUID) -> None:
    held = ArtifactVersion.objects.filter(artifact__milestone=milestone_id).exclude(file_name="")
    if held.count() > settings.FILES_PER_MILESTONE:
        raise TooLarge(f"A milestone holds at most {settings.FILES_PER_MILESTONE} files. Add a link.", "file")
    limit = settings.FILES_LARGEST_PER_MILESTONE
    if held.aggregate(total=Sum("size"))["total"] > limit:
        raise TooLarge(
            f"A milestone’s files hold at most {limit // 1024**2} MB together. Add a link instead.",
            "file",
        )
