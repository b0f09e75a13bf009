"""Rounds of review: prepared in QA, sent through the gate, ended in exactly one outcome."""

import pytest

from journal.models import Event
from milestones.actions import comments, conclusions, decisions, reviews, stages
from milestones.actions.returns import reset
from milestones.models import Contact, DecisionRequest, Milestone, Review, Reviewer
from milestones.queries.decisions import is_to_be_closed
from milestones.words import Ask, Outcome, RequestState, ResetCause, Stage
from tenancy.door import inside
from tenancy.refusal import Refused
from tests.factories import (
    MONDAY,
    checklist_run,
    milestone_cleared,
    milestone_in_execution,
    milestone_in_qa,
    milestone_in_review,
)
from tests.milestones.asking import FRIDAY, LATER, answer, by_link, mails, pending
from workspaces.models import Link, Purpose

EITHER = [
    {"code": "needs_revisions", "label": "Go live without the sync", "consequence": "We take it out."},
    {"code": "blocked_by_dependency", "label": "Wait for our vendor", "consequence": "We pause."},
]


def prepared(milestone, by, *, now=MONDAY, **changes):
    content = {
        "ask": Ask.ACCEPTANCE,
        "question": "Do you accept the dashboard?",
        "caveats": "none",
        "decide_by": FRIDAY,
        **changes,
    }
    return reviews.prepare(milestone.pk, **content, by=by, now=now)


def carla():
    return Contact.objects.get(email="carla@client.example")


def codes(milestone):
    return [item.code for item in reviews.unmet(milestone)]


def again_in_review(milestone, by):
    """Through the gate once more, after revisions."""
    stages.move(milestone.pk, Stage.QA, by=by, now=LATER)
    checklist_run(milestone, now=LATER)
    review = prepared(milestone, by, now=LATER)
    return conclusions.send(review.pk, by=by, now=LATER)


def test_a_round_is_prepared_and_rewritten_before_it_is_sent(studio, by):
    milestone = milestone_in_qa(by)
    first = prepared(milestone, by)

    again = prepared(milestone, by, question="Do you accept the dashboard as it is?")

    assert again == first
    assert (again.number, again.counts, again.ended_at) == (1, True, None)
    assert DecisionRequest.objects.get().question == "Do you accept the dashboard as it is?"


def test_a_review_is_prepared_in_qa(studio, by):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused, match="is in execution"):
        prepared(milestone, by)


def test_the_gate_asks_for_an_explicit_request_with_caveats_and_a_route(studio, by):
    milestone = milestone_in_qa(by)
    nothing = codes(milestone)
    prepared(milestone, by, caveats=" ", reviewers=[carla()])

    assert nothing == ["review_request"]
    assert codes(milestone) == ["caveats", "feedback_route"]


def test_once_the_route_is_agreed_the_request_lacks_nothing(studio, by):
    milestone = milestone_in_qa(by)
    type(milestone.project).objects.update(feedback_route="Carla collects, by mail to Ada.")
    milestone = Milestone.objects.get(pk=milestone.pk)

    prepared(milestone, by, reviewers=[carla()])

    assert codes(milestone) == []


def test_sending_takes_the_milestone_through_the_gate_and_sets_its_decide_by(studio, by):
    milestone = milestone_cleared(by)

    review = conclusions.send(Review.objects.get().pk, by=by, now=LATER)

    milestone.refresh_from_db()
    request = pending(milestone)
    assert (milestone.stage, milestone.decide_by) == (Stage.REVIEW, request.decide_by)
    assert review.request == request
    assert Event.objects.filter(kind="review.sent").count() == 1


def test_a_closed_gate_sends_nothing(studio, by):
    milestone = milestone_in_qa(by)
    review = prepared(milestone, by)

    with pytest.raises(Refused) as refusal, inside(studio):
        conclusions.send(review.pk, by=by, now=LATER)

    assert "qa_run" in [item.code for item in refusal.value.unmet]
    assert mails("decision_request") == []


