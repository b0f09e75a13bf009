from dataclasses import replace
from datetime import date
from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestones.words import Kind
from telemetry.forecast.assumptions import RESOLUTIONS, USUAL, effort_behind
from telemetry.forecast.evidence import Basis, Evidence, OpenBlocker, Progress
from telemetry.forecast.series import by_working_day, gains
from telemetry.forecast.simulate import probability, seed_of, settled

TWO_WEEKS = tuple(day for day in range(14) if day % 7 < 5)
FRESH = Evidence(
    kind="general", progress=Progress.ITEMS, total=20, left=20, planned_days=10, workdays=TWO_WEEKS
)
HALFWAY = replace(FRESH, left=10, own_days=(2, 3, 1, 2, 2), workdays=TWO_WEEKS[:5])


def percent(evidence: Evidence, **changes) -> int:
    return probability(replace(evidence, **changes), seed=7).percent


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    total = draw(st.integers(1, 40))
    amounts = st.floats(0, 6, allow_subnormal=False)
    days = draw(st.lists(st.integers(0, 60), max_size=25, unique=True))
    return Evidence(
        kind=draw(st.sampled_from(list(Kind))),
        progress=Progress.ITEMS,
        total=total,
        left=draw(st.integers(0, total)),
        planned_days=draw(st.integers(1, 30)),
        workdays=tuple(sorted(days)),
        own_days=tuple(draw(st.lists(amounts, max_size=15))),
        ratios=tuple(draw(st.lists(st.floats(0.2, 6), max_size=12))),
        blockers=tuple(
            OpenBlocker(number, age)
            for number, age in enumerate(draw(st.lists(st.floats(0, 30), max_size=3)), start=1)
        ),
        resolutions=tuple(draw(st.lists(st.floats(0.01, 20), max_size=8))),
    )


SEEDS = st.integers(0, 2**64 - 1)


@settings(max_examples=60)
@given(evidences(), SEEDS)
def test_the_same_seed_repeats_and_says_a_percentage(evidence, seed):
    first, second = probability(evidence, seed=seed), probability(evidence, seed=seed)

    assert first == second
    assert 0 <= first.percent <= 100


@settings(max_examples=60)
@given(evidences(), SEEDS, st.integers(1, 10))
def test_more_open_work_never_raises_it(evidence, seed, more):
    grown = replace(evidence, total=evidence.total + more, left=evidence.left + more)

    assert probability(grown, seed=seed).percent <= probability(evidence, seed=seed).percent


@settings(max_examples=60)
@given(evidences(), SEEDS, st.integers(0, 25))
def test_fewer_days_never_raise_it(evidence, seed, days):
    sooner = replace(evidence, workdays=evidence.workdays[:days])

    assert probability(sooner, seed=seed).percent <= probability(evidence, seed=seed).percent


@settings(max_examples=60)
@given(evidences(), SEEDS, st.floats(0, 40))
def test_another_blocker_never_raises_it(evidence, seed, age):
    another = OpenBlocker(len(evidence.blockers) + 1, age)
    blocked = replace(evidence, blockers=(another, *evidence.blockers))

    assert probability(blocked, seed=seed).percent <= probability(evidence, seed=seed).percent


@settings(max_examples=60)
@given(evidences().filter(lambda evidence: len(evidence.ratios) >= 3), SEEDS, st.floats(0, 3), st.data())
def test_more_history_of_being_late_never_raises_it(evidence, seed, later, data):
    another = (*evidence.ratios, max(evidence.ratios) + later)
    place = data.draw(st.integers(0, len(evidence.ratios) - 1))
    worse = tuple(ratio + later * (n == place) for n, ratio in enumerate(evidence.ratios))

    before = probability(evidence, seed=seed).percent

    assert probability(replace(evidence, ratios=another), seed=seed).percent <= before
    assert probability(replace(evidence, ratios=worse), seed=seed).percent <= before


def test_what_is_certain_is_said_so_and_nothing_else():
    done = replace(FRESH, left=0)

    assert [
        percent(done),
        percent(done, is_past=True),
        percent(FRESH, is_past=True, workdays=()),
        percent(FRESH, workdays=()),
        percent(FRESH, left=1, own_days=(20,) * 30),
    ] == [100, 0, 0, 1, 99]


def test_a_milestone_that_keeps_the_pace_it_needs_is_as_likely_as_not():
    assert [percent(HALFWAY, left=left) for left in (6, 8, 10, 12, 14)] == [89, 70, 45, 27, 16]


def test_the_plan_fades_as_own_days_grow():
    steady = [percent(HALFWAY, kind="data", left=8, own_days=(2.0,) * days) for days in (0, 2, 5, 20, 60)]

    assert steady == sorted(steady)
    assert steady[0] < 10
    assert steady[-1] > 75


@pytest.mark.parametrize(
    ("days", "ratios", "basis"),
    [
        (0, 0, Basis.DEFAULT),
        (4, 2, Basis.DEFAULT),
        (0, 3, Basis.KIND),
        (4, 3, Basis.KIND),
        (5, 0, Basis.OWN),
        (5, 9, Basis.OWN),
    ],
)
def test_it_says_what_it_rests_on(days, ratios, basis):
    evidence = replace(FRESH, own_days=(1.0,) * days, ratios=(1.0,) * ratios)

    assert probability(evidence, seed=1).basis == basis


