"""The change queue: an ask is priced and put to the client, whose decision alone changes scope and date."""

from datetime import timedelta
from decimal import Decimal

import pytest

from journal.models import Event
from milestones.actions import decisions, stages
from milestones.actions.scope import (
    ask_client,
    decline,
    estimate,
    queue_item,
    queue_outside,
    queue_request,
)
from milestones.actions.work import Heard, add_work_item, mirror
from milestones.models import ChangeRequest, Criterion, DateMove, DecisionRequest, Milestone, WorkItem
from milestones.scope_rules import is_marked
from milestones.words import ChangeState, RequestState, Stage
from milestones.work import Report
from tenancy.ids import uuid7
from tenancy.refusal import Refused
from tests.factories import MONDAY, milestone_cleared, milestone_in_execution
from tests.plugins.scenes import scene

HOUR = timedelta(hours=1)
SOON = MONDAY + timedelta(days=3)


@scene
def milestone(studio, by):
    return milestone_in_execution(by)


@scene
def ask(milestone, by):
    return queue_request(milestone.pk, title="Dark mode", asked_by="Carla", by=by, now=MONDAY)


def offered(ask, by, **terms):
    terms = {"days": Decimal("1.5"), "price": Decimal(900), "adds_criterion": "Every page is dark", **terms}
    estimate(ask.pk, terms, by=by, now=MONDAY)
    return ask_client(ask.pk, decide_by=SOON, by=by, now=MONDAY)


def answer(asked, option, by):
    return decisions.decide(
        asked.pk,
        option=option,
        name="Dan Decider",
        digest=asked.shown_digest,
        contact=asked.approver,
        by=by,
        now=MONDAY,
    )


def test_the_client_reads_price_days_and_the_new_date(milestone, ask, by):
    asked = offered(ask, by)

    yes, no = asked.options
    assert yes["label"] == "Yes, for 900.00 EUR and 2 working days"
    assert yes["consequence"] == (
        "It becomes part of the agreed scope. The forecast moves from 13 March 2026 to 17 March 2026. "
        "It is accepted when: Every page is dark"
    )
    assert no["consequence"] == "Scope, price and date stay as agreed: 13 March 2026."


def test_an_accepted_change_adds_its_criterion_and_moves_the_date_as_scope(milestone, ask, by):
    asked = offered(ask, by)

    decided = answer(asked, "accept", by)

    ask.refresh_from_db()
    milestone.refresh_from_db()
    move = DateMove.objects.get(milestone=milestone)
    assert (ask.state, ask.decision) == (ChangeState.ACCEPTED, decided)
    assert Criterion.objects.filter(milestone=milestone, statement="Every page is dark").exists()
    assert f"{milestone.forecast_date}" == "2026-03-17"
    assert (move.reason_code, move.attributed_to, move.decision) == ("scope_change", "scope", decided)


def test_a_declined_change_leaves_scope_and_date_alone(milestone, ask, by):
    answer(offered(ask, by), "decline", by)

    ask.refresh_from_db()
    assert ask.state == ChangeState.DECLINED
    assert not DateMove.objects.exists()
    assert Milestone.objects.get().forecast_date == milestone.forecast_date


def test_a_no_that_was_a_mistake_puts_the_request_back_into_the_queue(ask, by):
    decided = answer(offered(ask, by), "decline", by)

    decisions.countermand(decided.pk, reason="Dan meant another change.", by=by, now=MONDAY)

    ask.refresh_from_db()
    assert (ask.state, ask.decision, ask.decided_at) == (ChangeState.UNDECIDED, None, None)
    assert Event.objects.filter(kind="change_request.reopened").count() == 1


def test_a_yes_moves_the_date_to_the_day_that_it_showed(milestone, ask, by):
    asked = offered(ask, by)

    answer(asked, "accept", by)

    assert [option["forecast"] for option in asked.options] == ["2026-03-17", "2026-03-13"]
    assert Milestone.objects.get().forecast_date.isoformat() == "2026-03-17"


def test_a_change_that_waits_is_taken_back_when_the_milestone_is_completed(studio, by):
    ready = milestone_cleared(by)
    request = queue_request(ready.pk, title="Dark mode", by=by, now=MONDAY)
    asked = offered(request, by)

    stages.move(ready.pk, Stage.REVIEW, by=by, now=MONDAY)

    asked.refresh_from_db()
    assert asked.state == RequestState.WITHDRAWN
    assert ChangeRequest.objects.get().state == ChangeState.UNDECIDED


def test_a_change_that_costs_nothing_moves_no_date(milestone, ask, by):
    asked = offered(ask, by, days=Decimal(0), price=Decimal(0), adds_criterion="")

    answer(asked, "accept", by)

    assert asked.options[0]["label"] == "Yes, for no extra price"
    assert not DateMove.objects.exists()


