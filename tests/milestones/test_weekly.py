"""Weekly reviews: whose turn it is, what repeats, what the client reads."""

from datetime import UTC, date, datetime, timedelta

import pytest

from milestones.earned import Value
from milestones.weekly import Line, Moved, Pattern, Trajectory, Verdict, is_due, pattern_of, status_update

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
EARLIER = MONDAY - timedelta(days=30)


@pytest.mark.parametrize(
    ("told_at", "is_aggressive", "now", "due"),
    [
        (None, False, MONDAY, True),
        (MONDAY - timedelta(seconds=1), False, MONDAY, True),
        (MONDAY, False, MONDAY + timedelta(days=6, hours=23), False),
        (MONDAY, True, MONDAY + timedelta(days=3, hours=12), False),
        (MONDAY, True, MONDAY + timedelta(days=3, hours=12, seconds=1), True),
    ],
)
def test_a_client_is_told_every_week_and_twice_where_it_is_aggressive(told_at, is_aggressive, now, due):
    assert is_due(kicked_off=EARLIER, told_at=told_at, is_aggressive=is_aggressive, now=now) is due


def test_the_week_of_the_kickoff_is_left_out():
    assert not is_due(kicked_off=MONDAY, told_at=None, is_aggressive=True, now=MONDAY + timedelta(days=5))


def moved(kind="data", attribution="client"):
    return Moved(date(2026, 3, 9), kind, attribution)


@pytest.mark.parametrize(
    ("others", "pattern"),
    [
        ([], Pattern.ONE_TIME),
        ([moved("model", "ours")], Pattern.ONE_TIME),
        ([moved("model", "client")], Pattern.SYSTEMIC),
        ([moved("data", "ours")], Pattern.SYSTEMIC),
    ],
)
def test_a_cause_or_a_kind_that_slips_again_is_systemic(others, pattern):
    assert pattern_of([moved()], among=[moved(), *others]) == pattern


@pytest.mark.parametrize(
    ("spi", "slipped", "before", "risk", "verdict"),
    [
        (None, 0, 0, None, Verdict.HEALTHY),
        (0.95, 0, 0, 50, Verdict.HEALTHY),
        (0.94, 0, 0, 50, Verdict.WATCH),
        (0.8, 0, 0, 51, Verdict.WATCH),
        (0.79, 0, 0, 0, Verdict.UNHEALTHY),
        (1.0, 0, 0, 66, Verdict.UNHEALTHY),
        (1.0, 2, 2, 0, Verdict.WATCH),
        (1.0, 3, 2, 0, Verdict.UNHEALTHY),
    ],
)
def test_the_figures_suggest_how_healthy_the_trajectory_is(spi, slipped, before, risk, verdict):
    found = Trajectory(
        value=Value(0.5, 0.4, spi, None),
        slipped=slipped,
        slipped_before=before,
        confidence=None,
        worst_risk=risk,
    )

    assert found.verdict == verdict


def test_the_update_leads_with_milestones_and_ends_with_what_is_needed():
    late = Line(
        name="1.2 Report",
        day=date(2026, 3, 20),
        planned=date(2026, 3, 13),
        cause="Access came late.",
        action="We load in parts.",
    )

    text = status_update(
        done=[Line(name="1.1 Access", day=date(2026, 3, 4))], ahead=[late], at_risk=[late], asks=["Offices"]
    )

    assert text == (
        "Done\n- 1.1 Access, on 4 March 2026\n\n"
        "Next\n- 1.2 Report, expected on 20 March 2026\n\n"
        "At risk\n- 1.2 Report: expected on 20 March 2026 instead of 13 March 2026."
        " Cause: Access came late. What we do: We load in parts.\n\n"
        "What we need from you\n- Offices"
    )
