from dataclasses import replace
from datetime import date, timedelta

import pytest

from journal.models import Event
from milestones.actions.clients import add_account, add_project, change_contact
from milestones.actions.kickoff import ContactInput
from milestones.models import Account, Contact, Criterion, Milestone, Project, Pulse
from milestones.words import Stage
from tenancy.door import inside
from tenancy.refusal import Refused
from tests.factories import CONTACTS, MONDAY, engagement, workspace


def test_a_kickoff_makes_account_contacts_project_and_first_milestone(studio, by):
    made = engagement(by)

    assert made.is_new
    assert (Account.objects.get().name, Project.objects.get().name) == ("Northwind", "Onboarding")
    assert set(Contact.objects.values_list("email", flat=True)) == {
        "carla@client.example",
        "dan@client.example",
    }
    milestone = Milestone.objects.get()
    assert (milestone.code, milestone.is_first, milestone.stage) == ("1.1", True, Stage.SETUP)
    assert (milestone.planned_date, milestone.forecast_date) == (date(2026, 3, 13), date(2026, 3, 13))
    assert milestone.owner_primary.user.email == "ada@studio.example"
    assert milestone.approver.email == "dan@client.example"
    assert list(Criterion.objects.order_by("position").values_list("statement", "target")) == [
        ("The client's team signs in and sees last week's figures", ""),
        ("Loads fast", "2"),
    ]
    assert Pulse.objects.get().milestone == milestone


def test_a_kickoff_tells_of_each_thing_it_made_under_one_cause(studio, by):
    engagement(by)

    kinds = list(Event.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds == [
        "workspace.created",
        "account.created",
        "contact.created",
        "contact.created",
        "project.kicked_off",
        "milestone.created",
    ]
    assert Event.objects.filter(kind__in=kinds[1:]).values("cause_id").distinct().count() == 1


def test_the_same_reference_a_second_time_finds_what_it_made(studio, by):
    first = engagement(by, external_ref="deal-7")

    second = engagement(by, external_ref="deal-7", project_name="Another name")

    assert not second.is_new
    assert second.milestone == first.milestone
    assert Project.objects.count() == 1


def test_the_reference_of_a_project_made_without_a_kickoff_is_refused_by_name(studio, by):
    account = add_account(name="Northwind", by=by, now=MONDAY)
    add_project(
        account=account, name="Bare", kickoff_completed_at=MONDAY, external_ref="deal-7", by=by, now=MONDAY
    )

    with pytest.raises(Refused) as refusal:
        engagement(by, external_ref="deal-7")

    assert list(refusal.value.fields) == ["external_ref"]


def test_a_project_whose_kickoff_is_still_to_come_is_refused(studio, by):
    account = add_account(name="Northwind", by=by, now=MONDAY)

    with pytest.raises(Refused) as refusal:
        add_project(
            account=account,
            name="Bare",
            kickoff_completed_at=MONDAY + timedelta(minutes=6),
            by=by,
            now=MONDAY,
        )

    assert list(refusal.value.fields) == ["kickoff_completed_at"]
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("kickoff_completed_at", "0001-01-01T00:00:00+14:00"),
        ("first_milestone_due_at", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_time_that_nobody_can_mean_is_refused_by_name(studio, by, name, at):
    with pytest.raises(Refused) as refusal:
        engagement(by, record={name: at})

    assert list(refusal.value.fields) == [f"record.{name}"]


def test_a_contact_in_no_time_zone_is_refused_by_name(studio, by):
    """Messages wait for a contact's working hours: without a zone they would never leave."""
    nowhere = ContactInput(name="Olga", email="olga@client.example", time_zone="Mars/Olympus")

    with pytest.raises(Refused) as refusal:
        engagement(by, contacts=[*CONTACTS, nowhere])

    assert list(refusal.value.fields) == ["contacts.2.time_zone"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc", "Europe"])
def test_a_contact_stays_in_a_time_zone(studio, by, zone):
    contact = engagement(by).milestone.approver

    with pytest.raises(Refused) as refusal:
        change_contact(contact.pk, {"time_zone": zone}, by=by, now=MONDAY)

    assert list(refusal.value.fields) == ["time_zone"]


def test_another_workspace_may_use_the_same_reference(ada, by):
    for studio in (workspace(ada), workspace(ada)):
        with inside(studio):
            made = engagement(by, external_ref="deal-7")

            assert made.is_new


def test_a_due_time_becomes_the_day_in_the_workspaces_zone(ada, by):
    tokyo = workspace(ada, time_zone="Asia/Tokyo")

    with inside(tokyo):
        made = engagement(by, record={"first_milestone_due_at": "2026-03-13T17:00:00Z"})

        assert made.milestone.planned_date == date(2026, 3, 14)


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"owner_primary": "stranger@studio.example"}, "record.owner_primary"),
        ({"owner_client": "stranger@client.example"}, "record.owner_client"),
        ({"first_milestone_due_at": "2026-03-01T00:00:00Z"}, "record.first_milestone_due_at"),
        ({"kickoff_completed_at": "2026-03-02T10:00:00Z"}, "record.kickoff_completed_at"),
        ({"blocker_status": "open"}, "record.blocker_status"),
        ({"acceptance_criteria": ["bell\u0007"]}, "record.acceptance_criteria.0.statement"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named_and_nothing_is_made(studio, by, record, place):
    with pytest.raises(Refused) as refusal, inside(studio):
        engagement(by, record=record)

    assert list(refusal.value.fields) == [place]
    assert not Project.objects.exists()
    assert not Account.objects.exists()


def test_every_fault_of_a_record_is_named_at_once(studio, by):
    with pytest.raises(Refused) as refusal:
        engagement(by, record={"owner_primary": "who@studio.example", "quality_threshold": 200, "zzz": 1})

    assert set(refusal.value.fields) == {"record.owner_primary", "record.quality_threshold", "record.zzz"}


def test_a_contact_with_a_bad_address_is_named_by_its_place(studio, by):
    people = (*CONTACTS, ContactInput(name="Nobody", email="nobody"))

    with pytest.raises(Refused) as refusal, inside(studio):
        engagement(by, contacts=people)

    assert list(refusal.value.fields) == ["contacts.2.email"]
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"account_name": "bell\u0007"}, "account.name"),
        ({"project_name": "bell\u0007"}, "project.name"),
        ({"record": {"account_id": "bell\u0007"}}, "record.account_id"),
        ({"external_ref": "bell\u0007"}, "external_ref"),
        ({"record": {"project_id": "bell\u0007"}}, "record.project_id"),
        ({"record": {"first_milestone_name": "bell\u0007"}}, "record.first_milestone_name"),
        ({"definition": {"output": "bell\u0007"}}, "definition.output"),
    ],
)
def test_a_fault_is_named_where_the_sender_sent_it(studio, by, changes, place):
    with pytest.raises(Refused) as refusal, inside(studio):
        engagement(by, **changes)

    assert list(refusal.value.fields) == [place]


