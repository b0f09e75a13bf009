"""The way through the stages and back, by the actions that take it."""

from datetime import timedelta

import pytest

from journal.models import Event
from milestones.actions.milestone import change_criterion
from milestones.actions.stages import journal_refusal, move, output_changed, reset, unmet
from milestones.models import DecisionRequest, Milestone, QaRun, Review
from milestones.words import Outcome, RequestState, ResetCause, Stage
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tenancy.saving import locked
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)


def stored(milestone):
    return Milestone.objects.get(pk=milestone.pk)


def codes(milestone, to):
    return [item.code for item in unmet(stored(milestone), to)]


def test_what_is_not_shown_yet_stays_in_execution(studio, by):
    milestone = factories.milestone_in_execution(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        move(milestone.pk, Stage.QA, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["output_artifact", "evidence"]
    assert stored(milestone).stage == Stage.EXECUTION


def test_a_criterion_that_is_said_not_to_be_met_lets_the_milestone_into_qa(studio, by):
    milestone = factories.milestone_in_execution(by)
    factories.artifact(milestone)
    for criterion in milestone.criteria.all():
        change_criterion(criterion.pk, {"is_met": False}, by=by, now=LATER)

    moved = move(milestone.pk, Stage.QA, by=by, now=LATER)

    assert (moved.stage, moved.completed_at) == (Stage.QA, None)


def test_an_artifact_that_was_removed_or_only_helps_is_no_output(studio, by):
    milestone = factories.milestone_in_execution(by)
    factories.artifact(milestone)
    helping = factories.artifact(milestone)
    milestone.artifacts.exclude(pk=helping.pk).update(removed_at=LATER)
    milestone.artifacts.filter(pk=helping.pk).update(is_output=False)

    assert "output_artifact" in codes(milestone, Stage.QA)


def test_review_asks_for_check_and_request(studio, by):
    milestone = factories.milestone_in_qa(by)

    assert codes(milestone, Stage.REVIEW) == [
        "qa_run",
        "scope_matches",
        "assets_checked",
        "blockers_disclosed",
        "criteria_evidenced",
        "review_request",
    ]


def test_an_open_blocker_is_disclosed_or_stops_the_step(studio, by):
    milestone = factories.milestone_cleared(by)
    Milestone.objects.filter(pk=milestone.pk).update(blocked_since=MONDAY)
    closed = codes(milestone, Stage.REVIEW)

    DecisionRequest.objects.update(caveats="The export waits for credentials.")

    assert (closed, codes(milestone, Stage.REVIEW)) == (["blocker_caveats"], [])


def test_review_completes_the_milestone_and_sends_what_was_prepared(studio, by):
    milestone = factories.milestone_cleared(by)

    moved = move(milestone.pk, Stage.REVIEW, by=by, now=LATER)

    assert (moved.stage, moved.completed_at) == (Stage.REVIEW, LATER)
    assert DecisionRequest.objects.get().state == RequestState.PENDING


def test_no_plain_step_accepts_or_closes(studio, by):
    milestone = factories.milestone_in_review(by)

    for to in (Stage.CLOSEOUT, Stage.CLOSED):
        with pytest.raises(Refused) as refusal, inside(studio):
            move(milestone.pk, to, by=by, now=LATER)
        assert refusal.value.code == "own_door"


def test_a_return_takes_back_what_was_passed_and_asked(studio, by):
    milestone = factories.milestone_in_review(by)

    move(milestone.pk, Stage.EXECUTION, reason="The filter is wrong.", by=by, now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.completed_at, milestone.qa_passed_at) == (Stage.EXECUTION, None, None)
    assert (milestone.resets, milestone.decide_by) == (0, None)
    assert Review.objects.get().outcome == Outcome.NEEDS_REVISIONS
    assert DecisionRequest.objects.get().state == RequestState.WITHDRAWN
    assert QaRun.objects.get().void_reason == "The filter is wrong."
    assert Event.objects.filter(kind="milestone.returned", thread_id=milestone.pk).count() == 1


def test_going_back_needs_a_reason(studio, by):
    milestone = factories.milestone_in_qa(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        move(milestone.pk, Stage.EXECUTION, by=by, now=LATER)

    assert list(refusal.value.fields) == ["reason"]


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (ResetCause.OUTPUT_CHANGED, Outcome.NEEDS_REVISIONS),
        (ResetCause.REWORK, Outcome.NEEDS_REVISIONS),
        (ResetCause.DEPENDENCY_MISSING, Outcome.BLOCKED),
    ],
)
def test_a_reset_counts_and_ends_the_round(studio, by, cause, outcome):
    milestone = factories.milestone_in_review(by)

    reset(milestone.pk, cause, "The feed is gone.", by=by, now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.resets, milestone.completed_at) == (Stage.EXECUTION, 1, None)
    assert Review.objects.get().outcome == outcome
    assert QaRun.objects.get().voided_at == LATER


def test_a_reset_from_qa_keeps_the_question_that_is_only_prepared(studio, by):
    milestone = factories.milestone_cleared(by)

    reset(milestone.pk, ResetCause.REWORK, "A refactoring.", by=by, now=LATER)

    assert Review.objects.get().ended_at is None
    assert DecisionRequest.objects.get().state == RequestState.DRAFT


@pytest.mark.parametrize("make", [factories.milestone_in_execution, factories.milestone_in_closeout])
def test_only_what_is_in_qa_or_review_is_reset(studio, by, make):
    milestone = make(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        reset(milestone.pk, ResetCause.REWORK, "Why not.", by=by, now=LATER)

    assert refusal.value.code == "no_such_step"


def test_setup_has_nothing_to_return_to(studio, by):
    milestone = factories.engagement(by).milestone

    with pytest.raises(Refused, match="has not begun"), inside(studio):
        reset(milestone.pk, ResetCause.REWORK, "Why not.", by=by, now=LATER)


def test_whoever_resets_second_is_told(studio, by):
    milestone = factories.milestone_in_qa(by)

    with pytest.raises(Stale), inside(studio):
        reset(milestone.pk, ResetCause.REWORK, "Rework.", by=by, now=LATER, expected=milestone.version - 1)


@pytest.mark.parametrize(
    ("make", "stage", "resets"),
    [
        (factories.milestone_in_execution, Stage.EXECUTION, 0),
        (factories.milestone_in_qa, Stage.QA, 0),
        (factories.milestone_cleared, Stage.EXECUTION, 1),
        (factories.milestone_in_review, Stage.EXECUTION, 1),
    ],
)
def test_an_output_that_changes_after_a_pass_resets_by_itself(studio, by, make, stage, resets):
    milestone = make(by)

    output_changed(locked(Milestone, milestone.pk), "Dashboard, version 2", by=by, now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.resets, milestone.output_changed_at) == (stage, resets, LATER)
    assert not QaRun.objects.filter(voided_at=None).exists()
    assert Event.objects.filter(kind="milestone.reset").count() == resets


def test_after_a_reset_the_way_leads_through_check_and_review_again(studio, by):
    milestone = factories.milestone_in_review(by)
    reset(milestone.pk, ResetCause.REWORK, "Rework.", by=by, now=LATER)

    move(milestone.pk, Stage.QA, by=by, now=LATER)

    assert codes(milestone, Stage.REVIEW)[0] == "qa_run"


def test_needs_revisions_ends_the_round_never_the_milestone(studio, by):
    milestone = factories.milestone_in_review(by)

    factories.answer(milestone, "needs_revisions", now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.outcome, milestone.resets) == (Stage.EXECUTION, "", 0)
    assert Review.objects.get().outcome == Outcome.NEEDS_REVISIONS


def test_a_refused_step_is_journalled_with_the_codes_that_were_shown(studio, by):
    milestone = factories.milestone_in_execution(by)
    with pytest.raises(Refused) as refusal, inside(studio):
        move(milestone.pk, Stage.QA, by=by, now=LATER)

    journal_refusal(milestone, Stage.QA, refusal.value, by=by, now=LATER)

    assert '"unmet":["output_artifact","evidence"]' in Event.objects.get(kind="milestone.move_refused").body
