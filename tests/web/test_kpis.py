"""The pages of KPIs and of the first ninety days, and what can be taken along."""

import csv
import json
from datetime import date, timedelta

import pytest
from django.urls import reverse

from escalation.actions import open_blocker, resolve, respond
from escalation.models import BlockerType
from milestones.models import Milestone
from proofs.actions.kpis import keep_points
from proofs.actions.rollout import set_start
from proofs.models import Rollout
from proofs.words import Kpi
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page
from tests.web.test_query_counts import statements
from workspaces.models import Membership, Role

DAY = timedelta(days=1)


def at(name):
    return reverse(name, args=["studio"])


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@scene
def began(studio, by):
    with inside(studio):
        set_start(studio, MONDAY.date(), by=by, now=MONDAY)


def answered_blocker(milestone, by, title="Access"):
    made = open_blocker(milestone.pk, type=BlockerType.INPUT, title=title, by=by, now=MONDAY)
    respond(made.pk, response="Soon", by=by, now=MONDAY + timedelta(hours=2))
    resolve(made.pk, resolution="Here", by=by, now=MONDAY + timedelta(hours=4))


def test_reports_lead_to_both_pages(founder):
    text = page(founder.get(at("reports")))

    assert at("kpis") in text
    assert at("rollout") in text


def test_each_kpi_shows_its_value_n_definition_and_course(founder, studio, milestone, by):
    with inside(studio):
        answered_blocker(milestone, by)
        Milestone.objects.update(clarity_score=80)
        for days in (40, 20):
            keep_points(studio, now=WEDNESDAY - days * DAY)
        Milestone.objects.update(clarity_score=90)

    text = page(founder.get(at("kpis")))

    assert "Mean blocker resolution time" in text
    assert '4 <span class="stat__unit">working hours</span>' in text
    assert "n = 1 · resolved blockers" in text
    assert "+10 in 30 days" in text
    assert 'aria-label="Milestone clarity score by day, from 80 to 90 of 100"' in text
    assert "The mean clarity score of milestones that are not closed" in text


def test_no_case_shows_a_dash_and_no_zero(founder, studio):
    text = page(founder.get(at("kpis")))

    assert text.count('<dd class="kpi__value number">–</dd>') == 5
    assert "n = 0 · delivered packets" in text


def test_the_table_of_the_kpis_is_taken_along(founder, studio, milestone):
    with inside(studio):
        Milestone.objects.update(clarity_score=80)
        keep_points(studio, now=WEDNESDAY - DAY)

    answered = founder.get(at("kpis_csv"))

    rows = list(csv.DictReader(answered.content.decode().splitlines()))
    assert answered["Content-Disposition"] == 'attachment; filename="kpis-2026-03-04.csv"'
    assert rows[:2] == [
        {
            "code": "clarity",
            "name": "Milestone clarity score",
            "day": day,
            "value": value,
            "unit": "of 100",
            "n": "1",
        }
        for day, value in (("2026-03-03", "80.0"), ("2026-03-04", "80.0"))
    ]
    assert len(rows) == 2 * 5 + 5


def test_the_kpis_are_taken_along_as_data(founder, milestone):
    told = json.loads(founder.get(at("kpis_json")).content)

    assert [each["code"] for each in told["kpis"]] == list(Kpi)
    assert told["today"] == "2026-03-04"


def test_a_phase_names_what_is_still_missing(founder, studio, by, began):
    with inside(studio):
        project = factories.engagement(by).project
        Milestone.objects.update(approver=None)

    text = page(founder.get(at("rollout")))

    assert 'Week <strong class="number">1</strong> of 13' in text
    assert "0 of 1 new project has a complete record." in text
    assert f'href="{reverse("project", args=["studio", project.pk])}">Onboarding, Northwind</a>' in text
    assert "The record lacks approver." in text
    assert "Begins on 16 March 2026." in text


def test_a_running_phase_passes_so_far(founder, milestone, began):
    assert "Passing so far" in page(founder.get(at("rollout")))


def test_an_owner_sets_the_first_day(founder, studio):
    saved = founder.post(at("set_rollout"), {"started_on": "2026-02-02", "version": 1})

    with inside(studio):
        assert Rollout.objects.get().started_on == date(2026, 2, 2)
    assert saved["Location"] == at("rollout")


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"started_on": "", "version": 1}, 422), ({"started_on": "2026-02-02", "version": 7}, 409)],
)
def test_a_first_day_that_is_refused_is_said(founder, typed, status):
    assert founder.post(at("set_rollout"), typed).status_code == status


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_others_read_and_set_nothing(founder, studio, role):
    with inside(studio):
        Membership.objects.update(role=role)

    shown = founder.get(at("rollout"))

    assert (shown.status_code, "Save the first day" in page(shown)) == (200, False)
    assert founder.post(at("set_rollout"), {"started_on": "2026-02-02", "version": 1}).status_code == 403


def test_the_rollout_is_taken_along_with_what_is_missing(founder, studio, by, began):
    with inside(studio):
        made = factories.engagement(by, project_name="=cmd()")
        Milestone.objects.filter(pk=made.milestone.pk).update(approver=None)

    rows = list(csv.DictReader(founder.get(at("rollout_csv")).content.decode().splitlines()))
    told = json.loads(founder.get(at("rollout_json")).content)

    assert [row["state"] for row in rows] == ["not_yet", "no_data", "no_data", "no_data"]
    assert rows[0]["missing"] == "'=cmd(), Northwind: The record lacks approver."
    assert told["phases"][0]["result"]["missing"][0]["name"] == "=cmd(), Northwind"


@pytest.mark.parametrize("name", ["kpis", "rollout"])
def test_a_page_costs_no_more_with_more_to_count(founder, studio, by, began, name):
    def add(number):
        with inside(studio):
            made = factories.milestone_in_execution(by, project_name=f"P{number}", account_name=f"A{number}")
            answered_blocker(made, by)

    add(1)
    before = statements(founder, at(name))
    add(2)
    add(3)

    assert statements(founder, at(name)) == before
