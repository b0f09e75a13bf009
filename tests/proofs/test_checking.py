"""What a look at an artifact means, for every thing it can find."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.checking import DAILY, PAUSES, STILL_AWAY, Known, Look, News, judged, may_be_rebuilt, needs_second
from proofs.words import Found

FIRST, OTHER, THIRD = "1" * 64, "2" * 64, "3" * 64
NEW = Known()
AWAY = Look(found=Found.UNREACHABLE, detail="Nothing answers there.")


def known(found: str = Found.OK, *, sha256: str = FIRST, **changes: Any) -> Known:
    return Known(sha256=sha256, found=found, **changes)


def saw(sha256: str, status: int = 200) -> Look:
    return Look(found=Found.OK, status=status, sha256=sha256, size=10)


def answered(status: int) -> Look:
    return Look(found=Found.UNREACHABLE, status=status, detail=f"It answered {status}.")


@pytest.mark.parametrize(
    ("before", "look", "asks_again"),
    [
        (NEW, saw(FIRST), True),
        (NEW, AWAY, False),
        (NEW, saw(""), False),
        (known(), saw(FIRST), False),
        (known(), saw(OTHER), True),
        (known(is_living=True), saw(OTHER), False),
        (known(Found.CHANGED), saw(OTHER), True),
    ],
)
def test_a_second_fetch_is_for_content_that_is_new(before, look, asks_again):
    assert needs_second(before, look) is asks_again


def test_the_first_content_is_what_later_ones_are_held_against():
    verdict = judged(NEW, saw(FIRST), saw(FIRST))

    assert (verdict.found, verdict.sha256, verdict.is_living, verdict.news) == (Found.OK, FIRST, False, None)
    assert verdict.next_in == DAILY


def test_a_page_that_never_stands_still_is_living():
    verdict = judged(NEW, saw(FIRST), saw(OTHER))

    assert (verdict.found, verdict.sha256, verdict.is_living, verdict.news) == (Found.OK, "", True, None)


def test_the_same_other_content_twice_is_a_change():
    verdict = judged(known(), saw(OTHER), saw(OTHER))

    assert (verdict.found, verdict.sha256, verdict.news) == (Found.CHANGED, FIRST, News.CHANGED)
    assert (verdict.look.found, verdict.look.sha256) == (Found.CHANGED, OTHER)


def test_two_other_contents_mean_that_it_lives_and_change_nothing():
    verdict = judged(known(), saw(OTHER), saw(THIRD))

    assert (verdict.found, verdict.is_living, verdict.news) == (Found.OK, True, None)


@pytest.mark.parametrize(
    ("before", "content", "news"),
    [
        (known(Found.CHANGED, changed_to=OTHER), OTHER, None),
        (known(Found.UNREACHABLE, changed_to=OTHER), OTHER, None),
        (known(Found.CHANGED, changed_to=OTHER), THIRD, News.CHANGED),
        (known(Found.OK, changed_to=OTHER), THIRD, News.CHANGED),
    ],
)
def test_a_change_is_told_once_for_each_content(before, content, news):
    verdict = judged(before, saw(content), saw(content))

    assert (verdict.found, verdict.news) == (Found.CHANGED, news)


def test_what_changed_and_is_away_is_not_told_anew():
    verdict = judged(known(Found.CHANGED, changed_to=OTHER), AWAY)

    assert (verdict.found, verdict.failures, verdict.news) == (Found.CHANGED, 1, None)


def test_what_is_as_it_was_again_is_told():
    assert judged(known(Found.CHANGED, changed_to=OTHER), saw(FIRST)).news == News.BACK


def test_a_living_page_only_has_to_answer():
    verdict = judged(known(is_living=True), saw(OTHER))

    assert (verdict.found, verdict.news, verdict.sha256) == (Found.OK, None, FIRST)


def test_being_away_counts_from_the_third_look_on_and_is_told_once():
    state, told = known(), []
    for _ in range(5):
        verdict = judged(state, AWAY)
        told.append((verdict.found, verdict.news, verdict.next_in))
        state = known(verdict.found, failures=verdict.failures)

    assert told == [
        (Found.OK, None, PAUSES[0]),
        (Found.OK, None, PAUSES[1]),
        (Found.UNREACHABLE, News.AWAY, STILL_AWAY),
        (Found.UNREACHABLE, None, STILL_AWAY),
        (Found.UNREACHABLE, None, STILL_AWAY),
    ]


def test_one_answer_ends_the_count():
    verdict = judged(known(failures=2), saw(FIRST))

    assert (verdict.found, verdict.failures, verdict.news) == (Found.OK, 0, None)


def test_what_answers_again_is_told():
    assert judged(known(Found.UNREACHABLE, failures=7), saw(FIRST)).news == News.BACK


def test_what_nobody_has_reached_yet_has_not_been_found():
    verdict = judged(NEW, AWAY)

    assert (verdict.found, verdict.failures) == ("", 1)


@pytest.mark.parametrize("status", [401, 403, 407])
def test_a_sign_in_is_a_reason_not_to_look(status):
    verdict = judged(NEW, answered(status))

    assert (verdict.found, verdict.look.found, verdict.news) == (Found.REFUSED, Found.REFUSED, None)
    assert verdict.look.detail == "It asks for a sign-in, so only who has one can open it."


@pytest.mark.parametrize("status", [404, 410, 429, 500, 503])
def test_other_answers_are_failures(status):
    assert judged(NEW, answered(status)).failures == 1


def test_a_sign_in_where_everybody_came_in_before_is_a_failure():
    verdict = judged(known(), answered(403))

    assert (verdict.found, verdict.failures) == (Found.OK, 1)


def test_an_address_that_may_not_be_called_is_said_so_at_once():
    look = Look(found=Found.REFUSED, detail="Its port is 22.")

    verdict = judged(Known(failures=1), look)

    assert (verdict.found, verdict.failures, verdict.news, verdict.next_in) == (
        Found.REFUSED,
        0,
        None,
        DAILY,
    )


def test_what_was_reached_before_and_may_not_be_called_any_more_is_away():
    look = Look(found=Found.REFUSED, detail="It leads inside.")

    first, third = judged(known(), look), judged(known(failures=2), look)

    assert (first.found, first.failures, first.look.found) == (Found.OK, 1, Found.UNREACHABLE)
    assert (third.found, third.news, third.look.detail) == (
        Found.UNREACHABLE,
        News.AWAY,
        "It leads inside.",
    )


@pytest.mark.parametrize(
    ("before", "look", "is_decided"),
    [
        (known(), saw(FIRST), True),
        (known(), AWAY, False),
        (known(Found.CHANGED, failures=1), AWAY, False),
        (known(failures=2), AWAY, True),
        (known(Found.UNREACHABLE, failures=3), AWAY, True),
        (NEW, AWAY, False),
    ],
)
def test_a_look_that_failed_decides_nothing_before_the_third(before, look, is_decided):
    assert judged(before, look).is_decided is is_decided


def test_a_second_fetch_that_fails_decides_nothing_about_the_content():
    verdict = judged(known(), saw(OTHER), AWAY)

    assert (verdict.found, verdict.failures, verdict.news) == (Found.OK, 1, None)


def test_a_damaged_file_is_told_once():
    look = Look(found=Found.MISSING, detail="The file is not where it was kept.")

    first, second = judged(known(), look), judged(known(Found.MISSING), look)

    assert (first.found, first.news, second.news) == (Found.MISSING, News.MISSING, None)


ONE, TWO = date(2026, 3, 2), date(2026, 3, 3)


@pytest.mark.parametrize(
    ("changes", "may_be"),
    [
        ([], False),
        ([(ONE, OTHER)], False),
        ([(ONE, OTHER), (TWO, OTHER)], False),
        ([(ONE, OTHER), (ONE, THIRD)], False),
        ([(ONE, OTHER), (ONE, THIRD), (TWO, OTHER)], False),
        ([(TWO, THIRD), (ONE, OTHER)], True),
        ([(ONE, OTHER), (TWO, OTHER), (TWO, THIRD)], True),
    ],
)
def test_other_contents_of_different_days_may_be_a_page_that_is_rebuilt(changes, may_be):
    assert may_be_rebuilt(changes) is may_be


LOOKS = st.one_of(
    st.sampled_from([FIRST, OTHER, THIRD, ""]).map(saw),
    st.sampled_from([401, 404, 500]).map(answered),
    st.just(AWAY),
    st.just(Look(found=Found.REFUSED, detail="Private.")),
)


@given(st.lists(st.tuples(LOOKS, LOOKS), max_size=30))
def test_no_course_of_looks_leaves_a_contradiction(course):
    state, told = NEW, ""
    for first, second in course:
        verdict = judged(state, first, second if needs_second(state, first) else None)
        if verdict.news == News.CHANGED:
            assert verdict.look.sha256 not in ("", told), "nothing changes by being away, or twice"
            told = verdict.look.sha256
        elif verdict.look.found == Found.OK:
            told = ""
        assert verdict.next_in > timedelta(0)
        assert not (verdict.found == Found.CHANGED and verdict.is_living)
        assert not (state.sha256 and verdict.sha256 != state.sha256), "a reference stays"
        state = Known(
            sha256=verdict.sha256,
            is_living=verdict.is_living,
            found=verdict.found,
            failures=verdict.failures,
            changed_to=told,
        )
