"""Everything that a stranger could send instead."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.providers import PROVIDERS, Kind, Verdict
from tests.telemetry.providers.says import (
    GENERIC,
    LINEAR,
    LINEAR_SECRET,
    NOW,
    TOKEN,
    generic_body,
    generic_says,
    linear_body,
    linear_says,
    signed_generic,
    signed_linear,
)

HOSTILE = {
    "nothing": (b"", "The body is not JSON."),
    "no JSON": (b"hello", "The body is not JSON."),
    "a form": (b"payload=%7B%7D", "The body is not JSON."),
    "a list": (b"[]", "The body is not a JSON object."),
    "a number": (b"1", "The body is not a JSON object."),
    "deep lists": (b"[" * 200_000, "The JSON is nested too deeply."),
    "closed deep lists": (b'{"a":' + b"[" * 500 + b"]" * 500 + b"}", "The JSON is nested too deeply."),
    "a NUL": (b'{"a":"\\u0000"}', "The JSON holds text that cannot be stored (NUL or half a character)."),
    "a bare NUL": (b'{"a":"\x00"}', "The body is not JSON."),
    "half a character": (
        b'{"\\ud800":1}',
        "The JSON holds text that cannot be stored (NUL or half a character).",
    ),
    "an endless number": (b'{"a":' + b"9" * 200_000 + b"}", "The JSON holds a number that is too large."),
    "an infinite number": (b'{"a":1e999}', "The JSON holds a number that is too large."),
    "no number": (b'{"a":NaN}', "NaN is not JSON."),
    "infinity": (b'{"a":-Infinity}', "-Infinity is not JSON."),
    "a twin": (b'{"a":1,"a":2}', "The JSON names a member twice."),
    "Latin-1": ('{"a":"ü"}'.encode("latin-1"), "The body is not UTF-8."),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "The body is not UTF-8."),
    "a byte order mark": (b"\xef\xbb\xbf{}", "The body is not JSON."),
}


@pytest.mark.parametrize("says", [linear_says, generic_says])
@pytest.mark.parametrize(("body", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_malformed_and_says_why(says, body, sentence):
    check = says(body)

    assert (check.verdict, check.sentence) == (Verdict.MALFORMED, sentence)


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
@pytest.mark.parametrize("body", [body for body, _ in HOSTILE.values()], ids=HOSTILE)
def test_hostile_json_has_no_events(provider, body):
    assert provider.parse({}, body, {}) == []


@pytest.mark.parametrize("body", [body for body, _ in HOSTILE.values()], ids=HOSTILE)
def test_what_is_not_signed_is_not_even_read(body):
    assert LINEAR.verify({}, body, [LINEAR_SECRET], NOW).verdict == Verdict.REJECT_SIGNATURE


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
LINEAR_FIELDS = ["action", "type", "createdAt", "webhookTimestamp", "data", "updatedFrom", "url"]
ISSUE_FIELDS = [
    "id",
    "title",
    "updatedAt",
    "state",
    "url",
    "labels",
    "dueDate",
    "assignee",
    "issue",
    "issueId",
]


@pytest.mark.slow
@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3))
def test_any_bytes_under_any_headers_get_a_verdict(body, headers):
    for provider in PROVIDERS.values():
        assert provider.verify(headers, body, [TOKEN], NOW).verdict == Verdict.REJECT_SIGNATURE
        assert provider.parse(headers, body, {}) == []


@pytest.mark.slow
@given(st.binary(max_size=200))
def test_any_signed_bytes_get_a_verdict(body):
    assert linear_says(body).verdict != Verdict.REJECT_SIGNATURE
    assert generic_says(body).verdict != Verdict.REJECT_SIGNATURE


@pytest.mark.slow
@given(
    st.dictionaries(st.sampled_from(LINEAR_FIELDS), anything, max_size=3),
    st.dictionaries(st.sampled_from(ISSUE_FIELDS), anything, max_size=4),
    st.sampled_from(["Issue", "Comment"]),
)
def test_any_value_in_a_linear_field_gets_a_verdict(outer, inner, kind):
    body = json.dumps(linear_body(type=kind, data=inner) | outer).encode()

    check = linear_says(body)

    assert check.verdict != Verdict.REJECT_SIGNATURE
    assert len(LINEAR.parse(signed_linear(body), body, {})) <= 1


@pytest.mark.slow
@given(
    st.sampled_from(sorted(Kind)),
    st.dictionaries(
        st.sampled_from(
            ["external_id", "url", "title", "state", "previous_state", "assignee", "labels", "due_on"]
        ),
        anything,
        max_size=4,
    ),
)
def test_any_value_in_a_generic_field_gets_a_verdict(kind, fields):
    body = generic_body(f"workitem.{kind}", **fields)

    check = generic_says(body)

    assert check.verdict in {Verdict.ACCEPTED, Verdict.MALFORMED}
    assert (check.verdict == Verdict.ACCEPTED) == (len(GENERIC.parse(signed_generic(body), body, {})) == 1)
