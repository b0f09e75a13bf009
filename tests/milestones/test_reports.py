from datetime import timedelta

import pytest

from journal.models import Event, EventPersonal
from milestones.actions.quality import record_qa_run
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.models import ChangeRequest, Milestone, ProgressUpdate, Pulse, QaRun
from milestones.words import ChangeState
from tenancy.refusal import Refused
from tests.factories import MONDAY, engagement, milestone_in_execution

NOON = MONDAY + timedelta(hours=3)


def test_progress_is_noted_and_counts_as_a_sign_of_life(studio, by):
    milestone = milestone_in_execution(by)

    record_progress(milestone.pk, done="Login works", percent=40, confidence=4, by=by, now=NOON)

    milestone.refresh_from_db()
    assert (milestone.last_progress_at, milestone.reported_percent) == (NOON, 40)
    assert Pulse.objects.get().changed_at == NOON


def test_progress_without_a_percentage_keeps_the_last_one(studio, by):
    milestone = milestone_in_execution(by)
    record_progress(milestone.pk, percent=40, by=by, now=MONDAY)

    record_progress(milestone.pk, next="Write the report", by=by, now=NOON)

    assert Milestone.objects.get().reported_percent == 40


def test_what_people_write_stays_out_of_the_chain(studio, by):
    milestone = milestone_in_execution(by)

    record_progress(milestone.pk, done="Carla was ill", by=by, now=NOON)

    event = Event.objects.get(kind="progress.recorded")
    assert "Carla" not in event.body
    assert EventPersonal.objects.get(event=event).content["done"] == "Carla was ill"


def test_an_empty_progress_update_is_refused(studio, by):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused, match="Say something"):
        record_progress(milestone.pk, confidence=3, by=by, now=NOON)

    assert not ProgressUpdate.objects.exists()


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_percentage_beyond_its_bounds_is_refused(studio, by, percent):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        record_progress(milestone.pk, percent=percent, by=by, now=NOON)

    assert list(refusal.value.fields) == ["percent"]


def test_a_milestone_in_setup_takes_no_reports(studio, by):
    milestone = engagement(by).milestone

    with pytest.raises(Refused, match="Take it into execution first"):
        record_progress(milestone.pk, done="Early", by=by, now=NOON)


@pytest.mark.parametrize(("score", "passed"), [(79, False), (80, True), (81, True)])
def test_a_qa_run_is_held_against_the_threshold(studio, by, score, passed):
    milestone = milestone_in_execution(by)

    run = record_qa_run(milestone.pk, check_name="Checklist", score=score, by=by, now=NOON)

    run.refresh_from_db()
    assert (run.passed, run.threshold) == (passed, 80)


def test_the_pulse_holds_the_latest_five_qa_results_newest_first(studio, by):
    milestone = milestone_in_execution(by)

    for minute, score in enumerate([90, 10, 10, 90, 10, 90]):
        record_qa_run(
            milestone.pk, check_name="Unit", score=score, by=by, now=NOON + timedelta(minutes=minute)
        )

    pulse = Pulse.objects.get()
    assert (pulse.qa_slots, pulse.qa_runs) == ([True, False, True, False, False], 6)
    assert QaRun.objects.count() == 6


def test_an_unplanned_request_is_queued_with_a_number(studio, by):
    milestone = milestone_in_execution(by)

    first = queue_request(milestone.pk, title="Add an export button", asked_by="Carla", by=by, now=NOON)
    second = queue_request(milestone.pk, title="Add dark mode", by=by, now=NOON)

    assert (first.number, second.number) == (1, 2)
    assert set(ChangeRequest.objects.values_list("state", flat=True)) == {ChangeState.UNDECIDED}


def test_control_characters_in_a_title_are_refused_by_name(studio, by):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        queue_request(milestone.pk, title="Bad\u202etitle", by=by, now=NOON)

    assert refusal.value.fields == {
        "title": ["Remove the invisible character U+202E; it cannot be shown safely."]
    }
