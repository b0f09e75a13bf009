"""A workspace with an engagement, and callers who hold tokens of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from journal.actors import Actor
from milestones.actions.kickoff import Kickoff
from milestones.actions.stages import move
from milestones.models import Milestone
from milestones.words import Stage
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories
from tests.plugins.scenes import scene
from workspaces.actions import issue_token
from workspaces.models import Scope, User

JSON = "application/json"
ROOT = "/api/v1/"


@dataclass
class Caller:
    """Someone who speaks JSON, with or without a token."""

    token: str = ""
    client: Client = field(default_factory=Client)

    def get(self, path: str, params: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(_address(path), params or {}, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("PATCH", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        raw = body if isinstance(body, bytes | str) else json.dumps({} if body is None else body)
        return self.client.generic(method, _address(path), raw, JSON, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        mine = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return mine | {name.replace("_", "-"): value for name, value in more.items()}


def _address(path: str) -> str:
    return path if path.startswith(("/", "http")) else ROOT + path


@pytest.fixture(autouse=True)
def counts_begin_anew() -> None:
    caches["fast"].clear()


@scene
def ada(db: None) -> User:
    return factories.person()


@scene
def studio(ada: User) -> Workspace:
    return factories.workspace(ada, slug="studio")


@scene
def by(ada: User) -> Actor:
    return factories.actor(ada)


@pytest.fixture
def caller_in(by: Actor) -> Callable[..., Caller]:
    """Makes a caller with a token of a workspace, with all scopes or those named."""

    def make(workspace: Workspace, *scopes: str) -> Caller:
        with inside(workspace):
            given = scopes or tuple(Scope.values)
            _, text = issue_token(name="n8n", scopes=given, by=by, now=factories.MONDAY)
        return Caller(text)

    return make


@pytest.fixture
def caller(studio: Workspace, caller_in: Callable[..., Caller]) -> Caller:
    return caller_in(studio)


@scene
def kickoff(studio: Workspace, by: Actor) -> Kickoff:
    with inside(studio):
        return factories.engagement(by)


@scene
def in_execution(studio: Workspace, by: Actor, kickoff: Kickoff) -> Milestone:
    with inside(studio):
        return move(kickoff.milestone.pk, Stage.EXECUTION, by=by, now=factories.MONDAY)
