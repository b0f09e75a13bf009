"""Webhook endpoints by API: a secret shown once, steps, and the very event that the API serves."""

import json
from datetime import UTC, datetime

import pytest

from journal import fanout, webhooks
from journal.kinds import KINDS
from journal.models import WebhookEndpoint
from tenancy.door import inside
from tests import factories
from tests.api.conftest import Caller
from tests.receiver import receiver, saying
from workspaces.actions import issue_token
from workspaces.models import Scope

ADDRESS = "https://n8n.studio.example/webhook/cairn"
SERVED = {
    "id",
    "name",
    "url",
    "events",
    "old_secret_until",
    "failing_since",
    "rests_until",
    "paused_at",
    "pause_reason",
    "created_at",
    "removed_at",
    "version",
}


@pytest.fixture
def made(caller):
    body = {"name": "n8n", "url": ADDRESS, "events": ["milestone.closed"]}
    return caller.post("webhook-endpoints", body).json()


def step(caller, made, name, **headers):
    return caller.post(f"webhook-endpoints/{made['id']}/{name}", **headers)


def test_an_endpoint_shows_its_secret_once(caller, made):
    served = caller.get(f"webhook-endpoints/{made['id']}").json()

    assert set(made) == SERVED | {"secret"}
    assert made["secret"].startswith("whsec_")
    assert set(served) == SERVED
    assert (served["name"], served["url"], served["events"]) == ("n8n", ADDRESS, ["milestone.closed"])


def test_a_list_holds_no_secret(caller, made):
    answer = caller.get("webhook-endpoints", {"is_on": "true"})

    assert [row["id"] for row in answer.json()["results"]] == [made["id"]]
    assert b"whsec_" not in answer.content


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "n8n", "url": "http://n8n.studio.example/x"}, "url"),
        ({"name": "n8n", "url": "https://10.0.0.1/x"}, "url"),
        ({"name": "", "url": ADDRESS}, "name"),
        ({"name": "n8n", "url": ADDRESS, "events": ["milestone.vanished"]}, "events"),
        ({"name": "n8n", "url": ADDRESS, "secret": "mine"}, "secret"),
    ],
)
def test_what_cannot_be_told_is_refused_at_its_field(caller, studio, body, field):
    answer = caller.post("webhook-endpoints", body)

    assert (answer.status_code, [name.partition(".")[0] for name in answer.json()["errors"]]) == (
        400,
        [field],
    )
    with inside(studio):
        assert not WebhookEndpoint.objects.exists()


def test_it_changes_as_it_was_seen(caller, made):
    address = f"webhook-endpoints/{made['id']}"
    tag = caller.get(address)["ETag"]

    changed = caller.patch(address, {"events": []}, If_Match=tag)
    stale = caller.patch(address, {"name": "Make"}, If_Match=tag)

    assert (changed.status_code, changed.json()["events"], changed.json()["version"]) == (200, [], 2)
    assert stale.status_code == 412


def test_the_steps_of_an_endpoint(caller, made):
    codes = [
        (name, step(caller, made, name).status_code)
        for name in ("pause", "pause", "test", "resume", "resume", "rotate-secret", "rotate-secret")
    ]
    removed = step(caller, made, "remove")

    assert codes == [
        ("pause", 200),
        ("pause", 409),
        ("test", 409),
        ("resume", 200),
        ("resume", 409),
        ("rotate-secret", 200),
        ("rotate-secret", 409),
    ]
    assert removed.json()["removed_at"]
    assert step(caller, made, "test").status_code == 409
    assert caller.get("webhook-endpoints", {"is_on": "true"}).json()["results"] == []


def test_a_rotation_shows_the_new_secret(caller, made):
    rotated = step(caller, made, "rotate-secret").json()

    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"]


def test_a_test_is_a_message_to_follow(caller, made):
    message = step(caller, made, "test").json()

    found = caller.get("deliveries", {"channel": "webhook"}).json()["results"]
    assert [row["id"] for row in found] == [message["id"]]
    assert (message["kind"], message["state"], message["recipient_name"]) == (
        "webhook_endpoint.tested",
        "queued",
        "n8n",
    )


def test_twenty_endpoints_are_enough(caller):
    answers = [caller.post("webhook-endpoints", {"name": f"{n}", "url": ADDRESS}) for n in range(21)]

    assert [answer.status_code for answer in answers] == [201] * 20 + [409]


def test_only_who_manages_connections_may(studio, caller_in, made):
    others = caller_in(studio, *(scope for scope in Scope.values if scope != Scope.CONNECTIONS))

    answers = [others.post("webhook-endpoints", {"name": "x", "url": ADDRESS}), step(others, made, "remove")]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_the_document_names_every_event(caller):
    document = Caller().get("openapi.json").json()
    schemas, about = document["components"]["schemas"], document["paths"]["/api/v1/webhook-endpoints"]["post"]
    body = about["requestBody"]["content"]["application/json"]["schema"]

    kinds = _named(schemas, _named(schemas, body)["properties"]["events"]["items"])

    assert sorted(kinds["enum"]) == sorted(KINDS)


def _named(schemas, shape):
    return schemas[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape


def test_what_is_told_is_what_the_api_serves(fresh_database, settings):
    ada = factories.person()
    studio, by = factories.workspace(ada, slug="studio"), factories.actor(ada)
    with inside(studio):
        caller = Caller(issue_token(name="n8n", scopes=list(Scope), by=by, now=factories.MONDAY)[1])
    with receiver() as there:
        settings.EGRESS_ALLOWED_HOSTS, there.ways["/hook"] = [there.place], saying(b"")
        caller.post("webhook-endpoints", {"name": "n8n", "url": there.url("/hook")})
        with inside(studio):
            factories.engagement(by, now=datetime.now(UTC))
        now = datetime.now(UTC)
        fanout.tell_behind(now=now)
        while webhooks.send_next(now=now):
            pass

    told = {body["id"]: body for body in (json.loads(request.body) for request in there.requests)}
    assert len(told) == 5
    for pk, body in told.items():
        assert body == caller.get(f"events/{pk}").json()
