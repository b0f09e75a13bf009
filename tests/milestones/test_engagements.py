"""Archiving a project: nothing is asked, nothing is due, everything is kept."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal.models import Event
from milestones.actions import notices
from milestones.actions.dates import move_forecast
from milestones.actions.endings import close
from milestones.actions.engagements import archive, unarchive
from milestones.actions.labels import evaluate
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.actions.recourse import choose
from milestones.actions.requests import send
from milestones.models import DecisionRequest, Notice, Pulse
from milestones.queries import pages
from milestones.words import MoveReason, NoticeKind, Outcome, Way
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import asked, drafted
from tests.plugins.scenes import scene

LATER = MONDAY + timedelta(hours=1)


@scene
def milestone(studio, by):
    return factories.milestone_in_execution(by)


def test_an_archived_project_leaves_the_lists_and_its_jobs_rest(milestone, by):
    archived = archive(milestone.project_id, by=by, now=LATER)

    pulse = Pulse.objects.get(milestone=milestone)
    assert archived.archived_at == LATER
    assert not pages.projects().exists()
    assert (pulse.needs_score, pulse.needs_check, pulse.needs_label) == (False, False, False)
    assert pulse.label_due_at is None
    assert Event.objects.filter(kind="project.archived", thread_id=milestone.project_id).count() == 1


def test_it_is_refused_while_the_client_is_asked(milestone, by):
    question = asked(milestone, by)

    with pytest.raises(Refused) as refused:
        archive(milestone.project_id, by=by, now=LATER)

    assert refused.value.code == "questions_wait"
    assert [item.message for item in refused.value.unmet] == [
        f"Question #{question.number} “{question.question}” waits for an answer."
    ]


def test_a_draft_cannot_be_sent_from_an_archived_project(milestone, by):
    question = drafted(milestone, by)
    archive(milestone.project_id, by=by, now=MONDAY)

    with pytest.raises(Refused, match="archived"):
        send(question.pk, by=by, now=MONDAY)

    assert DecisionRequest.objects.get().sent_at is None


@pytest.mark.parametrize(
    "act",
    [
        lambda milestone, told: move_forecast(
            milestone.pk, date(2026, 4, 1), code=MoveReason.ESTIMATE, reason="It needs more days.", **told
        ),
        lambda milestone, told: choose(
            milestone.pk, Way.PAUSE, reason="No access.", until=date(2026, 4, 1), **told
        ),
        lambda milestone, told: close(milestone.pk, Outcome.BLOCKED, **told),
        lambda milestone, told: notices.send(milestone.notices.get().pk, **told),
    ],
    ids=["forecast", "way", "end", "notice"],
)
def test_nothing_is_promised_or_told_of_an_archived_project(milestone, by, act):
    said = {"project": milestone.project, "milestone": milestone, "subject": milestone, "title": "News"}
    notices.draft(NoticeKind.RECOVERY, **said, body="More.", by=by, now=MONDAY)
    archive(milestone.project_id, by=by, now=LATER)

    with pytest.raises(Refused) as refused:
        act(milestone, {"by": by, "now": LATER})

    assert refused.value.code == "project_archived"


def test_taken_up_again_everything_is_looked_at_anew(milestone, by):
    archive(milestone.project_id, by=by, now=LATER)

    taken_up = unarchive(milestone.project_id, by=by, now=LATER + timedelta(hours=1))

    pulse = Pulse.objects.get(milestone=milestone)
    assert taken_up.archived_at is None
    assert (pulse.needs_score, pulse.needs_check, pulse.needs_label) == (True, True, True)


def test_taken_up_again_blockers_go_on_ageing(milestone, by):
    open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
    archive(milestone.project_id, by=by, now=LATER)
    assert Pulse.objects.get(milestone=milestone).age_due_at is None

    unarchive(milestone.project_id, by=by, now=LATER)

    assert Pulse.objects.get(milestone=milestone).age_due_at == LATER


def test_each_is_done_once(milestone, by):
    with pytest.raises(Refused, match="not archived"):
        unarchive(milestone.project_id, by=by, now=LATER)
    archive(milestone.project_id, by=by, now=LATER)

    with pytest.raises(Refused, match="archived already"):
        archive(milestone.project_id, by=by, now=LATER)


def test_a_stale_page_archives_nothing(milestone, by):
    with pytest.raises(Stale):
        archive(milestone.project_id, by=by, now=LATER, expected=7)


def test_the_client_of_an_archived_project_is_warned_of_nothing(milestone, by):
    evaluate(milestone.pk, now=MONDAY)
    archive(milestone.project_id, by=by, now=LATER)

    evaluate(milestone.pk, now=MONDAY + timedelta(days=15))

    assert not Notice.objects.exists()


def test_an_archive_and_a_moved_date_wait_for_the_same_in_the_same_order(milestone, by):
    fields = {"code": "1.2", "name": "Alerting", "planned_start": date(2026, 3, 16)}
    fields |= {"planned_date": date(2026, 3, 18)}
    second = add_milestone(milestone.project, fields, by=by, now=MONDAY)
    add_dependency(second, milestone, by=by, now=MONDAY)

    with CaptureQueriesContext(connection) as moved:
        said = {"code": MoveReason.ESTIMATE, "reason": "The import needs more days."}
        move_forecast(milestone.pk, date(2026, 4, 1), **said, by=by, now=MONDAY)
    with CaptureQueriesContext(connection) as archived:
        archive(milestone.project_id, by=by, now=MONDAY)

    assert [locks_of(seen)[:2] for seen in (moved, archived)] == [["turn", "milestones by id"]] * 2


def locks_of(seen):
    """What each statement waits for, in order: the turn at the dates, all milestones, or one of them."""
    found = []
    for sql in (query["sql"] for query in seen):
        if "pg_advisory_xact_lock" in sql and "dates" in sql:
            found.append("turn")
        elif 'FROM "milestones_milestone"' in sql and "UPDATE" in sql:
            found.append("milestones by id" if "ORDER BY" in sql else "one")
    return found
