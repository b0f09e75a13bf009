from datetime import timedelta

import pytest

from journal.models import Event
from milestones.actions import artifacts, quality, stages
from milestones.checklist import ITEMS, Answer
from milestones.models import Milestone, Pulse, QaRun
from milestones.words import QaKind, Stage
from tenancy.ids import uuid7
from tenancy.refusal import Refused
from tests.factories import MONDAY, engagement, milestone_in_execution
from tests.plugins.scenes import scene

NOON = MONDAY + timedelta(hours=3)
LATER = NOON + timedelta(hours=1)
YES = [Answer(item.code, True) for item in ITEMS]
ONE_NO = [Answer("scope_matches", False, "The export is missing"), *YES[1:]]


@scene
def milestone(studio, by):
    return milestone_in_execution(by)


def in_stage(milestone: Milestone, stage: Stage) -> Milestone:
    completed = NOON if stage in (Stage.REVIEW, Stage.CLOSEOUT) else None
    accepted = NOON if stage == Stage.CLOSEOUT else None
    Milestone.objects.filter(pk=milestone.pk).update(
        stage=stage, completed_at=completed, accepted_at=accepted
    )
    milestone.refresh_from_db()
    return milestone


def test_a_checklist_is_a_run_with_score_answers_and_what_was_looked_at(milestone, by):
    link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=MONDAY)

    run = quality.record_checklist(milestone.pk, ONE_NO, notes="Export", by=by, now=NOON)

    run.refresh_from_db()
    assert (run.kind, run.score, run.notes) == (QaKind.CHECKLIST, 80, "Export")
    assert (run.threshold, run.passed) == (100, False)
    assert run.items[0] == {"code": "scope_matches", "passed": False, "note": "The export is missing"}
    assert run.versions == [link.pk]


def test_caveats_may_cost_points_and_no_more(milestone, by):
    told = [*YES[:-1], Answer("caveats_written", False, "None yet")]

    run = quality.record_checklist(milestone.pk, told, by=by, now=NOON)

    run.refresh_from_db()
    assert (run.score, run.threshold, run.passed) == (80, 80, True)


def test_the_last_run_decides_whether_it_has_passed(milestone, by):
    quality.record_checklist(milestone.pk, YES, by=by, now=NOON)
    assert Milestone.objects.get().qa_passed_at == NOON

    quality.record_qa_run(milestone.pk, check_name="Smoke test", score=79, by=by, now=LATER)

    assert Milestone.objects.get().qa_passed_at is None
    assert Pulse.objects.get().qa_slots == [False, True]


def test_an_incomplete_checklist_leaves_nothing(milestone, by):
    with pytest.raises(Refused, match="every item"):
        quality.record_checklist(milestone.pk, YES[1:], by=by, now=NOON)

    assert not QaRun.objects.exists()


@pytest.mark.parametrize("stage", [Stage.REVIEW, Stage.CLOSEOUT])
def test_what_the_client_has_is_not_checked_anew(milestone, by, stage):
    in_stage(milestone, stage)

    with pytest.raises(Refused, match=f"in {stage.label.lower()} takes no QA runs"):
        quality.record_checklist(milestone.pk, YES, by=by, now=NOON)


def test_a_milestone_in_setup_takes_no_runs(studio, by):
    milestone = engagement(by).milestone

    with pytest.raises(Refused, match="Take it into execution first"):
        quality.record_qa_run(milestone.pk, check_name="Smoke test", score=90, by=by, now=NOON)


def test_a_run_names_versions_of_its_own_milestone(milestone, by):
    link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=MONDAY)

    run = quality.record_qa_run(
        milestone.pk, check_name="Smoke test", score=90, versions=[link.pk], by=by, now=NOON
    )

    assert run.versions == [link.pk]
    with pytest.raises(Refused) as refusal:
        quality.record_qa_run(
            milestone.pk, check_name="Smoke test", score=90, versions=[uuid7()], by=by, now=NOON
        )
    assert list(refusal.value.fields) == ["versions"]


def test_a_run_is_one_entry_of_the_journal(milestone, by):
    quality.record_checklist(milestone.pk, YES, by=by, now=NOON)

    assert [event.kind for event in Event.objects.filter(at=NOON)] == ["qa_run.recorded"]


def _codes(milestone: Milestone) -> set[str]:
    return {item.code for item in stages.unmet(milestone, Stage.REVIEW)}


def test_the_gate_to_review_reads_the_checklist(milestone, by):
    asked = {"qa_run", "scope_matches", "assets_checked", "blockers_disclosed", "criteria_evidenced"}
    in_stage(milestone, Stage.QA)
    assert asked <= _codes(milestone)

    quality.record_checklist(milestone.pk, ONE_NO, by=by, now=NOON)
    milestone.refresh_from_db()

    assert asked & _codes(milestone) == {"qa_run", "scope_matches"}


def test_a_pass_before_the_last_change_of_the_output_does_not_count(milestone, by):
    quality.record_checklist(milestone.pk, YES, by=by, now=NOON)
    artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=LATER)
    in_stage(milestone, Stage.QA)

    assert "qa_run" in _codes(milestone)


def test_a_void_run_stays_in_the_history_that_telemetry_reads(milestone, by):
    quality.record_qa_run(milestone.pk, check_name="Smoke test", score=10, by=by, now=NOON)

    artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=LATER)

    assert QaRun.objects.get().voided_at == LATER
    assert Pulse.objects.get().qa_slots == [False]
