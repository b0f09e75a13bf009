"""Notices: what the client is owed to be told."""

from datetime import timedelta

import pytest

from journal import outbox
from journal.models import Delivery, Event, State
from milestones.actions import notices
from milestones.models import Contact, Notice
from milestones.words import NoticeKind, NoticeState
from tenancy.refusal import Refused, Stale
from tests.factories import MONDAY, milestone_in_execution
from tests.plugins.scenes import scene

LATER = MONDAY + timedelta(hours=1)


@scene
def milestone(studio, by):
    return milestone_in_execution(by)


def _message(milestone, **more):
    return {
        "project": milestone.project,
        "milestone": milestone,
        "subject": milestone,
        "title": "The date moved",
        "body": "It moved to Friday.\n\nWe found more rows than agreed.",
        **more,
    }


def _owe(milestone, by, **more):
    return notices.owe(NoticeKind.DATE_MOVE, **_message(milestone, **more), by=by, now=MONDAY)


def _draft(milestone, by, **more):
    return notices.draft(NoticeKind.MISS, **_message(milestone, **more), by=by, now=MONDAY)


def _nobody(milestone):
    Contact.objects.filter(pk=milestone.owner_client_id).update(email="")
    milestone.refresh_from_db()


def _end(notice, state, error=""):
    Delivery.objects.filter(pk=notice.delivery_id).update(state=state, finished_at=LATER, last_error=error)


def _kinds():
    return list(
        Event.objects.filter(kind__startswith="notice.").order_by("seq").values_list("kind", flat=True)
    )


def test_an_owed_notice_is_on_its_way_at_once_to_the_clients_owner(milestone, by):
    notice = _owe(milestone, by)

    delivery = Delivery.objects.get(pk=notice.delivery_id)
    assert (notice.state, notice.sent_at, notice.number) == (NoticeState.SENT, MONDAY, 1)
    assert (delivery.address, delivery.thread_id) == ("carla@client.example", milestone.pk)
    assert delivery.payload["subject"] == "The date moved"
    assert _kinds() == ["notice.sent"]


def test_the_same_cause_is_told_once(milestone, by):
    first = _owe(milestone, by, occurrence="2026-03-13")

    again = _owe(milestone, by, occurrence="2026-03-13", title="Other words")
    other = _owe(milestone, by, occurrence="2026-03-20")

    assert (again.pk, again.title) == (first.pk, "The date moved")
    assert other.number == 2
    assert Delivery.objects.count() == 2


def test_the_mail_says_what_it_is_about_in_both_forms(milestone, by):
    notice = _owe(milestone, by)

    payload = Delivery.objects.get(pk=notice.delivery_id).payload
    for form in ("text", "html"):
        assert "Hello Carla Client," in payload[form]
        assert "We found more rows than agreed." in payload[form]
        assert "Onboarding dashboard published" in payload[form]


def test_a_draft_waits_and_can_be_changed(milestone, by):
    notice = _draft(milestone, by)

    changed = notices.revise(notice.pk, {"title": "We missed the date"}, by=by, now=LATER, expected=1)
    sent = notices.send(notice.pk, body="Sorry.", by=by, now=LATER, expected=changed.version)

    assert notice.state == NoticeState.DRAFT
    assert (sent.state, sent.title, sent.body) == (NoticeState.SENT, "We missed the date", "Sorry.")
    assert _kinds() == ["notice.drafted", "notice.revised", "notice.sent"]


def test_a_draft_that_somebody_changed_is_not_sent_unread(milestone, by):
    notice = _draft(milestone, by)
    notices.revise(notice.pk, {"title": "We missed the date"}, by=by, now=LATER)

    with pytest.raises(Stale):
        notices.send(notice.pk, by=by, now=LATER, expected=1)


def test_what_was_sent_is_neither_changed_nor_sent_again(milestone, by):
    notice = _owe(milestone, by)

    with pytest.raises(Refused, match="Only a draft can be changed"):
        notices.revise(notice.pk, {"title": "x"}, by=by, now=LATER)
    with pytest.raises(Refused, match="is not sent twice"):
        notices.send(notice.pk, by=by, now=LATER)


def test_without_an_address_the_client_is_not_informed(milestone, by):
    _nobody(milestone)

    notice = _owe(milestone, by)

    assert (notice.state, notice.problem) == (NoticeState.BOUNCED, notices.NOBODY)
    assert not Delivery.objects.exists()
    assert _kinds() == ["notice.bounced"]


