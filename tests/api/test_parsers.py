"""JSON that other parsers take, change or choke on."""

import json
import time

import pytest
from rest_framework.exceptions import ParseError

from api.parsers import loads

HOSTILE = {
    "not UTF-8": b'{"name": "\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "cut off": b'{"name": "x"',
    "nothing": b"",
    "two values": b"{} {}",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": -Infinity}',
    "a float beyond all": b'{"name": 1e999}',
    "a number of 5000 digits": b'{"name": ' + b"9" * 5000 + b"}",
    "a name twice": b'{"name": "x", "name": "y"}',
    "NUL": b'{"name": "a\\u0000b"}',
    "NUL in a name": b'{"a\\u0000b": 1}',
    "half a surrogate pair": b'{"name": "\\ud83d"}',
    "half a surrogate pair as a name twice": b'{"\\ud83d": 1, "\\ud83d": 2}',
    "deep": b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}",
    "deeper than the stack": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_refused_with_a_sentence_within_a_second(caller, raw):
    started = time.monotonic()

    response = caller.post("accounts", raw)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"].endswith((".", "more."))
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("value", [{}, [], "é 😀", 0, -1, 1.5, 10**17, {"a": [{"b": None}]}, True])
def test_ordinary_json_is_taken_as_it_is(value):
    assert loads(json.dumps(value).encode()) == value


def test_a_refusal_says_where():
    with pytest.raises(ParseError, match="“name” stands twice"):
        loads(HOSTILE["a name twice"])