def test_reviewers_are_invited_on_links_of_their_own_and_decide_nothing(studio, by):
    milestone = milestone_in_qa(by)
    type(milestone.project).objects.update(feedback_route="Carla collects.")
    checklist_run(milestone)
    review = prepared(Milestone.objects.get(pk=milestone.pk), by, reviewers=[carla()])

    conclusions.send(review.pk, by=by, now=LATER)

    reviewer = Reviewer.objects.get()
    link = Link.objects.get(pk=reviewer.link_id)
    assert (link.purpose, link.subject_id, reviewer.invited_at) == (Purpose.REVIEW, reviewer.pk, LATER)
    assert [address for address, _ in mails("review_invitation")] == ["carla@client.example"]
    comments.add(milestone.pk, text="Fine by me.", contact=carla(), by=by_link(carla()), now=LATER)
    reviewer.refresh_from_db()
    assert reviewer.answered_at == LATER
    assert pending(milestone).state == RequestState.PENDING


def test_only_others_of_the_same_client_are_reviewers(studio, by):
    milestone = milestone_in_qa(by)
    elsewhere = milestone_in_execution(by, account_name="Southwind", project_name="Other").approver

    for wrong in (milestone.approver, elsewhere):
        with pytest.raises(Refused) as refusal, inside(studio):
            prepared(milestone, by, reviewers=[wrong])
        assert list(refusal.value.fields) == ["reviewers"]


def test_acceptance_in_the_round_that_counts_accepts_the_milestone(studio, by):
    milestone = milestone_in_review(by)

    answer(pending(milestone))

    milestone.refresh_from_db()
    review = milestone.reviews.get()
    assert (milestone.stage, milestone.accepted_at, milestone.decide_by) == (Stage.CLOSEOUT, LATER, None)
    assert (review.outcome, review.ended_at) == (Outcome.APPROVED, LATER)


def test_acceptance_before_the_round_that_counts_leaves_the_milestone_in_review(studio, by):
    milestone = milestone_cleared(by)
    Milestone.objects.filter(pk=milestone.pk).update(accepting_round=2)
    Review.objects.update(counts=False)
    stages.move(milestone.pk, Stage.REVIEW, by=by, now=MONDAY)

    answer(pending(milestone))
    second = prepared(milestone, by, now=LATER)
    conclusions.send(second.pk, by=by, now=LATER)

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.accepted_at) == (Stage.REVIEW, None)
    assert (second.number, second.counts) == (2, True)
    answer(pending(milestone))
    milestone.refresh_from_db()
    assert milestone.stage == Stage.CLOSEOUT


def test_revisions_end_the_round_and_send_the_milestone_back_to_work(studio, by):
    milestone = milestone_in_review(by)

    answer(pending(milestone), "needs_revisions", comment="Two figures are missing.")

    milestone.refresh_from_db()
    review = milestone.reviews.get()
    assert (milestone.stage, milestone.outcome) == (Stage.EXECUTION, "")
    assert (review.outcome, review.note) == (Outcome.NEEDS_REVISIONS, "Two figures are missing.")


def test_the_next_round_has_the_next_number(studio, by):
    milestone = milestone_in_review(by)
    answer(pending(milestone), "needs_revisions", comment="Two figures are missing.")

    review = again_in_review(milestone, by)

    assert (review.number, review.outcome) == (2, "")


def test_a_dependency_ends_the_round_and_somebody_is_to_close_the_milestone(studio, by):
    milestone = milestone_in_review(by)

    answer(pending(milestone), "blocked_by_dependency", comment="Our vendor has no date.")

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.decide_by) == (Stage.REVIEW, None)
    assert milestone.reviews.get().outcome == Outcome.BLOCKED
    assert list(Milestone.objects.filter(is_to_be_closed())) == [milestone]


