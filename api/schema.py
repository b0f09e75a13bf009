"""The OpenAPI document: what each operation takes, and every answer it can give."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

WORDS = {"partial_update": "change", "retrieve": "get"}
SUMMARIES = {"list": "List", "retrieve": "Read one", "create": "Add one", "partial_update": "Change one"}
PROBLEM = "application/problem+json"
ANYWHERE = {
    400: "Fields, parameters or JSON that need another look, by name in `errors`.",
    401: "No token or session, or one that is not valid.",
    403: "The scope or role does not reach this far.",
    404: "No such object in this workspace, or no such workspace.",
    406: "Only JSON is served.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "The database is away for a moment; `Retry-After` says when to come back.",
}
OF_WRITES = {
    409: "A rule said no; `unmet` lists what a gate misses.",
    412: "Somebody saved since the version in `If-Match`.",
    413: "The body is larger than 1 MiB, or a file larger than it may be.",
    415: "The body is not JSON.",
}
OF_KEYS = {422: "The `Idempotency-Key` was used for another request."}


class ProblemOut(serializers.Serializer[Any]):
    """A problem document, RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    unmet = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), required=False)


class Operation(AutoSchema):
    """Reads what a view declares: `inputs`, `shape_of`, `statuses`, `parameters`, `versioned`."""

    def get_operation_id(self) -> str:
        name = type(self.view).__name__
        return f"{name[0].lower()}{name[1:]}_{WORDS.get(self._action, self._action)}"

    @property
    def viewed(self) -> Any:
        """The view that is described: one of api.views."""
        return self.view

    @property
    def _action(self) -> str:
        return str(self.viewed.action)

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_summary(self) -> str:
        return SUMMARIES.get(self._action) or self._action.replace("_", " ").capitalize()

    def get_description(self) -> str:  # type: ignore[override]
        needed = self.viewed.scopes.get(self._action)
        said = (type(self.view).__doc__ or "").strip()
        return f"{said}\n\nNeeds the scope `{needed}`." if needed else said

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self._action == "list"

    def get_request_serializer(self) -> Any:
        shape = self.viewed.inputs.get(self._action)
        if upload := self.viewed.uploads.get(self._action):
            return {"application/json": shape, "multipart/form-data": upload}
        return shape

    def get_response_serializers(self) -> Any:
        answers: dict[Any, Any] = dict(self._good())
        for status, said in self._bad().items():
            answers[status, PROBLEM] = OpenApiResponse(ProblemOut, description=said)
        return answers

    def _good(self) -> Mapping[Any, Any]:
        statuses = self.viewed.statuses.get(self._action, (201,) if self._action == "create" else (200,))
        if self._action in self.viewed.binary:
            return {(200, "application/octet-stream"): OpenApiTypes.BINARY}
        served = self.viewed.shape_of(self._action)
        good: dict[Any, Any] = {
            (status, "application/json"): OpenApiResponse(served, description="") for status in statuses
        }
        if self._action == "retrieve":
            good[304] = OpenApiResponse(description="The reader has this version.")
        return good

    def _bad(self) -> dict[int, str]:
        bad = dict(ANYWHERE)
        if self.method in ("POST", "PATCH"):
            bad |= OF_WRITES
        if self.method == "POST":
            bad |= OF_KEYS
        return dict(sorted(bad.items()))

    def get_override_parameters(self) -> list[Any]:
        said = [
            OpenApiParameter(name, bool, description=text)
            for name, text in self.viewed.parameters.get(self._action, {}).items()
        ]
        return said + [
            OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text)
            for name, text in self._headers().items()
        ]

    def _headers(self) -> dict[str, str]:
        headers = {"Cairn-Workspace": "The workspace's address, for signed-in people in several."}
        if self.method == "POST":
            headers["Idempotency-Key"] = "The same key and body get the same answer for 24 hours."
        if self._action == "retrieve":
            headers["If-None-Match"] = "The ETag of what you have; 304 when it is still that."
        if self._action in self.viewed.versioned:
            headers["If-Match"] = "The ETag that this change is based on; 412 when somebody saved since."
        return headers
