"""Settings → Webhooks: added by an owner, tested, followed, paused, and never showing a secret twice."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from journal import endpoints, fanout
from journal.models import Channel, Delivery, State, WebhookEndpoint
from journal.queries import present_endpoints
from tenancy.door import inside
from tests import factories
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page
from tests.web.test_query_counts import statements
from workspaces.models import Membership, Role

ADDRESS = "https://n8n.studio.example/webhook/cairn"
TYPED = {"name": "n8n", "url": ADDRESS}


def at(name, *args):
    return reverse(name, args=["studio", *args])


@scene
def endpoint(studio, by):
    return _endpoint(studio, by)


def _endpoint(studio, by, **more):
    with inside(studio):
        return endpoints.make(**{**TYPED, **more}, by=by, now=WEDNESDAY)[0]


def _only(studio):
    with inside(studio):
        return present_endpoints().get()


def test_an_owner_adds_one_and_sees_its_secret_once(founder, studio):
    added = founder.post(at("new_webhook"), {**TYPED, "events": ["milestone.closed", "blocker.opened"]})
    first, again = (page(founder.get(added["Location"])) for _ in range(2))

    assert _only(studio).events == ["blocker.opened", "milestone.closed"]
    assert ("whsec_" in first, "whsec_" in again) == (True, False)
    assert "n8n is told from now on." in first


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": "http://n8n.studio.example/"}, "It must begin with https://."),
        ({"url": "https://169.254.169.254/"}, "It leads to an address that is not public"),
        ({"name": ""}, "This field is required."),
        ({"events": ["milestone.vanished"]}, "milestone.vanished"),
    ],
)
def test_what_cannot_be_told_stands_at_its_field_and_nothing_typed_is_lost(founder, studio, typed, said):
    answer = founder.post(at("new_webhook"), {**TYPED, **typed})

    assert answer.status_code == 422
    assert said in page(answer)
    with inside(studio):
        assert not WebhookEndpoint.objects.exists()


def test_a_test_is_sent_and_shown_in_the_log(founder, studio, endpoint):
    founder.post(at("test_webhook", endpoint.pk))

    shown = page(founder.get(at("settings_webhook", endpoint.pk)))
    with inside(studio):
        message = Delivery.objects.get(channel=Channel.WEBHOOK)
    assert (message.kind, message.recipient_id) == ("webhook_endpoint.tested", endpoint.pk)
    assert "webhook_endpoint.tested" in shown
    assert 'hx-trigger="every 3s"' in shown


def test_the_log_stops_asking_when_nothing_leaves_soon(founder, studio, endpoint):
    founder.post(at("test_webhook", endpoint.pk))
    with inside(studio):
        Delivery.objects.update(due_at=WEDNESDAY + timedelta(minutes=2))

    fragment = page(founder.get(at("webhook_log", endpoint.pk)))

    assert fragment.startswith('<section class="section stack" id="log"')
    assert "every 3s" not in fragment


def test_it_is_paused_resumed_and_removed(founder, studio, endpoint):
    said = []
    for name in ("pause_webhook", "pause_webhook", "resume_webhook", "remove_webhook"):
        answer = founder.post(at(name, endpoint.pk), {"version": _only(studio).version})
        said.append((name, answer.status_code))

    assert said == [
        ("pause_webhook", 302),
        ("pause_webhook", 409),
        ("resume_webhook", 302),
        ("remove_webhook", 302),
    ]
    assert founder.get(at("settings_webhook", endpoint.pk)).status_code == 404


def test_a_pause_says_why(founder, studio, endpoint):
    with inside(studio):
        kept = WebhookEndpoint.objects.get()
        endpoints.give_up(kept, "It answered 410: it wants to hear no more.", now=WEDNESDAY)

    listed = page(founder.get(at("settings_webhooks")))
    shown = page(founder.get(at("settings_webhook", endpoint.pk)))

    assert "It answered 410: it wants to hear no more." in listed
    assert "Paused. It answered 410" in shown
    assert at("resume_webhook", endpoint.pk) in shown
    assert at("test_webhook", endpoint.pk) not in shown


def test_failing_says_since_when(founder, studio, endpoint):
    with inside(studio):
        WebhookEndpoint.objects.update(failing_since=WEDNESDAY, failures=3)

    assert "After 75 hours it is paused" in page(founder.get(at("settings_webhook", endpoint.pk)))


def test_settings_are_changed(founder, studio, endpoint):
    typed = {**TYPED, "name": "Make", "events": ["milestone.closed"], "version": endpoint.version}
    founder.post(at("save_webhook", endpoint.pk), typed)

    kept = _only(studio)
    assert (kept.name, kept.events) == ("Make", ["milestone.closed"])


def test_a_page_tells_each_of_its_buttons_the_version_that_it_shows(founder, endpoint):
    shown = page(founder.get(at("settings_webhook", endpoint.pk)))

    assert shown.count(f'name="version" value="{endpoint.version}"') == 4


@pytest.mark.parametrize("name", ["save_webhook", "rotate_webhook", "pause_webhook", "remove_webhook"])
def test_what_somebody_saved_meanwhile_is_not_overwritten(founder, studio, by, endpoint, name):
    with inside(studio):
        saved = endpoints.change_endpoint(endpoint.pk, {"name": "Make"}, by=by, now=WEDNESDAY)

    answer = founder.post(at(name, endpoint.pk), {**TYPED, "version": endpoint.version})

    assert answer.status_code == 409
    assert "was changed by someone else meanwhile" in page(answer)
    kept = _only(studio)
    assert (kept.name, kept.version, kept.paused_at, kept.old_secret) == ("Make", saved.version, None, "")


def test_a_webhook_is_not_resumed_for_who_saw_another_pause(founder, studio, by, endpoint):
    with inside(studio):
        endpoints.pause(endpoint.pk, by=by, now=WEDNESDAY)

    answer = founder.post(at("resume_webhook", endpoint.pk), {"version": endpoint.version})

    assert (answer.status_code, _only(studio).paused_at) == (409, WEDNESDAY)


def test_a_new_secret_is_shown_once_and_the_old_one_runs_out(founder, studio, endpoint):
    shown = page(founder.post(at("rotate_webhook", endpoint.pk), {"version": endpoint.version}, follow=True))
    again = founder.post(at("rotate_webhook", endpoint.pk), {"version": _only(studio).version})

    assert "whsec_" in shown
    assert "The one before signs as well until" in shown
    assert again.status_code == 409


def test_a_parked_message_is_sent_again_from_the_log(founder, studio, by, endpoint):
    with inside(studio):
        factories.engagement(by, now=WEDNESDAY)
        fanout.tell(endpoint.pk, now=WEDNESDAY)
        Delivery.objects.update(state=State.PARKED, finished_at=WEDNESDAY, attempts=10, last_error="HTTP 500")
        message = Delivery.objects.first()

    answer = founder.post(at("replay_delivery", message.pk))

    assert answer["Location"] == at("settings_webhook", endpoint.pk)
    with inside(studio):
        again = Delivery.objects.get(pk=message.pk)
        due_at = WebhookEndpoint.objects.get().due_at
    assert (again.state, again.attempts, due_at) == (State.QUEUED, 0, WEDNESDAY)


def test_the_outbox_names_an_endpoint_without_its_inner_address(founder, studio, by, endpoint):
    founder.post(at("test_webhook", endpoint.pk))

    shown = page(founder.get(at("settings_deliveries")))

    assert "to n8n" in shown
    assert "endpoint:" not in shown


def test_a_member_follows_and_an_owner_manages(studio, endpoint, wednesday):
    ben = factories.person("ben@studio.example", "Ben")
    with inside(studio):
        Membership.objects.create(user=ben, role=Role.MEMBER, joined_at=WEDNESDAY)
    member = Client()
    member.force_login(ben)

    shown = page(member.get(at("settings_webhook", endpoint.pk)))

    assert at("test_webhook", endpoint.pk) not in shown
    assert member.post(at("test_webhook", endpoint.pk)).status_code == 403
    assert member.get(at("new_webhook")).status_code == 403


@pytest.mark.parametrize("name", ["settings_webhooks", "settings_webhook"])
def test_a_page_takes_as_many_statements_for_three_rows_as_for_one(founder, studio, by, endpoint, name):
    address = at(name, *([endpoint.pk] if name == "settings_webhook" else []))
    _send(studio, by, endpoint)
    one = statements(founder, address)
    for n in (2, 3):
        _endpoint(studio, by, name=f"n8n {n}")
        _send(studio, by, endpoint)

    three = statements(founder, address)

    assert three == one <= 8


def _send(studio, by, endpoint):
    with inside(studio):
        message = endpoints.test(endpoint.pk, by=by, now=WEDNESDAY + timedelta(minutes=1))
        message.tries.create(at=WEDNESDAY, outcome="failed", detail="HTTP 500")
