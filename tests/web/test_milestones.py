"""The milestone's pages: each write, each refusal, nothing lost."""

import pytest
from django.urls import reverse

from escalation.actions import open_blocker
from escalation.models import Blocker, BlockerType
from journal.models import Event
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Criterion, Dependency, Milestone, QaRun
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import page
from web.team.records import record_form
from workspaces.models import Membership, Role


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


def _fresh(studio, row):
    with inside(studio):
        return type(row).objects.get(pk=row.pk)


def _typed(studio, milestone, **changes):
    with inside(studio):
        form = record_form(Milestone.objects.get(pk=milestone.pk))
        initial = {name: form[name].value() for name in form.fields}
    return {name: "" if value in (None, False) else value for name, value in (initial | changes).items()}


def _save(founder, milestone, typed):
    return founder.post(reverse("save_record", args=["studio", milestone.pk]), typed)


def test_the_record_is_saved(founder, studio, milestone):
    response = _save(founder, milestone, _typed(studio, milestone, output="The dashboard is live."))

    milestone = _fresh(studio, milestone)
    assert response.status_code == 302
    assert (milestone.output, milestone.version) == ("The dashboard is live.", 3)


def test_who_saves_second_is_told_keeps_the_text_and_may_save_again(founder, studio, milestone):
    mine = _typed(studio, milestone, output="Mine.")
    _save(founder, milestone, _typed(studio, milestone, output="Theirs."))

    refused = _save(founder, milestone, mine)
    again = _save(founder, milestone, {**mine, "version": refused.context["record_form"]["version"].value()})

    milestone = _fresh(studio, milestone)
    assert refused.status_code == 409
    assert "was changed by someone else meanwhile" in page(refused)
    assert "Stored now: Theirs." in page(refused)
    assert refused.context["record_form"]["output"].value() == "Mine."
    assert (again.status_code, milestone.output) == (302, "Mine.")


def test_an_agreed_date_stays_and_says_why(founder, studio, milestone):
    response = _save(founder, milestone, _typed(studio, milestone, planned_date="2026-04-01"))

    assert response.status_code == 422
    assert "this date stays" in page(response)


def test_a_closed_gate_lists_what_is_missing_and_the_refusal_is_journalled(founder, studio, by):
    with inside(studio):
        early = factories.engagement(by, definition={"output": ""}, project_name="Early").milestone

    response = founder.post(reverse("move_milestone", args=["studio", early.pk]), {"to": "execution"})

    assert response.status_code == 409
    assert [item["code"] for item in response.context["unmet"]] == ["output"]
    with inside(studio):
        assert Event.objects.filter(kind="milestone.move_refused", subject_id=early.pk).count() == 1


@pytest.mark.parametrize("typed", [{}, {"to": ""}, {"to": "moon"}])
def test_a_step_to_no_stage_is_no_step(founder, studio, milestone, typed):
    response = founder.post(reverse("move_milestone", args=["studio", milestone.pk]), typed)

    assert response.status_code == 400
    with inside(studio):
        assert not Event.objects.filter(kind="milestone.move_refused").exists()


def test_an_open_gate_lets_the_milestone_through(founder, studio, by):
    with inside(studio):
        ready = factories.engagement(by).milestone

    founder.post(reverse("move_milestone", args=["studio", ready.pk]), {"to": "execution"})

    ready = _fresh(studio, ready)
    assert ready.stage == "execution"


def test_a_blocker_is_opened_answered_and_resolved(founder, studio, milestone):
    founder.post(
        reverse("open_blocker", args=["studio", milestone.pk]),
        {"title": "Offices?", "type": "input", "severity": "normal", "stops_path": "on"},
    )
    with inside(studio):
        blocker = Blocker.objects.get()
    founder.post(reverse("acknowledge_blocker", args=["studio", blocker.pk]))
    founder.post(
        reverse("resolve_blocker", args=["studio", blocker.pk]), {"resolution": "List arrived", "version": 2}
    )

    blocker = _fresh(studio, blocker)
    milestone = _fresh(studio, milestone)
    assert blocker.acknowledged_at
    assert (blocker.resolution, milestone.blocker_status) == ("List arrived", "none")


