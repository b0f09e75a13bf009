"""What Linear sends: how it is verified, and what it says."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from milestones.words import WorkState
from telemetry.providers import Kind, Verdict
from tests.telemetry.providers.says import (
    LINEAR,
    LINEAR_SECRET,
    NOW,
    linear_body,
    linear_events,
    linear_says,
    signed_linear,
)


@pytest.mark.parametrize(
    ("off", "verdict"),
    [
        (timedelta(seconds=60), Verdict.ACCEPTED),
        (timedelta(seconds=-60), Verdict.ACCEPTED),
        (timedelta(seconds=60, milliseconds=1), Verdict.REJECT_STALE),
        (timedelta(seconds=-60, milliseconds=-1), Verdict.REJECT_STALE),
    ],
)
def test_linear_may_be_sixty_seconds_off(off, verdict):
    body = json.dumps(linear_body()).encode()

    assert LINEAR.verify(signed_linear(body), body, [LINEAR_SECRET], NOW + off).verdict == verdict


@pytest.mark.parametrize("sent", ["1794994501000", None, True, [], {}])
def test_linear_time_must_be_a_number(sent):
    assert (
        linear_says(json.dumps(linear_body(webhookTimestamp=sent)).encode()).verdict == Verdict.REJECT_STALE
    )


def test_linear_time_counts_from_the_signed_body_and_not_from_the_header():
    body = json.dumps(linear_body(webhookTimestamp=0)).encode()
    headers = signed_linear(body) | {"Linear-Timestamp": str(int(NOW.timestamp() * 1000))}

    assert LINEAR.verify(headers, body, [LINEAR_SECRET], NOW).verdict == Verdict.REJECT_STALE


@pytest.mark.parametrize("is_refreshed", [True, False])
def test_a_retry_of_an_hour_later_counts_when_linear_refreshes_its_time(is_refreshed):
    later = NOW + timedelta(hours=1)
    sent = later if is_refreshed else NOW
    body = json.dumps(linear_body(webhookTimestamp=int(sent.timestamp() * 1000))).encode()

    check = LINEAR.verify(signed_linear(body), body, [LINEAR_SECRET], later)

    # Linear does not say which it does; where it does not, reconciliation finds what was missed.
    expected = (Verdict.ACCEPTED, "d-1") if is_refreshed else (Verdict.REJECT_STALE, "")
    assert (check.verdict, check.delivery_id) == expected


@pytest.mark.parametrize("bend", [str.upper, lambda s: s[:-1], lambda s: s + "0", lambda s: "ä" + s[1:]])
def test_linear_signature_is_lower_case_hex_of_the_whole_body(bend: Callable[[str], str]):
    body = json.dumps(linear_body()).encode()
    headers = {"Linear-Signature": bend(signed_linear(body)["Linear-Signature"])}

    assert LINEAR.verify(headers, body, [LINEAR_SECRET], NOW).verdict == Verdict.REJECT_SIGNATURE


def test_a_spaced_and_escaped_body_is_verified_as_it_came():
    body = json.dumps(linear_body(data={"title": "Größe ✓"}), indent=3).encode()

    assert b"\\u00f6" in body
    assert linear_says(body).verdict == Verdict.ACCEPTED
    assert LINEAR.parse(signed_linear(body), body, {})[0].title == "Größe ✓"


def test_a_replay_under_a_new_id_keeps_its_key():
    body = json.dumps(linear_body()).encode()
    replayed = signed_linear(body) | {"Linear-Delivery": "d-2"}

    assert LINEAR.verify(replayed, body, [LINEAR_SECRET], NOW).delivery_id == "d-2"
    assert LINEAR.replay_key(replayed, body) == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("sent", [{}, {"Linear-Delivery": ""}, {"Linear-Delivery": "x" * 300}])
def test_a_delivery_without_a_usable_id_is_known_by_its_body(sent):
    body = json.dumps(linear_body()).encode()
    headers = {"Linear-Signature": signed_linear(body)["Linear-Signature"]} | sent

    check = LINEAR.verify(headers, body, [LINEAR_SECRET], NOW)

    assert check.delivery_id == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"action": "create"}, Kind.CREATED),
        ({"action": "remove"}, Kind.DELETED),
        ({"action": "restore"}, Kind.RESTORED),
        ({"updatedFrom": {"stateId": "s", "labelIds": []}}, Kind.STATE_CHANGED),
        ({"updatedFrom": {"labelIds": []}}, Kind.LABELLED),
        ({"updatedFrom": {"dueDate": None}}, Kind.DUE_CHANGED),
        ({"updatedFrom": {"title": "Old"}}, Kind.UPDATED),
        ({"updatedFrom": {"trashed": None}, "data": {"trashed": True}}, Kind.DELETED),
        ({"updatedFrom": {"trashed": True}, "data": {"trashed": None}}, Kind.RESTORED),
    ],
)
def test_linear_says_what_changed(changes, kind):
    assert [event.kind for event in linear_events(**changes)] == [kind]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("triage", WorkState.TODO),
        ("backlog", WorkState.TODO),
        ("unstarted", WorkState.TODO),
        ("started", WorkState.IN_PROGRESS),
        ("completed", WorkState.DONE),
        ("canceled", WorkState.CANCELLED),
        ("duplicate", WorkState.CANCELLED),
        ("invented", None),
    ],
)
def test_linear_state_types_have_a_neutral_word(word, state):
    (event,) = linear_events(data={"state": {"type": word}})

    assert (event.state, event.needs_fetch) == (state, state is None)


@pytest.mark.parametrize("word", ["s-9", "Client review"])
def test_people_may_map_a_state_by_id_or_name(word):
    body = json.dumps(
        linear_body(data={"state": {"id": "s-9", "name": "Client review", "type": "started"}})
    ).encode()

    (event,) = LINEAR.parse(signed_linear(body), body, {word: WorkState.DONE})

    assert event.state == WorkState.DONE


def test_a_removal_is_newer_than_the_last_update():
    (event,) = linear_events(action="remove", data={"updatedAt": "2026-11-01T00:00:00Z"})

    assert event.version_at == datetime(2026, 11, 18, 9, 45, tzinfo=UTC)


def test_linear_fields_are_kept():
    (event,) = linear_events(
        url="https://linear.app/x",
        data={
            "labels": [{"name": "ui"}, {"name": "\u202eb"}, 7],
            "dueDate": "2026-11-27",
            "assignee": {"name": "Tomás"},
        },
    )

    assert event.labels == ("ui", "b")
    assert event.due_on == date(2026, 11, 27)
    assert (event.assignee, event.external_url) == ("Tomás", "https://linear.app/x")


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "IssueSLA", "action": "breached"},
        {"type": "Comment", "action": "update"},
        {"type": "Comment", "action": "create", "data": {"projectUpdateId": "p"}},
        {"type": ["Issue"]},
        {"action": "invented"},
    ],
)
def test_linear_news_about_something_else_is_accepted_and_says_nothing(changes):
    body = json.dumps(linear_body(**changes)).encode()

    assert linear_says(body).verdict == Verdict.ACCEPTED
    assert LINEAR.parse(signed_linear(body), body, {}) == []
