"""The handoff, the gate to the close and what comes next, on the tab “Proof”."""

import json
from datetime import date

import pytest
from django.urls import reverse

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal.models import Event
from milestones.actions.endings import close
from milestones.actions.milestone import add_milestone
from milestones.models import Dependency, Milestone
from milestones.words import Outcome
from proofs.actions import handoffs
from proofs.models import HandoffPacket
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.publishing import publish
from tests.web.conftest import page
from tests.web.test_query_counts import statements

WORDS = {
    "open_dependencies": "none",
    "next_stage_trigger": "Kick off the alerting milestone",
    "next_move_owner": "Ada",
    "recommendation": "Alert on late figures.",
}


@scene
def accepted(studio, by):
    with inside(studio):
        return factories.milestone_in_closeout(by)


@scene
def draft(studio, accepted):
    with inside(studio):
        return handoffs.begin(accepted.pk, now=MONDAY)


def tab(milestone):
    return reverse("milestone_proof", args=["studio", milestone.pk])


def to(name, row):
    return reverse(name, args=["studio", row.pk])


def proven(studio, milestone, by):
    with inside(studio):
        publish(milestone, by)


def published(studio, draft, by):
    with inside(studio):
        handoffs.write(draft.pk, WORDS, by=by, now=MONDAY)
        return handoffs.publish(draft.pk, by=by, now=MONDAY)


def test_a_draft_may_be_begun_at_once(founder, studio, accepted):
    assert "Begin it now" in page(founder.get(tab(accepted)))

    response = founder.post(to("begin_handoff", accepted))

    assert response.status_code == 302
    with inside(studio):
        assert HandoffPacket.objects.get().milestone_id == accepted.pk


def test_the_draft_shows_the_record_and_what_is_missing(founder, accepted, draft):
    shown = page(founder.get(tab(accepted)))

    assert 'value="Kick off the alerting milestone"' in shown
    assert 'data-code="next_move_owner"' in shown
    assert 'href="#handoff-recommendation"' in shown


def test_what_is_typed_is_saved_and_kept_when_somebody_was_faster(founder, studio, accepted, draft, by):
    saved = founder.post(to("save_handoff", draft), {**WORDS, "version": 1})
    stale = founder.post(to("save_handoff", draft), {**WORDS, "next_move_owner": "Carla", "version": 1})

    assert (saved.status_code, stale.status_code) == (302, 409)
    assert 'value="Carla"' in page(stale)
    with inside(studio):
        kept = HandoffPacket.objects.get()
    assert (kept.next_move_owner, kept.next_stage_trigger) == ("Ada", "")


def test_what_is_missing_is_told_while_typing(founder, studio, draft):
    before = founder.post(to("missing_of_handoff", draft), {"recommendation": "Wait"})
    whole = founder.post(to("missing_of_handoff", draft), WORDS)

    assert 'data-code="next_move_owner"' in page(before)
    assert 'data-code="recommendation"' not in page(before)
    assert "Nothing is missing" in page(whole)
    with inside(studio):
        assert HandoffPacket.objects.get().version == 1


def test_an_incomplete_handoff_is_refused_and_the_refusal_is_written_down(founder, studio, draft):
    refused = founder.post(to("publish_handoff", draft), {**WORDS, "recommendation": "", "version": 1})

    assert refused.status_code == 409
    assert "1 item is still missing" in page(refused)
    assert 'data-code="recommendation"' in page(refused)
    assert 'value="Ada"' in page(refused)
    with inside(studio):
        assert HandoffPacket.objects.get().next_move_owner == ""
        assert Event.objects.filter(kind="handoff_packet.refused").count() == 1


def test_a_complete_one_is_published_and_previewed_as_the_client_sees_it(founder, studio, draft):
    founder.post(to("save_handoff", draft), {**WORDS, "version": 1})
    preview = page(founder.get(to("handoff_version", draft)))

    done = founder.post(to("publish_handoff", draft), {**WORDS, "version": 2})

    assert "Preview. Version 1 is a draft" in preview
    assert "Alert on late figures." in preview
    assert done.status_code == 302
    assert "Preview." not in page(founder.get(to("handoff_version", draft)))


