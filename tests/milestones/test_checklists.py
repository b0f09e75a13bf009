"""Checklists of a project: filled, refused, sent back; and what the record itself says."""

from datetime import timedelta

import pytest

from journal.models import Event
from milestones.actions.checklists import fill
from milestones.models import Checklist, Contact
from milestones.queries.checklists import checklists_of, findings, latest
from milestones.words import ChecklistKind
from milestones.worksheets import SHEETS, Answer, state
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene

LATER = MONDAY + timedelta(hours=1)
READY, REVIEW = ChecklistKind.START_READINESS, ChecklistKind.EVIDENCE_REVIEW


@scene
def milestone(studio, by):
    return factories.milestone_in_execution(by)


@scene
def project(milestone):
    return milestone.project


def all_yes(kind):
    return [Answer(item.code, ok=True) for item in SHEETS[kind].items]


@pytest.mark.parametrize("kind", sorted(set(ChecklistKind) - {REVIEW}))
def test_a_checklist_is_filled_once_for_a_project_and_kept_up_to_date(project, by, kind):
    fill(project, kind, all_yes(kind)[:1], by=by, now=MONDAY)

    fill(project, kind, all_yes(kind), by=by, now=LATER)

    checklist = Checklist.objects.get()
    assert (checklist.kind, checklist.filled_at, checklist.by_name) == (kind, LATER, "Ada Agency")
    assert (checklist.version, state(checklist.answers)) == (2, "complete")
    assert Event.objects.filter(kind="checklist.filled", thread_id=project.pk).count() == 2


def test_an_evidence_review_belongs_to_its_day(project, by):
    answers = [Answer("escalation_routing", ok=True)]
    first = fill(project, REVIEW, answers, by=by, now=MONDAY)
    second = fill(project, REVIEW, answers, by=by, now=MONDAY + timedelta(days=1))

    assert [first.due_on, second.due_on] == [MONDAY.date(), MONDAY.date() + timedelta(days=1)]
    assert list(checklists_of(project.pk)) == [second, first]
    assert latest(project.pk, REVIEW) == second


def test_what_is_missing_is_sent_back_to_somebody(project, by):
    missing = [Answer("scope", ok=False, note="Only a draft.")]

    with pytest.raises(Refused) as refused:
        fill(project, READY, missing, by=by, now=MONDAY)
    sent = fill(project, READY, missing, sent_back="To sales: the signed scope.", by=by, now=MONDAY)

    assert list(refused.value.fields) == ["sent_back"]
    assert (sent.sent_back, state(sent.answers)) == ("To sales: the signed scope.", "1 of 6 missing")


@pytest.mark.parametrize(
    "answers",
    [
        [Answer("weather", ok=True)],
        [Answer("scope", ok=True), Answer("scope", ok=False)],
        [Answer("scope", ok=True, note="two\nlines")],
        [Answer("scope", ok=True, note="n" * 301)],
        [Answer("scope", ok=None)],
        [],
    ],
)
def test_answers_that_do_not_fit_the_sheet_are_refused(project, by, answers):
    with pytest.raises(Refused) as refused:
        fill(project, READY, answers, by=by, now=MONDAY)

    assert refused.value.fields
    assert not Checklist.objects.exists()


def test_what_contradicts_the_record_needs_a_word(project, by):
    Contact.objects.update(authorities=[])
    answer = Answer("escalation_routing", ok=True)

    with pytest.raises(Refused) as refused:
        fill(project, REVIEW, [answer], by=by, now=MONDAY)
    explained = Answer("escalation_routing", ok=True, note="Their assistant routes everything.")
    fill(project, REVIEW, [explained], by=by, now=MONDAY)

    assert list(refused.value.fields) == ["escalation_routing"]


def test_a_stale_page_overwrites_nothing(project, by):
    fill(project, READY, all_yes(READY), by=by, now=MONDAY)

    with pytest.raises(Stale):
        fill(project, READY, all_yes(READY), by=by, now=LATER, expected=0)


def test_the_record_is_read_for_each_check_of_an_evidence_review(project, by):
    found = findings(project, REVIEW, now=MONDAY + timedelta(days=7))

    assert {code: finding.ok for code, finding in found.items()} == {
        "acceptance_criteria": True,
        "escalation_routing": True,
        "qa_cadence": False,
        "handoff_completeness": True,
    }
    assert found["qa_cadence"].fact == (
        "0 of 1 milestones at work for a week had a QA run in the last 7 days; not 1.1."
    )


def test_a_run_in_the_last_seven_days_keeps_the_cadence(project, milestone, by):
    factories.checklist_run(milestone, now=MONDAY)

    exactly = findings(project, REVIEW, now=MONDAY + timedelta(days=7))
    after = findings(project, REVIEW, now=MONDAY + timedelta(days=7, seconds=1))

    assert (exactly["qa_cadence"].ok, after["qa_cadence"].ok) == (True, False)