def test_a_technical_blocker_without_evidence_comes_back_with_what_was_typed(founder, studio, milestone):
    response = founder.post(
        reverse("open_blocker", args=["studio", milestone.pk]),
        {"title": "Login fails", "type": "technical", "severity": "normal"},
    )

    assert response.status_code == 422
    assert response.context["opened_form"] == "blocker"
    assert "Login fails" in page(response)
    assert "Paste the exact error" in page(response)


def test_a_qa_run_is_held_against_the_threshold(founder, studio, milestone):
    founder.post(
        reverse("record_qa", args=["studio", milestone.pk]),
        {"check_name": "Smoke", "score": "79", "notes": ""},
    )

    with inside(studio):
        assert not QaRun.objects.get().passed


def test_evidence_is_noted_at_its_criterion(founder, studio, milestone):
    with inside(studio):
        criterion = Criterion.objects.get(milestone=milestone, position=1)

    founder.post(
        reverse("judge_criterion", args=["studio", criterion.pk]),
        {"is_met": "yes", "evidence": "Recording of the call", "version": criterion.version},
    )

    criterion = _fresh(studio, criterion)
    assert (criterion.is_met, criterion.evidence) == (True, "Recording of the call")


def test_a_circle_of_dependencies_is_named(founder, studio, milestone, by):
    with inside(studio):
        fields = {"code": "1.2", "name": "Alerts", "quality_threshold": 80}
        second = add_milestone(milestone.project, fields, by=by, now=MONDAY)
        add_dependency(second, milestone, by=by, now=MONDAY)

    response = founder.post(
        reverse("add_dependency", args=["studio", milestone.pk]), {"needs": second.pk, "lag_days": 0}
    )

    assert response.status_code == 422
    assert "1.1 → 1.2 → 1.1" in page(response)
    with inside(studio):
        assert Dependency.objects.count() == 1


def test_what_if_recomputes_by_the_same_formulas(founder, studio, milestone, wednesday, by):
    with inside(studio):
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="Offices", by=by, now=MONDAY)

    then = founder.get(reverse("milestone", args=["studio", milestone.pk]), {"if": "blockers"}).context[
        "then"
    ]

    assert then["after"] < then["before"]
    assert {name: after for name, _, after in then["rows"]}["Dependency health"] == 100


@pytest.mark.parametrize("name", ["record_progress", "open_blocker", "save_record", "move_milestone"])
def test_a_viewer_changes_nothing(client, studio, milestone, name, wednesday):
    viewer = factories.person("vera@studio.example")
    with inside(studio):
        Membership.objects.create(user=viewer, role=Role.VIEWER, joined_at=MONDAY)
    client.force_login(viewer)

    response = client.post(reverse(name, args=["studio", milestone.pk]), {"done": "x"})

    assert response.status_code == 403


def test_a_viewer_sees_no_form_that_writes(client, studio, milestone, wednesday):
    viewer = factories.person("vera@studio.example")
    with inside(studio):
        Membership.objects.create(user=viewer, role=Role.VIEWER, joined_at=MONDAY)
    client.force_login(viewer)

    shown = page(client.get(reverse("milestone", args=["studio", milestone.pk])))

    assert "Record progress" not in shown
    assert "Open a blocker" not in shown


def test_the_story_is_told_and_filtered(founder, studio, milestone):
    address = reverse("milestone_journal", args=["studio", milestone.pk])

    everything = [entry["text"] for entry in founder.get(address).context["entries"]]
    stages = [entry["text"] for entry in founder.get(address, {"show": "stage"}).context["entries"]]

    assert len(everything) == 2
    assert stages == ["Ada Agency moved the milestone from setup to execution"]
