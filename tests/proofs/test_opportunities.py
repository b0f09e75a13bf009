"""Opportunities: one for each delivered packet, its stages, its next step and the reminder of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from journal.models import Delivery, Event, State
from milestones.actions.engagements import archive
from milestones.models import Milestone
from proofs.actions import opportunities
from proofs.expansion import DeliveredProof
from proofs.models import Opportunity
from proofs.queries.opportunities import delivered_proofs, due, open_ones, totals
from proofs.sweeps.opportunities import remind_due
from proofs.words import OpportunityStage
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY, engagement, milestone_in_closeout
from tests.plugins.scenes import scene
from tests.proofs.delivering import data, delivered
from workspaces.models import Membership

LATER = MONDAY + timedelta(hours=1)
FRIDAY = date(2026, 3, 6)
CONVERSATION, PROPOSAL, WON, LOST = (
    OpportunityStage.CONVERSATION,
    OpportunityStage.PROPOSAL,
    OpportunityStage.WON,
    OpportunityStage.LOST,
)


@scene
def milestone(studio, by):
    return milestone_in_closeout(by)


@scene
def project(studio, by):
    return engagement(by).project


@scene
def opportunity(project, by):
    return opportunities.note(project, title="Alerting", by=by, now=MONDAY)


def _advance(opportunity, *stages, by, reason="They have no budget."):
    for at, stage in enumerate(stages):
        now = LATER + timedelta(hours=at)
        opportunity = opportunities.advance(opportunity.pk, stage, reason=reason, by=by, now=now)
    return opportunity


def _plan(opportunity, by, *, on=FRIDAY, **more):
    return opportunities.plan_next(opportunity.pk, step="Call Carla", on=on, by=by, now=MONDAY, **more)


def test_a_delivered_packet_starts_an_opportunity(milestone, by):
    packet = delivered(milestone, by, recommendation="Add alerting next.")

    found = Opportunity.objects.get()
    assert (found.number, found.title, found.notes) == (
        1,
        "After Onboarding dashboard published",
        "Add alerting next.",
    )
    assert (found.packet_id, found.account_id) == (packet.pk, milestone.project.account_id)
    assert (found.currency, found.owner_id, found.stage) == ("EUR", milestone.review_owner_id, "identified")
    event = Event.objects.get(kind="opportunity.started")
    assert (event.thread_id, event.actor_kind) == (milestone.pk, "system")


def test_an_owner_who_left_is_followed_by_the_founder(milestone, by):
    ben = Membership.objects.create(
        user=factories.person("ben@studio.example", "Ben"), role="member", joined_at=MONDAY, ended_at=MONDAY
    )
    Milestone.objects.filter(pk=milestone.pk).update(review_owner=ben, owner_primary=ben)
    milestone.refresh_from_db()

    delivered(milestone, by)

    assert Opportunity.objects.get().owner.role == "owner"


def test_one_is_noted_by_hand_in_the_projects_currency(opportunity, project):
    assert (opportunity.number, opportunity.packet_id, opportunity.currency) == (1, None, "EUR")
    assert Event.objects.get(kind="opportunity.noted").thread_id == project.pk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": Decimal(-1)}, "value"),
        ({"currency": "euro"}, "currency"),
        ({"title": ""}, "title"),
        ({"title": "a\u202eb"}, "title"),
        ({"next_step_on": FRIDAY}, "next_step"),
        ({"next_step": "Call", "next_step_on": date(9999, 1, 1)}, "next_step_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(project, opportunity, by, wrong, field):
    with pytest.raises(Refused) as noted:
        opportunities.note(project, **{"title": "x", **wrong}, by=by, now=MONDAY)
    with pytest.raises(Refused) as revised:
        opportunities.revise(opportunity.pk, wrong, by=by, now=MONDAY)

    assert list(noted.value.fields) == list(revised.value.fields) == [field]


def test_it_goes_through_its_stages_to_won(opportunity, by):
    won = _advance(opportunity, CONVERSATION, PROPOSAL, WON, by=by)

    hour = timedelta(hours=1)
    assert (won.conversation_at, won.proposal_at, won.ended_at) == (LATER, LATER + hour, LATER + 2 * hour)
    steps = [data(event)["to"] for event in Event.objects.filter(kind="opportunity.advanced").order_by("seq")]
    assert steps == ["conversation", "proposal", "won"]


def test_a_loss_says_why(opportunity, by):
    with pytest.raises(Refused) as refused:
        opportunities.advance(opportunity.pk, LOST, reason=" ", by=by, now=LATER)

    lost = _advance(opportunity, LOST, by=by)

    assert list(refused.value.fields) == ["reason"]
    assert (lost.stage, lost.end_reason, lost.ended_at) == ("lost", "They have no budget.", LATER)


def test_a_step_by_mistake_is_taken_back_with_its_reason(opportunity, by):
    _advance(opportunity, CONVERSATION, PROPOSAL, LOST, by=by)

    stages = []
    for _ in range(3):
        back = opportunities.take_back(opportunity.pk, reason="Wrong row", by=by, now=LATER)
        stages.append((back.stage, back.conversation_at is None, back.proposal_at is None, back.ended_at))

    assert stages == [
        ("proposal", False, False, None),
        ("conversation", False, True, None),
        ("identified", True, True, None),
    ]
    assert Event.objects.filter(kind="opportunity.taken_back").count() == 3


def test_a_step_is_not_taken_back_without_a_reason(opportunity, by):
    _advance(opportunity, CONVERSATION, by=by)

    with pytest.raises(Refused) as refused:
        opportunities.take_back(opportunity.pk, reason="", by=by, now=LATER)

    assert list(refused.value.fields) == ["reason"]


def test_what_has_ended_is_not_changed(opportunity, by):
    _advance(opportunity, LOST, by=by)

    with pytest.raises(Refused) as refused:
        opportunities.revise(opportunity.pk, {"title": "x"}, by=by, now=LATER)

    assert refused.value.code == "ended"


def test_a_change_is_saved_only_as_it_was_seen(opportunity, by):
    opportunities.revise(opportunity.pk, {"value": Decimal(5000)}, by=by, now=LATER, expected=1)

    with pytest.raises(Stale):
        opportunities.revise(opportunity.pk, {"value": Decimal(1)}, by=by, now=LATER, expected=1)
    with pytest.raises(Stale):
        opportunities.advance(opportunity.pk, CONVERSATION, by=by, now=LATER, expected=1)

    assert Opportunity.objects.get().value == 5000


def test_an_archived_project_takes_no_opportunity(project, by):
    archive(project.pk, by=by, now=LATER)
    project.refresh_from_db()

    with pytest.raises(Refused):
        opportunities.note(project, title="x", by=by, now=LATER)


def test_the_database_holds_what_an_opportunity_is(opportunity):
    wrong = [
        {"value": -1},
        {"currency": "eu"},
        {"stage": "proposal"},
        {"stage": "won", "conversation_at": LATER},
        {"stage": "lost", "ended_at": LATER},
        {"ended_at": LATER},
    ]
    for changes in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Opportunity.objects.update(**changes)


def test_its_owner_is_reminded_on_the_day_once_for_each_date(opportunity, by):
    _plan(opportunity, by)
    days = [datetime(2026, 3, day, 10, tzinfo=UTC) for day in (5, 6, 6, 7)]

    for now in days:
        opportunities.remind(opportunity.pk, now=now)

    sent = Delivery.objects.get(kind="opportunity_due")
    opportunity.refresh_from_db()
    assert (sent.address, sent.step, sent.due_at) == ("ada@studio.example", "2026-03-06", days[1])
    assert sent.payload["subject"] == "Due today: Call Carla"
    assert f"/w/{opportunity.workspace.slug}/proof/opportunities/{opportunity.pk}/" in sent.payload["text"]
    assert (opportunity.reminded_on, opportunity.version) == (FRIDAY, 2)


def test_a_reminder_at_night_waits_for_the_working_day(opportunity, by):
    _plan(opportunity, by)

    opportunities.remind(opportunity.pk, now=datetime(2026, 3, 6, 0, 5, tzinfo=UTC))

    assert Delivery.objects.get(kind="opportunity_due").due_at == datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.mark.parametrize("what", ["moved", "ended"])
def test_a_reminder_that_has_not_left_is_taken_back(opportunity, by, what):
    _plan(opportunity, by)
    opportunities.remind(opportunity.pk, now=datetime(2026, 3, 6, 0, 5, tzinfo=UTC))

    if what == "moved":
        _plan(opportunity, by, on=FRIDAY + timedelta(days=3))
    else:
        _advance(opportunity, LOST, by=by)

    assert Delivery.objects.get(kind="opportunity_due").state == State.WITHDRAWN


def test_an_owner_who_left_is_not_reminded_but_the_founder_is(opportunity, by, studio):
    gone = Membership.objects.create(
        user=factories.person("ben@studio.example", "Ben"), role="member", joined_at=MONDAY, ended_at=MONDAY
    )
    opportunities.revise(opportunity.pk, {"owner": gone}, by=by, now=MONDAY)
    _plan(opportunity, by)

    opportunities.remind(opportunity.pk, now=datetime(2026, 3, 6, 10, tzinfo=UTC))

    assert Delivery.objects.get(kind="opportunity_due").address == "ada@studio.example"


def test_totals_are_by_stage_and_currency(project, opportunity, by):
    for value, currency in (("100.50", "EUR"), ("9", "USD")):
        opportunities.note(project, title="x", value=Decimal(value), currency=currency, by=by, now=MONDAY)
    _advance(opportunity, CONVERSATION, by=by)

    assert [(row["stage"], row["currency"], row["n"], row["value"]) for row in totals()] == [
        ("conversation", "EUR", 1, None),
        ("identified", "EUR", 1, Decimal("100.50")),
        ("identified", "USD", 1, Decimal("9.00")),
    ]


def test_what_is_due_first_stands_first(project, opportunity, by):
    soon = opportunities.note(project, title="Soon", next_step="Call", next_step_on=FRIDAY, by=by, now=MONDAY)

    assert [row.pk for row in open_ones()] == [soon.pk, opportunity.pk]
    assert [list(due(day)) for day in (FRIDAY - timedelta(days=1), FRIDAY)] == [[], [soon]]


def test_each_milestone_counts_once_among_delivered_packets(milestone, by):
    delivered(milestone, by)
    delivered(milestone, by, number=2, now=LATER, correction="A typo")
    other = milestone_in_closeout(by)
    delivered(other, by, now=LATER)
    _advance(Opportunity.objects.get(packet__milestone=milestone), CONVERSATION, by=by)

    assert delivered_proofs() == [DeliveredProof(MONDAY, LATER), DeliveredProof(LATER, None)]


def test_the_sweep_goes_by_each_workspaces_own_day(fresh_database):
    ada = factories.person()
    by = factories.actor(ada)
    east = factories.workspace(ada, time_zone="Pacific/Auckland")
    west = factories.workspace(ada, time_zone="America/Los_Angeles")
    for workspace in (east, west):
        with inside(workspace):
            _plan(opportunities.note(engagement(by).project, title="x", by=by, now=MONDAY), by)
    evening = datetime(2026, 3, 5, 20, tzinfo=UTC)

    counts = [remind_due(now=evening), remind_due(now=evening), remind_due(now=evening + timedelta(days=1))]

    assert counts == [1, 0, 1]
