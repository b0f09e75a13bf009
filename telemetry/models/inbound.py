"""Connections to other tools, and the deliveries they bring: stored raw, understood later."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from milestones.models import Milestone
from milestones.words import WorkState
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line


class ProviderName(models.TextChoices):
    LINEAR = "linear", "Linear"
    GENERIC = "generic", "Generic"


class DeliveryState(models.TextChoices):
    RECEIVED = "received", "Received"
    APPLIED = "applied", "Applied"
    IGNORED = "ignored", "Ignored"
    PARKED = "parked", "Parked"


class RefusalReason(models.TextChoices):
    SIGNATURE = "signature", "Wrong signature"
    STALE = "stale", "Too old or from the future"
    MALFORMED = "malformed", "Not readable"
    TOO_LARGE = "too_large", "Too large"


class Connection(WorkspaceModel):
    """A tool that reports its work to one address. New items go to `milestone`.

    The secrets are sealed. After a rotation the old one counts until `old_secret_until`, so that both ends
    need not change at one moment.
    """

    provider = models.CharField(max_length=20, choices=ProviderName)
    name = Line(max_length=80)
    milestone = TenantKey(Milestone, models.PROTECT, related_name="connections")
    secret = models.TextField(editable=False)
    old_secret = models.TextField(blank=True, default="", editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    options = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                name="connection_old_secret_means_dated",
                condition=Q(old_secret="", old_secret_until=None)
                | (~Q(old_secret="") & Q(old_secret_until__isnull=False)),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at", "id"], name="connection_oldest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def states(self) -> dict[str, WorkState]:
        """The tool's own words for a state, as people mapped them to ours."""
        return {word: WorkState(state) for word, state in self.options.get("states", {}).items()}


class RefusalCount(WorkspaceModel):
    """How many deliveries of a connection were refused for one reason. Nothing else of them is kept."""

    connection = TenantKey(Connection, models.PROTECT, related_name="refusals")
    reason = models.CharField(max_length=12, choices=RefusalReason)
    count = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "connection", "reason"], name="refusals_are_counted_by_reason"
            )
        ]


class DeliveryKey(WorkspaceModel):
    """What makes a delivery a repetition: the SHA-256 of its id, or of its body. Kept for 30 days.

    `connection_id` is no foreign key: the one statement that inserts reads the connection itself, and a key
    would lock that row once for each delivery.
    """

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("workspace_id", "connection_id", "digest")
    connection_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    received_at = models.DateTimeField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        indexes: ClassVar = [BrinIndex(fields=["received_at"], name="delivery_key_age")]


class RawDelivery(WorkspaceModel):
    """A verified delivery as it came: stored before it is understood, partitioned by month of `received_at`.

    A claim sets `lease_until` and raises `fence`; only the holder of the fence may finish.
    """

    connection_id = models.UUIDField()
    received_at = models.DateTimeField()
    delivery_id = models.TextField()
    headers = models.JSONField()
    body = models.BinaryField()
    state = models.CharField(
        max_length=10,
        choices=DeliveryState,
        default=DeliveryState.RECEIVED,
        db_default=DeliveryState.RECEIVED,
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0, db_default=0)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(default="", db_default="", blank=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                name="raw_delivery_finished_means_dated",
                condition=Q(state=DeliveryState.RECEIVED, finished_at=None)
                | (~Q(state=DeliveryState.RECEIVED) & Q(finished_at__isnull=False)),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "received_at", "id"],
                name="raw_delivery_waiting",
                condition=Q(state=DeliveryState.RECEIVED),
            ),
            models.Index(
                fields=["workspace", "connection_id", "id"],
                name="raw_delivery_parked",
                condition=Q(state=DeliveryState.PARKED),
            ),
            models.Index(fields=["workspace", "connection_id", "id"], name="raw_delivery_of_connection"),
        ]


class Reading(WorkspaceModel):
    """A number that a connection reported under a key, for whoever measures by it.

    `is_new` until the metrics that are fed by this key have taken it.
    """

    connection = TenantKey(Connection, models.PROTECT, related_name="readings")
    key = Line(max_length=120)
    value = models.DecimalField(max_digits=18, decimal_places=4)
    unit = Line(max_length=20, blank=True)
    measured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    delivery_id = models.TextField()
    is_new = models.BooleanField(default=True, db_default=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "connection", "delivery_id", "key"], name="a_reading_is_kept_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "key", "id"], name="reading_new", condition=Q(is_new=True)),
            models.Index(
                F("workspace"), F("key"), F("received_at").desc(), F("id").desc(), name="reading_newest"
            ),
            BrinIndex(fields=["received_at"], name="reading_age"),
        ]
