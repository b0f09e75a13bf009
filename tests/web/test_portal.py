"""What the client sees, and what never reaches them."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest

from escalation.actions import open_blocker, respond
from escalation.models import BlockerType
from journal.actors import Recipient
from journal.models import Event
from milestones.actions import misses
from milestones.actions.dates import move_forecast
from milestones.actions.engagements import archive
from milestones.actions.milestone import add_milestone, change_milestone
from milestones.actions.quality import record_qa_run
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.models import Milestone, Project
from milestones.words import MoveReason, Recovery, Stage
from proofs.actions import packets
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import asked
from tests.plugins.scenes import scene
from tests.proofs.publishing import hand_over, publish
from tests.web.conftest import page
from tests.web.test_query_counts import statements
from workspaces.actions import address_of, make_link, revoke_link, rotate_link
from workspaces.actions.links import address_for
from workspaces.models import Link, Purpose

SECRET = "never for the client"


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@scene
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


def test_the_client_is_led_to_what_is_not_accepted_yet(founder, studio, by):
    with inside(studio):
        accepted = factories.milestone_in_closeout(by)
        later = {"code": "1.2", "name": "Alerts arrive", "planned_date": date(2026, 4, 1)}
        add_milestone(accepted.project, later, by=by, now=MONDAY)

    response = founder.get(f"/w/studio/projects/{accepted.project_id}/preview")

    assert response.context["current"]["name"] == "Alerts arrive"


def _shown(client, studio, link):
    return page(client.get(_path(studio, link)))


def test_a_question_stands_first_without_its_personal_link(client, studio, link, milestone, by, wednesday):
    with inside(studio):
        question = asked(milestone, by)
        secret = address_for(question.link_id)

    shown = _shown(client, studio, link)

    assert shown.index(question.question) < shown.index("Where we are")
    assert "went to Dan Decider" in shown
    assert "6 Mar 2026, 09:00" in shown
    assert secret not in shown


def test_a_past_date_is_struck_with_its_reason(client, studio, link, milestone, by, wednesday):
    with inside(studio):
        _move(milestone, by)

    shown = _shown(client, studio, link)

    assert '<s><span class="hidden-visually">was </span>13 Mar 2026</s> Cleaning took longer.' in shown
    assert "18 Mar 2026" in shown


def test_a_missed_date_is_shown_once_it_is_explained(client, studio, link, milestone, by, wednesday):
    with inside(studio):
        missed = misses.open_miss(milestone.pk, now=MONDAY + timedelta(days=14))
    before = _shown(client, studio, link)

    with inside(studio):
        misses.acknowledge(
            missed.pk,
            root_cause="The export was larger.",
            recovery=Recovery.RESOURCES,
            plan="Two people until Friday.",
            by=by,
            now=MONDAY + timedelta(days=14),
        )
    after = _shown(client, studio, link)

    assert "Missed dates" not in before
    assert "The export was larger." in after
    assert "More people. Two people until Friday." in after


def test_decisions_are_on_record_with_who_and_when(client, studio, by, wednesday):
    with inside(studio):
        made = factories.milestone_in_closeout(by)
        to = Recipient("contact", None, "Northwind", "")
        link = make_link(Purpose.PORTAL, subject=made.project, to=to, by=by, now=MONDAY)

    shown = _shown(client, studio, link)

    assert "Decisions on record" in shown
    assert "Do you accept the dashboard?" in shown
    assert "Dan Decider, by decision link" in shown


def test_times_are_in_the_zone_of_the_reader_and_it_is_said(client, studio, milestone, by, wednesday):
    with inside(studio):
        carla = milestone.owner_client
        to = Recipient("contact", carla.pk, carla.name, carla.email)
        link = make_link(Purpose.PORTAL, subject=milestone.project, to=to, by=by, now=MONDAY)

    shown = _shown(client, studio, link)

    assert "4 Mar 2026, 11:00" in shown  # 10:00 UTC
    assert "times in Europe/Berlin, for Carla Client" in shown


@pytest.mark.parametrize(("shares", "count"), [(False, 0), (True, 1)])
def test_figures_of_risk_are_shown_only_where_they_are_shared(
    client, studio, link, milestone, shares, count, wednesday
):
    with inside(studio):
        Project.objects.update(shares_figures=shares)
        Milestone.objects.update(delivery_risk_score=41, on_time_probability=73)

    shown = _shown(client, studio, link)

    assert (shown.count("73%"), shown.count("of 100, 0 is best")) == (count, count)
    assert shown.count("that it is done by 13 March 2026") == count


def test_what_is_completed_has_no_probability_any_more(client, studio, link, by, wednesday):
    with inside(studio):
        Project.objects.update(shares_figures=True)
        done = {"stage": Stage.REVIEW, "completed_at": MONDAY, "decide_by": MONDAY}
        Milestone.objects.update(on_time_probability=100, **done)

    assert "On-time probability" not in _shown(client, studio, link)


def test_the_calendar_made_for_the_reader_is_offered(client, studio, link, milestone, by, wednesday):
    with inside(studio):
        dan = milestone.approver
        theirs = Recipient("contact", dan.pk, dan.name, dan.email)
        make_link(Purpose.CALENDAR, subject=milestone.project, to=theirs, by=by, now=MONDAY)
    before = _shown(client, studio, link)

    with inside(studio):
        to = Recipient("contact", None, "Northwind", "")
        feed = make_link(Purpose.CALENDAR, subject=milestone.project, to=to, by=by, now=MONDAY)
        address = address_of(feed)

    assert "In your calendar" not in before
    assert address in _shown(client, studio, link)


def test_a_long_plan_shows_what_is_worth_a_look_and_the_rest_by_pages(
    client, studio, link, milestone, by, wednesday
):
    with inside(studio):
        Milestone.objects.bulk_create(
            Milestone(project=milestone.project, code=f"2.{n}", name=f"Step {n}", created_at=MONDAY)
            for n in range(1, 121)
        )
    path = _path(studio, link)

    first, whole, last = (page(client.get(path + query)) for query in ("", "?page=1", "?page=3"))

    assert [shown.count("Step ") for shown in (first, whole, last)] == [99, 49, 21]
    assert "21 more of 121 milestones" in first
    assert client.get(f"{path}?page=4").status_code == 404


@pytest.mark.parametrize("purpose", [Purpose.PORTAL, Purpose.CALENDAR])
def test_an_archived_project_is_gone_and_says_so(client, studio, milestone, by, purpose, wednesday):
    with inside(studio):
        to = Recipient("contact", None, "Northwind", "")
        link = make_link(purpose, subject=milestone.project, to=to, by=by, now=MONDAY)
        archive(milestone.project_id, by=by, now=MONDAY)

    response = client.get(_path(studio, link))

    assert (response.status_code, "This project is archived" in page(response)) == (410, True)
    assert "Onboarding" not in page(response)


def test_that_the_address_was_opened_is_noted_once_an_hour_and_not_in_the_journal(
    client, studio, link, time_machine
):
    path, noted = _path(studio, link), []
    with inside(studio):
        events = Event.objects.count()

    for minutes in (0, 59, 60):
        time_machine.move_to(MONDAY + timedelta(minutes=minutes), tick=False)
        client.get(path)
        with inside(studio):
            noted.append(Link.objects.get(pk=link.pk).last_seen_at)

    assert noted == [MONDAY, MONDAY, MONDAY + timedelta(hours=1)]
    with inside(studio):
        assert Event.objects.count() == events


@scene
def proven(studio, by):
    """An accepted milestone with both packets published, and the portal of its project."""
    with inside(studio):
        accepted = factories.milestone_in_closeout(by)
        publish(accepted, by)
        hand_over(accepted, by)
        to = Recipient("contact", None, "Northwind", "")
        return make_link(Purpose.PORTAL, subject=accepted.project, to=to, by=by, now=MONDAY)


def _packet_address(studio, purpose):
    with inside(studio):
        return address_of(Link.objects.get(purpose=purpose))


def test_what_was_proven_is_one_step_away(client, studio, proven, wednesday):
    shown = page(client.get(_path(studio, proven)))

    proof, handoff = (_packet_address(studio, purpose) for purpose in (Purpose.PROOF, Purpose.HANDOFF))
    assert f'href="{proof}" aria-label="Proof packet: Onboarding dashboard published"' in shown
    assert f'href="{handoff}" aria-label="What happens next: Onboarding dashboard published"' in shown
    assert client.get(urlsplit(proof).path).status_code == 200


def test_a_packet_in_work_is_not_announced(client, studio, by, wednesday):
    with inside(studio):
        accepted = factories.milestone_in_closeout(by)
        packets.assemble(accepted.pk, now=MONDAY)
        to = Recipient("contact", None, "Northwind", "")
        portal = make_link(Purpose.PORTAL, subject=accepted.project, to=to, by=by, now=MONDAY)

    assert "Proof packet" not in page(client.get(_path(studio, portal)))


def test_the_newest_version_is_led_to_once(client, studio, by, proven, wednesday):
    with inside(studio):
        milestone = Milestone.objects.get()
        draft = packets.correct(milestone.pk, correction="A figure", by=by, now=MONDAY)
        packets.publish(draft.pk, by=by, now=MONDAY)

    shown = page(client.get(_path(studio, proven)))

    assert shown.count("Proof packet: ") == 1
    assert "version 2" in shown


def test_a_packet_whose_link_was_revoked_is_not_led_to(client, studio, by, proven, wednesday):
    with inside(studio):
        revoke_link(Link.objects.get(purpose=Purpose.PROOF), by=by, now=MONDAY)

    assert "Proof packet: " not in page(client.get(_path(studio, proven)))


def test_packets_and_a_calendar_cost_the_portal_no_more_than_six_statements(
    client, studio, by, proven, wednesday
):
    with inside(studio):
        to = Recipient("contact", None, "Northwind", "")
        project = Project.objects.get()
        make_link(Purpose.CALENDAR, subject=project, to=to, by=by, now=MONDAY)
    path = _path(studio, proven)
    client.get(path)  # that it was opened is noted once an hour

    assert statements(client, path) <= 6


def test_the_team_looking_in_is_not_the_client(founder, studio, link, milestone):
    founder.get(f"/w/studio/projects/{milestone.project_id}/preview")

    with inside(studio):
        assert Link.objects.get(pk=link.pk).last_seen_at is None


def test_what_counts_as_approval_is_open_to_anyone(client, db):
    response = client.get("/about/approval")

    assert response.status_code == 200
    assert "Silence." in page(response)


def _move(milestone, by):
    move_forecast(
        milestone.pk,
        date(2026, 3, 18),
        code=MoveReason.ESTIMATE,
        reason="Cleaning took longer.",
        by=by,
        now=MONDAY,
    )
