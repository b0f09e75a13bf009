"""The way in, for whoever is locked out of it."""

import pytest
import time_machine

from tests import factories
from tests.factories import MONDAY
from web.accounts import locked_out


@pytest.mark.parametrize(
    ("wait", "span"), [(0, "in a minute"), (60, "in a minute"), (61, "in 2 minutes"), (300, "in 5 minutes")]
)
def test_the_wait_is_told_in_whole_minutes(wait, span):
    assert f"Try again {span}," in locked_out(wait)


def test_who_is_locked_out_reads_when_to_try_again(db, client):
    factories.person(password=factories.PASSWORD)
    wrong = {"login": "ada@studio.example", "password": "not-the-password"}

    with time_machine.travel(MONDAY, tick=False) as clock:
        for _ in range(5):
            client.post("/account/login/", wrong)
        clock.shift(90)
        response = client.post("/account/login/", wrong)

    assert "Try again in 4 minutes" in response.content.decode()
