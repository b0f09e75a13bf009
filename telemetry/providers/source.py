"""The order in which every provider checks a delivery: signature, JSON, age, then whether it can be used."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from telemetry.providers.events import (
    Check,
    Headers,
    MetricReading,
    StateMapping,
    Verdict,
    WorkItemEvent,
)
from telemetry.providers.reading import Malformed, Payload, load

# An item that once heard from the far future would ignore every later event.
FUTURE_ALLOWED = timedelta(days=1)
# Nothing is measured before its time; clocks may differ a little.
MEASURED_AHEAD = timedelta(minutes=5)


class Source(ABC):
    """A provider in the making: subclasses say how it signs, what is too old, what its payload means."""

    name: str

    def verify(
        self,
        headers: Headers,
        body: bytes,
        secrets: Sequence[str],
        now: datetime,
        mapping: StateMapping = MappingProxyType({}),
    ) -> Check:
        if refusal := self._check_signature(headers, body, [secret for secret in secrets if secret]):
            return Check(Verdict.REJECT_SIGNATURE, refusal)
        try:
            payload = load(body)
            if stale := self._check_age(headers, payload, now):
                return Check(Verdict.REJECT_STALE, stale)
            _check_future(self._events(headers, body, payload, mapping), now)
            _check_measured(self._readings(headers, body, payload), now)
        except Malformed as problem:
            return Check(Verdict.MALFORMED, str(problem))
        weaker = self._is_weaker(headers)
        return Check(Verdict.ACCEPTED, "Accepted.", self._delivery_id(headers, body), weaker)

    def parse(self, headers: Headers, body: bytes, mapping: StateMapping) -> list[WorkItemEvent]:
        try:
            return self._events(headers, body, load(body), mapping)
        except Malformed:
            return []  # only a body that `verify` has named malformed

    def readings(self, headers: Headers, body: bytes) -> list[MetricReading]:
        """None, unless the source reports numbers."""
        return []

    def _readings(self, headers: Headers, body: bytes, payload: Payload) -> list[MetricReading]:
        """Raises Malformed for a number that cannot be used."""
        return []

    @abstractmethod
    def _check_signature(self, headers: Headers, body: bytes, secrets: Sequence[str]) -> str:
        """Why the signature does not count; empty when it does."""

    @abstractmethod
    def _check_age(self, headers: Headers, payload: Payload, now: datetime) -> str:
        """Why the delivery is too old or too new; empty when it is neither."""

    @abstractmethod
    def _events(
        self, headers: Headers, body: bytes, payload: Payload, mapping: StateMapping
    ) -> list[WorkItemEvent]:
        """Raises Malformed for what should be usable and is not."""

    @abstractmethod
    def _delivery_id(self, headers: Headers, body: bytes) -> str: ...

    def _is_weaker(self, headers: Headers) -> bool:
        return False


def _check_future(events: list[WorkItemEvent], now: datetime) -> None:
    if any(max(event.version_at, event.occurred_at) > now + FUTURE_ALLOWED for event in events):
        raise Malformed("The event's time lies more than a day in the future.")


def _check_measured(readings: list[MetricReading], now: datetime) -> None:
    if any(reading.measured_at > now + MEASURED_AHEAD for reading in readings):
        raise Malformed("The reading's time lies in the future.")