def test_data_work_is_expected_to_take_two_to_five_times_its_plan():
    found = {kind: probability(replace(FRESH, kind=kind), seed=7) for kind in Kind}

    assert {kind: outlook.inputs.factor for kind, outlook in found.items()} == {
        Kind.GENERAL: 1.0,
        Kind.DATA: 3.5,
        Kind.MODEL: 2.0,
        Kind.INTEGRATION: 1.4,
        Kind.APPROVAL: 1.0,
        Kind.DOCUMENTATION: 1.0,
    }
    assert found[Kind.DATA].percent < found[Kind.MODEL].percent < found[Kind.GENERAL].percent


def test_closed_milestones_of_the_kind_take_the_place_of_the_default():
    kept, late = (
        percent(FRESH, kind="data", ratios=(0.5,) * 3),
        percent(FRESH, kind="data", ratios=(4.0,) * 3),
    )

    assert (late, kept) == (1, 89)


@pytest.mark.parametrize(
    ("age", "resolutions", "days_lost"),
    [
        (0, (1.0,), 1),  # the usual time, from now on
        (0, (3.0,), 3),
        (0, (6.0,), 5),  # a weekend in between costs nothing
        (2.0, (3.0,), 1),  # what it took of it already is behind
        (2.0, (1.0, 6.0), 4),  # only those that were open longer
        (6.0, (1.0,), 4),  # none was: the default's longer one, of 10 days
        (12.0, (1.0,), 10),  # beyond them all: as long again
    ],
)
def test_open_blockers_take_the_first_days_away(age, resolutions, days_lost):
    evidence = replace(FRESH, blockers=(OpenBlocker(1, age),), resolutions=resolutions)

    assert probability(evidence, seed=3).inputs.days_lost == days_lost
    assert percent(evidence) < percent(FRESH)


def test_a_blocker_without_any_history_lasts_as_long_as_is_assumed():
    evidence = replace(FRESH, blockers=(OpenBlocker(1, 0.0),))

    assert probability(evidence, seed=3).inputs.days_lost in {2.0, 2.5, 3.0}
    assert len(RESOLUTIONS) == 6


def test_the_last_fifteen_points_take_as_long_as_the_first_seventy():
    assert 1 - effort_behind(0.85) == pytest.approx(effort_behind(0.7), abs=0.001)
    assert [effort_behind(share) for share in (-1, 0, 1, 2)] == [0, 0, 1, 1]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9).map(sorted))
def test_effort_grows_with_the_way(shares):
    assert all(effort_behind(a) <= effort_behind(b) for a, b in pairwise(shares))


def test_what_is_done_on_a_day_off_counts_for_the_working_day_before():
    workdays = (-6, -5, -4, -3, -2)

    found = by_working_day([(-9, 5), (-6, 1), (-3, 2), (-2, 1), (-1, 4), (0, 7)], workdays)

    assert found == (1, 0, 0, 2, 5)
    assert by_working_day([(-1, 1)], ()) == ()


def test_a_level_that_falls_takes_nothing_back():
    assert list(gains([(-5, 30), (-4, 20), (-2, 35), (-1, 35)])) == [(-5, 30), (-4, 0), (-2, 5), (-1, 0)]


def test_a_seed_is_of_a_milestone_and_a_day():
    one, other = UUID(int=1), UUID(int=2)
    today, tomorrow = date(2026, 3, 11), date(2026, 3, 12)

    assert seed_of(one, today) == seed_of(one, today)
    assert len({seed_of(of, day) for of in (one, other) for day in (today, tomorrow)}) == 4


@pytest.mark.parametrize(
    ("completed", "percent"),
    [(date(2026, 3, 13), 100), (date(2026, 3, 12), 100), (date(2026, 3, 14), 0), (None, 0)],
)
def test_work_that_has_ended_was_in_time_or_not(completed, percent):
    assert settled(completed, date(2026, 3, 13)) == percent


def test_the_inputs_explain_the_figure():
    evidence = replace(
        HALFWAY, blockers=(OpenBlocker(1, 2.0),), resolutions=(3.0,), ratios=(1.5, 2.0, 3.0), closed_of_kind=4
    )

    inputs = probability(evidence, seed=7).inputs

    assert (inputs.left, inputs.total, inputs.days_left, inputs.done_a_day) == (10, 20, 5, 2.0)
    assert (inputs.own_days, inputs.planned_days, inputs.factor, inputs.learned_from) == (5, 10, 2.0, 3)
    assert (inputs.closed_of_kind, inputs.blockers, inputs.days_lost) == (4, 1, 1.0)


def test_in_a_world_as_it_is_assumed_the_figures_come_true():
    """Three hundred milestones of ten days, foreseen after four of them; each day as uneven as chance is."""
    chance = np.random.default_rng(2026)
    said, kept = [], []
    for seed in range(300):
        days = chance.poisson(20 / (10 * chance.uniform(*USUAL)), 10)
        lived = tuple(map(float, days[:4]))
        foreseen = replace(FRESH, left=20 - sum(lived), own_days=lived, workdays=TWO_WEEKS[:6])
        if foreseen.left > 0:
            said.append(probability(foreseen, seed=seed).percent / 100)
            kept.append(days.sum() >= 20)

    brier = np.mean((np.array(said) - kept) ** 2)
    likely, unlikely = (
        np.mean([k for p, k in zip(said, kept, strict=True) if (p > 0.5) == high]) for high in (True, False)
    )

    assert np.mean(said) == pytest.approx(np.mean(kept), abs=0.1)
    assert brier < 0.85 * np.mean(kept) * (1 - np.mean(kept))
    assert likely > 0.7
    assert unlikely < 0.45
