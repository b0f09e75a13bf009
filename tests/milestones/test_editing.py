"""What of a record may still change: all of it in setup, less and less on the way to its close."""

from datetime import timedelta
from decimal import Decimal

import pytest

from milestones.actions.milestone import add_criterion, change_criterion, change_milestone
from milestones.models import Contact, Criterion, Milestone
from milestones.words import ApprovalChannel, Outcome, Stage
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)


def closed(milestone):
    """As it stands once it is over, without the packets that a full close asks for."""
    Milestone.objects.filter(pk=milestone.pk).update(
        stage=Stage.CLOSED,
        outcome=Outcome.SCOPE,
        closed_at=MONDAY,
        open_dependencies="none",
        next_move_owner="Dan",
    )
    return Milestone.objects.get(pk=milestone.pk)


@pytest.fixture
def accepted(studio, by):
    return factories.milestone_in_closeout(by)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Another"},
        {"output": "Something else is live."},
        {"weight": Decimal("2.00")},
        {"quality_threshold": 10},
        {"approval_channel": ApprovalChannel.MEETING},
        {"owner_client_id": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_was_accepted_stays(accepted, by, changes):
    with pytest.raises(Refused) as refused:
        change_milestone(accepted.pk, changes, by=by, now=LATER)

    assert list(refused.value.fields) == [name.removesuffix("_id") for name in changes]
    assert "closeout stays as it was accepted" in next(iter(refused.value.fields.values()))[0]


def test_after_acceptance_nobody_else_becomes_the_approver(accepted, by):
    other = Contact.objects.filter(account=accepted.project.account).exclude(pk=accepted.approver_id)[0]

    with pytest.raises(Refused) as refused:
        change_milestone(accepted.pk, {"approver_id": other.pk}, by=by, now=LATER)

    assert list(refused.value.fields) == ["approver"]


def test_what_comes_next_is_still_open_in_closeout(accepted, by):
    changes = {"next_move_owner": "Ada", "next_stage_trigger": "Alerting begins", "notes": "Well done"}

    changed = change_milestone(accepted.pk, {**changes, "name": accepted.name}, by=by, now=LATER)

    assert {name: getattr(changed, name) for name in changes} == changes


def test_of_a_closed_record_only_the_notes_are_open(accepted, by):
    milestone = closed(accepted)

    changed = change_milestone(milestone.pk, {"notes": "Ask again in May"}, by=by, now=LATER)
    with pytest.raises(Refused) as refused:
        change_milestone(milestone.pk, {"next_move_owner": "Ada"}, by=by, now=LATER)

    assert changed.notes == "Ask again in May"
    assert list(refused.value.fields) == ["next_move_owner"]


def test_criteria_and_their_evidence_stay_as_accepted(accepted, by):
    criterion = Criterion.objects.get(position=1)

    with pytest.raises(Refused, match="keeps its criteria"):
        add_criterion(accepted.pk, {"statement": "It is documented"}, by=by, now=LATER)
    with pytest.raises(Refused) as refused:
        change_criterion(criterion.pk, {"evidence": "Another one"}, by=by, now=LATER)

    assert list(refused.value.fields) == ["evidence"]


def test_while_the_client_is_asked_the_wording_stays_but_evidence_may_come(studio, by):
    factories.milestone_in_review(by)
    criterion = Criterion.objects.get(position=1)

    with pytest.raises(Refused) as refused:
        change_criterion(criterion.pk, {"statement": "It is fast"}, by=by, now=LATER)
    kept = change_criterion(criterion.pk, {"evidence": "Seen in the demo"}, by=by, now=LATER)

    assert list(refused.value.fields) == ["statement"]
    assert kept.evidence == "Seen in the demo"


def test_the_approver_stays_while_the_question_waits(studio, by):
    milestone = factories.milestone_in_review(by)
    other = Contact.objects.filter(account=milestone.project.account).exclude(pk=milestone.approver_id)[0]

    with pytest.raises(Refused, match="Withdraw the question first") as refused:
        change_milestone(milestone.pk, {"approver_id": other.pk}, by=by, now=LATER)

    assert refused.value.code == "request_pending"
    assert list(refused.value.fields) == ["approver"]
