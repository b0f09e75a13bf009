"""Who may enter."""

from datetime import timedelta
from threading import Thread

import pytest
from django.core import mail
from django.db import connections

from journal import outbox
from journal.actors import Actor
from journal.models import Delivery, Event, State
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from workspaces import actions
from workspaces.access import workspaces_of
from workspaces.models import Invitation, Link, Membership, Role

WEEK = timedelta(days=7)


@scene
def bob(db):
    return factories.person("bob@studio.example", "Bob Builder")


@pytest.fixture
def invitation(studio, door, by):
    return actions.invite(workspace=studio, email=" Bob@Studio.example", role=Role.MEMBER, by=by, now=MONDAY)


def _token(invitation):
    return actions.address_of(Link.objects.get(subject_id=invitation.pk)).rpartition("/")[2]


def _kinds():
    return list(Event.objects.order_by("seq").values_list("kind", flat=True))


def test_an_invitation_is_mailed_with_a_link_that_is_not_stored(studio, invitation):
    delivery = Delivery.objects.get()

    assert (invitation.email, invitation.expires_at) == ("bob@studio.example", MONDAY + WEEK)
    assert (delivery.address, delivery.state, delivery.expires_at) == (
        "bob@studio.example",
        State.QUEUED,
        MONDAY + WEEK,
    )
    assert delivery.payload["subject"] == "Ada Agency invites you to Studio Lind"
    assert _token(invitation) not in str(delivery.payload)
    assert _kinds() == ["workspace.created", "invitation.sent"]


def test_the_invited_person_joins(studio, door, invitation, bob):
    membership = actions.accept_invitation(_token(invitation), user=bob, now=MONDAY)

    assert [(a.slug, a.role) for a in workspaces_of(bob)] == [("studio", Role.MEMBER)]
    assert (membership.role, membership.joined_at) == (Role.MEMBER, MONDAY)
    assert Delivery.objects.get().state == State.WITHDRAWN
    joined = Event.objects.filter(kind__in=["invitation.accepted", "membership.joined"])
    assert len({event.cause_id for event in joined}) == 1
    assert [event.actor_id for event in joined] == [bob.pk, bob.pk]


def test_an_invitation_is_for_one_address(door, invitation):
    eve = factories.person("eve@elsewhere.example", "Eve")

    with pytest.raises(Refused, match=r"is for bob@studio\.example, and you are signed in as eve@elsewhere"):
        actions.accept_invitation(_token(invitation), user=eve, now=MONDAY)

    assert workspaces_of(eve) == []


def test_an_invitation_is_used_once(door, invitation, bob):
    token = _token(invitation)
    actions.accept_invitation(token, user=bob, now=MONDAY)

    with pytest.raises(Refused, match="was used or taken back"):
        actions.accept_invitation(token, user=bob, now=MONDAY)


def test_an_invitation_ends_after_a_week(door, invitation, bob):
    with pytest.raises(Refused, match="has expired"):
        actions.accept_invitation(_token(invitation), user=bob, now=MONDAY + WEEK)


def test_a_revoked_invitation_opens_nothing_and_its_mail_stays(door, invitation, by, bob):
    actions.revoke_invitation(invitation, by=by, now=MONDAY)

    with pytest.raises(Refused, match="was used or taken back"):
        actions.accept_invitation(_token(invitation), user=bob, now=MONDAY)
    assert Delivery.objects.get().state == State.WITHDRAWN
    with pytest.raises(Refused, match="taken back already"):
        actions.revoke_invitation(invitation, by=by, now=MONDAY)


def test_an_unknown_invitation_is_refused_with_advice(bob):
    with pytest.raises(Refused, match="Open the link in the newest mail"):
        actions.accept_invitation("x" * 43, user=bob, now=MONDAY)


def test_a_second_invitation_waits_for_the_first_to_end(studio, door, invitation, by):
    def again(now):
        return actions.invite(workspace=studio, email=invitation.email, role=Role.VIEWER, by=by, now=now)

    with pytest.raises(Refused, match="has an open invitation"):
        again(MONDAY)
    again(MONDAY + WEEK)

    assert Invitation.objects.filter(revoked_at=None).count() == 1
    assert _kinds()[-2:] == ["invitation.revoked", "invitation.sent"]


