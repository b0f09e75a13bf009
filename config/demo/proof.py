"""Steps of proof: files handed over and looked at, figures measured, the packets of an accepted milestone.

They are told as those of config/demo/steps.py are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from config.demo.people import MARA, TOMAS
from config.demo.telling import Moment, Scene
from journal.actors import SYSTEM, Actor
from milestones.actions.artifacts import Upload, add_file
from milestones.actions.endings import close
from milestones.words import Outcome
from proofs.actions import checks, confidence, handoffs, packets
from proofs.actions.metrics import add_metric, take_snapshot
from proofs.looking import look_at
from proofs.models import Confidence
from proofs.queries.checks import seen
from proofs.words import AskedAbout, Direction, Role


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that was made, uploaded and looked at."""

    at: Moment
    code: str
    title: str
    name: str
    content: str
    by: str = TOMAS

    def happen(self, scene: Scene) -> None:
        now, pk = scene.at(self.at), scene.milestone(self.code).pk
        upload = Upload(self.name, [self.content.encode()])
        version = add_file(pk, title=self.title, file=upload, by=scene.actor(self.by), now=now)
        _look(version.pk, now=now)


def _look(version_id: UUID, *, now: datetime) -> None:
    """Looks at a file, or at an address under .example, which is refused before anything is called."""
    watch = checks.look_now(version_id, by=SYSTEM, now=now)
    if begun := checks.begin(watch.pk, watch.fence):
        checks.finish(watch.pk, watch.fence, look_at(*begun), now=now)


@dataclass(frozen=True, slots=True)
class Value:
    """What was measured at a moment, and where it was read."""

    at: Moment
    value: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric with its baseline, and the values since."""

    code: str
    name: str
    unit: str
    baseline: Value
    since: Sequence[Value]
    target: Decimal | None = None
    direction: Direction = Direction.UP
    source: str = ""
    by: str = TOMAS

    def happen(self, scene: Scene) -> None:
        by, began = scene.actor(self.by), self._began(scene)
        said = {name: getattr(self, name) for name in ("name", "unit", "direction", "target", "source")}
        metric = add_metric(scene.milestone(self.code).pk, said, by=by, now=began)
        for role, value in [(Role.BASELINE, self.baseline), *((Role.CURRENT, each) for each in self.since)]:
            measured_at = scene.at(value.at)
            take_snapshot(
                metric.pk,
                role=role,
                value=value.value,
                measured_at=measured_at,
                note=value.note,
                by=by,
                now=max(measured_at, began),
            )

    def _began(self, scene: Scene) -> datetime:
        """When it was agreed to measure this: on the afternoon of the kickoff, or with a later baseline."""
        kicked_off: datetime = scene.made.project.kickoff_completed_at
        return max(kicked_off + timedelta(hours=3), scene.at(self.baseline.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """The proof packet of an accepted milestone, written and published."""

    at: Moment
    code: str
    recap: str
    risks: str
    recommendation: str
    not_measurable: str = ""
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        by, now = scene.actor(self.by), scene.at(self.at)
        texts = ("recap", "risks", "recommendation", "not_measurable")
        draft = packets.assemble(scene.milestone(self.code).pk, now=now)
        for each in seen(draft.milestone_id):
            _look(each.version.pk, now=now)
        packets.write(draft.pk, {name: getattr(self, name) for name in texts}, by=by, now=now)
        packets.publish(draft.pk, by=by, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confident:
    """How confident the reader of a milestone's packet said they are."""

    at: Moment
    code: str
    score: int
    sentence: str = ""

    def happen(self, scene: Scene) -> None:
        waiting = Confidence.objects.select_related("contact").filter(about=AskedAbout.PACKET, score=None)
        asked = waiting.get(milestone=scene.milestone(self.code))
        by = Actor("contact", asked.contact_id, asked.contact.name)
        confidence.give(asked.pk, score=self.score, sentence=self.sentence, by=by, now=scene.at(self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An accepted milestone with its proof published: handed over, and closed as approved."""

    at: Moment
    code: str
    next_move: str
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        by, now, pk = scene.actor(self.by), scene.at(self.at), scene.milestone(self.code).pk
        draft = handoffs.begin(pk, now=now)
        handoffs.write(draft.pk, {"next_move_owner": self.next_move}, by=by, now=now)
        handoffs.publish(draft.pk, by=by, now=now)
        owner = self.next_move
        close(pk, Outcome.APPROVED, open_dependencies="none", next_move_owner=owner, by=by, now=now)
