"""Secrets shown once: a POST makes one, the page behind it shows it, and a reload does neither again."""

from datetime import timedelta
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse

from telemetry.actions.connections import connect
from telemetry.models import Connection
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import page
from web import once
from workspaces.models import ApiToken, Link, Membership, Role

TOKEN = {"name": "n8n", "scopes": ["read"]}
ENDED = "An address before it no longer works."


def _at(name, *args):
    return reverse(name, args=["studio", *args])


@pytest.fixture
def request_with_session(db):
    request = RequestFactory().get("/")
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    return request


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@scene
def connection(studio, milestone, by):
    with inside(studio):
        return connect(provider="generic", name="Script", milestone=milestone, by=by, now=MONDAY)[0]


@pytest.fixture
def link(founder, studio, milestone):
    founder.post(_at("make_link", milestone.project_id))
    with inside(studio):
        return Link.objects.get()


def test_a_secret_is_taken_once_and_only_under_its_name(request_with_session):
    once.keep(request_with_session, "token:1", "first", now=MONDAY)
    once.keep(request_with_session, "token:2", "second", now=MONDAY)

    taken = [once.take(request_with_session, f"token:{n}", now=MONDAY) for n in (1, 1, 3, 2)]

    assert taken == ["first", "", "", "second"]


@pytest.mark.parametrize(("late", "taken"), [(-1, "secret"), (0, "")])
def test_a_secret_that_nobody_came_for_is_forgotten(request_with_session, late, taken):
    once.keep(request_with_session, "token:1", "secret", now=MONDAY)

    later = MONDAY + once.KEPT_FOR + timedelta(seconds=late)

    assert once.take(request_with_session, "token:1", now=later) == taken


def test_a_new_secret_sweeps_out_what_nobody_came_for(request_with_session):
    once.keep(request_with_session, "token:1", "first", now=MONDAY)
    once.keep(request_with_session, "token:2", "second", now=MONDAY + once.KEPT_FOR)

    assert list(request_with_session.session[once.PLACE]) == ["token:2"]


def test_the_session_holds_a_secret_only_sealed(request_with_session):
    once.keep(request_with_session, "token:1", "cairn_secret", now=MONDAY)

    assert "cairn_secret" not in str(request_with_session.session[once.PLACE])


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_token_is_shown_once(founder, studio, headers):
    posted = founder.post(_at("settings_tokens"), TOKEN, headers=headers)
    shown = founder.get(posted["Location"], headers=headers)
    again = founder.get(posted["Location"], headers=headers)

    with inside(studio):
        token = ApiToken.objects.get()
    secret = shown.context["secret"]
    assert posted.status_code == 302
    assert secret.startswith(token.prefix)
    assert secret in page(shown)
    assert secret not in page(again)
    assert (shown["Cache-Control"], again.context["secret"]) == ("no-store", "")


def test_two_tokens_do_not_hide_each_other(founder):
    places = [founder.post(_at("settings_tokens"), TOKEN)["Location"] for _ in range(2)]

    secrets = {founder.get(place).context["secret"] for place in places}

    assert len(secrets - {""}) == 2


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_connections_first_secret_is_shown_once(founder, studio, milestone, headers):
    typed = {"provider": "generic", "name": "Script", "milestone": milestone.pk, "states": ""}

    posted = founder.post(_at("new_connection"), typed, headers=headers)
    shown = founder.get(posted["Location"], headers=headers)
    again = founder.get(posted["Location"], headers=headers)

    with inside(studio):
        made = Connection.objects.get()
    assert posted["Location"] == _at("settings_connection", made.pk)
    assert shown.context["secret"].startswith("whsec_")
    assert shown.context["secret"] in page(shown)
    assert (shown["Cache-Control"], again.context["secret"]) == ("no-store", "")


def test_a_connections_new_secret_is_shown_once(founder, connection):
    posted = founder.post(_at("rotate_connection_secret", connection.pk))
    shown, again = founder.get(posted["Location"]), founder.get(posted["Location"])

    assert posted["Location"] == _at("settings_connection", connection.pk)
    assert shown.context["secret"] in page(shown)
    assert (shown.context["secret"] != "", again.context["secret"]) == (True, "")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_portal_links_address_is_shown_once_and_opens(founder, client, studio, milestone, headers):
    posted = founder.post(_at("make_link", milestone.project_id), headers=headers)
    shown = founder.get(posted["Location"], headers=headers)
    again = founder.get(posted["Location"], headers=headers)

    with inside(studio):
        made = Link.objects.get()
    address = shown.context["address"]
    assert posted["Location"] == _at("project_link", made.pk)
    assert address in page(shown)
    assert "no-store" in shown["Cache-Control"]
    assert again["Location"] == _at("project", milestone.project_id)
    assert client.get(urlsplit(address).path).status_code == 200


def test_only_a_new_address_says_that_the_one_before_ended(founder, client, link):
    first = founder.get(_at("project_link", link.pk))
    second = founder.post(_at("rotate_link", link.pk), follow=True)

    ended = client.get(urlsplit(first.context["address"]).path)
    assert (ENDED in page(first), ENDED in page(second)) == (False, True)
    assert (ended.status_code, first.context["address"] in page(second)) == (410, False)


def test_somebody_elses_secret_is_not_shown(founder, client, studio, link):
    ben = factories.person("ben@studio.example", "Ben")
    with inside(studio):
        Membership.objects.create(user=ben, role=Role.MEMBER, joined_at=MONDAY)
    client.force_login(ben)

    assert client.get(_at("project_link", link.pk))["Location"] == _at("project", link.subject_id)


def test_who_only_looks_where_secrets_are_made_is_led_to_their_page(founder, connection, link):
    project = link.subject_id
    pages = {
        _at("make_link", project): _at("project", project),
        _at("rotate_link", link.pk): _at("project", project),
        _at("rotate_connection_secret", connection.pk): _at("settings_connection", connection.pk),
    }

    assert {place: founder.get(place)["Location"] for place in pages} == pages
