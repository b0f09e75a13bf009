"""The journal's entries and the outbox's intents."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tenancy.ids import uuid7
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line

GRACE = timedelta(seconds=30)


class ChainHead(WorkspaceModel):
    """Where a workspace's journal ends. Locked last in every transaction that appends."""

    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="a_workspace_has_one_journal")
        ]


class Event(WorkspaceModel):
    """One thing that happened. Never changed, never removed.

    `thread_id` is the milestone or project whose story this is; actor and subject are (kind, id), no keys.
    """

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    thread_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    cause_id = models.UUIDField(null=True)
    body = models.TextField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "seq"], name="event_has_its_place_in_the_chain"),
        ]
        indexes: ClassVar = [
            models.Index(F("workspace"), F("thread_id"), F("seq").desc(), name="event_thread"),
            models.Index(fields=["workspace", "kind", "seq"], name="event_kind"),
            models.Index(fields=["workspace", "subject_id", "seq"], name="event_subject"),
            BrinIndex(fields=["at"], name="event_at"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="event_never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="event_table_is_never_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'The journal is never emptied.';",
            ),
        ]


class EventPersonal(WorkspaceModel):
    """The personal fields of an event, kept apart with their salt so that they can be erased."""

    event = TenantKey(Event, models.PROTECT, related_name="personal")
    salt = models.CharField(max_length=32)
    content = models.JSONField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "event"], name="an_event_has_one_personal_part")
        ]


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    SENT = "sent", "Sent"
    PARKED = "parked", "Parked"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DIGESTED = "digested", "In a digest"
    EXPIRED = "expired", "Expired"


# What must not wait behind others: it takes a blocker to whoever can end it.
URGENT = ("blocker_aging",)


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"


class Outgoing(models.Model):
    """An intent to tell someone something, committed with the change that caused it.

    A claim sets `lease_until` and raises `fence`; only the holder of the fence may finish. `handed_over_at`
    is set just before the message leaves: when it is found set, the earlier attempt's end is unknown.
    """

    address = models.CharField(max_length=320)
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_default=State.QUEUED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0, db_default=0)
    handed_over_at = models.DateTimeField(null=True)
    possibly_twice = models.BooleanField(default=False, db_default=False)
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class Delivery(WorkspaceModel, Outgoing):
    """One message of a workspace to one recipient about one subject.

    A webhook tells of an entry of the journal: `seq` is its place there, by which messages of one thread
    keep their order.
    """

    channel = models.CharField(max_length=10, choices=Channel)
    seq = models.BigIntegerField(null=True)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    thread_id = models.UUIDField(null=True)
    step = models.CharField(max_length=40, default="", blank=True)
    occurrence = models.PositiveIntegerField(default=1)
    recipient_kind = models.CharField(max_length=20)
    recipient_id = models.UUIDField(null=True)
    recipient_name = models.CharField(max_length=200)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=[
                    "workspace",
                    "channel",
                    "kind",
                    "subject_id",
                    "step",
                    "occurrence",
                    "address",
                ],
                name="delivery_is_intended_once",
            ),
            models.CheckConstraint(
                name="delivery_finished_means_dated",
                condition=Q(state=State.QUEUED, finished_at=None)
                | (~Q(state=State.QUEUED) & Q(finished_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["channel", "due_at"], name="delivery_due", condition=Q(state=State.QUEUED)),
            models.Index(
                fields=["due_at"], name="delivery_urgent", condition=Q(state=State.QUEUED, kind__in=URGENT)
            ),
            models.Index(
                fields=["workspace", "recipient_id", "seq"],
                name="delivery_to_endpoint",
                condition=Q(state=State.QUEUED, channel=Channel.WEBHOOK),
            ),
            models.Index(
                F("workspace"),
                F("recipient_id"),
                F("created_at").desc(),
                F("id").desc(),
                name="delivery_log_of_endpoint",
                condition=Q(channel=Channel.WEBHOOK),
            ),
            models.Index(fields=["workspace", "id"], name="delivery_parked", condition=Q(state=State.PARKED)),
            models.Index(fields=["workspace", "subject_id"], name="delivery_subject"),
            models.Index(F("workspace"), F("created_at").desc(), F("id").desc(), name="delivery_log"),
        ]

    @property
    def endpoint_id(self) -> UUID:
        """The endpoint that a webhook goes to.

        Raises:
            LookupError: when the message is none.
        """
        if self.channel != Channel.WEBHOOK or self.recipient_id is None:
            raise LookupError("This message goes to no endpoint.")
        return self.recipient_id


class DeliveryAttempt(WorkspaceModel):
    """One try to hand a message over, and what came of it."""

    delivery = TenantKey(Delivery, models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    outcome = models.CharField(
        max_length=10, choices=[("sent", "Sent"), ("failed", "Failed"), ("unknown", "Unknown")]
    )
    detail = models.TextField(blank=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False


class WebhookEndpoint(WorkspaceModel):
    """Another system's address that is told of events, in the order of each milestone's story.

    `events` are the kinds it asked for, none meaning all. `told_through` is the entry of the journal up to
    which messages are intended. The secrets are sealed; after a rotation the old one signs, too, until
    `old_secret_until`.

    `due_at` is when the next message may leave, none while nothing waits; `lease_until` keeps it to one at a
    time. `failures` counts attempts that failed in a row, since `failing_since`; `rests_until` is when the
    next one is made. Failing for too long pauses it.
    """

    name = Line(max_length=80)
    url = Line(max_length=500)
    events = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    secret = models.TextField(editable=False)
    old_secret = models.TextField(blank=True, default="", editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    told_through = models.BigIntegerField(default=0, db_default=0, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    rests_until = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    pause_reason = Line(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                name="endpoint_paused_means_explained",
                condition=Q(paused_at=None, pause_reason="")
                | (Q(paused_at__isnull=False) & ~Q(pause_reason="")),
            ),
            models.CheckConstraint(
                name="endpoint_old_secret_means_dated",
                condition=Q(old_secret="", old_secret_until=None)
                | (~Q(old_secret="") & Q(old_secret_until__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "told_through"],
                name="endpoint_to_tell",
                condition=Q(paused_at=None, removed_at=None),
            ),
            models.Index(
                fields=["due_at"],
                name="endpoint_due",
                condition=Q(paused_at=None, removed_at=None, due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountMail(Outgoing):
    """A sign-in mail (confirmation, reset, security notice). It belongs to a person, not to a workspace."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="account_mail_due", condition=Q(state=State.QUEUED))
        ]


class JobRun(models.Model):
    """When each job last ran, so that what was not evaluated in time can be shown as such."""

    name = models.CharField(max_length=40, primary_key=True)
    every = models.DurationField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    touched = models.PositiveIntegerField(default=0)
    error = models.TextField(default="", blank=True)

    def is_overdue(self, *, now: datetime) -> bool:
        """Whether two runs in a row have been missed, or the last one failed."""
        return bool(self.error) or now - (self.finished_at or self.started_at) > 2 * self.every + GRACE


class Watch(models.Model):
    """What the watchman saw at its last look at one thing that ought to happen by itself.

    `late` holds what had not happened, each with the look that first missed it. What stays missing for longer
    than its patience is an alarm, since `alarm_since`; the operator was told of it at `told_at`. `error` says
    why the look itself failed: not knowing is an alarm as well.
    """

    name = models.CharField(max_length=40, primary_key=True)
    looked_at = models.DateTimeField()
    late = models.JSONField(default=dict)
    missing = models.PositiveIntegerField(default=0)
    error = models.TextField(default="", blank=True)
    alarm_since = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
