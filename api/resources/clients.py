"""The client's side and the frame of an engagement: accounts, contacts, projects, phases; and the members."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F, QuerySet
from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes import Filters, Flag, Input, Key, ModelInput, Out
from api.views import READ, Changeable, Creatable, Readable
from milestones.actions import clients as actions
from milestones.actions.phases import MOST
from milestones.models import Account, Contact, Phase, Project
from milestones.queries import lists
from milestones.words import Authority
from workspaces.models import Membership, Role, Scope

OPEN_TO = {
    "list": READ,
    "retrieve": READ,
    "create": Scope.PROJECTS,
    "partial_update": Scope.PROJECTS,
}


class AccountOut(Out):
    class Meta:
        model = Account
        fields = ["id", "name", "external_ref", "created_at", "version"]


class AccountInput(ModelInput):
    served = AccountOut

    class Meta:
        model = Account
        fields = ["name", "external_ref"]


class AccountFilters(Filters):
    external_ref = CharFilter()


class Accounts(Readable, Creatable, Changeable):
    """Clients' organisations."""

    model = Account
    scopes = OPEN_TO
    out = AccountOut
    inputs = {"create": AccountInput, "partial_update": AccountInput}
    filterset_class = AccountFilters
    orderings = ("name", "created_at")

    def get_queryset(self) -> QuerySet[Account]:
        return lists.accounts()

    def add(self, data: dict[str, Any]) -> Account:
        return actions.add_account(**data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Account:
        return actions.change_account(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class ContactOut(Out):
    class Meta:
        model = Contact
        fields = [
            "id",
            "account_id",
            "name",
            "email",
            "time_zone",
            "authorities",
            "absent_from",
            "absent_until",
            "delegate_id",
            "created_at",
            "version",
        ]


class ContactInput(ModelInput):
    account_id = Key(lists.accounts)
    time_zone = serializers.CharField(max_length=64, required=False)
    served = ContactOut
    fixed = frozenset({"account_id"})

    class Meta:
        model = Contact
        fields = ["account_id", "name", "email", "time_zone", "authorities"]


class AbsenceInput(Input):
    """From when until when, and who decides meanwhile; nothing of it ends the absence."""

    served = ContactOut
    absent_from = serializers.DateField(allow_null=True, default=None)
    absent_until = serializers.DateField(allow_null=True, default=None)
    delegate_id = Key(lists.contacts, allow_null=True, required=False)


class ContactFilters(Filters):
    account_id = UUIDFilter()
    email = CharFilter(lookup_expr="iexact")
    authority = ChoiceFilter(
        field_name="authorities", lookup_expr="contains", choices=Authority.choices, method="with_authority"
    )

    def with_authority(self, rows: QuerySet[Contact], _name: str, value: str) -> QuerySet[Contact]:
        return rows.filter(authorities__contains=[value])


class Contacts(Readable, Creatable, Changeable):
    """People at accounts. They never need a login."""

    model = Contact
    scopes = {**OPEN_TO, "absence": Scope.PROJECTS}
    out = ContactOut
    inputs = {"create": ContactInput, "partial_update": ContactInput, "absence": AbsenceInput}
    versioned = frozenset({"partial_update", "absence"})
    filterset_class = ContactFilters
    orderings = ("name", "created_at")

    def get_queryset(self) -> QuerySet[Contact]:
        return lists.contacts()

    def add(self, data: dict[str, Any]) -> Contact:
        return actions.add_contact(**data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Contact:
        return actions.change_contact(pk, changes, by=self.actor, now=self.now, expected=self.expected)

    def absence(self, request: Request, pk: UUID) -> Response:
        data = {"delegate": None, **self.data}
        return self.served(
            actions.set_absence(pk, **data, by=self.actor, now=self.now, expected=self.expected)
        )


class ProjectOut(Out):
    class Meta:
        model = Project
        fields = [
            "id",
            "account_id",
            "name",
            "external_ref",
            "kickoff_completed_at",
            "currency",
            "feedback_route",
            "shares_figures",
            "created_at",
            "archived_at",
            "version",
        ]


class ProjectInput(ModelInput):
    account_id = Key(lists.accounts)
    served = ProjectOut
    fixed = frozenset({"account_id", "kickoff_completed_at"})

    class Meta:
        model = Project
        fields = [
            *("account_id", "name", "external_ref", "kickoff_completed_at"),
            *("currency", "feedback_route", "shares_figures"),
        ]


class ProjectFilters(Filters):
    account_id = UUIDFilter()
    external_ref = CharFilter()
    archived = Flag(field_name="archived_at", method="by_archived")

    def by_archived(self, rows: QuerySet[Project], _name: str, value: bool) -> QuerySet[Project]:
        return rows.filter(archived_at__isnull=not value)


class Projects(Readable, Creatable, Changeable):
    """Engagements. A kickoff makes one with its first milestone; here one is made bare."""

    model = Project
    scopes = OPEN_TO
    out = ProjectOut
    inputs = {"create": ProjectInput, "partial_update": ProjectInput}
    filterset_class = ProjectFilters
    orderings = ("-created_at", "kickoff_completed_at", "name")

    def get_queryset(self) -> QuerySet[Project]:
        return lists.projects()

    def add(self, data: dict[str, Any]) -> Project:
        return actions.add_project(**data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Project:
        return actions.change_project(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class PhaseOut(Out):
    class Meta:
        model = Phase
        fields = ["id", "project_id", "position", "name", "version"]


class PhaseInput(ModelInput):
    project_id = Key(lists.projects)
    served = PhaseOut
    fixed = frozenset({"project_id"})

    class Meta:
        model = Phase
        fields = ["project_id", "position", "name"]
        extra_kwargs: ClassVar = {"position": {"max_value": MOST}}


class PhaseFilters(Filters):
    project_id = UUIDFilter()


class Phases(Readable, Creatable, Changeable):
    """Ordered groups of a project's milestones."""

    model = Phase
    scopes = OPEN_TO
    out = PhaseOut
    inputs = {"create": PhaseInput, "partial_update": PhaseInput}
    filterset_class = PhaseFilters
    orderings = ("position", "name")

    def get_queryset(self) -> QuerySet[Phase]:
        return lists.phases()

    def add(self, data: dict[str, Any]) -> Phase:
        return actions.add_phase(**data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Phase:
        return actions.change_phase(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class MemberOut(Out):
    name = serializers.CharField(read_only=True)
    email = serializers.EmailField(read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "name", "email", "role", "joined_at", "ended_at"]


class MemberFilters(Filters):
    email = CharFilter()
    role = ChoiceFilter(choices=Role.choices)


class Members(Readable):
    """People of the workspace, whose ids own milestones. They are invited on the settings page."""

    model = Membership
    scopes = {"list": READ, "retrieve": READ}
    out = MemberOut
    filterset_class = MemberFilters
    orderings = ("joined_at",)

    def get_queryset(self) -> QuerySet[Membership]:
        return Membership.objects.annotate(name=F("user__name"), email=F("user__email"))
