"""Telling what a sweep found: the journal entry, the messages and effects of each signal and named action.

The sweep's row is the intent. It is told once, in one transaction with everything that telling it means; a
worker that dies leaves it waiting for the next run. One that cannot be told is tried again after the pauses
of the outbox and then parked, so that the others flow.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import Q

from journal import outbox
from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones.models import Milestone
from milestones.words import Stage
from telemetry import messages
from telemetry.models import RiskAction, Signal
from telemetry.models.scores import WAITING, Finding
from telemetry.risk import NAMED_ACTIONS
from telemetry.rules import MEANINGS, Facts, Rule, Thresholds, decide
from tenancy.door import inside
from tenancy.refusal import Refused
from tenancy.saving import locked
from workspaces.queries import calendar_of

log = structlog.get_logger(__name__)

AT_ONCE = 500
ACTIONS = {action.code: action for action in NAMED_ACTIONS}


def tell_signals(*, now: datetime) -> int:
    """Tells signals that wait for it, oldest first. Returns how many."""
    return sum(_told(Signal, tell_signal, now))


def tell_actions(*, now: datetime) -> int:
    """Tells named actions that wait for it, oldest first. Returns how many."""
    return sum(_told(RiskAction, tell_action, now))


def _told(model: type[Finding], tell: Callable[..., bool], now: datetime) -> Iterator[bool]:
    free = Q(retry_at=None) | Q(retry_at__lte=now)
    waiting = model.everywhere.using("jobs").filter(WAITING, free).order_by("opened_at", "id")
    for workspace_id, milestone_id, pk in waiting.values_list("workspace_id", "milestone_id", "pk")[:AT_ONCE]:
        try:
            with inside(workspace_id):
                told = tell(pk, milestone_id=milestone_id, now=now)
        except Exception as error:
            log.exception("finding.not_told", model=model._meta.model_name, id=str(pk))
            with inside(workspace_id):
                _put_off(model, pk, error, now=now)
        else:
            yield told


def _put_off(model: type[Finding], pk: UUID, error: Exception, *, now: datetime) -> None:
    """To be tried again after a pause, or parked once all its attempts have failed."""
    finding = locked(model, pk)
    finding.attempts += 1
    finding.error = repr(error)[:500]
    if finding.attempts > len(outbox.BACKOFF):
        finding.retry_at, finding.parked_at = None, now
    else:
        finding.retry_at = now + outbox.BACKOFF[finding.attempts - 1]
    finding.save(update_fields=["attempts", "error", "retry_at", "parked_at"])


def replay(pk: UUID, *, by: Actor, now: datetime) -> None:
    """Lets a parked signal or named action be told by the next run, its attempts counted anew.

    Raises:
        RiskAction.DoesNotExist: when nothing in this workspace has this id.
        Refused: when it is not parked.
    """
    model = Signal if Signal.objects.filter(pk=pk).exists() else RiskAction
    finding: Finding = locked(model, pk)
    if finding.parked_at is None:
        raise Refused("Only what is parked can be told again.", code="not_replayable")
    finding.attempts, finding.error, finding.parked_at = 0, "", None
    finding.save(update_fields=["attempts", "error", "parked_at"])
    _note(finding, "finding.replayed", by=by, at=now, data={})


def tell_signal(pk: UUID, *, milestone_id: UUID, now: datetime) -> bool:
    """Journals a signal's opening and closing, does what its rule says. False when all was told already."""
    milestone = locked(Milestone, milestone_id)
    signal = locked(Signal, pk)
    opens, closes = _untold(signal)
    if opens:
        signal.sentence = _sentence(signal, milestone)
        signal.save(update_fields=["sentence"])
        if signal.is_open and milestone.project.archived_at is None:
            _begin(signal, milestone, now=now)
        _note(signal, "signal.opened", at=signal.opened_at, data=_story(signal))
    if closes and signal.closed_at:
        _end(signal, milestone, now=now)
        _note(signal, "signal.closed", at=signal.closed_at, data={"rule": signal.rule})
    return _mark_told(signal, now=now)


def tell_action(pk: UUID, *, milestone_id: UUID, now: datetime) -> bool:
    """Journals that a named action was opened or closed. False when all was told already."""
    action = locked(RiskAction, pk)
    opens, closes = _untold(action)
    if opens:
        _note(action, "risk_action.opened", at=action.opened_at, data=_summary(action))
    if closes and action.closed_at:
        _note(action, "risk_action.closed", at=action.closed_at, data=_summary(action))
    return _mark_told(action, now=now)


def _untold(finding: Finding) -> tuple[bool, bool]:
    """Whether the opening, and whether the closing, are still to be told."""
    closes = finding.closed_at is not None and finding.closing_told_at is None
    return finding.opening_told_at is None, closes


def _mark_told(finding: Finding, *, now: datetime) -> bool:
    opens, closes = _untold(finding)
    finding.opening_told_at = now if opens else finding.opening_told_at
    finding.closing_told_at = now if closes else finding.closing_told_at
    finding.attempts, finding.error, finding.retry_at = 0, "", None
    finding.save(update_fields=["opening_told_at", "closing_told_at", "attempts", "error", "retry_at"])
    return opens or closes


def _note(
    finding: Finding, kind: str, *, at: datetime, data: Mapping[str, object], by: Actor = SYSTEM
) -> None:
    record(finding, kind, by=by, at=at, data=data, thread_id=finding.milestone_id)


def _begin(signal: Signal, milestone: Milestone, *, now: datetime) -> None:
    match Rule(signal.rule):
        case Rule.NO_PROGRESS:
            messages.request_standup(signal, milestone, now=now)
        case Rule.BLOCKER_AGING:
            messages.route_to_authority(signal, milestone, now=now)
        case Rule.QUALITY_FAILING:
            Milestone.objects.filter(pk=milestone.pk).update(is_frozen=True)
        case Rule.SCOPE_ADDITION:
            pass  # the request stands in the queue already, and the milestone's boundary with it


def _end(signal: Signal, milestone: Milestone, *, now: datetime) -> None:
    outbox.withdraw(signal, now=now)
    if signal.rule == Rule.QUALITY_FAILING:
        Milestone.objects.filter(pk=milestone.pk).update(is_frozen=False)


def _sentence(signal: Signal, milestone: Milestone) -> str:
    """The rule's own words about what the sweep saw."""
    facts = Facts(
        stage=Stage(milestone.stage),
        execution_started_at=signal.since,
        oldest_blocker_opened_at=signal.since,
        failing_runs=signal.count or 0,
        undecided_requests=signal.count or 0,
    )
    calendar = calendar_of(signal.workspace)
    decisions = decide(facts, calendar, signal.opened_at, Thresholds())
    return next(decision.sentence for decision in decisions if decision.rule == signal.rule)


def _story(signal: Signal) -> dict[str, object]:
    meaning = MEANINGS[Rule(signal.rule)]
    return {
        "rule": signal.rule,
        "threshold": f"{signal.threshold:g}",
        "since": signal.since,
        "count": signal.count,
        "sentence": signal.sentence,
        "reads_as": meaning.reads_as,
        "does": meaning.does,
    }


def _summary(action: RiskAction) -> dict[str, object]:
    return {
        "code": action.code,
        "name": ACTIONS[action.code].name,
        "score": action.score,
        "below": action.below,
        "owner_id": action.owner_id,
    }
