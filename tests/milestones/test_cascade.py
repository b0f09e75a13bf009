"""What a moved date does to what waits for it: in working days, and only ever later."""

from datetime import date, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.cascade import (
    Edge,
    Node,
    Plan,
    Shift,
    cascade,
    could_pull_in,
    earliest,
    nth_working_day_after,
    remaining_days,
    waiting_for,
)
from workspaces.working_time import Calendar

OFFICE = ((time(9), time(17)),)
CALENDAR = Calendar("UTC", (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ()), frozenset({date(2026, 4, 3)}))
MONDAY = date(2026, 3, 2)
A, B, C, D = (UUID(int=n) for n in range(1, 5))


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def node(pk: UUID, starts: str, ends: str, **changes: object) -> Node:
    given: dict[str, object] = {"forecast": day(ends), "planned": day(ends), "planned_start": day(starts)}
    return Node(id=pk, **{**given, **changes})


def plan(nodes: list[Node], *edges: Edge, today: date = MONDAY) -> Plan:
    return Plan({each.id: each for each in nodes}, edges, CALENDAR, today)


def test_a_dependent_is_pushed_by_its_whole_planned_span_of_working_days():
    waits = plan([node(A, "03-02", "03-06"), node(B, "03-09", "03-11")], Edge(B, A))

    shifts = cascade(waits, A, day("03-13"))

    assert shifts == [
        Shift(A, day("03-06"), day("03-13")),
        Shift(B, day("03-11"), day("03-18"), A),
    ]


def test_a_lag_is_counted_in_working_days_too():
    waits = plan([node(A, "03-02", "03-06"), node(B, "03-09", "03-11")], Edge(B, A, 2))

    shifts = cascade(waits, A, day("03-12"))

    assert shifts[1].to == day("03-19")


def test_holidays_are_not_worked():
    waits = plan([node(A, "03-23", "03-27"), node(B, "03-30", "03-31")], Edge(B, A))

    shifts = cascade(waits, A, day("04-01"))

    assert shifts[1].to == day("04-06")


@pytest.mark.parametrize("weekend", ["03-13", "03-14", "03-15"])
def test_from_a_friday_or_a_weekend_work_goes_on_on_monday(weekend):
    waits = plan([node(A, "03-02", "03-06"), node(B, "03-09", "03-09")], Edge(B, A))

    shifts = cascade(waits, A, day(weekend))

    assert shifts[1].to == day("03-16")


def test_slack_takes_the_slip_up():
    waits = plan([node(A, "03-02", "03-06"), node(B, "03-16", "03-18")], Edge(B, A))

    shifts = cascade(waits, A, day("03-13"))

    assert shifts == [Shift(A, day("03-06"), day("03-13"))]


def test_the_latest_of_several_needs_decides_and_is_named():
    nodes = [
        node(A, "03-02", "03-06"),
        node(B, "03-09", "03-10"),
        node(C, "03-09", "03-12"),
        node(D, "03-13", "03-13"),
    ]
    diamond = plan(nodes, Edge(B, A), Edge(C, A), Edge(D, B), Edge(D, C))

    shifts = cascade(diamond, A, day("03-13"))

    assert shifts == [
        Shift(A, day("03-06"), day("03-13")),
        Shift(B, day("03-10"), day("03-17"), A),
        Shift(C, day("03-12"), day("03-19"), A),
        Shift(D, day("03-13"), day("03-20"), C),
    ]


def test_what_is_completed_stays_and_holds_nothing_up():
    done = node(B, "03-02", "03-04", ended=True)
    chain = plan([node(A, "03-02", "03-06"), done, node(C, "03-05", "03-06")], Edge(B, A), Edge(C, B))

    shifts = cascade(chain, A, day("03-20"))

    assert shifts == [Shift(A, day("03-06"), day("03-20"))]


