from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from journal.models import Event
from milestones.actions.milestone import (
    add_criterion,
    add_dependency,
    add_milestone,
    change_criterion,
    change_milestone,
)
from milestones.actions.stages import journal_refusal, move
from milestones.models import Criterion, Dependency, Milestone
from milestones.words import Stage
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests.factories import MONDAY, engagement, milestone_in_execution


def later(project, by, code):
    return add_milestone(project, {"code": code, "name": f"Milestone {code}"}, by=by, now=MONDAY)


def test_a_complete_milestone_goes_into_execution(studio, by):
    milestone = milestone_in_execution(by)

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.execution_started_at) == (Stage.EXECUTION, MONDAY)
    assert milestone.forecast_confirmed_at == MONDAY
    assert Event.objects.filter(kind="milestone.moved", thread_id=milestone.pk).count() == 1


def test_a_closed_gate_lists_every_unmet_item_and_changes_nothing(studio, by):
    milestone = engagement(by, definition={"output": "", "invoice_trigger": ""}).milestone

    with pytest.raises(Refused) as refusal, inside(studio):
        move(milestone.pk, Stage.EXECUTION, by=by, now=MONDAY)

    assert [item.code for item in refusal.value.unmet] == ["output", "invoice_trigger"]
    milestone.refresh_from_db()
    assert milestone.stage == Stage.SETUP


def test_a_refused_step_is_journalled_with_its_codes(studio, by):
    milestone = engagement(by, definition={"output": ""}).milestone
    with pytest.raises(Refused) as refusal, inside(studio):
        move(milestone.pk, Stage.EXECUTION, by=by, now=MONDAY)

    journal_refusal(milestone, Stage.EXECUTION, refusal.value, by=by, now=MONDAY)

    event = Event.objects.get(kind="milestone.move_refused")
    assert '"unmet":["output"]' in event.body


def test_the_database_itself_keeps_an_undefined_milestone_in_setup(studio, by):
    milestone = engagement(by, definition={"output": ""}).milestone

    with pytest.raises(IntegrityError, match="milestone_leaves_setup_defined"), transaction.atomic():
        Milestone.objects.filter(pk=milestone.pk).update(stage=Stage.EXECUTION)


def test_a_change_raises_the_version_and_is_journalled_with_old_and_new(studio, by):
    milestone = engagement(by).milestone

    changed = change_milestone(milestone.pk, {"name": "Dashboard live"}, by=by, now=MONDAY)

    assert (changed.name, changed.version) == ("Dashboard live", 2)
    event = Event.objects.get(kind="milestone.changed")
    assert '"name":["Onboarding dashboard published","Dashboard live"]' in event.body


def test_saving_what_is_already_so_changes_nothing(studio, by):
    milestone = engagement(by).milestone

    same = change_milestone(milestone.pk, {"name": milestone.name}, by=by, now=MONDAY)

    assert same.version == 1
    assert not Event.objects.filter(kind="milestone.changed").exists()


def test_a_stale_version_is_refused_and_loses_nothing(studio, by):
    milestone = engagement(by).milestone
    change_milestone(milestone.pk, {"name": "First"}, by=by, now=MONDAY, expected=1)

    with pytest.raises(Stale, match="changed by someone else"), inside(studio):
        change_milestone(milestone.pk, {"name": "Second"}, by=by, now=MONDAY, expected=1)

    milestone.refresh_from_db()
    assert milestone.name == "First"


def test_in_setup_the_forecast_follows_the_plan(studio, by):
    milestone = engagement(by).milestone

    changed = change_milestone(milestone.pk, {"planned_date": date(2026, 3, 20)}, by=by, now=MONDAY)

    assert changed.forecast_date == date(2026, 3, 20)


@pytest.mark.parametrize("name", ["planned_date", "planned_start"])
def test_once_work_began_the_plan_stays(studio, by, name):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        change_milestone(milestone.pk, {name: date(2026, 3, 4)}, by=by, now=MONDAY)

    assert list(refusal.value.fields) == [name]


