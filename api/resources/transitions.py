"""A milestone's way: to the next stage and back, split in two, badly blocked, closed; and how clear it is."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.milestones import MilestoneOut
from api.resources.reports import OfMilestone
from api.shapes import Filters, Flag, Input, ModelInput, Out
from api.views import READ, Readable, WorkspaceView
from milestones.actions import clarity as kept
from milestones.actions import endings, recourse, splitting, stages
from milestones.clarity import CriterionDraft, Draft, checks, score, too_broad
from milestones.models import Milestone, Recourse
from milestones.queries import lists, ways
from milestones.queries.following import next_to_start
from milestones.split import Cut, Side, SplitReason
from milestones.words import Outcome, ResetCause, Stage, Way
from proofs.queries import handoffs
from tenancy.refusal import Refused
from workspaces.models import Scope


class StepView(WorkspaceView):
    """A POST that takes a milestone somewhere. A refused step is journalled."""

    model = Milestone
    scopes = {"create": Scope.PROJECTS}
    out = MilestoneOut
    statuses = {"create": (200,)}
    versioned = frozenset({"create"})

    def get_queryset(self) -> QuerySet[Milestone]:
        return lists.milestones()

    def remember(self, milestone_id: UUID, to: Stage, refusal: Refused) -> None:
        milestone = Milestone.objects.get(pk=milestone_id)
        self.afterwards.append(
            lambda: stages.journal_refusal(milestone, to, refusal, by=self.actor, now=self.now)
        )


class TransitionInput(Input):
    """`reason` is asked for on the way back to execution."""

    served = MilestoneOut
    to = serializers.ChoiceField(Stage.choices)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class Transitions(StepView):
    """The next stage of a milestone, or back to execution. A closed gate answers 409 with everything `unmet`.

    Going to review sends the request that was prepared. Closeout and closed are reached by a decision and by
    closing.
    """

    inputs = {"create": TransitionInput}

    def create(self, request: Request, milestone_id: UUID) -> Response:
        data = self.data
        to = Stage(data.pop("to"))
        try:
            moved = stages.move(milestone_id, to, **data, by=self.actor, now=self.now, expected=self.expected)
        except Refused as refusal:
            self.remember(milestone_id, to, refusal)
            raise
        return self.served(moved)


class ResetInput(Input):
    served = MilestoneOut
    cause = serializers.ChoiceField(ResetCause.choices)
    reason = serializers.CharField(max_length=300)


class Resets(StepView):
    """Back to execution: the QA pass is void, a pending question is withdrawn, the reset counts."""

    inputs = {"create": ResetInput}

    def create(self, request: Request, milestone_id: UUID) -> Response:
        cause, reason = ResetCause(self.data["cause"]), self.data["reason"]
        return self.served(
            stages.reset(milestone_id, cause, reason, by=self.actor, now=self.now, expected=self.expected)
        )


class ClosedOut(MilestoneOut):
    """`next_milestone_id` is the next of the plan whose work may begin; what waits for this one is first."""

    next_milestone_id = serializers.UUIDField(allow_null=True)

    class Meta(MilestoneOut.Meta):
        fields = [*MilestoneOut.Meta.fields, "next_milestone_id"]

    @classmethod
    def columns(cls) -> list[str]:
        return [name for name in super().columns() if name != "next_milestone_id"]

    @classmethod
    def of(cls, row: Any) -> dict[str, Any]:
        following = next_to_start(row)
        return {**super().of(row), "next_milestone_id": following.pk if following else None}


class ClosingInput(Input):
    """Every outcome says what is open (“none” is an answer) and who moves next, all but `approved` why."""

    served = ClosedOut
    outcome = serializers.ChoiceField(Outcome.choices)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    open_dependencies = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    next_move_owner = serializers.CharField(max_length=200, required=False, allow_blank=True)


class Closings(StepView):
    """The end of a milestone, with exactly one outcome. `closed` is final.

    For `approved`, what is not said is taken from the published handoff packet. The answer names the next
    milestone of the plan whose work may begin.
    """

    out = ClosedOut
    inputs = {"create": ClosingInput}

    def create(self, request: Request, milestone_id: UUID) -> Response:
        data = self.data
        outcome = Outcome(data.pop("outcome"))
        if outcome == Outcome.APPROVED:
            data = handoffs.said_last(handoffs.published(milestone_id).first()) | data
        try:
            closed = endings.close(
                milestone_id, outcome, **data, by=self.actor, now=self.now, expected=self.expected
            )
        except Refused as refusal:
            self.remember(milestone_id, Stage.CLOSED, refusal)
            raise
        return self.served(closed)


class UnmetOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class SplitOut(serializers.Serializer[Any]):
    """`flags` say which half is still a scope issue."""

    first = MilestoneOut()
    second = MilestoneOut()
    flags = UnmetOut(many=True)


class SplitInput(Input):
    """`criterion_ids` and `weight` are the second half's; the first keeps the rest."""

    reason = serializers.ChoiceField(SplitReason.choices)
    first_output = serializers.CharField(max_length=200)
    second_name = serializers.CharField(max_length=80)
    second_output = serializers.CharField(max_length=200, allow_blank=True)
    criterion_ids = serializers.ListField(child=serializers.UUIDField(), max_length=200)
    weight = serializers.DecimalField(max_digits=7, decimal_places=2, min_value=Decimal("0.01"))
    invoice_to = serializers.ChoiceField(Side.choices, required=False)
    next_stage_to = serializers.ChoiceField(Side.choices, required=False)


