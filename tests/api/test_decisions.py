"""Asking the client by machine: rounds, what the team may record, and what only the client decides."""

from datetime import timedelta

import pytest
from django.utils import timezone

from milestones.actions.reviews import end_open
from milestones.models import Comment, Decision, DecisionRequest, Milestone
from milestones.words import ApprovalChannel, Outcome
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import answer, asked
from tests.plugins.scenes import scene


@scene
def in_review(studio, by):
    with inside(studio):
        return factories.milestone_in_review(by)


@scene
def in_qa(studio, by):
    with inside(studio):
        milestone = factories.milestone_in_qa(by)
        factories.checklist_run(milestone)
        return milestone


def question(**changes):
    decide_by = timezone.now() + timedelta(days=3)
    said = {"ask": "acceptance", "question": "Do you accept the dashboard?", "caveats": "none"}
    return {**said, "decide_by": decide_by.isoformat(), **changes}


def prepared(caller, milestone, **changes):
    return caller.post(f"milestones/{milestone.pk}/reviews", question(**changes))


def test_a_round_is_prepared_sent_and_waits_for_the_client(caller, in_qa):
    review = prepared(caller, in_qa).json()

    sent = caller.post(f"reviews/{review['id']}/send")

    request = caller.get(f"decision-requests/{review['request_id']}").json()
    assert (sent.status_code, sent.json()["outcome"]) == (200, "")
    assert (request["state"], request["kind"]) == ("pending", "review")
    assert [option["code"] for option in request["options"]] == [
        "approved",
        "needs_revisions",
        "blocked_by_dependency",
    ]
    assert "link_id" not in request
    assert caller.get(f"milestones/{in_qa.pk}").json()["stage"] == "review"


def test_a_closed_gate_lists_what_is_unmet_and_is_journalled(caller, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_qa(by)
    review = prepared(caller, milestone).json()

    refused = caller.post(f"reviews/{review['id']}/send")

    told = caller.get("events", {"kind": "milestone.move_refused"}).json()["results"]
    assert refused.status_code == 409
    assert "qa_run" in [item["code"] for item in refused.json()["unmet"]]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"question": "Let me know what you think"}, "question"),
        ({"decide_by": "2026-03-02T09:00:00Z"}, "decide_by"),
        ({"ask": "choice"}, "ask"),
        ({"ask": "dependency_decision"}, "options"),
        ({"reviewer_ids": ["0197d2a5-0000-7000-8000-000000000000"]}, "reviewer_ids"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_field(caller, in_qa, changes, field):
    refused = prepared(caller, in_qa, **changes)

    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])


def test_nobody_decides_for_the_client_where_the_link_is_agreed(caller, in_review, studio):
    with inside(studio):
        review = in_review.reviews.get()
    said = {"option": "approved", "name": "Dan Decider", "evidence": "Call of 3 March"}

    answers = [
        caller.post(f"{door}/record-decision", {**said, "channel": channel})
        for door in (f"reviews/{review.pk}", f"decision-requests/{review.request_id}")
        for channel in ApprovalChannel.values
    ]

    with inside(studio):
        assert not Decision.objects.exists()
    assert {answer.status_code for answer in answers} == {400}


def test_an_answer_by_the_agreed_channel_is_recorded(caller, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        Milestone.objects.filter(pk=milestone.pk).update(approval_channel=ApprovalChannel.MEETING)
        milestone.refresh_from_db()
        request = asked(milestone, by)
    said = {"option": "vendor", "name": "Dan Decider", "channel": "meeting", "evidence": "Minutes of 3 March"}

    recorded = caller.post(f"decision-requests/{request.pk}/record-decision", said)

    assert (recorded.status_code, recorded.json()["evidence"]) == (201, "Minutes of 3 March")
    assert caller.get(f"decision-requests/{request.pk}").json()["state"] == "decided"


def test_a_decision_is_countermanded_by_another_entry(caller, studio, by):
    with inside(studio):
        decision = answer(asked(factories.milestone_in_execution(by), by), "vendor")

    entry = caller.post(f"decisions/{decision.pk}/countermand", {"reason": "Wrong milestone."})

    assert (entry.status_code, entry.json()["countermands_id"]) == (201, str(decision.pk))
    assert len(caller.get("decisions").json()["results"]) == 2


def test_a_question_is_replaced_and_taken_back(caller, studio, by):
    with inside(studio):
        request = asked(factories.milestone_in_execution(by), by)
    later = (timezone.now() + timedelta(days=5)).isoformat()

    newer = caller.post(f"decision-requests/{request.pk}/replace", {"decide_by": later}).json()
    gone = caller.post(f"decision-requests/{newer['id']}/withdraw", {"reason": "Moot."}).json()

    former = caller.get(f"decision-requests/{request.pk}").json()
    assert (former["state"], former["replaced_by_id"]) == ("replaced", newer["id"])
    assert (gone["state"], gone["end_reason"]) == ("withdrawn", "Moot.")


def test_an_absence_names_who_decides_meanwhile(caller, in_execution, studio):
    dan, carla = str(in_execution.approver_id), str(in_execution.owner_client_id)
    days = {"absent_from": "2026-03-02", "absent_until": "2026-03-20"}

    away = caller.post(f"contacts/{dan}/absence", {**days, "delegate_id": carla})
    back = caller.post(f"contacts/{dan}/absence", {})

    assert (away.status_code, away.json()["delegate_id"]) == (200, carla)
    assert (back.json()["absent_from"], back.json()["delegate_id"]) == (None, None)


def test_a_comment_goes_into_the_queue(caller, in_execution, studio):
    comment = caller.post(f"milestones/{in_execution.pk}/comments", {"text": "Add a PDF export"}).json()

    queued = caller.post(f"comments/{comment['id']}/queue", {})

    assert (queued.status_code, queued.json()["title"]) == (201, "Add a PDF export")
    with inside(studio):
        assert str(Comment.objects.get().change_request_id) == queued.json()["id"]


def test_an_ended_round_has_its_outcome_in_the_list(caller, in_review, studio, by):
    with inside(studio):
        milestone = Milestone.objects.get(pk=in_review.pk)
        end_open(milestone, Outcome.SCOPE, note="The scope has changed.", by=by, now=MONDAY)

    found = caller.get("reviews", {"is_open": "false"}).json()["results"]

    assert [row["outcome"] for row in found] == ["changed_via_scope"]
    with inside(studio):
        assert DecisionRequest.objects.get().state == "withdrawn"
