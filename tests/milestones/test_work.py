"""Reports about an item make the same item, whatever order they come in."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from milestones.words import WorkState
from milestones.work import LONGEST_TRAIL, Report, merged

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def report(hours: float, state: WorkState | None, **said) -> Report:
    return Report(**{"at": at(hours), "title": "Export button", "state": state, **said})


reports = st.builds(
    Report,
    at=st.integers(0, 4).map(at),
    title=st.sampled_from(["Export", "Import"]),
    state=st.sampled_from(WorkState),
    assignee=st.sampled_from([None, "mara@studio.example"]),
    labels=st.sampled_from([None, ("client",)]),
    is_removed=st.booleans(),
    is_whole=st.just(True),
)


@given(st.lists(reports, min_size=1, max_size=4))
def test_every_order_ends_in_the_same_item(heard):
    ends = set()
    for order in permutations(heard):
        item = None
        for one in order:
            item = merged(item, [one])
        ends.add(item)

    assert len(ends) == 1


def test_an_item_is_dated_by_the_way_of_its_state():
    item = merged(
        None, [report(0, WorkState.TODO), report(2, WorkState.IN_PROGRESS), report(5, WorkState.DONE)]
    )

    assert (item.opened_at, item.started_at, item.done_at) == (at(0), at(2), at(5))


def test_an_edit_after_the_end_leaves_the_end_where_it_was():
    item = merged(None, [report(1, WorkState.DONE), report(3, WorkState.DONE, title="Export as CSV")])

    assert (item.title, item.done_at, item.version_at) == ("Export as CSV", at(1), at(3))


def test_a_late_report_fills_in_the_past_and_moves_nothing_back():
    item = merged(None, [report(5, WorkState.DONE)])

    item = merged(item, [report(1, WorkState.IN_PROGRESS, title="Old title")])

    assert (item.state, item.title, item.started_at) == (WorkState.DONE, "Export button", at(1))


def test_a_reopened_item_counts_its_last_end():
    ways = [report(3, WorkState.DONE), report(5, WorkState.IN_PROGRESS), report(7, WorkState.DONE)]

    assert {merged(None, order).done_at for order in permutations(ways)} == {at(7)}


def test_of_two_reports_of_the_same_moment_the_further_state_counts():
    item = merged(None, [report(1, WorkState.DONE), report(1, WorkState.IN_PROGRESS)])

    assert item.state == WorkState.DONE


def test_an_item_that_was_removed_comes_back_with_a_later_report():
    gone = merged(None, [report(1, WorkState.TODO), report(2, None, is_removed=True)])
    back = merged(gone, [report(3, WorkState.TODO)])

    assert (gone.removed_at, back.removed_at) == (at(2), None)


def test_silence_keeps_a_value_and_a_whole_report_clears_it():
    item = merged(None, [report(1, WorkState.TODO, assignee="mara@studio.example")])

    assert merged(item, [report(2, WorkState.TODO)]).assignee == "mara@studio.example"
    assert merged(item, [report(2, WorkState.TODO, is_whole=True)]).assignee == ""


def test_a_report_without_a_state_does_not_invent_one():
    item = merged(None, [report(2, None)])

    assert merged(item, [report(1, WorkState.DONE)]).state == WorkState.DONE


def test_a_trail_keeps_its_newest_steps():
    states = [WorkState.TODO, WorkState.IN_PROGRESS]
    item = merged(None, [report(n, states[n % 2]) for n in range(LONGEST_TRAIL + 10)])

    assert (len(item.trail), item.trail[0][0], item.started_at) == (LONGEST_TRAIL, at(10), at(1))