def test_one_click_saves_and_publishes(founder, studio, draft):
    stale = founder.post(to("publish_handoff", draft), {**WORDS, "version": 7})
    too_long = founder.post(
        to("publish_handoff", draft), {**WORDS, "recommendation": "x" * 4001, "version": 1}
    )

    done = founder.post(to("publish_handoff", draft), {**WORDS, "version": 1})

    assert (stale.status_code, too_long.status_code, done.status_code) == (409, 422, 302)
    with inside(studio):
        assert HandoffPacket.objects.get().content["recommendation"] == "Alert on late figures."


def test_what_was_left_as_shown_follows_a_record_that_changed_meanwhile(founder, studio, accepted, draft, by):
    shown = founder.get(tab(accepted)).context["handoff_form"].initial
    with inside(studio):
        Milestone.objects.filter(pk=accepted.pk).update(next_stage_trigger="Begin phase 2")

    founder.post(to("save_handoff", draft), {**shown, "recommendation": "Wait"})

    assert 'value="Begin phase 2"' in page(founder.get(tab(accepted)))
    with inside(studio):
        kept = HandoffPacket.objects.get()
    assert (kept.next_stage_trigger, kept.recommendation) == ("", "Wait")


def test_a_correction_begins_the_next_version_and_may_be_dropped(founder, studio, accepted, draft, by):
    published(studio, draft, by)
    empty = founder.post(to("correct_handoff", accepted), {"correction": ""})
    begun = founder.post(to("correct_handoff", accepted), {"correction": "The owner has changed."})
    with inside(studio):
        correction = HandoffPacket.objects.get(number=2)

    dropped = founder.post(to("drop_handoff", correction), {"version": 1})

    assert (empty.status_code, begun.status_code, dropped.status_code) == (422, 302, 302)
    with inside(studio):
        assert HandoffPacket.objects.get().number == 1


def test_the_only_packet_is_not_dropped(founder, draft):
    assert founder.post(to("drop_handoff", draft), {"version": 1}).status_code == 409


def missing_in(response):
    shown = page(response)
    return [words for words in GATE if f'<dt>{words}</dt><dd><span class="label label--at_risk">' in shown]


GATE = ("Proof packet", "Handoff packet", "Review owner", "Approver")


def test_the_gate_shows_which_of_the_four_are_met(founder, studio, accepted, draft, by):
    assert missing_in(founder.get(tab(accepted))) == list(GATE[:2])

    proven(studio, accepted, by)
    published(studio, draft, by)

    assert missing_in(founder.get(tab(accepted))) == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("proof_packet_url", {"proof_packet_url": ""}),
        ("handoff_packet_link", {"handoff_packet_link": ""}),
        ("review_owner", {"review_owner": None}),
        ("open_dependencies", {}),
        ("next_move_owner", {"next_move_owner": ""}),
    ],
)
def test_without_any_one_of_them_the_page_refuses(founder, studio, by, accepted, draft, code, changes):
    proven(studio, accepted, by)
    published(studio, draft, by)
    with inside(studio):
        Milestone.objects.filter(pk=accepted.pk).update(**changes)
    said = {"open_dependencies": "none", "next_move_owner": "Ada"} | {code: ""}

    refused = founder.post(to("close_as_approved", accepted), said)

    assert refused.status_code == 409
    with inside(studio):
        assert Milestone.objects.get(pk=accepted.pk).stage == "closeout"
        event = Event.objects.get(kind="milestone.move_refused")
        assert json.loads(event.body)["data"]["unmet"] == [code]


def test_the_close_says_again_what_the_handoff_said(founder, studio, by, accepted, draft):
    proven(studio, accepted, by)
    published(studio, draft, by)

    shown = page(founder.get(tab(accepted)))

    assert 'value="Ada"' in shown
    assert "Close 1.1 as approved" in shown


