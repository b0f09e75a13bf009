"""What the generic source sends: how it is verified, and what it says."""

import hashlib
import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from milestones.words import WorkState
from telemetry.providers import Kind, Verdict
from tests.telemetry.providers.says import (
    GENERIC,
    GENERIC_SECRET,
    NOW,
    TOKEN,
    generic_body,
    generic_events,
    generic_says,
    signed_generic,
)


@pytest.mark.parametrize(
    ("off", "verdict"),
    [
        (300, Verdict.ACCEPTED),
        (-300, Verdict.ACCEPTED),
        (301, Verdict.REJECT_STALE),
        (-301, Verdict.REJECT_STALE),
    ],
)
def test_the_generic_source_may_be_five_minutes_off(off, verdict):
    body = generic_body()

    check = GENERIC.verify(signed_generic(body), body, [GENERIC_SECRET], NOW + timedelta(seconds=off))

    assert check.verdict == verdict


def test_what_the_reference_library_signs_is_accepted():
    body = generic_body()
    signature = Webhook(GENERIC_SECRET).sign("msg_7", NOW, body.decode())
    headers = {
        "webhook-id": "msg_7",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": f"v1,bm9uc2Vuc2U= v1a,xx {signature}",
    }

    check = GENERIC.verify(headers, body, [GENERIC_SECRET], NOW)

    assert (check.verdict, check.delivery_id, check.weaker) == (Verdict.ACCEPTED, "msg_7", False)
    assert GENERIC.replay_key(headers, body) is None


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
@pytest.mark.parametrize("value", ["", "x y", "-1", "1e9", "٣", "msg_2"])
def test_id_and_time_are_part_of_the_signature(name, value):
    body = generic_body()

    check = GENERIC.verify(signed_generic(body) | {name: value}, body, [GENERIC_SECRET], NOW)

    assert check.verdict == Verdict.REJECT_SIGNATURE


def test_a_bearer_token_is_accepted_and_marked_weaker():
    body = generic_body()
    headers = {"Authorization": f"Bearer {TOKEN}"}

    check = GENERIC.verify(headers, body, [GENERIC_SECRET, TOKEN], NOW)

    assert (check.verdict, check.weaker) == (Verdict.ACCEPTED, True)
    assert check.delivery_id == GENERIC.replay_key(headers, body) == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("sent", ["", TOKEN, f"bearer {TOKEN}", "Bearer ", f"Bearer {GENERIC_SECRET}"])
def test_a_signing_secret_or_half_a_token_opens_nothing(sent):
    check = GENERIC.verify({"Authorization": sent}, generic_body(), [GENERIC_SECRET, TOKEN, ""], NOW)

    assert check.verdict == Verdict.REJECT_SIGNATURE


def test_a_wrong_signature_is_not_saved_by_a_right_token():
    body = generic_body()
    headers = signed_generic(body + b" ") | {"Authorization": f"Bearer {TOKEN}"}

    assert GENERIC.verify(headers, body, [GENERIC_SECRET, TOKEN], NOW).verdict == Verdict.REJECT_SIGNATURE


@pytest.mark.parametrize("kind", sorted(Kind))
def test_the_generic_source_knows_every_kind(kind):
    assert [event.kind for event in generic_events(f"workitem.{kind}")] == [kind]


def test_a_generic_comment_changes_no_state():
    assert generic_events("workitem.commented", state="done")[0].state is None


def test_people_may_map_their_own_words():
    (event,) = generic_events(
        "workitem.state_changed", {"In Arbeit": WorkState.IN_PROGRESS}, state="In Arbeit"
    )

    assert (event.state, event.needs_fetch) == (WorkState.IN_PROGRESS, False)


def test_a_word_that_nobody_mapped_asks_for_a_look():
    (event,) = generic_events("workitem.state_changed", state="In Arbeit")

    assert (event.state, event.needs_fetch) == (None, True)


def test_text_is_cleaned_and_cut_and_a_script_is_no_address():
    (event,) = generic_events(
        "workitem.updated", title="a\u202eb\r\n" + "x" * 600, url="javascript:alert(1)", assignee="\x1b[31m"
    )

    assert event.title is not None
    assert (len(event.title), event.title[:5]) == (500, "a b x")
    assert (event.external_url, event.assignee) == (None, "[31m")


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("workitem.created", {"external_id": None}, "`external_id` is missing"),
        ("workitem.created", {"external_id": "x" * 201}, "`external_id` is missing"),
        ("workitem.created", {"external_id": True}, "`external_id` is missing"),
        ("workitem.state_changed", {"state": None}, "`state` is missing"),
    ],
)
def test_a_generic_item_without_its_essentials_is_malformed(kind, data, sentence):
    check = generic_says(generic_body(kind, **data))

    assert check.verdict == Verdict.MALFORMED
    assert check.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("2026-11-18", "`timestamp` is missing or no time with a zone (RFC 3339)."),
        ("2026-11-18T09:45:00", "`timestamp` is missing or no time with a zone (RFC 3339)."),
        ("0001-01-01T00:00:00+14:00", "`timestamp` is missing or no time with a zone (RFC 3339)."),
        (1794995100, "`timestamp` is missing or no time with a zone (RFC 3339)."),
        ("2026-11-19T09:45:02Z", "The event's time lies more than a day in the future."),
    ],
)
def test_a_time_that_cannot_order_events_is_malformed(at, sentence):
    item = {"type": "workitem.created", "timestamp": at, "data": {"external_id": 7}}

    check = generic_says(json.dumps(item).encode())

    assert (check.verdict, check.sentence) == (Verdict.MALFORMED, sentence)
