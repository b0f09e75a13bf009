"""Weekly reviews that become status updates, and planned against actual."""

from datetime import date, datetime, timedelta

import time_machine
from django.urls import reverse

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal.models import Event
from milestones.actions.dates import move_forecast
from milestones.models import LabelChange, Notice, WeeklyReview
from milestones.words import MoveReason, NoticeKind, NoticeState
from tenancy.door import inside
from tests.factories import MONDAY, milestone_in_closeout, milestone_in_execution
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page


@scene
def milestone(studio, by):
    """One that slipped this week, and waits for the client."""
    with inside(studio):
        made = milestone_in_execution(by)
        open_blocker(made.pk, type=BlockerType.INPUT, title="List of offices", by=by, now=MONDAY)
        move_forecast(
            made.pk,
            date(2026, 3, 20),
            code=MoveReason.CLIENT_INPUT,
            reason="The list of offices has not come yet.",
            by=by,
            now=WEDNESDAY,
        )
    return made


def at(name, milestone):
    return reverse(name, args=["studio", milestone.project_id])


def typed_of(response):
    form = response.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_the_three_questions_are_filled_in_from_what_happened(founder, milestone):
    text = page(founder.get(at("weekly_review", milestone)))

    assert "The list of offices has not come yet." in text
    assert "13 Mar → 20 Mar, 7 days, client" in text
    assert "List of offices" in text
    assert "slipped 7 days this week, 0 the week before" in text


def test_saved_answers_become_a_draft_that_leads_with_milestones(founder, studio, milestone):
    typed = typed_of(founder.get(at("weekly_review", milestone)))
    typed[f"action-{milestone.pk}"] = "We load the offices as they come."

    founder.post(at("save_weekly_review", milestone), typed)
    response = founder.post(at("make_update", milestone))

    with inside(studio):
        notice = Notice.objects.get(kind=NoticeKind.STATUS_UPDATE)
        review = WeeklyReview.objects.get()
        told = list(Event.objects.filter(kind="weekly_review.saved"))
    assert response["Location"] == reverse("notice", args=["studio", notice.pk])
    assert (notice.state, review.notice_id, review.week) == (NoticeState.DRAFT, notice.pk, MONDAY.date())
    assert notice.body.startswith("Done\n")
    assert "expected on 20 March 2026 instead of 13 March 2026." in notice.body
    assert "What we do: We load the offices as they come." in notice.body
    assert "What we need from you\n- List of offices" in notice.body
    assert len(told) == 1


def test_an_update_without_saved_answers_is_refused(founder, studio, milestone):
    response = founder.post(at("make_update", milestone))

    assert response.status_code == 409
    assert "answers first; the update is made of them" in page(response)
    with inside(studio):
        assert not Notice.objects.filter(kind=NoticeKind.STATUS_UPDATE).exists()


def test_answers_that_somebody_else_saved_meanwhile_are_not_lost(founder, studio, milestone):
    typed = typed_of(founder.get(at("weekly_review", milestone)))
    founder.post(at("save_weekly_review", milestone), typed)
    opened = typed_of(founder.get(at("weekly_review", milestone)))
    founder.post(at("save_weekly_review", milestone), opened | {"trajectory": "First"})

    response = founder.post(at("save_weekly_review", milestone), opened | {"trajectory": "Second"})

    assert response.status_code == 409
    with inside(studio):
        assert WeeklyReview.objects.get().answers["trajectory"] == "First"


def test_a_project_is_due_from_the_monday_after_its_kickoff(founder, milestone):
    reports = reverse("reports", args=["studio"])

    this_week = founder.get(reports).context["due"]
    with time_machine.travel(datetime.fromisoformat("2026-03-09T08:00:00+00:00"), tick=False):
        next_week = founder.get(reports).context["due"]

    assert ([], [turn.project.pk for turn in next_week]) == (this_week, [milestone.project_id])


def test_planned_against_actual_tells_what_each_finished_milestone_took(founder, studio, by):
    with inside(studio):
        made = milestone_in_closeout(by, now=MONDAY + timedelta(days=1))

    response = founder.get(reverse("planned_actual", args=["studio"]))

    row = response.context["rows"][0]
    assert (row.milestone_id, row.planned_days, row.actual_days) == (made.pk, 10, 1)


def test_warnings_that_came_too_late_are_counted(founder, studio, by):
    with inside(studio):
        made = milestone_in_execution(by)
        for days in (1, 100):
            LabelChange.objects.create(
                milestone=made,
                before="at_risk",
                after="blocked",
                reason="Stopped.",
                warning_skipped=True,
                at=WEDNESDAY - timedelta(days=days),
            )

    response = founder.get(reverse("planned_actual", args=["studio"]))

    assert response.context["warnings_missed"] == 1
