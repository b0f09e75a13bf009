"""What a published packet says: the one content that page, PDF, data file and archive are made from.

Values are strings as they are to be read, apart from flags, counts and hashes; instants are RFC 3339 in UTC,
days are dates. Lists are cut to `MOST`; what was left out is counted. The published content is canonical
JSON (journal.canonical) with its SHA-256, and never changes.
"""

from typing import Final, Literal, TypedDict

PROOF_SCHEMA: Final = "cairn.proof_packet.v1"
HANDOFF_SCHEMA: Final = "cairn.handoff_packet.v1"

MOST: Final = {
    "criteria": 200,
    "metrics": 50,
    "artifacts": 200,
    "decisions": 50,
    "quality": 50,
    "dates": 50,
    "trail": 200,
    "history": 60,
}


class WorkspaceTold(TypedDict):
    id: str
    name: str
    brand_name: str
    brand_colour: str
    time_zone: str


class ProjectTold(TypedDict):
    id: str
    name: str
    client: str
    kickoff_completed_at: str | None


class MilestoneTold(TypedDict):
    """`owner`, `review_owner` and `approver` are names; `approver` is who accepted, until then who is to."""

    id: str
    code: str
    name: str
    kind: str
    output: str
    description: str
    planned_date: str | None
    completed_at: str | None
    accepted_at: str | None
    owner: str
    review_owner: str
    approver: str


class PacketTold(TypedDict):
    """`same_day`: whether it was published on the day of the acceptance, in `clock_zone`."""

    id: str
    number: int
    correction: str
    published_at: str
    published_by: str
    same_day: bool | None
    clock_zone: str


class ValueTold(TypedDict):
    """A measured value, plain digits without trailing zeros. `source`: how we know it, `note`: from where."""

    value: str
    measured_at: str
    recorded_at: str
    source: str
    note: str


class MetricTold(TypedDict):
    """A pair of before and after, computed. `is_better` follows the direction, None when nothing changed.

    `percent` is the change in percent of the baseline, None where the baseline is 0. `caveat` says when the
    baseline was measured or recorded after kickoff. `history` holds (measured_at, value), oldest first.
    """

    name: str
    unit: str
    direction: Literal["up", "down"]
    source: str
    baseline: ValueTold
    current: ValueTold
    target: str | None
    change: str
    percent: str | None
    is_better: bool | None
    target_met: bool | None
    caveat: str
    history: list[tuple[str, str]]


class CriterionTold(TypedDict):
    statement: str
    verification: str
    measure: str
    target: str
    is_met: bool | None
    evidence: str


class ArtifactTold(TypedDict):
    """`found` is a value of proofs.words.Found or empty, when nobody has looked yet."""

    id: str
    version_id: str
    title: str
    kind: Literal["link", "file"]
    is_output: bool
    number: int
    url: str
    file_name: str
    content_type: str
    size: int | None
    sha256: str
    is_living: bool
    found: str
    checked_at: str | None
    detail: str


class DecisionTold(TypedDict):
    """`seq` and `hash` are the entry of the journal that holds it."""

    question: str
    answer: str
    option: str
    name: str
    channel: str
    at: str
    seq: int | None
    hash: str


class QualityTold(TypedDict):
    check: str
    kind: str
    score: int
    threshold: int
    passed: bool
    at: str


class DateTold(TypedDict):
    """One move of the milestone's date, with its reason."""

    kind: str
    moved_at: str
    from_date: str | None
    to_date: str
    reason: str


class TrailTold(TypedDict):
    """An entry of the journal about this milestone, in words; `hash` seals it and all before it."""

    seq: int
    at: str
    kind: str
    text: str
    actor: str
    hash: str


class JournalTold(TypedDict):
    """The head of the workspace's journal just before publishing."""

    seq: int
    hash: str


class ProofContent(TypedDict):
    schema: str
    workspace: WorkspaceTold
    project: ProjectTold
    milestone: MilestoneTold
    packet: PacketTold
    recap: str
    criteria: list[CriterionTold]
    metrics: list[MetricTold]
    not_measurable: str
    artifacts: list[ArtifactTold]
    risks: str
    recommendation: str
    decisions: list[DecisionTold]
    quality: list[QualityTold]
    dates: list[DateTold]
    trail: list[TrailTold]
    journal: JournalTold
    left_out: dict[str, int]


class NextTold(TypedDict):
    """A milestone that comes next, as the plan has it now."""

    code: str
    name: str
    planned_date: str | None
    forecast_date: str | None
    label: str


class HandoffContent(TypedDict):
    """What happens next. `open_dependencies` are lines; `reason` says why this version came to be."""

    schema: str
    workspace: WorkspaceTold
    project: ProjectTold
    milestone: MilestoneTold
    packet: PacketTold
    reason: str
    outcome: str
    approval_state: str
    open_dependencies: str
    next_stage_trigger: str
    invoice_trigger: str
    next_move_owner: str
    recommendation: str
    next_milestones: list[NextTold]
    journal: JournalTold
