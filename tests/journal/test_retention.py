"""What the outbox forgets: what ended long ago, with its attempts, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from journal import outbox
from journal.actors import SYSTEM, Recipient
from journal.letters import Letter
from journal.models import AccountMail, Delivery, DeliveryAttempt, Event, State
from journal.retention import ACCOUNT_MAILS_KEPT, forget
from journal.tasks import forget_messages
from tenancy.door import inside
from tests import factories

pytestmark = pytest.mark.slow

NOW = datetime(2100, 3, 1, 12, tzinfo=UTC)  # later than any message that a test can make
KEPT_SINCE = NOW - settings.MESSAGES_KEPT
A_MOMENT = timedelta(microseconds=1)
LONG_AGO = KEPT_SINCE - timedelta(days=900)
LETTER = Letter("Forecast moved", "It moved.\n", "<p>It moved.</p>")
DAN = Recipient("contact", None, "Dan Decider", "dan@client.example")


def intended(workspace, *, number=1):
    with inside(workspace):
        return outbox.enqueue(
            LETTER, kind="notice", subject=workspace, to=DAN, due_at=LONG_AGO, occurrence=number
        )


def ended(workspace, *, at, state=State.SENT, number=1):
    """A message that ended at a moment, after two attempts."""
    pk = intended(workspace, number=number)
    with inside(workspace):
        Delivery.objects.filter(pk=pk).update(state=state, finished_at=at)
        for outcome in ("failed", "sent"):
            DeliveryAttempt.objects.create(delivery_id=pk, at=at, outcome=outcome)
    return pk


def kept(workspace):
    with inside(workspace):
        tries = DeliveryAttempt.objects.order_by("delivery_id").distinct("delivery_id")
        return set(Delivery.objects.values_list("pk", flat=True)), set(
            tries.values_list("delivery_id", flat=True)
        )


def test_a_message_is_kept_for_its_time_to_the_moment(studio):
    ended(studio, at=KEPT_SINCE - A_MOMENT, number=1)
    stays = ended(studio, at=KEPT_SINCE, number=2)

    gone = forget(now=NOW)

    assert (gone, kept(studio)) == (1, ({stays}, {stays}))


@pytest.mark.parametrize("state", sorted(set(State) - {State.QUEUED}))
def test_however_it_ended_it_goes_with_its_attempts(studio, state):
    ended(studio, at=LONG_AGO, state=state)

    gone = forget(now=NOW)

    assert (gone, kept(studio)) == (1, (set(), set()))


def test_what_still_waits_stays_however_old(studio):
    waiting = intended(studio)

    gone = forget(now=NOW)

    assert (gone, kept(studio)[0]) == (0, {waiting})


def test_it_goes_in_batches_from_every_workspace(studio, monkeypatch):
    there = factories.workspace(factories.person("bo@studio.example"), slug="there")
    monkeypatch.setattr("journal.retention.AT_ONCE", 2)
    for number in range(5):
        ended(studio, at=LONG_AGO, number=number)
        ended(there, at=LONG_AGO, number=number)

    gone = forget(now=NOW)

    assert (gone, kept(studio), kept(there)) == (10, (set(), set()), (set(), set()))


def test_the_journal_keeps_its_story(studio):
    pk = ended(studio, at=LONG_AGO, state=State.PARKED)
    with inside(studio):
        outbox.replay(Delivery.objects.get(pk=pk), by=SYSTEM, now=LONG_AGO)
        Delivery.objects.filter(pk=pk).update(state=State.SENT, finished_at=LONG_AGO)

    forget(now=NOW)

    with inside(studio):
        assert Event.objects.filter(subject_id=pk).values_list("kind", flat=True).get() == "message.replayed"


def test_a_message_that_was_forgotten_counts_as_told(studio):
    pk = ended(studio, at=LONG_AGO)

    forget(now=NOW)

    with inside(studio):
        assert outbox.is_committed(pk)


def test_sign_in_mails_go_sooner(fresh_database):
    mails = [
        AccountMail.objects.create(
            address="ada@studio.example",
            kind="reset",
            payload={},
            due_at=LONG_AGO,
            state=State.SENT,
            finished_at=at,
        )
        for at in (NOW - ACCOUNT_MAILS_KEPT - A_MOMENT, NOW - ACCOUNT_MAILS_KEPT)
    ]

    gone = forget(now=NOW)

    assert (gone, list(AccountMail.objects.all())) == (1, mails[1:])


def test_the_hourly_task_leaves_what_is_young(studio):
    pk = ended(studio, at=timezone.now() - settings.MESSAGES_KEPT / 2)

    forget_messages()

    assert kept(studio)[0] == {pk}