class Splits(StepView):
    """One milestone cut in two: criteria, weight and triggers are all on a half, dependents wait for both."""

    inputs = {"create": SplitInput}
    statuses = {"create": (201,)}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return SplitOut

    def create(self, request: Request, milestone_id: UUID) -> Response:
        cut = _cut(self.data)
        try:
            made = splitting.split(milestone_id, cut, by=self.actor, now=self.now, expected=self.expected)
        except Refused as refusal:
            if "criteria" in refusal.fields:
                refusal.fields["criterion_ids"] = refusal.fields.pop("criteria")
            raise
        body = {
            "first": MilestoneOut.of(made.first),
            "second": MilestoneOut.of(made.second),
            "flags": [asdict(flag) for flag in made.flags],
        }
        return Response(body, status=201)


def _cut(data: dict[str, Any]) -> Cut:
    sides: dict[str, Any] = {
        name: Side(data.pop(name)) for name in ("invoice_to", "next_stage_to") if name in data
    }
    criteria, reason = frozenset(data.pop("criterion_ids")), SplitReason(data.pop("reason"))
    return Cut(criteria=criteria, reason=reason, **sides, **data)


class RecourseOut(Out):
    class Meta:
        model = Recourse
        fields = [
            "id",
            "milestone_id",
            "way",
            "reason",
            "condition",
            "until",
            "chosen_at",
            "by_name",
            "ended_at",
            "end_note",
            "version",
        ]


class RecourseInput(ModelInput):
    served = RecourseOut

    class Meta:
        model = Recourse
        fields = ["way", "reason", "condition", "until"]


class RecourseFilters(Filters):
    way = ChoiceFilter(choices=Way.choices)
    is_open = Flag(field_name="ended_at", lookup_expr="isnull")


class RecoursesOfMilestone(OfMilestone):
    """Ways that a badly blocked milestone took: one at a time, each told to the client."""

    model = Recourse
    scopes = {"list": READ, "create": Scope.PROJECTS}
    out = RecourseOut
    inputs = {"create": RecourseInput}
    filterset_class = RecourseFilters
    orderings = ("-chosen_at",)

    def get_queryset(self) -> QuerySet[Recourse]:
        return ways.recourses_of(self.milestone_id)

    def create(self, request: Request, **kwargs: Any) -> Response:
        data = self.data
        way = Way(data.pop("way"))
        taken = recourse.choose(self.milestone_id, way, **data, by=self.actor, now=self.now)
        return self.served(taken, status=201)


