"""The calendar feed: what three independent parsers read of it, and who may."""

import icalendar
import ics
import pytest
import vobject

from journal.actors import Recipient
from milestones.actions.dates import move_forecast
from milestones.words import MoveReason
from tenancy.door import inside
from tests.factories import MONDAY, actor, milestone_in_execution, person, workspace
from tests.plugins.scenes import scene
from workspaces.actions.links import address_of, make_link, revoke_link
from workspaces.models import Purpose

SUMMARY = "1.1 Onboarding dashboard published"


@scene
def owner(db):
    return person()


@scene
def studio(owner):
    return workspace(owner)


@scene
def milestone(studio, owner):
    with inside(studio):
        return milestone_in_execution(actor(owner))


@scene
def link(studio, owner, milestone):
    with inside(studio):
        to = Recipient("contact", milestone.approver_id, "Dan", "dan@client.example")
        return make_link(Purpose.CALENDAR, subject=milestone.project, to=to, by=actor(owner), now=MONDAY)


@pytest.fixture
def address(studio, link):
    with inside(studio):
        return "/cal/" + address_of(link).rpartition("/")[2]


def by_icalendar(body):
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    return str(event["summary"]), event.decoded("dtstart")


def by_vobject(body):
    event = vobject.readOne(body.decode()).vevent
    return event.summary.value, event.dtstart.value


def by_ics(body):
    (event,) = ics.Calendar(body.decode()).events
    return event.name, event.begin.date()


@pytest.mark.parametrize("read", [by_icalendar, by_vobject, by_ics])
def test_three_independent_parsers_read_the_forecast(client, address, milestone, read):
    answer = client.get(address)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert read(answer.content) == (SUMMARY, milestone.forecast_date)


def test_a_moved_forecast_moves_the_same_entry(client, studio, owner, address, milestone):
    (before,) = icalendar.Calendar.from_ical(client.get(address).content).walk("VEVENT")
    with inside(studio):
        move_forecast(
            milestone.pk,
            milestone.forecast_date.replace(day=18),
            code=MoveReason.ESTIMATE,
            reason="Cleaning the data took longer than we thought.",
            by=actor(owner),
            now=MONDAY,
        )

    (after,) = icalendar.Calendar.from_ical(client.get(address).content).walk("VEVENT")

    assert (after["uid"], after.decoded("dtstart").day) == (before["uid"], 18)
    assert int(after["sequence"]) > int(before["sequence"])


def test_an_unchanged_feed_is_not_sent_again(client, address):
    tag = client.get(address)["ETag"]

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_revoked_feed_is_gone(client, studio, owner, link, address):
    with inside(studio):
        revoke_link(link, by=actor(owner), now=MONDAY)

    assert client.get(address).status_code == 410


def test_an_unknown_feed_is_not_found(client, db):
    assert client.get("/cal/nobodyknowsthis.ics").status_code == 404
