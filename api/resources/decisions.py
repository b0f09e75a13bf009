"""Asking the client: rounds of review, decision requests, decisions, comments.

A client answers by their link alone; the team records only what was agreed through another channel.
"""

from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import NothingInput, OfMilestone
from api.shapes import UNKNOWN, Filters, Flag, Input, Key, ModelInput, Out
from api.views import READ, Creatable, Readable, WorkspaceView
from milestones.actions import comments, conclusions, decisions, requests, reviews
from milestones.actions.stages import journal_refusal
from milestones.asking import CONSEQUENCE_LENGTH, LABEL_LENGTH
from milestones.models import Comment, Contact, Decision, DecisionRequest, Milestone, Review
from milestones.queries import decisions as queries
from milestones.queries import lists
from milestones.words import ApprovalChannel, Ask, RequestKind, RequestState, Stage
from tenancy.refusal import Refused
from workspaces.models import Scope

ASKS = [(ask.value, ask.label) for ask in (Ask.ACCEPTANCE, Ask.REVISION_NOTES, Ask.DEPENDENCY)]


class OptionShape(Input):
    """One answer. In a review its code is the outcome in which the round ends."""

    code = serializers.CharField(max_length=40)
    label = serializers.CharField(max_length=LABEL_LENGTH)  # type: ignore[assignment]
    consequence = serializers.CharField(max_length=CONSEQUENCE_LENGTH)


class DecisionRequestOut(Out):
    class Meta:
        model = DecisionRequest
        fields = [
            "id",
            "project_id",
            "milestone_id",
            "number",
            "kind",
            "ask",
            "subject_id",
            "question",
            "context",
            "caveats",
            "options",
            "recommended",
            "approver_id",
            "delegate_id",
            "channel",
            "decide_by",
            "shown",
            "shown_digest",
            "state",
            "created_at",
            "sent_at",
            "ended_at",
            "end_reason",
            "replaced_by_id",
            "remind_at",
            "reminders",
            "version",
        ]


class DecisionOut(Out):
    class Meta:
        model = Decision
        fields = [
            "id",
            "request_id",
            "option",
            "contact_id",
            "name",
            "channel",
            "evidence",
            "comment",
            "shown_digest",
            "at",
            "by_kind",
            "by_id",
            "by_name",
            "countermands_id",
        ]


class ReviewOut(Out):
    class Meta:
        model = Review
        fields = [
            "id",
            "milestone_id",
            "number",
            "request_id",
            "counts",
            "outcome",
            "note",
            "created_at",
            "ended_at",
            "version",
        ]


class ReviewInput(Input):
    served = ReviewOut
    ask = serializers.ChoiceField(choices=ASKS)
    question = serializers.CharField(max_length=300)
    caveats = serializers.CharField(max_length=2000)
    decide_by = serializers.DateTimeField()
    context = serializers.CharField(  # type: ignore[assignment]
        max_length=5000, required=False, allow_blank=True
    )
    options = OptionShape(many=True, required=False)
    recommended = serializers.CharField(max_length=40, required=False, allow_blank=True)
    reviewer_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=20)


class ReasonInput(Input):
    reason = serializers.CharField(max_length=300)


class RecordInput(Input):
    served = DecisionOut
    option = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=120)
    contact_id = Key(
        lists.contacts, required=False, help_text="The approver or the delegate; without it the approver."
    )
    channel = serializers.ChoiceField(choices=ApprovalChannel.choices)
    evidence = serializers.CharField(max_length=5000)
    comment = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class ReviewFilters(Filters):
    is_open = Flag(method="by_open")

    def by_open(self, rows: QuerySet[Review], _name: str, value: bool) -> QuerySet[Review]:
        return rows.filter(ended_at__isnull=value)


