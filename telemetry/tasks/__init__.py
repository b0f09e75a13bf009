"""Telemetry's bells."""

from telemetry.tasks.inbound import apply_received, tidy_inbound
from telemetry.tasks.sweeps import heartbeat, on_time_probability, risk_score

__all__ = ["apply_received", "heartbeat", "on_time_probability", "risk_score", "tidy_inbound"]
