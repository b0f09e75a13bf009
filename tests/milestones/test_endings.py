"""How milestones end: by a decision, with all four, or without acceptance."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from journal.models import Event
from milestones.actions import decisions
from milestones.actions.endings import accept, close, link_packets
from milestones.actions.milestone import add_milestone
from milestones.actions.recourse import choose
from milestones.models import DecisionRequest, Milestone, Notice, Recourse, Review
from milestones.words import NoticeKind, Outcome, RequestKind, RequestState, Stage, Way
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import complete

LATER = MONDAY + timedelta(hours=1)
SAID = {
    "reason": "The warehouse feed will not exist.",
    "open_dependencies": "Feed of the warehouse",
    "next_move_owner": "Carla",
}
PACKETS = {
    "proof_packet_url": "https://proof.example/1",
    "handoff_packet_link": "https://handoff.example/1",
}


def stored(milestone):
    return Milestone.objects.get(pk=milestone.pk)


def test_the_approvers_decision_accepts_and_is_celebrated(studio, by):
    milestone = factories.milestone_in_review(by)

    factories.answer(milestone, now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.accepted_at, milestone.decide_by) == (Stage.CLOSEOUT, LATER, None)
    assert Event.objects.filter(kind="milestone.accepted", thread_id=milestone.pk).count() == 1
    assert Notice.objects.filter(kind=NoticeKind.COMPLETION, milestone=milestone).count() == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [({"option": "needs_revisions"}, "decision"), ({"kind": RequestKind.CHANGE}, "decision")],
)
def test_no_other_decision_accepts(studio, by, given, code):
    milestone = factories.milestone_in_review(by)
    decision = factories.decision(milestone, **{"kind": RequestKind.REVIEW, "option": "approved", **given})

    with pytest.raises(Refused) as refusal:
        accept(milestone, decision, by=by, now=LATER)

    assert refusal.value.unmet[0].code == code


def test_a_decision_on_no_round_of_this_milestone_accepts_nothing(studio, by):
    milestone = factories.milestone_in_review(by)
    decision = factories.decision(milestone, kind=RequestKind.REVIEW, option="approved")

    with pytest.raises(Refused) as refusal:
        accept(milestone, decision, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["accepting_round"]


def test_nothing_is_accepted_twice_or_early(studio, by):
    milestone = factories.milestone_in_execution(by)
    decision = factories.decision(milestone, kind=RequestKind.REVIEW, option="approved")

    with pytest.raises(Refused) as refusal:
        accept(milestone, decision, by=by, now=LATER)

    assert refusal.value.code == "no_such_step"


def test_a_countermanded_decision_reopens_the_review(studio, by):
    milestone = factories.milestone_in_review(by)
    mistaken = factories.answer(milestone, now=LATER)

    decisions.countermand(mistaken.pk, reason="Recorded for the wrong milestone.", by=by, now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.accepted_at) == (Stage.REVIEW, None)
    assert milestone.completed_at is not None
    assert Event.objects.filter(kind="milestone.reopened", thread_id=milestone.pk).count() == 1


def test_an_accepted_milestone_closes_with_all_four(studio, by):
    milestone = factories.milestone_in_closeout(by)
    complete(milestone, by, now=LATER)

    said = {"open_dependencies": "none", "next_move_owner": "Ada"}
    close(milestone.pk, Outcome.APPROVED, **said, by=by, now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.outcome, milestone.closed_at) == (
        Stage.CLOSED,
        Outcome.APPROVED,
        LATER,
    )
    assert (milestone.open_dependencies, milestone.next_move_owner) == ("none", "Ada")
    assert Event.objects.filter(kind="milestone.closed", thread_id=milestone.pk).count() == 1


def test_an_accepted_milestone_without_packets_stays_open(studio, by):
    milestone = factories.milestone_in_closeout(by)
    Milestone.objects.filter(pk=milestone.pk).update(review_owner=None)

    with pytest.raises(Refused) as refusal, inside(studio):
        close(milestone.pk, Outcome.APPROVED, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == [
        "proof_packet_url",
        "handoff_packet_link",
        "review_owner",
        "open_dependencies",
        "next_move_owner",
    ]


@pytest.mark.parametrize(
    "missing", ["proof_packet_url", "handoff_packet_link", "review_owner_id", "approver_id"]
)
def test_the_database_itself_refuses_an_approved_close_without_all_four(studio, by, missing):
    milestone = factories.milestone_in_closeout(by)
    complete(milestone, by, now=LATER)
    nothing = "NULL" if missing.endswith("_id") else "''"

    with (
        pytest.raises(IntegrityError, match="milestone_closed_as_approved_holds_all_four"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE milestones_milestone SET stage = 'closed', outcome = 'approved', closed_at = now(), "
            f"{missing} = {nothing} WHERE id = %s",
            [milestone.pk],
        )


def test_the_database_itself_refuses_an_end_that_says_nothing_of_what_is_open(studio, by):
    milestone = factories.milestone_in_execution(by)
    ended = {"stage": Stage.CLOSED, "outcome": Outcome.SCOPE, "closed_at": LATER, "next_move_owner": "Ada"}

    with (
        pytest.raises(IntegrityError, match="milestone_closed_says_what_is_open_and_who_moves_next"),
        transaction.atomic(),
    ):
        Milestone.objects.filter(pk=milestone.pk).update(**ended)


@pytest.mark.parametrize(
    "make", [factories.milestone_in_execution, factories.milestone_cleared, factories.milestone_in_review]
)
@pytest.mark.parametrize("outcome", [Outcome.BLOCKED, Outcome.SCOPE])
def test_a_milestone_may_end_without_acceptance(studio, by, make, outcome):
    milestone = make(by)

    close(milestone.pk, outcome, **SAID, by=by, now=LATER)

    milestone = stored(milestone)
    assert (milestone.stage, milestone.outcome, milestone.accepted_at) == (Stage.CLOSED, outcome, None)
    assert (milestone.outcome_reason, milestone.open_dependencies) == (
        SAID["reason"],
        SAID["open_dependencies"],
    )
    assert not Review.objects.filter(ended_at=None).exists()
    assert not DecisionRequest.objects.filter(state__in=[RequestState.DRAFT, RequestState.PENDING]).exists()
    assert Notice.objects.get(kind=NoticeKind.OUTCOME).milestone_id == milestone.pk


def test_the_lighter_gate_asks_for_words(studio, by):
    milestone = factories.milestone_in_execution(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        close(milestone.pk, Outcome.SCOPE, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["reason", "open_dependencies", "next_move_owner"]


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.NEEDS_REVISIONS])
def test_no_milestone_ends_with_an_outcome_of_another_stage(studio, by, outcome):
    milestone = factories.milestone_in_review(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        close(milestone.pk, outcome, **SAID, by=by, now=LATER)

    assert refusal.value.code == "no_such_step"


def test_closing_ends_a_pause(studio, by):
    milestone = factories.milestone_in_execution(by)
    until = MONDAY.date() + timedelta(days=7)
    choose(milestone.pk, Way.PAUSE, reason="No access.", until=until, by=by, now=MONDAY)

    close(milestone.pk, Outcome.BLOCKED, **SAID, by=by, now=LATER)

    assert stored(milestone).paused_at is None
    assert Recourse.objects.get().ended_at == LATER


def test_closed_is_for_good(studio, by):
    milestone = factories.milestone_in_execution(by)
    close(milestone.pk, Outcome.BLOCKED, **SAID, by=by, now=LATER)

    with pytest.raises(Refused) as refusal, inside(studio):
        close(milestone.pk, Outcome.SCOPE, **SAID, by=by, now=LATER)

    assert refusal.value.code == "no_such_step"


def closed_as_approved(by, **changes):
    milestone = factories.milestone_in_closeout(by)
    Milestone.objects.filter(pk=milestone.pk).update(**changes)
    complete(milestone, by, now=LATER)
    return close(milestone.pk, Outcome.APPROVED, **SAID, by=by, now=LATER)


def reached(milestone):
    rows = Event.objects.filter(thread_id=milestone.pk, kind__endswith="_trigger_reached").order_by("seq")
    return [(event.kind, json.loads(event.body)["data"]["trigger"], event.cause_id) for event in rows]


def test_an_approved_close_reaches_the_triggers_that_are_stated(studio, by):
    milestone = closed_as_approved(by)

    cause = Event.objects.get(kind="milestone.closed").pk
    assert reached(milestone) == [
        ("milestone.invoice_trigger_reached", "First instalment", cause),
        ("milestone.next_stage_trigger_reached", "Kick off the alerting milestone", cause),
    ]


@pytest.mark.parametrize("words", ["", "none", "None.", " none "])
def test_a_trigger_that_says_none_is_not_reached(studio, by, words):
    milestone = closed_as_approved(by, invoice_trigger=words)

    assert [kind for kind, *_ in reached(milestone)] == ["milestone.next_stage_trigger_reached"]


def test_an_end_without_acceptance_reaches_no_trigger(studio, by):
    milestone = factories.milestone_in_execution(by)

    close(milestone.pk, Outcome.SCOPE, **SAID, by=by, now=LATER)

    assert reached(milestone) == []


def test_the_next_stage_trigger_names_the_milestone_to_start(studio, by):
    milestone = factories.milestone_in_closeout(by)
    later = add_milestone(milestone.project, {"code": "1.2", "name": "Alerting"}, by=by, now=MONDAY)
    complete(milestone, by, now=LATER)

    close(milestone.pk, Outcome.APPROVED, **SAID, by=by, now=LATER)

    event = Event.objects.get(kind="milestone.next_stage_trigger_reached")
    assert json.loads(event.body)["data"]["next_milestone_id"] == str(later.pk)


def test_the_journal_holds_no_link_that_opens_a_packet(studio, by):
    milestone = factories.milestone_in_closeout(by)

    link_packets(milestone.pk, **PACKETS, by=by, now=LATER)

    data = json.loads(Event.objects.get(kind="milestone.packets_linked").body)["data"]
    assert data == {"linked": {"proof_packet_url": True, "handoff_packet_link": True}}
