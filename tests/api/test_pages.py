"""Cursor pages: every row once, forwards and backwards, whatever is inserted meanwhile."""

from base64 import urlsafe_b64encode
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from milestones.actions.clients import add_account
from milestones.actions.milestone import add_milestone
from tenancy.door import inside
from tenancy.ids import uuid7
from tests.factories import MONDAY
from tests.plugins.scenes import scene

NAMES = ["Alpha", "Beta", "Beta", "Gamma", "Omega"]
CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "SELECT set_config")


@scene
def accounts(studio, by):
    with inside(studio):
        return [add_account(name=name, by=by, now=MONDAY) for name in NAMES]


def _names(page):
    return [row["name"] for row in page["results"]]


def _walk(caller, path, params, towards="next"):
    pages = [caller.get(path, params).json()]
    while pages[-1][towards]:
        pages.append(caller.get(pages[-1][towards]).json())
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
def test_pages_show_every_row_once(caller, accounts, limit):
    pages = _walk(caller, "accounts", {"limit": limit})

    assert [name for page in pages for name in _names(page)] == NAMES
    assert len({row["id"] for page in pages for row in page["results"]}) == len(NAMES)


def test_the_way_back_shows_the_same_pages(caller, accounts):
    forth = _walk(caller, "accounts", {"limit": 2})

    back = [forth[-1]]
    while back[-1]["previous"]:
        back.append(caller.get(back[-1]["previous"]).json())

    assert [page["results"] for page in reversed(back)] == [page["results"] for page in forth]
    assert (forth[0]["previous"], forth[-1]["next"], back[-1]["previous"]) == (None, None, None)
    assert _names(caller.get(back[-1]["next"]).json()) == _names(forth[1])


def test_an_insert_before_the_cursor_shifts_nothing(caller, accounts, studio, by):
    first = caller.get("accounts", {"limit": 2}).json()

    with inside(studio):
        add_account(name="Aardvark", by=by, now=MONDAY)

    assert _names(caller.get(first["next"]).json()) == ["Beta", "Gamma"]


def test_turned_round_the_largest_comes_first(caller, accounts):
    pages = _walk(caller, "accounts", {"limit": 2, "ordering": "-name"})

    assert [name for page in pages for name in _names(page)] == NAMES[::-1]


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_missing_sort_key_counts_as_the_largest(caller, kickoff, studio, by, sign):
    with inside(studio):
        for number in range(2, 7):
            planned = date(2026, 4, 1) + timedelta(days=number) if number % 2 else None
            fields = {"code": f"1.{number}", "name": f"M{number}", "planned_date": planned}
            add_milestone(kickoff.project, fields, by=by, now=MONDAY)

    pages = _walk(caller, "milestones", {"limit": 2, "ordering": f"{sign}forecast_date"})

    dates = [row["forecast_date"] for page in pages for row in page["results"]]
    assert dates == sorted(dates, key=lambda day: day or "9999", reverse=bool(sign))
    assert len(dates) == 6


def test_a_cursor_of_another_ordering_is_refused(caller, accounts):
    following = caller.get("accounts", {"limit": 2}).json()["next"]

    response = caller.get(f"{following}&ordering=-name")

    assert list(response.json()["errors"]) == ["cursor"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1e2", "", "000000005999", "9" * 5000])
def test_a_limit_outside_1_to_200_is_refused(caller, limit):
    response = caller.get("accounts", {"limit": limit})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["limit"])


@pytest.mark.parametrize(
    ("path", "ordering", "key"),
    [
        ("accounts", "name", '"\\u0000"'),
        ("accounts", "name", '"\\ud800"'),
        ("change-requests", "number", "1e999"),
    ],
)
def test_a_cursor_that_we_never_made_is_refused(caller, path, ordering, key):
    forged = urlsafe_b64encode(f'["{ordering}", 0, {key}, "{uuid7()}"]'.encode()).decode()

    response = caller.get(path, {"cursor": forged, "ordering": ordering})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["cursor"])


def test_filters_stay_in_the_links(caller, kickoff):
    params = {"account_id": str(kickoff.account.pk), "limit": 1}

    second = caller.get(caller.get("contacts", params).json()["next"]).json()

    assert [row["account_id"] for row in second["results"]] == [str(kickoff.account.pk)]


LISTS = ["accounts", "contacts", "projects", "milestones", "records", "criteria", "events", "members"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_as_much_for_three_rows_as_for_one(caller, studio, by, kickoff, path):
    caller.get("accounts")  # notes that the token was used, once a minute
    one = _statements(lambda: caller.get(path, {"limit": 1}))
    with inside(studio):
        for number in (2, 3):
            add_account(name=f"More {number}", by=by, now=MONDAY)
            fields = {"code": f"1.{number}", "name": "More"}
            add_milestone(kickoff.project, fields, by=by, now=MONDAY)

    three = _statements(lambda: caller.get(path, {"limit": 3}))

    assert len(one) == len(three) <= 4, three


def test_creating_takes_at_most_eight_statements(caller, kickoff):
    project = str(kickoff.project.pk)
    requests = [
        ("accounts", {"name": "New"}),
        ("contacts", {"account_id": str(kickoff.account.pk), "name": "New", "email": "n@client.example"}),
        ("milestones", {"project_id": project, "code": "2.1", "name": "Next"}),
        ("criteria", {"milestone_id": str(kickoff.milestone.pk), "statement": "It works"}),
    ]
    caller.get("accounts")

    counts = {path: len(_statements(lambda p=path, b=body: caller.post(p, b))) for path, body in requests}

    assert {path: count for path, count in counts.items() if count > 8} == {}


def _statements(act):
    """What was asked of the database, transaction control aside."""
    with CaptureQueriesContext(connection) as captured:
        assert act().status_code in (200, 201)
    return [query["sql"] for query in captured if not query["sql"].startswith(CONTROL)]
