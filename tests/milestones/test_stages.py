import itertools

import pytest

from milestones.stages import NEXT, check_can_move
from milestones.words import Stage
from tenancy.refusal import Refused

PAIRS = list(itertools.product(Stage, Stage))
ALLOWED = {(Stage.SETUP, Stage.EXECUTION)}


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