class ReviewsOfMilestone(OfMilestone, Creatable):
    """Rounds of review of one milestone. POST prepares the next round; nothing is sent yet."""

    model = Review
    scopes = {"list": READ, "create": Scope.DECISIONS}
    out = ReviewOut
    inputs = {"create": ReviewInput}
    filterset_class = ReviewFilters
    orderings = ("-created_at", "number")

    def get_queryset(self) -> QuerySet[Review]:
        return queries.reviews().filter(milestone=self.milestone_id)

    def add(self, data: dict[str, Any]) -> Review:
        reviewers = _contacts(data.pop("reviewer_ids", []))
        return reviews.prepare(self.milestone_id, **data, reviewers=reviewers, by=self.actor, now=self.now)


def _contacts(ids: list[UUID]) -> list[Contact]:
    found = lists.contacts().in_bulk(ids)
    if len(found) < len(set(ids)):
        raise serializers.ValidationError({"reviewer_ids": [UNKNOWN]})
    return list(found.values())


class AllReviewFilters(ReviewFilters):
    milestone_id = UUIDFilter()


class Reviews(Readable):
    """Rounds of review of the whole workspace. Each ends in exactly one outcome."""

    model = Review
    scopes = {"list": READ, "retrieve": READ}
    out = ReviewOut
    filterset_class = AllReviewFilters
    orderings = ("-created_at", "number")

    def get_queryset(self) -> QuerySet[Review]:
        return queries.reviews()


