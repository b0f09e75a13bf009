"""What was made for a milestone: links and files, in versions."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django_filters import ChoiceFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.parsers import StrictJSONParser, UploadParser
from api.resources.reports import OfMilestone
from api.shapes import Filters, Flag, Input, Out
from api.views import READ, Creatable, Listed, Readable, WorkspaceView
from milestones import files
from milestones.actions import artifacts as actions
from milestones.actions.artifacts import Upload
from milestones.models import Artifact, ArtifactVersion
from milestones.queries import artifacts as queries
from milestones.scanning import NotTaken
from milestones.words import ArtifactKind
from workspaces.models import Scope

LISTED_AND_ADDED = {"list": READ, "create": Scope.DELIVERY}


class ArtifactOut(Out):
    class Meta:
        model = Artifact
        fields = ["id", "milestone_id", "kind", "title", "is_output", "created_at", "removed_at", "version"]


class VersionOut(Out):
    class Meta:
        model = ArtifactVersion
        fields = [
            "id",
            "artifact_id",
            "number",
            "url",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "note",
            "added_at",
            "by_kind",
            "by_id",
            "by_name",
        ]


class _ArtifactInput(Input):
    served = ArtifactOut
    title = serializers.CharField(max_length=200)
    is_output = serializers.BooleanField(default=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class LinkInput(_ArtifactInput):
    url = serializers.URLField(max_length=1000)


class FileInput(_ArtifactInput):
    file = serializers.FileField()


class NextLinkInput(Input):
    served = VersionOut
    url = serializers.URLField(max_length=1000)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class NextFileInput(Input):
    served = VersionOut
    file = serializers.FileField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


def _taken(data: dict[str, Any]) -> dict[str, Any]:
    """The body with its file as the actions take it."""
    if not (file := data.get("file")):
        return data
    files.check_size(file.size)
    return {**data, "file": Upload(file.name, file.chunks())}


class TakesFiles(WorkspaceView):
    """Adds files. What the scan turned away is written down although nothing was saved."""

    @contextmanager
    def noting(self, milestone_id: UUID) -> Iterator[None]:
        try:
            yield
        except NotTaken as refusal:
            note = partial(actions.journal_refused_upload, milestone_id, refusal, by=self.actor, now=self.now)
            self.afterwards.append(note)
            raise


class ArtifactFilters(Filters):
    kind = ChoiceFilter(choices=ArtifactKind.choices)
    is_output = Flag()
    is_current = Flag(method="by_current")

    def by_current(self, rows: QuerySet[Artifact], _name: str, value: bool) -> QuerySet[Artifact]:
        return rows.filter(removed_at__isnull=value)


class ArtifactsOfMilestone(OfMilestone, Creatable, TakesFiles):
    """Links as JSON; files as `multipart/form-data`. A change of the output makes passed checks void."""

    model = Artifact
    parser_classes = [StrictJSONParser, UploadParser]
    out = ArtifactOut
    inputs = {"create": LinkInput}
    uploads = {"create": FileInput}
    filterset_class = ArtifactFilters
    orderings = ("-created_at",)

    def get_queryset(self) -> QuerySet[Artifact]:
        return queries.artifacts_of(self.milestone_id)

    def add(self, data: dict[str, Any]) -> Artifact:
        add = actions.add_file if self.is_upload else actions.add_link
        with self.noting(self.milestone_id):
            version = add(self.milestone_id, **_taken(data), by=self.actor, now=self.now)
        return version.artifact  # type: ignore[no-any-return]


class RemovalInput(Input):
    served = ArtifactOut
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class Artifacts(Readable):
    """One artifact. Removed ones stay readable: decisions and runs may be bound to their versions."""

    model = Artifact
    scopes = {"retrieve": READ, "remove": Scope.DELIVERY}
    out = ArtifactOut
    inputs = {"remove": RemovalInput}
    versioned = frozenset({"remove"})

    def get_queryset(self) -> QuerySet[Artifact]:
        return queries.artifacts()

    def remove(self, request: Request, pk: UUID) -> Response:
        return self.served(
            actions.remove(pk, **self.data, by=self.actor, now=self.now, expected=self.expected)
        )


class Versions(Listed, Creatable, TakesFiles):
    """The states of an artifact, for good. An address follows an address, a file a file."""

    model = ArtifactVersion
    parser_classes = [StrictJSONParser, UploadParser]
    scopes = LISTED_AND_ADDED
    out = VersionOut
    inputs = {"create": NextLinkInput}
    uploads = {"create": NextFileInput}
    orderings = ("-number",)
    versioned = frozenset({"create"})

    @property
    def artifact_id(self) -> UUID:
        return self.kwargs["artifact_id"]  # type: ignore[no-any-return]

    def get_queryset(self) -> QuerySet[ArtifactVersion]:
        return queries.versions_of(self.artifact_id)

    def list(self, request: Request, **kwargs: Any) -> Response:
        if not Artifact.objects.filter(pk=self.artifact_id).exists():
            raise Http404
        return super().list(request, **kwargs)

    def add(self, data: dict[str, Any]) -> ArtifactVersion:
        artifact = queries.artifacts().get(pk=self.artifact_id)
        with self.noting(artifact.milestone_id):
            return actions.add_version(
                artifact.pk, **_taken(data), by=self.actor, now=self.now, expected=self.expected
            )


class Contents(WorkspaceView):
    """The bytes of a stored file, as an attachment. Ask for them with `Accept: */*`."""

    model = ArtifactVersion
    scopes = {"content": READ}
    out = VersionOut
    binary = frozenset({"content"})

    def content(self, request: Request, pk: UUID, number: int) -> StreamingHttpResponse:
        version = get_object_or_404(queries.files(), artifact=pk, number=number)
        place = files.place_of(version.sha256)
        named = content_disposition_header(True, version.file_name) or "attachment"
        headers = {
            **files.HEADERS,
            "Content-Disposition": named,
            "Content-Length": str(place.stat().st_size),
        }
        return StreamingHttpResponse(files.pieces(place), content_type=files.UNKNOWN, headers=headers)
