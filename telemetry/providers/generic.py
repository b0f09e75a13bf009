"""The generic source: our own envelope under Standard Webhooks, for anything that can send JSON.

A sender that cannot sign may carry a shared token as `Authorization: Bearer`; that is marked weaker. The kind
of secret decides: `whsec_` secrets sign and are never accepted as a token, others never sign.
"""

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from milestones.words import WorkState
from telemetry.providers.events import Headers, Kind, MetricReading, StateMapping, WorkItemEvent
from telemetry.providers.reading import (
    Malformed,
    Payload,
    address,
    day,
    figure,
    header,
    identifier,
    instant,
    line,
    lines,
    load,
    section,
    visible,
)
from telemetry.providers.signing import digest, hmac_sha256, matches_any, signing_keys
from telemetry.providers.source import Source

TOLERANCE = timedelta(seconds=300)
SIGNING = "whsec_"
SCHEME = "Bearer "
SECONDS = re.compile(r"[0-9]{1,11}")

KINDS = {f"workitem.{kind}": kind for kind in Kind}
REPORTED = "metric.reported"
LONGEST_KEY = 120


class Generic(Source):
    name = "generic"

    def replay_key(self, headers: Headers, body: bytes) -> str | None:
        return digest(body) if self._is_weaker(headers) else None

    def _is_weaker(self, headers: Headers) -> bool:
        return not header(headers, "webhook-signature")

    def _check_signature(self, headers: Headers, body: bytes, secrets: Sequence[str]) -> str:
        return (
            _check_token(headers, secrets)
            if self._is_weaker(headers)
            else _check_hmac(headers, body, secrets)
        )

    def readings(self, headers: Headers, body: bytes) -> list[MetricReading]:
        try:
            return self._readings(headers, body, load(body))
        except Malformed:
            return []  # only a body that `verify` has named malformed

    def _readings(self, headers: Headers, body: bytes, payload: Payload) -> list[MetricReading]:
        if payload.get("type") != REPORTED:
            return []
        return [_reading(payload, self._delivery_id(headers, body))]

    def _check_age(self, headers: Headers, payload: Payload, now: datetime) -> str:
        if self._is_weaker(headers):
            return ""
        sent = datetime.fromtimestamp(int(header(headers, "webhook-timestamp")), UTC)
        return "" if abs(now - sent) <= TOLERANCE else "Its webhook-timestamp is over 5 minutes from now."

    def _delivery_id(self, headers: Headers, body: bytes) -> str:
        given = header(headers, "webhook-id")
        return given if visible(given) else digest(body)

    def _events(
        self, headers: Headers, body: bytes, payload: Payload, mapping: StateMapping
    ) -> list[WorkItemEvent]:
        if payload.get("type") == REPORTED:
            return []
        if (kind := KINDS.get(str(payload.get("type")))) is None:
            raise Malformed(f"`type` must be one of {', '.join([*KINDS, REPORTED])}.")
        return [_event(kind, payload, mapping, self._delivery_id(headers, body))]


def _check_hmac(headers: Headers, body: bytes, secrets: Sequence[str]) -> str:
    sender_id, sent = header(headers, "webhook-id"), header(headers, "webhook-timestamp")
    if not visible(sender_id) or not SECONDS.fullmatch(sent):
        return "webhook-id or webhook-timestamp is missing or not in its form."
    message = f"{sender_id}.{sent}.".encode() + body
    keys = signing_keys(secrets, SIGNING)
    expected = ["v1," + base64.b64encode(hmac_sha256(key, message)).decode() for key in keys]
    given = header(headers, "webhook-signature").split(" ")
    return "" if matches_any(given, expected) else "webhook-signature does not fit id, time and body."


def _check_token(headers: Headers, secrets: Sequence[str]) -> str:
    tokens = [SCHEME + secret for secret in secrets if not secret.startswith(SIGNING)]
    given = header(headers, "Authorization")
    return "" if matches_any([given], tokens) else "It carries neither a signature nor the right token."


def _event(kind: Kind, payload: Payload, mapping: StateMapping, delivery_id: str) -> WorkItemEvent:
    data, at = section(payload, "data"), instant(payload, "timestamp")
    state, labels = _state(kind, data, mapping), data.get("labels")
    return WorkItemEvent(
        provider=Generic.name,
        kind=kind,
        external_id=identifier(data, "external_id"),
        external_url=address(data, "url"),
        title=line(data, "title"),
        state=state,
        previous_state=_word(data.get("previous_state"), mapping),
        assignee=line(data, "assignee", limit=254),
        labels=lines(labels) if isinstance(labels, list) else None,
        due_on=day(data, "due_on"),
        occurred_at=at,
        version_at=at,
        delivery_id=delivery_id,
        needs_fetch=kind == Kind.STATE_CHANGED and state is None,
    )


def _reading(payload: Payload, delivery_id: str) -> MetricReading:
    data = section(payload, "data")
    if len(key := identifier(data, "key")) > LONGEST_KEY:
        raise Malformed(f"`key` has more than {LONGEST_KEY} characters.")
    return MetricReading(
        key=key,
        value=figure(data, "value"),
        unit=line(data, "unit", limit=20) or "",
        measured_at=instant(payload, "timestamp"),
        delivery_id=delivery_id,
    )


def _state(kind: Kind, data: Payload, mapping: StateMapping) -> WorkState | None:
    """A new item without a state is still to do; a comment has none; a change of state must name it."""
    if kind == Kind.COMMENTED:
        return None
    if kind == Kind.STATE_CHANGED and not isinstance(data.get("state"), str):
        raise Malformed("`state` is missing: a changed state names the new one.")
    if kind == Kind.CREATED and data.get("state") is None:
        return WorkState.TODO
    return _word(data.get("state"), mapping)


def _word(word: object, mapping: StateMapping) -> WorkState | None:
    if not isinstance(word, str):
        return None
    return mapping.get(word) or (WorkState(word) if word in WorkState.values else None)
