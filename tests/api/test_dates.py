"""Forecasts by API: previewed, moved with a reason, or refused with a sentence."""

from datetime import date

import pytest
import time_machine

from milestones.models import DateMove, Milestone
from tenancy.door import inside
from tests.factories import MONDAY
from tests.plugins.scenes import scene

WHY = "The sandbox of the CRM has been down since Monday."


@scene
def first(in_execution):
    return in_execution


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def address(first, name="forecast"):
    return f"/api/v1/milestones/{first.pk}/{name}"


def test_a_preview_answers_what_would_move_and_saves_nothing(caller, studio, first):
    response = caller.post(f"{address(first)}?preview=true", {"date": "2026-03-18"})

    assert response.status_code == 200
    said = response.json()
    assert (said["saved"], said["is_working_day"]) == (False, True)
    assert [(step["code"], step["from_date"], step["to_date"]) for step in said["moves"]] == [
        ("1.1", "2026-03-13", "2026-03-18")
    ]
    with inside(studio):
        assert not DateMove.objects.exists()


def test_a_move_is_saved_and_listed_with_its_reason(caller, studio, first):
    body = {"date": "2026-03-18", "reason_code": "third_party", "reason": WHY}

    response = caller.post(address(first), body)
    listed = caller.get(address(first, "date-moves")).json()["results"]

    assert response.status_code == 200
    answer = response.json()
    assert answer["saved"] is True
    assert [(move["from_date"], move["to_date"]) for move in answer["moves"]] == [
        (row["from_date"], row["to_date"]) for row in reversed(listed)
    ]
    assert [(row["days"], row["reason"], row["attributed_to"]) for row in listed] == [(5, WHY, "third_party")]
    with inside(studio):
        assert Milestone.objects.get(pk=first.pk).forecast_date == date(2026, 3, 18)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"date": "2026-03-18", "reason": WHY}, "reason_code"),
        ({"date": "2026-03-18", "reason_code": "estimate"}, "reason"),
        ({"date": "2026-03-01", "reason_code": "estimate", "reason": WHY}, "date"),
        ({"date": "0018-03-18", "reason_code": "estimate", "reason": WHY}, "date"),
    ],
)
def test_what_is_missing_or_impossible_is_named(caller, first, body, field):
    response = caller.post(address(first), body)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


def test_a_forecast_is_confirmed(caller, studio, first):
    response = caller.post(address(first, "confirm-forecast"), {})

    assert response.status_code == 200
    with inside(studio):
        assert Milestone.objects.get(pk=first.pk).forecast_confirmed_at == MONDAY
