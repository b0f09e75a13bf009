"""What telemetry keeps: connections and the deliveries they bring."""

from telemetry.models.inbound import Connection, DeliveryKey, RawDelivery, RefusalCount

__all__ = ["Connection", "DeliveryKey", "RawDelivery", "RefusalCount"]
