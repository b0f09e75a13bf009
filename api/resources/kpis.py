"""The figures of the whole workspace: KPIs, and the first ninety days."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import check_is_owner
from api.shapes import Input
from api.views import READ, WorkspaceView
from proofs.actions.rollout import set_start
from proofs.models import KpiPoint, Rollout
from proofs.queries import kpis as queries
from proofs.queries import rollout as rollouts
from proofs.rollout import State
from proofs.words import Kpi
from tenancy.models import Workspace
from workspaces.models import Scope


class KpiPointOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    value = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    n = serializers.IntegerField()


class FigureOut(serializers.Serializer[Any]):
    """`n` says from how many cases the value was made; without any it is null, not 0."""

    code = serializers.CharField()
    name = serializers.CharField()
    means = serializers.CharField()
    unit = serializers.CharField()
    counts = serializers.CharField()
    value = serializers.DecimalField(max_digits=10, decimal_places=1, allow_null=True)
    n = serializers.IntegerField()


class KpiOut(FigureOut):
    code = serializers.ChoiceField(choices=Kpi.choices)  # type: ignore[assignment]
    layer = serializers.CharField()
    trend = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    points = KpiPointOut(many=True)


class KpisOut(serializers.Serializer[Any]):
    """One KPI for each layer, with its course by day, and the figures beside them."""

    today = serializers.DateField()
    kpis = KpiOut(many=True)
    further = FigureOut(many=True)


class Kpis(WorkspaceView):
    """The KPIs as they are now: what each means, from how many cases, how it moved in thirty days."""

    model = KpiPoint
    scopes = {"retrieve": READ}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return KpisOut

    def retrieve(self, request: Request) -> Response:
        return Response(asdict(queries.told_of(_workspace(self), now=self.now)))


class MissingOut(serializers.Serializer[Any]):
    """`about` is “project” or “milestone” where `id` is one."""

    name = serializers.CharField()
    why = serializers.CharField()
    about = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)


class ResultOut(serializers.Serializer[Any]):
    """`more` counts what is missing besides those that are named."""

    state = serializers.ChoiceField(choices=[state.value for state in State])
    value = serializers.DecimalField(max_digits=10, decimal_places=1, allow_null=True)
    unit = serializers.CharField()
    n = serializers.IntegerField()
    said = serializers.CharField()
    missing = MissingOut(many=True)
    more = serializers.IntegerField()


class RolloutPhaseOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    weeks = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    time = serializers.ChoiceField(choices=["ahead", "running", "over"])
    focus = serializers.CharField()
    exit = serializers.CharField()
    counts = serializers.CharField()
    result = ResultOut()


class RolloutOut(serializers.Serializer[Any]):
    """`week` is the week of today, 1 to 13 within the rollout, 0 before it begins."""

    started_on = serializers.DateField()
    version = serializers.IntegerField()
    week = serializers.IntegerField()
    phases = RolloutPhaseOut(many=True)


class RolloutInput(Input):
    started_on = serializers.DateField()


class Rollouts(WorkspaceView):
    """The first ninety days: four phases, each with an exit metric that is computed from its weeks.

    An owner says when they began; until then they begin on the day the workspace was made.
    """

    model = Rollout
    scopes = {"retrieve": READ, "partial_update": Scope.PROOFS}
    inputs = {"partial_update": RolloutInput}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return RolloutOut

    def retrieve(self, request: Request) -> Response:
        return self._told(_workspace(self))

    def partial_update(self, request: Request) -> Response:
        workspace, data = _workspace(self), self.data
        check_is_owner(self.actor, "When the rollout began is the owner's to say.")
        if "started_on" in data:
            set_start(workspace, data["started_on"], by=self.actor, now=self.now, expected=self.expected)
        return self._told(workspace)

    def _told(self, workspace: Workspace) -> Response:
        found = rollouts.told_of(workspace, now=self.now)
        self.version = found.version
        return Response(asdict(found))


def _workspace(view: WorkspaceView) -> Workspace:
    return Workspace.objects.get(pk=view.workspace_id)
