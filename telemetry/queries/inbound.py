"""Reads about connections and what they brought."""

from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from telemetry.models import Connection, RawDelivery, RefusalCount
from telemetry.models.inbound import DeliveryState


def connections() -> QuerySet[Connection]:
    """All connections, oldest first, each with its milestone, project and refusals.

    `last_received_at` is when the newest delivery came, `parked` how many were set aside.
    """
    newest = RawDelivery.objects.filter(connection_id=OuterRef("pk")).order_by("-id")
    parked = (
        RawDelivery.objects.filter(connection_id=OuterRef("pk"), state=DeliveryState.PARKED)
        .order_by()
        .values("connection_id")
        .annotate(many=Count("*"))
    )
    return (
        Connection.objects.select_related("milestone__project")
        .prefetch_related(Prefetch("refusals", RefusalCount.objects.order_by("reason")))
        .annotate(
            last_received_at=Subquery(newest.values("received_at")[:1]),
            parked=Coalesce(Subquery(parked.values("many")), 0),
        )
        .order_by("created_at", "id")
    )


def deliveries(connection_id: UUID | None = None, *, state: str = "") -> QuerySet[RawDelivery]:
    """The delivery log without the bodies, newest first."""
    wanted = Q() if connection_id is None else Q(connection_id=connection_id)
    if state:
        wanted &= Q(state=state)
    return RawDelivery.objects.filter(wanted).defer("body").order_by("-id")
