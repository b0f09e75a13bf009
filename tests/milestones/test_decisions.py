"""Answers: by the link, recorded from another channel, refused by name, taken back."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from structlog.testing import capture_logs

from journal.models import Delivery, Event
from milestones.actions import decisions, followers, requests
from milestones.actions.milestone import change_milestone
from milestones.models import Comment, Contact, Decision, DecisionRequest, Milestone
from milestones.words import ApprovalChannel, RequestKind, RequestState, Stage
from tenancy.door import inside
from tenancy.refusal import Refused
from tests.factories import milestone_in_execution, milestone_in_review
from tests.milestones.asking import FRIDAY, LATER, answer, asked, away, by_link, mails, pending


def refused(*args, **kwargs):
    with pytest.raises(Refused) as refusal:
        answer(*args, **kwargs)
    return refusal.value


def by_mail(by, **changes):
    """A question that is agreed to be answered by e-mail."""
    milestone = milestone_in_execution(by)
    Milestone.objects.filter(pk=milestone.pk).update(approval_channel=ApprovalChannel.EMAIL)
    milestone.refresh_from_db()
    return asked(milestone, by, **changes)


def noted(request, by, **changes):
    said = {
        "option": "vendor",
        "name": "Dan Decider",
        "channel": ApprovalChannel.EMAIL,
        "evidence": "Mail of 2 March, 10:12: “We wait.”",
        **changes,
    }
    return decisions.record(request.pk, **said, by=by, now=LATER)


def test_an_answer_is_kept_with_name_time_and_what_was_shown(studio, by):
    request = asked(milestone_in_execution(by), by)

    decision = answer(request, "without", name=" Daniel Decider ", comment="The figures can wait.")

    request.refresh_from_db()
    assert (decision.name, decision.option, decision.at) == ("Daniel Decider", "without", LATER)
    assert (decision.shown_digest, decision.channel) == (request.shown_digest, ApprovalChannel.LINK)
    assert (decision.by_kind, decision.by_id) == ("contact", request.approver_id)
    assert (request.state, request.ended_at, request.remind_at) == (RequestState.DECIDED, LATER, None)


def test_an_answer_is_journalled_once_and_its_words_apart(studio, by):
    request = asked(milestone_in_execution(by), by)

    decision = answer(request, "vendor", comment="We wait.")

    event = Event.objects.get(kind="decision.made")
    body = json.loads(event.body)
    assert (event.subject_id, event.thread_id) == (decision.pk, request.milestone_id)
    assert body["data"]["digest"] == request.shown_digest
    assert body["data"]["subject_id"] == str(request.subject_id)
    assert "We wait." not in event.body
    assert event.personal.get().content["comment"] == "We wait."


def test_the_decider_gets_a_receipt_with_the_journals_hash_and_the_owner_the_news(studio, by):
    request = asked(milestone_in_execution(by), by)

    answer(request, "vendor")

    event = Event.objects.get(kind="decision.made")
    receipt = Delivery.objects.get(kind="decision_receipt")
    assert receipt.address == "dan@client.example"
    assert bytes(event.hash).hex() in receipt.payload["text"]
    assert request.shown_digest in receipt.payload["text"]
    assert "Wait for the vendor" in receipt.payload["text"]
    assert [address for address, _ in mails("decision_made")] == ["ada@studio.example"]


def test_a_late_answer_still_counts(studio, by):
    request = asked(milestone_in_execution(by), by)

    decision = answer(request, "vendor", now=FRIDAY + timedelta(days=30))

    assert decision.at > request.decide_by


def test_a_second_answer_reads_who_gave_the_first_and_changes_nothing(studio, by):
    request = asked(milestone_in_execution(by), by)
    answer(request, "vendor")

    refusal = refused(request, "without")

    assert refusal.code == "already_decided"
    assert str(refusal) == "Dan Decider decided this on 02 Mar 2026 at 11:00 UTC: Wait for the vendor."
    assert Decision.objects.get(request=request).option == "vendor"


def test_each_state_that_takes_no_answer_has_its_own_refusal(studio, by):
    milestone = milestone_in_execution(by)
    withdrawn, replaced = asked(milestone, by), asked(milestone, by)
    requests.withdraw(withdrawn.pk, "The vendor has delivered.", by=by, now=LATER)
    requests.replace(replaced.pk, decide_by=FRIDAY, by=by, now=LATER)

    said = [refused(withdrawn, "vendor"), refused(replaced, "vendor")]

    assert [refusal.code for refusal in said] == ["withdrawn", "replaced"]
    assert "The vendor has delivered." in str(said[0])
    assert not Decision.objects.exists()


def test_only_the_approver_or_the_delegate_answers(studio, by):
    request = asked(milestone_in_execution(by), by)
    carla = Contact.objects.get(email="carla@client.example")

    refusal = refused(request, "vendor", contact=carla)

    assert refusal.code == "not_the_approver"
    assert "Dan Decider" in str(refusal)


def test_a_delegate_who_was_handed_the_question_answers_it(studio, by):
    request = asked(milestone_in_execution(by), by)
    carla = Contact.objects.get(email="carla@client.example")
    away(by)
    requests.delegate(request.pk, to=carla, by=by, now=LATER)

    decision = answer(request, "vendor", contact=carla)

    assert decision.contact == carla
    receipts = [address for address, _ in mails("decision_receipt")]
    assert receipts == ["carla@client.example", "dan@client.example"]


def test_an_answer_of_the_delegate_is_recorded_in_their_name(studio, by):
    request = by_mail(by)
    away(by)
    requests.delegate(request.pk, by=by, now=LATER)
    carla = Contact.objects.get(email="carla@client.example")

    assert noted(request, by, contact=carla, name="Carla Client").contact == carla


def test_an_approver_who_was_replaced_decides_nothing_any_more(studio, by):
    milestone = milestone_in_execution(by)
    request = asked(milestone, by)
    carla = Contact.objects.get(email="carla@client.example")
    Milestone.objects.filter(pk=milestone.pk).update(approver=carla)

    assert refused(request, "vendor").code == "approver_replaced"


def test_somebody_who_is_asked_no_more_reads_nothing_of_the_answer(studio, by):
    request = asked(milestone_in_execution(by), by)
    answer(request, "vendor")
    carla = Contact.objects.get(email="carla@client.example")

    assert refused(request, "without", contact=carla).code == "not_the_approver"


def test_nothing_is_decided_about_a_closed_milestone(studio, by):
    milestone = milestone_in_execution(by)
    request = asked(milestone, by)
    request.milestone.stage = Stage.CLOSED

    assert decisions.why_closed(request, contact=request.approver).code == "milestone_closed"


def test_no_change_is_decided_about_a_completed_milestone(studio, by):
    milestone = milestone_in_execution(by)
    request = asked(milestone, by, kind=RequestKind.CHANGE)
    request.milestone.completed_at = LATER

    assert decisions.why_closed(request, contact=request.approver).code == "milestone_completed"


def test_nothing_is_decided_in_an_archived_project(studio, by):
    milestone = milestone_in_execution(by)
    request = asked(milestone, by)
    type(milestone.project).objects.update(archived_at=LATER)

    assert refused(request, "vendor").code == "project_archived"


def test_an_answer_to_what_has_changed_since_is_refused(studio, by):
    milestone = milestone_in_review(by)
    request = pending(milestone)
    change_milestone(milestone.pk, {"name": "Dashboard for the whole team"}, by=by, now=LATER)

    refusal = refused(request)

    assert refusal.code == "changed_meanwhile"
    request.refresh_from_db()
    assert request.state == RequestState.PENDING


def test_an_answer_bound_to_another_page_is_refused(studio, by):
    request = asked(milestone_in_execution(by), by)

    assert refused(request, "vendor", digest="0" * 64).code == "changed_meanwhile"


def test_the_owner_learns_once_that_the_question_must_be_asked_anew(studio, by):
    request = asked(milestone_in_execution(by), by)
    refusal = refused(request, "vendor", digest="0" * 64)

    for _ in range(2):
        decisions.note_refusal(
            request.pk, refusal, contact=request.approver, by=by_link(request.approver), now=LATER
        )

    assert [address for address, _ in mails("decision_outdated")] == ["ada@studio.example"]
    assert Event.objects.filter(kind="decision.refused").count() == 2


@pytest.mark.parametrize(
    ("option", "changes", "field"),
    [
        ("approved", {"name": "  "}, "name"),
        ("perhaps", {}, "option"),
        ("", {}, "option"),
        ("needs_revisions", {"comment": " "}, "comment"),
        ("blocked_by_dependency", {}, "comment"),
    ],
)
def test_an_answer_that_is_not_complete_names_what_is_missing(studio, by, option, changes, field):
    request = pending(milestone_in_review(by))

    refusal = refused(request, option, **changes)

    assert (refusal.code, list(refusal.fields)) == ("invalid", [field])
    assert not Decision.objects.exists()


@pytest.mark.parametrize("channel", ApprovalChannel)
def test_a_member_cannot_decide_where_the_link_is_agreed(studio, by, channel):
    request = asked(milestone_in_execution(by), by)

    with pytest.raises(Refused) as refusal:
        noted(request, by, channel=channel)

    assert refusal.value.code == "other_channel"
    assert "only Dan Decider" in str(refusal.value)


def test_a_client_cannot_record_for_the_team(studio, by):
    request = by_mail(by)

    with pytest.raises(Refused) as refusal:
        noted(request, by_link(request.approver))

    assert refusal.value.code == "not_a_member"


def test_an_answer_by_the_agreed_channel_is_recorded_with_its_evidence(studio, by):
    request = by_mail(by)

    decision = noted(request, by)

    assert (decision.channel, decision.by_name) == (ApprovalChannel.EMAIL, "Ada Agency")
    receipt = Delivery.objects.get(kind="decision_receipt")
    assert "Mail of 2 March" in receipt.payload["text"]


@pytest.mark.parametrize(
    ("changes", "field"), [({"evidence": "  "}, "evidence"), ({"channel": "meeting"}, "channel")]
)
def test_a_record_without_evidence_or_from_elsewhere_is_refused(studio, by, changes, field):
    request = by_mail(by)

    with pytest.raises(Refused) as refusal:
        noted(request, by, **changes)

    assert list(refusal.value.fields) == [field]


def test_where_another_channel_is_agreed_the_link_decides_nothing(studio, by):
    request = by_mail(by)

    assert refused(request, "vendor").code == "other_channel"


def test_the_wrong_person_says_so_and_the_question_still_waits(studio, by):
    request = asked(milestone_in_execution(by), by)
    dan = request.approver

    comment = decisions.wrong_person(
        request.pk, comment="Ask Carla, she owns the budget.", contact=dan, by=by_link(dan), now=LATER
    )

    request.refresh_from_db()
    assert request.state == RequestState.PENDING
    assert Comment.objects.get() == comment
    assert Event.objects.filter(kind="decision.wrong_person").count() == 1
    assert [address for address, _ in mails("decision_wrong_person")] == ["ada@studio.example"]


def test_a_decision_is_never_changed(studio, by):
    decision = answer(asked(milestone_in_execution(by), by), "vendor")

    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(option="without")


def test_a_mistake_is_taken_back_by_another_entry_and_the_client_is_told(studio, by):
    decision = answer(asked(milestone_in_execution(by), by), "vendor")

    entry = decisions.countermand(decision.pk, reason="That was about 1.2.", by=by, now=LATER)

    request = DecisionRequest.objects.get(pk=decision.request_id)
    assert (entry.countermands, entry.evidence) == (decision, "That was about 1.2.")
    assert (request.state, request.end_reason) == (RequestState.COUNTERMANDED, "That was about 1.2.")
    assert Event.objects.filter(kind="decision.countermanded").count() == 1
    assert [address for address, _ in mails("decision_countermanded")] == ["dan@client.example"]
    assert refused(request, "without").code == "countermanded"


def test_a_decision_is_countermanded_once_and_with_a_reason(studio, by):
    decision = answer(asked(milestone_in_execution(by), by), "vendor")

    with pytest.raises(Refused) as silent, inside(studio):
        decisions.countermand(decision.pk, reason=" ", by=by, now=LATER)
    entry = decisions.countermand(decision.pk, reason="Wrong project.", by=by, now=LATER)
    with pytest.raises(Refused) as again:
        decisions.countermand(decision.pk, reason="Once more.", by=by, now=LATER)
    with pytest.raises(Refused) as of_itself:
        decisions.countermand(entry.pk, reason="Back again.", by=by, now=LATER)

    assert list(silent.value.fields) == ["reason"]
    assert [again.value.code, of_itself.value.code] == ["not_standing", "not_standing"]


def test_an_acceptance_that_is_countermanded_takes_the_milestone_back_into_review(studio, by):
    milestone = milestone_in_review(by)
    decision = answer(pending(milestone))

    decisions.countermand(decision.pk, reason="Dan clicked the wrong one.", by=by, now=LATER)

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.accepted_at) == (Stage.REVIEW, None)


def test_after_close_a_decision_stands(studio, by):
    milestone = milestone_in_execution(by)
    decision = answer(asked(milestone, by), "vendor")
    words = {"open_dependencies": "none", "next_move_owner": "Carla"}
    Milestone.objects.filter(pk=milestone.pk).update(
        stage=Stage.CLOSED, outcome="changed_via_scope", closed_at=LATER, **words
    )

    with pytest.raises(Refused) as refusal:
        decisions.countermand(decision.pk, reason="Too late.", by=by, now=LATER)

    assert refusal.value.code == "closed"


@pytest.fixture
def breaking_follower(monkeypatch):
    """An app above that renames the milestone, and then breaks the database's transaction."""

    def follow(decision, *, now):
        Milestone.objects.filter(pk=decision.request.milestone_id).update(name="Half done")
        Decision.objects.filter(pk=decision.pk).update(workspace_id=None)

    monkeypatch.setattr(followers, "_followers", [])
    followers.follow_decisions(follow)


def test_a_decision_stands_when_what_follows_it_fails(studio, by, breaking_follower):
    request = asked(milestone_in_execution(by), by)
    name = request.milestone.name

    with capture_logs() as lines:
        decision = answer(request, "vendor")

    assert [(line["event"], line["decision_id"]) for line in lines] == [
        ("decision.not_followed", str(decision.pk))
    ]
    assert Decision.objects.get(request=request).option == "vendor"
    assert Delivery.objects.filter(kind="decision_receipt").count() == 1
    assert Milestone.objects.get(pk=request.milestone_id).name == name


def test_another_client_does_not_stand_in(studio, by):
    request = asked(milestone_in_execution(by), by)
    elsewhere = milestone_in_execution(by, account_name="Southwind", project_name="Other").approver

    with pytest.raises(Refused, match="Only the delegate of Dan Decider"):
        requests.delegate(request.pk, to=elsewhere, by=by, now=LATER)
