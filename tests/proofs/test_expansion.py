"""Stages of opportunities and the share that reached a conversation: pure rules."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from proofs.expansion import (
    ENDED,
    NEXT,
    OPEN,
    DeliveredProof,
    Rate,
    check_can_advance,
    conversation_rate,
    stage_before,
)
from proofs.words import OpportunityStage
from tenancy.refusal import Refused
from tests.factories import MONDAY

STAGES = list(OpportunityStage)
PAIRS = [(stage, to) for stage in STAGES for to in STAGES]
ALLOWED = {
    ("identified", "conversation"),
    ("identified", "lost"),
    ("conversation", "proposal"),
    ("conversation", "lost"),
    ("proposal", "won"),
    ("proposal", "lost"),
}


@pytest.mark.parametrize(("stage", "to"), PAIRS)
def test_each_pair_of_stages_is_a_step_or_refused(stage, to):
    if (stage, to) in ALLOWED:
        check_can_advance(stage, to)
        return
    with pytest.raises(Refused) as refused:
        check_can_advance(stage, to)
    assert refused.value.code == "not_possible"


def test_stages_are_open_or_ended():
    assert (*OPEN, *ENDED) == tuple(OpportunityStage)
    assert NEXT.keys() == set(OpportunityStage)


@pytest.mark.parametrize(
    ("stage", "spoke", "proposed", "before"),
    [
        ("conversation", True, False, "identified"),
        ("proposal", True, True, "conversation"),
        ("won", True, True, "proposal"),
        ("lost", True, True, "proposal"),
        ("lost", True, False, "conversation"),
        ("lost", False, False, "identified"),
    ],
)
def test_the_last_step_leads_back_to_where_it_was(stage, spoke, proposed, before):
    found = stage_before(
        OpportunityStage(stage),
        conversation_at=MONDAY if spoke else None,
        proposal_at=MONDAY if proposed else None,
    )

    assert found == before


def test_who_took_no_step_takes_none_back():
    with pytest.raises(Refused, match="first stage"):
        stage_before(OpportunityStage.IDENTIFIED, conversation_at=None, proposal_at=None)


@pytest.mark.parametrize(
    ("reached", "n", "percent"),
    [
        (0, 0, None),
        (0, 4, Decimal("0.0")),
        (1, 3, Decimal("33.3")),
        (1, 16, Decimal("6.3")),
        (4, 4, Decimal("100.0")),
    ],
)
def test_the_rate_is_a_share_of_delivered_packets(reached, n, percent):
    found = conversation_rate(
        [DeliveredProof(MONDAY, MONDAY if place < reached else None) for place in range(n)]
    )

    assert found == Rate(reached, n)
    assert found.percent == percent


@given(some.lists(some.booleans()))
def test_a_rate_stays_between_none_and_all(spoke):
    later = MONDAY + timedelta(days=1)
    rate = conversation_rate([DeliveredProof(MONDAY, later if each else None) for each in spoke])

    assert 0 <= rate.reached <= rate.n == len(spoke)
    assert (rate.percent is None) == (not spoke)