def test_closing_reaches_the_triggers_and_offers_the_next_milestone(founder, studio, by, accepted, draft):
    with inside(studio):
        following = add_milestone(accepted.project, {"code": "1.2", "name": "Alerting"}, by=by, now=MONDAY)
    proven(studio, accepted, by)
    published(studio, draft, by)

    closed = founder.post(
        to("close_as_approved", accepted), {"open_dependencies": "none", "next_move_owner": "Ada"}
    )
    shown = page(founder.get(tab(accepted)))

    assert closed.status_code == 302
    assert "First instalment <span" in shown
    assert "Begin execution of 1.2" in shown
    assert 'data-code="output"' in shown
    unready = founder.post(to("move_milestone", following), {"to": "execution"})
    assert unready.status_code == 409


def test_today_shows_the_triggers_that_were_reached(founder, studio, by, accepted, draft, wednesday):
    proven(studio, accepted, by)
    published(studio, draft, by)

    founder.post(to("close_as_approved", accepted), {"open_dependencies": "none", "next_move_owner": "Ada"})

    shown = page(founder.get(reverse("today", args=["studio"])))
    assert "reached the invoice trigger “First instalment”" in shown
    assert "reached the next-stage trigger “Kick off the alerting milestone”" in shown


def test_today_says_what_closeout_still_waits_for(founder, studio, by, accepted, draft):
    proven(studio, accepted, by)
    waiting = page(founder.get(reverse("today", args=["studio"])))
    published(studio, draft, by)

    ready = page(founder.get(reverse("today", args=["studio"])))

    assert "Publish the handoff" in waiting
    assert "Both packets are published." in ready


def test_a_plan_that_was_rescheduled_shows_its_reason(founder, studio, by, accepted, draft):
    published(studio, draft, by)
    with inside(studio):
        planned = {"planned_date": date(2026, 3, 20)}
        add_milestone(accepted.project, {"code": "1.2", "name": "Alerting", **planned}, by=by, now=MONDAY)
        Milestone.objects.filter(code="1.2").update(created_at=factories.MONDAY.replace(hour=11))
        handoffs.follow_plan(accepted.pk, now=MONDAY.replace(hour=12))

    shown = page(founder.get(tab(accepted)))

    assert "A milestone was added to the plan." in shown
    assert "Superseded" in shown


def test_an_end_without_acceptance_has_no_gate_and_no_offer(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        said = {"reason": "No feed.", "open_dependencies": "none", "next_move_owner": "Ada"}
        close(milestone.pk, Outcome.SCOPE, **said, by=by, now=MONDAY)

    shown = page(founder.get(tab(milestone)))

    assert "as approved" not in shown
    assert "the milestone was closed without one" in shown


def test_the_journal_tells_of_proof_by_itself(founder, studio, by, accepted, draft):
    published(studio, draft, by)

    shown = page(founder.get(reverse("milestone_journal", args=["studio", accepted.pk]), {"show": "proof"}))

    assert "published version 1 of the handoff packet" in shown
    assert "added 1.1" not in shown


def test_three_versions_take_as_many_statements_as_one(founder, studio, by, accepted, draft):
    published(studio, draft, by)
    one = statements(founder, tab(accepted))
    with inside(studio):
        for _ in range(2):
            correction = handoffs.correct(accepted.pk, correction="Another owner.", by=by, now=MONDAY)
            handoffs.publish(correction.pk, by=by, now=MONDAY)

    assert statements(founder, tab(accepted)) == one


def test_three_open_things_take_as_many_statements_as_one(founder, studio, by, accepted, draft):
    def wait(*codes):
        with inside(studio):
            for code in codes:
                needed = add_milestone(accepted.project, {"code": code, "name": code}, by=by, now=MONDAY)
                Dependency.objects.create(milestone=accepted, needs=needed)
                open_blocker(accepted.pk, type=BlockerType.INPUT, title=code, by=by, now=MONDAY)

    wait("2.1")
    one = statements(founder, tab(accepted))
    wait("2.2", "2.3")

    assert statements(founder, tab(accepted)) == one
