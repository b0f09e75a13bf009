"""What leaves of what the tools said and of what was concluded from it."""

from telemetry.models import (
    Connection,
    DeliveryKey,
    ProbabilityPoint,
    RawDelivery,
    Reading,
    RefusalCount,
    RiskAction,
    RiskScore,
    ScoringDay,
    Signal,
    UsualPace,
)
from tenancy.portable import Table, register

RAW = "as a tool sent it: what it said stands in work_items, and it is dropped after some months"
QUEUE = "plumbing of the queue"
TABLES = [
    Table(
        "connections",
        Connection,
        without={"secret": "a sealed secret", "old_secret": "a sealed secret", "old_secret_until": QUEUE},
    ),
    Table(
        "inbound_deliveries",
        RawDelivery,
        without={"headers": RAW, "body": RAW, "lease_until": QUEUE, "fence": QUEUE},
    ),
    Table("readings", Reading),
    Table("refused_deliveries", RefusalCount),
    Table("signals", Signal),
    Table("risk_actions", RiskAction),
    Table("risk_scores", RiskScore),
    Table("on_time_probabilities", ProbabilityPoint),
]


def register_own() -> None:
    register(
        TABLES,
        staying={
            DeliveryKey: "digests by which repeated deliveries are known",
            ScoringDay: QUEUE,
            UsualPace: "counted from the other tables",
        },
    )
