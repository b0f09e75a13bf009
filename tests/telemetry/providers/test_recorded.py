"""Recorded deliveries, byte for byte."""

import json
from datetime import timedelta

import pytest

from telemetry.providers import PROVIDERS, Kind, Verdict
from tests.telemetry.providers.recorded import ALL_SAMPLES, VERDICTS, Sample, each_sample, verify
from tests.telemetry.providers.says import GENERIC_SECRET


@each_sample
def test_a_recorded_delivery_gets_its_verdict(sample):
    check = verify(sample)

    assert check.verdict == VERDICTS[sample.verdict]
    assert [check.delivery_id] == [event["delivery_id"] for event in sample.events]


@each_sample
def test_a_recorded_delivery_becomes_its_neutral_events(sample):
    events = PROVIDERS[sample.provider].parse(sample.headers, sample.body, {})

    # Linear names only the id of the previous state: the state that we stored tells it.
    stored = {"previous_state": None} if sample.provider == "linear" else {}
    assert [seen(event) for event in events] == [event | stored for event in sample.events]


def seen(event) -> dict[str, str | None]:
    names = [
        "kind",
        "external_id",
        "external_url",
        "title",
        "state",
        "previous_state",
        "assignee",
        "delivery_id",
    ]
    moment = event.occurred_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {name: getattr(event, name) for name in names} | {"source": event.provider, "occurred_at": moment}


@each_sample
def test_header_names_count_in_any_case(sample):
    shouted = {name.upper(): value for name, value in sample.headers.items()}

    assert verify(sample, headers=shouted) == verify(sample)


@each_sample
def test_one_changed_byte_is_a_wrong_signature(sample):
    tampered = sample.body.replace(b"Publish", b"publish").replace(b"deck", b"Deck")

    assert verify(sample, body=tampered).verdict == Verdict.REJECT_SIGNATURE


@each_sample
def test_the_same_json_in_other_bytes_is_a_wrong_signature(sample):
    again = json.dumps(json.loads(sample.body), indent=1).encode()

    assert verify(sample, body=again).verdict == Verdict.REJECT_SIGNATURE


@each_sample
@pytest.mark.parametrize("secrets", [[], [""], ["another"], ["whsec_"], ["whsec_%%%"]])
def test_without_the_secret_nothing_is_accepted(sample, secrets):
    assert verify(sample, secrets=secrets).verdict == Verdict.REJECT_SIGNATURE


@each_sample
@pytest.mark.parametrize("old_first", [True, False])
def test_two_secrets_live_during_a_rotation(sample, old_first):
    secrets = [sample.secret, GENERIC_SECRET[:-4] + "AAA="]

    assert verify(sample, secrets=secrets if old_first else secrets[::-1]).verdict == Verdict.ACCEPTED


@each_sample
def test_a_delivery_of_tomorrow_or_yesterday_is_stale(sample):
    verdicts = {verify(sample, now=sample.received_at + days * timedelta(days=1)).verdict for days in (-1, 1)}

    assert verdicts == {Verdict.REJECT_STALE}


def test_shuffled_deliveries_are_put_in_order_by_their_version():
    events = [e for s in reversed(ALL_SAMPLES) if s.provider == "linear" for e in _parsed(s)]

    ordered = sorted(events, key=lambda event: event.version_at)

    assert [event.kind for event in ordered] == [Kind.CREATED, Kind.STATE_CHANGED, Kind.COMMENTED]


def _parsed(sample: Sample):
    return PROVIDERS[sample.provider].parse(sample.headers, sample.body, {})