class AllRecourseFilters(RecourseFilters):
    milestone_id = UUIDFilter()


class Recourses(Readable):
    """Ways that badly blocked milestones of the workspace took."""

    model = Recourse
    scopes = {"list": READ, "retrieve": READ}
    out = RecourseOut
    filterset_class = AllRecourseFilters
    orderings = ("-chosen_at", "until")

    def get_queryset(self) -> QuerySet[Recourse]:
        return ways.recourses()


class EndInput(Input):
    served = RecourseOut
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class RecourseSteps(WorkspaceView):
    """The end of a way: work goes on."""

    model = Recourse
    scopes = {"end": Scope.PROJECTS}
    out = RecourseOut
    inputs = {"end": EndInput}
    versioned = frozenset({"end"})

    def get_queryset(self) -> QuerySet[Recourse]:
        return ways.recourses()

    def end(self, request: Request, pk: UUID) -> Response:
        return self.served(recourse.end(pk, **self.data, by=self.actor, now=self.now, expected=self.expected))


class CheckOut(serializers.Serializer[Any]):
    """One check; `wrong` and `mend` are empty once it passes."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    weight = serializers.IntegerField()
    passed = serializers.BooleanField()
    wrong = serializers.CharField()
    mend = serializers.CharField()


class ClarityOut(serializers.Serializer[Any]):
    """`too_broad` says why the milestone had better be split."""

    clarity_score = serializers.IntegerField()
    checks = CheckOut(many=True)
    too_broad = serializers.ListField(child=serializers.CharField())


def _clarity(draft: Draft) -> Response:
    found = checks(draft)
    told = [{**asdict(check), "passed": check.passed} for check in found]
    return Response({"clarity_score": score(found), "checks": told, "too_broad": too_broad(draft)})


class Clarity(WorkspaceView):
    """How clearly a milestone is defined, check by check."""

    model = Milestone
    scopes = {"retrieve": READ}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return ClarityOut

    def get_queryset(self) -> QuerySet[Milestone]:
        return lists.milestones()

    def retrieve(self, request: Request, milestone_id: UUID) -> Response:
        if (milestone := Milestone.objects.filter(pk=milestone_id).first()) is None:
            raise Http404
        return _clarity(kept.draft_of(milestone))


class CriterionDraftInput(Input):
    statement = serializers.CharField(max_length=300)
    verification = serializers.CharField(max_length=300, required=False, allow_blank=True)
    measure = serializers.CharField(max_length=80, required=False, allow_blank=True)
    target = serializers.CharField(max_length=80, required=False, allow_blank=True)


class DraftInput(Input):
    """A definition as far as it goes; what is not given is not stated yet."""

    output = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    criteria = CriterionDraftInput(many=True, required=False, max_length=200)  # type: ignore[call-arg]
    has_owner = serializers.BooleanField(required=False)
    has_client_owner = serializers.BooleanField(required=False)
    has_approver = serializers.BooleanField(required=False)
    has_channel = serializers.BooleanField(required=False)
    start = serializers.DateField(required=False, allow_null=True)
    planned_date = serializers.DateField(required=False, allow_null=True)
    dependency_risks = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    invoice_trigger = serializers.CharField(max_length=200, required=False, allow_blank=True)
    next_stage_trigger = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ClarityOfDraft(WorkspaceView):
    """The clarity of a draft, by the very function that scores a record. Nothing is saved."""

    model = Milestone
    scopes = {"create": READ}
    inputs = {"create": DraftInput}
    statuses = {"create": (200,)}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return ClarityOut

    def create(self, request: Request) -> Response:
        data = self.data
        criteria = tuple(CriterionDraft(**each) for each in data.pop("criteria", ()))
        return _clarity(Draft(criteria=criteria, **data))