def test_what_has_no_date_is_not_given_one():
    undated = Node(id=B, forecast=None)
    waits = plan([node(A, "03-02", "03-06"), undated], Edge(B, A))

    shifts = cascade(waits, A, day("03-20"))

    assert [shift.milestone_id for shift in shifts] == [A]


def test_work_that_has_started_needs_what_is_left_of_its_span():
    started = node(B, "03-09", "03-13", started=day("03-09"))
    waits = plan([node(A, "03-02", "03-06"), started], Edge(B, A), today=day("03-11"))

    shifts = cascade(waits, A, day("03-16"))

    assert remaining_days(waits, started) == 3
    assert shifts[1].to == day("03-19")


def test_work_that_took_its_span_already_still_ends_after_what_it_needs():
    started = node(B, "03-09", "03-10", started=day("03-02"))
    waits = plan([node(A, "03-02", "03-06"), started], Edge(B, A), today=day("03-11"))

    shifts = cascade(waits, A, day("03-16"))

    assert remaining_days(waits, started) == 0
    assert shifts[1].to == day("03-16")


def test_without_a_planned_start_the_span_begins_after_what_it_needs():
    nodes = [node(A, "03-02", "03-06"), node(B, "03-09", "03-11", planned_start=None)]
    waits = plan(nodes, Edge(B, A))

    shifts = cascade(waits, A, day("03-13"))

    assert shifts[1].to == day("03-18")


def test_coming_earlier_moves_nothing_else_and_is_offered():
    waits = plan([node(A, "03-09", "03-20"), node(B, "03-23", "03-25")], Edge(B, A))

    shifts, offers = cascade(waits, A, day("03-18")), could_pull_in(waits, A, day("03-18"))

    assert shifts == [Shift(A, day("03-20"), day("03-18"))]
    assert offers == [Shift(B, day("03-25"), day("03-23"), A)]


def test_slack_that_was_planned_is_not_offered_away():
    waits = plan([node(A, "03-09", "03-20"), node(B, "03-30", "03-31")], Edge(B, A))

    offers = could_pull_in(waits, A, day("03-18"))

    assert offers == []


def test_what_slipped_is_offered_back_to_its_plan():
    slipped = node(B, "03-30", "03-31", forecast=day("04-09"))
    waits = plan([node(A, "03-09", "03-20"), slipped], Edge(B, A))

    offers = could_pull_in(waits, A, day("03-18"))

    assert offers == [Shift(B, day("04-09"), day("03-31"), A)]


def test_going_later_offers_nothing_earlier():
    waits = plan([node(A, "03-02", "03-06"), node(B, "03-09", "03-11")], Edge(B, A))

    assert could_pull_in(waits, A, day("03-13")) == []


def test_everything_that_waits_is_named_in_its_order():
    nodes = [node(pk, "03-02", "03-06") for pk in (C, B, A)]

    assert waiting_for(plan(nodes, Edge(C, B), Edge(B, A)), A) == [B, C]


