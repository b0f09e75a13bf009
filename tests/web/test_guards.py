"""What each guard lets in, and what it takes back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from journal.actors import Actor, Recipient
from tenancy.door import NoWorkspace, current_workspace_id, inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from web import guards
from workspaces import actions
from workspaces.models import Membership, Purpose, Role


@scene
def ada(db):
    return factories.person()


@scene
def studio(ada):
    return factories.workspace(ada, slug="studio")


def _request(user=None, *, headers=None):
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")
    request.user = user or AnonymousUser()
    return request


def _show(request, **given):
    return HttpResponse(f"{request.workspace.name} {given}")


def test_a_member_enters_with_workspace_access_and_name(ada, studio):
    request = _request(ada)

    response = guards.member(_show)(request, slug="studio", number=7)

    assert response.content == b"Studio Lind {'number': 7}"
    assert (request.access.role, request.actor) == (Role.OWNER, Actor("user", ada.pk, "Ada Agency"))
    with pytest.raises(NoWorkspace):
        current_workspace_id()


@pytest.mark.parametrize("slug", ["studio", "nowhere"])
def test_a_stranger_learns_nothing_of_a_workspace(studio, slug):
    eve = factories.person("eve@elsewhere.example")

    with pytest.raises(Http404):
        guards.member(_show)(_request(eve), slug=slug)


def test_a_visitor_is_sent_to_sign_in(studio):
    response = guards.member(_show)(_request(), slug="studio")

    assert (response.status_code, response["Location"].startswith("/account/login/")) == (302, True)


def test_who_left_is_a_stranger(ada, studio):
    eve = factories.person("eve@elsewhere.example")
    with inside(studio):
        Membership.objects.create(user=eve, role=Role.OWNER, joined_at=MONDAY, ended_at=MONDAY)

    with pytest.raises(Http404):
        guards.member(_show)(_request(eve), slug="studio")


@pytest.mark.parametrize(
    ("role", "least"),
    [(role, least) for role in Role for least in Role],
)
def test_a_role_opens_what_it_reaches(ada, studio, role, least):
    order = [Role.VIEWER, Role.MEMBER, Role.OWNER]
    with inside(studio):
        Membership.objects.update(role=role)
    page = guards.member(role=least)(_show)

    if order.index(role) >= order.index(least):
        assert page(_request(ada), slug="studio").status_code == 200
    else:
        with pytest.raises(PermissionDenied, match=f"needs the role of {least}"):
            page(_request(ada), slug="studio")


@pytest.mark.parametrize(
    ("status", "kept"), [(200, "viewer"), (302, "viewer"), (400, "owner"), (409, "owner")]
)
def test_a_refused_answer_takes_back_what_was_written(ada, studio, status, kept):
    def write(request, **_):
        Membership.objects.update(role=Role.VIEWER)
        return HttpResponse(status=status)

    guards.member(write)(_request(ada), slug="studio")

    with inside(studio):
        assert Membership.objects.get().role == kept


def test_an_exception_takes_back_what_was_written(ada, studio):
    def write(request, **_):
        Membership.objects.update(role=Role.VIEWER)
        raise Http404

    with pytest.raises(Http404):
        guards.member(write)(_request(ada), slug="studio")

    with inside(studio):
        assert Membership.objects.get().role == "owner"


@scene
def portal_link(ada, studio):
    carla = Recipient("contact", None, "Carla Client", "carla@client.example")
    with inside(studio):
        link = actions.make_link(
            Purpose.PORTAL, subject=studio, to=carla, by=factories.actor(ada), now=MONDAY
        )
        return link, actions.address_of(link).rpartition("/")[2]


def _open(token, purpose=Purpose.PORTAL):
    return guards.link(purpose)(_show)(_request(), token=token)


def test_who_holds_the_link_enters_and_leaves_no_trace(portal_link):
    response = _open(portal_link[1])

    assert response.content == b"Studio Lind {}"
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")


def test_an_ended_link_says_so_and_shows_nothing(ada, studio, portal_link):
    with inside(studio):
        actions.revoke_link(portal_link[0], by=factories.actor(ada), now=MONDAY)

    response = _open(portal_link[1])

    assert (response.status_code, b"Studio Lind" in response.content) == (410, False)


def test_a_link_for_one_purpose_opens_no_other(portal_link):
    with pytest.raises(Http404):
        _open(portal_link[1], Purpose.INVITATION)


def test_who_keeps_guessing_waits_while_the_link_stays_open(portal_link, time_machine):
    time_machine.move_to(MONDAY + timedelta(minutes=1), tick=False)
    for _ in range(guards.GUESSES):
        with pytest.raises(Http404):
            _open("guess")

    refused = _open("guess")

    assert (refused.status_code, refused["Retry-After"]) == (429, "540")
    assert "Try again in 9 minutes." in refused.content.decode()
    assert _open(portal_link[1]).status_code == 200


@pytest.mark.parametrize(
    ("configured", "shown", "status"),
    [
        ("secret", "Bearer secret", 200),
        ("secret", "Bearer guess", 403),
        ("secret", "secret", 403),
        ("secret", "", 403),
        ("", "Bearer ", 403),
        ("", "Bearer", 403),
    ],
)
def test_the_operator_shows_the_token(settings, configured, shown, status):
    settings.METRICS_TOKEN = configured
    page = guards.operator(lambda request: HttpResponse("figures"))

    assert page(_request(headers={"Authorization": shown})).status_code == status


def test_each_guard_marks_its_view():
    def view(request):
        return HttpResponse()

    marked = [
        guards.signed_in(view),
        guards.member(view),
        guards.link(Purpose.PORTAL)(view),
        guards.operator(view),
        guards.public(view),
    ]

    assert [getattr(each, "guard", None) for each in marked] == [
        "signed_in",
        "member",
        "link",
        "operator",
        "public",
    ]
