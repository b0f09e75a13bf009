"""Writes about checks of a milestone's output: runs of the QA checklist, and of automated checks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones import checklist
from milestones.actions.engagements import at_work
from milestones.checklist import Answer
from milestones.models import ArtifactVersion, Milestone, Pulse, QaRun
from milestones.queries.artifacts import current
from milestones.words import QaKind, Stage
from tenancy.refusal import Refused
from tenancy.saving import add, change

SLOTS = 5
CHECKED_IN = (Stage.EXECUTION, Stage.QA)
CHECKLIST_NAME = "QA checklist"


def record_qa_run(
    milestone_id: UUID,
    *,
    check_name: str,
    score: int,
    notes: str = "",
    versions: Collection[UUID] = (),
    by: Actor,
    now: datetime,
) -> QaRun:
    """Notes one run of an automated check, held against the milestone's threshold.

    `versions` are the artifact versions it looked at, where it says so.

    Raises:
        Refused: when the milestone is not being worked on, or a version is not one of its artifacts'.
    """
    milestone = at_work(milestone_id)
    _check_may_be_checked(milestone)
    _check_versions(milestone, versions)
    words = {"check_name": check_name, "score": score, "notes": notes, "versions": list(versions)}
    return _noted(milestone, words, by=by, now=now)


def record_checklist(
    milestone_id: UUID, answers: Sequence[Answer], *, notes: str = "", by: Actor, now: datetime
) -> QaRun:
    """Notes one execution of the QA checklist, bound to the artifact versions that are current.

    Raises:
        Refused: when it is not complete, or the milestone is not being worked on.
    """
    milestone = at_work(milestone_id)
    _check_may_be_checked(milestone)
    checklist.check_complete(answers)
    words = {
        "kind": QaKind.CHECKLIST,
        "check_name": CHECKLIST_NAME,
        "score": checklist.score(answers),
        "notes": notes,
        "items": checklist.kept(answers),
        "threshold": checklist.passes_at(answers, milestone.quality_threshold),
        "versions": [version.pk for version in current(milestone.pk)],
    }
    return _noted(milestone, words, by=by, now=now)


def _noted(milestone: Milestone, words: dict[str, Any], *, by: Actor, now: datetime) -> QaRun:
    who = {"by_kind": by.kind, "by_id": by.id, "by_name": by.name}
    run = add(
        QaRun(milestone=milestone, at=now, **{"threshold": milestone.quality_threshold, **who, **words})
    )
    passed = run.score >= run.threshold
    change(milestone, {"qa_passed_at": now if passed else None})
    _follow(milestone, passed, now=now)
    record(
        run,
        "qa_run.recorded",
        by=by,
        at=now,
        data={
            "kind": run.kind,
            "check": run.check_name,
            "score": run.score,
            "threshold": run.threshold,
            "passed": passed,
            "versions": [str(pk) for pk in run.versions],
        },
        thread_id=milestone.pk,
    )
    return run


def _follow(milestone: Milestone, passed: bool, *, now: datetime) -> None:
    """The pulse keeps the latest results, void ones too: work that failed twice has failed twice."""
    pulse = Pulse.objects.select_for_update().get(milestone=milestone)
    pulse.qa_slots = [passed, *pulse.qa_slots][:SLOTS]
    pulse.qa_runs += 1
    pulse.changed_at = now
    pulse.save(update_fields=["qa_slots", "qa_runs", "changed_at"])


def _check_may_be_checked(milestone: Milestone) -> None:
    stage = Stage(milestone.stage)
    if stage in CHECKED_IN:
        return
    hints = {
        Stage.SETUP: "Take it into execution first.",
        Stage.REVIEW: "The client has it; reset it to execution to check it again.",
    }
    hint = hints.get(stage, "What was accepted is not checked again.")
    raise Refused(f"A milestone in {stage.label.lower()} takes no QA runs. {hint}", code="not_in_work")


def _check_versions(milestone: Milestone, versions: Collection[UUID]) -> None:
    known = ArtifactVersion.objects.filter(pk__in=versions, artifact__milestone=milestone).count()
    if known < len(set(versions)):
        sentence = "Name versions of this milestone's artifacts; at least one of these is none."
        raise Refused(sentence, code="invalid", fields={"versions": [sentence]})
