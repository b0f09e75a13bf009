"""Linear: issues and comments. The time is inside the signed body; the delivery id is not signed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from milestones.words import WorkState
from telemetry.providers.events import Headers, Kind, StateMapping, WorkItemEvent
from telemetry.providers.reading import (
    Payload,
    address,
    day,
    header,
    identifier,
    instant,
    line,
    lines,
    part,
    section,
    visible,
)
from telemetry.providers.signing import digest, hmac_sha256, matches_any
from telemetry.providers.source import Source

TOLERANCE = timedelta(seconds=60)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

STATES = {
    "triage": WorkState.TODO,
    "backlog": WorkState.TODO,
    "unstarted": WorkState.TODO,
    "started": WorkState.IN_PROGRESS,
    "completed": WorkState.DONE,
    "canceled": WorkState.CANCELLED,
    "duplicate": WorkState.CANCELLED,
}
ACTIONS = {"create": Kind.CREATED, "remove": Kind.DELETED, "restore": Kind.RESTORED}
CHANGES = {"stateId": Kind.STATE_CHANGED, "labelIds": Kind.LABELLED, "dueDate": Kind.DUE_CHANGED}


class Linear(Source):
    name = "linear"

    def replay_key(self, headers: Headers, body: bytes) -> str | None:
        return digest(body)

    def _check_signature(self, headers: Headers, body: bytes, secrets: Sequence[str]) -> str:
        given = header(headers, "Linear-Signature")
        expected = [hmac_sha256(secret.encode("utf-8", "replace"), body).hex() for secret in secrets]
        return "" if matches_any([given], expected) else "Linear-Signature does not fit the body."

    def _check_age(self, headers: Headers, payload: Payload, now: datetime) -> str:
        sent = payload.get("webhookTimestamp")
        if isinstance(sent, bool) or not isinstance(sent, int | Decimal):
            return "`webhookTimestamp` is missing or not a number."
        off = abs((now - EPOCH) / timedelta(milliseconds=1) - float(sent))
        return "" if off <= TOLERANCE / timedelta(milliseconds=1) else "It was not sent within the last 60 s."

    def _delivery_id(self, headers: Headers, body: bytes) -> str:
        given = header(headers, "Linear-Delivery")
        return given if visible(given) else digest(body)

    def _events(
        self, headers: Headers, body: bytes, payload: Payload, mapping: StateMapping
    ) -> list[WorkItemEvent]:
        delivery_id = self._delivery_id(headers, body)
        match payload.get("type"), payload.get("action"):
            case "Issue", "create" | "update" | "remove" | "restore":
                return [_issue(payload, mapping, delivery_id)]
            case "Comment", "create" if part(payload, "data").get("issueId"):
                return [_comment(payload, delivery_id)]
            case _:
                return []


def _issue(payload: Payload, mapping: StateMapping, delivery_id: str) -> WorkItemEvent:
    data, kind, occurred_at = section(payload, "data"), _kind(payload), instant(payload, "createdAt")
    state = _state(part(data, "state"), mapping)
    return WorkItemEvent(
        provider=Linear.name,
        kind=kind,
        external_id=identifier(data, "id"),
        external_url=address(data, "url") or address(payload, "url"),
        title=line(data, "title"),
        state=state,
        previous_state=None,
        assignee=_person(part(data, "assignee")),
        labels=_labels(data),
        due_on=day(data, "dueDate"),
        occurred_at=occurred_at,
        # Removing an issue does not touch its `updatedAt`.
        version_at=occurred_at if kind == Kind.DELETED else instant(data, "updatedAt"),
        delivery_id=delivery_id,
        needs_fetch=state is None,
        is_whole=True,
    )


def _comment(payload: Payload, delivery_id: str) -> WorkItemEvent:
    data = section(payload, "data")
    issue = part(data, "issue")
    return WorkItemEvent(
        provider=Linear.name,
        kind=Kind.COMMENTED,
        external_id=identifier(data, "issueId"),
        external_url=address(issue, "url"),
        title=line(issue, "title"),
        state=None,
        previous_state=None,
        assignee=None,
        labels=None,
        due_on=None,
        occurred_at=instant(payload, "createdAt"),
        version_at=instant(data, "updatedAt"),
        delivery_id=delivery_id,
    )


def _kind(payload: Payload) -> Kind:
    """What an update is about: the trash first, then the first of state, labels and due date that changed."""
    if payload["action"] in ACTIONS:
        return ACTIONS[payload["action"]]
    before, data = part(payload, "updatedFrom"), part(payload, "data")
    if data.get("trashed") is True:
        return Kind.DELETED
    if before.get("trashed") is True:
        return Kind.RESTORED
    return next((kind for field, kind in CHANGES.items() if field in before), Kind.UPDATED)


def _state(state: Payload, mapping: StateMapping) -> WorkState | None:
    """As people mapped it by id or name, else by Linear's own type; None for a type that is new to us."""
    words = [word for word in (state.get("id"), state.get("name")) if isinstance(word, str)]
    mapped = next((mapping[word] for word in words if word in mapping), None)
    return mapped or STATES.get(str(state.get("type")))


def _person(person: Payload) -> str | None:
    return line(person, "email", limit=254) or line(person, "name", limit=254)


def _labels(data: Payload) -> tuple[str, ...] | None:
    found = data.get("labels")
    if not isinstance(found, list):
        return None
    return lines(label.get("name") for label in found if isinstance(label, dict))
