"""The kickoff wizard: one sitting from meeting to portal link, and nothing lost on the way."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from milestones.models import Contact, Milestone
from milestones.templates import milestones_of, shipped
from tenancy.door import inside
from tests.web.conftest import page
from workspaces.models import Link, Purpose

TYPED = {
    "sheet": "0198d7c2-1111-7abc-8def-0123456789ab",
    "account_name": "Northwind",
    "owner_name": "Carla Client",
    "owner_email": "carla@client.example",
    "owner_zone": "Europe/Berlin",
    "project_name": "Onboarding",
    "kickoff_date": "2026-03-04",
    "owner_primary": "ada@studio.example",
    "review_owner": "ada@studio.example",
    "name": "Dashboard published",
    "output": "The dashboard is live for the client's team.",
    "kind": "general",
    "due_date": "2026-03-16",
    "criteria": "The team signs in\nIt loads in 2 seconds\n",
    "quality_threshold": "80",
    "dependency_risks": "none",
    "invoice_trigger": "First instalment",
    "next_stage_trigger": "Alerts begin",
    "approver_name": "Dan Decider",
    "approver_email": "dan@client.example",
    "approver_zone": "UTC",
    "approval_channel": "link",
}
KICKOFF = "/w/studio/kickoff/"


def test_a_kickoff_makes_everything_and_ends_with_a_link_that_opens(founder, studio, client):
    response = founder.post(KICKOFF, TYPED, follow=True)

    assert response.status_code == 200
    with inside(studio):
        milestone = Milestone.objects.select_related("approver").get()
        assert (milestone.planned_date, milestone.criteria.count()) == (date(2026, 3, 16), 2)
        assert (milestone.approver.name, milestone.invoice_trigger) == ("Dan Decider", "First instalment")
    portal = client.get(urlsplit(response.context["address"]).path)
    assert "Dashboard published" in page(portal)


def test_the_same_sheet_sent_twice_starts_one_engagement(founder, studio):
    first, second = founder.post(KICKOFF, TYPED), founder.post(KICKOFF, TYPED)

    assert first["Location"] == second["Location"]
    with inside(studio):
        assert (Milestone.objects.count(), Link.objects.filter(purpose=Purpose.PORTAL).count()) == (1, 1)


def test_what_the_wizard_made_may_begin_at_once(founder, studio):
    made = founder.post(KICKOFF, TYPED, follow=True).context["milestone"]

    response = founder.post(reverse("move_milestone", args=["studio", made.pk]), {"to": "execution"})

    assert response.status_code == 302


@pytest.mark.parametrize(
    "typed", [{"kickoff_date": "0001-01-01"}, {"due_date": "9999-12-31"}], ids=lambda typed: next(iter(typed))
)
def test_a_day_that_nobody_can_mean_is_refused_at_its_field(founder, typed):
    response = founder.post(KICKOFF, TYPED | typed)

    assert (response.status_code, list(response.context["form"].errors)) == (422, list(typed))


def test_the_clients_owner_may_approve_too(founder, studio):
    same = TYPED | {"same_person": "on", "approver_name": "", "approver_email": ""}

    founder.post(KICKOFF, same)

    with inside(studio):
        assert Contact.objects.get().authorities == [
            "input_provider",
            "credential_owner",
            "decision_maker",
            "stakeholder",
        ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account_name", ""),
        ("owner_email", "nobody"),
        ("kickoff_date", "2026-03-09"),
        ("due_date", "2026-03-01"),
        ("criteria", " \n "),
        ("criteria", "x" * 301),
        ("quality_threshold", "101"),
        ("approver_email", ""),
        ("owner_primary", "eve@elsewhere.example"),
        ("name", "x" * 81),
        ("output", "One\u202e"),
    ],
)
def test_a_wrong_field_is_named_and_everything_typed_stays(founder, studio, field, value):
    response = founder.post(KICKOFF, TYPED | {field: value})

    form = response.context["form"]
    assert response.status_code == 422
    assert list(form.errors) == [field]
    assert form["next_stage_trigger"].value() == "Alerts begin"
    with inside(studio):
        assert not Milestone.objects.exists()


def test_a_template_fills_the_first_milestone_in(founder):
    form = founder.get(KICKOFF, {"template": "ai_agency"}).context["form"]

    assert (form["name"].value(), form["template"].value()) == ("Data access confirmed", "ai_agency")
    assert len(form["criteria"].value().splitlines()) == 3


def test_a_kickoff_from_a_template_lays_out_the_whole_plan_with_its_people(founder, studio):
    form = founder.get(KICKOFF, {"template": "service_project"}).context["form"]
    filled = {name: form[name].value() for name in ("name", "output", "criteria", "template")}

    founder.post(KICKOFF, TYPED | filled | {"use_learned": "on"})

    with inside(studio):
        rows = list(Milestone.objects.select_related("approver"))
        first = Milestone.objects.get(is_first=True)
        checked = list(first.criteria.exclude(verification=""))
    assert len(rows) == len(milestones_of(shipped()["service_project"]))
    assert {row.approver.name for row in rows} == {"Dan Decider"}
    assert len(checked) == len(filled["criteria"].splitlines())


def test_a_template_that_is_gone_is_refused_and_nothing_starts(founder, studio):
    response = founder.post(KICKOFF, TYPED | {"template": "gone"})

    assert response.status_code == 422
    with inside(studio):
        assert not Milestone.objects.exists()
