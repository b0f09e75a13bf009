"""Writes about missed dates: opened by the clock, acknowledged the same day with a root cause and a plan."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones import date_letters
from milestones.actions import notices
from milestones.actions.engagements import check_is_not_archived
from milestones.actions.forecasts import move_forecast
from milestones.actions.shifts import in_turn
from milestones.causes import unspecific
from milestones.date_letters import Letter
from milestones.models import Milestone, Miss, Notice
from milestones.queries import dates as queries
from milestones.queries.dates import Step
from milestones.words import MoveReason, NoticeKind, Recovery, Stage
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked

PLAN = "Say what is done about it and until when; the client reads it."
CONSENT = "Say who consented to the overtime, and when."
LATER = "Give the later date: a day after the planned one."
SHORTEST_PLAN = 20
REASON_LENGTH = 500
RECOVERIES = {
    Recovery.RESOURCES: "We put more people on it.",
    Recovery.SCOPE: "We deliver less in this step.",
    Recovery.OVERTIME: "We work overtime, with the consent of those who do.",
    Recovery.EXTENSION: "We need a later date.",
}


def open_miss(milestone_id: UUID, *, now: datetime) -> Miss | None:
    """Opens the miss of a planned date that has ended, with the drafted acknowledgement.

    None where there is nothing to miss, or all is open already.
    """
    milestone = locked(Milestone, milestone_id)
    if (planned := _missed(milestone, now=now)) is None:
        return None
    miss = Miss.objects.filter(milestone=milestone, planned_date=planned).first()
    if miss is None:
        miss = add(Miss(milestone=milestone, planned_date=planned, opened_at=now))
    elif miss.closed_at:
        change(
            miss, {"closed_at": None, "opened_at": now}
        )  # it was completed too late, and came back from review
    else:
        return None
    later = _later(milestone, now=now)
    letter = date_letters.missed(
        milestone, miss.planned_date, cause=miss.root_cause, plan=miss.plan, later=later
    )
    _draft(miss, letter, later, now=now)
    record(
        miss,
        "miss.opened",
        by=SYSTEM,
        at=now,
        data={"planned_date": miss.planned_date, "later": [step.milestone.code for step in later]},
        thread_id=milestone.pk,
    )
    return miss


def _missed(milestone: Milestone, *, now: datetime) -> date | None:
    """The planned date, where it has ended in the workspace's zone and the work has not, nor rests."""
    today = now.astimezone(ZoneInfo(milestone.workspace.time_zone)).date()
    is_open = milestone.completed_at is None and milestone.stage != Stage.CLOSED
    planned = milestone.planned_date
    is_due = is_open and milestone.paused_at is None
    return planned if is_due and planned and planned < today else None


def _later(milestone: Milestone, *, now: datetime) -> list[Step]:
    """What waits for it, as it comes if this one is done on its forecast, or today where that has passed."""
    plan = queries.plan_of(milestone.project_id, now=now)
    return queries.later_milestones(
        plan, milestone.pk, max(milestone.forecast_date or plan.today, plan.today)
    )


def _draft(miss: Miss, letter: Letter, later: list[Step], *, now: datetime) -> Notice:
    return notices.draft(
        NoticeKind.MISS,
        project=miss.milestone.project,
        milestone=miss.milestone,
        subject=miss,
        occurrence=miss.opened_at.isoformat(),
        title=letter.title,
        body=letter.body,
        data={"planned_date": miss.planned_date.isoformat(), "later": [step.kept() for step in later]},
        by=SYSTEM,
        now=now,
    )


