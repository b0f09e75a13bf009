"""What every view of the API does: enter the workspace, answer, leave nothing behind of a refused request.

The door opens once the caller is known and closes after the answer is rendered. An answer of 400 or more
takes back whatever was written; what must survive it is put into `afterwards`, in transactions of its own.
"""

import builtins
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request, is_form_media_type
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api import etags, idempotency, pages, problems
from api.auth import Entry
from api.shapes import Input, Key, Out, row_name
from journal.actors import Actor
from tenancy.door import inside
from tenancy.refusal import Refused

READ = "read"


class WorkspaceView(GenericViewSet[Any]):
    """A resource of the workspace that the caller enters. An action that `scopes` does not name is closed."""

    scopes: ClassVar[Mapping[str, str]] = {}
    model: ClassVar[type[Model]]
    out: ClassVar[type[Out]]
    inputs: ClassVar[Mapping[str, type[Input]]] = {}
    uploads: ClassVar[Mapping[str, type[Input]]] = {}  # the same action's body as a form with a file
    binary: ClassVar[frozenset[str]] = frozenset()  # actions that answer bytes
    snapshots: ClassVar[frozenset[str]] = frozenset()  # actions whose reads are all of one moment
    orderings: ClassVar[tuple[str, ...]] = ("-created_at",)
    tie: ClassVar[str] = "id"
    parameters: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    statuses: ClassVar[Mapping[str, tuple[int, ...]]] = {}
    versioned: ClassVar[frozenset[str]] = frozenset({"partial_update"})
    http_method_names = ["get", "head", "post", "patch"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.entry: Entry | None = None
        self.claimed: idempotency.Claim | None = None
        self.version: int | None = None
        self.afterwards: list[Callable[[], object]] = []
        self.now: datetime = timezone.now()
        try:
            response = self._within(request, *args, **kwargs)
        except DatabaseError as error:
            return problems.of_database(error)
        for write in self.afterwards:
            with inside(self.workspace_id):
                write()
        return response

    def _within(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.door:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
            if self.version is not None and response.status_code < 300:
                response = self._tagged(request, response)
            if self.claimed:
                self._keep(self.claimed, response)
            if self.entry and response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def _tagged(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        response["ETag"] = etags.tag(self.version or 0, response.content)
        if request.method in ("GET", "HEAD") and etags.is_known(request, response["ETag"]):
            return HttpResponseNotModified(headers={"ETag": response["ETag"]})
        return response  # type: ignore[no-any-return]

    def _keep(self, claimed: idempotency.Claim, response: HttpResponseBase) -> None:
        """A stream is not kept: it would have to be held whole, and asking for it again harms nothing."""
        if response.streaming:
            return
        if response.status_code < 400:
            idempotency.keep(claimed, response, now=self.now)
        else:
            self.afterwards.append(lambda: idempotency.keep(claimed, response, now=self.now))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who, what for, how often; then the door opens."""
        super().initial(request, *args, **kwargs)
        entry: Any = request.auth
        self.door.enter_context(inside(entry.workspace_id, snapshot=self.action in self.snapshots))
        self.entry = entry
        self._check_parameters(request)
        self.claimed = idempotency.claim(request, entry)

    def _check_parameters(self, request: Request) -> None:
        known = set(self.parameters.get(self.action, ()))
        if self.action == "list":
            filters = getattr(self, "filterset_class", None)
            known |= {*pages.PARAMETERS, *(filters.base_filters if filters else ())}
        if extra := [name for name in request.query_params if name not in known]:
            said = f"There is no such parameter here. Known: {', '.join(sorted(known)) or 'none'}."
            raise serializers.ValidationError({name: [said] for name in extra})

    @property
    def queryset(self) -> Any:  # type: ignore[override]
        """What the OpenAPI document learns types from; `get_queryset` says which rows there are."""
        return self.model._default_manager

    @property
    def caller(self) -> Entry:
        """Who was let in."""
        if self.entry is None:
            raise PermissionError("Nobody was let in yet.")
        return self.entry

    @property
    def actor(self) -> Actor:
        return self.caller.actor

    @property
    def workspace_id(self) -> UUID:
        return self.caller.workspace_id

    def asks_for(self, name: str) -> bool:
        """Whether the address says `true` to a parameter.

        Raises:
            ValidationError: when it says neither that nor `false`.
        """
        asked = self.request.query_params.get(name, "false")
        if asked not in ("true", "false"):
            raise serializers.ValidationError({name: ["Say true or false."]})
        return asked == "true"

    @property
    def expected(self) -> int | None:
        """The version that If-Match asks for."""
        return etags.expected(self.request)

    @property
    def data(self) -> dict[str, Any]:
        """The body, shaped by the input of this action."""
        shapes = self.uploads if self.is_upload else self.inputs
        shape_class = shapes[self.action]
        shape = shape_class(data=self.request.data, partial=self.action == "partial_update")
        shape.is_valid(raise_exception=True)
        return shape.validated_data  # type: ignore[no-any-return]

    @property
    def is_upload(self) -> bool:
        """Whether the body is a form, where this action takes one."""
        return self.action in self.uploads and is_form_media_type(self.request.content_type)

    @classmethod
    def shape_of(cls, action: str) -> Any:
        """The shape that an action serves."""
        return cls.out

    def check_body(self) -> None:
        """Refuses a body with fields where there is nothing to say."""
        self.data  # noqa: B018

    def rows(self, queryset: QuerySet[Any]) -> list[Any]:
        """Rows as they are served: straight from the columns."""
        return list(queryset.values(*self.out.columns()))

    def served(self, row: Model, *, status: int = 200) -> Response:
        """The answer of an action: the row it made or changed."""
        self.version = getattr(row, "version", None)
        return Response(self.out.of(row), status=status)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refused) and self.action in self.inputs:
            exc.fields = _by_key(exc.fields, self.inputs[self.action])
        return super().handle_exception(exc)


def _by_key(fields: Mapping[str, Any], shape: type[Input]) -> dict[str, Any]:
    """What an action says about `needs` stands in the answer under `needs_id`, as the caller knows it."""
    names = {row_name(name): name for name, field in shape._declared_fields.items() if isinstance(field, Key)}
    return {names.get(name, name): said for name, said in fields.items()}


class Listed(WorkspaceView):
    """GET of a list, by cursor pages."""

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.page(self.found())

    def found(self) -> builtins.list[Any]:
        """The rows of the page that was asked for."""
        rows = self.get_queryset()
        # Making a form of all filters costs as much as the page, and most requests give none.
        if set(self.request.query_params) - set(pages.PARAMETERS):
            rows = self.filter_queryset(rows)
        return self.paginate_queryset(rows) or []

    def page(self, results: builtins.list[Any]) -> Response:
        pager: Any = self.paginator
        return Response(pager.answer(results))


class Readable(Listed):
    """GET of a list and of one row."""

    def retrieve(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        found = self.rows(self.get_queryset().filter(pk=pk))
        if not found:
            raise Http404
        self.version = found[0].get("version")
        return Response(found[0])


class Creatable(WorkspaceView):
    """POST of a new row."""

    def create(self, request: Request, **kwargs: Any) -> Response:
        return self.served(self.add(self.data), status=201)

    def add(self, data: dict[str, Any]) -> Model:
        raise NotImplementedError


class Changeable(WorkspaceView):
    """PATCH of a row."""

    def partial_update(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        return self.served(self.change(pk, self.data))

    def change(self, pk: UUID, changes: dict[str, Any]) -> Model:
        raise NotImplementedError