def test_the_client_is_not_asked_before_price_and_days_are_said(ask, by):
    with pytest.raises(Refused) as refusal:
        ask_client(ask.pk, decide_by=SOON, by=by, now=MONDAY)

    assert (refusal.value.code, set(refusal.value.fields)) == ("not_estimated", {"days", "price"})


def test_what_the_client_is_asked_about_is_not_changed_beneath_them(ask, by):
    offered(ask, by)

    with pytest.raises(Refused, match="Withdraw the question"):
        estimate(ask.pk, {"price": Decimal(1)}, by=by, now=MONDAY)


def test_a_negative_price_is_refused(ask, by):
    with pytest.raises(Refused) as refusal:
        estimate(ask.pk, {"price": Decimal(-1)}, by=by, now=MONDAY)

    assert set(refusal.value.fields) == {"price"}


def test_our_own_no_needs_a_reason_and_withdraws_the_question(ask, by):
    asked = offered(ask, by)

    with pytest.raises(Refused, match="Say why"):
        decline(ask.pk, " ", by=by, now=MONDAY)
    decline(ask.pk, "It belongs to the next engagement.", by=by, now=MONDAY)

    assert ChangeRequest.objects.get().state == ChangeState.DECLINED
    assert DecisionRequest.objects.get(pk=asked.pk).state == RequestState.WITHDRAWN


def test_a_decided_request_is_not_decided_again(ask, by):
    decline(ask.pk, "It belongs to the next engagement.", by=by, now=MONDAY)

    with pytest.raises(Refused, match="declined already"):
        ask_client(ask.pk, decide_by=SOON, by=by, now=MONDAY)


def test_a_work_item_outside_the_scope_is_queued_once(milestone, by):
    item = add_work_item(milestone.pk, title="Export to PDF", by=by, now=MONDAY)

    first, second = (queue_item(item, by=by, now=MONDAY) for _ in range(2))

    assert (first.title, first.source_id, second) == ("Export to PDF", item.pk, None)


@pytest.mark.parametrize(
    ("labels", "is_outside"),
    [
        (["Unplanned"], True),
        (["client", " OUT OF SCOPE "], True),
        (["out-of-scope"], True),
        (["Change Request"], True),
        (["scope"], True),
        (["scoped"], False),
        ([], False),
    ],
)
def test_labels_mark_what_nobody_agreed_on(labels, is_outside):
    assert is_marked(labels) is is_outside


def heard(milestone, connection_id, *, labels, opened_at=MONDAY + HOUR, at=None, **said):
    reports = [Report(at=opened_at, title="Dark mode", labels=()), Report(at=at or opened_at, labels=labels)]
    return Heard(
        connection_id=connection_id,
        source="linear",
        external_id="LIN-7",
        milestone_id=milestone.pk,
        reports=[*reports, Report(at=at or opened_at, labels=labels, **said)],
        last_sign_at=at or opened_at,
    )


def test_an_item_that_a_tool_marks_as_unplanned_is_queued_by_itself_once(milestone):
    connection_id = uuid7()

    mirror([heard(milestone, connection_id, labels=("Unplanned",))], now=MONDAY + HOUR)
    mirror([heard(milestone, connection_id, labels=("Unplanned", "ui"), at=MONDAY + 2 * HOUR)], now=SOON)

    queued = ChangeRequest.objects.get()
    assert (queued.title, queued.source, queued.source_id) == (
        "Dark mode",
        "linear",
        WorkItem.objects.get().pk,
    )
    assert Event.objects.get(kind="change_request.queued").actor_kind == "system"


def test_an_item_marked_later_is_queued_then(milestone):
    connection_id = uuid7()
    mirror([heard(milestone, connection_id, labels=("ui",))], now=MONDAY + HOUR)

    mirror([heard(milestone, connection_id, labels=("scope",), at=MONDAY + 2 * HOUR)], now=SOON)

    assert ChangeRequest.objects.get().title == "Dark mode"


def test_what_was_there_before_execution_began_was_agreed(milestone):
    mirror([heard(milestone, uuid7(), labels=("scope",), opened_at=MONDAY - HOUR)], now=MONDAY)

    assert not ChangeRequest.objects.exists()


def test_a_removed_item_is_not_queued(milestone):
    mirror([heard(milestone, uuid7(), labels=("scope",), is_removed=True)], now=SOON)

    assert not ChangeRequest.objects.exists()


def test_items_without_labels_cost_the_drain_nothing(milestone, django_assert_num_queries):
    plain = heard(milestone, uuid7(), labels=("ui",))

    with django_assert_num_queries(0):
        queue_outside([{"id": uuid7(), "labels": report.labels or ()} for report in plain.reports], now=SOON)
