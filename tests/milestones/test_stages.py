"""The way through the stages, over all pairs of them."""

import itertools
from pathlib import Path

import pytest

from milestones.stages import (
    COUNTERMANDED,
    ENDINGS,
    NEXT,
    OWN_DOOR,
    check_can_close,
    check_can_move,
    check_can_reopen,
    check_can_step,
    diagram,
    onward,
)
from milestones.words import Outcome, Stage
from tenancy.refusal import Refused

SETUP, EXECUTION, QA, REVIEW, CLOSEOUT, CLOSED = Stage
PAIRS = list(itertools.product(Stage, Stage))
ALLOWED = {
    (SETUP, EXECUTION),
    (EXECUTION, QA),
    (QA, REVIEW),
    (REVIEW, CLOSEOUT),
    (CLOSEOUT, CLOSED),
    (QA, EXECUTION),
    (REVIEW, EXECUTION),
    (EXECUTION, CLOSED),
    (QA, CLOSED),
    (REVIEW, CLOSED),
}
WITHOUT = {Outcome.BLOCKED, Outcome.SCOPE}


def test_every_stage_says_what_may_follow():
    assert set(NEXT) == set(Stage)


@pytest.mark.parametrize(("now_in", "to"), [pair for pair in PAIRS if pair in ALLOWED])
def test_an_allowed_step_passes(now_in, to):
    check_can_move(now_in, to)

    assert to in NEXT[now_in]


@pytest.mark.parametrize(("now_in", "to"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_any_other_step_is_refused_in_words(now_in, to):
    with pytest.raises(Refused, match=f"in {now_in.label.lower()} cannot go to {to.label.lower()}"):
        check_can_move(now_in, to)


@pytest.mark.parametrize(("now_in", "to"), sorted(ALLOWED))
def test_only_a_decision_or_a_closing_takes_the_last_two_steps(now_in, to):
    if to not in (CLOSEOUT, CLOSED):
        check_can_step(now_in, to)
        return

    with pytest.raises(Refused) as refusal:
        check_can_step(now_in, to)

    assert (refusal.value.code, str(refusal.value)) == ("own_door", OWN_DOOR[to])


@pytest.mark.parametrize("now_in", Stage)
def test_only_closeout_is_reopened_and_only_to_review(now_in):
    if now_in == CLOSEOUT:
        check_can_reopen(now_in)
        assert COUNTERMANDED == {CLOSEOUT: REVIEW}
        return

    with pytest.raises(Refused, match="no acceptance that could be taken back"):
        check_can_reopen(now_in)


@pytest.mark.parametrize(("now_in", "outcome"), list(itertools.product(Stage, Outcome)))
def test_each_stage_ends_with_its_own_outcomes(now_in, outcome):
    fitting = {EXECUTION: WITHOUT, QA: WITHOUT, REVIEW: WITHOUT, CLOSEOUT: {Outcome.APPROVED}}
    if outcome in fitting.get(now_in, ()):
        check_can_close(now_in, outcome)
        assert outcome in ENDINGS[now_in]
        return

    with pytest.raises(Refused):
        check_can_close(now_in, outcome)


def test_closed_is_final():
    assert NEXT[CLOSED] == set()
    assert onward(CLOSED) is None


def test_the_way_leads_through_all_stages():
    assert [onward(stage) for stage in Stage] == [EXECUTION, QA, REVIEW, CLOSEOUT, CLOSED, None]


def test_the_diagram_in_the_documentation_is_the_table():
    page = Path(__file__).parents[2] / "docs" / "stages.md"

    assert f"```mermaid\n{diagram()}\n```" in page.read_text()
