"""Plans from templates: dates seen before they are saved, plans kept, phases and weights."""

import pytest
from django.urls import reverse

from milestones.actions.plans import keep_as_template
from milestones.models import Milestone, Phase, PlanTemplate
from tenancy.door import inside
from tests.factories import MONDAY, engagement
from tests.plugins.scenes import scene
from tests.web.conftest import page


@scene
def project(studio, by):
    with inside(studio):
        return engagement(by).project


@scene
def people(studio, project):
    with inside(studio):
        first = project.milestones.get()
    return {
        "owner_primary": first.owner_primary_id,
        "review_owner": first.review_owner_id,
        "owner_client": first.owner_client_id,
        "approver": first.approver_id,
        "approval_channel": "link",
    }


def at(name, project):
    return reverse(name, args=["studio", project.pk])


def test_a_template_shows_its_dates_before_anything_is_saved(founder, studio, project, people):
    asked = {"template": "ai_agency", "start": "2026-03-09", "use_learned": "on", **people}

    response = founder.get(at("start_plan", project), asked)

    assert [row["plan"]["code"] for row in response.context["seen"]][:3] == ["1.1", "1.2", "1.3"]
    with inside(studio):
        assert Milestone.objects.count() == 1


def test_a_plan_starts_with_the_dates_that_were_seen_and_shows_on_the_project(
    founder, studio, project, people
):
    asked = {"template": "ai_agency", "start": "2026-03-09", "use_learned": "on", **people}
    seen = founder.get(at("start_plan", project), asked).context["seen"]

    response = founder.post(at("start_plan", project), asked, follow=True)

    with inside(studio):
        planned = dict(Milestone.objects.values_list("code", "planned_date"))
    assert planned == {row["plan"]["code"]: row["span"].end for row in seen}
    text = page(response)
    assert "Data access" not in text  # the kickoff's first milestone stands in its place
    assert "5. " in text
    assert 'id="timeline-title"' in text
    assert 'id="curve-title"' in text


def test_a_template_whose_codes_are_taken_is_refused_at_its_field(founder, project, people):
    asked = {"template": "service_project", "start": "2026-03-09", **people}
    founder.post(at("start_plan", project), asked)

    response = founder.post(at("start_plan", project), asked | {"start": "2026-03-10"})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["template"])


@pytest.mark.parametrize("typed", [{"template": "nothing"}, {"start": "soon"}, {"approver": "nobody"}])
def test_a_plan_that_cannot_be_meant_is_refused_by_name(founder, project, people, typed):
    asked = {"template": "ai_agency", "start": "2026-03-09", **people, **typed}

    response = founder.post(at("start_plan", project), asked)

    assert (response.status_code, list(response.context["form"].errors)) == (422, list(typed))


def test_a_plan_is_kept_looked_into_and_dropped(founder, studio, project):
    kept = founder.post(at("keep_template", project), {"name": "Our way"}, follow=True)
    with inside(studio):
        template = PlanTemplate.objects.get()

    inside_of = founder.get(reverse("settings_templates", args=["studio"]), {"look": str(template.pk)})
    dropped = founder.post(reverse("drop_template", args=["studio", template.pk]), follow=True)

    assert "Our way" in page(kept)
    assert "Onboarding dashboard published" in page(inside_of)
    assert "Dropped the template “Our way”." in page(dropped)


def test_a_second_template_of_a_name_is_refused_beside_the_form(founder, studio, project, by):
    with inside(studio):
        keep_as_template(project, name="Our way", by=by, now=MONDAY)

    response = founder.post(at("keep_template", project), {"name": "Our way"})

    assert response.status_code == 422
    assert "Another template has this name" in page(response)


def test_weights_and_phases_are_set_on_one_sheet(founder, studio, project, people):
    founder.post(at("start_plan", project), {"template": "service_project", "start": "2026-03-09", **people})
    form = founder.get(at("plan_shares", project)).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    with inside(studio):
        first = Milestone.objects.get(is_first=True)
        phase = Phase.objects.order_by("position")[0]

    changes = {f"weight-{first.pk}": "7.5", f"phase-{phase.pk}": "Beginning"}
    response = founder.post(at("plan_shares", project), typed | changes, follow=True)

    with inside(studio):
        assert float(Milestone.objects.get(pk=first.pk).weight) == 7.5
    assert "1. Beginning" in page(response)


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({0: "3"}, [1, 2, 0]),
        ({2: "1"}, [2, 0, 1]),
        ({0: "2", 1: "1"}, [1, 0, 2]),
        ({0: ""}, [0, 1, 2]),
    ],
)
def test_phases_follow_the_numbers_that_are_typed(founder, studio, project, people, places, order):
    founder.post(at("start_plan", project), {"template": "ai_agency", "start": "2026-03-09", **people})
    form = founder.get(at("plan_shares", project)).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    with inside(studio):
        before = list(Phase.objects.order_by("position")[:3].values_list("pk", flat=True))

    moved = {f"place-{before[index]}": place for index, place in places.items()}
    response = founder.post(at("plan_shares", project), typed | moved)

    assert response.status_code == 302
    with inside(studio):
        after = list(Phase.objects.order_by("position")[:3].values_list("pk", flat=True))
    assert after == [before[index] for index in order]


@pytest.mark.parametrize("weight", ["0", "-1", "x"])
def test_a_weight_that_is_no_positive_number_is_refused(founder, studio, project, weight):
    with inside(studio):
        first = project.milestones.get()
    typed = {f"weight-{first.pk}": weight, f"of-{first.pk}": "", f"version-{first.pk}": first.version}

    response = founder.post(at("plan_shares", project), typed)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [f"weight-{first.pk}"])


def test_a_sheet_that_somebody_overtook_is_refused(founder, studio, project):
    form = founder.get(at("plan_shares", project)).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    with inside(studio):
        first = project.milestones.get()
        Milestone.objects.update(version=first.version + 1)

    response = founder.post(at("plan_shares", project), typed | {f"weight-{first.pk}": "7.5"})

    assert response.status_code == 409
    assert "changed by someone else meanwhile" in page(response)
