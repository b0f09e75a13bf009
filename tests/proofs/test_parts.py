"""What a packet misses, item by item."""

import pytest

from proofs.parts import Assembled, Delivered, missing
from proofs.words import Found

WHOLE = {
    "is_accepted": True,
    "has_decision": True,
    "recap": "The dashboard replaces the weekly report.",
    "pairs": 1,
    "not_measurable": "",
    "artifacts": [Delivered("Dashboard", Found.OK)],
    "as_found": [],
    "risks": "none",
    "recommendation": "Add alerts.",
}


def codes(**changes):
    return [item.code for item in missing(Assembled(**{**WHOLE, **changes}))]


def test_a_whole_packet_misses_nothing():
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_accepted": False, "has_decision": False}, "accepted"),
        ({"has_decision": False}, "decision_on_record"),
        ({"recap": " \n"}, "recap"),
        ({"pairs": 0}, "metrics"),
        ({"pairs": 0, "not_measurable": "  "}, "metrics"),
        ({"artifacts": []}, "artifacts"),
        ({"risks": ""}, "risks"),
        ({"recommendation": ""}, "recommendation"),
        ({"is_revoked": True}, "link"),
        *(
            ({"artifacts": [Delivered("Dashboard", found)]}, "artifacts_found")
            for found in ("", Found.CHANGED, Found.UNREACHABLE, Found.MISSING)
        ),
    ],
)
def test_each_thing_is_asked_for_alone(changes, code):
    assert codes(**changes) == [code]


@pytest.mark.parametrize("found", [Found.OK, Found.REFUSED])
def test_what_nobody_could_look_at_keeps_nothing_back(found):
    assert codes(artifacts=[Delivered("Dashboard", found)]) == []


def test_what_cannot_be_measured_is_said_instead_of_a_metric():
    assert codes(pairs=0, not_measurable="The team is new; there is no before.") == []


@pytest.mark.parametrize(
    ("found", "version_id", "keeps_back"),
    [
        (Found.UNREACHABLE, "one", []),
        (Found.CHANGED, "one", ["artifacts_found"]),
        ("", "one", ["artifacts_found"]),
        (Found.UNREACHABLE, "two", ["artifacts_found"]),
    ],
)
def test_an_artifact_may_go_out_as_it_was_found_when_that_was_agreed_to(found, version_id, keeps_back):
    agreed = [Delivered("Dashboard", Found.UNREACHABLE, "one").shown]

    assert codes(artifacts=[Delivered("Dashboard", found, version_id)], as_found=agreed) == keeps_back


def test_what_nobody_looked_at_is_waited_for():
    [item] = missing(Assembled(**{**WHOLE, "artifacts": [Delivered("Dashboard", "")]}))

    assert item.message == (
        "“Dashboard” has not been looked at yet. Wait a minute for the look, or publish with what was found."
    )


def test_everything_that_is_missing_is_said_at_once():
    nothing = {"pairs": 0, "artifacts": [], "recap": "", "risks": "", "recommendation": ""}

    assert codes(is_accepted=False, **nothing) == [
        *("accepted", "recap", "metrics", "artifacts", "risks", "recommendation")
    ]


def test_each_unsound_artifact_is_named():
    artifacts = [
        Delivered("Dashboard", Found.CHANGED),
        Delivered("Report", Found.OK),
        Delivered("Model", Found.MISSING),
    ]

    [item] = missing(Assembled(**{**WHOLE, "artifacts": artifacts}))

    assert item.message == (
        "“Dashboard” was changed since it was added; “Model” is missing or damaged. "
        "Mend it, or publish with what was found."
    )
