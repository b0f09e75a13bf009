"""Confidence and opportunities through the API."""

from datetime import date

import pytest

from proofs.actions import confidence, opportunities
from proofs.models import Confidence, Opportunity
from proofs.words import AskedAbout
from tenancy.door import inside
from tests.factories import MONDAY, milestone_in_closeout
from tests.plugins.scenes import scene
from tests.proofs.delivering import delivered
from workspaces.models import Membership, Scope


@scene
def noted(studio, by, kickoff):
    with inside(studio):
        return opportunities.note(kickoff.project, title="Alerting", by=by, now=MONDAY)


def _at(row, step=""):
    return f"opportunities/{row.pk}{step}"


def test_an_opportunity_is_noted_read_and_changed(caller, studio, kickoff):
    with inside(studio):
        ada = Membership.objects.get()
    body = {"project_id": str(kickoff.project.pk), "title": "Alerting", "value": "12000.00"}

    made = caller.post("opportunities", body)
    changes = {"owner_id": str(ada.pk), "next_step": "Call Carla", "next_step_on": "2026-03-06"}
    changed = caller.patch(f"opportunities/{made.json()['id']}", changes)

    assert made.status_code == 201
    assert (made.json()["stage"], made.json()["currency"], made.json()["number"]) == ("identified", "EUR", 1)
    assert changed.json() == made.json() | changes | {"version": 2}
    assert caller.get(f"opportunities/{made.json()['id']}").json() == changed.json()
    with inside(studio):
        assert Opportunity.objects.get().next_step_on == date(2026, 3, 6)


def test_its_project_is_fixed(caller, noted, kickoff):
    answer = caller.patch(_at(noted), {"project_id": str(kickoff.project.pk)})

    assert answer.status_code == 400
    assert "fixed" in answer.json()["errors"]["project_id"][0]


@pytest.mark.parametrize("name", ["stage", "ended_at", "conversation_at", "number", "packet_id"])
def test_what_only_steps_change_is_read_only(caller, noted, name):
    answer = caller.patch(_at(noted), {name: "won"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == {name: ["This field is read-only."]}


def test_steps_lead_through_the_stages(caller, noted):
    answers = [
        caller.post(_at(noted, "/advance"), {"to": to}) for to in ("conversation", "proposal", "conversation")
    ]
    back = caller.post(_at(noted, "/take-back"), {"reason": "Wrong row"})

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[2].json()["detail"] == "From proposal it goes on to won or lost, not to conversation."
    assert (back.json()["stage"], back.json()["proposal_at"]) == ("conversation", None)


def test_a_loss_needs_its_reason(caller, noted):
    silent = caller.post(_at(noted, "/advance"), {"to": "lost"})
    told = caller.post(_at(noted, "/advance"), {"to": "lost", "reason": "No budget."})

    assert (silent.status_code, list(silent.json()["errors"])) == (400, ["reason"])
    assert (told.status_code, told.json()["end_reason"]) == (200, "No budget.")


def test_a_stale_version_is_refused(caller, noted):
    assert caller.patch(_at(noted), {"title": "x"}, If_Match='"7"').status_code == 412


def test_reading_is_not_writing(caller_in, studio, noted):
    reader = caller_in(studio, Scope.READ)

    assert reader.get("opportunities").status_code == 200
    assert reader.post(_at(noted, "/advance"), {"to": "conversation"}).status_code == 403
    assert reader.patch(_at(noted), {"title": "x"}).status_code == 403


def test_a_list_is_filtered(caller, studio, by, kickoff, noted):
    with inside(studio):
        lost = opportunities.note(kickoff.project, title="Lost", by=by, now=MONDAY)
        opportunities.advance(lost.pk, "lost", reason="No budget.", by=by, now=MONDAY)

    def titles(**filters):
        return [row["title"] for row in caller.get("opportunities", filters).json()["results"]]

    assert titles(ordering="number") == ["Alerting", "Lost"]
    assert titles(is_open="true") == titles(stage="identified") == ["Alerting"]
    assert titles(is_open="false") == ["Lost"]
    assert titles(milestone_id=str(kickoff.milestone.pk)) == []


def test_what_a_packet_started_is_found_by_its_milestone(caller, studio, by):
    with inside(studio):
        milestone = milestone_in_closeout(by)
        packet = delivered(milestone, by)

    found = caller.get("opportunities", {"milestone_id": str(milestone.pk)}).json()["results"]

    assert [row["packet_id"] for row in found] == [str(packet.pk)]


@scene
def asked(studio, by, kickoff):
    milestone = kickoff.milestone
    with inside(studio):
        about = {"about": AskedAbout.DECISION, "milestone": milestone}
        for number, contact in enumerate((milestone.approver, milestone.owner_client)):
            confidence.ask(contact, **about, subject_id=milestone.pk, now=MONDAY)
            if number == 0:
                Confidence.objects.update(score=4, sentence="Fine", answered_at=MONDAY)
    return milestone


def test_answers_are_read_and_never_written(caller, asked):
    rows = caller.get("confidences", {"is_answered": "true"}).json()["results"]
    waiting = caller.get("confidences", {"is_answered": "false"}).json()["results"]

    assert [(row["score"], row["sentence"], row["about"]) for row in rows] == [(4, "Fine", "decision")]
    assert [row["score"] for row in waiting] == [None]
    assert caller.get(f"confidences/{rows[0]['id']}").json() == rows[0]
    assert caller.patch(f"confidences/{rows[0]['id']}", {"score": 5}).status_code == 405
    assert caller.post("confidences", {"score": 5}).status_code == 405


def test_no_link_is_served(caller, asked):
    assert "link_id" not in caller.get("confidences").json()["results"][0]
