"""Plans by API: a plan started from a template, the portfolio, weekly reviews."""

import pytest

from milestones.models import Milestone, PlanTemplate
from tenancy.door import inside
from tests.factories import MONDAY, engagement, milestone_in_closeout
from tests.plugins.scenes import scene


@scene
def project(studio, by):
    with inside(studio):
        return engagement(by).project


def plan(project, **changes):
    return {"template": "service_project", "start": "2026-03-09", **changes}


def test_a_plan_is_started_from_a_template(caller, studio, project):
    response = caller.post(f"projects/{project.pk}/plan", plan(project))

    assert response.status_code == 201
    codes = [row["code"] for row in response.json()["milestones"]]
    with inside(studio):
        assert codes == list(Milestone.objects.order_by("code").values_list("code", flat=True))


@pytest.mark.parametrize(
    ("changes", "field"), [({"template": "nothing"}, "template"), ({"start": "soon"}, "start")]
)
def test_a_plan_that_cannot_be_meant_is_refused_at_its_field(caller, project, changes, field):
    response = caller.post(f"projects/{project.pk}/plan", plan(project, **changes))

    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_a_template_is_kept_and_dropped(caller, studio, project):
    kept = caller.post("plan-templates", {"project_id": str(project.pk), "name": "Our way"})
    dropped = caller.post(f"plan-templates/{kept.json()['id']}/drop", {})

    assert (kept.status_code, dropped.status_code) == (201, 200)
    with inside(studio):
        assert not PlanTemplate.objects.exists()


def test_the_portfolio_tells_what_was_planned_and_what_is_earned(caller, studio, by):
    with inside(studio):
        project = milestone_in_closeout(by, now=MONDAY).project

    body = caller.get(f"projects/{project.pk}/portfolio").json()

    assert (body["ev"], body["milestones"][0]["actual"]) == (1.0, "2026-03-02")
    assert body["curves"]["planned"][-1] == {"day": "2026-03-13", "value": 1.0}
    assert {row["attributed_to"] for row in body["slips"]} == {"ours", "client", "third_party", "scope"}


def test_a_week_is_answered_once_and_corrected_by_saying_it_again(caller, project):
    address = f"projects/{project.pk}/weekly-reviews"
    caller.post(address, {"verdict": "healthy"})

    again = caller.post(address, {"verdict": "watch", "trajectory": "Access is late."})

    assert again.status_code == 201
    listed = caller.get(address).json()["results"]
    assert [(row["answers"]["verdict"], row["version"] > 1) for row in listed] == [("watch", True)]


def test_an_answer_about_another_projects_milestone_is_refused(caller, project, by, studio):
    with inside(studio):
        other = engagement(by, project_name="Other").milestone
    risk = {"milestone_id": str(other.pk), "pattern": "one_time"}

    response = caller.post(f"projects/{project.pk}/weekly-reviews", {"verdict": "watch", "risks": [risk]})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["risks"])


def test_the_status_update_is_drafted_of_what_was_answered(caller, project):
    address = f"projects/{project.pk}/status-updates"
    early = caller.post(address)
    caller.post(f"projects/{project.pk}/weekly-reviews", {"verdict": "healthy"})

    first, again = caller.post(address), caller.post(address)

    body = first.json()
    listed = caller.get(f"projects/{project.pk}/weekly-reviews").json()["results"]
    assert (early.status_code, early.json()["code"]) == (409, "no_review")
    assert (first.status_code, body["kind"], body["state"]) == (201, "status_update", "draft")
    assert body["title"].startswith(f"{project.name}: where we are on ")
    assert (again.json()["id"], listed[0]["notice_id"]) == (body["id"], body["id"])


def test_planned_against_actual_is_served_with_its_lessons(caller, studio, by):
    with inside(studio):
        milestone_in_closeout(by, now=MONDAY)

    body = caller.get("reports/planned-vs-actual").json()

    assert [(row["planned_days"], row["actual_days"]) for row in body["milestones"]] == [(10, 1)]
    assert (body["lessons"], body["early_warning_misses"]) == ([], 0)
