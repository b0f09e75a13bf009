"""Plans as a whole: templates, starting one, the portfolio, weekly reviews, planned against actual."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.milestones import MilestoneOut, live_members
from api.resources.reports import NothingInput
from api.shapes import Input, Key, Out
from api.views import READ, Creatable, Listed, Readable, WorkspaceView
from milestones.actions import plans, weekly
from milestones.earned import Point
from milestones.learning import factors
from milestones.models import Milestone, PlanTemplate, Project, WeeklyReview
from milestones.queries import lists
from milestones.queries.labels import recent_early_warnings
from milestones.queries.learning import finished, learned, lessons_of, slips_by_kind
from milestones.queries.portfolio import Portfolio, portfolio
from milestones.queries.templates import offer_of
from milestones.queries.weekly import reviews_of
from milestones.slips import Slip
from milestones.templates import shipped
from milestones.weekly import LONGEST, Pattern, Verdict
from milestones.words import ApprovalChannel, Attribution
from tenancy.models import Workspace
from workspaces.models import Scope


def find(pk: UUID) -> Project:
    if (project := Project.objects.filter(pk=pk).first()) is None:
        raise Http404
    return project


@extend_schema_field({"type": "object", "description": "Phases with their milestones, criteria and needs."})
class DocumentField(serializers.JSONField):
    """A plan as a template holds it."""


class TemplateOut(Out):
    document = DocumentField(read_only=True)

    class Meta:
        model = PlanTemplate
        fields = ["id", "name", "description", "document", "created_at", "version"]


class TemplateInput(Input):
    served = TemplateOut
    project_id = Key(lists.projects)
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)


class Templates(Readable, Creatable):
    """The workspace's own templates. A new one keeps a project's plan, without its dates and people."""

    model = PlanTemplate
    scopes = {"list": READ, "retrieve": READ, "create": Scope.PROJECTS}
    out = TemplateOut
    inputs = {"create": TemplateInput}
    orderings = ("name", "created_at")

    def get_queryset(self) -> QuerySet[PlanTemplate]:
        return PlanTemplate.objects.all()

    def add(self, data: dict[str, Any]) -> PlanTemplate:
        return plans.keep_as_template(data.pop("project"), **data, by=self.actor, now=self.now)


class DropTemplate(WorkspaceView):
    """Drops a template of the workspace's own; no project changes."""

    model = PlanTemplate
    scopes = {"drop": Scope.PROJECTS}
    out = TemplateOut
    inputs = {"drop": NothingInput}

    def drop(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        template = PlanTemplate.objects.filter(pk=pk).first()
        if template is None:
            raise Http404
        plans.drop_template(pk, by=self.actor, now=self.now)
        return Response(TemplateOut.of(template))


class ShippedOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    document = DocumentField()


class ShippedTemplatesOut(serializers.Serializer[Any]):
    templates = ShippedOut(many=True)


class ShippedTemplates(WorkspaceView):
    """The templates that every workspace has; `code` names one when a plan is started."""

    model = PlanTemplate
    scopes = {"retrieve": READ}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return ShippedTemplatesOut

    def retrieve(self, request: Request) -> Response:
        rows = [
            {"code": code, "name": plan["name"], "description": plan["description"], "document": plan}
            for code, plan in shipped().items()
        ]
        return Response({"templates": rows})


class PlanInput(Input):
    template = serializers.CharField(
        max_length=40, help_text="A shipped template's code, or an own one's id."
    )
    start = serializers.DateField()
    owner_primary_id = Key(live_members, required=False, allow_null=True)
    review_owner_id = Key(live_members, required=False, allow_null=True)
    owner_client_id = Key(lists.contacts, required=False, allow_null=True)
    approver_id = Key(lists.contacts, required=False, allow_null=True)
    approval_channel = serializers.ChoiceField(ApprovalChannel.choices, required=False)
    use_learned = serializers.BooleanField(default=True, help_text="Stretch kinds by their learned factor.")


class PlanOut(serializers.Serializer[Any]):
    milestones = MilestoneOut(many=True)


class Plans(WorkspaceView):
    """Starts a project's plan from a template, laid out on the working calendar."""

    model = Project
    scopes = {"create": Scope.PROJECTS}
    inputs = {"create": PlanInput}
    statuses = {"create": (201,)}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return PlanOut

    def create(self, request: Request, pk: UUID) -> Response:
        project = find(pk)
        data = self.data
        template, start, use_learned = data.pop("template"), data.pop("start"), data.pop("use_learned")
        made = plans.start_plan(
            project,
            offer_of(template).document,
            start=start,
            people=plans.People(**data),
            factors=factors(learned(project.workspace)) if use_learned else {},
            by=self.actor,
            now=self.now,
        )
        fresh = Milestone.objects.in_bulk([milestone.pk for milestone in made])
        body = [MilestoneOut.of(fresh[milestone.pk]) for milestone in made]
        return Response({"milestones": body}, status=201)


class PointOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    value = serializers.FloatField()


class CurvesOut(serializers.Serializer[Any]):
    planned = PointOut(many=True)
    earned = PointOut(many=True)
    forecast = PointOut(many=True)


class RowOut(serializers.Serializer[Any]):
    """One line of the plan table."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    phase = serializers.CharField()
    planned = serializers.DateField(allow_null=True)
    forecast = serializers.DateField(allow_null=True)
    earlier_forecasts = serializers.ListField(child=serializers.DateField())
    actual = serializers.DateField(allow_null=True)
    stage = serializers.CharField()
    owner = serializers.CharField()
    needs = serializers.ListField(child=serializers.CharField())
    notes = serializers.CharField()
    share = serializers.FloatField()


class PaceOut(serializers.Serializer[Any]):
    a_week = serializers.FloatField(allow_null=True)
    verdict = serializers.CharField(help_text="Empty when the pace is sound.")


class SlipOut(serializers.Serializer[Any]):
    attributed_to = serializers.ChoiceField(Attribution.choices)
    later = serializers.IntegerField()
    earlier = serializers.IntegerField()
    net = serializers.IntegerField()


class PortfolioOut(serializers.Serializer[Any]):
    """Values are shares of the scope, 0 to 1; `spi` is null before anything was due."""

    as_of = serializers.DateField()
    pv = serializers.FloatField()
    ev = serializers.FloatField()
    spi = serializers.FloatField(allow_null=True)
    spi_t = serializers.FloatField(allow_null=True)
    curves = CurvesOut()
    milestones = RowOut(many=True)
    pace = PaceOut()
    slips = SlipOut(many=True)


class Portfolios(WorkspaceView):
    """Planned and earned value of a project, its plan table, pace, and whose its slips were."""

    model = Project
    scopes = {"retrieve": READ}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return PortfolioOut

    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(_portfolio(portfolio(find(pk), now=self.now)))


def _portfolio(found: Portfolio) -> dict[str, Any]:
    value = found.value
    return {
        "as_of": found.today,
        "pv": value.planned,
        "ev": value.earned,
        "spi": value.spi,
        "spi_t": value.spi_t,
        "curves": {
            "planned": _points(found.planned_curve),
            "earned": _points(found.earned_curve),
            "forecast": _points(found.forecast_curve),
        },
        "milestones": [_row(milestone, found) for milestone in found.plan],
        "pace": {"a_week": found.pace.a_week, "verdict": found.pace.verdict},
        "slips": _slips(found.slips),
    }


def _points(curve: list[Point]) -> list[dict[str, Any]]:
    return [{"day": day, "value": value} for day, value in curve]


def _row(milestone: Milestone, found: Portfolio) -> dict[str, Any]:
    return {
        "id": milestone.pk,
        "code": milestone.code,
        "name": milestone.name,
        "description": milestone.description,
        "phase": milestone.phase.name if milestone.phase else "",
        "planned": milestone.planned_date,
        "forecast": milestone.forecast_date,
        "earlier_forecasts": [move.from_date for move in found.past.get(milestone.pk, [])],
        "actual": found.day(milestone.completed_at),
        "stage": milestone.stage,
        "owner": milestone.owner_primary.user.email if milestone.owner_primary else "",
        "needs": [need.needs.code for need in milestone.predecessors.all()],
        "notes": milestone.notes,
        "share": found.shares[milestone.pk],
    }


def _slips(found: Mapping[Attribution, Slip]) -> list[dict[str, Any]]:
    return [
        {"attributed_to": whose, "later": slip.later, "earlier": slip.earlier, "net": slip.net}
        for whose, slip in found.items()
    ]


class RiskAnswer(Input):
    milestone_id = serializers.UUIDField()
    cause = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    pattern = serializers.ChoiceField(Pattern.choices)
    action = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


class DependencyAnswer(Input):
    subject_id = serializers.UUIDField(help_text="The blocker, decision request or dependency.")
    what = serializers.CharField(max_length=LONGEST)
    escalation = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


class WeeklyInput(Input):
    """The three questions of this week; said again, they replace what was said."""

    risks = RiskAnswer(many=True, required=False, max_length=500)  # type: ignore[call-arg]
    dependencies = DependencyAnswer(many=True, required=False, max_length=500)  # type: ignore[call-arg]
    verdict = serializers.ChoiceField(Verdict.choices)
    trajectory = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


@extend_schema_field(
    {"type": "object", "description": "`risks`, `dependencies`, `verdict` and `trajectory`, as answered."}
)
class AnswersField(serializers.JSONField):
    """What was answered."""


class WeeklyOut(Out):
    answers = AnswersField(read_only=True)

    class Meta:
        model = WeeklyReview
        fields = ["id", "project_id", "week", "answers", "saved_at", "by_name", "notice_id", "version"]


class WeeklyReviews(Listed):
    """The weekly reviews of a project; `notice_id` is the status update that was made of one."""

    model = WeeklyReview
    scopes = {"list": READ, "create": Scope.PROJECTS}
    out = WeeklyOut
    inputs = {"create": WeeklyInput}
    statuses = {"create": (201,)}
    orderings = ("-week", "saved_at")

    def get_queryset(self) -> QuerySet[WeeklyReview]:
        return reviews_of(find(self.kwargs["pk"]).pk)

    def create(self, request: Request, pk: UUID) -> Response:
        project = find(pk)
        review = weekly.save_review(
            project, _kept(self.data), by=self.actor, now=self.now, expected=self.expected
        )
        return self.served(review, status=201)


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    """Ids as they are written in the answers."""
    return {
        **data,
        "risks": [{**row, "milestone_id": str(row["milestone_id"])} for row in data.get("risks", [])],
        "dependencies": [
            {**row, "subject_id": str(row["subject_id"])} for row in data.get("dependencies", [])
        ],
    }


class FinishedOut(serializers.Serializer[Any]):
    """A completed milestone. Days are working days, both ends included."""

    milestone_id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    project_id = serializers.UUIDField()
    is_closed = serializers.BooleanField()
    planned_date = serializers.DateField()
    actual_date = serializers.DateField()
    planned_days = serializers.IntegerField()
    actual_days = serializers.IntegerField()


class LessonOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    n = serializers.IntegerField()
    factor = serializers.FloatField()
    slipped = serializers.IntegerField()
    is_enough = serializers.BooleanField(help_text="Whether it pre-fills plans.")


class SlipsOfKindOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    slips = SlipOut(many=True)


class PlannedActualOut(serializers.Serializer[Any]):
    """`early_warning_misses` counts, over ninety days, red that was due within an hour of green."""

    milestones = FinishedOut(many=True)
    lessons = LessonOut(many=True)
    slips_by_kind = SlipsOfKindOut(many=True)
    early_warning_misses = serializers.IntegerField()


class PlannedActual(WorkspaceView):
    """Every completed milestone planned against actual, and what the workspace learns from it."""

    model = Milestone
    scopes = {"retrieve": READ}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return PlannedActualOut

    def retrieve(self, request: Request) -> Response:
        rows = finished(Workspace.objects.get(pk=self.workspace_id))
        names = tuple(FinishedOut().fields)
        return Response(
            {
                "milestones": [{name: getattr(row, name) for name in names} for row in rows],
                "lessons": [{**asdict(each), "is_enough": each.is_enough} for each in lessons_of(rows)],
                "slips_by_kind": [{"kind": each.kind, "slips": _slips(each.by)} for each in slips_by_kind()],
                "early_warning_misses": recent_early_warnings(now=self.now).missed,
            }
        )
