"""The checklists of an engagement, and its end: archived, taken up again."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.clients import ProjectOut
from api.shapes import Input, Out
from api.views import READ, Listed, WorkspaceView
from milestones.actions import checklists, engagements
from milestones.models import Checklist, Project
from milestones.queries import lists
from milestones.queries.checklists import checklists_of
from milestones.words import ChecklistKind
from milestones.worksheets import NOTE_LENGTH, Answer
from workspaces.models import Scope


class ChecklistOut(Out):
    """`answers` is {code: {"ok": true, false or null, "note": text}}."""

    class Meta:
        model = Checklist
        fields = [
            *("id", "project_id", "kind", "due_on", "answers", "sent_back", "created_at", "filled_at"),
            *("by_name", "version"),
        ]


class SheetAnswerInput(Input):
    code = serializers.CharField(max_length=40)
    ok = serializers.BooleanField(allow_null=True)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class SheetInput(Input):
    """Items that are left out count as not looked at. What is missing has to be sent back to somebody."""

    served = ChecklistOut
    kind = serializers.ChoiceField(ChecklistKind.choices)
    answers = SheetAnswerInput(many=True)
    sent_back = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class ChecklistsOfProject(Listed):
    """A project's checklists, newest first. POST fills the one of its kind; an evidence review is today's."""

    model = Checklist
    scopes = {"list": READ, "create": Scope.PROJECTS}
    out = ChecklistOut
    inputs = {"create": SheetInput}
    statuses = {"create": (200,)}
    versioned = frozenset({"create"})

    def get_queryset(self) -> QuerySet[Checklist]:
        project_id = self.kwargs["pk"]
        get_object_or_404(lists.projects(), pk=project_id)
        return checklists_of(project_id)

    def create(self, request: Request, pk: UUID) -> Response:
        data: dict[str, Any] = self.data
        project = get_object_or_404(Project.objects.select_related("workspace"), pk=pk)
        filled = checklists.fill(
            project,
            ChecklistKind(data["kind"]),
            [Answer(**answer) for answer in data["answers"]],
            sent_back=data.get("sent_back", ""),
            by=self.actor,
            now=self.now,
            expected=self.expected,
        )
        return self.served(filled)


class NothingInput(Input):
    served = ProjectOut


class ProjectSteps(WorkspaceView):
    """The end of an engagement's control, and its return. Archiving is refused while the client is asked."""

    model = Project
    scopes = {"archive": Scope.PROJECTS, "unarchive": Scope.PROJECTS}
    out = ProjectOut
    inputs = {"archive": NothingInput, "unarchive": NothingInput}
    statuses = {"archive": (200,), "unarchive": (200,)}
    versioned = frozenset({"archive", "unarchive"})

    def get_queryset(self) -> QuerySet[Project]:
        return lists.projects()

    def archive(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        archived = engagements.archive(pk, by=self.actor, now=self.now, expected=self.expected)
        return self.served(archived)

    def unarchive(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        taken_up = engagements.unarchive(pk, by=self.actor, now=self.now, expected=self.expected)
        return self.served(taken_up)