def test_without_an_owner_or_approver_the_decision_maker_reads_it(milestone, by):
    dan = Contact.objects.get(email="dan@client.example")
    message = {**_message(milestone), "milestone": None}

    notice = notices.owe(NoticeKind.DATE_MOVE, **message, by=by, now=MONDAY)

    assert notice.recipient == dan


def test_a_sent_message_is_a_delivered_notice(milestone, by):
    notice = _owe(milestone, by)
    _end(notice, State.SENT)

    followed = notices.follow(notice.pk, now=LATER)

    assert (followed.state, followed.delivered_at) == (NoticeState.DELIVERED, LATER)
    assert _kinds() == ["notice.sent", "notice.delivered"]


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (State.PARKED, "The message could not be delivered: 550 no such user"),
        (State.EXPIRED, "The message waited too long and was not sent any more."),
        (State.WITHDRAWN, "The message was withdrawn before it left."),
    ],
)
def test_a_message_that_failed_is_a_client_not_informed(milestone, by, state, problem):
    notice = _owe(milestone, by)
    _end(notice, state, "550 no such user")

    followed = notices.follow(notice.pk, now=LATER)

    assert (followed.state, followed.problem) == (NoticeState.BOUNCED, problem)


def test_following_twice_changes_nothing_more(milestone, by):
    notice = _owe(milestone, by)
    _end(notice, State.SENT)
    notices.follow(notice.pk, now=LATER)

    notices.follow(notice.pk, now=LATER)

    assert _kinds() == ["notice.sent", "notice.delivered"]


def test_what_did_not_arrive_is_sent_again_to_a_mended_address(milestone, by):
    notice = _owe(milestone, by)
    _end(notice, State.PARKED)
    notices.follow(notice.pk, now=LATER)
    Contact.objects.filter(pk=notice.recipient_id).update(email="carla@new.example")

    again = notices.send(notice.pk, by=by, now=LATER)

    assert (again.state, again.problem) == (NoticeState.SENT, "")
    assert Delivery.objects.get(pk=again.delivery_id).address == "carla@new.example"


def test_the_client_is_told_another_way(milestone, by):
    _nobody(milestone)
    notice = _owe(milestone, by)

    told = notices.told_otherwise(notice.pk, how="By phone, Carla, at 10:30", by=by, now=LATER)

    assert (told.told_otherwise, told.told_otherwise_at) == ("By phone, Carla, at 10:30", LATER)
    with pytest.raises(Refused, match="told another way already"):
        notices.send(notice.pk, by=by, now=LATER)


def test_how_the_client_was_told_must_be_said(milestone, by):
    _nobody(milestone)
    notice = _owe(milestone, by)

    with pytest.raises(Refused, match="Say how") as refused:
        notices.told_otherwise(notice.pk, how=" ", by=by, now=LATER)

    assert list(refused.value.fields) == ["how"]


def test_moot_notices_are_taken_back_before_they_leave(milestone, by):
    draft, waiting = _draft(milestone, by), _owe(milestone, by)
    left = _owe(milestone, by, occurrence="left")
    _end(left, State.SENT)

    assert notices.withdraw(milestone.pk, now=LATER) == 2

    states = dict(Notice.objects.values_list("pk", "state"))
    assert states == {
        draft.pk: NoticeState.WITHDRAWN,
        waiting.pk: NoticeState.WITHDRAWN,
        left.pk: NoticeState.SENT,
    }
    assert Delivery.objects.get(pk=waiting.delivery_id).state == State.WITHDRAWN


def test_a_replayed_message_brings_its_bounced_notice_back(milestone, by):
    notice = _owe(milestone, by)
    _end(notice, State.PARKED, "The mail server refused it: 550")
    assert notices.follow(notice.pk, now=LATER).state == NoticeState.BOUNCED

    notices.replay(Delivery.objects.get(pk=notice.delivery_id), by=by, now=LATER)

    notice.refresh_from_db()
    assert (notice.state, notice.bounced_at, notice.problem) == (NoticeState.SENT, None, "")
    assert _kinds() == ["notice.sent", "notice.bounced", "notice.sent"]


def test_a_parked_message_counts_until_somebody_replays_it(milestone, by):
    notice = _owe(milestone, by)
    _end(notice, State.PARKED)

    outbox.replay(Delivery.objects.get(pk=notice.delivery_id), by=by, now=LATER)

    assert notices.follow(notice.pk, now=LATER).state == NoticeState.SENT
