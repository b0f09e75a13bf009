"""Work items by API: made in any state, moved on."""

import pytest

from milestones.words import WorkState


@pytest.mark.parametrize("state", WorkState.values)
def test_an_item_is_made_in_the_state_it_is_in(caller, in_execution, state):
    made = caller.post(f"milestones/{in_execution.pk}/work-items", {"title": "Pipeline", "state": state})

    assert (made.status_code, made.json()["state"]) == (201, state)
    assert (made.json()["done_at"] is not None) == (state == "done")
