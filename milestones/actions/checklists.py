"""Filling a project's checklists, and sending back what is missing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from journal.actions import record
from journal.actors import Actor
from milestones import worksheets
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Checklist, Project
from milestones.queries.checklists import findings
from milestones.words import ChecklistKind
from milestones.worksheets import SHEETS, Answer, Sheet
from tenancy.numbers import take_turn
from tenancy.refusal import Refused, Stale
from tenancy.saving import add, change


def fill(
    project: Project,
    kind: ChecklistKind,
    answers: Sequence[Answer],
    *,
    sent_back: str = "",
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> Checklist:
    """Writes a project's checklist: a dated one that of today, any other the one there is.

    Raises:
        Refused: naming each item whose answer does not fit, or when something is missing and nobody is told.
    """
    check_is_not_archived(project)
    sheet, given = SHEETS[kind], list(answers)
    worksheets.check(sheet, given, findings(project, kind, now=now), sent_back)
    if not any(answer.ok is not None for answer in given):
        raise Refused("Answer at least one item.", code="invalid", fields={sheet.codes[0]: ["Answer this."]})
    take_turn(f"checklist {project.pk} {kind}")
    content = {
        "answers": worksheets.kept(sheet, given),
        "sent_back": sent_back if sheet.sends_back else "",
        "filled_at": now,
        "by_name": by.name,
    }
    checklist = _written(project, sheet, content, expected, now=now)
    record(
        checklist,
        "checklist.filled",
        by=by,
        at=now,
        data={"kind": kind, "answers": checklist.answers, "state": worksheets.state(checklist.answers)},
        personal={"sent_back": checklist.sent_back} if checklist.sent_back else None,
        thread_id=project.pk,
    )
    return checklist


def _written(
    project: Project, sheet: Sheet, content: Mapping[str, Any], expected: int | None, *, now: datetime
) -> Checklist:
    day = _today(project, now=now) if sheet.is_dated else None
    rows = Checklist.objects.select_for_update(of=("self",)).filter(project=project, kind=sheet.kind)
    found = rows.filter(due_on=day).first()
    if expected is not None and (found.version if found else 0) != expected:
        raise Stale("This checklist")
    if found is None:
        return add(Checklist(project=project, kind=sheet.kind, due_on=day, created_at=now, **content))
    change(found, content)
    return found


def _today(project: Project, *, now: datetime) -> date:
    return now.astimezone(ZoneInfo(project.workspace.time_zone)).date()
