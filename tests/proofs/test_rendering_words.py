"""Values of a packet as they are read, and where the bars and the line of a metric stand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.rendering import words
from proofs.rendering.charts import HEIGHT, WIDTH, Bar, bars, trace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIGURES = st.decimals(min_value=-(10**12), max_value=10**12, places=4)


@pytest.mark.parametrize(
    ("text", "unit", "read"),
    [
        ("48", "", "48"),
        ("12500.5", "h", "12,500.5\u00a0h"),
        ("-0.6", "%", "−0.6%"),
        ("1000000", "", "1,000,000"),
        ("n/a", "h", "n/a"),
        ("NaN", "", "NaN"),
        (None, "h", ""),
    ],
)
def test_a_figure_is_read_with_its_unit(text, unit, read):
    assert words.figure(text, unit) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("-35.4167", "−35.4%"),
        ("67.7419", "+67.7%"),
        ("0", "0%"),
        ("12.04", "+12%"),
        ("233.3333", "+233%"),
        ("-100", "−100%"),
        (None, ""),
    ],
)
def test_a_change_is_read_in_percent_with_its_sign(text, read):
    assert words.percent(text) == read


@pytest.mark.parametrize(
    ("count", "read"),
    [
        *((None, ""), (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (48_200, "48.2 kB")),
        *((999_999, "1.0 MB"), (1_536_000, "1.5 MB"), (250_000_000, "250 MB"), (5 * 10**12, "5000 GB")),
    ],
)
def test_a_size_is_read_in_its_largest_unit(count, read):
    assert words.size(count) == read


def test_an_instant_is_read_in_the_zone_of_the_packet():
    assert words.moment("2026-03-01T23:30:00Z", ZoneInfo("Europe/Oslo")) == "2 Mar 2026, 00:30"
    assert words.moment(None, ZoneInfo("UTC")) == ""
    assert words.day("2026-03-02") == "2 March 2026"
    assert words.day(None) == ""


def test_what_could_deceive_a_reader_is_made_visible():
    told = {"name": "invoice\u202efdp.exe", "lines": ["a\x07b", 3, None], "pairs": [("c\u200bd", "e")]}

    assert words.shown(told) == {
        "name": "invoice�fdp.exe",
        "lines": ["a�b", 3, None],
        "pairs": [["c�d", "e"]],
    }


@pytest.mark.parametrize("colour", ["", "red", "#12", "#1d4f91;}", "#fffffg"])
def test_what_is_no_colour_becomes_our_own(colour):
    assert words.ink(colour) == words.OWN_COLOUR


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_every_colour_can_be_read_on_white(colour):
    ink = words.ink(colour)

    parts = [int(ink[at : at + 2], 16) for at in (1, 3, 5)]
    assert 1.05 / (words._luminance(parts) + 0.05) >= words.READABLE


def test_bars_begin_at_nought_on_one_scale():
    assert bars([Decimal(50), Decimal(100), None]) == [Bar(0.0, 50.0, 0.0), Bar(0.0, 100.0, 0.0), None]
    assert bars([Decimal(-25), Decimal(75)]) == [Bar(0.0, 25.0, 25.0), Bar(25.0, 75.0, 25.0)]


@given(st.lists(FIGURES, min_size=1, max_size=3))
def test_no_bar_leaves_its_drawing(values):
    for bar in bars(values):
        assert bar is not None
        assert 0 <= bar.x <= 100
        assert 0 < bar.width <= 100.5 - bar.x


@given(st.lists(FIGURES, min_size=3, max_size=20), st.none() | FIGURES)
def test_no_line_leaves_its_drawing(values, target):
    points = [(NOON + timedelta(days=number), value) for number, value in enumerate(values)]

    line = trace(points, target=target)

    assert line is not None
    places = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert (line.x, line.y) == places[-1]


def test_two_values_need_no_line():
    assert trace([(NOON, Decimal(1)), (NOON, Decimal(2))], target=None) is None
