"""Every write about blockers. Each one brings the milestone's record up to date in the same transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID
from zoneinfo import ZoneInfo

from escalation import routing
from escalation.clocks import clocks, end_of, on_record
from escalation.models import Blocker, BlockerType, Severity
from journal import outbox
from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones.actions import requests
from milestones.actions.engagements import at_work, check_is_not_archived
from milestones.models import Contact, Decision, Milestone, Pulse
from milestones.words import Stage
from tenancy.numbers import next_number
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from workspaces.queries import calendar_of

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)  # the clocks are strict: exactly at its moment nothing has turned yet


class Threat(TypedDict, total=False):
    """What may be said of a blocker when it opens; what is left out is as in the model."""

    type: Required[BlockerType]
    title: Required[str]
    detail: str
    evidence: str
    severity: Severity
    stops_path: bool


def open_blocker(milestone_id: UUID, *, by: Actor, now: datetime, **threat: Unpack[Threat]) -> Blocker:
    """Opens a blocker, names who must answer, and starts its clocks.

    Raises:
        Refused: when the milestone is closed, or a technical blocker lacks its error evidence.
    """
    milestone = at_work(milestone_id)
    _check_may_open(milestone, threat["type"], threat.get("evidence", ""))
    blocker = _on_clocks(Blocker(milestone=milestone, opened_at=now, **threat))
    contact = routing.answers(blocker.type, _contacts(milestone))
    blocker.response_contact = contact
    blocker.response_member = None if contact else milestone.owner_primary
    blocker.number = next_number(Blocker)
    add(blocker)
    refresh_record(milestone, now=now)
    said = {name: getattr(blocker, name) for name in ("number", "type", "severity", "title")}
    record(blocker, "blocker.opened", by=by, at=now, data=said, thread_id=milestone.pk)
    return blocker


def _on_clocks(blocker: Blocker) -> Blocker:
    times = clocks(
        blocker.opened_at,
        is_critical=blocker.severity == Severity.CRITICAL,
        calendar=calendar_of(blocker.milestone.workspace),
    )
    blocker.response_due_at = times.response_due_at
    blocker.aging_at = times.aging_at
    blocker.critical_at = times.critical_at
    return blocker


def _check_may_open(milestone: Milestone, type: BlockerType, evidence: str) -> None:
    if milestone.stage == Stage.CLOSED:
        raise Refused("A closed milestone cannot be blocked any more.", code="closed")
    if type == BlockerType.TECHNICAL and not evidence.strip():
        raise Refused(
            "A technical blocker needs its error evidence.",
            code="invalid",
            fields={
                "evidence": [
                    "Paste the exact error: whoever owns the credentials acts on that, not on a summary."
                ]
            },
        )


def _contacts(milestone: Milestone) -> list[Contact]:
    return list(Contact.objects.filter(account=milestone.project.account_id).order_by("created_at", "id"))


def acknowledge(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Blocker:
    """Notes that the response owner has seen it. The clocks go on: acknowledging is not resolving."""
    blocker = still_open(pk, expected=expected)
    if blocker.acknowledged_at:
        return blocker
    change(blocker, {"acknowledged_at": now})
    note(blocker, "blocker.acknowledged", by=by, now=now)
    return blocker


def respond(pk: UUID, *, response: str, by: Actor, now: datetime, expected: int | None = None) -> Blocker:
    """Notes the response owner's answer; it stops the response clock."""
    if not response.strip():
        raise Refused("Write the answer.", code="invalid", fields={"response": ["Write what was answered."]})
    blocker = still_open(pk, expected=expected)
    change(blocker, {"response": response, "responded_at": blocker.responded_at or now})
    refresh_record(blocker.milestone, now=now)
    note(blocker, "blocker.responded", by=by, now=now, personal={"response": response})
    return blocker


def resolve(pk: UUID, *, resolution: str, by: Actor, now: datetime, expected: int | None = None) -> Blocker:
    """Ends a blocker with what ended it, and takes back what was still to be said about it."""
    if not resolution.strip():
        raise Refused(
            "Say what resolved it.",
            code="invalid",
            fields={"resolution": ["One sentence: what removed the blocker."]},
        )
    blocker = still_open(pk, expected=expected)
    if blocker.decision_request_id:
        requests.withdraw_for(blocker.pk, "This is settled meanwhile.", by=by, now=now)
    end(blocker, resolution, at=now, by=by, now=now)
    return blocker


