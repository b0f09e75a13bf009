"""The outbox, against a real mail server: at least once, never lost, never by two workers at once."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connections, transaction

from journal import outbox
from journal.actors import SYSTEM, Recipient
from journal.letters import Letter, compose
from journal.models import AccountMail, Delivery, DeliveryAttempt, Event, State
from tenancy.door import inside
from tenancy.refusal import Refused
from tests.factories import MONDAY
from tests.guards.source import ROOT
from tests.journal.post import free_port, office

DAN = Recipient("contact", None, "Dan “Δ” Decider", "dan@client.example")
LETTER = Letter("Forecast moved", "Hello Dan,\nit moved.\n", "<p>It moved.</p>")
MINUTE = timedelta(minutes=1)
LATER = MONDAY + timedelta(days=1)


@pytest.fixture
def post(settings):
    with office() as (server, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        yield server


def _enqueue(studio, *, kind="notice", to=DAN, **more):
    with inside(studio):
        return outbox.enqueue(LETTER, kind=kind, subject=studio, to=to, due_at=MONDAY, **more)


def _send_all(now=MONDAY):
    sent = 0
    while outbox.send_next(now=now):
        sent += 1
    return sent


def _only(studio):
    with inside(studio):
        return Delivery.objects.get()


def _tries(studio):
    with inside(studio):
        return list(DeliveryAttempt.objects.order_by("at", "pk").values_list("outcome", flat=True))


def _let_leases_end():
    """As if the time had passed."""
    with connections["jobs"].cursor() as cursor:
        cursor.execute("UPDATE journal_delivery SET lease_until = now() - interval '1 second'")


def test_a_message_is_sent_once_and_written_down(studio, post):
    _enqueue(studio)

    sent = _send_all()

    delivery, [mail] = _only(studio), post.taken
    assert (sent, delivery.state, delivery.finished_at, delivery.attempts) == (1, State.SENT, MONDAY, 1)
    assert not delivery.possibly_twice
    assert _tries(studio) == ["sent"]
    assert (mail["Subject"], mail["Message-ID"]) == ("Forecast moved", f"<{delivery.pk}@localhost>")
    assert mail["To"].addresses[0].display_name == "Dan “Δ” Decider"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Hello Dan,", "it moved."]


def test_a_thread_is_named_so_that_mail_programs_keep_it_together(studio, post):
    _enqueue(studio, thread_id=studio.pk)

    _send_all()

    assert post.taken[0]["References"] == f"<thread-{studio.pk}@cairn>"


def test_what_is_not_due_waits(studio, post):
    _enqueue(studio)

    assert _send_all(now=MONDAY - timedelta(seconds=1)) == 0
    assert post.taken == []


def test_the_same_intent_is_dropped(studio):
    new = [
        _enqueue(studio) is not None,
        _enqueue(studio) is not None,
        _enqueue(studio, occurrence=2) is not None,
    ]

    assert new == [True, False, True]


def test_an_intent_goes_with_the_change_that_caused_it(studio, post):
    with inside(studio):
        outbox.enqueue(LETTER, kind="notice", subject=studio, to=DAN, due_at=MONDAY)
        transaction.set_rollback(True)

    assert _send_all() == 0
    assert post.taken == []


def test_two_workers_never_send_the_same(studio, post):
    for n in range(20):
        _enqueue(studio, occurrence=n + 1)

    workers = [Thread(target=_work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (len(post.ids()), len(set(post.ids()))) == (20, 20)
    assert _tries(studio) == ["sent"] * 20


def _work():
    _send_all()
    connections.close_all()


def test_who_lost_the_lease_sends_nothing(studio, post):
    _enqueue(studio)
    slow = outbox.claim(Delivery, now=MONDAY)
    _let_leases_end()
    quick = outbox.claim(Delivery, now=MONDAY)
    assert slow
    assert quick

    assert outbox.send(Delivery, slow, now=MONDAY) is None
    assert outbox.send(Delivery, quick, now=MONDAY) is outbox.Ended.SENT
    assert (quick.fence, len(post.taken)) == (slow.fence + 1, 1)


def test_a_held_message_is_not_claimed_again(studio):
    _enqueue(studio)

    assert outbox.claim(Delivery, now=MONDAY)
    assert outbox.claim(Delivery, now=MONDAY) is None


CHILD = """
import django; django.setup()
from datetime import datetime, UTC
from journal import outbox
outbox.send_next(now=datetime(2026, 3, 2, 9, tzinfo=UTC))
"""


@pytest.mark.slow
@pytest.mark.faults
def test_a_worker_killed_while_sending_costs_one_repetition_that_says_so(
    studio, post, settings, fresh_database
):
    _enqueue(studio)
    child = _start_child(fresh_database, settings.EMAIL_PORT)
    post.before_answer = lambda: os.kill(child.pid, signal.SIGKILL)
    assert child.wait(timeout=60) == -signal.SIGKILL
    post.before_answer = lambda: None

    assert _send_all() == 0
    _let_leases_end()
    assert _send_all() == 1

    delivery = _only(studio)
    assert (delivery.state, delivery.possibly_twice, delivery.attempts) == (State.SENT, True, 2)
    assert post.ids() == [f"<{delivery.pk}@localhost>"] * 2
    assert _send_all(now=LATER) == 0


def _start_child(database, port):
    known = {"DJANGO_SETTINGS_MODULE": "config.settings", "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    environment = {**os.environ, **database.environment, **known, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", CHILD], env=environment, cwd=ROOT)


def test_a_line_cut_after_the_message_is_tried_once_more_under_the_same_id(studio, post):
    _enqueue(studio)
    post.cuts_the_line = True
    _send_all()
    broken = _only(studio)
    post.cuts_the_line = False

    _send_all(now=broken.due_at)

    delivery = _only(studio)
    assert (broken.state, broken.possibly_twice) == (State.QUEUED, False)
    assert (delivery.state, delivery.possibly_twice) == (State.SENT, True)
    assert len(set(post.ids())) == 1
    assert _tries(studio) == ["unknown", "sent"]


def test_two_unknown_ends_park_the_message_for_a_person(studio, post):
    _enqueue(studio)
    post.cuts_the_line = True

    for _ in range(3):
        _send_all(now=_only(studio).due_at)

    delivery = _only(studio)
    assert (delivery.state, delivery.last_error) == (State.PARKED, outbox.UNKNOWN_TWICE)
    assert len(post.taken) == 2


def test_a_refusal_after_an_unknown_end_keeps_the_mark(studio, post):
    _enqueue(studio)
    post.cuts_the_line = True
    _send_all()
    post.cuts_the_line, post.answer_data = False, "451 later"
    _send_all(now=LATER)
    post.answer_data = "250 OK"

    _send_all(now=LATER + timedelta(days=1))

    delivery = _only(studio)
    assert (delivery.state, delivery.possibly_twice) == (State.SENT, True)


def test_a_passing_refusal_is_tried_again_after_a_growing_pause(studio, post):
    _enqueue(studio)
    post.answer_data = "451 try again later"
    pauses, now = [], MONDAY

    for _ in outbox.BACKOFF:
        _send_all(now=now)
        pauses.append(_only(studio).due_at - now)
        now = _only(studio).due_at
    _send_all(now=now)

    delivery = _only(studio)
    assert all(base <= pause < base * 1.1 for base, pause in zip(outbox.BACKOFF, pauses, strict=True))
    assert (delivery.state, delivery.last_error) == (
        State.PARKED,
        "The mail server refused it: 451 try again later",
    )
    assert _tries(studio) == ["failed"] * 8


def test_a_final_refusal_is_parked_at_once(studio, post):
    _enqueue(studio)
    post.answer_recipient = "550 no such mailbox"

    _send_all()

    delivery = _only(studio)
    assert (delivery.state, delivery.last_error) == (
        State.PARKED,
        "The mail server refused it: 550 no such mailbox",
    )


def test_a_poisoned_message_is_parked_and_others_flow(studio, post):
    _enqueue(studio, to=Recipient("contact", None, "Dan\nBcc: all@x.example", "dan@client.example"))
    _enqueue(studio, occurrence=2)

    _send_all()

    with inside(studio):
        assert sorted(Delivery.objects.values_list("state", flat=True)) == [State.PARKED, State.SENT]
    assert len(post.taken) == 1


def test_an_absent_server_costs_one_message_one_attempt(studio, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    for n in range(3):
        _enqueue(studio, occurrence=n + 1)

    goes_on = outbox.send_next(now=MONDAY)

    assert goes_on is False
    with inside(studio):
        assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]
        assert set(Delivery.objects.values_list("state", "possibly_twice")) == {(State.QUEUED, False)}


def test_what_has_expired_is_not_sent(studio, post):
    _enqueue(studio, expires_at=MONDAY + MINUTE)

    _send_all(now=MONDAY + MINUTE)

    assert (_only(studio).state, post.taken) == (State.EXPIRED, [])


def test_what_became_moot_is_withdrawn(studio, post):
    _enqueue(studio)
    with inside(studio):
        taken_back = outbox.withdraw(studio, now=MONDAY)

    _send_all()

    assert (taken_back, _only(studio).state, post.taken) == (1, State.WITHDRAWN, [])


def test_only_the_named_kind_is_withdrawn(studio):
    _enqueue(studio, kind="reminder")
    _enqueue(studio, kind="notice")

    with inside(studio):
        assert outbox.withdraw(studio, kind="reminder", now=MONDAY) == 1
        assert Delivery.objects.get(state=State.QUEUED).kind == "notice"


def test_a_message_withdrawn_while_it_left_is_shown_as_sent(studio, post):
    _enqueue(studio)
    post.before_answer = lambda: _elsewhere(_withdraw, studio)

    _send_all()

    assert (_only(studio).state, len(post.taken), _tries(studio)) == (State.SENT, 1, ["sent"])


def _withdraw(studio):
    with inside(studio):
        outbox.withdraw(studio, now=MONDAY)
    connections.close_all()


def _elsewhere(work, *given):
    """In another thread, as another process would."""
    other = Thread(target=work, args=given)
    other.start()
    other.join()


def test_a_parked_message_is_sent_when_replayed(studio, post):
    _enqueue(studio)
    post.answer_recipient = "550 no such mailbox"
    _send_all()
    post.answer_recipient = "250 OK"

    with inside(studio):
        outbox.replay(Delivery.objects.get(), by=SYSTEM, now=LATER)
    _send_all(now=LATER)

    assert (_only(studio).state, len(post.taken)) == (State.SENT, 1)
    with inside(studio):
        assert Event.objects.filter(kind="message.replayed").count() == 1


def test_a_sent_message_is_not_sent_again_on_request(studio, post):
    _enqueue(studio)
    _send_all()

    with pytest.raises(Refused, match="Only a parked or expired"), inside(studio):
        outbox.replay(Delivery.objects.get(), by=SYSTEM, now=LATER)

    assert len(post.taken) == 1


def test_sign_in_mail_goes_first_and_forgets_its_secret(studio, post):
    _enqueue(studio)
    outbox.enqueue_account_mail(
        Letter("Your code", "123456\n", ""), kind="code", address="ada@studio.example", due_at=MONDAY
    )

    _send_all()

    mail = AccountMail.objects.get()
    assert [str(each["Subject"]) for each in post.taken] == ["Your code", "Forecast moved"]
    assert (mail.state, mail.payload) == (State.SENT, {})


def test_plain_letters_hold_no_escapes():
    letter = compose(
        "invitation",
        {
            "workspace": {"name": "Lind & Söhne"},
            "invited_by": "Ada O'Hara",
            "role": "member",
            "expires_at": MONDAY,
            "address": "{link:x}",
        },
    )

    assert letter.subject == "Ada O'Hara invites you to Lind & Söhne"
    assert "Lind &amp; Söhne" in letter.html
    assert "&amp;" not in letter.text
