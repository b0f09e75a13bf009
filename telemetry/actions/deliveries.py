"""What people do with stored deliveries."""

from datetime import datetime
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from telemetry.models import RawDelivery
from telemetry.models.inbound import DeliveryState
from tenancy.refusal import Refused


def replay(pk: UUID, *, by: Actor, now: datetime) -> RawDelivery:
    """Puts a delivery back in the queue, to be understood anew. Applied twice it changes nothing.

    Raises:
        RawDelivery.DoesNotExist: when it is not in this workspace.
        Refused: when it waits already.
    """
    delivery = RawDelivery.objects.select_for_update().get(pk=pk)
    if delivery.state == DeliveryState.RECEIVED:
        raise Refused("This delivery waits in the queue already.", code="waiting")
    before = delivery.state
    delivery.state, delivery.finished_at, delivery.error = DeliveryState.RECEIVED, None, ""
    delivery.attempts, delivery.lease_until = 0, None
    delivery.save(update_fields=["state", "finished_at", "error", "attempts", "lease_until"])
    record(delivery, "delivery.replayed", by=by, at=now, data={"was": before})
    return delivery
