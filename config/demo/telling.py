"""How an engagement is told: its kickoff first, then its story step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from config.demo.people import MARA, TOMAS
from journal.actors import Actor
from milestones.actions.kickoff import ContactInput, Handoff, Kickoff, start_engagement
from milestones.models import Milestone


@dataclass(frozen=True, slots=True)
class DaysAgo:
    """That many days back at that hour, but never later than now."""

    days: int
    hour: int = 10

    def before(self, now: datetime) -> datetime:
        day = (now - timedelta(days=self.days)).date()
        return min(datetime.combine(day, time(self.hour), now.tzinfo), now)


@dataclass(frozen=True, slots=True)
class HoursAgo:
    hours: int

    def before(self, now: datetime) -> datetime:
        return now - timedelta(hours=self.hours)


Moment = DaysAgo | HoursAgo


@dataclass(frozen=True, slots=True)
class Teller:
    """When the story is told, and who acts in it, by address."""

    now: datetime
    actors: Mapping[str, Actor]


@dataclass(frozen=True, slots=True)
class Scene:
    """An engagement while it is told."""

    teller: Teller
    made: Kickoff

    def at(self, moment: Moment) -> datetime:
        return moment.before(self.teller.now)

    def actor(self, address: str) -> Actor:
        return self.teller.actors[address]

    def milestone(self, code: str = "") -> Milestone:
        """The project's milestone of that code, as it is now; without one the first."""
        named = {"code": code} if code else {"is_first": True}
        return self.made.project.milestones.select_related("approver").get(**named)


class Step(Protocol):
    """One line of a story; config/demo/steps.py has those there are."""

    def happen(self, scene: Scene) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """One engagement as data: what its kickoff agreed, and what happened since.

    The first of the `people` is the client's owner, the last approves.
    """

    account: str
    project: str
    people: Sequence[ContactInput]
    kicked_off: Moment
    due_in: int  # days from now
    record: Mapping[str, Any]
    definition: Mapping[str, Any] = field(default_factory=dict)
    story: Sequence[Step] = ()


def tell_engagement(engagement: Engagement, teller: Teller) -> None:
    scene = Scene(teller, _kickoff(engagement, teller))
    for step in engagement.story:
        step.happen(scene)


def _kickoff(engagement: Engagement, teller: Teller) -> Kickoff:
    kicked_off = engagement.kicked_off.before(teller.now)
    handoff = Handoff(
        account_name=engagement.account,
        project_name=engagement.project,
        contacts=engagement.people,
        record=_agreed(engagement, kicked_off, teller.now),
        definition=engagement.definition,
    )
    return start_engagement(handoff, by=teller.actors[MARA], now=kicked_off)


def _agreed(engagement: Engagement, kicked_off: datetime, now: datetime) -> dict[str, Any]:
    due = datetime.combine((now + timedelta(days=engagement.due_in)).date(), time(16), now.tzinfo)
    return {
        "kickoff_completed_at": kicked_off.isoformat(),
        "first_milestone_due_at": due.isoformat(),
        "quality_threshold": 80,
        "owner_primary": TOMAS,
        "milestone_review_owner": MARA,
        "owner_client": engagement.people[0].email,
        "delivery_proof_approver": engagement.people[-1].email,
        **engagement.record,
    }