def test_an_earlier_rounds_answer_takes_no_later_acceptance_back(studio, by):
    milestone = milestone_in_qa(by)
    Milestone.objects.filter(pk=milestone.pk).update(accepting_round=2)
    checklist_run(milestone)
    conclusions.send(prepared(milestone, by).pk, by=by, now=MONDAY)
    first = answer(pending(milestone))
    conclusions.send(prepared(milestone, by, now=LATER).pk, by=by, now=LATER)
    answer(pending(milestone))

    decisions.countermand(first.pk, reason="Dan meant another round.", by=by, now=LATER)

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.accepted_at) == (Stage.CLOSEOUT, LATER)


def test_a_review_that_is_sent_again_still_discloses_its_caveats(studio, by):
    milestone = milestone_in_review(by)
    reviews.withdraw(milestone.reviews.get().pk, "A caveat was missing.", by=by, now=LATER)
    again = prepared(milestone, by, now=LATER, caveats=" ")

    with pytest.raises(Refused) as refusal:
        conclusions.send(again.pk, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["caveats"]


def test_a_dependency_decision_has_two_answers_of_its_own(studio, by):
    milestone = milestone_in_qa(by)
    checklist_run(milestone)
    question = "Do you go live without the sync, or wait?"
    review = prepared(milestone, by, ask=Ask.DEPENDENCY, question=question, options=EITHER)
    conclusions.send(review.pk, by=by, now=MONDAY)

    answer(pending(milestone), "needs_revisions", comment="Take the sync out.")

    milestone.refresh_from_db()
    assert milestone.stage == Stage.EXECUTION


def test_no_answer_in_free_words_accepts_the_milestone(studio, by):
    milestone = milestone_in_qa(by)
    free = {"code": "approved", "label": "Go live without the sync", "consequence": "We pause nothing."}

    with pytest.raises(Refused) as refusal:
        prepared(milestone, by, ask=Ask.DEPENDENCY, question="Do you go live?", options=[free, EITHER[1]])

    assert list(refusal.value.fields) == ["options"]


def test_a_dependency_decision_without_answers_is_refused(studio, by):
    milestone = milestone_in_qa(by)

    with pytest.raises(Refused) as refusal:
        prepared(milestone, by, ask=Ask.DEPENDENCY, question="Do you go live without the sync, or wait?")

    assert list(refusal.value.fields) == ["options"]


def test_a_withdrawn_question_leaves_the_round_open_for_another(studio, by):
    milestone = milestone_in_review(by)
    review = milestone.reviews.get()

    reviews.withdraw(review.pk, "A caveat was missing.", by=by, now=LATER)
    again = prepared(milestone, by, now=LATER, caveats="The export is slow.")
    conclusions.send(again.pk, by=by, now=LATER)

    assert again == review
    assert pending(milestone).caveats == "The export is slow."


def test_a_round_where_nothing_is_asked_has_nothing_to_take_back(studio, by):
    milestone = milestone_in_review(by)
    review = milestone.reviews.get()
    reviews.withdraw(review.pk, "A caveat was missing.", by=by, now=LATER)

    with pytest.raises(Refused, match="Nothing is asked"):
        reviews.withdraw(review.pk, "Again.", by=by, now=LATER)


def test_a_reset_ends_the_round_and_withdraws_its_question(studio, by):
    milestone = milestone_in_review(by)
    request = pending(milestone)

    reset(milestone.pk, ResetCause.REWORK, "The import was rewritten.", by=by, now=LATER)

    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN
    assert milestone.reviews.get().outcome == Outcome.NEEDS_REVISIONS
    assert Milestone.objects.get(pk=milestone.pk).decide_by is None


def test_a_round_that_was_not_sent_waits_for_the_next_gate(studio, by):
    milestone = milestone_cleared(by)

    reset(milestone.pk, ResetCause.REWORK, "The import was rewritten.", by=by, now=LATER)

    review = milestone.reviews.get()
    assert (review.ended_at, review.request.state) == (None, RequestState.DRAFT)
