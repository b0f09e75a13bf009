"""Archiving a project: nothing is asked, nothing is due, everything is kept."""

from datetime import timedelta

import pytest

from journal.models import Event
from milestones.actions.engagements import archive, unarchive
from milestones.actions.labels import evaluate
from milestones.actions.requests import send
from milestones.models import DecisionRequest, Notice, Pulse
from milestones.queries import pages
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import asked, drafted

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
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


def test_taken_up_again_everything_is_looked_at_anew(milestone, by):
    archive(milestone.project_id, by=by, now=LATER)

    taken_up = unarchive(milestone.project_id, by=by, now=LATER + timedelta(hours=1))

    pulse = Pulse.objects.get(milestone=milestone)
    assert taken_up.archived_at is None
    assert (pulse.needs_score, pulse.needs_check, pulse.needs_label) == (True, True, True)


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
