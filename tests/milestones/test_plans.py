"""Plans from templates: the shipped ones, laid out on the working calendar, and those a workspace keeps."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from journal.models import Event
from milestones.actions.clients import add_phase, change_phase
from milestones.actions.plans import People, keep_as_template, preview, start_plan, weigh
from milestones.layout import lay_out, stretched
from milestones.models import Dependency, Milestone, Phase, Project
from milestones.templates import milestones_of, shipped
from tenancy.refusal import Refused, Stale
from tests.factories import MONDAY, engagement
from tests.plugins.scenes import scene
from workspaces.queries import calendar_of

START = MONDAY.date()


@scene
def project(studio, by):
    return engagement(by).project


@scene
def people(project):
    first = project.milestones.get()
    return People(
        owner_primary=first.owner_primary,
        review_owner=first.review_owner,
        owner_client=first.owner_client,
        approver=first.approver,
    )


def started(project, people, *, by, code="ai_agency", factors=None):
    return start_plan(
        project, shipped()[code], start=START, people=people, factors=factors or {}, by=by, now=MONDAY
    )


def test_the_shipped_engagement_has_five_phases_and_nineteen_milestones():
    document = shipped()["ai_agency"]

    assert (len(document["phases"]), len(milestones_of(document))) == (5, 19)


@pytest.mark.parametrize("code", shipped())
def test_what_a_template_needs_is_in_it_and_weights_are_positive(code):
    plans = milestones_of(shipped()[code])

    codes = {plan["code"] for plan in plans}

    assert len(codes) == len(plans)
    assert all(set(plan["needs"]) <= codes and plan["weight"] > 0 and plan["criteria"] for plan in plans)


def test_a_plan_is_laid_out_on_working_days_after_what_it_needs(studio):
    calendar = calendar_of(studio)
    plans = milestones_of(shipped()["service_project"])

    spans = lay_out(plans, start=date(2026, 3, 1), calendar=calendar, factors={}, fixed={})

    assert spans["1.1"].start == date(2026, 3, 2)
    for plan in plans:
        span = spans[plan["code"]]
        assert calendar.working_days_between(span.start, span.end) + 1 == plan["days"]
        assert all(span.start > spans[needed].end for needed in plan["needs"])


def test_learned_factors_stretch_the_kinds_they_were_learned_on(studio):
    calendar = calendar_of(studio)
    plans = milestones_of(shipped()["ai_agency"])

    plain = lay_out(plans, start=START, calendar=calendar, factors={}, fixed={})
    wiser = lay_out(plans, start=START, calendar=calendar, factors={"data": 2.5}, fixed={})

    assert (wiser["1.1"], wiser["1.2"].end > plain["1.2"].end) == (plain["1.1"], True)


def test_a_template_fills_a_project_around_its_first_milestone(project, people, by):
    started(project, people, by=by)

    rows = Milestone.objects.filter(project=project).order_by("planned_date")
    assert (rows.count(), Phase.objects.filter(project=project).count()) == (19, 5)
    assert rows.get(code="1.1").name == "Onboarding dashboard published"
    assert rows.get(code="1.2").planned_start > rows.get(code="1.1").planned_date
    needed = sum(len(plan["needs"]) for plan in milestones_of(shipped()["ai_agency"]))
    assert Dependency.objects.filter(milestone__project=project).count() == needed


def test_a_template_whose_codes_are_taken_is_refused_by_name(project, people, by):
    started(project, people, by=by, code="service_project")

    with pytest.raises(Refused, match=r"1\.2, 1\.3, 1\.4"):
        started(project, people, by=by, code="ai_agency")


def test_a_kept_plan_starts_the_next_project_just_so(project, people, by):
    made = started(project, people, by=by, code="service_project")
    kept = keep_as_template(project, name="Our way", by=by, now=MONDAY)
    fresh = Project.objects.create(
        account=project.account, name="Next", kickoff_completed_at=MONDAY, created_at=MONDAY
    )

    later = START + timedelta(days=364)
    again = start_plan(fresh, kept.document, start=later, people=people, factors={}, by=by, now=MONDAY)

    assert [(m.code, m.name, m.output) for m in again] == [(m.code, m.name, m.output) for m in made]


def test_two_templates_of_one_name_are_refused(project, people, by):
    keep_as_template(project, name="Our way", by=by, now=MONDAY)

    with pytest.raises(Refused, match="Another template"):
        keep_as_template(project, name="Our way", by=by, now=MONDAY)


@pytest.mark.parametrize("code", shipped())
def test_every_milestone_of_a_template_is_as_clear_as_can_be(project, people, by, code):
    fresh = Project.objects.create(
        account=project.account, name=code, kickoff_completed_at=MONDAY, created_at=MONDAY
    )

    started(fresh, people, by=by, code=code)

    assert set(fresh.milestones.values_list("clarity_score", flat=True)) == {100}


def test_the_preview_gives_the_very_dates_that_the_plan_gets(project, people, by):
    spans = preview(project, shipped()["ai_agency"], start=START, factors={"data": 1.5})

    made = started(project, people, by=by, factors={"data": 1.5})

    assert {each.code: (each.planned_start, each.planned_date) for each in made} == {
        code: (span.start, span.end) for code, span in spans.items()
    }


def test_a_factor_stretches_by_whole_days_and_not_by_what_floats_add(studio):
    plan = {"days": 10, "kind": "data"}

    assert (stretched(plan, {"data": 1.1}), stretched(plan, {"data": 1.11}), stretched(plan, {})) == (
        11,
        12,
        10,
    )


def test_a_kept_plan_keeps_how_long_one_waits_for_another(project, people, by):
    made = started(project, people, by=by, code="service_project")
    Dependency.objects.filter(milestone=made[1]).update(lag_days=3)

    kept = keep_as_template(project, name="Our way", by=by, now=MONDAY)

    plan = next(plan for plan in milestones_of(kept.document) if plan["code"] == made[1].code)
    assert plan["lags"] == dict.fromkeys(plan["needs"], 3)


def shares_of(project):
    return {row.pk: {"weight": Decimal("7.5"), "phase": row.phase} for row in project.milestones.all()}


def test_a_plan_is_weighed_at_once_with_one_cause(project, people, by):
    made = started(project, people, by=by)
    phase = project.phases.order_by("position")[0]

    changed = weigh(project.pk, shares_of(project), names={phase.pk: "Beginning"}, by=by, now=MONDAY)

    events = Event.objects.filter(kind__in=["milestone.changed", "phase.changed"]).order_by("-seq")
    assert len(changed) == len(made)
    assert set(project.milestones.values_list("weight", flat=True)) == {Decimal("7.5")}
    assert project.phases.get(pk=phase.pk).name == "Beginning"
    assert len({event.cause_id for event in events[: len(made) + 1]}) == 1


def names_of(project):
    return list(project.phases.order_by("position").values_list("name", "position"))


@scene
def phases(project, by):
    for name, position in (("Set up", 2), ("Build", 5), ("Run", 9)):
        add_phase(project=project, name=name, position=position, by=by, now=MONDAY)
    return list(project.phases.order_by("position"))


@pytest.mark.parametrize(
    ("which", "place", "order"),
    [
        (2, 1, ["Run", "Set up", "Build"]),
        (0, 3, ["Build", "Run", "Set up"]),
        (0, 99, ["Build", "Run", "Set up"]),
        (1, 3, ["Set up", "Run", "Build"]),
        (1, 2, ["Set up", "Build", "Run"]),
    ],
)
def test_a_phase_goes_to_its_place_and_the_others_make_room(project, phases, by, which, place, order):
    change_phase(phases[which].pk, {"position": place}, by=by, now=MONDAY)

    assert names_of(project) == [(name, at) for at, name in enumerate(order, start=1)]


def test_a_phase_is_renamed_and_moved_in_one_entry(project, phases, by):
    changed = change_phase(phases[2].pk, {"name": "Operate", "position": 1}, by=by, now=MONDAY, expected=1)

    told = Event.objects.filter(kind="phase.changed", subject_id=changed.pk).get()
    assert json.loads(told.body)["data"]["fields"] == {"name": ["Run", "Operate"], "position": [9, 1]}
    assert names_of(project) == [("Operate", 1), ("Set up", 2), ("Build", 3)]
    with pytest.raises(Stale):
        change_phase(changed.pk, {"position": 2}, by=by, now=MONDAY, expected=1)


def test_a_name_alone_moves_nobody(project, phases, by):
    change_phase(phases[1].pk, {"name": "Make"}, by=by, now=MONDAY)

    assert names_of(project) == [("Set up", 2), ("Make", 5), ("Run", 9)]


def test_the_order_of_all_phases_is_set_with_the_weights(project, phases, by):
    first, second, third = phases

    weigh(project.pk, {}, names={third.pk: "Go"}, order=[third.pk, second.pk, first.pk], by=by, now=MONDAY)

    assert names_of(project) == [("Go", 1), ("Build", 2), ("Set up", 3)]
    assert Event.objects.filter(kind="phase.changed").count() == 3


def test_weights_are_positive_and_of_this_project_and_version(project, by):
    first = project.milestones.get()
    share: Any = {"weight": Decimal(2), "phase": None}

    with pytest.raises(Refused) as refused:
        weigh(project.pk, {first.pk: {"weight": Decimal(0), "phase": None}}, by=by, now=MONDAY)
    with pytest.raises(Refused, match="of this project only"):
        weigh(first.pk, {first.pk: share}, by=by, now=MONDAY)
    with pytest.raises(Stale):
        weigh(project.pk, {first.pk: share}, expected={first.pk: 0}, by=by, now=MONDAY)

    assert refused.value.fields == {str(first.pk): ["Give a weight above 0."]}
