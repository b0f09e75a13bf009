"""Checks of a milestone's output: automated runs, and the QA checklist that a person answers."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import ChoiceFilter
from rest_framework import serializers

from api.resources.reports import OfMilestone
from api.shapes import Filters, Flag, Input, ModelInput, Out
from api.views import Creatable
from milestones.actions import quality
from milestones.checklist import BY_CODE, NOTE_LENGTH, REPLIES, Answer
from milestones.models import QaRun
from milestones.queries import lists
from milestones.words import QaKind
from workspaces.models import Scope

LONGEST_LIST = 200


class QaRunOut(Out):
    class Meta:
        model = QaRun
        fields = [
            "id",
            "milestone_id",
            "at",
            "by_kind",
            "by_id",
            "by_name",
            "kind",
            "check_name",
            "score",
            "threshold",
            "passed",
            "notes",
            "items",
            "versions",
            "voided_at",
            "void_reason",
        ]


class QaRunInput(ModelInput):
    served = QaRunOut
    versions = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=LONGEST_LIST)

    class Meta:
        model = QaRun
        fields = ["check_name", "score", "notes", "versions"]


class QaRunFilters(Filters):
    passed = Flag()
    kind = ChoiceFilter(choices=QaKind.choices)


class QaRuns(OfMilestone, Creatable):
    """Runs of automated checks and of the QA checklist, held against the milestone's threshold.

    The last run that is not void decides; a change of the output makes the runs before it void.
    """

    model = QaRun
    out = QaRunOut
    inputs = {"create": QaRunInput}
    filterset_class = QaRunFilters
    orderings = ("-at",)

    def get_queryset(self) -> QuerySet[QaRun]:
        return lists.qa_runs_of(self.milestone_id)

    def add(self, data: dict[str, Any]) -> QaRun:
        return quality.record_qa_run(self.milestone_id, **data, by=self.actor, now=self.now)


class ItemInput(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=list(BY_CODE))
    answer = serializers.ChoiceField(choices=list(REPLIES))
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class ChecklistInput(Input):
    served = QaRunOut
    items = ItemInput(many=True)
    notes = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class ChecklistRuns(Creatable):
    """The QA checklist, answered by a person; bound to the artifact versions that are current."""

    model = QaRun
    scopes = {"create": Scope.DELIVERY}
    out = QaRunOut
    inputs = {"create": ChecklistInput}

    def add(self, data: dict[str, Any]) -> QaRun:
        pk: UUID = self.kwargs["milestone_id"]
        answers = [
            Answer(item["code"], REPLIES[item["answer"]], item.get("note", "")) for item in data["items"]
        ]
        return quality.record_checklist(pk, answers, notes=data.get("notes", ""), by=self.actor, now=self.now)