def end(blocker: Blocker, resolution: str, *, at: datetime, by: Actor, now: datetime, **said: Any) -> None:
    """Ends a locked blocker; what ended it happened at `at`. `said` is kept beside."""
    ended = {"resolution": resolution, "resolved_at": at, "responded_at": blocker.responded_at or at}
    change(blocker, {**ended, **said})
    outbox.withdraw(blocker, now=now)
    refresh_record(blocker.milestone, now=now)
    note(blocker, "blocker.resolved", by=by, now=now, personal={"resolution": resolution})


def reopen(pk: UUID, answer: Decision, *, by: Actor, now: datetime) -> Blocker:
    """Opens a blocker again whose ending answer was taken back: it blocks since it was opened, as before.

    Nothing happens where something else ended it, or the milestone is closed.

    Raises:
        Refused: where the project is archived.
    """
    blocker = _with_milestone(pk, expected=None)
    check_is_not_archived(blocker.milestone.project)
    if blocker.resolved_at != answer.at or blocker.milestone.stage == Stage.CLOSED:
        return blocker
    # What the answer itself said in response goes with it; what somebody said before stays.
    unsaid = {"response": "", "responded_at": None} if blocker.responded_at == answer.at else {}
    change(blocker, {"resolution": "", "resolved_at": None, **unsaid})
    refresh_record(blocker.milestone, now=now)
    note(blocker, "blocker.reopened", by=by, now=now)
    return blocker


def still_open(pk: UUID, *, expected: int | None) -> Blocker:
    """The blocker, locked after its milestone; refused once it is resolved."""
    blocker = _with_milestone(pk, expected=expected)
    check_is_not_archived(blocker.milestone.project)
    if blocker.resolved_at:
        raise Refused(
            f"Blocker {blocker.number} was resolved on {blocker.resolved_at:%d %b %Y at %H:%M} UTC.",
            code="resolved",
        )
    return blocker


def _with_milestone(pk: UUID, *, expected: int | None) -> Blocker:
    milestone_id = Blocker.objects.values_list("milestone_id", flat=True).get(pk=pk)
    milestone = locked(Milestone, milestone_id)
    blocker = locked(Blocker, pk, expected=expected)
    blocker.milestone = milestone
    return blocker


def note(
    blocker: Blocker,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    data: Mapping[str, str] | None = None,
    personal: Mapping[str, str] | None = None,
) -> None:
    said = {"number": blocker.number, **(data or {})}
    record(blocker, kind, by=by, at=now, data=said, personal=personal, thread_id=blocker.milestone_id)


def refresh_record(milestone: Milestone, *, now: datetime) -> None:
    """Writes what the open blockers mean into the record of a milestone that the caller has locked."""
    rows = Blocker.objects.filter(milestone=milestone, resolved_at=None)
    said = on_record(
        [blocker.on_clocks() for blocker in rows],
        forecast_ends_at=_forecast_ends_at(milestone),
        now=now,
    )
    for name in ("blocked_since", "stopped_since", "critical_at", "blocker_status"):
        setattr(milestone, name, getattr(said, name))
    milestone.blocker_age_hours = _age(milestone.blocked_since, now=now)
    milestone.save(
        update_fields=["blocked_since", "stopped_since", "critical_at", "blocker_status", "blocker_age_hours"]
    )
    _arm(milestone, now=now)


def _age(since: datetime | None, *, now: datetime) -> float | None:
    """Whole hours: the moment of reading knows the rest."""
    return None if since is None else float((now - since) // HOUR)


def _arm(milestone: Milestone, *, now: datetime) -> None:
    """Says when time alone changes the age or the status, and that the milestone changed."""
    since, critical_at = milestone.blocked_since, milestone.critical_at
    moments = [since + ((now - since) // HOUR + 1) * HOUR] if since else []
    if critical_at and critical_at >= now:
        moments.append(critical_at + INSTANT)
    Pulse.objects.filter(milestone=milestone).update(age_due_at=min(moments, default=None), changed_at=now)


def follow_clocks(milestone_id: UUID, *, now: datetime) -> None:
    """Journals that time, or a forecast that moved, turned a milestone's blockers critical or back."""
    milestone = locked(Milestone, milestone_id)
    before = milestone.blocker_status
    refresh_record(milestone, now=now)
    if milestone.blocker_status != before:
        record(
            milestone,
            "milestone.blocker_status_changed",
            by=SYSTEM,
            at=now,
            data={"from": before, "to": milestone.blocker_status},
            thread_id=milestone.pk,
        )


def _forecast_ends_at(milestone: Milestone) -> datetime | None:
    day = milestone.forecast_date
    return end_of(day, ZoneInfo(milestone.workspace.time_zone)) if day else None
