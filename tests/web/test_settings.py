"""Settings: what owners decide, and the logs."""

import pytest
from django.urls import reverse

from journal.letters import filled_in
from journal.models import Delivery, State
from telemetry.actions.connections import connect
from telemetry.models import Connection
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.web.conftest import page
from web.team.settings import SECTIONS
from workspaces.actions.links import address_of
from workspaces.actions.people import accept_invitation, invite
from workspaces.models import Invitation, Link, Membership, Role, WorkingCalendar, WorkspaceSettings


def _at(name, *args):
    return reverse(name, args=["studio", *args])


@pytest.mark.parametrize("name", [name for name, *_ in SECTIONS])
def test_every_section_opens(founder, name):
    assert founder.get(_at(name)).status_code == 200


def _sections(response):
    return {
        group["name"]: [section["label"] for section in group["sections"]]
        for group in response.context["groups"]
    }


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (Role.VIEWER, [["Templates"], ["Connections"], ["Journal", "Jobs"]]),
        (
            Role.MEMBER,
            [
                ["Templates"],
                ["Connections", "Deliveries in", "Webhooks"],
                ["Deliveries out", "Journal", "Jobs"],
            ],
        ),
    ],
)
def test_only_what_is_open_to_somebody_is_listed(founder, studio, role, shown):
    with inside(studio):
        Membership.objects.update(role=role)

    response = founder.get(_at("settings_journal"))

    assert _sections(response) == dict(
        zip(["Delivery", "Tools and developers", "Records"], shown, strict=True)
    )
    assert response.context["breadcrumbs"][0] == {"label": "Settings", "url": _at("settings_templates")}


def test_the_palette_leads_into_the_settings(founder):
    shown = page(founder.get(_at("places")))

    assert [name for name, *_ in SECTIONS if f'href="{_at(name)}"' not in shown] == []


@pytest.mark.parametrize("after", ["x", "-1", "9" * 5000, "1~2"])
def test_a_page_that_begins_nowhere_is_the_first(founder, after):
    response = founder.get(_at("settings_journal"), {"after": after})

    assert len(response.context["entries"]) == 1


def test_the_portal_takes_name_and_colour(founder, studio):
    founder.post(_at("settings_brand"), {"name": "Lind & Co", "colour": "#0B7A75"})

    with inside(studio):
        settings = WorkspaceSettings.objects.get()
    assert (settings.brand_name, settings.brand_colour) == ("Lind & Co", "#0b7a75")


def test_hours_are_written_as_people_write_them(founder, studio):
    typed = {f"day{n}": "" for n in range(7)} | {"day0": "09:00–12:30, 13:30–18:00", "country": "DE"}

    response = founder.post(_at("settings_calendar"), typed | {"days_off": "2026-12-24"})

    with inside(studio):
        calendar = WorkingCalendar.objects.get()
    assert response.status_code == 302
    assert calendar.hours[0] == [["09:00", "12:30"], ["13:30", "18:00"]]
    assert [day.isoformat() for day in calendar.days_off] == ["2026-12-24"]


@pytest.mark.parametrize("hours", ["9 to 5", "17:00–09:00", "25:00–26:00"])
def test_hours_that_make_no_day_are_refused(founder, hours):
    response = founder.post(_at("settings_calendar"), {"day0": hours})

    assert response.status_code == 422


def test_thresholds_are_kept_and_given_back_to_the_default(founder, studio):
    founder.post(_at("settings_thresholds"), {"no_progress_hours": "36"})
    founder.post(_at("settings_thresholds"), {"no_progress_hours": "", "failing_runs": "3"})

    with inside(studio):
        assert WorkspaceSettings.objects.get().thresholds == {"failing_runs": 3}


def test_someone_is_invited_and_joins_through_the_link(founder, studio, client):
    founder.post(_at("settings_members"), {"email": "ben@studio.example", "role": "member"})
    with inside(studio):
        mail = filled_in(Delivery.objects.get().payload["text"])
    path = "/join/" + mail.partition("/join/")[2].split()[0]
    stranger = page(client.get(path))
    client.force_login(factories.person("ben@studio.example", "Ben"))

    response = client.post(path)

    assert "Create an account" in stranger
    assert response["Location"] == "/w/studio/"
    with inside(studio):
        assert Membership.objects.get(user__email="ben@studio.example").role == Role.MEMBER


def test_somebody_else_cannot_take_the_chair(founder, studio, client):
    founder.post(_at("settings_members"), {"email": "ben@studio.example", "role": "owner"})
    with inside(studio):
        mail = filled_in(Delivery.objects.get().payload["text"])
    client.force_login(factories.person("eve@elsewhere.example"))

    response = client.post("/join/" + mail.partition("/join/")[2].split()[0])

    assert response.status_code == 409
    with inside(studio):
        assert Invitation.objects.get().accepted_at is None


def test_the_last_owner_stays(founder, studio, ada):
    with inside(studio):
        only = Membership.objects.get(user=ada)

    response = founder.post(_at("end_membership", only.pk))

    assert response.status_code == 409
    assert "A workspace keeps at least one owner" in page(response)


def test_a_waiting_message_is_withdrawn(founder, studio):
    founder.post(_at("settings_members"), {"email": "ben@studio.example", "role": "member"})
    with inside(studio):
        delivery = Delivery.objects.get()

    founder.post(_at("withdraw_delivery", delivery.pk))

    with inside(studio):
        assert Delivery.objects.get().state == State.WITHDRAWN


def test_the_invitation_of_who_joined_is_not_sent_again(founder, studio, by):
    ben = factories.person("ben@studio.example", "Ben")
    with inside(studio):
        invitation = invite(workspace=studio, email=ben.email, role=Role.MEMBER, by=by, now=MONDAY)
        Delivery.objects.update(state=State.EXPIRED, finished_at=MONDAY)
        address = address_of(Link.objects.get(subject_id=invitation.pk))
    accept_invitation(address.rpartition("/")[2], user=ben, now=MONDAY)

    shown = page(founder.get(_at("settings_deliveries")))

    assert ("Joined" in shown, "Send again" in shown) == (True, False)


def test_the_journal_is_verified_on_demand(founder):
    assert "Whole, from the first entry to number 1." in page(founder.post(_at("settings_journal")))


def test_a_connection_is_made_and_its_check_waits_without_cost(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
    typed = {
        "provider": "generic",
        "name": "Script",
        "milestone": milestone.pk,
        "states": "In QA = in progress",
    }

    made = founder.post(_at("new_connection"), typed, follow=True)
    with inside(studio):
        connection = Connection.objects.get()
    first = founder.get(_at("check_connection", connection.pk))
    again = founder.get(_at("check_connection", connection.pk), headers={"If-None-Match": first["ETag"]})

    assert made.context["secret"] in page(made)
    assert made.context["address"].endswith(f"/hooks/generic/{connection.pk}")
    assert connection.options == {"states": {"In QA": "in_progress"}}
    assert "Waiting for the first delivery" in page(first)
    assert (again.status_code, again.content) == (304, b"")


def test_a_mapping_to_no_state_is_refused(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)

    typed = {"provider": "generic", "name": "Script", "milestone": milestone.pk, "states": "In QA = later"}

    assert founder.post(_at("new_connection"), typed).status_code == 422


def test_a_connection_is_switched_off_once(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        connection, _ = connect(provider="linear", name="Linear", milestone=milestone, by=by, now=MONDAY)

    answers = [founder.post(_at("disconnect", connection.pk)).status_code for _ in range(2)]

    assert answers == [302, 409]
