"""What may happen in a told engagement. Each step is data, and one short call of the product's own actions.

A new kind of step needs nothing but `happen`. Steps are about the engagement's first milestone unless they
name another by its `code`; config/demo/control.py has those of milestone control.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from config.demo.people import MARA, PEOPLE, TOMAS
from config.demo.telling import DaysAgo, Moment, Scene
from escalation.actions import open_blocker, resolve, respond
from escalation.models import BlockerType, Severity
from journal.actors import Recipient
from milestones.actions.clients import add_phase
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.actions.quality import record_qa_run
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.actions.stages import move
from milestones.actions.work import add_work_item, change_work_item
from milestones.models import Milestone, Phase
from milestones.words import Kind, Stage, WorkState
from workspaces.actions.links import make_link
from workspaces.models import Purpose

NAMES = {address: name for address, name, _ in PEOPLE}


@dataclass(frozen=True, slots=True)
class Later:
    """A milestone that comes after the one before it; `phase` by its name, the days count from today."""

    code: str
    name: str
    kind: Kind
    phase: str
    starts_in: int
    due_in: int

    def fields(self, phases: dict[str, Phase], today: date) -> dict[str, object]:
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "phase": phases[self.phase],
            "planned_start": today + timedelta(days=self.starts_in),
            "planned_date": today + timedelta(days=self.due_in),
        }


@dataclass(frozen=True, slots=True)
class Planned:
    """The phases of a project, the first milestone in the first of them, and the chain of those to come."""

    at: Moment
    phases: Sequence[str]
    later: Sequence[Later]
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        phases = self._phases(scene)
        first = scene.made.milestone
        Milestone.objects.filter(pk=first.pk).update(phase=phases[self.phases[0]])
        by, now = scene.actor(self.by), scene.at(self.at)
        today = scene.teller.now.date()
        later = [
            add_milestone(scene.made.project, each.fields(phases, today), by=by, now=now)
            for each in self.later
        ]
        for before, after in pairwise([first, *later]):
            add_dependency(after, before, by=by, now=now)

    def _phases(self, scene: Scene) -> dict[str, Phase]:
        by, now = scene.actor(self.by), scene.at(self.at)
        return {
            name: add_phase(project=scene.made.project, name=name, position=position, by=by, now=now)
            for position, name in enumerate(self.phases, start=1)
        }


@dataclass(frozen=True, slots=True)
class Moved:
    """A step of the milestone's way through the stages."""

    at: Moment
    to: Stage
    by: str = MARA
    code: str = ""

    def happen(self, scene: Scene) -> None:
        pk = scene.milestone(self.code).pk
        move(pk, self.to, by=scene.actor(self.by), now=scene.at(self.at))


@dataclass(frozen=True, slots=True)
class Item:
    """A work item, by the days ago on which it was started and done; None when it was not."""

    title: str
    started: int | None = None
    done: int | None = None

    def moments(self) -> list[tuple[WorkState, DaysAgo]]:
        steps = ((WorkState.IN_PROGRESS, self.started, 9), (WorkState.DONE, self.done, 15))
        return [(state, DaysAgo(days, hour)) for state, days, hour in steps if days is not None]


@dataclass(frozen=True, slots=True)
class Worked:
    """Work items, opened when execution began and brought as far as they are."""

    items: Sequence[Item]
    by: str = TOMAS
    code: str = ""

    def happen(self, scene: Scene) -> None:
        milestone = scene.milestone(self.code)
        opened = milestone.execution_started_at or scene.teller.now
        for item in self.items:
            self._work(scene, item, opened=opened)

    def _work(self, scene: Scene, item: Item, *, opened: datetime) -> None:
        milestone_id, by = scene.milestone(self.code).pk, scene.actor(self.by)
        row = add_work_item(milestone_id, title=item.title, assignee=NAMES[self.by], by=by, now=opened)
        for state, moment in item.moments():
            change_work_item(row.pk, {"state": state}, by=by, now=max(scene.at(moment), opened))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """An internal statement of progress: a percentage, or a model's measured figure."""

    at: Moment
    done: str
    confidence: int
    percent: int | None = None
    measured: Decimal | None = None
    next: str = ""
    blocked: str = ""
    by: str = TOMAS
    code: str = ""

    def happen(self, scene: Scene) -> None:
        record_progress(
            scene.milestone(self.code).pk,
            done=self.done,
            next=self.next,
            blocked=self.blocked,
            percent=self.percent,
            measured=self.measured,
            confidence=self.confidence,
            by=scene.actor(self.by),
            now=scene.at(self.at),
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said about a blocker, and when."""

    at: Moment
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A blocker; how it was answered and resolved, where it was."""

    at: Moment
    type: BlockerType
    title: str
    detail: str
    evidence: str = ""
    severity: Severity = Severity.NORMAL
    answered: Said | None = None
    resolved: Said | None = None
    by: str = TOMAS

    def happen(self, scene: Scene) -> None:
        by = scene.actor(self.by)
        blocker = open_blocker(
            scene.made.milestone.pk,
            type=self.type,
            severity=self.severity,
            title=self.title,
            detail=self.detail,
            evidence=self.evidence,
            by=by,
            now=scene.at(self.at),
        )
        if self.answered:
            respond(blocker.pk, response=self.answered.words, by=by, now=scene.at(self.answered.at))
        if self.resolved:
            resolve(blocker.pk, resolution=self.resolved.words, by=by, now=scene.at(self.resolved.at))


@dataclass(frozen=True, slots=True)
class Tested:
    """One run of the QA checklist or of an automated check."""

    at: Moment
    check: str
    score: int
    by: str = TOMAS
    code: str = ""

    def happen(self, scene: Scene) -> None:
        record_qa_run(
            scene.milestone(self.code).pk,
            check_name=self.check,
            score=self.score,
            by=scene.actor(self.by),
            now=scene.at(self.at),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Something the client asked for that nobody planned."""

    at: Moment
    title: str
    asked_by: str
    days: Decimal
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        queue_request(
            scene.made.milestone.pk,
            title=self.title,
            asked_by=self.asked_by,
            days=self.days,
            by=scene.actor(self.by),
            now=scene.at(self.at),
        )


@dataclass(frozen=True, slots=True)
class PortalShared:
    """The link to the project's portal, for one of the client's people."""

    at: Moment
    to: str
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        project = scene.made.project
        contact = project.account.contacts.get(email=self.to)
        make_link(
            Purpose.PORTAL,
            subject=project,
            to=Recipient("contact", contact.pk, contact.name, contact.email),
            by=scene.actor(self.by),
            now=scene.at(self.at),
            thread_id=project.pk,
        )
