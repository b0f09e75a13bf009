"""Whatever is done to a milestone, in whatever order: what milestone control promises stays true."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from milestones.actions import endings, labels, recourse, splitting
from milestones.actions.dates import move_forecast
from milestones.models import DateMove, Decision, LabelChange, Milestone, Notice, Recourse, Review
from milestones.schedule import RED
from milestones.split import Cut, SplitReason
from milestones.words import DateKind, MoveReason, NoticeKind, Outcome, Stage, Way
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import complete

pytestmark = pytest.mark.slow
WORDS = {"reason": "No feed.", "open_dependencies": "none", "next_move_owner": "Carla"}


class Control(RuleBasedStateMachine):
    """One milestone at work and one in review; a rule that is refused leaves everything as it was."""

    by = None

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.now = MONDAY
        made = [factories.milestone_in_execution(self.by), factories.milestone_in_review(self.by, **OTHER)]
        self.ids = [milestone.pk for milestone in made]
        self.weight = Milestone.objects.aggregate(all=Sum("weight"))["all"]

    def teardown(self):
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def attempt(self, act, *given, **said):
        try:
            with transaction.atomic():
                act(*given, **said, by=self.by, now=self.now)
        except Refused:
            pass

    @rule(hours=st.integers(1, 96))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        for pk in self.ids:
            labels.evaluate(pk, now=self.now)

    @rule(which=st.integers(0, 1), days=st.integers(-3, 20))
    def a_forecast_moves(self, which, days):
        to = Milestone.objects.get(pk=self.ids[which]).planned_date + timedelta(days=days)
        said = {"code": MoveReason.ESTIMATE, "reason": "The import needs other days."}
        self.attempt(move_forecast, self.ids[which], to, **said)

    @rule(which=st.integers(0, 1), way=st.sampled_from(Way))
    def a_way_out_is_taken(self, which, way):
        until = (self.now + timedelta(days=5)).date()
        said = {"reason": "No access.", "condition": "By hand.", "until": until}
        self.attempt(recourse.choose, self.ids[which], way, **said)

    @rule()
    def ways_out_end(self):
        for taken in Recourse.objects.filter(ended_at=None):
            self.attempt(recourse.end, taken.pk)

    @rule(option=st.sampled_from([Outcome.APPROVED, Outcome.NEEDS_REVISIONS]))
    def the_client_answers(self, option):
        milestone = Milestone.objects.get(pk=self.ids[1])
        if milestone.stage == Stage.REVIEW and self.now < milestone.decide_by:
            factories.answer(milestone, option, now=self.now)

    @rule(which=st.integers(0, 1), outcome=st.sampled_from(Outcome))
    def somebody_closes(self, which, outcome):
        self.attempt(complete, Milestone.objects.get(pk=self.ids[which]))
        self.attempt(endings.close, self.ids[which], outcome, **WORDS)

    @rule()
    def it_is_split(self):
        milestone = Milestone.objects.get(pk=self.ids[0])
        cut = Cut(
            reason=SplitReason.EXPLORATORY,
            first_output=milestone.output,
            second_name="The rest",
            second_output="The rest is live for the client's team.",
            criteria=frozenset(milestone.criteria.values_list("pk", flat=True)[:1]),
            weight=milestone.weight / 2,
        )
        self.attempt(splitting.split, milestone.pk, cut)

    @invariant()
    def red_never_follows_green(self):
        assert not LabelChange.objects.filter(before="on_track", after__in=RED).exists()

    @invariant()
    def no_date_moves_silently(self):
        moves = DateMove.objects.filter(kind=DateKind.FORECAST)
        for milestone in Milestone.objects.exclude(stage=Stage.SETUP):
            last = moves.filter(milestone=milestone).order_by("at", "id").last()
            assert milestone.forecast_date == (last.to_date if last else milestone.planned_date)
        told = Notice.objects.filter(kind=NoticeKind.DATE_MOVE).values_list("subject_id", flat=True)
        assert sorted(told) == sorted(moves.filter(root=None).values_list("pk", flat=True))

    @invariant()
    def what_is_closed_has_one_outcome(self):
        for milestone in Milestone.objects.all():
            assert (milestone.stage == Stage.CLOSED) == bool(milestone.outcome)

    @invariant()
    def what_is_approved_was_decided_by_the_approver_on_a_round_that_counts(self):
        for milestone in Milestone.objects.filter(outcome=Outcome.APPROVED):
            asked = {"request__milestone": milestone, "contact": milestone.approver}
            decision = Decision.objects.get(option=Outcome.APPROVED, **asked)
            assert Review.objects.get(pk=decision.request.subject_id).counts

    @invariant()
    def the_scope_stays_whole(self):
        assert Milestone.objects.aggregate(all=Sum("weight"))["all"] == Decimal(self.weight)


OTHER = {"account_name": "Southwind", "project_name": "Other"}


def test_what_milestone_control_promises_stays_true(studio, by):
    Control.by = by

    run_state_machine_as_test(
        Control,
        settings=settings(
            max_examples=10,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
