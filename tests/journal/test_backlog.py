"""After an outage: one message for each member instead of many, and what is urgent by itself and first."""

from datetime import timedelta

import pytest
from django.db import connection
from structlog.testing import capture_logs

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal import outbox
from journal.actors import Recipient
from journal.backlog import LATE, ask_before_sending
from journal.letters import Letter
from journal.models import Delivery, DeliveryAttempt, State
from milestones.models import Contact
from telemetry.actions.findings import tell_signals
from telemetry.sweeps.heartbeat import check_due
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.journal.post import office
from workspaces.models import User

pytestmark = pytest.mark.slow
ADA = Recipient("user", None, "Ada Agency", "ada@studio.example")
BEN = Recipient("user", None, "Ben Builder", "ben@studio.example")
DAN = Recipient("contact", None, "Dan Decider", "dan@client.example")
TUESDAY = MONDAY + timedelta(days=1)
BACK = MONDAY + LATE  # mail can leave again
SIGNED = "\n-- \nSent by Cairn.\n"


@pytest.fixture
def post(settings):
    with office() as (server, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        yield server


def wrote(studio, *, to=ADA, kind="comment_added", count=1, due_at=MONDAY) -> None:
    with inside(studio):
        for _ in range(count):
            place = Delivery.objects.count()
            text = f"About {kind} {place}.\n\nOpen it:\nhttp://localhost:8000/w/studio/{place}/\n{SIGNED}"
            letter = Letter(f"{kind} {place}", text, f"<p>{kind}</p>")
            outbox.enqueue(letter, kind=kind, subject=studio, to=to, due_at=due_at, occurrence=place + 1)


def escalated(studio, *, to_client: bool) -> None:
    """A blocker that has stood for a day, and is taken to the client's stakeholder or to the founder."""
    with inside(studio):
        by = factories.actor(User.objects.get())
        milestone = factories.milestone_in_execution(by)
        if not to_client:
            Contact.objects.update(authorities=[])
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
    check_due(now=TUESDAY)
    tell_signals(now=TUESDAY)


def send_all(now=BACK) -> None:
    while outbox.send_next(now=now):
        pass


def states(studio) -> dict[str, int]:
    with inside(studio):
        found = list(Delivery.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}


def told(post) -> list[tuple[str, str]]:
    return [(mail["To"].addresses[0].addr_spec, str(mail["Subject"])) for mail in post.taken]


def test_what_waited_long_leaves_as_one_message_for_each_member(studio, post):
    wrote(studio, count=4)
    wrote(studio, to=BEN, count=3)

    send_all()

    assert told(post) == [
        ("ada@studio.example", "4 messages that waited"),
        ("ben@studio.example", "3 messages that waited"),
    ]
    assert states(studio) == {State.DIGESTED: 7, State.SENT: 2}


def test_a_digest_holds_every_text_and_what_waited_longest_first(studio, post):
    wrote(studio, due_at=MONDAY + timedelta(minutes=1))
    wrote(studio, count=2)

    send_all(BACK + timedelta(minutes=1))

    text = post.taken[0].get_body(("plain",)).get_content()
    assert text.count("Sent by Cairn") == 1
    places = [text.index(f"comment_added {place}.") for place in (1, 2, 0)]
    assert places == sorted(places)
    assert [text.count(f"http://localhost:8000/w/studio/{place}/") for place in range(3)] == [1, 1, 1]
    assert 'href="http://localhost:8000/w/studio/1/"' in post.taken[0].get_body(("html",)).get_content()


@pytest.mark.parametrize(("count", "now"), [(2, BACK), (5, BACK - timedelta(seconds=1))])
def test_few_messages_and_those_that_hardly_waited_leave_as_they_are(studio, post, count, now):
    wrote(studio, count=count)

    send_all(now)

    assert told(post) == [("ada@studio.example", f"comment_added {place}") for place in range(count)]


def test_each_message_to_a_client_leaves_by_itself(studio, post):
    wrote(studio, to=DAN, kind="notice", count=5)

    send_all()

    assert told(post) == [("dan@client.example", f"notice {place}") for place in range(5)]


def test_attempts_that_failed_long_ago_count_as_waiting(studio, post):
    wrote(studio, count=3)
    post.answer_recipient = "451 later"
    send_all(MONDAY)
    post.answer_recipient = "250 OK"

    send_all()

    assert told(post) == [("ada@studio.example", "3 messages that waited")]


def test_a_message_that_may_have_left_is_not_told_again(studio, post):
    wrote(studio, count=4)
    post.cuts_the_line = True
    outbox.send_next(now=MONDAY)
    post.cuts_the_line = False

    send_all()

    assert sorted(told(post)[1:]) == [
        ("ada@studio.example", "3 messages that waited"),
        ("ada@studio.example", "comment_added 0"),
    ]


def test_an_escalation_leaves_before_what_has_waited_longer(studio, post):
    wrote(studio, to=DAN, kind="notice")
    escalated(studio, to_client=True)

    send_all(TUESDAY)

    assert told(post) == [
        ("dan@client.example", "1.1 Onboarding dashboard published is held up: No logo"),
        ("dan@client.example", "notice 0"),
    ]


def test_an_escalation_to_a_member_waits_in_no_digest_behind_older_mail(studio, post):
    wrote(studio, to=DAN, kind="notice")
    wrote(studio, count=2, due_at=TUESDAY)
    escalated(studio, to_client=False)

    send_all(TUESDAY + LATE)

    assert [subject for _, subject in told(post)] == [
        "1.1 Onboarding dashboard published is held up: No logo",
        "notice 0",
        "comment_added 1",
        "comment_added 2",
    ]


def test_what_waits_beside_an_escalation_is_put_together_without_it(studio, post):
    wrote(studio, count=3, due_at=TUESDAY)
    escalated(studio, to_client=False)

    send_all(TUESDAY + LATE)

    assert [subject for _, subject in told(post)] == [
        "1.1 Onboarding dashboard published is held up: No logo",
        "3 messages that waited",
    ]


def test_a_digest_that_fails_is_tried_again_and_stays_one(studio, post):
    wrote(studio, count=3)
    post.answer_recipient = "451 later"
    send_all()
    post.answer_recipient = "250 OK"

    send_all(BACK + timedelta(hours=2))

    assert told(post) == [("ada@studio.example", "3 messages that waited")]
    with inside(studio):
        digest = Delivery.objects.get(kind="digest")
        assert list(DeliveryAttempt.objects.filter(delivery=digest).values_list("outcome", flat=True)) == [
            "failed",
            "sent",
        ]


def _fails(_pk, _now):
    raise ValueError("Nobody knows")


def _fails_in_the_database(_pk, _now):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@pytest.mark.parametrize("holds", [_fails, _fails_in_the_database])
def test_what_cannot_be_asked_still_leaves_and_so_does_what_waits_behind_it(studio, post, holds):
    ask_before_sending({"doubtful": holds})
    wrote(studio, kind="doubtful")
    wrote(studio, to=DAN, kind="notice")

    with capture_logs() as lines:
        send_all(MONDAY)

    assert told(post) == [("ada@studio.example", "doubtful 0"), ("dan@client.example", "notice 1")]
    assert [(line["kind"], line["log_level"]) for line in lines if line["event"] == "outbox.not_asked"] == [
        ("doubtful", "error")
    ]


def test_nothing_of_another_workspace_is_put_together(studio, post):
    other = factories.workspace(factories.person("b@studio.example"), slug="other")
    wrote(studio, count=2)
    wrote(other, count=2)

    send_all()

    assert len(told(post)) == 4
