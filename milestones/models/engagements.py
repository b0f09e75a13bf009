"""Clients and their people, projects and phases."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from milestones.words import Authority
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text

CURRENCY = RegexValidator(r"^[A-Z]{3}$", "Give the currency by its three letters, such as EUR.")


class Account(WorkspaceModel):
    """The client's organisation."""

    name = Line(max_length=120)
    external_ref = Line(max_length=120, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "external_ref"],
                condition=~Q(external_ref=""),
                name="account_reference_is_its_own",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "name", "id"], name="account_name")]

    def __str__(self) -> str:
        return self.name


class Contact(WorkspaceModel):
    """A person at an account. Never needs a login. While absent, the delegate decides in their place."""

    account = TenantKey(Account, models.PROTECT, related_name="contacts")
    name = Line(max_length=120)
    email = models.EmailField(max_length=254)
    time_zone = models.CharField(max_length=64, default="UTC")
    authorities = ArrayField(models.CharField(max_length=20, choices=Authority), default=list, blank=True)
    absent_from = models.DateField(null=True, blank=True)
    absent_until = models.DateField(null=True, blank=True)
    delegate = TenantKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "email"], name="a_contact_has_one_address_at_an_account"
            ),
            models.CheckConstraint(
                name="contact_absence_has_a_first_and_a_last_day",
                condition=Q(absent_from=None, absent_until=None)
                | Q(absent_from__isnull=False, absent_until__gte=F("absent_from")),
            ),
            models.CheckConstraint(
                name="contact_is_not_their_own_delegate", condition=Q(delegate=None) | ~Q(delegate=F("id"))
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "name", "id"], name="contact_name")]

    def __str__(self) -> str:
        return self.name


class Project(WorkspaceModel):
    """One engagement for one account. Control starts at `kickoff_completed_at`.

    `feedback_route` says who collects feedback where; `shares_figures` lets the client read risk scores.
    """

    account = TenantKey(Account, models.PROTECT, related_name="projects")
    name = Line(max_length=120)
    external_ref = Line(max_length=120, blank=True)
    kickoff_completed_at = models.DateTimeField()
    currency = models.CharField(max_length=3, default="EUR", validators=[CURRENCY])
    feedback_route = Text(max_length=1000, blank=True)
    shares_figures = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "external_ref"],
                condition=~Q(external_ref=""),
                name="project_reference_is_its_own",
            ),
            models.CheckConstraint(
                name="project_currency_is_a_code", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
        ]
        indexes: ClassVar = [
            models.Index(F("workspace"), F("created_at").desc(), F("id").desc(), name="project_newest")
        ]

    def __str__(self) -> str:
        return self.name


class Phase(WorkspaceModel):
    """An ordered group of milestones of a project."""

    project = TenantKey(Project, models.PROTECT, related_name="phases")
    position = models.PositiveSmallIntegerField()
    name = Line(max_length=80)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "project", "position"], name="phases_are_in_order")
        ]
