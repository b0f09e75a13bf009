"""The same key and body: the same answer, and the effect once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from api import idempotency
from api.models import IdempotentAnswer
from milestones.models import Account
from tenancy.door import inside
from tests import factories
from tests.api.conftest import Caller

BODY = {"name": "Northwind"}


def test_the_answer_is_given_again_byte_for_byte(caller, studio):
    first, second = (caller.post("accounts", BODY, Idempotency_Key="a-1") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.content, second.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    with inside(studio):
        assert Account.objects.count() == 1


def test_another_body_or_address_is_422(caller):
    caller.post("accounts", BODY, Idempotency_Key="a-1")

    other_body = caller.post("accounts", {"name": "Southwind"}, Idempotency_Key="a-1")
    other_address = caller.post("phases", BODY, Idempotency_Key="a-1")

    assert (other_body.status_code, other_address.status_code) == (422, 422)


def test_a_refusal_is_given_again_too(caller, kickoff):
    address = f"milestones/{kickoff.milestone.pk}/transitions"

    first = caller.post(address, {"to": "qa"}, Idempotency_Key="t-1")
    second = caller.post(address, {"to": "qa"}, Idempotency_Key="t-1")

    assert (first.status_code, second.content) == (409, first.content)
    assert second.headers["Content-Type"] == "application/problem+json"
    assert len(caller.get("events", {"kind": "milestone.move_refused"}).json()["results"]) == 1


def test_a_key_belongs_to_whoever_uses_it(caller, studio, caller_in):
    caller.post("accounts", BODY, Idempotency_Key="a-1")

    other = caller_in(studio).post("accounts", {"name": "Southwind"}, Idempotency_Key="a-1")

    assert other.status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "é"])
def test_a_key_that_is_none_is_refused(caller, key):
    assert caller.post("accounts", BODY, Idempotency_Key=key).status_code == 400


def test_kept_answers_are_sealed(caller, studio):
    caller.post("accounts", BODY, Idempotency_Key="a-1")

    with inside(studio):
        assert "Northwind" not in IdempotentAnswer.objects.get().body


@pytest.fixture
def committed(fresh_database):
    ada = factories.person()
    studio = factories.workspace(ada, slug="studio")
    return studio, factories.actor(ada)


@pytest.mark.slow
def test_twenty_at_once_have_one_effect(committed, caller_in_committed):
    studio, token = committed[0], caller_in_committed

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: _post(token), range(20)))

    made = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    with inside(studio):
        assert Account.objects.count() == 1


@pytest.fixture
def caller_in_committed(committed):
    from workspaces.actions import issue_token
    from workspaces.models import Scope

    studio, by = committed
    with inside(studio):
        return issue_token(name="n8n", scopes=list(Scope.values), by=by, now=factories.MONDAY)[1]


def _post(token):
    try:
        return Caller(token).post("accounts", BODY, Idempotency_Key="race")
    finally:
        connections.close_all()


def test_old_answers_are_forgotten_by_the_worker(committed):
    studio, by = committed
    with inside(studio):
        for key, age in (("old", 3), ("new", 1)):
            IdempotentAnswer.objects.create(
                actor_id=by.id,
                key=key,
                fingerprint=b"",
                status=201,
                headers={},
                body="",
                created_at=factories.MONDAY - timedelta(days=age),
            )

    assert idempotency.forget(now=factories.MONDAY) == 1

    with inside(studio):
        assert [answer.key for answer in IdempotentAnswer.objects.all()] == ["new"]
