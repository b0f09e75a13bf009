"""Sessions are read by one statement, and end as Django's do."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from tests.plugins.scenes import scene
from web.sessions import SessionStore


@scene
def kept(db):
    store = SessionStore()
    store["colour"] = "green"
    store.create()
    return store


def test_what_was_kept_is_read_again(kept, django_assert_num_queries):
    again = SessionStore(kept.session_key)

    with django_assert_num_queries(1):
        assert again["colour"] == "green"


def test_a_session_that_has_ended_is_empty_and_loses_its_key(kept):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    again = SessionStore(kept.session_key)

    assert (again.get("colour"), again.session_key) == (None, None)


def test_an_unknown_key_opens_nothing(db):
    unknown = SessionStore("a" * 32)

    assert (unknown.get("colour"), unknown.session_key) == (None, None)