def test_a_member_is_not_invited_again(studio, door, by, ada):
    with pytest.raises(Refused, match="is a member already"):
        actions.invite(workspace=studio, email=ada.email.upper(), role=Role.MEMBER, by=by, now=MONDAY)


@pytest.mark.parametrize("email", ["", "nobody", "a@b\nBcc: c@d.example", "a@b.example, c@d.example"])
def test_an_invitation_needs_one_address(studio, door, by, email):
    with pytest.raises(Refused) as refusal:
        actions.invite(workspace=studio, email=email, role=Role.MEMBER, by=by, now=MONDAY)

    assert list(refusal.value.fields) == ["email"]


def test_a_machine_invites_nobody(studio, door):
    with pytest.raises(Refused, match="Only a person"):
        actions.invite(
            workspace=studio,
            email="bob@studio.example",
            role=Role.OWNER,
            by=Actor("token", studio.pk, "n8n"),
            now=MONDAY,
        )


def test_the_invitation_leaves_with_its_address(fresh_database, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ada = factories.person()
    studio = factories.workspace(ada)
    with inside(studio):
        invitation = actions.invite(
            workspace=studio,
            email="bob@studio.example",
            role=Role.MEMBER,
            by=factories.actor(ada),
            now=MONDAY,
        )
        token = _token(invitation)

    outbox.send_next(now=MONDAY)

    assert f"{settings.PUBLIC_URL}/join/{token}" in mail.outbox[0].body
    assert f'href="{settings.PUBLIC_URL}/join/{token}"' in str(mail.outbox[0].message())


def test_a_role_changes_with_one_event(door, invitation, bob, by):
    membership = actions.accept_invitation(_token(invitation), user=bob, now=MONDAY)

    actions.change_role(membership, Role.VIEWER, by=by, now=MONDAY)
    actions.change_role(membership, Role.VIEWER, by=by, now=MONDAY)

    assert workspaces_of(bob)[0].role == Role.VIEWER
    assert _kinds().count("membership.role_changed") == 1


def test_who_left_is_out_and_may_return(studio, door, invitation, bob, by):
    membership = actions.accept_invitation(_token(invitation), user=bob, now=MONDAY)

    actions.end_membership(membership, by=by, now=MONDAY)
    gone = workspaces_of(bob)
    again = actions.invite(workspace=studio, email=bob.email, role=Role.OWNER, by=by, now=MONDAY + WEEK)
    returned = actions.accept_invitation(_token(again), user=bob, now=MONDAY + WEEK)

    assert gone == []
    assert (returned.pk, returned.role, returned.ended_at) == (membership.pk, Role.OWNER, None)


@pytest.mark.parametrize(
    "leave",
    [
        lambda owner, by: actions.end_membership(owner, by=by, now=MONDAY),
        lambda owner, by: actions.change_role(owner, Role.MEMBER, by=by, now=MONDAY),
    ],
)
def test_the_last_owner_stays(door, by, leave):
    with pytest.raises(Refused, match="keeps at least one owner"):
        leave(Membership.objects.get(), by)

    assert Membership.objects.get().role == Role.OWNER


def test_the_last_two_owners_cannot_resign_at_once(fresh_database):
    ada, bob = factories.person(), factories.person("bob@studio.example")
    studio = factories.workspace(ada)
    with inside(studio):
        Membership.objects.create(user=bob, role=Role.OWNER, joined_at=MONDAY)
        owners = list(Membership.objects.all())
    refusals: list[str] = []

    threads = [Thread(target=_resign, args=(studio, owner, refusals)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with inside(studio):
        assert Membership.objects.filter(role=Role.OWNER, ended_at=None).count() == 1
    assert len(refusals) == 1


def _resign(studio, owner, refusals):
    try:
        with inside(studio):
            actions.end_membership(owner, by=factories.actor(owner.user), now=MONDAY)
    except Refused as refusal:
        refusals.append(str(refusal))
    connections.close_all()


def test_a_stranger_is_a_member_of_nothing(studio, bob):
    assert workspaces_of(bob) == []
