"""Cutting a milestone in two: nothing lost, everything told."""

from datetime import timedelta
from decimal import Decimal

import pytest

from journal.models import Event
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.actions.splitting import preview, split
from milestones.models import Criterion, Dependency, Milestone, Pulse
from milestones.split import Cut, Side, SplitReason
from milestones.words import Stage
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)


def cut(milestone, **changes):
    usual = {
        "reason": SplitReason.BILLING,
        "first_output": "The dashboard is live.",
        "second_name": "Speed",
        "second_output": "The dashboard loads in two seconds.",
        "criteria": frozenset({milestone.criteria.get(position=2).pk}),
        "weight": Decimal("0.40"),
        "invoice_to": Side.BOTH,
        "next_stage_to": Side.SECOND,
    }
    return Cut(**{**usual, **changes})


def test_both_halves_hold_what_the_whole_held(studio, by):
    milestone = factories.milestone_in_execution(by)
    criteria = set(milestone.criteria.values_list("pk", flat=True))

    made = split(milestone.pk, cut(milestone), by=by, now=LATER)

    first, second = Milestone.objects.get(pk=milestone.pk), Milestone.objects.get(code="1.1b")
    assert (first.code, first.stage, second.stage) == ("1.1a", Stage.EXECUTION, Stage.SETUP)
    assert (first.weight, second.weight) == (Decimal("0.60"), Decimal("0.40"))
    assert set(Criterion.objects.values_list("pk", flat=True)) == criteria
    assert list(second.criteria.values_list("pk", flat=True)) == list(cut_of(made))
    assert (first.invoice_trigger, second.invoice_trigger) == ("First instalment", "First instalment")
    assert (first.next_stage_trigger, second.next_stage_trigger) == (
        "none",
        "Kick off the alerting milestone",
    )
    assert (second.split_from_id, second.planned_date) == (first.pk, first.planned_date)
    assert Pulse.objects.filter(milestone=second).exists()
    assert made.flags == []


def cut_of(made):
    return made.second.criteria.values_list("pk", flat=True)


def test_the_second_half_waits_as_the_first_and_dependents_wait_for_both(studio, by):
    milestone = factories.milestone_in_execution(by)
    project = milestone.project
    before = add_milestone(project, {"code": "0.9", "name": "Before"}, by=by, now=MONDAY)
    after = add_milestone(project, {"code": "2.1", "name": "After"}, by=by, now=MONDAY)
    add_dependency(milestone, before, lag_days=1, by=by, now=MONDAY)
    add_dependency(after, milestone, lag_days=2, by=by, now=MONDAY)

    second = split(milestone.pk, cut(milestone), by=by, now=LATER).second

    rows = Dependency.objects.values_list("milestone_id", "needs_id", "lag_days")
    assert set(rows) == {
        (milestone.pk, before.pk, 1),
        (second.pk, before.pk, 1),
        (after.pk, milestone.pk, 2),
        (after.pk, second.pk, 2),
    }


def test_both_stories_tell_of_the_split(studio, by):
    milestone = factories.milestone_in_execution(by)

    second = split(milestone.pk, cut(milestone), by=by, now=LATER).second

    assert Event.objects.filter(kind="milestone.split", thread_id=milestone.pk).count() == 1
    assert str(milestone.pk) in Event.objects.get(kind="milestone.created", thread_id=second.pk).body


def test_a_half_that_takes_more_than_a_sentence_is_flagged(studio, by):
    milestone = factories.milestone_in_execution(by)

    made = split(milestone.pk, cut(milestone, second_output="Work on speed"), by=by, now=LATER)

    assert [flag.code for flag in made.flags] == ["second_output"]


def test_what_the_client_is_asked_about_was_the_whole(studio, by):
    milestone = factories.milestone_in_review(by)

    split(milestone.pk, cut(milestone), by=by, now=LATER)

    milestone = Milestone.objects.get(pk=milestone.pk)
    assert (milestone.stage, milestone.resets) == (Stage.EXECUTION, 1)


def test_a_preview_saves_nothing(studio, by):
    milestone = factories.milestone_in_execution(by)

    first, second = preview(milestone, cut(milestone))

    assert (first.code, second.code) == ("1.1a", "1.1b")
    assert Milestone.objects.count() == 1


def test_what_was_accepted_is_not_cut(studio, by):
    milestone = factories.milestone_in_closeout(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        split(milestone.pk, cut(milestone), by=by, now=LATER)

    assert refusal.value.code == "not_in_work"


def test_whoever_splits_second_is_told(studio, by):
    milestone = factories.milestone_in_execution(by)

    with pytest.raises(Stale), inside(studio):
        split(milestone.pk, cut(milestone), by=by, now=LATER, expected=milestone.version - 1)


def test_clarity_is_kept_with_both_halves(studio, by):
    milestone = factories.milestone_in_execution(by)

    second = split(milestone.pk, cut(milestone), by=by, now=LATER).second

    scores = Milestone.objects.in_bulk()
    assert scores[milestone.pk].clarity_score == 85
    assert scores[second.pk].clarity_score == 100
