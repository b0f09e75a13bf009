"""What the database itself asks of a close as approved, whatever the code above it does or forgets."""

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from milestones.actions import decisions
from milestones.actions.endings import close, link_packets
from milestones.models import Decision, Milestone
from milestones.words import Outcome, Stage
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.publishing import complete, hand_over, publish

LATER = MONDAY + timedelta(hours=1)
LINKS = {"proof_packet_url": "{link:proof}", "handoff_packet_link": "{link:handoff}"}
CLOSED = (
    "UPDATE milestones_milestone SET stage = 'closed', outcome = 'approved', closed_at = now(), "
    "open_dependencies = 'none', next_move_owner = 'Ada'"
)


def closed_by_hand(milestone, *said):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{', '.join([CLOSED, *said])} WHERE id = %s", [milestone.pk])


def linked(milestone, by):
    """With links that say there are packets."""
    link_packets(milestone.pk, **LINKS, by=by, now=LATER)


@scene
def accepted(studio, by):
    return factories.milestone_in_closeout(by)


def test_with_both_packets_published_it_is_closed(accepted, by):
    complete(accepted, by)

    closed_by_hand(accepted)

    assert Milestone.objects.get(pk=accepted.pk).stage == Stage.CLOSED


@pytest.mark.parametrize(
    ("made", "missing"),
    [
        ((), "closed_as_approved_has_its_proof"),
        ((hand_over,), "closed_as_approved_has_its_proof"),
        ((publish,), "closed_as_approved_has_its_handoff"),
    ],
)
def test_links_alone_close_nothing(accepted, by, made, missing):
    for make in made:
        make(accepted, by)
    linked(accepted, by)

    with pytest.raises(IntegrityError) as refusal:
        closed_by_hand(accepted)

    assert isinstance(refusal.value.__cause__, psycopg.Error)
    assert refusal.value.__cause__.diag.constraint_name == missing


@pytest.mark.parametrize("name", ["review_owner_id", "approver_id"])
def test_without_either_name_it_is_not_closed(accepted, by, name):
    complete(accepted, by)

    with pytest.raises(IntegrityError, match="milestone_closed_as_approved_holds_all_four"):
        closed_by_hand(accepted, f"{name} = NULL")


def test_an_action_past_its_gate_meets_the_same_refusal(accepted, by):
    linked(accepted, by)

    said = {"open_dependencies": "none", "next_move_owner": "Ada"}
    with pytest.raises(IntegrityError, match="published proof of its acceptance"), transaction.atomic():
        close(accepted.pk, Outcome.APPROVED, **said, by=by, now=LATER)


def test_packets_of_an_acceptance_that_was_taken_back_close_nothing(accepted, by):
    complete(accepted, by)
    taken = Decision.objects.get()
    decisions.countermand(taken.pk, reason="Recorded for the wrong milestone.", by=by, now=LATER)
    again = {"stage": Stage.CLOSEOUT, "accepted_at": LATER}
    Milestone.objects.filter(pk=accepted.pk).update(**again, **LINKS)

    with pytest.raises(IntegrityError, match="published proof of its acceptance"):
        closed_by_hand(accepted)


def test_what_is_closed_keeps_the_acceptance_that_its_packets_prove(accepted, by):
    complete(accepted, by)
    closed_by_hand(accepted)

    with pytest.raises(IntegrityError, match="published proof of its acceptance"), transaction.atomic():
        Milestone.objects.filter(pk=accepted.pk).update(accepted_at=LATER)