DAYS = st.dates(date(2026, 3, 2), date(2026, 6, 30))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to eight milestones; each may wait only for earlier ones, so nothing runs in a circle."""
    count = draw(st.integers(2, 8))
    nodes = [draw(_nodes(UUID(int=n + 1))) for n in range(count)]
    edges = [
        Edge(nodes[later].id, nodes[earlier].id, draw(st.integers(0, 5)))
        for later in range(count)
        for earlier in draw(st.sets(st.integers(0, later - 1), max_size=3) if later else st.just(set()))
    ]
    return plan(nodes, *edges, today=draw(DAYS))


@st.composite
def _nodes(draw: st.DrawFn, pk: UUID) -> Node:
    planned = draw(st.none() | DAYS)
    start = (
        draw(st.none() | st.integers(0, 20).map(lambda days: planned - timedelta(days))) if planned else None
    )
    return Node(
        id=pk,
        forecast=draw(st.none() | DAYS) if planned else None,
        planned=planned,
        planned_start=start,
        started=draw(st.none() | DAYS),
        ended=draw(st.booleans()),
    )


def after(planned: Plan, shifts: list[Shift]) -> dict[UUID, date | None]:
    moved = {shift.milestone_id: shift.to for shift in shifts}
    return {pk: moved.get(pk, each.forecast) for pk, each in planned.nodes.items()}


@given(plans(), DAYS)
def test_what_was_pushed_ends_after_all_that_it_needs(planned, to):
    shifts = cascade(planned, A, to)

    ends = after(planned, shifts)
    for shift in shifts[1:]:
        own = remaining_days(planned, planned.nodes[shift.milestone_id])
        for edge in planned.needs[shift.milestone_id]:
            if needed := ends[edge.needs]:
                assert shift.to >= nth_working_day_after(CALENDAR, needed, edge.lag + own)


@given(plans(), DAYS)
def test_nothing_but_the_moved_one_ever_comes_earlier_and_nothing_moves_twice(planned, to):
    shifts = cascade(planned, A, to)

    assert shifts[0] == Shift(A, planned.nodes[A].forecast, to)
    assert len({shift.milestone_id for shift in shifts}) == len(shifts)
    assert all(shift.before and shift.to > shift.before for shift in shifts[1:])
    assert not any(planned.nodes[shift.milestone_id].ended for shift in shifts[1:])


@given(plans(), DAYS)
def test_each_pushed_one_names_what_it_waits_for_and_that_moved_too(planned, to):
    shifts = cascade(planned, A, to)

    moved = {shift.milestone_id for shift in shifts}
    needs = {(edge.milestone, edge.needs) for edge in planned.edges}
    assert all((shift.milestone_id, shift.because_of) in needs for shift in shifts[1:])
    assert all(moved & {edge.needs for edge in planned.needs[shift.milestone_id]} for shift in shifts[1:])


@given(plans(), DAYS)
def test_the_same_move_again_drags_nothing_further(planned, to):
    shifts = cascade(planned, A, to)
    ends = after(planned, shifts)
    settled = Plan(
        {pk: Node(**{**_values(each), "forecast": ends[pk]}) for pk, each in planned.nodes.items()},
        planned.edges,
        planned.calendar,
        planned.today,
    )

    assert cascade(settled, A, to) == [Shift(A, to, to)]


def _values(each: Node) -> dict[str, object]:
    return {name: getattr(each, name) for name in Node.__dataclass_fields__}


@given(plans(), DAYS)
def test_offers_are_earlier_and_still_after_what_is_needed(planned, to):
    offers = could_pull_in(planned, A, to)

    ends = after(planned, [Shift(A, planned.nodes[A].forecast, to), *offers])
    for offer in offers:
        assert offer.to < (offer.before or date.min)
        own = remaining_days(planned, planned.nodes[offer.milestone_id])
        for edge in planned.needs[offer.milestone_id]:
            if needed := ends[edge.needs]:
                assert offer.to >= nth_working_day_after(CALENDAR, needed, edge.lag + own)


def test_the_first_day_that_is_possible_is_said_with_what_decides_it():
    late = node(B, "03-09", "03-11", forecast=day("03-18"))
    waits = plan([node(A, "03-02", "03-06"), late], Edge(B, A))

    assert earliest(waits, B) == Shift(B, day("03-18"), day("03-11"), A)
    assert earliest(waits, A) is None


def test_a_chain_of_two_hundred_is_reckoned():
    pks = [UUID(int=n + 1) for n in range(200)]
    nodes = [Node(id=pk, forecast=MONDAY, planned=MONDAY, planned_start=MONDAY) for pk in pks]
    chain = plan(nodes, *(Edge(later, earlier) for earlier, later in pairwise(pks)))

    shifts = cascade(chain, pks[0], day("03-03"))

    assert len(shifts) == 200
    assert CALENDAR.working_days_between(day("03-03"), shifts[-1].to) == 199
