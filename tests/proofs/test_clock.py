"""When the day of an acceptance ends, wherever the client is."""

from datetime import UTC, datetime, timedelta

import pytest

from proofs.clock import end_of_day, is_same_day, last_minute, left

ENDS = datetime(2026, 3, 4, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "ends"),
    [
        ("2026-03-04T10:00", "UTC", "2026-03-05T00:00"),
        ("2026-03-04T10:00", "Europe/Vienna", "2026-03-04T23:00"),
        ("2026-03-04T23:00", "Europe/Vienna", "2026-03-05T23:00"),  # midnight there: a new day
        ("2026-03-04T22:59", "Europe/Vienna", "2026-03-04T23:00"),
        ("2026-03-04T10:00", "Pacific/Auckland", "2026-03-04T11:00"),
        ("2026-03-04T10:00", "Pacific/Honolulu", "2026-03-05T10:00"),
        ("2026-03-29T00:30", "Europe/Vienna", "2026-03-29T22:00"),  # a day of 23 hours
        ("2026-10-25T00:30", "Europe/Vienna", "2026-10-25T23:00"),  # a day of 25 hours
        ("2026-09-05T20:00", "America/Santiago", "2026-09-06T04:00"),  # midnight is skipped there
        ("2026-03-04T18:00", "Asia/Kathmandu", "2026-03-04T18:15"),
    ],
)
def test_the_day_ends_where_the_client_is(at, zone, ends):
    found = end_of_day(datetime.fromisoformat(at).replace(tzinfo=UTC), zone=zone)

    assert found == datetime.fromisoformat(ends).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("published_at", "kept"),
    [(ENDS - timedelta(microseconds=1), True), (ENDS, False), (ENDS + timedelta(days=1), False)],
)
def test_the_promise_is_kept_until_the_day_ends(published_at, kept):
    assert is_same_day(published_at, ends_at=ENDS) is kept


def test_without_a_clock_there_is_no_promise():
    assert is_same_day(ENDS, ends_at=None) is None


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (1, "1 min left"),
        (59, "59 min left"),
        (60, "1 h left"),
        (239, "3 h left"),
        (0, "0 min over"),
        (-30, "30 min over"),
        (-71 * 60, "71 h over"),
        (-72 * 60, "3 d over"),
    ],
)
def test_what_is_left_is_told_in_words(minutes, told):
    assert left(ENDS, now=ENDS - timedelta(minutes=minutes)) == told


def test_the_end_of_a_day_is_spoken_of_as_its_last_minute():
    assert f"{last_minute(ENDS, zone='Europe/Vienna'):%d %H:%M}" == "04 23:59"
