"""Whether what was delivered is still there, as a part of the tab “Proof”."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_POST

from milestones.models import Artifact, ArtifactVersion, Milestone
from milestones.queries.artifacts import versions_of
from proofs.actions import checks as actions
from proofs.checking import WATCHED
from proofs.models import ArtifactWatch
from proofs.queries import checks as queries
from proofs.words import Found
from tenancy.refusal import Refused, Stale
from web.answers import done, saving
from web.checks import shown_check
from web.guards import member
from web.here import Here
from web.team import proofs
from web.team.milestones import find
from workspaces.models import Role

PLACE = "#checks"


class LivingForm(forms.Form):
    """What a button says: whether the page is meant to change, and which version of the row it saw."""

    is_living = forms.BooleanField(required=False)
    version = forms.IntegerField(min_value=1)


def part(milestone: Milestone, here: Here) -> dict[str, Any]:
    """The current versions, each with what the latest looks found."""
    is_watched = milestone.stage in WATCHED
    return {
        "checked": [_row(each, here, is_watched=is_watched) for each in queries.seen(milestone.pk)],
        "checks_may": is_watched,
    }


def _row(each: queries.Seen, here: Here, *, is_watched: bool) -> dict[str, Any]:
    version, watch = each.version, each.watch
    return {
        "version": version,
        "artifact": version.artifact,
        "check": shown_check(version, watch, each.detail, is_watched=is_watched, now=here.now),
        "may_live": bool(version.url and watch and watch.found in (Found.OK, Found.CHANGED)),
    }


Act = Callable[[ArtifactVersion], ArtifactWatch]


def _act(request: HttpRequest, pk: UUID, act: Act, said: str) -> HttpResponse:
    """Does it with the current version of an artifact; a refusal shows the tab again."""
    here, artifact = Here(request), get_object_or_404(Artifact, pk=pk)
    version = versions_of(artifact.pk).order_by("-number")[0]
    try:
        with saving():
            act(version)
    except ArtifactWatch.DoesNotExist:
        refusal = "Nobody has looked at it yet. Wait for the first look, then say it again."
    except Refused as refused:
        refusal = str(refused)
    else:
        address = here.url("milestone_proof", artifact.milestone_id)
        return done(request, said.format(artifact.title), address + PLACE)
    return proofs.page(request, find(artifact.milestone_id), refusal=refusal, status=409)


@member(role=Role.MEMBER)
@require_POST
def check(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)

    def act(version: ArtifactVersion) -> ArtifactWatch:
        return actions.look_now(version.pk, by=here.actor, now=here.now)

    return _act(request, pk, act, "“{}” is looked at within a minute. Load the page again then.")


@member(role=Role.MEMBER)
@require_POST
def mark_living(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), LivingForm(request.POST)

    def act(version: ArtifactVersion) -> ArtifactWatch:
        if not form.is_valid():
            raise Stale("This check")
        typed = form.cleaned_data
        return actions.mark_living(
            version.pk, is_living=typed["is_living"], expected=typed["version"], by=here.actor, now=here.now
        )

    return _act(request, pk, act, "“{}” is looked at anew within a minute.")


urlpatterns = [
    path("artifacts/<uuid:pk>/check", check, name="check_artifact"),
    path("artifacts/<uuid:pk>/living", mark_living, name="mark_artifact_living"),
]
