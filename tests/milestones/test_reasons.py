"""What of a milestone's reasons is worth telling."""

import pytest

from milestones.reasons import NOW, Reason, worth_telling


def test_red_ends_with_the_proof_that_is_late():
    assert max(NOW) == Reason.UNPROVEN
    assert min(set(Reason) - NOW) == Reason.PROOF_DUE


def test_reasons_are_told_heaviest_first():
    found = [Reason.ASKED, Reason.MISSED, Reason.SILENT]

    assert worth_telling(found) == [Reason.MISSED, Reason.SILENT, Reason.ASKED]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([Reason.CRITICAL, Reason.STOPPED], [Reason.CRITICAL]),
        ([Reason.STOPPED], [Reason.STOPPED]),
        ([Reason.RISKY], [Reason.RISKY]),
        ([Reason.RISKY, Reason.DUE], [Reason.DUE]),
    ],
)
def test_what_another_says_already_is_left_out(found, told):
    assert worth_telling(found) == told
