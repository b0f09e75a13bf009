"""The on-time probability by API: how good it was, and a milestone's days with their explanation."""

from datetime import timedelta

from milestones.models import Milestone
from tenancy.door import inside
from tenancy.ids import uuid7
from tests import factories
from tests.factories import MONDAY
from tests.telemetry.outlooks import point

DAY = timedelta(days=1)
TODAY = MONDAY.date()


def test_without_anything_that_came_out_there_are_no_figures(caller):
    told = caller.get("calibration").json()

    nothing = dict.fromkeys(("brier", "reference", "skill", "said_percent", "on_time_percent"))
    counts = {"milestones": 0, "promises": 0, "days": 0, "is_enough": False}
    assert {name: told[name] for name in {**nothing, **counts}} == {**nothing, **counts}
    assert (told["by_basis"], told["by_days_ahead"], len(told["reliability"])) == ([], [], 10)


def test_what_was_said_is_held_against_what_came(caller, studio, by):
    with inside(studio):
        for number, percent in enumerate((90, 60)):
            made = factories.milestone_in_review(
                by, now=MONDAY + 2 * DAY, project_name=f"P{number}", account_name=f"A{number}"
            )
            point(made, TODAY, percent)
        Milestone.objects.filter(pk=made.pk).update(completed_at=MONDAY + 20 * DAY)

    told = caller.get("calibration").json()

    figures = ("milestones", "brier", "reference", "skill", "said_percent", "on_time_percent")
    assert [round(told[name], 4) for name in figures] == [2, 0.185, 0.25, 0.26, 75, 50]
    assert told["by_basis"] == [
        {"basis": "own", **{name: told[name] for name in told if name in told["by_basis"][0]}}
    ]
    assert [each["ahead"] for each in told["by_days_ahead"]] == ["8 to 14 days"]
    assert [(each["low"], each["promises"]) for each in told["reliability"] if each["promises"]] == [
        (60, 1),
        (90, 1),
    ]


def test_a_milestones_days_are_listed_with_their_explanation(caller, studio, by):
    with inside(studio):
        made = factories.milestone_in_execution(by)
        for ahead, percent in enumerate((80, 45)):
            point(made, TODAY + ahead * DAY, percent)

    rows = caller.get(f"milestones/{made.pk}/probabilities").json()["results"]

    assert [(row["day"], row["percent"], row["basis"]) for row in rows] == [
        ("2026-03-03", 45, "own"),
        ("2026-03-02", 80, "own"),
    ]
    assert rows[0]["planned_date"] == "2026-03-13"
    assert rows[0]["inputs"]["left"] == 8
    assert rows[0]["explanation"][0] == {
        "code": "left",
        "text": "8 of 12 items open; 5 working days left, today included.",
    }


def test_days_of_an_unknown_milestone_are_not_found(caller, studio):
    assert caller.get(f"milestones/{uuid7()}/probabilities").status_code == 404
