"""Clocks that other apps keep about a milestone, told that what they reckon by has moved."""

from datetime import datetime

from milestones.models import Milestone, Pulse


def leave_clocks_to_sweep(milestone: Milestone, *, now: datetime) -> None:
    """A blocker turns critical by the forecast, too: when, is the business of the app that keeps blockers."""
    if milestone.blocked_since:
        Milestone.objects.filter(pk=milestone.pk).update(critical_at=None)
        Pulse.objects.filter(milestone=milestone).update(age_due_at=now)
