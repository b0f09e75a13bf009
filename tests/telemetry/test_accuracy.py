"""Which probabilities are held against what came of them, and what came of each."""

from datetime import date, timedelta

import pytest

from milestones.actions.endings import close
from milestones.actions.returns import return_to_execution
from milestones.models import Milestone
from milestones.words import Outcome
from telemetry.models import Basis
from telemetry.queries import calibration
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.telemetry.outlooks import point

DAY = timedelta(days=1)
TODAY = MONDAY.date()


@pytest.fixture
def ada(db):
    return factories.person()


@pytest.fixture
def by(ada):
    return factories.actor(ada)


@pytest.fixture
def studio(ada):
    studio = factories.workspace(ada, slug="studio")
    with inside(studio):
        yield studio


def completed(by, on, **changes):
    """A milestone that went to the client on a day; the plan says 13 March."""
    return factories.milestone_in_review(by, now=MONDAY + (on - TODAY), **changes)


def outcomes(studio):
    return [(each.day, each.case.on_time) for each in calibration.said(studio)]


@pytest.mark.parametrize(
    ("on", "on_time"), [(date(2026, 3, 12), True), (date(2026, 3, 13), True), (date(2026, 3, 14), False)]
)
def test_the_planned_date_itself_is_in_time(studio, by, on, on_time):
    point(completed(by, on))

    assert outcomes(studio) == [(TODAY, on_time)]


def test_the_day_is_that_of_the_workspace(ada, by):
    """A quarter to midnight in London is the next morning in Auckland."""
    auckland = factories.workspace(ada, slug="auckland", time_zone="Pacific/Auckland")
    with inside(auckland):
        made = factories.milestone_in_review(by, now=MONDAY)
        Milestone.objects.update(completed_at=MONDAY.replace(day=13, hour=23, minute=45))
        point(made)

        assert outcomes(auckland) == [(TODAY, False)]


def test_what_is_not_finished_has_not_come_out(studio, by):
    point(factories.milestone_in_execution(by))

    assert calibration.said(studio) == []


def test_what_came_back_is_open_again(studio, by):
    made = completed(by, TODAY + 2 * DAY)
    point(made)
    return_to_execution(made, why="Two figures are missing.", by=by, now=MONDAY + 3 * DAY)

    assert calibration.said(studio) == []


def test_closed_without_completion_is_not_in_time(studio, by):
    made = factories.milestone_in_execution(by)
    point(made)
    words = {"reason": "The budget is gone.", "open_dependencies": "none", "next_move_owner": "Ada"}
    close(made.pk, Outcome.SCOPE, **words, by=by, now=MONDAY + 2 * DAY)

    assert outcomes(studio) == [(TODAY, False)]


def test_from_the_day_of_completion_on_nothing_is_foretold(studio, by):
    made = completed(by, TODAY + 2 * DAY)
    for ahead in range(5):
        point(made, TODAY + ahead * DAY)

    assert [each.day for each in calibration.said(studio)] == [TODAY, TODAY + DAY]


def test_each_day_is_held_against_the_date_that_it_spoke_of(studio, by):
    made = completed(by, date(2026, 3, 18))
    point(made, TODAY, 40)
    point(made, TODAY + DAY, 90, planned=date(2026, 3, 20), basis=Basis.DEFAULT)

    told = calibration.told_of(studio)

    assert outcomes(studio) == [(TODAY, False), (TODAY + DAY, True)]
    assert (told.together.milestones, told.together.promises) == (1, 2)
    assert told.together.brier == pytest.approx((0.16 + 0.01) / 2)
    assert [(name, of.days) for name, of in told.by_basis.items()] == [("own", 1), ("default", 1)]
    assert list(told.by_ahead) == ["8 to 14 days", "15 days and more"]


def test_what_a_row_says_of_its_milestone(studio, by):
    made = completed(by, TODAY + 2 * DAY)
    point(made, percent=80, basis=Basis.KIND)

    (said,) = calibration.said(studio)

    assert (said.code, said.name, said.project_name) == (made.code, made.name, "Onboarding")
    assert (said.completed_on, said.case.days_ahead, said.case.basis) == (TODAY + 2 * DAY, 11, "kind")


def test_only_the_latest_finished_milestones_are_looked_at(studio, by, monkeypatch):
    monkeypatch.setattr(calibration, "LATEST", 1)
    for number in (1, 2):
        made = completed(by, TODAY + number * DAY, project_name=f"P{number}", account_name=f"A{number}")
        point(made)

    assert [each.project_name for each in calibration.said(studio)] == ["P2"]


@pytest.mark.parametrize(("ahead", "is_read"), [(1, True), (0, False)])
def test_only_the_days_before_the_end_that_are_looked_back_upon_are_read(studio, by, ahead, is_read):
    made = completed(by, TODAY + calibration.DAYS_BEHIND)
    point(made, TODAY + ahead * DAY, planned=TODAY + calibration.DAYS_BEHIND)

    assert bool(calibration.said(studio)) == is_read


def test_all_of_it_is_one_statement(studio, by, django_assert_num_queries):
    for number in (1, 2):
        point(completed(by, TODAY + number * DAY, project_name=f"P{number}", account_name=f"A{number}"))

    with django_assert_num_queries(1):
        calibration.told_of(studio)
