"""From stored deliveries to work items: once each, in the order of their own times, whatever happens."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connections

from milestones.actions.engagements import archive, unarchive
from milestones.models import DayTally, Pulse, WorkItem
from telemetry import apply, inbound
from telemetry.actions.connections import change_connection, connect
from telemetry.actions.deliveries import replay
from telemetry.apply import apply_received
from telemetry.inbound import receive
from telemetry.models import RawDelivery
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.telemetry.inbound.senders import Generic, Linear

LATER = MONDAY + timedelta(hours=8)
pytestmark = pytest.mark.slow


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def linear(studio, milestone, by):
    with inside(studio):
        made, secret = connect(provider="linear", name="Linear", milestone=milestone, by=by, now=MONDAY)
    return made, Linear(secret)


@pytest.fixture
def generic(studio, milestone, by):
    with inside(studio):
        made, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
    return made, Generic(secret)


def hours(n):
    return MONDAY + timedelta(hours=n)


def arrive(connection, posted, *, now=MONDAY):
    return receive(connection.provider, connection.pk, headers=posted.headers, body=posted.body, now=now)[0]


def story(sender):
    """An item from its beginning to its end, as (time, delivery) pairs."""
    return [
        (hours(0), sender.says(hours(0), "unstarted", action="create")),
        (hours(1), sender.says(hours(1), "started", assignee={"email": "mara@studio.example"})),
        (hours(2), sender.comments(hours(2))),
        (hours(5), sender.says(hours(5), "completed", labels=[{"name": "client"}])),
    ]


def items(studio):
    with inside(studio):
        columns = ("title", "state", "assignee", "labels", "opened_at", "started_at", "done_at", "version_at")
        return list(WorkItem.objects.order_by("external_id").values(*columns))


def states(studio):
    with inside(studio):
        return sorted(RawDelivery.objects.values_list("state", flat=True))


def test_what_arrives_for_an_archived_project_is_let_go_and_may_be_replayed_after(
    studio, milestone, linear, by
):
    connection, sender = linear
    with inside(studio):
        archive(milestone.project_id, by=by, now=MONDAY)
    arrive(connection, sender.says(hours(0), "unstarted", action="create"))

    apply_received(now=LATER)

    assert (states(studio), items(studio)) == (["ignored"], [])
    with inside(studio):
        kept = RawDelivery.objects.get()
        assert kept.error == "Its project is archived. Take that up again and replay this, if it is to count."
        unarchive(milestone.project_id, by=by, now=LATER)
        replay(kept.pk, by=by, now=LATER)

    apply_received(now=LATER)

    assert (states(studio), len(items(studio))) == (["applied"], 1)


def test_an_item_of_an_archived_project_stays_when_its_connection_serves_another(
    studio, milestone, linear, by
):
    connection, sender = linear
    arrive(connection, sender.says(hours(0), "unstarted", action="create"))
    apply_received(now=hours(0))
    with inside(studio):
        other = factories.milestone_in_execution(by, account_name="Other", project_name="Other")
        change_connection(connection.pk, {"milestone": other}, by=by, now=hours(1))
        archive(milestone.project_id, by=by, now=hours(1))
        before = Pulse.objects.values().get(milestone=milestone)
    kept = items(studio)
    arrive(connection, sender.says(hours(2), "completed"), now=hours(2))

    apply_received(now=LATER)

    with inside(studio):
        assert Pulse.objects.values().get(milestone=milestone) == before
        assert not WorkItem.objects.filter(milestone=other).exists()
    assert items(studio) == kept


def test_deliveries_become_an_item_with_its_pulse_and_tallies(studio, milestone, linear):
    connection, sender = linear
    for at, posted in story(sender):
        arrive(connection, posted, now=at)

    finished = apply_received(now=LATER)

    assert (finished, states(studio)) == (4, ["applied"] * 4)
    assert items(studio) == [
        {
            "title": "Publish onboarding dashboard",
            "state": "done",
            "assignee": "",
            "labels": ["client"],
            "opened_at": hours(0),
            "started_at": hours(1),
            "done_at": hours(5),
            "version_at": hours(5),
        }
    ]
    with inside(studio):
        pulse = Pulse.objects.get(milestone=milestone)
        tallies = list(DayTally.objects.values_list("day", "opened", "done"))
    assert (pulse.work_total, pulse.work_open, pulse.work_done) == (1, 0, 1)
    assert (pulse.cycle_hours, pulse.cycle_median_hours) == ([4.0], 4.0)
    assert (pulse.last_work_at, pulse.changed_at) == (hours(5), LATER)
    assert tallies == [(MONDAY.date(), 1, 1)]


def test_a_shuffled_story_ends_the_same(studio, linear):
    connection, sender = linear
    told = story(sender)
    random.Random(7).shuffle(told)

    for at, posted in told:
        arrive(connection, posted, now=at)
        apply_received(now=LATER)

    (item,) = items(studio)
    assert (item["state"], item["started_at"], item["done_at"]) == ("done", hours(1), hours(5))


def test_twenty_copies_at_once_have_one_effect(studio, linear):
    connection, sender = linear
    posted = sender.says(MONDAY, "started")
    answers = []

    def post():
        try:
            answers.append(arrive(connection, posted))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    apply_received(now=LATER)

    assert sorted(answers) == ["repeated"] * 19 + ["stored"]
    assert (len(items(studio)), states(studio)) == (1, ["applied"])


def test_two_workers_at_once_apply_everything_once(studio, generic):
    connection, sender = generic
    for n in range(60):
        at = MONDAY + timedelta(minutes=n)
        arrive(connection, sender.says(at, external_id=f"CRM-{n % 20}", state="in_progress"), now=at)
    finished = []

    def work():
        try:
            finished.append(apply_received(now=LATER))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sum(finished), len(items(studio)), states(studio)) == (60, 20, ["applied"] * 60)


def test_a_comment_is_a_sign_of_life_and_no_item(studio, milestone, linear):
    connection, sender = linear
    arrive(connection, sender.comments(hours(2)), now=hours(2))

    apply_received(now=LATER)

    assert items(studio) == []
    with inside(studio):
        assert Pulse.objects.get(milestone=milestone).last_work_at == hours(2)


def test_a_removed_item_counts_no_more(studio, milestone, linear):
    connection, sender = linear
    arrive(connection, sender.says(hours(0), "started"))
    arrive(connection, sender.says(hours(1), "started", action="remove"), now=hours(1))

    apply_received(now=LATER)

    with inside(studio):
        assert WorkItem.objects.get().removed_at == hours(1)
        assert Pulse.objects.get(milestone=milestone).work_total == 0
        assert list(DayTally.objects.values_list("opened", flat=True)) == [0]


def test_what_is_not_about_work_is_ignored(studio, linear):
    connection, sender = linear
    stamp = int(MONDAY.timestamp() * 1000)
    arrive(connection, sender.sends({"type": "Project", "action": "update", "webhookTimestamp": stamp}))

    apply_received(now=LATER)

    assert states(studio) == ["ignored"]


def test_a_tools_own_words_for_states_can_be_mapped(studio, generic, by):
    connection, sender = generic
    with inside(studio):
        options = {"states": {"Shipped": "done"}}
        change_connection(connection.pk, {"options": options}, by=by, now=MONDAY)
    arrive(connection, sender.says(hours(0), state="Shipped"))

    apply_received(now=LATER)

    assert items(studio)[0]["state"] == "done"


def test_a_poisonous_delivery_is_parked_and_the_others_flow(studio, generic):
    connection, sender = generic
    for n in range(3):
        arrive(connection, sender.says(hours(n), external_id=f"CRM-{n}"), now=hours(n))
    with inside(studio):
        RawDelivery.objects.filter(received_at=hours(1)).update(headers=["spoilt"])

    apply_received(now=LATER)

    with inside(studio):
        parked = RawDelivery.objects.get(state="parked")
    assert parked.error.startswith("It could not be read")
    assert [item["title"] for item in items(studio)] == ["Dashboard", "Dashboard"]


def test_what_killed_its_worker_five_times_is_parked(studio, generic):
    connection, sender = generic
    arrive(connection, sender.says(hours(0)))
    with inside(studio):
        RawDelivery.objects.update(attempts=apply.MOST_ATTEMPTS)

    apply_received(now=LATER)

    with inside(studio):
        assert RawDelivery.objects.get().error == "It was tried 5 times and never came to an end."


def test_a_claim_that_is_still_leased_is_left_alone(studio, generic):
    connection, sender = generic
    arrive(connection, sender.says(hours(0)))
    apply._claim(again=False)

    assert (apply_received(now=LATER), states(studio)) == (0, ["received"])


def test_a_worker_whose_lease_ran_out_finishes_nothing(studio, generic):
    connection, sender = generic
    arrive(connection, sender.says(hours(0)))
    late = apply._claim(again=False)
    with inside(studio):
        RawDelivery.objects.update(lease_until=MONDAY)
    apply_received(now=LATER)

    with inside(studio):
        RawDelivery.objects.update(state="received", finished_at=None)
        assert apply._apply(late, now=LATER) == 0


def test_a_replayed_delivery_changes_nothing_when_it_was_applied(studio, linear, by):
    connection, sender = linear
    for at, posted in story(sender):
        arrive(connection, posted, now=at)
    apply_received(now=LATER)
    before = items(studio)
    with inside(studio):
        for delivery in RawDelivery.objects.all():
            replay(delivery.pk, by=by, now=LATER)

    apply_received(now=LATER)

    assert (items(studio), states(studio)) == (before, ["applied"] * 4)


def test_each_workspace_gets_its_turn_and_its_own_items(studio, generic, ada):
    connection, sender = generic
    elsewhere = factories.workspace(ada)
    with inside(elsewhere):
        milestone = factories.milestone_in_execution(factories.actor(ada))
        other, secret = connect(
            provider="generic", name="CRM", milestone=milestone, by=factories.actor(ada), now=MONDAY
        )
    arrive(connection, sender.says(hours(0), title="Ours"))
    inbound.forget()
    arrive(other, Generic(secret).says(hours(0), title="Theirs"))

    apply_received(now=LATER)

    assert [item["title"] for item in items(studio)] == ["Ours"]
    assert [item["title"] for item in items(elsewhere)] == ["Theirs"]
