"""Probabilities of days before they were kept: what the sweep would have said, from what was known then."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from escalation.actions import open_blocker, resolve
from escalation.models import BlockerType
from milestones.actions import recourse
from milestones.actions.endings import close
from milestones.actions.reports import record_progress
from milestones.actions.returns import return_to_execution
from milestones.actions.work import add_work_item, change_work_item
from milestones.models import DateMove, Milestone, WorkItem
from milestones.words import Attribution, DateKind, Kind, MoveReason, Outcome, Stage, Way, WorkState
from telemetry.models import ProbabilityPoint
from telemetry.sweeps.outlooks import foresee
from telemetry.sweeps.replay import REPLAYED, replay
from tenancy.door import inside
from tests import factories, superuser
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow
DAY = timedelta(days=1)
LAST_MOMENT = timedelta(hours=15) - timedelta(microseconds=1)  # of a day, from nine in the morning


@pytest.fixture
def milestone(workspace, by):
    with inside(workspace):
        return milestone_in_execution(by)


def points(workspace):
    with inside(workspace):
        rows = ProbabilityPoint.objects.order_by("milestone_id", "day")
        return list(rows.values_list("milestone_id", "day", "planned_date", "percent", "basis", "inputs"))


def days(workspace):
    return [day for _, day, *_ in points(workspace)]


def lived(workspace, days, happens):
    """Day after day: what happens on it, and what the sweep says at its end."""
    for number in range(days):
        morning = MONDAY + number * DAY
        with inside(workspace):
            happens.get(number, lambda _: None)(morning)
        foresee(now=morning + LAST_MOMENT)


def forget():
    """As it was before days were kept. Nobody else may take one back."""
    with superuser.connect(connection.settings_dict["NAME"]) as server:
        server.execute("DELETE FROM telemetry_probabilitypoint")


def test_it_says_what_the_sweep_said_day_by_day(workspace, milestone, by):
    made: list[WorkItem] = []

    def begin(now):
        made.extend(add_work_item(milestone.pk, title=f"Task {n}", by=by, now=now) for n in range(6))

    def finish(*numbers):
        def act(now):
            for number in numbers:
                change_work_item(made[number].pk, {"state": WorkState.DONE}, by=by, now=now)

        return act

    def grow(now):
        finish(2)(now)
        made.append(add_work_item(milestone.pk, title="One more", by=by, now=now))
        change_work_item(made[5].pk, {"state": WorkState.CANCELLED}, by=by, now=now)

    def stop(now):
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="List of offices", by=by, now=now)

    def go_on(now):
        resolve(milestone.blockers.get().pk, resolution="It came.", by=by, now=now)

    def end_another(now):
        other = milestone_in_execution(by, now=now, account_name="Southwind", project_name="Second")
        words = {"reason": "No money.", "open_dependencies": "none", "next_move_owner": "Ada"}
        close(other.pk, Outcome.SCOPE, **words, by=by, now=now)

    def pause(now):
        recourse.choose(
            milestone.pk, Way.PAUSE, reason="They move.", until=now.date() + 2 * DAY, by=by, now=now
        )

    def resume(now):
        recourse.end(milestone.recourses.get().pk, note="They moved.", by=by, now=now)

    happens = {
        0: begin,
        1: finish(0, 1),
        2: grow,
        3: stop,
        4: go_on,
        5: end_another,
        7: pause,
        8: resume,
        9: finish(3),
        10: finish(4, 6),
    }
    lived(workspace, 11, happens)
    said = points(workspace)
    forget()

    made_again = replay(now=MONDAY + 11 * DAY)

    assert len({percent for _, _, _, percent, *_ in said}) > 3
    assert points(workspace) == said
    assert made_again == len(said) == 10  # on the paused day nothing is said


def test_reports_are_read_as_they_were(workspace, milestone, by):
    def report(percent):
        return lambda now: record_progress(milestone.pk, done="More", percent=percent, by=by, now=now)

    lived(workspace, 8, {1: report(20), 2: report(35), 4: report(30), 6: report(60)})
    said = points(workspace)
    forget()

    replay(now=MONDAY + 8 * DAY)

    assert points(workspace) == said
    assert [inputs["left"] for *_, inputs in said] == [1, 80, 65, 65, 70, 70, 40, 40]


def test_a_models_figure_is_read_as_it_was(workspace, milestone, by):
    with inside(workspace):
        measure = {"measure_name": "F1", "measure_baseline": Decimal("0.5"), "measure_target": Decimal("0.9")}
        Milestone.objects.update(kind=Kind.MODEL, **measure)

    def measured(figure):
        return lambda now: record_progress(milestone.pk, measured=Decimal(figure), by=by, now=now)

    lived(workspace, 6, {1: measured("0.6"), 3: measured("0.8")})
    said = points(workspace)
    forget()

    replay(now=MONDAY + 6 * DAY)

    assert points(workspace) == said
    assert [inputs["progress"] for *_, inputs in said] == ["unknown", *["measure"] * 5]


def test_a_day_speaks_of_the_date_that_held_then(workspace, milestone, by):
    later = date(2026, 3, 20)

    def replan(now):
        DateMove.objects.create(
            milestone=milestone,
            kind=DateKind.BASELINE,
            from_date=date(2026, 3, 13),
            to_date=later,
            reason_code=MoveReason.SCOPE_CHANGE,
            reason="More was agreed.",
            attributed_to=Attribution.CLIENT,
            decision=factories.decision(milestone),
            at=now,
            by_kind="user",
            by_name="Ada Agency",
        )
        Milestone.objects.update(planned_date=later, forecast_date=later)

    lived(workspace, 4, {2: replan})
    forget()

    replay(now=MONDAY + 4 * DAY)

    spoken_of = [planned for _, _, planned, *_ in points(workspace)]
    assert spoken_of == [date(2026, 3, 13)] * 2 + [later] * 2


def test_while_the_client_looks_at_it_nothing_is_said(workspace, by):
    with inside(workspace):
        made = factories.milestone_in_review(by, now=MONDAY + 2 * DAY)
        Milestone.objects.update(execution_started_at=MONDAY + 2 * DAY)
        return_to_execution(
            Milestone.objects.get(), why="Two figures are missing.", by=by, now=MONDAY + 4 * DAY
        )

    replay(now=MONDAY + 6 * DAY)

    assert made.stage == Stage.REVIEW
    assert days(workspace) == [date(2026, 3, 6), date(2026, 3, 7)]


def test_it_ends_with_the_work_and_with_the_plan(workspace, by):
    with inside(workspace):
        early = factories.milestone_in_review(by, now=MONDAY)
        Milestone.objects.filter(pk=early.pk).update(completed_at=MONDAY + 3 * DAY)
        late = milestone_in_execution(by, account_name="Southwind", project_name="Second")

    replay(now=MONDAY + 20 * DAY)

    assert days(workspace).count(date(2026, 3, 2)) == 1  # the other one was in review by its evening
    assert max(days(workspace)) == late.planned_date == date(2026, 3, 13)


def test_a_day_that_has_its_figure_keeps_it(workspace, milestone):
    with inside(workspace):
        ProbabilityPoint.objects.create(
            milestone=milestone, day=MONDAY.date(), planned_date=date(2026, 3, 13), percent=1, inputs={}
        )

    assert [replay(now=MONDAY + 3 * DAY), replay(now=MONDAY + 3 * DAY)] == [2, 0]
    assert next(percent for _, _, _, percent, *_ in points(workspace)) == 1


@pytest.mark.parametrize(("ago", "filled"), [(REPLAYED - DAY, True), (REPLAYED, False)])
def test_it_looks_back_half_a_year(workspace, milestone, ago, filled):
    with inside(workspace):
        done = {"stage": Stage.REVIEW, "completed_at": MONDAY + 2 * DAY}
        Milestone.objects.update(**done)

    replay(now=MONDAY + 2 * DAY + ago)

    assert bool(days(workspace)) is filled


def test_what_never_was_at_work_has_no_days(workspace, by):
    with inside(workspace):
        factories.engagement(by)

    assert replay(now=MONDAY + 5 * DAY) == 0
