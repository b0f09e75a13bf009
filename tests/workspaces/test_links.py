"""Secret addresses for people without a login."""

from datetime import timedelta

import pytest

from journal.actors import Recipient
from journal.letters import filled_in, link_placeholder, placed_link
from journal.models import Event
from tenancy.ids import uuid7
from tenancy.models import DoorKey
from tenancy.refusal import Refused
from tests.factories import MONDAY
from workspaces import actions
from workspaces.models import Purpose

CARLA = Recipient("contact", None, "Carla Client", "carla@client.example")
WEEK = timedelta(days=7)


@pytest.fixture
def link(studio, door, by):
    return actions.make_link(
        Purpose.PORTAL, subject=studio, to=CARLA, by=by, now=MONDAY, expires_at=MONDAY + WEEK
    )


def _token(link):
    return actions.address_of(link).rpartition("/")[2]


def _state(token, *, purpose=Purpose.PORTAL, now=MONDAY):
    return actions.open_link(purpose, token, now=now).state


def test_a_link_opens_by_its_address_and_only_its_digest_is_stored(link, settings):
    token = _token(link)

    opened = actions.open_link(Purpose.PORTAL, token, now=MONDAY)

    assert (opened.state, opened.link) == ("ok", link)
    assert len(token) == 43
    assert actions.address_of(link) == f"{settings.PUBLIC_URL}/p/{token}"
    assert token not in Event.objects.latest("seq").body


def test_a_link_opens_only_for_its_purpose(link):
    assert _state(_token(link), purpose=Purpose.INVITATION) == "unknown"
    assert _state("x" * 43) == "unknown"


def test_a_link_ends_at_its_expiry(link):
    assert _state(_token(link), now=MONDAY + WEEK - timedelta(seconds=1)) == "ok"
    assert _state(_token(link), now=MONDAY + WEEK) == "expired"


def test_a_revoked_link_is_known_to_have_ended(link, by):
    actions.revoke_link(link, by=by, now=MONDAY)

    assert _state(_token(link)) == "revoked"
    with pytest.raises(Refused, match="revoked already"):
        actions.revoke_link(link, by=by, now=MONDAY)


def test_rotation_gives_a_new_address_and_ends_the_old_one(link, by):
    old = _token(link)

    new = _token(actions.rotate_link(link, by=by, now=MONDAY))

    assert (_state(old), _state(new)) == ("revoked", "ok")
    assert Event.objects.latest("seq").kind == "link.rotated"


def test_addresses_outlive_a_new_key_and_end_with_the_old_one(link, settings):
    token, old_keys = _token(link), settings.LINK_KEYS

    settings.LINK_KEYS = [b"n" * 32, *old_keys]
    assert (_token(link), _state(token)) == (token, "ok")

    settings.LINK_KEYS = [b"n" * 32]
    assert _state(token) == "revoked"
    with pytest.raises(LookupError, match="rotate the link"):
        actions.address_of(link)


def test_a_mail_gets_the_address_when_it_leaves(link):
    assert filled_in(f"See {link_placeholder(link.pk)}.") == f"See {actions.address_of(link)}."


def test_what_somebody_typed_into_a_mail_opens_no_link(link):
    typed = f"See {{link:{link.pk}}} and {{link:{link.pk}.{'0' * 40}}}."

    assert filled_in(typed) == typed


def test_opening_changes_nothing(link):
    before = (DoorKey.objects.count(), Event.objects.count())

    actions.open_link(Purpose.PORTAL, _token(link), now=MONDAY)

    link.refresh_from_db()
    assert (DoorKey.objects.count(), Event.objects.count(), link.last_seen_at) == (*before, None)


def test_many_addresses_are_told_in_two_statements(link, studio, by, django_assert_num_queries):
    other = actions.make_link(Purpose.PROOF, subject=studio, to=CARLA, by=by, now=MONDAY)
    unknown = uuid7()

    with django_assert_num_queries(2):
        told = actions.addresses_of({link.pk, other.pk, unknown})

    assert told == {each.pk: actions.address_of(each) for each in (link, other)}


def test_an_address_whose_key_is_lost_is_left_out(link, settings):
    settings.LINK_KEYS = [b"n" * 32]

    assert actions.addresses_of([link.pk]) == {}


def test_a_text_is_a_placeholder_only_with_our_mark(link):
    assert placed_link(link_placeholder(link.pk)) == link.pk
    assert placed_link(f"{{link:{link.pk}.{'0' * 40}}}") is None
    assert placed_link(f"See {link_placeholder(link.pk)}") is None
