"""Who gets in: tokens, sessions, and what becomes of those who guess."""

import pytest
from django.test import Client, override_settings

from api import limits
from api.auth import WRONG_TOKENS
from tenancy.door import inside
from tests import factories
from tests.api.conftest import Caller
from tests.plugins.scenes import scene
from workspaces.actions import revoke_token
from workspaces.models import ApiToken, Membership, Role
from workspaces.tokens import new_api_token


@scene
def member(ada, studio):
    signed_in = Caller(client=Client())
    signed_in.client.force_login(ada)
    return signed_in


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Basic YTpi", "Bearer a b", "Token x", "Bearer é"], ids=repr
)
def test_what_is_no_token_is_401(db, client, header):
    response = client.get("/api/v1/accounts", headers={"Authorization": header})

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_revoked_token_is_401_from_the_next_request_on(caller, studio, by):
    assert caller.get("accounts").status_code == 200

    with inside(studio):
        revoke_token(ApiToken.objects.get(), by=by, now=factories.MONDAY)

    assert caller.get("accounts").status_code == 401


def test_guessing_ends_with_429_and_others_still_get_in(caller):
    guesses = [Caller(new_api_token()).get("accounts") for _ in range(WRONG_TOKENS + 1)]

    assert [each.status_code for each in guesses] == [401] * WRONG_TOKENS + [429]
    assert 0 < int(guesses[-1].headers["Retry-After"]) <= 600
    assert caller.get("accounts").status_code == 200


def test_a_member_needs_no_header_in_their_only_workspace(member, kickoff):
    assert member.get("accounts").json()["results"][0]["name"] == "Northwind"


def test_a_member_of_two_names_one(member, ada, kickoff):
    factories.workspace(ada, slug="second")

    assert member.get("accounts").status_code == 400
    assert member.get("accounts", Cairn_Workspace="second").json()["results"] == []
    assert len(member.get("accounts", Cairn_Workspace="studio").json()["results"]) == 1


def test_a_workspace_of_others_is_unknown(member):
    bob = factories.person("bob@rival.example", "Bob Rival")
    factories.workspace(bob, slug="rival")

    foreign, unknown = (member.get("accounts", Cairn_Workspace=slug) for slug in ("rival", "nowhere"))

    assert (foreign.status_code, foreign.content) == (404, unknown.content)


def test_a_session_writes_only_with_its_csrf_token(ada, studio):
    strict = Caller(client=Client(enforce_csrf_checks=True))
    strict.client.force_login(ada)

    assert strict.post("accounts", {"name": "Forged"}).status_code == 403
    assert strict.get("accounts").status_code == 200


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 400), (Role.MEMBER, 403), (Role.VIEWER, 403)])
def test_connections_are_the_owners(db, studio, role, status):
    vera = factories.person("vera@studio.example", "Vera")
    with inside(studio):
        Membership.objects.create(user=vera, role=role, joined_at=factories.MONDAY)
    caller = Caller(client=Client())
    caller.client.force_login(vera)

    assert caller.post("connections").status_code == status


def test_a_member_writes_what_is_no_connection(studio):
    max_ = factories.person("max@studio.example", "Max Member")
    with inside(studio):
        Membership.objects.create(user=max_, role=Role.MEMBER, joined_at=factories.MONDAY)
    caller = Caller(client=Client())
    caller.client.force_login(max_)

    assert caller.post("accounts", {"name": "New"}).status_code == 201


def test_a_token_needs_no_csrf_token(caller):
    strict = Caller(caller.token, Client(enforce_csrf_checks=True))

    assert strict.post("accounts", {"name": "New"}).status_code == 201


def test_too_many_requests_of_a_token_wait(caller, monkeypatch):
    monkeypatch.setattr(limits, "PER_MINUTE", 2)

    answers = [caller.get("accounts") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61


def test_a_redis_that_is_away_stops_nobody(caller, settings):
    away = {**settings.CACHES, "fast": {**settings.CACHES["fast"], "LOCATION": "redis://127.0.0.1:1"}}

    with override_settings(CACHES=away):
        answer = caller.get("accounts")

    assert answer.status_code == 200
