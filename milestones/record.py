"""The contract `kickoff_to_first_milestone_record_v1`: its 20 fields, what may come in, what is served.

Pure: the JSON Schemas, the check of a record that a sender hands over, and the record of a loaded milestone.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from jsonschema import Draft202012Validator, FormatChecker

from milestones.models import Criterion, Milestone
from workspaces.models import Membership

NAME: Final = "kickoff_to_first_milestone_record_v1"

REFERENCES: Final = ("project_id", "account_id")
REQUIRED: Final = (
    "kickoff_completed_at",
    "first_milestone_name",
    "first_milestone_due_at",
    "acceptance_criteria",
    "quality_threshold",
    "owner_primary",
    "owner_client",
    "milestone_review_owner",
    "delivery_proof_approver",
)
SYSTEM_OWNED: Final = (
    "blocker_status",
    "blocker_age_hours",
    "execution_velocity_score",
    "quality_confidence_score",
    "delivery_risk_score",
    "milestone_completed_at",
    "milestone_accepted_at",
    "proof_packet_url",
    "handoff_packet_link",
)
BESIDE: Final = ("dependency_health_score", "scope_stability_score", "on_time_probability", "clarity_score")

TIME: Final = {"type": "string", "format": "date-time"}
EMAIL: Final = {"type": "string", "format": "email", "maxLength": 254}
LINE: Final = {"type": "string", "minLength": 1, "maxLength": 300}
CRITERION: Final = {
    "oneOf": [
        LINE,
        {
            "type": "object",
            "properties": {
                "statement": LINE,
                "verification": {"type": "string", "maxLength": 300},
                "measure": {"type": "string", "maxLength": 80},
                "target": {"type": "string", "maxLength": 80},
            },
            "required": ["statement"],
            "additionalProperties": False,
        },
    ]
}


def _nullable(kind: Mapping[str, Any]) -> dict[str, Any]:
    return {**kind, "type": [kind["type"], "null"]}


SCORE: Final = {"type": ["integer", "null"], "minimum": 0, "maximum": 100}
AGREED: Final[dict[str, Any]] = {
    "kickoff_completed_at": TIME,
    "first_milestone_name": {"type": "string", "minLength": 1, "maxLength": 80},
    "first_milestone_due_at": TIME,
    "acceptance_criteria": {"type": "array", "minItems": 1, "maxItems": 50, "items": CRITERION},
    "quality_threshold": {"type": "integer", "minimum": 0, "maximum": 100},
    "owner_primary": EMAIL,
    "owner_client": EMAIL,
    "milestone_review_owner": EMAIL,
    "delivery_proof_approver": EMAIL,
}
REFERENCE: Final = {"type": ["string", "null"], "maxLength": 120}

INPUT: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": f"{NAME} as input",
    "type": "object",
    "properties": {
        **dict.fromkeys(REFERENCES, REFERENCE),
        **AGREED,
        **{name: {"enum": [None, "", "none"]} for name in SYSTEM_OWNED},
    },
    "required": list(REQUIRED),
    "additionalProperties": False,
}

SERVED: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": NAME,
    "description": "The record of a milestone: 20 fields, always present, and four scores beside them.",
    "type": "object",
    "properties": {
        "project_id": {"type": "string", "format": "uuid"},
        "account_id": {"type": "string", "format": "uuid"},
        **{name: _nullable(kind) for name, kind in AGREED.items()},
        "acceptance_criteria": {"type": "array", "items": {"type": "object"}},
        "blocker_status": {"enum": ["none", "open", "critical"]},
        "blocker_age_hours": {"type": ["number", "null"], "minimum": 0},
        "execution_velocity_score": SCORE,
        "quality_confidence_score": SCORE,
        "delivery_risk_score": SCORE,
        "milestone_completed_at": _nullable(TIME),
        "milestone_accepted_at": _nullable(TIME),
        "proof_packet_url": {"type": ["string", "null"]},
        "handoff_packet_link": {"type": ["string", "null"]},
        **dict.fromkeys(BESIDE, SCORE),
    },
    "required": [*REFERENCES, *REQUIRED, *SYSTEM_OWNED],
    "additionalProperties": False,
}

_input = Draft202012Validator(INPUT, format_checker=FormatChecker())


def faults(record: object) -> dict[str, list[str]]:
    """What is wrong with a record handed over, by field; empty when it can be used.

    A field that the system owns must be absent or empty; an unknown one is named too.
    """
    found: dict[str, list[str]] = {}
    for error in _input.iter_errors(record):
        for field, message in _said(error):
            found.setdefault(field, []).append(message)
    return found


def _said(error: Any) -> Iterable[tuple[str, str]]:
    path = list(error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [
            (f"{_place(path)}{name}", "This field is missing.") for name in missing if name in error.message
        ]
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        return [
            (f"{_place(path)}{name}", "This field is not part of the record.")
            for name in error.instance
            if name not in known
        ]
    if path and path[0] in SYSTEM_OWNED:
        return [(str(path[0]), "The system owns this field: leave it out or empty.")]
    return [(_place(path).rstrip("."), _sentence(error))]


def _place(path: list[Any]) -> str:
    return "".join(f"{part}." for part in path)


FORMATS: Final = {
    "email": "This must be one e-mail address.",
    "date-time": "This must be a time with its offset, such as 2026-03-02T09:00:00+01:00 (RFC 3339).",
}
SENTENCES: Final = {
    "minItems": "Give at least {}.",
    "minLength": "This must not be empty.",
    "maxLength": "This may have at most {} characters.",
    "maxItems": "Give at most {}.",
    "minimum": "This must be at least {}.",
    "maximum": "This must be at most {}.",
    "oneOf": "Give a sentence, or an object with “statement” and, if you like, “verification” and others.",
}


def _sentence(error: Any) -> str:
    value = error.validator_value
    if error.validator == "type":
        return f"This must be of type {value if isinstance(value, str) else ' or '.join(value)}."
    if error.validator == "format":
        return FORMATS.get(value, f"This must be a {value}.")
    return str(SENTENCES.get(str(error.validator), error.message)).format(value)


LAST_SECOND: Final = time(23, 59, 59)


def serve(
    milestone: Milestone, *, packets: Mapping[str, str], zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """The record of a milestone loaded by `queries.lists.with_what_a_record_says`; ages are of this moment.

    `packets` are the addresses of packets, from `queries.packets.addresses`. `zone` is the workspace's: the
    due time is the last second of the planned day there, so that a record handed back names the same day.
    """
    return {
        "project_id": milestone.project_id,
        "account_id": milestone.project.account_id,
        "kickoff_completed_at": milestone.project.kickoff_completed_at,
        "first_milestone_name": milestone.name,
        "first_milestone_due_at": _end_of(milestone.planned_date, zone),
        "acceptance_criteria": [_criterion(each) for each in _in_order(milestone)],
        "quality_threshold": milestone.quality_threshold,
        "owner_primary": _member_address(milestone.owner_primary),
        "owner_client": milestone.owner_client.email if milestone.owner_client else None,
        "blocker_status": milestone.blocker_status,
        "blocker_age_hours": _age_hours(milestone.blocked_since, now),
        "execution_velocity_score": milestone.execution_velocity_score,
        "quality_confidence_score": milestone.quality_confidence_score,
        "delivery_risk_score": milestone.delivery_risk_score,
        "milestone_review_owner": _member_address(milestone.review_owner),
        "delivery_proof_approver": milestone.approver.email if milestone.approver else None,
        "milestone_completed_at": milestone.completed_at,
        "milestone_accepted_at": milestone.accepted_at,
        "proof_packet_url": packets.get(milestone.proof_packet_url) or None,
        "handoff_packet_link": packets.get(milestone.handoff_packet_link) or None,
        **{name: getattr(milestone, name) for name in BESIDE},
    }


def _in_order(milestone: Milestone) -> list[Criterion]:
    return sorted(milestone.criteria.all(), key=lambda criterion: criterion.position)


def _criterion(criterion: Criterion) -> dict[str, str]:
    return {name: getattr(criterion, name) for name in ("statement", "verification", "measure", "target")}


def _member_address(member: Membership | None) -> str | None:
    return member.user.email if member else None


def _end_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, LAST_SECOND, zone).astimezone(UTC)


def _age_hours(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else round((now - since) / timedelta(hours=1), 2)
