"""The pair of before and after: computed, in plain digits, honest about a late baseline."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.content import MOST
from proofs.measuring import HEIGHT, WIDTH, Pair, Value, digits, is_met, signed, spark, thinned, told
from proofs.words import Direction, SnapshotSource
from tests.factories import MONDAY

DAY = timedelta(days=1)
UTC = ZoneInfo("UTC")
VIENNA = ZoneInfo("Europe/Vienna")
FIGURES = st.decimals(-(10**14) + 1, 10**14 - 1, places=4)
DIRECTIONS = st.sampled_from(Direction)


def value(number, *, measured=MONDAY, recorded=None):
    return Value(value=Decimal(number), measured_at=measured, recorded_at=recorded or measured)


def pair(before, after, *, direction=Direction.UP, target=None, **said):
    return Pair(
        name="Hours per report",
        unit="h",
        direction=direction,
        target=None if target is None else Decimal(target),
        baseline=value(before, **said),
        current=value(after, measured=MONDAY + 100 * DAY),
    )


def test_a_pair_says_all_that_is_known_of_it():
    before = Value(
        value=Decimal("12.5000"),
        measured_at=MONDAY,
        recorded_at=MONDAY + timedelta(hours=1),
        source=SnapshotSource.CONNECTION,
        note="Time sheet",
    )
    after = value("3", measured=MONDAY + 9 * DAY)
    measured = Pair(
        name="Hours per report",
        unit="h",
        direction=Direction.DOWN,
        source="Time tracking",
        target=Decimal(4),
        baseline=before,
        current=after,
        history=[(before.measured_at, before.value), (after.measured_at, after.value)],
    )

    said = told(measured, kickoff=MONDAY + 30 * DAY, zone=UTC)

    assert said == {
        "name": "Hours per report",
        "unit": "h",
        "direction": "down",
        "source": "Time tracking",
        "baseline": {
            "value": "12.5",
            "measured_at": "2026-03-02T09:00:00.000000Z",
            "recorded_at": "2026-03-02T10:00:00.000000Z",
            "source": "From a connection",
            "note": "Time sheet",
        },
        "current": {
            "value": "3",
            "measured_at": "2026-03-11T09:00:00.000000Z",
            "recorded_at": "2026-03-11T09:00:00.000000Z",
            "source": "Entered by hand",
            "note": "",
        },
        "target": "4",
        "change": "-9.5",
        "percent": "-76",
        "is_better": True,
        "target_met": True,
        "caveat": "",
        "history": [("2026-03-02T09:00:00.000000Z", "12.5"), ("2026-03-11T09:00:00.000000Z", "3")],
    }


@pytest.mark.parametrize(
    ("before", "after", "change", "percent"),
    [
        ("10", "15", "+5", "+50"),
        ("10", "10", "0", "0"),
        ("3", "4", "+1", "+33.3"),
        ("8", "7.9995", "-0.0005", "0"),
        ("-10", "-5", "+5", "+50"),
        ("-10", "-15", "-5", "-50"),
        ("0", "7", "+7", None),
        ("1000", "1000.5", "+0.5", "+0.1"),
    ],
)
def test_the_change_is_told_in_units_and_in_percent_of_the_baseline(before, after, change, percent):
    said = told(pair(before, after), kickoff=None, zone=UTC)

    assert said is not None
    assert (said["change"], said["percent"]) == (change, percent)


@pytest.mark.parametrize(
    ("direction", "after", "better"),
    [
        (Direction.UP, 11, True),
        (Direction.UP, 9, False),
        (Direction.DOWN, 11, False),
        (Direction.DOWN, 9, True),
        (Direction.UP, 10, None),
        (Direction.DOWN, 10, None),
    ],
)
def test_better_follows_the_direction(direction, after, better):
    said = told(pair(10, after, direction=direction), kickoff=None, zone=UTC)

    assert said is not None
    assert said["is_better"] is better


@pytest.mark.parametrize(
    ("direction", "number", "met"),
    [
        (Direction.UP, "3.9999", False),
        (Direction.UP, "4", True),
        (Direction.UP, "4.0001", True),
        (Direction.DOWN, "3.9999", True),
        (Direction.DOWN, "4", True),
        (Direction.DOWN, "4.0001", False),
    ],
)
def test_a_target_is_met_when_it_is_reached(direction, number, met):
    assert is_met(Decimal(number), Decimal(4), direction) is met


def test_without_a_target_there_is_none_to_meet():
    assert is_met(Decimal(4), None, Direction.UP) is None


HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("measured", "recorded", "caveat"),
    [
        (-HOURS, -HOURS, ""),
        (-DAY, 0 * HOURS, ""),
        (0 * HOURS, 0 * HOURS, ""),
        (HOURS, HOURS, ""),
        (13 * HOURS, 13 * HOURS, ""),
        (-DAY, 14 * HOURS, "Baseline recorded 1 day after kickoff"),
        (13 * HOURS, 38 * HOURS, "Baseline recorded 2 days after kickoff"),
        (14 * HOURS, 14 * HOURS, "Baseline measured 1 day after kickoff"),
        (12 * DAY, 40 * DAY, "Baseline measured 12 days after kickoff"),
    ],
)
def test_a_baseline_that_came_after_the_day_of_the_kickoff_says_so(measured, recorded, caveat):
    """The kickoff was at ten in Vienna, so that its day ended fourteen hours later."""
    late = pair(1, 2, measured=MONDAY + measured, recorded=MONDAY + recorded)

    said = told(late, kickoff=MONDAY, zone=VIENNA)

    assert said is not None
    assert said["caveat"] == caveat


@pytest.mark.parametrize("half", ["baseline", "current"])
def test_half_a_pair_is_none(half):
    whole = pair(1, 2)
    known = {name: getattr(whole, name) for name in ("name", "baseline", "current")}

    assert told(Pair(**{**known, half: None}), kickoff=None, zone=UTC) is None


def test_what_was_measured_before_the_baseline_is_not_after_it():
    turned = Pair(name="x", baseline=value(1, measured=MONDAY + DAY), current=value(2, measured=MONDAY))

    assert told(turned, kickoff=None, zone=UTC) is None


@pytest.mark.parametrize(
    ("number", "text"),
    [("12.0000", "12"), ("0.5000", "0.5"), ("-0.0000", "0"), ("1E+3", "1000"), ("100", "100")],
)
def test_digits_are_plain(number, text):
    assert digits(Decimal(number)) == text


@given(FIGURES)
def test_digits_lose_nothing(number):
    assert Decimal(digits(number)) == number
    assert Decimal(signed(number)) == number
    assert "E" not in digits(number)


@given(before=FIGURES, after=FIGURES, direction=DIRECTIONS, target=st.none() | FIGURES)
def test_any_pair_adds_up(before, after, direction, target):
    said = told(pair(before, after, direction=direction, target=target), kickoff=None, zone=UTC)

    assert said is not None
    assert Decimal(said["baseline"]["value"]) + Decimal(said["change"]) == after
    assert (said["percent"] is None) == (before == 0)
    assert (said["is_better"] is None) == (before == after)
    assert (said["target_met"] is None) == (target is None)


@given(before=FIGURES, after=FIGURES)
def test_what_is_better_upwards_is_worse_downwards(before, after):
    up = told(pair(before, after, direction=Direction.UP), kickoff=None, zone=UTC)
    down = told(pair(before, after, direction=Direction.DOWN), kickoff=None, zone=UTC)

    assert up is not None
    assert down is not None
    assert (up["is_better"], down["is_better"]) in {(True, False), (False, True), (None, None)}


@given(st.integers(0, 500))
def test_a_long_history_is_thinned_between_its_ends(length):
    history = [(MONDAY + day * DAY, Decimal(day)) for day in range(length)]

    kept = thinned(history)

    assert len(kept) == min(length, MOST["history"])
    assert kept[:1] == history[:1]
    assert kept[-1:] == history[-1:]
    assert kept == sorted(set(kept))


@given(st.lists(FIGURES, min_size=2, max_size=80), st.none() | FIGURES)
def test_a_course_stays_in_its_box(numbers, target):
    drawn = spark([(MONDAY + day * DAY, number) for day, number in enumerate(numbers)], target)

    assert drawn is not None
    places = [tuple(map(float, place.split(","))) for place in drawn.points.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert (drawn.x, drawn.y) == places[-1]


@pytest.mark.parametrize("length", [0, 1])
def test_fewer_than_two_values_make_no_course(length):
    assert spark([(MONDAY, Decimal(1))] * length) is None


def test_values_of_one_moment_stand_side_by_side():
    drawn = spark([(MONDAY, Decimal(1)), (MONDAY, Decimal(2))])

    assert drawn is not None
    assert drawn.points == "3.0,29.0 117.0,3.0"
