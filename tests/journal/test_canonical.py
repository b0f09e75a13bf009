"""One text for one value."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from journal.canonical import canonical
from journal.models import State


def test_keys_are_sorted_and_nothing_is_escaped():
    assert canonical({"b": 1, "a": {"ü": "東京", "A": None}}) == '{"a":{"A":null,"ü":"東京"},"b":1}'


def test_times_are_written_in_utc():
    berlin = timezone(timedelta(hours=1))

    assert canonical(datetime(2026, 3, 2, 13, tzinfo=berlin)) == '"2026-03-02T12:00:00.000000Z"'
    assert canonical(datetime(2026, 3, 2, 12, tzinfo=UTC)) == '"2026-03-02T12:00:00.000000Z"'


def test_what_has_one_text_is_written_as_text():
    given = [date(2026, 3, 2), UUID(int=1), Decimal("1.50"), State.SENT, True, {"b", "a"}, ("x",)]

    assert canonical(given) == (
        '["2026-03-02","00000000-0000-0000-0000-000000000001","1.50","sent",true,["a","b"],["x"]]'
    )


@pytest.mark.parametrize("value", [0.5, float("nan"), b"x", object(), datetime(2026, 3, 2)])  # noqa: DTZ001
def test_what_has_no_one_text_is_refused(value):
    with pytest.raises(TypeError, match="has no canonical text"):
        canonical({"value": value})
