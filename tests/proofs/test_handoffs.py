"""Handoff packets: drafted from the record, published for good, following the plan by themselves."""

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal.canonical import canonical
from journal.letters import link_placeholder, placed_link
from journal.models import ChainHead, Event
from milestones.actions import decisions
from milestones.actions.endings import close
from milestones.actions.forecasts import move_forecast
from milestones.actions.milestone import add_dependency, add_milestone, change_milestone
from milestones.models import Contact, Dependency, Milestone
from milestones.words import MoveReason, Outcome
from proofs.actions import handoffs
from proofs.handing import ACCEPTED, SHORT_OF_HANDS
from proofs.models import HandoffPacket, Rendering
from proofs.queries import handoffs as queries
from proofs.queries.packets import acceptance_of
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import publish
from workspaces.models import Link, Purpose

LATER = MONDAY + timedelta(hours=1)
WORDS = {"next_move_owner": "Ada", "recommendation": "Alert on late figures."}


def accepted(by, **changes):
    """A milestone in closeout, with one that waits for it."""
    milestone = factories.milestone_in_closeout(by, **changes)
    planned = {"planned_date": date(2026, 3, 20)}
    later = add_milestone(
        milestone.project, {"code": "1.2", "name": "Alerting", **planned}, by=by, now=MONDAY
    )
    Dependency.objects.create(milestone=later, needs=milestone)
    return milestone


def drafted(milestone, now=LATER):
    return handoffs.begin(milestone.pk, now=now)


def published(milestone, by, now=LATER):
    draft = drafted(milestone, now)
    handoffs.write(draft.pk, WORDS, by=by, now=now)
    return handoffs.publish(draft.pk, by=by, now=now)


def stored(milestone):
    return Milestone.objects.get(pk=milestone.pk)


def kinds(milestone):
    rows = Event.objects.filter(thread_id=milestone.pk, kind__startswith="handoff_packet.").order_by("seq")
    return list(rows.values_list("kind", flat=True))


def slip(milestone, by, *, days=7, now=LATER):
    later = Milestone.objects.get(project=milestone.project, code="1.2")
    to = later.forecast_date + timedelta(days=days)
    said = {"code": MoveReason.CLIENT_INPUT, "reason": "The list of offices comes late."}
    return move_forecast(later.pk, to, **said, by=by, now=now)


def test_a_draft_speaks_with_the_record(studio, by):
    milestone = accepted(by)

    content = queries.content_of(drafted(milestone), now=LATER)

    assert {**content, **SAID} == content
    assert content["next_milestones"] == [
        {
            "code": "1.2",
            "name": "Alerting",
            "planned_date": "2026-03-20",
            "forecast_date": "2026-03-20",
            "label": "On track",
        }
    ]


SAID = {
    "schema": "cairn.handoff_packet.v1",
    "reason": ACCEPTED,
    "outcome": "Approved",
    "approval_state": "Approved by Dan Decider on 2 March 2026, by decision link, in answer to question 1.",
    "open_dependencies": "",
    "next_stage_trigger": "Kick off the alerting milestone",
    "invoice_trigger": "First instalment",
    "next_move_owner": "",
    "recommendation": "",
}


def test_the_approval_stands_on_the_day_that_the_approver_has(studio, by):
    noon = MONDAY + timedelta(hours=3)
    milestone = factories.milestone_in_closeout(by, now=noon)
    Contact.objects.filter(pk=milestone.approver_id).update(time_zone="Pacific/Kiritimati")

    content = queries.content_of(drafted(milestone, noon), now=noon)

    assert content["packet"]["clock_zone"] == "Pacific/Kiritimati"
    assert content["approval_state"].startswith("Approved by Dan Decider on 3 March 2026, by")


def test_what_is_open_follows_dependencies_and_blockers_while_it_is_a_draft(studio, by):
    milestone = accepted(by)
    draft = drafted(milestone)
    needed = add_milestone(milestone.project, {"code": "1.0", "name": "Feed"}, by=by, now=MONDAY)
    Dependency.objects.create(milestone=milestone, needs=needed)
    open_blocker(milestone.pk, type=BlockerType.INPUT, title="List of offices", by=by, now=LATER)

    content = queries.content_of(draft, now=LATER)

    assert content["open_dependencies"].splitlines() == [
        "1.0 Feed, without a date yet",
        "Blocker 1: List of offices, waits for Carla Client",
    ]


