"""What breaks next, and acting on it in place."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from escalation.actions import open_blocker
from escalation.models import Blocker, BlockerType
from journal.models import JobRun
from milestones.actions import recourse
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.actions.misses import open_miss
from milestones.actions.reports import record_progress
from milestones.actions.reviews import end_open
from milestones.actions.scope import queue_request
from milestones.models import DecisionRequest, Milestone, Notice, ProgressUpdate, Project
from milestones.words import NoticeKind, NoticeState, Outcome, Way
from telemetry.actions.thresholds import set_thresholds
from telemetry.risk import NAMED_ACTIONS
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.web.conftest import WEDNESDAY, page
from web.here import Here
from workspaces.models import Membership, Role

TODAY = "/w/studio/"
QUESTION = "Do you accept the dashboard?"


def lines(founder, words):
    """What the milestones on Today offer by these words."""
    context = founder.get(TODAY).context
    rows = [*context["now_rows"], *context["today_rows"]]
    return [line for row in rows for line in (row.first, *row.more) if line.words == words]


def status_update(project, *, at):
    """A status update that was sent."""
    sent = {"kind": NoticeKind.STATUS_UPDATE, "state": NoticeState.SENT, "sent_at": at, "created_at": at}
    Notice.objects.create(project=project, subject_id=project.pk, number=900, title="Status", **sent)


def test_an_empty_workspace_is_told_how_to_begin(founder):
    shown = page(founder.get(TODAY))

    assert "Nothing to watch yet" in shown
    assert reverse("kickoff", args=["studio"]) in shown


def test_a_stopped_milestone_stands_under_now_and_a_silent_one_under_today(founder, studio, by):
    with inside(studio):
        stopped = factories.milestone_in_execution(by)
        factories.milestone_in_execution(by, project_name="Second")
        open_blocker(stopped.pk, type=BlockerType.INPUT, title="List of offices", by=by, now=MONDAY)

    context = founder.get(TODAY).context

    assert [row.milestone.id for row in context["now_rows"]] == [stopped.pk]
    assert [row.blocked_for for row in context["now_rows"]] == ["49 h (17 working)"]
    assert [row.first.text for row in context["today_rows"]] == ["No progress for 49 hours."]
    assert [(item.title, item.why) for item in context["waiting"]] == [
        (
            "List of offices",
            "Carla Client has not answered for 49 h (17 working). Each day costs this milestone a day.",
        )
    ]


def test_silence_counts_from_the_end_of_a_pause(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        taken = recourse.choose(
            milestone.pk, Way.PAUSE, reason="No access.", until=date(2026, 3, 9), by=by, now=MONDAY
        )
        recourse.end(taken.pk, by=by, now=WEDNESDAY - timedelta(hours=1))

    assert [row.first.text for row in founder.get(TODAY).context["today_rows"]] == []


@pytest.mark.parametrize(("hours", "reasons"), [(48, ["No progress for 49 hours."]), (49, []), (50, [])])
def test_silence_is_what_the_workspace_says_it_is(founder, studio, by, hours, reasons):
    with inside(studio):
        factories.milestone_in_execution(by)
        set_thresholds({"no_progress_hours": hours}, by=by, now=MONDAY)

    rows = founder.get(TODAY).context["today_rows"]

    assert [row.first.text for row in rows] == reasons


@pytest.mark.parametrize("action", NAMED_ACTIONS, ids=lambda action: action.code)
def test_a_score_is_low_where_its_named_action_opens(founder, studio, by, wednesday, action):
    with inside(studio):
        made = [factories.milestone_in_execution(by, project_name=f"P{below}") for below in (0, 1)]
        for below, milestone in enumerate(made):
            record_progress(milestone.pk, done="Login works", by=by, now=wednesday)
            limit = {f"{action.group}_score": action.below - below}
            Milestone.objects.filter(pk=milestone.pk).update(**limit)

    assert [row.milestone.id for row in founder.get(TODAY).context["today_rows"]] == [made[1].pk]


def test_a_milestone_whose_round_ended_without_acceptance_waits_to_be_settled(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_review(by)
        end_open(milestone, Outcome.BLOCKED, note="The vendor has no date.", by=by, now=MONDAY)

    (row,) = founder.get(TODAY).context["today_rows"]

    assert (row.milestone.id, row.first.words) == (milestone.pk, "Settle it")
    assert row.first.url == reverse("milestone_way", args=["studio", milestone.pk])


def test_a_record_waits_to_be_completed_only_where_work_begins_soon(founder, studio, by, wednesday):
    with inside(studio):
        first = factories.engagement(by).milestone
        for code, start in (("1.2", date(2026, 3, 6)), ("1.3", date(2026, 3, 7))):
            days = {"planned_start": start, "planned_date": date(2026, 3, 20)}
            add_milestone(first.project, {"code": code, "name": "Alerting", **days}, by=by, now=MONDAY)

    context = founder.get(TODAY).context

    assert [row.milestone.code for row in context["today_rows"]] == ["1.1", "1.2"]


def test_a_question_waits_for_the_client_with_what_each_day_costs_until_its_day_has_passed(
    founder, studio, by, wednesday
):
    with inside(studio):
        milestone = factories.milestone_in_review(by)
        fields = {"code": "1.2", "name": "Alerting", "planned_date": date(2026, 3, 17)}
        second = add_milestone(milestone.project, fields, by=by, now=MONDAY)
        add_dependency(second, milestone, by=by, now=MONDAY)

    waiting = founder.get(TODAY).context
    with inside(studio):
        DecisionRequest.objects.update(decide_by=wednesday - timedelta(days=1))
    overdue = founder.get(TODAY).context

    cost = "Each day moves the acceptance by a day; 1 milestone waits for it."
    assert [item.why for item in waiting["asked"]] == [f"Dan Decider was asked 49 h ago. {cost}"]
    assert waiting["now_rows"] == []
    assert overdue["asked"] == []
    assert [row.first.text for row in overdue["now_rows"]] == [
        f"Dan Decider has not decided “{QUESTION}”: 1 day past the date. {cost}"
    ]


def test_a_miss_stands_under_now_until_it_is_acknowledged(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        Milestone.objects.filter(pk=milestone.pk).update(planned_date=date(2026, 3, 3))
        open_miss(milestone.pk, now=wednesday)

    (row,) = founder.get(TODAY).context["now_rows"]

    assert row.first.text == "Planned for 3 March and missed. The client waits for the cause and the plan."
    assert row.first.url.endswith(f"{milestone.pk}/dates/#misses")


def test_a_forecast_is_confirmed_in_its_row(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        long_ago = {"forecast_confirmed_at": wednesday - timedelta(days=8)}
        Milestone.objects.filter(pk=milestone.pk).update(**long_ago)
    (line,) = lines(founder, "Confirm the forecast")

    response = founder.post(line.url, {"from": "today"})

    assert (line.acts, response["Location"]) == (True, TODAY)
    assert lines(founder, "Confirm the forecast") == []


def test_a_forecast_that_has_passed_is_moved_not_confirmed(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        Milestone.objects.filter(pk=milestone.pk).update(
            forecast_date=date(2026, 3, 3), forecast_confirmed_at=wednesday - timedelta(days=8)
        )

    (line,) = lines(founder, "Move the date")

    assert (line.text, line.acts) == ("The date passed 1 day ago, on 3 March.", False)
    assert lines(founder, "Confirm the forecast") == []


def test_who_was_not_informed_and_what_does_not_end_by_itself_stand_under_today(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        said = {"reason": "The sandbox is away.", "condition": "", "until": date(2026, 3, 3)}
        recourse.choose(milestone.pk, Way.PAUSE, **said, by=by, now=MONDAY)
        Notice.objects.update(state=NoticeState.BOUNCED, bounced_at=MONDAY, problem="550 no such mailbox")

    (row,) = founder.get(TODAY).context["today_rows"]

    with inside(studio):
        title = Notice.objects.get().title
    assert [line.text for line in (row.first, *row.more)] == [
        f"Client not informed of “{title}”. 550 no such mailbox",
        "“Pause” was chosen until 3 March. It does not end by itself.",
    ]


def test_a_viewer_reads_today_without_a_button_that_writes(client, studio, by, wednesday):
    viewer = factories.person("vera@studio.example")
    client.force_login(viewer)
    with inside(studio):
        Membership.objects.create(user=viewer, role=Role.VIEWER, joined_at=MONDAY)
        milestone = factories.milestone_in_execution(by)
        Milestone.objects.filter(pk=milestone.pk).update(forecast_confirmed_at=wednesday - timedelta(days=8))

    shown = page(client.get(TODAY))

    assert "was last confirmed" in shown
    assert "Confirm the forecast" not in shown


def test_a_milestone_stands_once_with_all_it_needs_the_heaviest_first(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="Offices", by=by, now=MONDAY)
        queue_request(milestone.pk, title="Export to PDF", by=by, now=MONDAY)
        Milestone.objects.filter(pk=milestone.pk).update(
            planned_date=date(2026, 3, 3),
            forecast_date=date(2026, 3, 5),
            forecast_confirmed_at=wednesday - timedelta(days=8),
            scope_stability_score=10,
        )
        open_miss(milestone.pk, now=wednesday)

    context = founder.get(TODAY).context

    assert context["today_rows"] == []
    (row,) = context["now_rows"]
    assert [(line.text, line.words) for line in (row.first, *row.more)] == [
        ("A blocker stops it, open for 49 h (17 working).", "See the blocker"),
        (
            "Planned for 3 March and missed. The client waits for the cause and the plan.",
            "Acknowledge the miss",
        ),
        ("No progress for 49 hours.", "Write progress"),
        ("Due tomorrow.", ""),
        ("The forecast, 5 March, was last confirmed 8 d ago.", "Confirm the forecast"),
        ("An unplanned request waits in the queue.", "Look at the request"),
    ]


def test_what_each_line_offers_is_on_the_page(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_execution(by, project_name="<Shop> & more")
        Milestone.objects.filter(pk=milestone.pk).update(
            forecast_date=date(2026, 3, 5), forecast_confirmed_at=wednesday - timedelta(days=8)
        )

    shown = founder.get(TODAY).content.decode()

    confirm = reverse("confirm_forecast", args=["studio", milestone.pk])
    assert f'form="at-once" formaction="{confirm}"' in shown
    assert f'href="{TODAY}?write={milestone.pk}#row-{milestone.pk}"' in shown
    assert "&lt;Shop&gt; &amp; more" in shown
    assert "<Shop>" not in shown


def test_a_weekly_review_that_is_due_stands_under_today(founder, studio, by, wednesday):
    with inside(studio):
        project = factories.milestone_in_execution(by).project
        new = factories.milestone_in_execution(by, project_name="New").project
        told = factories.milestone_in_execution(by, project_name="Told").project
        long_ago = wednesday - timedelta(days=20)
        Project.objects.exclude(pk=new.pk).update(kickoff_completed_at=long_ago)
        status_update(told, at=MONDAY)

    (item,) = founder.get(TODAY).context["reviews"]

    assert (item.title, item.words) == (project.name, "Write the weekly review")
    assert item.url == reverse("weekly_review", args=["studio", project.pk])
    assert item.why == "The client was not told yet how it stands. This week’s update is due."


@pytest.mark.parametrize("told_at", [None, -8, -5, -3, -2, 0])
@pytest.mark.parametrize("is_aggressive", [True, False])
def test_today_and_reports_ask_for_the_same_reviews(founder, studio, by, wednesday, told_at, is_aggressive):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        Milestone.objects.update(is_aggressive=is_aggressive)
        Project.objects.update(kickoff_completed_at=wednesday - timedelta(days=20))
        if told_at is not None:
            status_update(milestone.project, at=wednesday + timedelta(days=told_at))

    here = [item.title for item in founder.get(TODAY).context["reviews"]]
    there = [turn.project.name for turn in founder.get(reverse("reports", args=["studio"])).context["due"]]

    assert here == there


def test_the_form_of_a_row_opens_where_it_stands(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        blocker = open_blocker(milestone.pk, type=BlockerType.INPUT, title="Offices", by=by, now=MONDAY)

    closed = page(founder.get(TODAY))
    writing = page(founder.get(TODAY, {"write": milestone.pk}))
    answering = page(founder.get(TODAY, {"answer": blocker.pk}))

    standup = reverse("standup", args=["studio", milestone.pk])
    answer = reverse("respond_to_blocker", args=["studio", blocker.pk])
    forms = [(standup in shown, answer in shown) for shown in (closed, writing, answering)]
    assert forms == [(False, False), (True, False), (False, True)]


@pytest.mark.parametrize("odd", ["", "x", "0", "00000000-0000-0000-0000-000000000000"])
def test_a_row_that_is_not_there_opens_no_form(founder, studio, by, odd):
    with inside(studio):
        factories.milestone_in_execution(by)

    response = founder.get(TODAY, {"write": odd, "answer": odd})

    assert response.status_code == 200
    assert "Record progress" not in page(response)


def test_progress_is_written_in_its_row(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)

    response = founder.post(
        reverse("standup", args=["studio", milestone.pk]),
        {"done": "Import runs", "percent": "40"},
        follow=True,
    )

    assert "Progress of 1.1 recorded." in page(response)
    assert lines(founder, "Write progress") == []
    with inside(studio):
        assert ProgressUpdate.objects.get().percent == 40


def test_an_empty_update_is_refused_and_the_row_stays_open(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)

    response = founder.post(reverse("standup", args=["studio", milestone.pk]), {"percent": ""})

    assert response.status_code == 422
    assert "Fill in at least one of done, next, blocked or percent." in page(response)
    with inside(studio):
        assert not ProgressUpdate.objects.exists()


def test_an_answer_is_noted_where_it_is_waited_for(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        blocker = open_blocker(milestone.pk, type=BlockerType.INPUT, title="Offices", by=by, now=MONDAY)

    response = founder.post(
        reverse("respond_to_blocker", args=["studio", blocker.pk]),
        {"response": "Carla sent it", "version": blocker.version, "from": "today"},
    )

    assert response["Location"] == TODAY
    with inside(studio):
        assert Blocker.objects.get().response == "Carla sent it"


def test_rules_that_did_not_run_in_time_are_named(fresh_database, wednesday):
    client, ada = Client(), factories.person()
    factories.workspace(ada, slug="studio")
    client.force_login(ada)
    late, minute, runs = wednesday - timedelta(minutes=4), timedelta(minutes=1), JobRun.objects.using("jobs")
    runs.create(name="heartbeat", every=minute, started_at=late, finished_at=late)
    runs.create(name="risk score", every=minute, started_at=wednesday, finished_at=wednesday)

    assert client.get(TODAY).context["overdue_jobs"] == ["heartbeat"]


def test_pages_follow_each_other_without_a_gap(founder, studio, by, monkeypatch):
    monkeypatch.setattr("web.team.today.LIMIT", 2)
    with inside(studio):
        made = {factories.milestone_in_execution(by, project_name=f"P{n}").pk for n in range(5)}

    seen, after = [], ""
    while after is not None:
        context = founder.get(TODAY, {"after": after} if after else {}).context
        seen += [row.milestone.id for row in context["now_rows"] + context["today_rows"]]
        after = context["next"] or None

    assert len(seen) == 5
    assert set(seen) == made


def test_an_age_is_told_in_hours_and_from_three_days_on_in_days(founder, wednesday):
    here = Here(founder.get(TODAY).wsgi_request)

    assert here.age(None) == ""
    assert here.age(wednesday - timedelta(hours=71, minutes=59)) == "71 h"
    assert here.age(wednesday - timedelta(hours=72)) == "3 d"
