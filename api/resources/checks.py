"""Whether what was delivered is still there: what looks found, and asking for one."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import NothingInput, OfMilestone
from api.shapes import Filters, Input, Out
from api.views import READ, WorkspaceView
from milestones.models import ArtifactVersion
from milestones.queries.artifacts import versions_of
from proofs.actions import checks as actions
from proofs.models import ArtifactCheck, ArtifactWatch
from proofs.queries import checks as queries
from proofs.words import Found
from workspaces.models import Scope


class ArtifactCheckOut(Out):
    """One look. `sha256` is of what was read, empty where that was not everything."""

    artifact_id = serializers.UUIDField()
    artifact_version_id = serializers.UUIDField()

    class Meta:
        model = ArtifactCheck
        fields = [
            "id",
            "artifact_id",
            "artifact_version_id",
            "at",
            "found",
            "status",
            "sha256",
            "size",
            "detail",
        ]


class ArtifactCheckFilters(Filters):
    found = ChoiceFilter(choices=Found.choices)
    artifact_version_id = UUIDFilter()


class ArtifactChecks(OfMilestone):
    """Every look at what belongs to a milestone, earlier versions and removed artifacts included."""

    model = ArtifactCheck
    scopes = {"list": READ}
    out = ArtifactCheckOut
    filterset_class = ArtifactCheckFilters
    orderings = ("-at",)

    def get_queryset(self) -> QuerySet[ArtifactCheck]:
        return queries.checks_of(self.milestone_id)


class ArtifactWatchOut(Out):
    """What is known of the current version. `found` is empty until a look counts, `due_at` the next one.

    From `asked_at` to `answered_at` it waits for somebody to say whether it is meant to change.
    """

    class Meta:
        model = ArtifactWatch
        fields = [
            "id",
            "artifact_version_id",
            "found",
            "failures",
            "is_living",
            "asked_at",
            "answered_at",
            "sha256",
            "checked_at",
            "due_at",
            "version",
        ]


class LivingInput(Input):
    served = ArtifactWatchOut
    is_living = serializers.BooleanField()


class ArtifactLooks(WorkspaceView):
    """Looks at the current version of an artifact. A look is made by a job, within a minute."""

    model = ArtifactWatch
    scopes = {"check": Scope.PROOFS, "mark_living": Scope.PROOFS}
    out = ArtifactWatchOut
    inputs = {"check": NothingInput, "mark_living": LivingInput}
    versioned = frozenset({"mark_living"})

    def check(self, request: Request, pk: UUID) -> Response:
        """Has it looked at next."""
        self.check_body()
        return self.served(actions.look_now(_current(pk).pk, by=self.actor, now=self.now))

    def mark_living(self, request: Request, pk: UUID) -> Response:
        """Says whether what a link leads to is meant to change: then only its being reachable counts."""
        watch = actions.mark_living(
            _current(pk).pk, **self.data, by=self.actor, now=self.now, expected=self.expected
        )
        return self.served(watch)


def _current(artifact_id: UUID) -> ArtifactVersion:
    latest = versions_of(artifact_id).order_by("-number").first()
    if latest is None:
        raise Http404
    return latest
