"""On-time probabilities as a sweep: what they rest on, when they are made again, what follows from them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections, transaction
from django.db.models.expressions import RawSQL

from escalation.actions import open_blocker, resolve
from escalation.models import BlockerType
from milestones.actions.milestone import add_milestone
from milestones.actions.reports import record_progress
from milestones.actions.work import add_work_item, change_work_item
from milestones.models import Milestone, Pulse, WorkItem
from milestones.sweeps.figures import evaluate_figures
from milestones.sweeps.labels import follow_labels
from milestones.words import Colour, Kind, Outcome, Stage, WorkState
from telemetry.forecast.assumptions import effort_behind
from telemetry.forecast.evidence import Evidence, OpenBlocker, Progress
from telemetry.forecast.simulate import probability, seed_of
from telemetry.models import ProbabilityPoint
from telemetry.sweeps.foreseen import evidence_of, find, homes
from telemetry.sweeps.outlooks import LEASE, PATIENCE, foresee
from tenancy.door import inside
from tenancy.sweep import sweep
from tests import factories
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow
INSTANT = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)  # the Wednesday of the second week; planned for its Friday

# A figure that is no number: nothing can be simulated from it.
BROKEN = {
    "kind": Kind.MODEL,
    "measure_name": "accuracy",
    "measure_baseline": Decimal(50),
    "measure_target": Decimal(90),
    "measured": RawSQL("'NaN'::numeric", ()),
}


@pytest.fixture
def milestone(workspace, by):
    with inside(workspace):
        return milestone_in_execution(by)


def fresh(milestone) -> Milestone:
    with inside(milestone.workspace_id):
        milestone.refresh_from_db()
    return milestone


def percent(milestone) -> int | None:
    return fresh(milestone).on_time_probability


def points(milestone) -> list[tuple[date, int, str]]:
    with inside(milestone.workspace_id):
        rows = ProbabilityPoint.objects.filter(milestone=milestone).order_by("day")
        return list(rows.values_list("day", "percent", "basis"))


def update(milestone, **values) -> None:
    """A change of the record that asks for a look, as every action does."""
    with inside(milestone.workspace_id):
        Milestone.objects.filter(pk=milestone.pk).update(**values)
        Pulse.objects.filter(milestone=milestone).update(changed_at=NOW)


def items(milestone, by, *, done: list[datetime], still: int) -> list[WorkItem]:
    """Work items that were done at these moments, and others that are open."""
    with inside(milestone.workspace_id):
        made = [
            add_work_item(milestone.pk, title=f"Task {n}", by=by, now=MONDAY)
            for n in range(len(done) + still)
        ]
        for item, at in zip(made, done, strict=False):
            change_work_item(item.pk, {"state": WorkState.DONE}, by=by, now=at)
    return made


def evidence(milestone, now=NOW) -> Evidence:
    with sweep():
        (found,) = find([(milestone.workspace_id, milestone.pk)], now=now)
        return evidence_of(found, homes([milestone.workspace_id], now=now)[milestone.workspace_id])


def closed(milestone, by, *, days: int, kind: str = Kind.GENERAL, number: int = 1) -> None:
    """A closed milestone that was planned for five working days and took so many."""
    with inside(milestone.workspace_id):
        plan = {
            "code": f"c{number}",
            "name": "Earlier",
            "kind": kind,
            "planned_start": date(2026, 2, 2),
            "planned_date": date(2026, 2, 6),
        }
        made = add_milestone(milestone.project, plan, by=by, now=MONDAY)
        Milestone.objects.filter(pk=made.pk).update(
            stage=Stage.CLOSED,
            outcome=Outcome.SCOPE,
            outcome_reason="It was moved.",
            open_dependencies="none",
            next_move_owner="Ada",
            output="Something",
            approval_channel="link",
            forecast_date=date(2026, 2, 6),
            owner_primary=milestone.owner_primary,
            owner_client=milestone.owner_client,
            approver=milestone.approver,
            execution_started_at=datetime(2026, 2, 2, 9, tzinfo=UTC),
            completed_at=datetime(2026, 2, 1 + days, 12, tzinfo=UTC),
            closed_at=MONDAY,
        )


def test_it_rests_on_days_blockers_and_history_of_the_workspace(workspace, milestone, by):
    # Done on the first day, which is not a full one; on Tuesday, on the weekend, on Monday, and today.
    moments = [MONDAY, MONDAY + DAY, MONDAY + DAY + HOUR, MONDAY + 5 * DAY, MONDAY + 7 * DAY, NOW - HOUR]
    items(milestone, by, done=moments, still=3)
    for number, days in enumerate((5, 10, 17), start=1):
        closed(milestone, by, days=days, number=number)
    closed(milestone, by, days=3, kind=Kind.DATA, number=9)
    with inside(workspace):
        resolved, other, still = (
            open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=NOW - 3 * DAY)
            for _ in range(3)
        )
        resolve(resolved.pk, resolution="It came.", by=by, now=NOW - DAY)
        type(other).objects.filter(pk=other.pk).update(stops_path=False)

    assert evidence(milestone) == Evidence(
        kind="general",
        progress=Progress.ITEMS,
        total=9,
        left=3,
        planned_days=10,
        workdays=(0, 1, 2),
        own_days=(2, 0, 0, 1, 1, 0),
        ratios=(13 / 5, 8 / 5, 1.0),
        closed_of_kind=3,
        blockers=(OpenBlocker(still.number, 3.0),),
        resolutions=(2.0,),
    )


def test_the_sweep_writes_what_the_simulation_says_and_keeps_it_for_the_day(workspace, milestone, by):
    items(milestone, by, done=[MONDAY + n * DAY for n in range(1, 5)], still=3)
    outlook = probability(evidence(milestone), seed=seed_of(milestone.pk, NOW.date()))

    assert [foresee(now=NOW), foresee(now=NOW + HOUR)] == [1, 0]

    with inside(workspace):
        point = ProbabilityPoint.objects.get()
    assert percent(milestone) == outlook.percent
    assert (point.percent, point.basis, point.planned_date) == (outlook.percent, "own", date(2026, 3, 13))
    assert (point.inputs["left"], point.inputs["days_left"], point.inputs["done_a_day"]) == (3, 3, 0.67)


def test_it_is_made_again_soon_after_a_change_and_with_each_day(workspace, milestone, by):
    first, *_ = items(milestone, by, done=[], still=4)
    foresee(now=NOW)
    before = percent(milestone)
    with inside(workspace):
        for item in (first, *_[:2]):
            change_work_item(item.pk, {"state": WorkState.DONE}, by=by, now=NOW)

    looked_at = [foresee(now=NOW + MINUTE), foresee(now=NOW + HOUR), foresee(now=NOW + 10 * HOUR)]

    assert looked_at == [1, 0, 1]  # after the change, not without one, as Thursday begins
    assert percent(milestone) > before
    assert [day for day, *_ in points(milestone)] == [date(2026, 3, 11), date(2026, 3, 12)]


def test_a_blocker_lowers_it_until_it_is_resolved(workspace, milestone, by):
    items(milestone, by, done=[MONDAY + n * DAY for n in range(1, 8)], still=2)
    foresee(now=NOW)
    found = [percent(milestone)]
    with inside(workspace):
        blocker = open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=NOW)
    foresee(now=NOW + MINUTE)
    found.append(percent(milestone))
    with inside(workspace):
        resolve(blocker.pk, resolution="It came.", by=by, now=NOW + HOUR)
    foresee(now=NOW + HOUR)
    found.append(percent(milestone))

    assert found[0] > found[1] < found[2]


def test_without_items_the_reported_percent_is_simulated(workspace, milestone, by):
    with inside(workspace):
        for days, said in ((1, 20), (2, 40), (3, 30), (4, 50), (7, 60)):
            record_progress(milestone.pk, percent=said, by=by, now=MONDAY + days * DAY)

    found = evidence(milestone)

    assert (found.progress, found.total, found.left) == (Progress.REPORTS, 100, 40)
    assert found.own_days == (20, 20, 0, 10, 10, 0)


def test_a_model_is_as_far_as_its_measured_figure(workspace, milestone, by):
    update(
        milestone,
        kind=Kind.MODEL,
        measure_name="accuracy",
        measure_baseline=Decimal(50),
        measure_target=Decimal(90),
    )
    with inside(workspace):
        for days, said in ((1, 62), (4, 78)):
            record_progress(milestone.pk, measured=Decimal(said), by=by, now=MONDAY + days * DAY)
    items(milestone, by, done=[], still=1)

    found = evidence(milestone)

    after = [effort_behind(share) for share in (0.3, 0.7)]
    assert found.progress == Progress.MEASURE
    assert found.left == pytest.approx(1 - after[1])
    assert found.own_days == pytest.approx((after[0], 0, 0, after[1] - after[0], 0, 0))


@pytest.mark.parametrize(
    "values", [{}, {"kind": Kind.MODEL}, {"kind": Kind.MODEL, "reported_percent": 60}], ids=str
)
def test_where_nothing_was_said_the_plan_alone_speaks(milestone, values):
    update(milestone, **values)

    found = evidence(milestone)

    assert (found.progress, found.left / found.total, found.own_days) == (Progress.UNKNOWN, 1, ())


def test_nothing_left_is_certain_and_so_is_a_date_that_has_passed(milestone, by):
    items(milestone, by, done=[MONDAY + DAY], still=0)
    found = []
    for now in (NOW, NOW + 2 * DAY, NOW + 3 * DAY):
        foresee(now=now)
        found.append(percent(milestone))

    assert found == [100, 100, 0]
    assert [day for day, *_ in points(milestone)] == [date(2026, 3, 11), date(2026, 3, 13)]


@pytest.mark.parametrize(
    ("completed", "expected"), [(NOW + 2 * DAY, 100), (NOW + 3 * DAY, 0)], ids=["in time", "late"]
)
@pytest.mark.parametrize("stage", [Stage.REVIEW, Stage.CLOSEOUT])
def test_completed_work_was_in_time_or_not(milestone, stage, completed, expected):
    accepted = completed if stage == Stage.CLOSEOUT else None
    update(milestone, stage=stage, completed_at=completed, accepted_at=accepted)

    foresee(now=NOW + 5 * DAY)

    assert (percent(milestone), points(milestone)) == (expected, [])


def test_a_return_makes_it_a_question_again(milestone):
    update(milestone, stage=Stage.REVIEW, completed_at=NOW)
    foresee(now=NOW)
    update(milestone, stage=Stage.EXECUTION, completed_at=None)

    foresee(now=NOW + MINUTE)

    assert 0 < percent(milestone) < 100


def test_setup_has_none(workspace, by):
    with inside(workspace):
        made = factories.engagement(by).milestone

    assert foresee(now=NOW) == 1
    assert (percent(made), points(made)) == (None, [])


def test_what_is_paused_keeps_its_figure_and_is_not_looked_at(workspace, milestone, by):
    foresee(now=NOW)
    before = percent(milestone)
    update(milestone, paused_at=NOW, paused_until=date(2026, 3, 20), pause_reason="The client is away.")

    looked_at = [foresee(now=NOW + MINUTE), foresee(now=NOW + 5 * DAY)]

    assert looked_at == [1, 0]
    assert (percent(milestone), len(points(milestone))) == (before, 1)


def test_a_day_begins_in_the_workspaces_zone(owner, by):
    far = factories.workspace(owner, time_zone="Pacific/Auckland")
    with inside(far):
        made = milestone_in_execution(by)
    foresee(now=NOW)

    with inside(far):
        due_at = Pulse.objects.get(milestone=made).outlook_due_at

    assert points(made)[0][0] == date(2026, 3, 12)
    assert due_at == datetime(2026, 3, 12, 11, tzinfo=UTC)  # midnight of the 13th


@pytest.fixture
def held(milestone):
    """Claimed at NOW by a run that could not write it."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace_id', %s, true)", [str(milestone.workspace_id)])
        cursor.execute("SELECT 1 FROM milestones_milestone FOR UPDATE")
        assert foresee(now=NOW) == 0
    assert percent(milestone) is None
    return milestone


