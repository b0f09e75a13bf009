"""People and their ways in (members, invitations, tokens, links); the workspace's calendar and settings."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from tenancy.ids import uuid7
from tenancy.models import WorkspaceModel
from tenancy.text import Line

HEX_COLOUR = RegexValidator(r"^#[0-9a-f]{6}$", "Give the colour as # and six hexadecimal digits.")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. Belongs to no workspace; memberships say where they may enter."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = Line(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower("email")))
        ]

    def __str__(self) -> str:
        return str(self.name or self.email)

    def get_full_name(self) -> str:
        return str(self.name)


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


class Membership(WorkspaceModel):
    """A person in a workspace, with a role. Ended, never removed: history names them."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="a_person_joins_a_workspace_once")
        ]


class Invitation(WorkspaceModel):
    """An open chair for someone, by e-mail."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
            )
        ]


class Scope(models.TextChoices):
    READ = "read", "Read everything"
    KICKOFFS = "kickoffs:write", "Start engagements"
    PROJECTS = "projects:write", "Change projects, milestones and contacts"
    DELIVERY = "delivery:write", "Record progress, QA, blockers and requests"
    DECISIONS = "decisions:write", "Ask for and record decisions"
    PROOFS = "proofs:write", "Measure, publish packets, follow opportunities"
    CONNECTIONS = "connections:write", "Manage connections, webhooks and deliveries"
    EXPORT = "export", "Take a copy of everything"


class ApiToken(WorkspaceModel):
    """A machine's key. Only its digest is stored (as a DoorKey); the prefix tells people which one it is."""

    name = Line(max_length=80)
    prefix = models.CharField(max_length=16)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope))
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False


class Purpose(models.TextChoices):
    INVITATION = "invitation", "Invitation"
    PORTAL = "portal", "Client portal"
    DECISION = "decision", "Decision"
    REVIEW = "review", "Review"
    CALENDAR = "calendar", "Calendar feed"
    PROOF = "proof", "Proof packet"
    HANDOFF = "handoff", "Handoff packet"
    CONFIDENCE = "confidence", "Client confidence"


class Link(WorkspaceModel):
    """A secret address for someone without a login: one purpose, one recipient, an expiry, revocable.

    The token is derived from id and generation, so it can be built again and is stored only hashed.
    """

    purpose = models.CharField(max_length=20, choices=Purpose)
    subject_id = models.UUIDField()
    recipient_kind = models.CharField(max_length=20)
    recipient_id = models.UUIDField(null=True)
    recipient_name = models.CharField(max_length=200)
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["workspace", "subject_id"], name="link_subject")]


class WorkingCalendar(WorkspaceModel):
    """When the workspace works: hours by weekday (Monday first, local time), holidays of a country, days off.

    `hours` is a list of seven lists of ["HH:MM", "HH:MM"].
    """

    hours = models.JSONField()
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=6, blank=True)
    days_off = ArrayField(models.DateField(), default=list, blank=True)
    laid_out_until = models.DateField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="a_workspace_has_one_calendar")
        ]


class WorkDay(WorkspaceModel):
    """One day of the calendar, laid out for set-based sweeps: `ordinal` counts the working days before it."""

    day = models.DateField()
    is_working = models.BooleanField()
    ordinal = models.IntegerField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "day"], name="a_day_is_laid_out_once")
        ]


class WorkPeriod(WorkspaceModel):
    """One stretch of working time: `hours_before` counts the working hours before it."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    hours_before = models.FloatField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "starts_at"], name="a_period_is_laid_out_once"),
            models.CheckConstraint(
                name="period_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]


class WorkspaceSettings(WorkspaceModel):
    """What a workspace decides for itself: the portal's brand, its own thresholds (absent: default)."""

    brand_colour = models.CharField(max_length=7, default="#3b5bdb", validators=[HEX_COLOUR])
    brand_name = Line(max_length=80, blank=True)
    thresholds = models.JSONField(default=dict)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="a_workspace_has_one_set_of_settings"),
            models.CheckConstraint(
                name="brand_colour_is_a_hex_colour", condition=Q(brand_colour__regex=r"^#[0-9a-f]{6}$")
            ),
        ]


class Attempt(models.Model):
    """How often something guarded was tried in a window. Counts survive a flushed Redis."""

    key = models.BinaryField(max_length=32)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "window_start"], name="attempts_are_counted_per_window")
        ]