OLGA = (
    "carla@client.example is known as Carla Client, who stays so. "
    "If Olga Other reads this address now, change the contact."
)


def second_kickoff(by, person):
    engagement(by)
    made = engagement(by, project_name="Second", contacts=[person, CONTACTS[1]])
    return made, Contact.objects.get(email=person.email)


def test_news_about_a_known_contact_is_taken_over(studio, by):
    person = replace(CONTACTS[0], time_zone="America/New_York", authorities=["billing"])

    made, carla = second_kickoff(by, person)

    assert carla.time_zone == "America/New_York"
    assert carla.authorities == ["input_provider", "credential_owner", "billing"]
    assert (list(made.kept), Event.objects.filter(kind="contact.changed").count()) == ([], 1)


def test_a_zone_that_is_not_said_changes_none(studio, by):
    _, carla = second_kickoff(by, replace(CONTACTS[0], time_zone="", usual_zone="Asia/Tokyo"))

    assert carla.time_zone == "Europe/Berlin"


def test_a_bad_zone_of_a_known_contact_is_named_by_its_place(studio, by):
    with pytest.raises(Refused) as refusal:
        second_kickoff(by, replace(CONTACTS[0], time_zone="Mars/Olympus"))

    assert list(refusal.value.fields) == ["contacts.0.time_zone"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C. Client", []),
        ("Olga Other", [OLGA]),
    ],
)
def test_another_name_is_not_taken_over_and_that_is_said(studio, by, name, kept):
    made, carla = second_kickoff(by, replace(CONTACTS[0], name=name))

    assert (carla.name, list(made.kept)) == ("Carla Client", kept)


def test_a_known_account_is_used_again(studio, by):
    first = engagement(by)

    second = engagement(by, project_name="Second project", account_name="northwind")

    assert second.account == first.account
    assert second.project != first.project
    assert Contact.objects.count() == 2


def test_a_known_contact_gains_the_authorities_that_are_new(studio, by):
    engagement(by)
    again = ContactInput(name="Carla", email="carla@client.example", authorities=["billing"])

    engagement(by, project_name="Second project", contacts=(again, CONTACTS[1]))

    carla = Contact.objects.get(email="carla@client.example")
    assert carla.authorities == ["input_provider", "credential_owner", "billing"]


def test_the_kickoff_may_be_the_moment_it_is_handed_over(studio, by):
    made = engagement(by, record={"kickoff_completed_at": MONDAY.isoformat()})

    assert made.project.kickoff_completed_at == MONDAY
