"""Two people who save the same at once: the second is told, and keeps what was typed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.urls import reverse

from config.embedded.machine import until
from journal.models import Event
from milestones.actions.clients import add_contact
from milestones.models import Contact
from tenancy.door import inside
from tests import factories, superuser
from tests.factories import MONDAY
from tests.web.conftest import page

pytestmark = pytest.mark.slow
EMAIL = "nina@client.example"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def ada(fresh_database):
    """Each of the two has a transaction of their own."""
    return factories.person()


@pytest.fixture
def project(studio, by):
    with inside(studio):
        return factories.engagement(by).project


@pytest.fixture
def waits(fresh_database):
    """Whether somebody waits for another's transaction to end."""
    with superuser.connect(fresh_database.name) as observer:
        yield lambda: observer.execute(WAITING).fetchone() == (1,)


def test_who_saves_the_same_second_is_told_and_keeps_the_text(client, ada, studio, by, project, waits):
    client.force_login(ada)
    address = reverse("add_contact", args=["studio", project.pk])
    typed = {"name": "Nina typed this", "email": EMAIL, "time_zone": "UTC"}

    with ThreadPoolExecutor(1) as second:
        with inside(studio):
            add_contact(account=project.account, name="Nina", email=EMAIL, by=by, now=MONDAY)
            asked = second.submit(_post, client, address, typed)
            until(waits, "nobody waited")
        response = asked.result()

    assert response.status_code == 409
    assert "Someone else saved something like it meanwhile, so this was not saved." in page(response)
    assert response.context["contact_form"]["name"].value() == "Nina typed this"
    with inside(studio):
        assert Contact.objects.get(email=EMAIL).name == "Nina"
        assert Event.objects.filter(kind="contact.created").count() == Contact.objects.count()


def _post(client, address, typed):
    try:
        return client.post(address, typed)
    finally:
        connections.close_all()