@pytest.mark.parametrize(
    "emptied",
    [
        {"output": ""},
        {"approval_channel": ""},
        {"owner_primary": None},
        {"owner_client": None},
        {"approver": None},
        {"approver_id": None},
        {"review_owner_id": None},
        {"dependency_risks": ""},
        {"invoice_trigger": ""},
        {"next_stage_trigger": ""},
    ],
    ids=lambda emptied: next(iter(emptied)),
)
def test_what_execution_began_with_stays_filled_in(studio, by, emptied):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        change_milestone(milestone.pk, emptied, by=by, now=MONDAY)

    assert list(refusal.value.fields) == [name.removesuffix("_id") for name in emptied]


def test_in_setup_a_field_may_be_emptied_again(studio, by):
    milestone = engagement(by).milestone

    changed = change_milestone(milestone.pk, {"output": "", "approver": None}, by=by, now=MONDAY)

    assert (changed.output, changed.approver) == ("", None)


@pytest.mark.parametrize("name", ["planned_start", "planned_date"])
@pytest.mark.parametrize("day", [date.min, date(2200, 1, 1), date.max])
def test_a_day_that_nobody_can_mean_is_refused_by_name(studio, by, name, day):
    milestone = engagement(by).milestone

    with pytest.raises(Refused) as refusal:
        change_milestone(milestone.pk, {name: day}, by=by, now=MONDAY)

    assert list(refusal.value.fields) == [name]


def test_a_milestone_cannot_end_before_it_starts(studio, by):
    milestone = engagement(by).milestone

    with pytest.raises(Refused) as refusal, inside(studio):
        change_milestone(milestone.pk, {"planned_date": date(2026, 2, 1)}, by=by, now=MONDAY)

    assert list(refusal.value.fields) == ["planned_date"]
    milestone.refresh_from_db()
    assert milestone.planned_date == date(2026, 3, 13)


def test_codes_of_a_project_differ(studio, by):
    project = engagement(by).project

    with pytest.raises(Refused) as refusal:
        later(project, by, "1.1")

    assert list(refusal.value.fields) == ["code"]


def test_criteria_are_numbered_as_they_come(studio, by):
    milestone = engagement(by).milestone

    third = add_criterion(milestone.pk, {"statement": "It is documented"}, by=by, now=MONDAY)

    assert third.position == 3


def test_a_criterion_can_be_marked_as_met_with_evidence(studio, by):
    engagement(by)
    criterion = Criterion.objects.get(position=1)

    change_criterion(criterion.pk, {"is_met": True, "evidence": "Seen in the demo"}, by=by, now=MONDAY)

    criterion.refresh_from_db()
    assert (criterion.is_met, criterion.evidence, criterion.version) == (True, "Seen in the demo", 2)


def test_a_circle_of_dependencies_is_refused_by_name(studio, by):
    made = engagement(by)
    first, second, third = made.milestone, later(made.project, by, "1.2"), later(made.project, by, "1.3")
    add_dependency(second, first, by=by, now=MONDAY)
    add_dependency(third, second, by=by, now=MONDAY)

    with pytest.raises(Refused, match=r"1\.1 → 1\.3 → 1\.2 → 1\.1"):
        add_dependency(first, third, by=by, now=MONDAY)

    assert Dependency.objects.count() == 2


def test_a_dependency_is_stated_once(studio, by):
    made = engagement(by)
    second = later(made.project, by, "1.2")
    add_dependency(second, made.milestone, by=by, now=MONDAY)

    with pytest.raises(Refused, match="waits for"):
        add_dependency(second, made.milestone, by=by, now=MONDAY + timedelta(hours=1))


def test_a_dependency_stays_within_its_project(studio, by):
    first, other = engagement(by), engagement(by, project_name="Another")

    with pytest.raises(Refused, match="same project"):
        add_dependency(first.milestone, other.milestone, by=by, now=MONDAY)
