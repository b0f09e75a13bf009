"""Numbers that the generic source reports: exact, checked, and never from the future."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.providers import PROVIDERS, MetricReading, Verdict
from tests.telemetry.providers.says import GENERIC, GENERIC_SECRET, NOW, signed_generic

USUAL = {"key": "report.hours", "value": 7.25, "unit": "h"}


def body(*, at=NOW, raw=None, **changes):
    data = {name: value for name, value in {**USUAL, **changes}.items() if value is not ...}
    text = json.dumps({"type": "metric.reported", "timestamp": at.isoformat(), "data": data})
    return (text if raw is None else text.replace("7.25", raw)).encode()


def verdict(sent):
    return GENERIC.verify(signed_generic(sent), sent, [GENERIC_SECRET], NOW).verdict


def readings(sent):
    return GENERIC.readings(signed_generic(sent), sent)


def test_a_number_is_read_with_its_unit_and_time():
    sent = body()
    headers = signed_generic(sent)

    read = GENERIC.readings(headers, sent)

    assert verdict(sent) == Verdict.ACCEPTED
    assert read == [
        MetricReading(
            key="report.hours",
            value=Decimal("7.2500"),
            unit="h",
            measured_at=NOW,
            delivery_id=headers["webhook-id"],
        )
    ]
    assert GENERIC.parse(headers, sent, {}) == []


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("7", "7"),
        ("-7", "-7"),
        ('"7.5"', "7.5"),
        ("1e3", "1000"),
        ("0.30000000000000004", "0.3"),
        ("0.00005", "0.0001"),
        ("0.00004", "0"),
        ("12345678901234.5678", "12345678901234.5678"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("1e-400000", "0"),
    ],
)
def test_a_number_is_kept_as_it_was_written_to_four_decimals(raw, value):
    (read,) = readings(body(raw=raw))

    assert read.value == Decimal(value)


@pytest.mark.parametrize(
    "raw",
    [
        *("NaN", "Infinity", "-Infinity", "1e400", "null", "true", "[]", '""', '"seven"', '"NaN"', '"1e3"'),
        *("100000000000000", "99999999999999.99999", "-100000000000000", '"٧"', "1e-9999999999999999999999"),
    ],
)
def test_what_is_no_plain_number_is_malformed(raw):
    sent = body(raw=raw)

    assert (verdict(sent), readings(sent)) == (Verdict.MALFORMED, [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"key": ...}, Verdict.MALFORMED),
        ({"key": ""}, Verdict.MALFORMED),
        ({"key": "k" * 120}, Verdict.ACCEPTED),
        ({"key": "k" * 121}, Verdict.MALFORMED),
        ({"unit": ...}, Verdict.ACCEPTED),
        ({"unit": 7}, Verdict.ACCEPTED),
        ({"value": ...}, Verdict.MALFORMED),
    ],
)
def test_a_number_needs_a_key_and_a_value(changes, expected):
    assert verdict(body(**changes)) == expected


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(timedelta(minutes=5), Verdict.ACCEPTED), (timedelta(minutes=5, seconds=1), Verdict.MALFORMED)],
)
def test_nothing_is_measured_in_the_future(ahead, expected):
    assert verdict(body(at=NOW + ahead)) == expected


def test_work_reports_no_number():
    sent = json.dumps(
        {
            "type": "workitem.created",
            "timestamp": NOW.isoformat(),
            "data": {"external_id": "CRM-1", "value": 7, "key": "x"},
        }
    ).encode()

    assert readings(sent) == []


def test_other_sources_report_no_numbers():
    assert PROVIDERS["linear"].readings({}, body()) == []


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_body_is_an_exception(sent):
    assert readings(sent) == []
