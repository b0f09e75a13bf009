"""Writes about looks at artifacts: when the next one is due, what one found, and what that means.

A look goes out to the network, so it stands between two transactions: `begin` reads what is to be looked at,
`finish` writes what was found. Only the holder of the claim's fence may finish.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When

from journal import outbox
from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones import files
from milestones.actions.engagements import check_is_not_archived
from milestones.actions.stages import output_changed
from milestones.models import ArtifactVersion, Milestone
from milestones.queries.artifacts import is_current
from milestones.words import ArtifactKind, Stage
from proofs import check_letters
from proofs.checking import WATCHED, Known, Look, News, Verdict, judged, may_be_rebuilt
from proofs.looking import Place
from proofs.models import ArtifactCheck, ArtifactWatch
from proofs.queries.checks import changes_of
from proofs.words import Found
from tenancy.refusal import Refused
from tenancy.saving import change, locked

STILL_OPEN: Final = (Stage.EXECUTION, Stage.QA, Stage.REVIEW)
KINDS: Final = {
    News.CHANGED: "artifact.changed_at_source",
    News.AWAY: "artifact.unreachable",
    News.MISSING: "artifact.missing",
    News.BACK: "artifact.found_again",
}


def look_now(artifact_version_id: UUID, *, by: Actor, now: datetime) -> ArtifactWatch:
    """Has the current version of an artifact looked at next; what a person asks for is journalled.

    Raises:
        ArtifactVersion.DoesNotExist: when it is not in this workspace.
        Refused: when it is not looked at any more.
    """
    version = ArtifactVersion.objects.select_related("artifact__milestone").get(pk=artifact_version_id)
    _check_is_watched(version)
    watch, _ = ArtifactWatch.objects.get_or_create(artifact_version=version)
    ArtifactWatch.objects.filter(pk=watch.pk).update(due_at=now)
    watch.due_at = now
    if by != SYSTEM:
        _record("artifact.check_asked", version, by=by, now=now)
    return watch


def look_again(milestone_id: UUID, *, now: datetime) -> int:
    """Has everything that is watched of a milestone looked at next, for what is about to be told of it."""
    watched = ArtifactWatch.objects.filter(artifact_version__artifact__milestone=milestone_id, due_at__gt=now)
    return watched.update(due_at=now)


def mark_living(
    artifact_version_id: UUID,
    *,
    is_living: bool = True,
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> ArtifactWatch:
    """Says that what a link leads to is meant to change, or is not any more; then it is learned anew.

    Who was asked and says that it is not meant to change leaves what was found as it is.

    Raises:
        ArtifactWatch.DoesNotExist: when this version is not watched in this workspace.
        Refused: when it is a file, or not looked at any more.
        Stale: when somebody saved since version `expected`.
    """
    watch = locked(
        ArtifactWatch, ArtifactWatch.objects.get(artifact_version=artifact_version_id).pk, expected=expected
    )
    version = ArtifactVersion.objects.select_related("artifact__milestone").get(pk=artifact_version_id)
    _check_is_watched(version)
    if version.artifact.kind == ArtifactKind.FILE:
        raise Refused("A file is kept as it was uploaded. Only a link can be meant to change.", code="file")
    answered = {"answered_at": now} if watch.is_asked else {}
    learned_anew = _learned_anew(watch, now=now) if is_living != watch.is_living else {}
    if change(watch, {"is_living": is_living, **answered, **learned_anew}):
        kind = "artifact.marked_living" if is_living else "artifact.marked_still"
        outbox.withdraw(watch, now=now)
        _record(kind, version, by=by, now=now)
    return watch


def _learned_anew(watch: ArtifactWatch, *, now: datetime) -> dict[str, Any]:
    """A look that is under way goes by what was known before: its claim ends here."""
    found = Found.OK if watch.found == Found.CHANGED else watch.found
    return {"sha256": "", "found": found, "due_at": now, "lease_until": None, "fence": watch.fence + 1}


def _check_is_watched(version: ArtifactVersion) -> None:
    artifact = version.artifact
    check_is_not_archived(artifact.milestone.project)
    if Stage(artifact.milestone.stage) not in WATCHED:
        raise Refused("Artifacts are checked from execution on, until the milestone is closed.", code="stage")
    if artifact.removed_at or not is_current(version):
        raise Refused("Only the current version of an artifact is checked.", code="not_current")


def begin(watch_id: UUID, fence: int) -> tuple[Place, Known] | None:
    """What a claimed look is to look at; None when there is nothing to look at any more."""
    if (watch := _claimed(watch_id, fence).first()) is None:
        return None
    version = watch.artifact_version
    try:
        _check_is_watched(version)
    except Refused:
        _mine(watch_id, fence).update(due_at=None, lease_until=None)
        return None
    if version.url:
        return Place(url=version.url), _known(watch)
    return Place(file=files.place_of(version.sha256), sha256=version.sha256), _known(watch)


def finish(watch_id: UUID, fence: int, looks: list[Look], *, now: datetime) -> bool:
    """Writes down what a look found, and follows it. False when the claim was taken over meanwhile."""
    if (watch := _claimed(watch_id, fence).first()) is None:
        return False
    verdict = judged(_known(watch), *looks)
    # The milestone first, as every action does that may change something of it.
    milestone = locked(Milestone, watch.artifact_version.artifact.milestone_id) if verdict.news else None
    if not _mine(watch_id, fence).update(**_after(verdict, now=now)):
        return False
    _keep(watch, verdict, now=now)
    if milestone and verdict.news and milestone.stage in WATCHED:
        _follow(watch, milestone, verdict.news, verdict, now=now)
    return True


def _mine(watch_id: UUID, fence: int) -> QuerySet[ArtifactWatch]:
    return ArtifactWatch.objects.filter(pk=watch_id, fence=fence)


def _claimed(watch_id: UUID, fence: int) -> QuerySet[ArtifactWatch]:
    """With `changed_to`: the content of which it was told that it is another, since it was last found OK."""
    told = ArtifactCheck.objects.filter(watch=OuterRef("pk"), found__in=(Found.OK, Found.CHANGED))
    content = Case(When(found=Found.CHANGED, then="sha256"), default=Value(""))
    last = told.annotate(content=content).order_by("-at", "-id").values("content")[:1]
    rows = _mine(watch_id, fence).annotate(changed_to=Subquery(last))
    return rows.select_related("artifact_version__artifact__milestone")


def _known(watch: Any) -> Known:
    version = watch.artifact_version
    return Known(
        sha256=version.sha256 or watch.sha256,
        is_living=watch.is_living,
        found=watch.found,
        failures=watch.failures,
        changed_to=watch.changed_to or "",
    )


def _after(verdict: Verdict, *, now: datetime) -> dict[str, Any]:
    return {
        "found": verdict.found,
        **({"checked_at": now} if verdict.is_decided else {}),
        "sha256": verdict.sha256,
        "is_living": verdict.is_living,
        "failures": verdict.failures,
        "due_at": now + verdict.next_in,
        "lease_until": None,
    }


def _keep(watch: ArtifactWatch, verdict: Verdict, *, now: datetime) -> None:
    look = verdict.look
    ArtifactCheck.objects.create(
        watch=watch,
        at=now,
        found=look.found,
        status=look.status,
        sha256=look.sha256,
        size=look.size,
        detail=look.detail,
    )


def _follow(
    watch: ArtifactWatch, milestone: Milestone, news: News, verdict: Verdict, *, now: datetime
) -> None:
    version = watch.artifact_version
    if news == News.BACK:
        outbox.withdraw(watch, now=now)
        _record(KINDS[news], version, by=SYSTEM, now=now)
        return
    is_known = news == News.CHANGED and watch.is_asked and milestone.qa_passed_at is None
    voided = news == News.CHANGED and _voids(version, milestone, now=now)
    asked = news == News.CHANGED and _asks(watch, version, now=now)
    if not is_known:  # who is asked already hears again only of what a change takes back
        detail = verdict.look.detail
        check_letters.tell(
            news, watch, version, milestone, detail=detail, voided=voided, asked=asked, now=now
        )
    data = {
        "status": verdict.look.status,
        "sha256": verdict.look.sha256,
        "was": watch.sha256,
        "voided": voided,
        "asked": asked,
    }
    _record(KINDS[news], version, by=SYSTEM, now=now, **data)


def _asks(watch: ArtifactWatch, version: ArtifactVersion, *, now: datetime) -> bool:
    """Asks once for each version whether its page is meant to change, when it changes day by day."""
    if watch.asked_at or not version.url or not may_be_rebuilt(changes_of(watch)):
        return False
    ArtifactWatch.objects.filter(pk=watch.pk).update(asked_at=now)
    return True


def _voids(version: ArtifactVersion, milestone: Milestone, *, now: datetime) -> bool:
    """Takes back what was checked and asked about an output that is another now. What was accepted stays."""
    if not version.artifact.is_output or milestone.stage not in STILL_OPEN:
        return False
    output_changed(milestone, f"“{version.artifact.title}”, at its source", by=SYSTEM, now=now)
    return True


def _record(kind: str, version: ArtifactVersion, *, by: Actor, now: datetime, **data: object) -> None:
    artifact = version.artifact
    told = {"title": artifact.title, "is_output": artifact.is_output, "number": version.number, **data}
    record(artifact, kind, by=by, at=now, data=told, thread_id=artifact.milestone_id)
