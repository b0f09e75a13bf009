"""Reads of signals and scores for pages. Call them inside the workspace's door."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from telemetry.models import RiskScore
from telemetry.queries.scores import history

TREND = timedelta(days=30)
MOST = 500


@dataclass(frozen=True, slots=True)
class Point:
    """The delivery risk at the end of one day."""

    day: date
    value: int


def recent_scores(milestone_id: UUID) -> list[RiskScore]:
    """The newest scores, newest first: far more than 30 days can hold on most milestones."""
    return list(history(milestone_id)[:MOST])


def trend(scores: list[RiskScore], *, zone: ZoneInfo, now: datetime) -> list[Point]:
    """Day by day over 30 days, oldest first; a score holds until the next one. Empty without two days."""
    first = (now - TREND).astimezone(zone).date()
    known = {score.scored_at.astimezone(zone).date(): score.delivery_risk_score for score in reversed(scores)}
    before = [value for day, value in known.items() if day < first]
    points, last = [], before[-1] if before else None
    for number in range(TREND.days + 1):
        day = first + timedelta(days=number)
        last = known.get(day, last)
        if last is not None:
            points.append(Point(day, last))
    return points if len(points) > 1 else []
