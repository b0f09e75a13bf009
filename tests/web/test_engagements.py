"""Settings of an engagement, its checklists, its invoice triggers, the clock of its first days."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from milestones.models import Checklist, Contact, Milestone
from milestones.words import ChecklistKind
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import asked
from tests.plugins.scenes import scene
from tests.web.conftest import page


@scene
def milestone(studio, by):
    with inside(studio):
        made = factories.milestone_in_execution(by)
        people = ("project", "approver", "owner_client")
        return Milestone.objects.select_related(*people).get(pk=made.pk)


@scene
def project(milestone):
    return milestone.project


def at(name, pk):
    return reverse(name, args=["studio", pk])


def fresh(studio, row):
    with inside(studio):
        return type(row).objects.get(pk=row.pk)


def settings_of(project, **changes):
    typed = {"name": project.name, "currency": "EUR", "feedback_route": "", "version": project.version}
    return typed | changes


def test_settings_are_saved_in_one_step(founder, studio, project):
    typed = settings_of(project, name="Launch", currency="CHF", feedback_route="Carla.", shares_figures="on")

    response = founder.post(at("project_settings", project.pk), typed)

    saved = fresh(studio, project)
    assert response.status_code == 302
    assert (saved.name, saved.currency, saved.feedback_route) == ("Launch", "CHF", "Carla.")
    assert saved.shares_figures is True


@pytest.mark.parametrize(("changes", "status"), [({"currency": "eur"}, 422), ({"version": 9}, 409)])
def test_what_does_not_fit_or_is_stale_stands_beside_the_form(founder, studio, project, changes, status):
    response = founder.post(at("project_settings", project.pk), settings_of(project, name="Typed", **changes))

    assert response.status_code == status
    assert "Typed" in page(response)
    assert fresh(studio, project).name == project.name


def test_an_absence_names_its_days_and_who_decides(founder, studio, milestone, project):
    dan, carla = milestone.approver, milestone.owner_client
    typed = {"absent_from": "2026-03-09", "absent_until": "2026-03-20", "delegate": carla.pk, "version": 1}

    founder.post(at("set_absence", dan.pk), typed | {"project": project.pk})

    saved = fresh(studio, dan)
    assert (saved.absent_from, saved.absent_until) == (date(2026, 3, 9), date(2026, 3, 20))
    assert saved.delegate_id == carla.pk
    assert "Carla Client decides" in page(founder.get(at("project_settings", project.pk)))


def test_half_an_absence_is_refused_beside_its_field(founder, studio, milestone, project):
    typed = {"absent_from": "2026-03-09", "version": 1, "project": project.pk}

    response = founder.post(at("set_absence", milestone.approver_id), typed)

    assert response.status_code == 422
    assert "first and the last day" in page(response)


def test_rights_and_zone_of_a_contact_are_changed(founder, studio, milestone):
    typed = {"time_zone": "Europe/Lisbon", "authorities": ["billing"], "version": 1}

    founder.post(at("change_rights", milestone.approver_id), typed)

    saved = fresh(studio, milestone.approver)
    assert (saved.time_zone, saved.authorities) == ("Europe/Lisbon", ["billing"])


def test_a_project_is_archived_and_taken_up_again(founder, studio, project):
    founder.post(at("archive_project", project.pk))
    archived = fresh(studio, project).archived_at
    at_work, over = _listed(founder, "open"), _listed(founder, "archived")

    founder.post(at("unarchive_project", project.pk))

    assert archived is not None
    assert (at_work, over) == ([], ["Onboarding"])
    assert fresh(studio, project).archived_at is None
    assert (_listed(founder, "open"), _listed(founder, "archived")) == (["Onboarding"], [])


def test_its_pages_say_so_and_offer_no_change_until_then(founder, studio, project, milestone):
    founder.post(at("archive_project", project.pk))

    for name, pk in (("project", project.pk), ("milestone", milestone.pk), ("milestone_dates", milestone.pk)):
        text = page(founder.get(at(name, pk)))
        main = text.split("<main")[1].split("</main>")[0]
        assert "Onboarding is archived since" in main
        assert re.findall(r'<form[^>]*method="post" action="([^"]+)"', main) == [
            at("unarchive_project", project.pk)
        ]


def test_a_change_from_a_page_that_was_open_is_refused(founder, studio, project, milestone):
    founder.post(at("archive_project", project.pk))

    response = founder.post(at("move_milestone", milestone.pk), {"to": "qa"})

    assert response.status_code == 409
    assert "This project is archived. Take it up again first." in page(response)


def _listed(founder, show, **asked):
    response = founder.get(reverse("projects", args=["studio"]), {"show": show, **asked})
    return [row["name"] for row in response.context["projects"]]


def test_archived_projects_are_found_by_name(founder, project):
    founder.post(at("archive_project", project.pk))

    found, strange = (_listed(founder, "archived", q=text) for text in ("board", "else"))

    assert (found, strange, _listed(founder, "no such list")) == (["Onboarding"], [], [])


def test_it_is_not_archived_while_the_client_is_asked(founder, studio, milestone, by, project):
    with inside(studio):
        question = asked(milestone, by)

    response = founder.post(at("archive_project", project.pk))

    assert response.status_code == 409
    assert question.question in page(response)


@pytest.mark.parametrize("kind", list(ChecklistKind))
def test_each_checklist_has_its_page_and_is_filled(founder, studio, project, kind):
    place = at(f"checklist_{kind}", project.pk)
    shown = founder.get(place)
    item = shown.context["sheet"].codes[1]

    response = founder.post(at(f"save_checklist_{kind}", project.pk), {item: "yes", "version": 0})

    assert (shown.status_code, response["Location"]) == (200, place)
    with inside(studio):
        assert Checklist.objects.get().answers[item]["ok"] is True
    assert "5 of 6 open" in page(founder.get(at("project", project.pk))) or kind == "evidence_review"


def test_what_fails_is_sent_back_or_refused(founder, studio, project):
    place, typed = at("save_checklist_start_readiness", project.pk), {"scope": "no", "version": 0}

    refused = founder.post(place, typed)
    sent = founder.post(place, typed | {"sent_back": "To sales: the signed scope."}, follow=True)

    assert refused.status_code == 422
    assert "say to whom it goes back" in page(refused)
    assert "Sent back:</strong> To sales: the signed scope." in page(sent)


def test_an_evidence_review_is_prefilled_from_the_record(founder, studio, project):
    with inside(studio):
        Contact.objects.update(authorities=[])

    shown = founder.get(at("checklist_evidence_review", project.pk))

    assert "No contact is decision maker or credential owner or input provider." in page(shown)
    assert shown.context["form"]["escalation_routing"].value() == "no"
    assert shown.context["form"]["acceptance_criteria"].value() == "yes"


def test_a_trigger_is_reached_once_the_client_accepted(founder, studio, by, milestone):
    before = page(founder.get(at("project_triggers", milestone.project_id)))
    with inside(studio):
        accepted = factories.milestone_in_closeout(by, account_name="Southwind", project_name="Second")

    after = page(founder.get(at("project_triggers", accepted.project_id)))

    assert ("First instalment" in before, "not yet" in before) == (True, True)
    assert "reached</span>" in after


def test_today_names_a_project_whose_client_saw_nothing_for_a_week(founder, studio, by, time_machine):
    with inside(studio):
        factories.engagement(by, project_name="Quiet")

    shown = []
    for days in (5, 6):
        time_machine.move_to(MONDAY + timedelta(days=days), tick=False)
        shown.append("seen no progress yet" in page(founder.get(reverse("today", args=["studio"]))))

    assert shown == [False, True]


def test_a_project_shows_its_trust_clock(founder, project):
    shown = page(founder.get(at("project", project.pk)))

    assert "day 3 of 14" in shown
    assert "Client saw progress 2 Mar" in shown
    assert "Nothing accepted yet" in shown


@pytest.mark.parametrize(
    ("purpose", "words"), [("portal", "Portal link made."), ("calendar", "Calendar link made.")]
)
def test_a_link_is_made_for_either_purpose(founder, client, project, purpose, words):
    shown = founder.post(at("make_link", project.pk), {"purpose": purpose}, follow=True)

    address = shown.context["address"].removeprefix("http://localhost:8000")
    assert words in page(shown)
    assert client.get(address).status_code == 200
    assert "may be a mail scanner" in page(founder.get(at("project", project.pk)))
