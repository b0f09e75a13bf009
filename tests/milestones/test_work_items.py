"""Work items that are made here, and what their milestone learns of them."""

from datetime import date, timedelta

import pytest

from journal.models import Event
from milestones.actions.work import DAYS_KEPT, Heard, add_work_item, change_work_item, mirror
from milestones.models import DayTally, Milestone, Pulse, WorkItem
from milestones.words import WorkState
from milestones.work import Report
from tenancy.ids import uuid7
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene

pytestmark = pytest.mark.usefixtures("studio")


@scene
def milestone(studio, by) -> Milestone:
    return factories.milestone_in_execution(by)


def later(hours: float):
    return MONDAY + timedelta(hours=hours)


def pulse(milestone) -> tuple[int, int, int, list[float]]:
    kept = Pulse.objects.get(milestone=milestone)
    return kept.work_total, kept.work_open, kept.work_done, kept.cycle_hours


def tallies(milestone) -> list[tuple[int, int]]:
    return list(milestone.tallies.order_by("day").values_list("opened", "done"))


def completions(milestone) -> tuple[list[date], list[int]]:
    kept = Pulse.objects.get(milestone=milestone)
    return kept.done_days, kept.done_sums


def test_a_new_item_counts_at_once(milestone, by):
    item = add_work_item(milestone.pk, title="Write the copy", by=by, now=MONDAY)

    assert pulse(milestone) == (1, 1, 0, [])
    assert tallies(milestone) == [(1, 0)]
    assert Event.objects.filter(subject_id=item.pk).values_list("kind", "actor_id").get() == (
        "work_item.added",
        by.id,
    )


def test_an_item_is_dated_as_it_moves(milestone, by):
    item = add_work_item(milestone.pk, title="Write the copy", by=by, now=MONDAY)
    change_work_item(item.pk, {"state": "in_progress"}, by=by, now=later(1))

    done = change_work_item(item.pk, {"state": "done"}, by=by, now=later(25))

    assert (done.started_at, done.done_at, done.version) == (later(1), later(25), 3)
    assert pulse(milestone) == (1, 0, 1, [24.0])
    assert tallies(milestone) == [(1, 0), (0, 1)]


def test_a_reopened_item_is_taken_out_of_its_days_tally(milestone, by):
    item = add_work_item(milestone.pk, title="Copy", state=WorkState.DONE, by=by, now=MONDAY)

    change_work_item(item.pk, {"state": "todo"}, by=by, now=later(1))

    assert (pulse(milestone), tallies(milestone)) == ((1, 1, 0, []), [(1, 0)])


def test_cancelled_items_are_neither_open_nor_done(milestone, by):
    add_work_item(milestone.pk, title="Copy", state=WorkState.CANCELLED, by=by, now=MONDAY)

    assert pulse(milestone) == (0, 0, 0, [])


def test_a_frozen_milestone_takes_no_additions(milestone, by):
    Milestone.objects.filter(pk=milestone.pk).update(is_frozen=True)

    with pytest.raises(Refused, match="Additions are frozen"):
        add_work_item(milestone.pk, title="One more feature", by=by, now=MONDAY)

    assert not WorkItem.objects.exists()


def test_a_mirrored_item_is_changed_at_its_source(milestone, by):
    mirror([heard(milestone, Report(at=MONDAY, title="Copy", state=WorkState.TODO))], now=MONDAY)

    with pytest.raises(Refused, match="mirrored from Linear"):
        change_work_item(WorkItem.objects.get().pk, {"title": "Mine"}, by=by, now=MONDAY)


def test_two_people_who_change_an_item_at_once(milestone, by):
    item = add_work_item(milestone.pk, title="Copy", by=by, now=MONDAY)
    change_work_item(item.pk, {"title": "Copy, short"}, by=by, now=MONDAY, expected=1)

    with pytest.raises(Stale):
        change_work_item(item.pk, {"title": "Copy, long"}, by=by, now=MONDAY, expected=1)


def test_the_pulse_knows_what_was_done_by_the_end_of_each_day(milestone, by):
    days = [MONDAY + timedelta(days=n) for n in (0, 0, 1, 4)]
    items = [add_work_item(milestone.pk, title="Copy", state=WorkState.DONE, by=by, now=at) for at in days]
    told = [completions(milestone)]

    change_work_item(items[2].pk, {"state": WorkState.TODO}, by=by, now=later(100))
    told.append(completions(milestone))
    for item in items:
        change_work_item(item.pk, {"state": WorkState.TODO}, by=by, now=later(100))
    told.append(completions(milestone))

    first, second, _, last = [at.date() for at in (days[0], days[2], days[2], days[3])]
    assert told == [([first, second, last], [2, 3, 4]), ([first, last], [2, 3]), ([], [])]


def test_the_pulse_keeps_completions_for_longer_than_scoring_looks_back(milestone, by):
    for n in range(DAYS_KEPT + 2):
        at = MONDAY + timedelta(days=n)
        add_work_item(milestone.pk, title="Copy", state=WorkState.DONE, by=by, now=at)

    days, sums = completions(milestone)

    assert (len(days), days[-1], sums) == (DAYS_KEPT, at.date(), list(range(1, DAYS_KEPT + 1)))


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"title": "a\x00"}, {"due_on": "soon"}, {"external_url": "javascript:1"}]
)
def test_what_an_item_cannot_be_is_named(milestone, by, wrong):
    with pytest.raises(Refused) as refusal:
        add_work_item(milestone.pk, **{"title": "Copy", **wrong}, by=by, now=MONDAY)

    assert list(refusal.value.fields) == list(wrong)


def test_mirroring_is_set_based(milestone, django_assert_num_queries):
    def many(count):
        return [
            heard(milestone, Report(at=MONDAY, title="Copy", state=WorkState.TODO), external_id=f"LIN-{n}")
            for n in range(count)
        ]

    with django_assert_num_queries(8):
        mirror(many(2), now=MONDAY)
    with django_assert_num_queries(8):
        mirror(many(60), now=MONDAY)

    assert pulse(milestone)[:2] == (60, 60)


def test_what_was_heard_before_writes_nothing(milestone):
    told = [heard(milestone, Report(at=MONDAY, title="Copy", state=WorkState.TODO))]
    mirror(told, now=MONDAY)

    assert (mirror(told, now=MONDAY), WorkItem.objects.get().version) == (0, 1)
    assert DayTally.objects.count() == 1


CONNECTION = uuid7()


def heard(milestone, *reports: Report, external_id: str = "LIN-1") -> Heard:
    return Heard(
        connection_id=CONNECTION,
        source="linear",
        external_id=external_id,
        milestone_id=milestone.pk,
        reports=reports,
        last_sign_at=MONDAY,
    )
