"""The trust clock: which day it is, what the client could see, whose client saw nothing."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from milestones.actions import notices
from milestones.actions.reports import record_progress
from milestones.models import Project
from milestones.queries.trust import between, clock_of, silent_clock, silent_since_kickoff, with_progress
from milestones.trust import clock
from milestones.words import NoticeKind
from tests import factories
from tests.factories import MONDAY

KICKOFF = date(2026, 3, 2)
UTC_ZONE = ZoneInfo("UTC")


def on_day(n, *, progress_on=None):
    return clock(KICKOFF, KICKOFF + timedelta(days=n - 1), progress_on=progress_on, accepted_on=None)


def clock_now(project, *, zone=UTC_ZONE, now=MONDAY):
    return clock_of(with_progress(Project.objects.all()).get(pk=project.pk), zone=zone, now=now)


def silent(now):
    found = [row["told"] for row in silent_since_kickoff(**between(now))]
    return [row["name"] for row in found if silent_clock(row, zone=UTC_ZONE, today=now.date()).is_silent]


@pytest.mark.parametrize(("n", "is_over", "is_silent"), [(6, False, False), (7, False, True)])
def test_silence_counts_from_day_7(n, is_over, is_silent):
    found = on_day(n)

    assert (found.day, found.is_over, found.is_silent) == (n, is_over, is_silent)


@pytest.mark.parametrize(("n", "is_over", "is_silent"), [(14, False, True), (15, True, False)])
def test_the_clock_ends_after_day_14(n, is_over, is_silent):
    found = on_day(n)

    assert (found.day, found.is_over, found.is_silent) == (n, is_over, is_silent)


def test_progress_ends_the_silence():
    assert not on_day(9, progress_on=KICKOFF).is_silent


def test_days_are_those_of_the_workspace_zone(studio, by):
    project = factories.engagement(by, record={"kickoff_completed_at": "2026-03-02T07:00:00Z"}).project

    found = clock_now(project, zone=ZoneInfo("Pacific/Honolulu"), now=datetime(2026, 3, 3, 9, tzinfo=UTC))

    assert found.day == 2  # kicked off on the 1st there, and it is still the 2nd


def test_work_that_began_is_progress_the_client_could_see(studio, by):
    project = factories.milestone_in_execution(by).project

    assert clock_now(project).progress_on == MONDAY.date()


def test_a_question_is_progress_and_an_acceptance_is_kept(studio, by):
    project = factories.milestone_in_closeout(by).project

    found = clock_now(project)

    assert (found.progress_on, found.accepted_on) == (MONDAY.date(), MONDAY.date())


def test_a_status_update_is_progress_and_its_draft_is_not(studio, by):
    made = factories.engagement(by)
    said = {"project": made.project, "subject": made.project, "title": "Week 1", "body": "Prepared."}
    draft = notices.draft(
        NoticeKind.STATUS_UPDATE, **said, recipient=made.milestone.approver, by=by, now=MONDAY
    )
    before = clock_now(made.project).progress_on

    notices.send(draft.pk, by=by, now=MONDAY)

    assert (before, clock_now(made.project).progress_on) == (None, MONDAY.date())


def test_only_projects_whose_client_saw_nothing_from_day_7_to_14_are_named(studio, by):
    factories.engagement(by, project_name="Silent")
    told = factories.milestone_in_execution(by, account_name="Southwind", project_name="Told")
    record_progress(told.pk, done="Schema", by=by, now=MONDAY)

    found = {n: silent(MONDAY + timedelta(days=n - 1)) for n in (6, 7, 14, 15)}

    assert found == {6: [], 7: ["Silent"], 14: ["Silent"], 15: []}
