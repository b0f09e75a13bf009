"""Steps of milestone control: a plan, work put to the client and answered, dates that slip, asks that wait.

They are told as those of config/demo/steps.py are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from config.demo.people import MARA, TOMAS
from config.demo.telling import Moment, Scene
from escalation import weekly
from journal.actors import Actor
from milestones.actions import (
    artifacts,
    checklists,
    dates,
    decisions,
    misses,
    notices,
    plans,
    quality,
    reviews,
    scope,
    splitting,
)
from milestones.actions.milestone import change_criterion
from milestones.actions.stages import move
from milestones.actions.weekly import draft_update, save_review
from milestones.checklist import ITEMS
from milestones.checklist import Answer as Checked
from milestones.models import DecisionRequest, Milestone
from milestones.split import Cut, SplitReason, even_weight
from milestones.templates import shipped
from milestones.words import Ask, ChecklistKind, MoveReason, Outcome, RequestState, Stage
from milestones.worksheets import SHEETS, Answer
from workspaces.queries import calendar_of


@dataclass(frozen=True, slots=True)
class Templated:
    """The plan laid out from a shipped template; everybody of the first milestone stays with all of it."""

    at: Moment
    template: str
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        first, now = scene.milestone(), scene.at(self.at)
        names = ("owner_primary", "review_owner", "owner_client", "approver", "approval_channel")
        plans.start_plan(
            scene.made.project,
            shipped()[self.template],
            start=now.date(),
            people=plans.People(**{name: getattr(first, name) for name in names}),
            factors={},
            by=scene.actor(self.by),
            now=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Work made, checked and put to the client's approver; a second time as another version of it.

    `failed` is what the checklist found at first, `answer_in` the days that the client has.
    """

    code: str
    at: Moment
    title: str
    url: str
    failed: str = ""
    caveats: str = "none"
    answer_in: int = 3
    by: str = TOMAS

    def happen(self, scene: Scene) -> None:
        by, now = scene.actor(self.by), scene.at(self.at)
        milestone = scene.milestone(self.code)
        self._attach(milestone, by=by, now=now)
        for row in milestone.criteria.filter(is_met=None):
            seen = {"is_met": True, "evidence": f"{self.url}#criterion-{row.position}"}
            change_criterion(row.pk, seen, by=by, now=now)
        move(milestone.pk, Stage.QA, by=by, now=now)
        self._check(milestone, by=by, now=now)
        self._ask(milestone, by=scene.actor(MARA), now=now)

    def _attach(self, milestone: Milestone, *, by: Actor, now: datetime) -> None:
        if made := milestone.artifacts.first():
            artifacts.add_version(made.pk, url=self.url, note="Notes worked in", by=by, now=now)
        else:
            artifacts.add_link(milestone.pk, title=self.title, url=self.url, by=by, now=now)

    def _check(self, milestone: Milestone, *, by: Actor, now: datetime) -> None:
        good = [Checked(item.code, passed=True) for item in ITEMS]
        if self.failed:
            bad = [Checked(item.code, passed=False, note=self.failed) for item in ITEMS[:2]]
            quality.record_checklist(milestone.pk, [*bad, *good[2:]], by=by, now=now - timedelta(hours=3))
        quality.record_checklist(milestone.pk, good, by=by, now=now)

    def _ask(self, milestone: Milestone, *, by: Actor, now: datetime) -> None:
        reviews.prepare(
            milestone.pk,
            ask=Ask.ACCEPTANCE,
            question=f"Do you accept “{milestone.name}” as delivered?",
            caveats=self.caveats,
            decide_by=now + timedelta(days=self.answer_in),
            by=by,
            now=now,
        )
        move(milestone.pk, Stage.REVIEW, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Answered:
    """The approver's answer to the question about a milestone that waits for it."""

    at: Moment
    code: str
    option: str = Outcome.APPROVED
    comment: str = ""

    def happen(self, scene: Scene) -> None:
        waiting = DecisionRequest.objects.select_related("approver").filter(state=RequestState.PENDING)
        request = waiting.get(milestone=scene.milestone(self.code))
        who = request.approver
        decisions.decide(
            request.pk,
            option=self.option,
            name=who.name,
            comment=self.comment,
            digest=request.shown_digest,
            contact=who,
            by=Actor("contact", who.pk, who.name),
            now=scene.at(self.at),
        )


@dataclass(frozen=True, slots=True)
class Slipped:
    """A forecast that moves by working days, with all that waits for it."""

    at: Moment
    code: str
    days: int
    why: MoveReason
    reason: str
    mitigation: str = ""
    by: str = TOMAS

    def happen(self, scene: Scene) -> None:
        milestone = scene.milestone(self.code)
        calendar = calendar_of(milestone.workspace)
        dates.move_forecast(
            milestone.pk,
            calendar.add_working_days(milestone.forecast_date or scene.at(self.at).date(), self.days),
            code=self.why,
            reason=self.reason,
            mitigation=self.mitigation,
            by=scene.actor(self.by),
            now=scene.at(self.at),
        )


@dataclass(frozen=True, slots=True)
class Missed:
    """A planned date that has ended: the acknowledgement lies drafted."""

    at: Moment
    code: str = ""

    def happen(self, scene: Scene) -> None:
        misses.open_miss(scene.milestone(self.code).pk, now=scene.at(self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An ask of the client, priced and put to the approver."""

    code: str
    at: Moment
    title: str
    asked_by: str
    days: Decimal
    price: Decimal
    answer_in: int = 5
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        by, now = scene.actor(self.by), scene.at(self.at)
        pk = scene.milestone(self.code).pk
        request = scope.queue_request(pk, title=self.title, asked_by=self.asked_by, by=by, now=now)
        scope.estimate(request.pk, {"days": self.days, "price": self.price}, by=by, now=now)
        scope.ask_client(request.pk, decide_by=now + timedelta(days=self.answer_in), by=by, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halved:
    """A milestone cut in two; the second half takes the last criterion, and both keep its triggers."""

    code: str
    at: Moment
    first_output: str
    second_name: str
    second_output: str
    reason: SplitReason = SplitReason.SUBSET
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        milestone = scene.milestone(self.code)
        last = milestone.criteria.order_by("-position").values_list("pk", flat=True)[:1]
        cut = Cut(
            reason=self.reason,
            first_output=self.first_output,
            second_name=self.second_name,
            second_output=self.second_output,
            criteria=frozenset(last),
            weight=even_weight(milestone.weight),
        )
        splitting.split(milestone.pk, cut, by=scene.actor(self.by), now=scene.at(self.at))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A weekly review as it was pre-filled, and the status update that the client got of it."""

    at: Moment
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        project, by, now = scene.made.project, scene.actor(self.by), scene.at(self.at)
        week = weekly.week_of(project, now=now)
        answers = {"verdict": week.trajectory.verdict, "trajectory": week.trajectory.said}
        review = save_review(project, answers, by=by, now=now)
        title = f"{project.name}: where we are on {now.day} {now:%B}"
        letter = weekly.letter(week, review.answers)
        notice = draft_update(review.pk, title=title, body=letter, by=by, now=now)
        notices.send(notice.pk, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Filled:
    """A checklist of the project: everything holds but what is `missing`, which goes back to somebody."""

    at: Moment
    kind: ChecklistKind
    missing: str = ""
    sent_back: str = ""
    by: str = MARA

    def happen(self, scene: Scene) -> None:
        answers = [Answer(code, code != self.missing) for code in SHEETS[self.kind].codes]
        checklists.fill(
            scene.made.project,
            self.kind,
            answers,
            sent_back=self.sent_back,
            by=scene.actor(self.by),
            now=scene.at(self.at),
        )
