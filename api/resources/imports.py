"""Tables of milestones on their way in."""

import json
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.parsers import StrictJSONParser, UploadParser
from api.shapes import Input, Out
from api.views import READ, Readable
from milestones.actions import imports as actions
from milestones.importing.reading import MOST_BYTES, MOST_ROWS
from milestones.importing.recognising import FIELDS
from milestones.models import ImportRun
from milestones.queries.imports import runs
from tenancy.refusal import TooLarge
from workspaces.models import Scope

VERDICTS = (actions.NEW, actions.KNOWN, actions.LEFT_OUT, actions.FAULTY)
COUNTS = {name: {"type": "integer"} for name in VERDICTS}
VERDICT = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "description": "Its place in the table, the headings being 1."},
        "verdict": {"type": "string", "enum": list(VERDICTS)},
        "project": {"type": "string"},
        "name": {"type": "string"},
        "faults": {"type": "object", "description": "What is wrong, by our field."},
        "remarks": {"type": "array", "items": {"type": "string"}},
        "milestone_id": {"type": "string", "description": "Empty where there is none."},
    },
}


@extend_schema_field(
    {
        "type": "object",
        "description": "Empty while it is being prepared.",
        "properties": {
            "counts": {"type": "object", "properties": COUNTS},
            "rows": {"type": "array", "items": VERDICT},
        },
    }
)
class ReportField(serializers.JSONField):
    """What became, or would become, of each row."""


class ImportOut(Out):
    id = serializers.UUIDField(read_only=True, allow_null=True, help_text="Null after a dry run.")
    report = ReportField(read_only=True)

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "name",
            "source",
            "columns",
            "mapping",
            "state",
            "report",
            "created_at",
            "done_at",
            "by_name",
            "version",
        ]


class _ImportInput(Input):
    account = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Client of rows that name none."
    )
    project = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Project of rows that name none."
    )
    leave_out_faulty = serializers.BooleanField(default=False)
    history = serializers.BooleanField(
        default=False,
        help_text="Take completed rows over as accepted before Cairn, on their own days; nobody is told.",
    )


class RowsInput(_ImportInput):
    served = ImportOut
    mapping = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True),
        required=False,
        help_text=f"Our fields ({', '.join(FIELDS)}) to columns. What is not named is recognised.",
    )
    name = serializers.CharField(max_length=110, default="rows")
    rows = serializers.ListField(
        child=serializers.DictField(), max_length=MOST_ROWS, help_text="One object for each milestone."
    )


class MappingField(serializers.JSONField):
    """A form has texts only: the mapping is written in it as JSON."""

    def to_internal_value(self, data: Any) -> Any:
        mapping = super().to_internal_value(data)
        if not isinstance(mapping, dict) or not all(isinstance(column, str) for column in mapping.values()):
            raise serializers.ValidationError("Give an object of our fields to columns.")
        return mapping


class TableInput(_ImportInput):
    file = serializers.FileField(help_text="CSV or JSON in UTF-8.")
    mapping = MappingField(binary=True, required=False, help_text="As JSON.")


class Imports(Readable):
    """Imports a table: JSON rows, or a CSV or JSON file as `multipart/form-data`. Rows that are known stay.

    `dry_run=true` answers what would become of each row, with 200, and keeps nothing. Faulty rows are refused
    with 409 and listed in `unmet`, unless `leave_out_faulty`.
    """

    model = ImportRun
    parser_classes = [StrictJSONParser, UploadParser]
    scopes = {"list": READ, "retrieve": READ, "create": Scope.PROJECTS}
    out = ImportOut
    inputs = {"create": RowsInput}
    uploads = {"create": TableInput}
    parameters = {"create": {"dry_run": "`true` answers what would happen and keeps nothing."}}
    statuses = {"create": (200, 201)}

    def get_queryset(self) -> QuerySet[ImportRun]:
        return runs()

    def create(self, request: Request, **kwargs: Any) -> Response:
        data = self.data
        name, content = _table(data)
        if self.asks_for("dry_run"):
            with transaction.atomic():
                answer = self._tried(self._opened(name, content, data))
                transaction.set_rollback(True)
            return Response(answer)
        run = self._opened(name, content, data)
        left_out = data["leave_out_faulty"]
        return self.served(
            actions.take_in(run.pk, leave_out_faulty=left_out, by=self.actor, now=self.now), status=201
        )

    def _opened(self, name: str, content: bytes, data: dict[str, Any]) -> ImportRun:
        run = actions.open_import(name, content, by=self.actor, now=self.now)
        return actions.map_columns(
            run.pk,
            {**run.mapping["fields"], **data.get("mapping", {})},
            account=data.get("account", ""),
            project=data.get("project", ""),
            history=data["history"],
            by=self.actor,
            now=self.now,
        )

    def _tried(self, run: ImportRun) -> dict[str, Any]:
        report = actions.report_of(actions.try_import(run, by=self.actor, now=self.now))
        return {**ImportOut.of(run), "id": None, "report": report}


def _table(data: dict[str, Any]) -> tuple[str, bytes]:
    """Name and content of the table, rows being a file of JSON."""
    if (file := data.get("file")) is None:
        return f"{data['name']}.json", json.dumps(data["rows"]).encode()
    if file.size > MOST_BYTES:
        raise TooLarge(f"A table may hold at most {MOST_BYTES // 1_000_000} MB.", "file")
    return file.name, file.read()
