"""Telemetry's bells."""

from telemetry.tasks.inbound import apply_received, tidy_inbound
from telemetry.tasks.sweeps import heartbeat, risk_score

__all__ = ["apply_received", "heartbeat", "risk_score", "tidy_inbound"]
