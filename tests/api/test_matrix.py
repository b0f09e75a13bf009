"""Every operation of the document, by everyone who should not: nothing is shown, nothing is changed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client

from journal.models import ChainHead
from milestones.models import Milestone
from tenancy.door import inside
from tenancy.ids import uuid7
from tests import factories
from tests.api.conftest import Caller
from tests.api.everything import KEYS, Operation, one_of_everything, operations
from workspaces.models import Membership, Role, Scope

CANARY = "Kanarienvogel"
pytestmark = pytest.mark.slow


@pytest.fixture
def ada(fresh_database):
    """Signals are written by sweeps in transactions of their own, so all of it is committed."""
    return factories.person()


@pytest.fixture
def victim(studio, by) -> Mapping[str, UUID]:
    return one_of_everything(studio, by, mark=CANARY)


@pytest.fixture
def rival(caller_in):
    bob = factories.person("bob@rival.example", "Bob Rival")
    return caller_in(factories.workspace(bob, slug="rival"))


@pytest.fixture
def reader(studio, caller_in):
    return caller_in(studio, Scope.READ)


@pytest.fixture
def writer(studio, caller_in):
    return caller_in(studio, Scope.KICKOFFS)


@pytest.fixture
def untouched(studio, victim):
    """Asserts after the test that the victim's journal and figures are what they were."""
    before = _state(studio)
    yield
    assert _state(studio) == before


def _state(workspace) -> Any:
    with inside(workspace):
        return ChainHead.objects.get().seq, list(Milestone.objects.order_by("pk").values())


def _ask(caller: Caller, operation: Operation, ids: Mapping[str, UUID], **headers: str) -> Any:
    caches["fast"].clear()
    address = operation.address(ids)
    if operation.method == "get":
        return _read(caller.get(address, None, **headers))
    return _read(getattr(caller, operation.method)(address, operation.body(ids), **headers))


def _read(response: Any) -> Any:
    """To its end: until then an answer that is a stream holds its file open."""
    if not response.streaming:
        return response
    return HttpResponse(response.getvalue(), status=response.status_code)


def _said(operation: Operation, response: Any) -> str:
    return f"{operation.method} {operation.path}: {response.status_code} {response.content[:200]!r}"


def test_another_workspace_gets_the_answer_of_an_unknown_id(rival, victim, untouched):
    unknown = {name: uuid7() for name in victim}
    wrong = []

    for operation in (each for each in operations() if each.has_id):
        foreign, nothing = (_ask(rival, operation, ids) for ids in (victim, unknown))
        if (foreign.status_code, foreign.content) != (404, nothing.content):
            wrong.append(_said(operation, foreign))

    assert wrong == []


def test_another_workspace_sees_nothing_in_lists_and_by_filters(rival, victim, untouched):
    wrong = []

    for operation in (each for each in operations() if each.many and not each.has_id):
        asked = [{}, *({name: str(victim[KEYS[name]])} for name in operation.key_filters)]
        for params in asked:
            response = rival.get(operation.path, params)
            ids = [row.get("id") for row in response.json()["results"]]
            if CANARY.encode() in response.content or set(ids) & {str(pk) for pk in victim.values()}:
                wrong.append(_said(operation, response))

    assert wrong == []


def test_keys_of_another_workspace_are_unknown_in_bodies(rival, victim, untouched):
    wrong = []

    for operation in (each for each in operations() if each.method == "post" and not each.has_id):
        response = _ask(rival, operation, victim)
        keys = [name for name in operation.body(victim) if name in KEYS]
        refused = not keys or set(keys) <= set(response.json().get("errors", {}))
        if CANARY.encode() in response.content or (keys and (response.status_code, refused) != (400, True)):
            wrong.append(_said(operation, response))

    assert wrong == []


def test_nobody_gets_in_without_a_token(victim, untouched):
    answers = [(each, _ask(Caller(), each, victim)) for each in operations()]

    assert [_said(each, said) for each, said in answers if said.status_code != 401] == []


def test_a_token_that_may_read_changes_nothing(reader, victim, untouched):
    answers = [(each, _ask(reader, each, victim)) for each in operations()]

    assert [_said(each, said) for each, said in answers if said.status_code not in _fit(each)] == []


def test_a_viewer_changes_nothing(studio, victim, untouched):
    vera = factories.person("vera@studio.example", "Vera Viewer")
    with inside(studio):
        Membership.objects.create(user=vera, role=Role.VIEWER, joined_at=factories.MONDAY)
    viewer = Caller(client=Client())
    viewer.client.force_login(vera)

    answers = [(each, _ask(viewer, each, victim)) for each in operations()]

    assert [_said(each, said) for each, said in answers if said.status_code not in _fit(each)] == []


def _fit(operation: Operation) -> tuple[int, ...]:
    """What a reader may hear: reading works, writing does not; a what-if only computes."""
    return (403,) if operation.writes else (200, 400)


def test_a_token_without_the_scope_to_read_reads_nothing(writer, victim, untouched):
    reads = [each for each in operations() if not each.writes]

    answers = [(each, _ask(writer, each, victim)) for each in reads]

    assert [_said(each, said) for each, said in answers if said.status_code != 403] == []


def test_whoever_may_gets_an_answer_from_every_operation(caller, victim):
    answers = [(each, _ask(caller, each, victim)) for each in operations()]

    assert [_said(each, said) for each, said in answers if said.status_code in (401, 403, 404, 500)] == []
