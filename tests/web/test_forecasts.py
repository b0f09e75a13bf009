"""The page of the forecast's accuracy, and the on-time probability on a milestone's page."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse

from milestones.models import Milestone
from milestones.words import Stage
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.telemetry.outlooks import point
from tests.web.conftest import page
from tests.web.test_query_counts import statements
from web.team.risks import course_in_words

DAY = timedelta(days=1)
TODAY = MONDAY.date()


def at(name, *args):
    return reverse(name, args=["studio", *args])


def finished(by, number, *, percent=80, days=2):
    """A milestone that was completed in time after some days of saying the same."""
    made = factories.milestone_in_review(
        by, now=MONDAY + days * DAY, project_name=f"P{number}", account_name=f"A{number}"
    )
    for ahead in range(days):
        point(made, TODAY + ahead * DAY, percent)
    return made


def test_reports_lead_to_it(founder):
    assert at("forecast_accuracy") in page(founder.get(at("reports")))


def test_before_anything_came_out_it_says_what_will_stand_here(founder, studio, by):
    with inside(studio):
        factories.milestone_in_execution(by)

    text = page(founder.get(at("forecast_accuracy")))

    assert "Nothing has come out yet" in text
    assert at("forecast_accuracy_csv") not in text


def test_it_tells_the_score_its_reference_and_the_bins(founder, studio, by):
    with inside(studio):
        finished(by, 1, percent=90)
        late = finished(by, 2, percent=60)
        Milestone.objects.filter(pk=late.pk).update(completed_at=MONDAY + 20 * DAY)

    text = page(founder.get(at("forecast_accuracy")))

    assert '<dt>Brier score</dt><dd class="stat__value">0.185</dd>' in text
    assert '<dt>Always saying 50%</dt><dd class="stat__value">0.250</dd>' in text
    assert '<dt>Skill</dt><dd class="stat__value">+26%</dd>' in text
    assert 'data-name="95% interval">21–100%</td>' in text
    assert 'data-name="95% interval">0–79%</td>' in text
    assert text.count('class="dot"') == 2
    assert "In 2 of 2 groups what was said lies within what chance allows." in text


@pytest.mark.parametrize(("milestones", "says_so"), [(9, True), (10, False)])
def test_under_ten_milestones_it_says_not_enough_history(founder, studio, by, milestones, says_so):
    with inside(studio):
        for number in range(milestones):
            finished(by, number, days=1)

    text = page(founder.get(at("forecast_accuracy")))

    assert ("Not enough history." in text, "not enough history</div>" in text) == (says_so, says_so)


def test_its_days_are_taken_along(founder, studio, by):
    with inside(studio):
        made = finished(by, 1)
        Milestone.objects.filter(pk=made.pk).update(name="=1+1")

    answer = founder.get(at("forecast_accuracy_csv"))

    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert answer["Content-Disposition"] == 'attachment; filename="forecast-accuracy-2026-03-04.csv"'
    assert rows == [
        {
            "project": "P1",
            "code": made.code,
            "milestone": "'=1+1",
            "kind": "general",
            "day": f"2026-03-0{day}",
            "planned_date": "2026-03-13",
            "days_ahead": str(13 - day),
            "probability_percent": "80",
            "basis": "own",
            "completed_on": "2026-03-04",
            "on_time": "yes",
        }
        for day in (2, 3)
    ]


def test_it_takes_as_many_statements_for_three_milestones_as_for_one(founder, studio, by):
    with inside(studio):
        finished(by, 1)
    one = statements(founder, at("forecast_accuracy"))
    with inside(studio):
        finished(by, 2)
        finished(by, 3)

    assert statements(founder, at("forecast_accuracy")) == one <= 6


@pytest.mark.parametrize(
    ("values", "days", "words"),
    [
        ([], 0, ""),
        ([60, 60], 3, "stayed at 60 over 3 days"),
        ([60, 70], 1, "rose from 60 to 70 over 1 day"),
        ([70, 65, 60], 2, "fell from 70 to 60 over 2 days"),
    ],
)
def test_a_course_is_told_in_words(values, days, words):
    assert course_in_words(values, days=days) == words


class TestMilestone:
    @pytest.fixture
    def milestone(self, studio, by):
        with inside(studio):
            made = factories.milestone_in_execution(by)
            for ahead, percent in enumerate((80, 70, 45)):
                point(made, TODAY + ahead * DAY, percent)
            Milestone.objects.update(on_time_probability=45)
        return made

    def test_it_is_told_with_its_reasons_and_its_course(self, founder, milestone):
        text = page(founder.get(at("milestone", milestone.pk)))

        assert "Done by 13 Mar 2026" in text
        assert '<span class="meter__value">45</span>' in text
        assert '<span class="badge">Own completions</span><span class="badge">not enough history' in text
        assert "<li>8 of 12 items open; 5 working days left, today included.</li>" in text
        assert "It fell from 80 to 45 over 2 days. Under 60% it warns." in text
        assert '#on-time">On time <strong class="number">45%</strong>' in text

    def test_once_completed_it_says_how_it_ended(self, founder, studio, milestone):
        with inside(studio):
            done = {"stage": Stage.REVIEW, "completed_at": MONDAY + 9 * DAY}
            Milestone.objects.update(on_time_probability=100, **done)

        text = page(founder.get(at("milestone", milestone.pk)))

        assert "Completed 11 Mar 2026, planned for 13 Mar" in text
        assert "items open" not in text

    def test_the_plan_shows_it_beside_the_risk(self, founder, milestone):
        text = page(founder.get(at("project", milestone.project_id)))

        assert 'data-name="On-time probability">45%</td>' in text

    def test_a_projects_least_likely_milestone_at_work_stands_in_the_list(
        self, founder, studio, by, milestone
    ):
        with inside(studio):
            other = factories.milestone_in_review(by, account_name="Southwind", project_name="Second")
            Milestone.objects.filter(pk=other.pk).update(on_time_probability=0)

        text = page(founder.get(at("projects")))

        assert text.count('data-name="Lowest on time">') == 2
        assert 'data-name="Lowest on time">45%</td>' in text
        assert 'data-name="Lowest on time"><span class="muted">–</span></td>' in text

    def test_before_the_first_day_nothing_is_said(self, founder, studio, by):
        with inside(studio):
            made = factories.milestone_in_execution(by)

        text = page(founder.get(at("milestone", made.pk)))

        assert 'id="on-time"' not in text
