"""Comments decide nothing; an ask among them becomes a change request."""

import pytest

from journal.models import Event
from milestones.actions import comments
from milestones.models import ChangeRequest, Comment, Contact
from milestones.words import RequestState, Stage
from tenancy.refusal import Refused
from tests.factories import milestone_in_execution, milestone_in_review
from tests.milestones.asking import LATER, by_link, mails, pending


def said(milestone, text, *, by, **about):
    return comments.add(milestone.pk, text=text, by=by, now=LATER, **about)


def test_praise_leaves_the_review_open(studio, by):
    milestone = milestone_in_review(by)
    request = pending(milestone)
    dan = request.approver

    comment = said(milestone, "Looks great!", request=request, contact=dan, by=by_link(dan))

    request.refresh_from_db()
    milestone.refresh_from_db()
    assert (request.state, milestone.stage) == (RequestState.PENDING, Stage.REVIEW)
    assert (comment.contact, comment.by_name, comment.at) == (dan, "Dan Decider", LATER)


def test_a_clients_words_go_to_the_review_owner_and_the_teams_do_not(studio, by):
    milestone = milestone_in_execution(by)
    carla = Contact.objects.get(email="carla@client.example")

    said(milestone, "The second figure is off.", contact=carla, by=by_link(carla))
    said(milestone, "Seen, thank you.", by=by)

    assert mails("comment_added") == [
        ("ada@studio.example", f"Carla Client commented on {milestone.code} {milestone.name}")
    ]
    assert Event.objects.filter(kind="comment.added", thread_id=milestone.pk).count() == 2


def test_words_are_kept_apart_from_the_journals_chain(studio, by):
    said(milestone_in_execution(by), "A private remark.", by=by)

    event = Event.objects.get(kind="comment.added")

    assert "private" not in event.body
    assert event.personal.get().content["text"] == "A private remark."


def test_an_empty_comment_is_refused(studio, by):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        said(milestone, " \n", by=by)

    assert list(refusal.value.fields) == ["text"]


def test_an_ask_goes_into_the_queue_once(studio, by):
    milestone = milestone_in_execution(by)
    carla = Contact.objects.get(email="carla@client.example")
    comment = said(milestone, "Could you add\na PDF export?", contact=carla, by=by_link(carla))

    queued = comments.queue(comment.pk, by=by, now=LATER)

    with pytest.raises(Refused) as refusal:
        comments.queue(comment.pk, by=by, now=LATER)
    assert (queued.title, queued.asked_by) == ("Could you add a PDF export?", "Carla Client")
    assert (queued.source, queued.source_id) == ("comment", comment.pk)
    assert ChangeRequest.objects.get() == queued
    assert Comment.objects.get().change_request_id == queued.pk
    assert refusal.value.code == "queued"