def acknowledge(
    pk: UUID,
    *,
    root_cause: str,
    recovery: Recovery,
    plan: str,
    consent: str = "",
    new_date: date | None = None,
    code: MoveReason | None = None,
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> Miss:
    """Says to the client what went wrong and what is done about it. A new date moves in the same transaction.

    Raises:
        Refused: for a root cause that explains nothing, a recovery without its plan, consent or new date.
    """
    miss = _locked(pk, expected=expected)
    _check_may_acknowledge(miss)
    said = {"root_cause": root_cause.strip(), "plan": plan.strip(), "consent": consent.strip()}
    _check_explains(said, recovery, new_date, code, planned=miss.planned_date)
    if new_date and code and new_date != miss.milestone.forecast_date:
        reason = " ".join(said["root_cause"].split())[:REASON_LENGTH]
        move_forecast(miss.milestone_id, new_date, code=code, reason=reason, by=by, now=now)
    change(miss, {**said, "recovery": recovery, "acknowledged_at": now})
    _send(miss, by=by, now=now)
    record(
        miss,
        "miss.acknowledged",
        by=by,
        at=now,
        data={
            "planned_date": miss.planned_date,
            "recovery": recovery,
            "new_date": new_date,
            "same_day": _is_same_day(miss),
            "root_cause": miss.root_cause,
        },
        personal={"consent": miss.consent},
        thread_id=miss.milestone_id,
    )
    return miss


def _locked(pk: UUID, *, expected: int | None) -> Miss:
    """The miss, locked after its milestone, and that after the project's dates: as whoever moves them."""
    milestone_id = Miss.objects.values_list("milestone_id", flat=True).get(pk=pk)
    milestone = in_turn(milestone_id)
    check_is_not_archived(milestone.project)
    miss = locked(Miss, pk, expected=expected)
    miss.milestone = milestone
    return miss


def _check_may_acknowledge(miss: Miss) -> None:
    if miss.acknowledged_at:
        raise Refused("This miss is acknowledged already. Tell a revised plan instead.", code="acknowledged")
    if miss.closed_at:
        raise Refused("This miss is settled: there is nothing left to acknowledge.", code="settled")


def _check_explains(
    said: dict[str, str], recovery: Recovery, new_date: date | None, code: MoveReason | None, *, planned: date
) -> None:
    is_later = new_date is not None and new_date > planned
    wrong = {
        "root_cause": unspecific(said["root_cause"]),
        "plan": PLAN if len(said["plan"]) < SHORTEST_PLAN else "",
        "consent": CONSENT if recovery == Recovery.OVERTIME and not said["consent"] else "",
        "new_date": LATER if recovery == Recovery.EXTENSION and not is_later else "",
        "code": "Choose whose days these are." if new_date and not code else "",
    }
    if fields := {name: [sentence] for name, sentence in wrong.items() if sentence}:
        raise Refused("The acknowledgement is not complete.", code="invalid", fields=fields)


def _send(miss: Miss, *, by: Actor, now: datetime) -> None:
    """The draft goes out with what is known now, on the same day if it is acknowledged on it."""
    milestone = Milestone.objects.select_related("project").get(pk=miss.milestone_id)
    later = _later(milestone, now=now)
    words = f"{RECOVERIES[Recovery(miss.recovery)]} {miss.plan}"
    letter = date_letters.missed(milestone, miss.planned_date, cause=miss.root_cause, plan=words, later=later)
    drafted = _draft(miss, letter, later, now=now)
    notices.send(drafted.pk, title=letter.title, body=letter.body, by=by, now=now)


def _is_same_day(miss: Miss) -> bool:
    zone = ZoneInfo(miss.milestone.workspace.time_zone)
    said = miss.acknowledged_at or miss.opened_at
    return said.astimezone(zone).date() == miss.opened_at.astimezone(zone).date()


def revise_plan(pk: UUID, *, plan: str, by: Actor, now: datetime, expected: int | None = None) -> Miss:
    """Tells the client the recovery and revised plan that stands now, with every later milestone.

    Raises:
        Refused: before the miss is acknowledged, after it is settled, or without a plan.
    """
    miss = _locked(pk, expected=expected)
    if miss.acknowledged_at is None or miss.closed_at:
        raise Refused(
            "A revised plan follows an acknowledged miss that is still open.", code="not_acknowledged"
        )
    if len(plan.strip()) < SHORTEST_PLAN:
        raise Refused("The plan is missing.", code="invalid", fields={"plan": [PLAN]})
    change(miss, {"plan": plan.strip()})
    _owe_plan(miss, by=by, now=now)
    record(
        miss,
        "miss.plan_revised",
        by=by,
        at=now,
        data={"planned_date": miss.planned_date, "plan": miss.plan},
        thread_id=miss.milestone_id,
    )
    return miss


def _owe_plan(miss: Miss, *, by: Actor, now: datetime) -> None:
    milestone = Milestone.objects.select_related("project").get(pk=miss.milestone_id)
    later = _later(milestone, now=now)
    letter = date_letters.revised(milestone, milestone.forecast_date, plan=miss.plan, later=later)
    notices.owe(
        NoticeKind.RECOVERY,
        project=milestone.project,
        milestone=milestone,
        subject=miss,
        occurrence=str(miss.version),
        title=letter.title,
        body=letter.body,
        data={"later": [step.kept() for step in later]},
        by=by,
        now=now,
    )


def settle_misses(milestone_id: UUID, *, now: datetime) -> int:
    """Closes the misses of a milestone that is completed, or whose plan has moved on. Returns how many."""
    return settle(locked(Milestone, milestone_id), now=now)


def settle(milestone: Milestone, *, now: datetime) -> int:
    """As `settle_misses`, for a milestone that is locked already, before recording, or after `hold`."""
    return sum(_settled(miss, milestone, now=now) for miss in hold(milestone))


def hold(milestone: Milestone) -> list[Miss]:
    """Locks the open misses and their notices: no row may be waited for by who has recorded."""
    open_ones = list(
        Miss.objects.select_for_update().filter(milestone=milestone, closed_at=None).order_by("id")
    )
    if open_ones:
        notes = Notice.objects.select_for_update().filter(subject_id__in=[miss.pk for miss in open_ones])
        list(notes.order_by("id").values_list("pk"))
    return open_ones


def _settled(miss: Miss, milestone: Milestone, *, now: datetime) -> bool:
    ended = milestone.completed_at is not None or milestone.stage == Stage.CLOSED
    if not ended and milestone.planned_date == miss.planned_date:
        return False
    change(miss, {"closed_at": now})
    if miss.acknowledged_at is None:
        notices.withdraw(miss.pk, now=now)
    record(
        miss,
        "miss.settled",
        by=SYSTEM,
        at=now,
        data={"planned_date": miss.planned_date, "acknowledged": miss.acknowledged_at is not None},
        thread_id=milestone.pk,
    )
    return True
