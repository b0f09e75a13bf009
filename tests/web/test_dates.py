"""The dates of a milestone as the team sees them: nothing moves unseen, and what moved stands struck."""

from datetime import date

from django.urls import reverse

from milestones.actions import misses
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import DateMove, DecisionRequest, Milestone, Miss, Notice
from milestones.words import RequestKind
from tenancy.door import inside
from tests.factories import MONDAY, milestone_in_execution
from tests.plugins.scenes import scene
from tests.web.conftest import page

WHY = "The sandbox of the CRM has been down since Monday."


@scene
def first(studio, by):
    with inside(studio):
        made = milestone_in_execution(by)
        fields = {"code": "1.2", "name": "Alerting", "planned_date": date(2026, 3, 18)}
        after = add_milestone(made.project, {**fields, "planned_start": date(2026, 3, 16)}, by=by, now=MONDAY)
        add_dependency(after, made, by=by, now=MONDAY)
    return made


def url(name, pk):
    return reverse(name, args=["studio", pk])


def typed(first, **changes):
    said = {"date": "2026-03-18", "code": "third_party", "reason": WHY, "version": first.version}
    return {**said, **changes}


def test_the_first_send_shows_what_would_move_and_saves_nothing(founder, studio, first):
    response = founder.post(url("move_forecast", first.pk), typed(first))

    said = page(response)
    assert response.status_code == 200
    assert "This would move" in said
    assert "Alerting" in said
    assert "23 Mar 2026" in said
    with inside(studio):
        assert not DateMove.objects.exists()


def test_the_second_send_moves_it_and_tells_the_client(founder, studio, first):
    response = founder.post(url("move_forecast", first.pk), typed(first, seen="2026-03-18"), follow=True)

    said = page(response)
    assert "Forecast moved. The client is told." in said
    assert WHY in said
    with inside(studio):
        assert DateMove.objects.count() == 2
        assert Milestone.objects.get(pk=first.pk).forecast_date == date(2026, 3, 18)


def test_another_day_than_the_one_that_was_seen_is_shown_first(founder, studio, first):
    response = founder.post(url("move_forecast", first.pk), typed(first, seen="2026-03-17"))

    assert "This would move" in page(response)
    with inside(studio):
        assert not DateMove.objects.exists()


def test_a_refused_day_stands_beside_its_field(founder, first):
    response = founder.post(url("move_forecast", first.pk), typed(first, date="2026-03-03"))

    assert response.status_code == 422
    assert "This day has passed. Give today or a day to come." in page(response)


def test_a_day_off_is_said(founder, first):
    response = founder.post(url("move_forecast", first.pk), typed(first, date="2026-03-21"))

    assert "not a working day of the workspace" in page(response)


def test_who_saves_second_is_told(founder, first):
    sent = typed(first, seen="2026-03-18", version=first.version - 1)

    response = founder.post(url("move_forecast", first.pk), sent)

    assert response.status_code == 409
    assert "changed by someone else" in page(response)


def test_other_steps_than_those_that_were_seen_are_not_saved(founder, studio, by, first):
    shown = founder.post(url("move_forecast", first.pk), typed(first)).context["move_form"]
    with inside(studio):
        fields = {"code": "1.3", "name": "Rollout", "planned_start": date(2026, 3, 16)}
        third = add_milestone(first.project, {**fields, "planned_date": date(2026, 3, 18)}, by=by, now=MONDAY)
        add_dependency(third, first, by=by, now=MONDAY)

    response = founder.post(url("move_forecast", first.pk), dict(shown.data.items()))

    assert response.status_code == 409
    assert "The plan was changed by someone else" in page(response)
    assert response.context["move_form"]["seen"].value() == ""
    with inside(studio):
        assert not DateMove.objects.exists()


def test_a_forecast_is_confirmed(founder, studio, first, wednesday):
    response = founder.post(url("confirm_forecast", first.pk), follow=True)

    assert "Forecast of 1.1 confirmed." in page(response)
    with inside(studio):
        assert Milestone.objects.get(pk=first.pk).forecast_confirmed_at == wednesday


def test_a_new_baseline_is_asked_for(founder, studio, first):
    sent = {"planned_date": "2026-03-20", "reason": "A second export was agreed.", "decide_by": "2026-03-09"}

    response = founder.post(url("ask_for_rebaseline", first.pk), sent, follow=True)

    assert "The client is asked." in page(response)
    with inside(studio):
        assert DecisionRequest.objects.get().kind == RequestKind.REBASELINE
        assert Milestone.objects.get(pk=first.pk).planned_date == date(2026, 3, 13)


def test_a_miss_is_explained_on_the_page(founder, studio, first, wednesday):
    with inside(studio):
        Milestone.objects.filter(pk=first.pk).update(planned_date=date(2026, 3, 3))
        miss = misses.open_miss(first.pk, now=wednesday)
    said = {"root_cause": "It was late.", "recovery": "resources", "plan": "Two more people join today."}

    refused = founder.post(url("acknowledge_miss", miss.pk), {**said, "version": miss.version})
    cause = {"root_cause": "The export format of the ledger changed on 2 March."}
    told = founder.post(
        url("acknowledge_miss", miss.pk), {**said, **cause, "version": miss.version}, follow=True
    )

    assert refused.status_code == 422
    assert "too short to be a root cause" in page(refused)
    assert "Acknowledged. The client is told." in page(told)
    with inside(studio):
        assert Miss.objects.get().acknowledged_at == wednesday
        assert Notice.objects.get(subject_id=miss.pk).state == "sent"


def test_a_revised_plan_is_sent(founder, studio, first, by, wednesday):
    with inside(studio):
        Milestone.objects.filter(pk=first.pk).update(planned_date=date(2026, 3, 3))
        miss = misses.open_miss(first.pk, now=wednesday)
        said = {
            "root_cause": "The export format of the ledger changed.",
            "plan": "Two more people join today.",
        }
        miss = misses.acknowledge(miss.pk, **said, recovery="resources", by=by, now=wednesday)

    sent = {"plan": "The demo is on 18 March, the export after it.", "version": miss.version}
    response = founder.post(url("revise_plan", miss.pk), sent, follow=True)

    assert "Revised plan sent." in page(response)
