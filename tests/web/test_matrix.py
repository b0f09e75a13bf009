"""Every page of a workspace, by everyone who should not: nothing is shown, nothing is changed."""

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from journal.actors import Actor, Recipient
from journal.models import Event
from milestones.models import Milestone, Project
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories
from tests.api.everything import made_by_people
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from workspaces.actions import invite, issue_token, make_link
from workspaces.models import Membership, Purpose, Role, Scope

CANARY = "Kanarienvogel"
SLUG, ID = "<slug:slug>", "<uuid:pk>"
VERIFIES = f"w/{SLUG}/settings/journal/"  # its POST writes nothing
Ids = Mapping[str, UUID]


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif SLUG in route:
            yield route


ROUTES = list(_routes(get_resolver().url_patterns))


def _kind(route: str) -> str:
    """What an address with an id is about: the word before the id."""
    return route.partition(ID)[0].rstrip("/").rpartition("/")[2]


@scene
def ids(studio: Workspace, by: Actor) -> Ids:
    """One of each kind in the studio, by the word that stands before its id in an address."""
    with inside(studio):
        made = made_by_people(by, mark=CANARY)
        project = Project.objects.get()
        to = Recipient("contact", None, CANARY, "")
        invitation = invite(workspace=studio, email="ben@studio.example", role=Role.MEMBER, by=by, now=MONDAY)
        token, _ = issue_token(name=CANARY, scopes=[Scope.READ], by=by, now=MONDAY)
        link = make_link(Purpose.PORTAL, subject=project, to=to, by=by, now=MONDAY)
        about = Milestone.objects.get(pk=made["milestones"])
        packet_link = make_link(Purpose.PROOF, subject=about, to=to, by=by, now=MONDAY)
    own = {"links": link.pk, "invitations": invitation.pk, "tokens": token.pk}
    own["packet-links"] = packet_link.pk
    own["parked"] = made["milestones"]  # what could not be told is written by sweeps only
    own["decisions"] = made["decision-requests"]  # the page of a decision is that of its question
    return {
        **made,
        **own,
        "inbound": made["inbound-deliveries"],
        "webhooks": made["webhook-endpoints"],
        "templates": made["plan-templates"],
        "kickoff": made["projects"],
    }


@pytest.fixture
def rival(db: None, wednesday: object) -> Workspace:
    return factories.workspace(factories.person("bob@rival.example", "Bob"), slug="rival")


@pytest.fixture
def stranger(rival: Workspace) -> Client:
    """The owner of another workspace: no role stands in the way."""
    with inside(rival):
        return _signed_in(Membership.objects.select_related("user").get())


@pytest.fixture
def viewer(studio: Workspace, ids: Ids, wednesday: object) -> Client:
    vera = factories.person("vera@studio.example", "Vera")
    with inside(studio):
        return _signed_in(Membership.objects.create(user=vera, role=Role.VIEWER, joined_at=MONDAY))


@pytest.fixture
def untouched(studio: Workspace, ids: Ids) -> Iterator[None]:
    """Asserts after the test that the studio's journal is what it was."""
    before = _events(studio)
    yield
    assert _events(studio) == before


def _signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def _events(workspace: Workspace) -> int:
    with inside(workspace):
        return Event.objects.count()


def _answers(client: Client, ids: Ids, routes: list[str], *, slug: str) -> Iterator[tuple[str, HttpResponse]]:
    """What each address says to each method that it takes."""
    for route in routes:
        address = "/" + route.replace(SLUG, slug).replace(ID, str(ids.get(_kind(route))))
        said = {method: _read(getattr(client, method)(address)) for method in ("get", "post")}
        taken = [(method, each) for method, each in said.items() if each.status_code != 405]
        assert taken, f"{route} takes neither GET nor POST"
        yield from ((f"{method} {route}: {each.status_code}", each) for method, each in taken)


def _read(response: HttpResponse) -> HttpResponse:
    """To its end, as a browser does: until then an answer holds its file open."""
    if response.streaming:
        response.getvalue()
    return response


def test_every_address_with_an_id_is_asked(ids):
    with_more = [route for route in ROUTES if re.findall("<.*?>", route) != [SLUG]]

    unknown = [
        route for route in with_more if re.findall("<.*?>", route) != [SLUG, ID] or _kind(route) not in ids
    ]

    assert unknown == []


def test_ids_of_another_workspace_are_not_found(stranger, rival, ids, untouched):
    before = _events(rival)
    with_id = [route for route in ROUTES if ID in route]

    wrong = [
        said
        for said, response in _answers(stranger, ids, with_id, slug="rival")
        if response.status_code != 404 or CANARY.encode() in response.content
    ]

    assert wrong == []
    assert _events(rival) == before


def test_another_workspace_is_not_found(stranger, ids, untouched):
    wrong = [
        said
        for said, response in _answers(stranger, ids, ROUTES, slug="studio")
        if response.status_code != 404 or CANARY.encode() in response.content
    ]

    assert wrong == []


def test_who_is_not_signed_in_is_sent_to_sign_in(ids, untouched):
    wrong = [
        said
        for said, response in _answers(Client(), ids, ROUTES, slug="studio")
        if response.status_code != 302 or not response["Location"].startswith("/account/login/")
    ]

    assert wrong == []


def test_a_viewer_writes_nowhere(viewer, ids, untouched):
    writing = [route for route in ROUTES if route != VERIFIES]

    wrong = [
        said
        for said, response in _answers(viewer, ids, writing, slug="studio")
        if said.startswith("post") and response.status_code != 403
    ]

    assert wrong == []


def test_who_may_finds_each_of_them(founder, ids):
    """Else the others' 404 would prove nothing. A parked finding has a test of its own (test_parked.py)."""
    there = [route for route in ROUTES if "parked" not in route]

    wrong = [
        said
        for said, response in _answers(founder, ids, there, slug="studio")
        if response.status_code in (403, 404, 500)
    ]

    assert wrong == []
