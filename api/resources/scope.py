"""Asks outside the agreed scope: queued, estimated, put to the client, decided."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.decisions import DecisionRequestOut
from api.resources.reports import OfMilestone
from api.shapes import Filters, Input, ModelInput, Out
from api.views import READ, Changeable, Creatable, Readable, WorkspaceView
from milestones.actions import answers, comments, scope
from milestones.models import ChangeRequest, Comment
from milestones.queries import decisions as queries
from milestones.queries import lists
from milestones.words import ChangeState
from workspaces.models import Scope


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
            "source_id",
            "adds_criterion",
            "asked_at",
            "days",
            "price",
            "state",
            "decision_id",
            "decided_at",
            "version",
        ]


class EstimateInput(ModelInput):
    """What a change would cost, and the criterion that it would add."""

    served = ChangeRequestOut
    days = serializers.DecimalField(
        max_digits=6, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, required=False, allow_null=True
    )

    class Meta:
        model = ChangeRequest
        fields = ["detail", "adds_criterion", "days", "price"]


class ChangeRequestInput(EstimateInput):
    class Meta:
        model = ChangeRequest
        fields = ["title", "asked_by", *EstimateInput.Meta.fields]


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


class ChangeRequests(Readable, Changeable):
    """The queue of unplanned asks of the whole workspace. A change says what an ask would cost."""

    model = ChangeRequest
    scopes = {"list": READ, "retrieve": READ, "partial_update": Scope.DELIVERY}
    out = ChangeRequestOut
    inputs = {"partial_update": EstimateInput}
    filterset_class = AllChangeRequestFilters
    orderings = ("-asked_at", "number")

    def get_queryset(self) -> QuerySet[ChangeRequest]:
        return lists.change_requests()

    def change(self, pk: UUID, changes: dict[str, Any]) -> ChangeRequest:
        return scope.estimate(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class AskClientInput(Input):
    served = DecisionRequestOut
    decide_by = serializers.DateTimeField()
    context = serializers.CharField(  # type: ignore[assignment]
        max_length=5000, required=False, allow_blank=True
    )


class DecideInput(Input):
    """Our own no with its reason; or the client's answer with its evidence and who gave it."""

    served = ChangeRequestOut
    outcome = serializers.ChoiceField(choices=[ChangeState.ACCEPTED, ChangeState.DECLINED])
    reason = serializers.CharField(max_length=300, required=False)
    evidence = serializers.CharField(max_length=5000, required=False)
    name = serializers.CharField(max_length=120, required=False)
    comment = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class ChangeRequestSteps(WorkspaceView):
    """What happens to an ask: put to the client, declined by us, or the client's answer noted."""

    model = ChangeRequest
    scopes = dict.fromkeys(("ask", "decide"), Scope.DECISIONS)
    out = ChangeRequestOut
    inputs = {"ask": AskClientInput, "decide": DecideInput}
    statuses = {"ask": (201,)}
    versioned = frozenset(scopes)

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return DecisionRequestOut if action == "ask" else ChangeRequestOut

    def get_queryset(self) -> QuerySet[ChangeRequest]:
        return lists.change_requests()

    def ask(self, request: Request, pk: UUID) -> Response:
        asked = scope.ask_client(pk, **self.data, by=self.actor, now=self.now, expected=self.expected)
        return Response(DecisionRequestOut.of(asked), status=201)

    def decide(self, request: Request, pk: UUID) -> Response:
        data = self.data
        self.get_queryset().only("pk").get(pk=pk)  # an unknown one is not found, whatever is said of it
        who: Any = {"by": self.actor, "now": self.now, "expected": self.expected}
        if set(data) == {"outcome", "reason"} and data["outcome"] == ChangeState.DECLINED:
            return self.served(scope.decline(pk, data["reason"], **who))
        if "reason" in data:
            said = "A reason comes with our own no. The client's answer comes with evidence and name."
            raise serializers.ValidationError({"reason": [said]})
        if missing := [name for name in ("evidence", "name") if name not in data]:
            said = "Say how the client answered and who did; or give a reason for our own no."
            raise serializers.ValidationError({name: [said] for name in missing})
        return self.served(answers.note_answer(pk, ChangeState(data.pop("outcome")), **data, **who))


class QueueInput(Input):
    served = ChangeRequestOut
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CommentSteps(WorkspaceView):
    """Turning an ask among a comment's words into a change request."""

    model = Comment
    scopes = {"queue": Scope.DELIVERY}
    out = ChangeRequestOut
    inputs = {"queue": QueueInput}
    statuses = {"queue": (201,)}
    versioned = frozenset({"queue"})

    def get_queryset(self) -> QuerySet[Comment]:
        return queries.comments()

    def queue(self, request: Request, pk: UUID) -> Response:
        data = self.data
        asked = comments.queue(pk, **data, by=self.actor, now=self.now, expected=self.expected)
        return self.served(asked, status=201)
