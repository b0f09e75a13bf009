"""How the work of a milestone goes: progress, QA runs, unplanned requests, blockers, work items."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes import Filters, Input, ModelInput, Out
from api.views import READ, Changeable, Creatable, Listed, Readable
from milestones.actions import reports as actions
from milestones.actions import work
from milestones.models import Milestone, ProgressUpdate, WorkItem
from milestones.queries import lists
from milestones.words import WorkState
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
            "measured",
            "confidence",
        ]


class ProgressInput(ModelInput):
    served = ProgressOut

    class Meta:
        model = ProgressUpdate
        fields = ["done", "next", "blocked", "percent", "measured", "confidence"]


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