def test_what_people_wrote_stands_and_the_rest_goes_on_following(studio, by):
    milestone = accepted(by)
    draft = drafted(milestone)
    same = {"next_stage_trigger": "Kick off the alerting milestone"}

    handoffs.write(draft.pk, {**WORDS, **same}, by=by, now=LATER)
    change_milestone(milestone.pk, {"next_stage_trigger": "Begin phase 2"}, by=by, now=LATER)

    draft.refresh_from_db()
    content = queries.content_of(draft, now=LATER)
    assert (draft.next_stage_trigger, draft.recommendation) == ("", "Alert on late figures.")
    assert (content["next_stage_trigger"], content["next_move_owner"]) == ("Begin phase 2", "Ada")


def test_a_draft_is_made_once(studio, by):
    milestone = accepted(by)

    assert drafted(milestone).pk == drafted(milestone).pk

    assert kinds(milestone) == ["handoff_packet.drafted"]


def test_what_is_missing_is_listed_and_the_refusal_is_written_down(studio, by):
    milestone = accepted(by)
    draft = drafted(milestone)

    with pytest.raises(Refused) as refusal, transaction.atomic():
        handoffs.publish(draft.pk, by=by, now=LATER)
    handoffs.journal_refusal(draft.pk, refusal.value, by=by, now=LATER)

    assert refusal.value.code == "packet_incomplete"
    assert [item.code for item in refusal.value.unmet] == ["next_move_owner", "recommendation"]
    assert kinds(milestone) == ["handoff_packet.drafted", "handoff_packet.refused"]
    assert stored(milestone).handoff_packet_link == ""


def test_who_came_second_is_no_news_of_the_packet(studio, by):
    milestone = accepted(by)
    packet = published(milestone, by)

    with pytest.raises(Refused) as refusal, transaction.atomic():
        handoffs.publish(packet.pk, by=by, now=LATER)
    handoffs.journal_refusal(packet.pk, refusal.value, by=by, now=LATER)

    assert kinds(milestone)[-1] == "handoff_packet.published"


def test_nothing_is_published_before_the_client_accepted(studio, by):
    milestone = factories.milestone_in_review(by)
    draft = drafted(milestone)
    handoffs.write(draft.pk, WORDS, by=by, now=LATER)

    with pytest.raises(Refused) as refusal:
        handoffs.publish(draft.pk, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["accepted"]


def test_publishing_freezes_links_and_asks_for_files(studio, by):
    milestone = accepted(by)
    draft = drafted(milestone)
    handoffs.write(draft.pk, WORDS, by=by, now=LATER)
    head = ChainHead.objects.get()

    packet = handoffs.publish(draft.pk, by=by, now=LATER)

    link = Link.objects.get(purpose=Purpose.HANDOFF)
    assert (link.subject_id, link.recipient_name) == (milestone.pk, "Dan Decider")
    assert stored(milestone).handoff_packet_link == link_placeholder(link.pk)
    assert placed_link(stored(milestone).handoff_packet_link) == link.pk
    assert (packet.published_name, packet.outcome) == ("Ada Agency", Outcome.APPROVED)
    assert (packet.journal_seq, packet.journal_hash) == (head.seq, bytes(head.hash).hex())
    assert packet.content["journal"] == {"seq": head.seq, "hash": packet.journal_hash}
    assert packet.content["packet"]["published_at"] == "2026-03-02T10:00:00.000000Z"
    assert Rendering.objects.get().handoff_id == packet.pk


def test_the_hash_is_of_what_is_kept(studio, by):
    packet = published(accepted(by), by)

    packet.refresh_from_db()

    assert packet.content_sha256 == hashlib.sha256(canonical(packet.content).encode()).hexdigest()
    event = Event.objects.get(kind="handoff_packet.published")
    assert json.loads(event.body)["data"] == {
        "number": 1,
        "content_sha256": packet.content_sha256,
        "journal_seq": packet.journal_seq,
    }


def test_a_published_version_is_neither_written_nor_published_again(studio, by):
    packet = published(accepted(by), by)

    for act in (
        lambda: handoffs.write(packet.pk, {"recommendation": "Wait"}, by=by, now=LATER),
        lambda: handoffs.publish(packet.pk, by=by, now=LATER),
        lambda: handoffs.drop(packet.pk, by=by, now=LATER),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "published"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE proofs_handoffpacket SET recommendation = 'Wait'",
        "UPDATE proofs_handoffpacket SET content = '{}'",
        "UPDATE proofs_handoffpacket SET state = 'draft'",
        "DELETE FROM proofs_handoffpacket",
    ],
)
def test_the_database_itself_keeps_what_was_published(studio, by, statement):
    published(accepted(by), by)

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert queries.published(Milestone.objects.get(code="1.1").pk).count() == 1


