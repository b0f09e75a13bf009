"""Scores as a sweep: the same as the pure function says, written once, when something changed or time did."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random

import pytest
from django.db import connections

from escalation.actions import open_blocker, respond
from escalation.models import BlockerType, Severity
from journal.actors import Actor
from journal.models import Event
from milestones.actions.engagements import archive, unarchive
from milestones.actions.milestone import add_milestone
from milestones.actions.quality import record_qa_run
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.models import ChangeRequest, DateMove, DayTally, Decision, Dependency, Milestone, Pulse
from milestones.sweeps.figures import evaluate_figures
from milestones.words import Attribution, ChangeState, DateKind, MoveReason, Stage
from telemetry import risk, scoring
from telemetry.actions.findings import tell_actions
from telemetry.models import RiskAction, RiskScore, ScoringDay, UsualPace
from telemetry.queries.scores import latest_score
from telemetry.sweeps.heartbeat import check_due
from telemetry.sweeps.risk import score_changed, score_days
from tenancy.door import inside
from tenancy.ids import uuid7
from tenancy.models import Workspace
from tenancy.refusal import Refused
from tests.factories import MONDAY, decision, milestone_in_execution
from tests.telemetry import oracle

pytestmark = pytest.mark.slow
NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)  # the Wednesday of the second week
HOUR = timedelta(hours=1)


@pytest.fixture
def milestone(workspace: Workspace, by: Actor) -> Milestone:
    with inside(workspace):
        return milestone_in_execution(by)


def sweep(now: datetime) -> int:
    return score_changed(now=now) + score_days(now=now)


def scores_of(milestone: Milestone) -> risk.Scores:
    milestone.refresh_from_db()
    return risk.Scores(**{name: getattr(milestone, name) for name in asdict(risk.Scores(*[None] * 5))})


def random_milestone(chance: Random, first: Milestone, code: int, by: Actor) -> Milestone:
    """Another milestone of the project, in whatever state chance leaves it."""
    plan = {
        "code": f"r{code}",
        "name": "Anything",
        "output": "Something is live.",
        "approval_channel": "link",
        "planned_start": (MONDAY + timedelta(days=chance.randint(-9, 9))).date(),
        "planned_date": (MONDAY + timedelta(days=chance.randint(9, 20))).date(),
        "owner_primary": first.owner_primary,
        "owner_client": first.owner_client,
        "approver": first.approver,
    }
    made = add_milestone(first.project, plan, by=by, now=MONDAY)
    stage = chance.choice([Stage.EXECUTION, Stage.EXECUTION, Stage.QA, Stage.REVIEW, Stage.CLOSEOUT])
    Milestone.objects.filter(pk=made.pk).update(
        stage=stage,
        completed_at=NOW if stage in (Stage.REVIEW, Stage.CLOSEOUT) else None,
        accepted_at=NOW if stage == Stage.CLOSEOUT else None,
        execution_started_at=NOW - HOUR * chance.randint(1, 400),
        forecast_date=(NOW + timedelta(days=chance.randint(-6, 12))).date(),
        decide_by=NOW + HOUR * chance.randint(-30, 5),
        resets=chance.randint(0, 5),
        reported_percent=chance.choice([None, 0, 35, 100]),
    )
    _random_work(chance, made)
    _random_trouble(chance, made, first, by)
    return Milestone.objects.get(pk=made.pk)


def _random_work(chance: Random, milestone: Milestone) -> None:
    still, done = chance.randint(0, 9), chance.randint(0, 9)
    Pulse.objects.filter(milestone=milestone).update(
        work_total=still + done,
        work_open=still,
        work_done=done,
        cycle_median_hours=chance.choice([None, 3.5, 20]),
        qa_slots=[chance.random() < 0.5 for _ in range(chance.randint(0, 5))],
    )
    tallies = {(NOW - timedelta(days=n)).date(): chance.randint(0, 3) for n in range(12)}
    DayTally.objects.bulk_create(
        DayTally(milestone=milestone, day=day, done=count) for day, count in tallies.items()
    )
    counts = sorted((day, count) for day, count in tallies.items() if count)
    Pulse.objects.filter(milestone=milestone).update(
        done_days=[day for day, _ in counts], done_sums=list(accumulate(count for _, count in counts))
    )


def _random_trouble(chance: Random, milestone: Milestone, first: Milestone, by: Actor) -> None:
    for _ in range(chance.choice([0, 0, 1, 3])):
        _random_blocker(chance, milestone, by)
    for _ in range(chance.choice([0, 0, 2])):
        asked = queue_request(
            milestone.pk,
            title="More",
            days=Decimal(chance.randint(0, 4)),
            by=by,
            now=NOW - HOUR * chance.randint(0, 500),
        )
        if chance.random() < 0.5:
            ChangeRequest.objects.filter(pk=asked.pk).update(
                state=ChangeState.ACCEPTED,
                decided_at=NOW - HOUR * chance.randint(0, 100),
                decision=decision(milestone),
            )
    if chance.random() < 0.3:
        _random_baseline(chance, milestone)
    if chance.random() < 0.5:
        Dependency.objects.create(milestone=milestone, needs=first)


def _random_baseline(chance: Random, milestone: Milestone) -> None:
    agreed = decision(milestone)
    _baseline(milestone, agreed, at=NOW - HOUR * chance.randint(1, 100))
    if chance.random() < 0.3:
        entry = Decision.objects.get(pk=agreed.pk)
        entry.pk, entry.countermands, entry._state.adding = uuid7(), agreed, True
        entry.save(force_insert=True)
        _baseline(milestone, entry, at=NOW)


def _baseline(milestone: Milestone, agreed: Decision, *, at: datetime) -> None:
    DateMove.objects.create(
        milestone=milestone,
        kind=DateKind.BASELINE,
        from_date=None,
        to_date=milestone.planned_date,
        reason_code=MoveReason.SCOPE_CHANGE,
        reason="More was agreed.",
        attributed_to=Attribution.SCOPE,
        decision=agreed,
        at=at,
    )


def _random_blocker(chance: Random, milestone: Milestone, by: Actor) -> None:
    opened = NOW - HOUR * chance.randint(0, 200)
    severity = chance.choice([Severity.NORMAL, Severity.NORMAL, Severity.CRITICAL])
    blocker = open_blocker(
        milestone.pk, type=BlockerType.INPUT, title="No logo", severity=severity, by=by, now=opened
    )
    if chance.random() < 0.3:
        respond(blocker.pk, response="Soon", by=by, now=NOW)


@pytest.mark.parametrize("seed", range(3))
def test_the_sweep_gives_every_milestone_what_the_numbers_say(workspace, milestone, by, seed):
    chance = Random(seed)
    with inside(workspace):
        UsualPace.objects.using("jobs").create(workspace=workspace, kind="general", cycle_hours=7.25)
        Milestone.objects.filter(pk=milestone.pk).update(forecast_date=NOW.date() - timedelta(days=1))
        made = [random_milestone(chance, milestone, n, by) for n in range(25)]

    sweep(NOW)

    with inside(workspace):
        for each in made:
            expected = oracle.evidence(each, now=NOW)
            assert asdict(scoring.evidence_of(each, now=NOW)) == pytest.approx(asdict(expected))
            assert scores_of(each) == risk.scores(expected)


def test_a_second_run_changes_nothing(workspace, milestone):
    first, second = sweep(NOW), sweep(NOW)

    assert (first, second) == (1, 0)


def test_a_full_sweep_in_the_same_day_writes_nothing(workspace, milestone, by):
    with inside(workspace):
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=NOW)
    sweep(NOW)
    ScoringDay.everywhere.using("jobs").update(due_at=NOW)

    with connections["jobs"].cursor() as cursor:
        cursor.execute("SELECT xmin, score_due_at FROM milestones_pulse")
        before = cursor.fetchall()
        written = score_days(now=NOW)
        cursor.execute("SELECT xmin, score_due_at FROM milestones_pulse")
        after = cursor.fetchall()

    assert (written, after) == (0, before)


def test_what_changed_is_scored_again_and_nothing_else(workspace, milestone, by):
    sweep(NOW)
    with inside(workspace):
        record_qa_run(milestone.pk, check_name="Checklist", score=10, by=by, now=NOW)
    written = sweep(NOW + HOUR)

    assert written == 1
    with inside(workspace):
        assert scores_of(milestone).quality_confidence_score == 47


def test_a_day_that_begins_scores_everything_again(workspace, milestone):
    sweep(NOW)
    midnight = datetime(2026, 3, 12, tzinfo=UTC)

    before, after = sweep(midnight - HOUR), sweep(midnight)

    with inside(workspace):
        assert (before, after, ScoringDay.objects.get().due_at) == (0, 0, midnight + timedelta(days=1))


def test_waiting_for_a_response_costs_a_point_each_working_hour(workspace, milestone, by):
    with inside(workspace):
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
    found = []
    for minutes in (0, 8 * 60, 24 * 60 + 30, 24 * 60 + 31, 25 * 60 + 31):
        sweep(MONDAY + timedelta(minutes=minutes))
        with inside(workspace):
            found.append(scores_of(milestone).dependency_health_score)

    # Eight hours are allowed; a half still counts up.
    assert found == [85, 85, 85, 84, 83]


def test_a_request_is_forgotten_after_14_days(workspace, milestone, by):
    with inside(workspace):
        queue_request(milestone.pk, title="Dark mode", by=by, now=MONDAY)
    found = []
    for moment in (MONDAY, MONDAY + timedelta(days=14) - HOUR, MONDAY + timedelta(days=14)):
        sweep(moment)
        with inside(workspace):
            found.append(scores_of(milestone).scope_stability_score)

    assert found == [80, 80, 100]


def test_scores_are_null_in_setup(workspace, milestone, by):
    with inside(workspace):
        waiting = add_milestone(milestone.project, {"code": "1.2", "name": "Later"}, by=by, now=MONDAY)
    sweep(NOW)

    with inside(workspace):
        assert scores_of(waiting) == risk.Scores(None, None, None, None, None)
        assert latest_score(waiting.pk) is None


def test_every_score_keeps_its_explanation(workspace, milestone, by):
    with inside(workspace):
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=NOW)
    sweep(NOW)

    with inside(workspace):
        score = RiskScore.objects.get()
        points = {reason.code: reason.points for reason in scoring.explain(score)}
    assert points["open_blockers"] == 15
    assert score.dependency_health_score == 85


def test_a_what_if_goes_through_the_same_function(workspace, milestone, by):
    with inside(workspace):
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=NOW)
        without, _ = scoring.what_if(milestone, {"blockers_open": 0}, now=NOW)
    sweep(NOW)

    with inside(workspace):
        assert without.dependency_health_score == 100
        assert without.execution_velocity_score == scores_of(milestone).execution_velocity_score


@pytest.mark.parametrize("changes", [{"blockers": 0}, {"blockers_open": "none"}, {"in_setup": 1}])
def test_a_what_if_refuses_what_is_no_input(workspace, milestone, changes):
    with inside(workspace), pytest.raises(Refused) as refused:
        scoring.what_if(milestone, changes, now=NOW)

    assert list(refused.value.fields) == list(changes)


def test_a_low_score_opens_a_named_action_and_a_better_one_closes_it(workspace, milestone, by):
    for minute, score in enumerate([10, 10, 100]):
        now = NOW + timedelta(minutes=minute)
        with inside(workspace):
            record_qa_run(milestone.pk, check_name="Checklist", score=score, by=by, now=now)
            record_progress(milestone.pk, percent=100, by=by, now=now)
        sweep(now)
        tell_actions(now=now)
        tell_actions(now=now)

    with inside(workspace):
        action = RiskAction.objects.get(code="quality_recovery_sprint")
        told = Event.objects.filter(subject_id=action.pk).order_by("seq").values_list("kind", flat=True)
        assert (action.opened_at, action.score, action.below) == (NOW + timedelta(minutes=1), 28, 65)
        assert (list(told), action.owner) == (["risk_action.opened"], milestone.review_owner)


def test_two_workers_at_once_write_each_score_once(workspace, milestone, by):
    with inside(workspace):
        for n in range(20):
            random_milestone(Random(n), milestone, n, by)

    with ThreadPoolExecutor(2) as workers:
        written = sum(workers.map(_sweep_and_leave, [NOW, NOW]))

    with inside(workspace):
        assert (written, RiskScore.objects.count()) == (21, 21)


def _sweep_and_leave(now: datetime) -> int:
    try:
        return sweep(now)
    finally:
        connections.close_all()


def test_what_is_archived_is_neither_scored_nor_counted(workspace, milestone, by):
    with inside(workspace):
        archive(milestone.project_id, by=by, now=MONDAY)
        Pulse.objects.update(changed_at=NOW)

    assert (sweep(NOW), sweep(NOW + timedelta(days=1)), evaluate_figures(now=NOW)) == (0, 0, 0)
    assert check_due(now=NOW + timedelta(days=9)) == 0

    with inside(workspace):
        unarchive(milestone.project_id, by=by, now=NOW)
    assert sweep(NOW) == 1
