"""How the work of a milestone goes: progress, QA runs, unplanned requests, blockers, work items."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes import Filters, Flag, Input, ModelInput, Out
from api.views import READ, Changeable, Creatable, Listed, Readable, WorkspaceView
from escalation import actions as escalation
from escalation import queries
from escalation.models import Blocker, BlockerType, Severity
from milestones.actions import reports as actions
from milestones.actions import scope, work
from milestones.models import ChangeRequest, Milestone, ProgressUpdate, WorkItem
from milestones.queries import lists
from milestones.words import ChangeState, WorkState
from workspaces.models import Scope

OF_MILESTONE = {"list": READ, "create": Scope.DELIVERY}


class NothingInput(Input):
    """A body without fields."""


class OfMilestone(Listed):
    """What is listed below a milestone."""

    scopes = OF_MILESTONE

    @property
    def milestone_id(self) -> UUID:
        return self.kwargs["milestone_id"]  # type: ignore[no-any-return]

    def list(self, request: Request, **kwargs: Any) -> Response:
        self._check_milestone()
        return super().list(request, **kwargs)

    def _check_milestone(self) -> None:
        if not Milestone.objects.filter(pk=self.milestone_id).exists():
            raise Http404


class ProgressOut(Out):
    class Meta:
        model = ProgressUpdate
        fields = [
            "id",
            "milestone_id",
            "at",
            "author_kind",
            "author_id",
            "author_name",
            "done",
            "next",
            "blocked",
            "percent",
            "confidence",
        ]


class ProgressInput(ModelInput):
    served = ProgressOut

    class Meta:
        model = ProgressUpdate
        fields = ["done", "next", "blocked", "percent", "confidence"]


class ProgressUpdates(OfMilestone, Creatable):
    """Internal statements of progress; a client never sees them as they are."""

    model = ProgressUpdate
    out = ProgressOut
    inputs = {"create": ProgressInput}
    orderings = ("-at",)

    def get_queryset(self) -> QuerySet[ProgressUpdate]:
        return lists.progress_of(self.milestone_id)

    def add(self, data: dict[str, Any]) -> ProgressUpdate:
        return actions.record_progress(self.milestone_id, **data, by=self.actor, now=self.now)


class ChangeRequestOut(Out):
    class Meta:
        model = ChangeRequest
        fields = [
            "id",
            "milestone_id",
            "number",
            "title",
            "detail",
            "asked_by",
            "source",
            "asked_at",
            "days",
            "price",
            "state",
            "decided_at",
            "version",
        ]


class ChangeRequestInput(ModelInput):
    served = ChangeRequestOut
    days = serializers.DecimalField(
        max_digits=6, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, required=False, allow_null=True
    )

    class Meta:
        model = ChangeRequest
        fields = ["title", "detail", "asked_by", "days", "price"]


class ChangeRequestFilters(Filters):
    state = ChoiceFilter(choices=ChangeState.choices)


class ChangeRequestsOfMilestone(OfMilestone, Creatable):
    """Unplanned asks of one milestone: they wait in the queue, its boundary stays."""

    model = ChangeRequest
    out = ChangeRequestOut
    inputs = {"create": ChangeRequestInput}
    filterset_class = ChangeRequestFilters
    orderings = ("-asked_at", "number")

    def get_queryset(self) -> QuerySet[ChangeRequest]:
        return lists.change_requests_of(self.milestone_id)

    def add(self, data: dict[str, Any]) -> ChangeRequest:
        return scope.queue_request(self.milestone_id, **data, source="api", by=self.actor, now=self.now)


class AllChangeRequestFilters(ChangeRequestFilters):
    milestone_id = UUIDFilter()


class ChangeRequests(Readable):
    """The queue of unplanned asks of the whole workspace."""

    model = ChangeRequest
    scopes = {"list": READ, "retrieve": READ}
    out = ChangeRequestOut
    filterset_class = AllChangeRequestFilters
    orderings = ("-asked_at", "number")

    def get_queryset(self) -> QuerySet[ChangeRequest]:
        return lists.change_requests()


class BlockerOut(Out):
    class Meta:
        model = Blocker
        fields = [
            "id",
            "milestone_id",
            "number",
            "type",
            "severity",
            "title",
            "detail",
            "evidence",
            "stops_path",
            "response_contact_id",
            "response_member_id",
            "opened_at",
            "response_due_at",
            "aging_at",
            "critical_at",
            "acknowledged_at",
            "responded_at",
            "response",
            "resolved_at",
            "resolution",
            "version",
        ]


class BlockerInput(ModelInput):
    served = BlockerOut

    class Meta:
        model = Blocker
        fields = ["type", "severity", "title", "detail", "evidence", "stops_path"]


class BlockerFilters(Filters):
    type = ChoiceFilter(choices=BlockerType.choices)
    severity = ChoiceFilter(choices=Severity.choices)
    is_open = Flag(method="by_open")

    def by_open(self, rows: QuerySet[Blocker], _name: str, value: bool) -> QuerySet[Blocker]:
        return rows.filter(resolved_at__isnull=value)


class BlockersOfMilestone(OfMilestone, Creatable):
    """What stops or threatens one milestone."""

    model = Blocker
    out = BlockerOut
    inputs = {"create": BlockerInput}
    filterset_class = BlockerFilters
    orderings = ("-opened_at", "number")

    def get_queryset(self) -> QuerySet[Blocker]:
        return queries.blockers_of(self.milestone_id)

    def add(self, data: dict[str, Any]) -> Blocker:
        return escalation.open_blocker(self.milestone_id, **data, by=self.actor, now=self.now)


class AllBlockerFilters(BlockerFilters):
    milestone_id = UUIDFilter()


class Blockers(Readable):
    """All blockers of the workspace."""

    model = Blocker
    scopes = {"list": READ, "retrieve": READ}
    out = BlockerOut
    filterset_class = AllBlockerFilters
    orderings = ("-opened_at", "number")

    def get_queryset(self) -> QuerySet[Blocker]:
        return queries.blockers()


class ResponseInput(Input):
    served = BlockerOut
    response = serializers.CharField(max_length=5000)


class ResolutionInput(Input):
    served = BlockerOut
    resolution = serializers.CharField(max_length=5000)


class BlockerSteps(WorkspaceView):
    """What happens to a blocker. Acknowledging is not resolving: its clocks go on."""

    model = Blocker
    scopes = dict.fromkeys(("acknowledge", "respond", "resolve"), Scope.DELIVERY)
    out = BlockerOut
    inputs = {"acknowledge": NothingInput, "respond": ResponseInput, "resolve": ResolutionInput}
    versioned = frozenset(scopes)

    def get_queryset(self) -> QuerySet[Blocker]:
        return queries.blockers()

    def acknowledge(self, request: Request, pk: UUID) -> Response:
        return self._take(escalation.acknowledge, pk)

    def respond(self, request: Request, pk: UUID) -> Response:
        return self._take(escalation.respond, pk)

    def resolve(self, request: Request, pk: UUID) -> Response:
        return self._take(escalation.resolve, pk)

    def _take(self, step: Any, pk: UUID) -> Response:
        return self.served(step(pk, **self.data, by=self.actor, now=self.now, expected=self.expected))


class WorkItemOut(Out):
    class Meta:
        model = WorkItem
        fields = [
            "id",
            "milestone_id",
            "source",
            "connection_id",
            "external_id",
            "external_url",
            "title",
            "state",
            "assignee",
            "labels",
            "due_on",
            "opened_at",
            "started_at",
            "done_at",
            "version_at",
            "version",
        ]


class WorkItemInput(ModelInput):
    labels = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=50)
    served = WorkItemOut

    class Meta:
        model = WorkItem
        fields = ["title", "state", "assignee", "labels", "due_on", "external_url"]


class WorkItemFilters(Filters):
    state = ChoiceFilter(choices=WorkState.choices)
    connection_id = UUIDFilter()


class WorkItemsOfMilestone(OfMilestone, Creatable):
    """Tasks of one milestone, mirrored from a tool or made here."""

    model = WorkItem
    out = WorkItemOut
    inputs = {"create": WorkItemInput}
    filterset_class = WorkItemFilters
    orderings = ("-version_at", "opened_at")

    def get_queryset(self) -> QuerySet[WorkItem]:
        return lists.work_items_of(self.milestone_id)

    def add(self, data: dict[str, Any]) -> WorkItem:
        return work.add_work_item(self.milestone_id, **data, by=self.actor, now=self.now)


class AllWorkItemFilters(WorkItemFilters):
    milestone_id = UUIDFilter()


class WorkItems(Readable, Changeable):
    """All tasks of the workspace. A mirrored one is changed in its own tool."""

    model = WorkItem
    scopes = {"list": READ, "retrieve": READ, "partial_update": Scope.DELIVERY}
    out = WorkItemOut
    inputs = {"partial_update": WorkItemInput}
    filterset_class = AllWorkItemFilters
    orderings = ("-version_at", "opened_at")

    def get_queryset(self) -> QuerySet[WorkItem]:
        return lists.work_items()

    def change(self, pk: UUID, changes: dict[str, Any]) -> WorkItem:
        return work.change_work_item(pk, changes, by=self.actor, now=self.now, expected=self.expected)