def test_who_saves_second_is_told(studio, by):
    draft = drafted(accepted(by))
    handoffs.write(draft.pk, WORDS, by=by, now=LATER, expected=draft.version)

    with pytest.raises(Stale):
        handoffs.write(draft.pk, {"recommendation": "Wait"}, by=by, now=LATER, expected=draft.version)


def test_a_correction_is_a_new_version_under_the_same_address(studio, by):
    milestone = accepted(by)
    first = published(milestone, by)

    draft = handoffs.correct(milestone.pk, correction="The owner has changed.", by=by, now=LATER)
    handoffs.write(draft.pk, {"next_move_owner": "Carla"}, by=by, now=LATER)
    second = handoffs.publish(draft.pk, by=by, now=LATER)

    assert [(each.number, each.state) for each in queries.versions_of(milestone.pk)] == [
        (2, "published"),
        (1, "published"),
    ]
    assert second.content["packet"]["correction"] == "The owner has changed."
    assert second.content["recommendation"] == first.content["recommendation"]
    assert (first.content["next_move_owner"], second.content["next_move_owner"]) == ("Ada", "Carla")
    assert Link.objects.filter(purpose=Purpose.HANDOFF).count() == 1


def test_a_correction_needs_its_reason_and_something_to_correct(studio, by):
    milestone = accepted(by)

    def code_of(correction):
        with pytest.raises(Refused) as refusal:
            handoffs.correct(milestone.pk, correction=correction, by=by, now=LATER)
        return refusal.value.code

    assert code_of("Wrong") == "not_published"
    published(milestone, by)
    assert code_of(" ") == "invalid"
    handoffs.correct(milestone.pk, correction="Wrong", by=by, now=LATER)
    assert code_of("Wrong") == "already_drafted"


def test_a_correction_that_is_not_needed_is_taken_back_but_not_the_packet_itself(studio, by):
    milestone = accepted(by)
    draft = drafted(milestone)
    with pytest.raises(Refused) as refusal:
        handoffs.drop(draft.pk, by=by, now=LATER)
    published(milestone, by)
    correction = handoffs.correct(milestone.pk, correction="Wrong", by=by, now=LATER)

    handoffs.drop(correction.pk, by=by, now=LATER)

    assert refusal.value.code == "needed"
    assert [each.number for each in queries.versions_of(milestone.pk)] == [1]


def test_nothing_is_handed_over_before_work_has_begun_or_after_an_end_without_acceptance(studio, by):
    begun = factories.engagement(by, account_name="A", project_name="A").milestone
    ended = factories.milestone_in_execution(by, account_name="B", project_name="B")
    said = {"reason": "No feed.", "open_dependencies": "none", "next_move_owner": "Ada"}
    close(ended.pk, Outcome.BLOCKED, **said, by=by, now=LATER)

    def code_of(milestone):
        with pytest.raises(Refused) as refusal:
            drafted(milestone)
        return refusal.value.code

    assert [code_of(begun), code_of(ended)] == ["not_begun", "not_accepted"]


def test_a_rescheduled_plan_publishes_the_next_version_with_its_reason(studio, by):
    milestone = accepted(by)
    first = published(milestone, by)
    slip(milestone, by)

    second = handoffs.follow_plan(milestone.pk, now=LATER)

    assert (second.number, second.state, second.published_name) == (2, "published", "Cairn")
    assert second.content["reason"] == (
        "The plan was rescheduled: 1.2 moves from 20 March 2026 to 27 March 2026. "
        "Reason: The list of offices comes late."
    )
    assert second.content["next_milestones"][0]["forecast_date"] == "2026-03-27"
    assert second.content["recommendation"] == first.content["recommendation"]
    assert stored(milestone).handoff_packet_link == link_placeholder(Link.objects.get(purpose="handoff").pk)
    assert handoffs.follow_plan(milestone.pk, now=LATER) is None


