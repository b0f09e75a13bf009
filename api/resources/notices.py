"""What clients are owed to be told: drafts that wait, what left, and who is not informed."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.plans import find
from api.resources.reports import NothingInput
from api.shapes import Filters, Flag, Input, Key, ModelInput, Out
from api.views import READ, Changeable, Readable, WorkspaceView
from escalation.updates import draft_update
from milestones.actions import notices as actions
from milestones.models import Notice, Project
from milestones.queries import lists
from milestones.queries.notices import NOT_INFORMED
from milestones.words import NoticeKind, NoticeState
from workspaces.models import Scope


class NoticeOut(Out):
    class Meta:
        model = Notice
        fields = [
            "id",
            "project_id",
            "milestone_id",
            "number",
            "kind",
            "subject_id",
            "recipient_id",
            "title",
            "body",
            "state",
            "created_at",
            "sent_at",
            "delivery_id",
            "delivered_at",
            "bounced_at",
            "problem",
            "told_otherwise_at",
            "told_otherwise",
            "version",
        ]


class NoticeInput(ModelInput):
    recipient_id = Key(lists.contacts, required=False)
    served = NoticeOut

    class Meta:
        model = Notice
        fields = ["title", "body", "recipient_id"]


class NoticeFilters(Filters):
    project_id = UUIDFilter()
    milestone_id = UUIDFilter()
    kind = ChoiceFilter(choices=NoticeKind.choices)
    state = ChoiceFilter(choices=NoticeState.choices)
    is_uninformed = Flag(method="by_uninformed")

    def by_uninformed(self, rows: QuerySet[Notice], _name: str, value: bool) -> QuerySet[Notice]:
        return rows.filter(NOT_INFORMED) if value else rows.exclude(NOT_INFORMED)


class Notices(Readable, Changeable):
    """Messages that clients are owed. They arise from what happens; only a draft can be changed."""

    model = Notice
    scopes = {"list": READ, "retrieve": READ, "partial_update": Scope.DELIVERY}
    out = NoticeOut
    inputs = {"partial_update": NoticeInput}
    filterset_class = NoticeFilters

    def get_queryset(self) -> QuerySet[Notice]:
        return Notice.objects.all()

    def change(self, pk: UUID, changes: dict[str, Any]) -> Notice:
        return actions.revise(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class ToldInput(Input):
    served = NoticeOut
    how = serializers.CharField(max_length=300)


class NoticeSteps(WorkspaceView):
    """What happens to a notice: a draft is sent, what did not arrive is sent again or told another way."""

    model = Notice
    scopes = dict.fromkeys(("send", "told_otherwise"), Scope.DELIVERY)
    out = NoticeOut
    inputs = {"send": NothingInput, "told_otherwise": ToldInput}
    versioned = frozenset(scopes)

    def get_queryset(self) -> QuerySet[Notice]:
        return Notice.objects.all()

    def send(self, request: Request, pk: UUID) -> Response:
        return self._take(actions.send, pk)

    def told_otherwise(self, request: Request, pk: UUID) -> Response:
        return self._take(actions.told_otherwise, pk)

    def _take(self, step: Any, pk: UUID) -> Response:
        return self.served(step(pk, **self.data, by=self.actor, now=self.now, expected=self.expected))


class StatusUpdates(WorkspaceView):
    """Drafts the client's status update of this week's saved answers; one that is not sent yet is kept.

    The draft is a notice: read it over, change it, send it as one.
    """

    model = Project
    scopes = {"create": Scope.PROJECTS}
    inputs = {"create": NothingInput}
    out = NoticeOut

    def create(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return self.served(draft_update(find(pk), by=self.actor, now=self.now), status=201)
