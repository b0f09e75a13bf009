"""What the client sees, and what never reaches them."""

from urllib.parse import urlsplit

import pytest

from escalation.actions import open_blocker, respond
from escalation.models import BlockerType
from journal.actors import Recipient
from milestones.actions.milestone import change_milestone
from milestones.actions.quality import record_qa_run
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.web.conftest import page
from workspaces.actions import address_of, make_link, revoke_link, rotate_link
from workspaces.models import Purpose

SECRET = "never for the client"


@pytest.fixture
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@pytest.fixture
def link(studio, by, milestone):
    with inside(studio):
        to = Recipient("contact", None, "Northwind", "")
        return make_link(Purpose.PORTAL, subject=milestone.project, to=to, by=by, now=MONDAY)


def _path(studio, link):
    with inside(studio):
        return urlsplit(address_of(link)).path


def test_the_client_reads_where_things_stand_without_a_login(client, studio, link, wednesday):
    response = client.get(_path(studio, link))

    assert response.status_code == 200
    assert "Onboarding dashboard published" in page(response)
    assert "13 March 2026" in page(response)
    assert "dates end at midnight, UTC" in page(response)


def test_nothing_internal_reaches_the_client(client, studio, link, milestone, by, wednesday):
    with inside(studio):
        record_progress(milestone.pk, done=SECRET, next=SECRET, blocked=SECRET, percent=37, by=by, now=MONDAY)
        record_qa_run(milestone.pk, check_name=SECRET, score=3, notes=SECRET, by=by, now=MONDAY)
        queue_request(milestone.pk, title=SECRET, detail=SECRET, by=by, now=MONDAY)
        change_milestone(milestone.pk, {"notes": SECRET}, by=by, now=MONDAY)
        open_blocker(
            milestone.pk,
            type=BlockerType.TECHNICAL,
            title="Access",
            detail=SECRET,
            evidence=SECRET,
            by=by,
            now=MONDAY,
        )
        open_blocker(milestone.pk, type=BlockerType.CAPACITY, title=SECRET, by=by, now=MONDAY)

    shown = page(client.get(_path(studio, link)))

    assert SECRET not in shown
    assert "37%" not in shown


def test_what_the_client_owes_stands_there_until_it_is_answered(
    client, studio, link, milestone, by, wednesday
):
    with inside(studio):
        blocker = open_blocker(
            milestone.pk, type=BlockerType.INPUT, title="List of offices", by=by, now=MONDAY
        )
    asked = page(client.get(_path(studio, link)))

    with inside(studio):
        respond(blocker.pk, response="Sent by mail", by=by, now=MONDAY)
    answered = page(client.get(_path(studio, link)))

    assert "List of offices" in asked
    assert "Carla Client" in asked
    assert "Please answer Ada Agency" in asked
    assert "held up until we have your answer" in asked
    assert "List of offices" not in answered
    assert "held up" not in answered


def test_the_portal_is_kept_out_of_caches_indexes_and_other_sites(client, studio, link, wednesday):
    response = client.get(_path(studio, link))

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_the_portal_only_answers_reads(client, studio, link, wednesday):
    assert client.post(_path(studio, link)).status_code == 405


@pytest.mark.parametrize("end", [revoke_link, rotate_link])
def test_an_address_that_ended_says_so_and_shows_nothing(client, studio, link, by, end, wednesday):
    path = _path(studio, link)
    with inside(studio):
        end(link, by=by, now=MONDAY)

    response = client.get(path)

    assert response.status_code == 410
    assert "Onboarding" not in page(response)


def test_an_unknown_address_is_not_found(client, studio, wednesday):
    assert client.get(f"/p/{'a' * 43}").status_code == 404


def test_the_team_sees_exactly_what_the_client_sees(founder, studio, milestone):
    response = founder.get(f"/w/studio/projects/{milestone.project_id}/preview")

    assert response.status_code == 200
    assert "Where we are" in page(response)