def test_several_moves_since_the_last_look_make_one_version(studio, by):
    milestone = accepted(by)
    published(milestone, by)
    third = add_milestone(
        milestone.project,
        {"code": "1.3", "name": "Training", "planned_date": date(2026, 3, 20)},
        by=by,
        now=MONDAY,
    )
    add_dependency(third, Milestone.objects.get(code="1.2"), by=by, now=MONDAY)
    slip(milestone, by)
    slip(milestone, by, now=LATER + timedelta(minutes=5))

    handoffs.follow_plan(milestone.pk, now=LATER + timedelta(minutes=6))

    assert [each.number for each in queries.published(milestone.pk)] == [2, 1]
    assert "27 March 2026 to 3 April 2026, and 1 more with it." in queries.published(milestone.pk)[0].reason


def test_a_move_whose_writer_began_earlier_and_committed_later_is_told(studio, by):
    milestone = accepted(by)
    published(milestone, by)
    slip(milestone, by, now=LATER + timedelta(minutes=5))
    handoffs.follow_plan(milestone.pk, now=LATER + timedelta(minutes=5))
    slip(milestone, by, now=LATER + timedelta(minutes=4))

    handoffs.follow_plan(milestone.pk, now=LATER + timedelta(minutes=6))

    assert [each.number for each in queries.published(milestone.pk)] == [3, 2, 1]
    assert "27 March 2026 to 3 April 2026." in queries.published(milestone.pk)[0].reason


def test_a_draft_is_refreshed_instead(studio, by):
    milestone = accepted(by)
    published(milestone, by)
    correction = handoffs.correct(milestone.pk, correction="Wrong", by=by, now=LATER)
    slip(milestone, by)

    handoffs.follow_plan(milestone.pk, now=LATER)

    correction.refresh_from_db()
    assert (correction.state, correction.version) == ("draft", 1)
    assert correction.reason.startswith("The plan was rescheduled: 1.2 moves")
    assert queries.published(milestone.pk).count() == 1
    assert kinds(milestone)[-1] == "handoff_packet.refreshed"


def test_a_version_that_would_be_incomplete_waits_as_a_draft(studio, by):
    milestone = accepted(by)
    packet = published(milestone, by)
    mistaken = decisions_of(milestone)
    decisions.countermand(mistaken.pk, reason="Recorded for the wrong milestone.", by=by, now=LATER)
    slip(milestone, by)

    draft = handoffs.follow_plan(milestone.pk, now=LATER)

    assert (draft.number, draft.state) == (2, "draft")
    assert queries.published(milestone.pk).get() == packet
    assert stored(milestone).handoff_packet_link == ""


def decisions_of(milestone):
    return acceptance_of(milestone.pk)


def closed(milestone, by):
    """Past its gate, its proof packet published too."""
    publish(milestone, by, now=LATER)
    words = {"open_dependencies": "none", "next_move_owner": "Ada"}
    return close(milestone.pk, Outcome.APPROVED, **words, by=by, now=LATER)


def test_it_follows_the_plan_after_the_close_until_the_next_one_is_accepted(studio, by):
    milestone = accepted(by)
    published(milestone, by)
    closed(milestone, by)
    slip(milestone, by)

    assert handoffs.follow_plan(milestone.pk, now=LATER).number == 2

    Milestone.objects.filter(code="1.2").update(
        accepted_at=LATER,
        completed_at=LATER,
        stage="closed",
        outcome="changed_via_scope",
        closed_at=LATER,
        open_dependencies="none",
        next_move_owner="Ada",
        **{
            name: getattr(milestone, name)
            for name in (
                *("owner_primary", "owner_client", "approver", "output", "approval_channel"),
                "execution_started_at",
            )
        },
    )
    add_milestone(milestone.project, {"code": "1.9", "name": "More"}, by=by, now=LATER + timedelta(hours=1))
    assert handoffs.follow_plan(milestone.pk, now=LATER) is None
    assert [each.planned_through for each in queries.published(milestone.pk)] == [None, None]


def test_a_capacity_blocker_begins_the_draft_of_its_milestone(studio, by):
    milestone = factories.milestone_in_execution(by)
    open_blocker(milestone.pk, type=BlockerType.CAPACITY, title="Two people are ill", by=by, now=LATER)

    draft = handoffs.follow_plan(milestone.pk, now=LATER)

    assert (draft.number, draft.state, draft.reason) == (1, "draft", SHORT_OF_HANDS)
    content = queries.content_of(draft, now=LATER)
    assert content["open_dependencies"] == "Blocker 1, which we are removing ourselves"
    assert (content["outcome"], content["approval_state"]) == ("Not accepted yet", "Not approved yet.")
    assert HandoffPacket.objects.count() == 1