def test_what_somebody_holds_is_written_by_a_later_run(held):
    assert [foresee(now=NOW + LEASE - INSTANT), foresee(now=NOW + LEASE)] == [0, 1]
    assert percent(held) is not None


def test_what_a_run_claimed_is_its_own_until_the_run_ends(held):
    """As late as a run goes on, and its last batch after that, another one finds nothing to claim."""
    assert [foresee(now=NOW + PATIENCE), foresee(now=NOW + PATIENCE + MINUTE / 2)] == [0, 0]


def test_two_sweeps_at_once_make_each_figure_once(workspace, milestone, by):
    plan = {"name": "Another", "planned_date": date(2026, 3, 20)}
    with inside(workspace):
        for number in range(6):
            add_milestone(milestone.project, {**plan, "code": f"x{number}"}, by=by, now=MONDAY)

    def run() -> int:
        try:
            return foresee(now=NOW)
        finally:
            connections["jobs"].close()

    with ThreadPoolExecutor(2) as pool:
        looked_at = [future.result() for future in [pool.submit(run) for _ in range(2)]]

    assert sum(looked_at) == 7
    assert len(points(milestone)) == 1


def test_figures_wait_for_the_probability_of_their_day(milestone):
    foresee(now=NOW)
    counted = [evaluate_figures(now=NOW)]
    counted.append(evaluate_figures(now=NOW + DAY))
    foresee(now=NOW + DAY)
    counted.append(evaluate_figures(now=NOW + DAY))

    assert counted == [1, 0, 1]