class ReviewSteps(WorkspaceView):
    """What happens to a round: sent through the gate, answered through another agreed channel, withdrawn."""

    model = Review
    scopes = dict.fromkeys(("send", "record_decision", "withdraw"), Scope.DECISIONS)
    out = ReviewOut
    inputs = {"send": NothingInput, "record_decision": RecordInput, "withdraw": ReasonInput}
    statuses = {"record_decision": (201,)}
    versioned = frozenset({"send", "withdraw"})

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return DecisionOut if action == "record_decision" else ReviewOut

    def get_queryset(self) -> QuerySet[Review]:
        return queries.reviews()

    def send(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        try:
            sent = conclusions.send(pk, by=self.actor, now=self.now, expected=self.expected)
        except Refused as refusal:
            if refusal.unmet:
                self.afterwards.append(partial(self._remember, pk, refusal))
            raise
        return self.served(sent)

    def _remember(self, pk: UUID, refusal: Refused) -> None:
        milestone = Milestone.objects.get(reviews=pk)
        journal_refusal(milestone, Stage.REVIEW, refusal, by=self.actor, now=self.now)

    def record_decision(self, request: Request, pk: UUID) -> Response:
        review = Review.objects.get(pk=pk)
        if review.request_id is None:
            raise Refused("Nothing was asked in this round.", code="not_open")
        return recorded(self, review.request_id)

    def withdraw(self, request: Request, pk: UUID) -> Response:
        data = self.data
        return self.served(reviews.withdraw(pk, **data, by=self.actor, now=self.now, expected=self.expected))


def recorded(view: WorkspaceView, request_id: UUID) -> Response:
    """The decision that the body tells of, in its own shape."""
    kept = decisions.record(request_id, **view.data, by=view.actor, now=view.now)
    return Response(DecisionOut.of(kept), status=201)


class DecisionRequestFilters(Filters):
    milestone_id = UUIDFilter()
    subject_id = UUIDFilter()
    approver_id = UUIDFilter()
    kind = ChoiceFilter(choices=RequestKind.choices)
    state = ChoiceFilter(choices=RequestState.choices)


class DecisionRequests(Readable):
    """Every question to a client: what it shows, who decides, until when, and what became of it."""

    model = DecisionRequest
    scopes = {"list": READ, "retrieve": READ}
    out = DecisionRequestOut
    filterset_class = DecisionRequestFilters
    orderings = ("-created_at", "decide_by", "number")

    def get_queryset(self) -> QuerySet[DecisionRequest]:
        return queries.requests()


class ReplaceInput(Input):
    served = DecisionRequestOut
    decide_by = serializers.DateTimeField()
    question = serializers.CharField(max_length=300, required=False)
    context = serializers.CharField(  # type: ignore[assignment]
        max_length=5000, required=False, allow_blank=True
    )
    caveats = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class DelegateInput(Input):
    served = DecisionRequestOut
    delegate_id = Key(lists.contacts, required=False)


class DecisionRequestSteps(WorkspaceView):
    """What happens to a question: asked anew, handed to a delegate, taken back, answered elsewhere."""

    model = DecisionRequest
    scopes = dict.fromkeys(("replace", "delegate", "withdraw", "record_decision"), Scope.DECISIONS)
    out = DecisionRequestOut
    inputs = {
        "replace": ReplaceInput,
        "delegate": DelegateInput,
        "withdraw": ReasonInput,
        "record_decision": RecordInput,
    }
    statuses = {"replace": (201,), "record_decision": (201,)}
    versioned = frozenset({"replace", "delegate", "withdraw"})

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return DecisionOut if action == "record_decision" else DecisionRequestOut

    def get_queryset(self) -> QuerySet[DecisionRequest]:
        return queries.requests()

    def replace(self, request: Request, pk: UUID) -> Response:
        asked = requests.replace(pk, **self.data, by=self.actor, now=self.now, expected=self.expected)
        return self.served(asked, status=201)

    def delegate(self, request: Request, pk: UUID) -> Response:
        to = self.data.get("delegate")
        return self.served(requests.delegate(pk, to=to, by=self.actor, now=self.now, expected=self.expected))

    def withdraw(self, request: Request, pk: UUID) -> Response:
        data = self.data
        return self.served(requests.withdraw(pk, **data, by=self.actor, now=self.now, expected=self.expected))

    def record_decision(self, request: Request, pk: UUID) -> Response:
        return recorded(self, pk)


class DecisionFilters(Filters):
    milestone_id = UUIDFilter(field_name="request__milestone_id")
    channel = ChoiceFilter(choices=ApprovalChannel.choices)


class Decisions(Readable):
    """Answers of clients, and the entries that took mistaken ones back. Never changed."""

    model = Decision
    scopes = {"list": READ, "retrieve": READ}
    out = DecisionOut
    filterset_class = DecisionFilters
    orderings = ("-at",)

    def get_queryset(self) -> QuerySet[Decision]:
        return Decision.objects.all()


class CountermandInput(Input):
    served = DecisionOut
    reason = serializers.CharField(max_length=300)


class DecisionSteps(WorkspaceView):
    """Taking a decision back that was recorded by mistake: by another entry, before close."""

    model = Decision
    scopes = {"countermand": Scope.DECISIONS}
    out = DecisionOut
    inputs = {"countermand": CountermandInput}
    statuses = {"countermand": (201,)}

    def get_queryset(self) -> QuerySet[Decision]:
        return Decision.objects.all()

    def countermand(self, request: Request, pk: UUID) -> Response:
        entry = decisions.countermand(pk, **self.data, by=self.actor, now=self.now)
        return self.served(entry, status=201)


class CommentOut(Out):
    class Meta:
        model = Comment
        fields = [
            "id",
            "milestone_id",
            "request_id",
            "contact_id",
            "by_kind",
            "by_id",
            "by_name",
            "text",
            "at",
            "change_request_id",
            "version",
        ]


class CommentInput(ModelInput):
    served = CommentOut

    class Meta:
        model = Comment
        fields = ["text"]


class CommentsOfMilestone(OfMilestone, Creatable):
    """Words about a milestone. A comment decides nothing, whoever writes it."""

    model = Comment
    scopes = {"list": READ, "create": Scope.DECISIONS}
    out = CommentOut
    inputs = {"create": CommentInput}
    orderings = ("-at",)

    def get_queryset(self) -> QuerySet[Comment]:
        return queries.comments().filter(milestone=self.milestone_id)

    def add(self, data: dict[str, Any]) -> Comment:
        return comments.add(self.milestone_id, **data, by=self.actor, now=self.now)
