"""What every provider becomes: a verdict on the delivery, and neutral events about work items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from milestones.words import WorkState


class Kind(StrEnum):
    CREATED = "created"
    STATE_CHANGED = "state_changed"
    UPDATED = "updated"
    LABELLED = "labelled"
    DUE_CHANGED = "due_changed"
    COMMENTED = "commented"
    DELETED = "deleted"
    RESTORED = "restored"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REJECT_SIGNATURE = "reject_signature"
    REJECT_STALE = "reject_stale"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on one delivery, why, and the id to deduplicate on (empty unless accepted).

    `weaker` marks a delivery that carried a shared token instead of a signature.
    """

    verdict: Verdict
    sentence: str
    delivery_id: str = ""
    weaker: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemEvent:
    """One change of one item. None is "the payload does not say", or "empty" when `is_whole`; times are UTC.

    `version_at` orders the states of one item: an event older than the stored version is history only. A
    comment is a heartbeat and changes no field. `needs_fetch` says that the payload alone does not tell the
    state: ask the source, or the person who maps its words.
    """

    provider: str
    kind: Kind
    external_id: str
    external_url: str | None
    title: str | None
    state: WorkState | None
    previous_state: WorkState | None
    assignee: str | None
    labels: tuple[str, ...] | None
    due_on: date | None
    occurred_at: datetime
    version_at: datetime
    delivery_id: str
    needs_fetch: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricReading:
    """A number that a source reports under a key, for whoever measures by it."""

    key: str
    value: Decimal
    unit: str
    measured_at: datetime
    delivery_id: str


Headers = Mapping[str, str]

# The connection's own words for a state, as people corrected them: source's word or id -> neutral state.
StateMapping = Mapping[str, WorkState]


class Provider(Protocol):
    """A source of deliveries. Pure: raw bytes in, no clock, no database, no exception for any input."""

    name: str

    def verify(
        self,
        headers: Headers,
        body: bytes,
        secrets: Sequence[str],
        now: datetime,
        mapping: StateMapping = ...,
    ) -> Check:
        """Whether to keep the delivery. `secrets` are the one or two live ones."""

    def parse(self, headers: Headers, body: bytes, mapping: StateMapping) -> list[WorkItemEvent]:
        """The events of an accepted delivery; none when it is about something else."""

    def readings(self, headers: Headers, body: bytes) -> list[MetricReading]:
        """The numbers that an accepted delivery reports; none when it is about something else."""

    def replay_key(self, headers: Headers, body: bytes) -> str | None:
        """What else to remember, where the delivery id is not signed; None where it is."""
