"""Inbound providers: each verifies raw deliveries and turns them into neutral events. Pure functions."""

from telemetry.providers.events import Check, Kind, MetricReading, Provider, Verdict, WorkItemEvent
from telemetry.providers.generic import Generic
from telemetry.providers.linear import Linear

PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in (Linear(), Generic())}

__all__ = ["PROVIDERS", "Check", "Kind", "MetricReading", "Provider", "Verdict", "WorkItemEvent"]
