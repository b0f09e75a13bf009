"""Progress by a measured figure, as models make it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.actions.milestone import change_milestone
from milestones.actions.reports import record_progress
from milestones.measures import Measure, percent_of
from milestones.words import Kind
from tenancy.refusal import Refused
from tests.factories import MONDAY, milestone_in_execution
from tests.plugins.scenes import scene

F1 = {"measure_name": "F1 score", "measure_baseline": Decimal("0.6"), "measure_target": Decimal("0.8")}


@scene
def model(studio, by):
    made = milestone_in_execution(by)
    return change_milestone(made.pk, {"kind": Kind.MODEL, **F1}, by=by, now=MONDAY)


def test_a_measured_figure_is_the_share_of_its_way(model, by):
    update = record_progress(model.pk, measured=Decimal("0.75"), by=by, now=MONDAY)

    model.refresh_from_db()
    assert (update.percent, update.measured) == (75, Decimal("0.75"))
    assert (model.reported_percent, model.measured) == (75, Decimal("0.75"))


def test_a_figure_that_is_to_fall_progresses_downwards():
    assert percent_of(Decimal(300), Measure("errors", Decimal(400), Decimal(200))) == 50


@given(st.decimals(-9999, 9999, places=2))
def test_a_share_lies_between_nothing_and_all(measured):
    assert 0 <= percent_of(measured, Measure("x", Decimal(10), Decimal(20))) <= 100


def test_a_models_progress_is_no_percentage(model, by):
    with pytest.raises(Refused, match="F1 score, not a percentage"):
        record_progress(model.pk, percent=70, by=by, now=MONDAY)


def test_a_figure_without_baseline_and_target_tells_nothing(studio, by):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        record_progress(milestone.pk, measured=Decimal(1), by=by, now=MONDAY)

    assert set(refusal.value.fields) == {"measured"}
