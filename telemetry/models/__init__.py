"""What telemetry keeps: connections and the deliveries they bring, and what it concludes from the work."""

from telemetry.models.inbound import (
    Connection,
    DeliveryKey,
    DeliveryState,
    ProviderName,
    RawDelivery,
    Reading,
    RefusalCount,
    RefusalReason,
)
from telemetry.models.outlooks import Basis, ProbabilityPoint
from telemetry.models.scores import RiskAction, RiskScore, RuleCode, ScoringDay, Signal, UsualPace

__all__ = [
    "Basis",
    "Connection",
    "DeliveryKey",
    "DeliveryState",
    "ProbabilityPoint",
    "ProviderName",
    "RawDelivery",
    "Reading",
    "RefusalCount",
    "RefusalReason",
    "RiskAction",
    "RiskScore",
    "RuleCode",
    "ScoringDay",
    "Signal",
    "UsualPace",
]