def test_one_that_fails_keeps_its_figure_until_tomorrow_and_holds_up_nobody(workspace, milestone, by):
    with inside(workspace):
        other = milestone_in_execution(by, project_name="Second")
    foresee(now=NOW)
    before = percent(milestone)
    update(milestone, **BROKEN)

    looked_at = [foresee(now=NOW + MINUTE), foresee(now=NOW + HOUR), foresee(now=NOW + DAY)]

    assert looked_at == [1, 0, 2]
    assert percent(milestone) == before
    assert [len(points(each)) for each in (milestone, other)] == [1, 2]
    assert evaluate_figures(now=NOW + DAY) == 2


def test_a_low_probability_turns_the_label_yellow_and_a_high_one_green_again(workspace, milestone, by):
    """Day after day as the bells ring: five are done, then nothing more, then all at once."""
    open_items = items(milestone, by, done=[MONDAY + n * HOUR for n in range(5)], still=20)[5:]
    update(milestone, delivery_risk_score=20)
    colours, figures = [], []
    for days in range(2, 9):
        now = MONDAY + days * DAY
        if days == 5:
            with inside(workspace):
                for item in open_items[:-1]:
                    change_work_item(item.pk, {"state": WorkState.DONE}, by=by, now=now)
        foresee(now=now)
        evaluate_figures(now=now)
        follow_labels(now=now)
        colours.append(fresh(milestone).colour)
        figures.append(milestone.on_time_probability)

    green, yellow = Colour.ON_TRACK, Colour.AT_RISK
    assert [figure < 60 for figure in figures[:3]] == [True, True, True]
    assert all(figure >= 70 for figure in figures[3:])
    assert colours == [green, yellow, yellow, yellow, green, green, green]
