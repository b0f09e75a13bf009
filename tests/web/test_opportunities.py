"""Opportunities on pages: what a packet led to, and the next thing to do about it."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from milestones.actions.engagements import archive
from proofs.actions import opportunities
from proofs.models import Opportunity
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.delivering import delivered
from tests.web.conftest import WEDNESDAY, page
from tests.web.test_query_counts import statements

LIST = "/w/studio/proof/opportunities/"


def address(name, row):
    return reverse(name, args=["studio", row.pk])


@scene
def project(studio, by):
    with inside(studio):
        return factories.engagement(by).project


@scene
def noted(studio, by, project):
    with inside(studio):
        return opportunities.note(project, title="Alerting", value=Decimal(12000), by=by, now=MONDAY)


def _now(studio):
    with inside(studio):
        return Opportunity.objects.get()


def _step(row, to, **more):
    return {"to": to, "version": row.version, "reason": "", **more}


def test_an_empty_list_says_how_opportunities_begin(founder):
    said = page(founder.get(LIST))

    assert "Nothing is open" in said
    assert "No packet was delivered yet" in said


def test_the_list_shows_stages_values_and_the_rate(founder, studio, by, noted):
    with inside(studio):
        delivered(factories.milestone_in_closeout(by), by)

    said = page(founder.get(LIST))

    assert "0 of 1 delivered packet reached a conversation" in said
    assert "12,000 EUR" in said
    assert "After Onboarding dashboard published" in said
    assert "from the packet of 1.1" in said


@pytest.mark.parametrize(
    ("show", "seen"), [("open", True), ("identified", True), ("lost", False), ("all", True)]
)
def test_a_stage_shows_its_own(founder, noted, show, seen):
    assert ("Alerting" in page(founder.get(LIST, {"show": show})).partition("<main")[2]) == seen


def test_of_many_the_ones_due_first_are_shown_and_each_stage_has_pages(founder, studio, by, noted):
    with inside(studio):
        more = [
            Opportunity(
                account_id=noted.account_id,
                project=noted.project,
                number=number,
                title=f"Later {number}",
                currency="EUR",
                created_at=MONDAY,
                next_step_on=date(2026, 3, 1),
            )
            for number in range(2, 52)
        ]
        Opportunity.objects.bulk_create(more)

    first = founder.get(LIST)
    stage = founder.get(LIST, {"show": "identified"})
    rest = founder.get(LIST, {"show": "identified", "after": stage.context["next"]})

    assert "These are the 50 that are due first" in page(first)
    assert "Alerting" not in page(first).partition("<main")[2]
    assert [len(shown.context["groups"][0]["rows"]) for shown in (first, stage, rest)] == [50, 50, 1]


@pytest.mark.parametrize("after", ["x", "1~2", "9" * 500])
def test_a_page_that_begins_nowhere_is_the_first(founder, noted, after):
    assert "Alerting" in page(founder.get(LIST, {"show": "all", "after": after}))


def test_one_is_noted_by_hand(founder, studio, project):
    typed = {"project": str(project.pk), "title": "Support", "value": "", "next_step": "", "next_step_on": ""}

    response = founder.post(reverse("note_opportunity", args=["studio"]), typed)

    assert response.status_code == 302
    assert (_now(studio).title, _now(studio).project_id, _now(studio).value) == ("Support", project.pk, None)


def test_what_cannot_be_noted_comes_back_as_typed(founder, project):
    typed = {"project": str(project.pk), "title": "Support", "next_step": "", "next_step_on": "2026-03-06"}

    response = founder.post(reverse("note_opportunity", args=["studio"]), typed)

    assert response.status_code == 422
    assert "Say what is to be done on that day." in page(response)
    assert 'value="Support"' in page(response)


def test_a_button_takes_it_a_stage_on_from_the_list(founder, studio, noted):
    response = founder.post(
        address("advance_opportunity", noted), _step(noted, "conversation", **{"from": "list"})
    )

    assert response.url == LIST
    assert (_now(studio).stage, _now(studio).conversation_at) == ("conversation", WEDNESDAY)


def test_a_button_pressed_on_an_old_page_is_refused_beside_what_is_there_now(founder, studio, noted):
    founder.post(address("advance_opportunity", noted), _step(noted, "conversation"))

    again = founder.post(address("advance_opportunity", noted), _step(noted, "conversation"))

    assert again.status_code == 409
    assert "changed by someone else" in page(again)
    assert _now(studio).stage == "conversation"


@pytest.mark.parametrize("to", ["won", "identified", "elsewhere", ""])
def test_a_step_that_is_none_is_refused(founder, studio, noted, to):
    response = founder.post(address("advance_opportunity", noted), _step(noted, to))

    assert response.status_code in (409, 422)
    assert _now(studio).stage == "identified"


def test_a_loss_asks_for_its_reason(founder, studio, noted):
    silent = founder.post(address("advance_opportunity", noted), _step(noted, "lost"))
    founder.post(address("advance_opportunity", noted), _step(noted, "lost", reason="No budget."))

    assert silent.status_code == 422
    assert "Say why it was lost" in page(silent)
    assert (_now(studio).stage, _now(studio).end_reason) == ("lost", "No budget.")


def test_the_last_step_is_taken_back_with_a_reason(founder, studio, noted):
    founder.post(address("advance_opportunity", noted), _step(noted, "lost", reason="No budget."))

    founder.post(
        address("take_opportunity_back", noted), {"reason": "Wrong row", "version": noted.version + 1}
    )

    assert (_now(studio).stage, _now(studio).ended_at) == ("identified", None)
    assert "took the opportunity #1 back to “identified”" in page(founder.get(address("opportunity", noted)))


def test_it_is_edited_in_place(founder, studio, noted):
    typed = {
        "title": "Alerting, phase 2",
        "value": "15000.50",
        "currency": "USD",
        "owner": "",
        "next_step": "Send the offer",
        "next_step_on": "2026-03-09",
        "notes": "They <b>want</b> it.",
        "version": noted.version,
    }

    response = founder.post(address("save_opportunity", noted), typed)

    row = _now(studio)
    assert response.status_code == 302
    assert (row.title, row.value, row.currency) == ("Alerting, phase 2", Decimal("15000.50"), "USD")
    assert (row.next_step, row.next_step_on) == ("Send the offer", date(2026, 3, 9))
    assert "They &lt;b&gt;want&lt;/b&gt; it." in page(founder.get(address("opportunity", noted)))


def test_the_next_step_is_planned_and_stands_on_today_when_it_is_due(founder, studio, noted):
    plan = {"next_step": "Call Carla", "next_step_on": "2026-03-04", "version": noted.version}
    founder.post(address("plan_opportunity", noted), plan)

    items = [item for item in founder.get("/w/studio/").context["items"] if item.kind == "Opportunity"]

    assert [(item.title, item.why) for item in items] == [
        ("Alerting", "The next step is due today: Call Carla")
    ]
    assert items[0].url == address("opportunity", noted)
    assert "Next step due today" in page(founder.get(LIST))


def test_today_says_nothing_of_steps_to_come_or_of_archived_projects(founder, studio, by, project, noted):
    with inside(studio):
        for on in (date(2026, 3, 5), date(2026, 3, 4)):
            opportunities.plan_next(noted.pk, step="Call", on=on, by=by, now=MONDAY)
            if on.day == 5:
                assert _opportunities(founder) == []
        archive(project.pk, by=by, now=WEDNESDAY)

    assert _opportunities(founder) == []


def _opportunities(founder):
    return [item for item in founder.get("/w/studio/").context["items"] if item.kind == "Opportunity"]


def test_a_list_takes_as_many_statements_for_three_rows_as_for_one(founder, studio, by):
    def more(count):
        with inside(studio):
            for _ in range(count):
                delivered(factories.milestone_in_closeout(by), by)

    more(1)
    one = statements(founder, LIST)
    more(2)

    assert statements(founder, LIST) == one <= 9


def test_the_tab_of_the_milestone_tells_what_came_of_it(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        delivered(milestone, by)

    said = page(founder.get(address("milestone_proof", milestone)))

    assert "What came of it" in said
    assert "nobody has answered yet" in said
    assert "#1 After Onboarding dashboard published" in said
    assert "to Carla Client" in said
