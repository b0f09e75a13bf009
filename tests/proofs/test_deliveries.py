"""Packets on their way to clients: one e-mail for each version, in the workspace's own words."""

from datetime import timedelta

import pytest

from journal.letters import message
from journal.models import Delivery, Event, State
from milestones.actions import notices
from milestones.models import Contact, Milestone
from milestones.words import NoticeKind, NoticeState
from proofs.actions import deliveries, packets
from proofs.actions.links import reissue
from proofs.actions.packets import ACCEPTED_ANEW
from proofs.models import Confidence, DeliveryTemplate, Opportunity, ProofPacket
from proofs.queries.deliveries import template
from proofs.sweeps.deliveries import follow_deliveries
from proofs.words import AskedAbout
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY, milestone_in_closeout
from tests.plugins.scenes import scene
from tests.proofs.delivering import arrive, delivered, published
from tests.proofs.publishing import publish
from workspaces.actions import address_of
from workspaces.actions.links import revoke_link
from workspaces.models import Link, Purpose

LATER = MONDAY + timedelta(hours=1)


@scene
def milestone(studio, by):
    return milestone_in_closeout(by)


@scene
def packet(milestone, by):
    return published(milestone, by)


def _deliver(packet, by):
    return deliveries.deliver(packet, by=by, now=MONDAY)


def _address(purpose):
    return address_of(Link.objects.filter(purpose=purpose).latest("created_at", "pk"))


def _asked():
    """What was asked about packets; the acceptance asked about itself."""
    return Confidence.objects.filter(about=AskedAbout.PACKET)


def test_the_client_gets_one_mail_with_the_packet_and_the_question(packet, by):
    notice = _deliver(packet, by)
    again = _deliver(packet, by)

    assert again.pk == notice.pk
    assert (notice.kind, notice.state, notice.subject_id) == (NoticeKind.PROOF, NoticeState.SENT, packet.pk)
    assert notice.title == "Onboarding dashboard published: what was delivered, and the proof"
    assert notice.body.startswith(
        "Hello Carla Client,\n\n“Onboarding dashboard published” is accepted, by Dan"
    )
    assert _asked().get().subject_id == packet.pk
    assert Delivery.objects.filter(subject_id=notice.pk).count() == 1


def test_no_address_is_kept_and_the_message_holds_them(packet, by):
    notice = _deliver(packet, by)
    delivery = Delivery.objects.get(pk=notice.delivery_id)

    sent = message(delivery)

    kept = f"{notice.body}{notice.data}{delivery.payload}"
    proof, confidence = _address(Purpose.PROOF), _address(Purpose.CONFIDENCE)
    html = str(sent.alternatives[0][0])
    assert proof not in kept
    assert confidence not in kept
    assert f"\n{proof}\n" in sent.body
    assert sent.body.count("Hello Carla Client") == 1
    assert f"Open the proof packet:\n{proof}" in sent.body
    assert f'<a href="{confidence}">{confidence}</a>' in html
    assert "{link:" not in sent.body + html


def test_the_workspace_words_the_mail(packet, by):
    words = {
        "subject": "{client}: {project}",
        "body": "Dear {contact}, {agency} <b>thanks</b> {approved_by}.",
    }
    deliveries.set_template(**words, by=by, now=MONDAY)

    notice = _deliver(packet, by)

    assert notice.title == "Northwind: Onboarding"
    assert notice.body.startswith(
        "Dear Carla Client, Studio Lind <b>thanks</b> Dan Decider.\n\nHow confident"
    )
    assert "&lt;b&gt;thanks" in Delivery.objects.get(pk=notice.delivery_id).payload["html"]


def test_a_correction_says_so_and_asks_nobody_again(milestone, packet, by):
    _deliver(packet, by)
    second = published(milestone, by, number=2, correction="The baseline had a typo.")

    notice = _deliver(second, by)

    assert notice.title.startswith("Corrected: Onboarding")
    assert "This is version 2. What was corrected: The baseline had a typo." in notice.body
    assert "{confidence}" not in notice.body
    assert _asked().count() == 1


def test_the_packet_of_a_new_acceptance_is_no_correction_and_asks(milestone, packet, by):
    _deliver(packet, by)
    clock = {"clock_started_at": MONDAY, "clock_ends_at": LATER, "clock_zone": "UTC"}
    second = published(milestone, by, number=2, correction=ACCEPTED_ANEW, **clock)

    notice = _deliver(second, by)

    assert notice.title.startswith("Onboarding dashboard published:")
    assert f"This is version 2. {ACCEPTED_ANEW}\n\nHow confident" in notice.body
    assert _asked().count() == 2


def test_a_name_in_the_mail_opens_nothing(milestone, by):
    Milestone.objects.filter(pk=milestone.pk).update(name="{packet}")
    notice = _deliver(published(Milestone.objects.get(pk=milestone.pk), by), by)

    sent = message(Delivery.objects.get(pk=notice.delivery_id))

    assert "“(packet)” is accepted" in sent.body


def test_what_is_sent_again_leads_to_the_address_in_place_of_a_revoked_one(packet, by):
    notice = _deliver(packet, by)
    Delivery.objects.update(state=State.PARKED, finished_at=MONDAY, last_error="No such mailbox")
    notices.follow(notice.pk, now=MONDAY)
    ended = revoke_link(Link.objects.get(purpose=Purpose.PROOF), by=by, now=LATER)
    standing = reissue(ended, by=by, now=LATER)

    again = notices.send(notice.pk, by=by, now=LATER)

    sent = message(Delivery.objects.get(pk=again.delivery_id))
    assert address_of(standing) in sent.body
    assert address_of(ended) not in sent.body


def test_a_revoked_address_keeps_the_next_version_back_until_there_is_another(milestone, by):
    publish(milestone, by)
    ended = revoke_link(Link.objects.get(purpose=Purpose.PROOF), by=by, now=LATER)
    draft = packets.correct(milestone.pk, correction="A typo.", by=by, now=LATER)

    with pytest.raises(Refused) as refusal:
        packets.publish(draft.pk, by=by, now=LATER)
    standing = reissue(ended, by=by, now=LATER)
    packets.publish(draft.pk, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["link"]
    assert list(Link.objects.filter(purpose=Purpose.PROOF, revoked_at=None)) == [standing]


def test_without_an_address_the_client_is_not_informed(packet, milestone, by):
    Contact.objects.filter(pk=milestone.owner_client_id).update(email="")
    packet.refresh_from_db()

    assert _deliver(packet, by).state == NoticeState.BOUNCED


def test_what_did_not_arrive_is_sent_again_with_its_addresses(packet, by):
    notice = _deliver(packet, by)
    Delivery.objects.update(state=State.PARKED, finished_at=MONDAY, last_error="No such mailbox")
    notices.follow(notice.pk, now=MONDAY)

    again = notices.send(notice.pk, by=by, now=LATER)

    sent = message(Delivery.objects.get(pk=again.delivery_id))
    assert again.delivery_id != notice.delivery_id
    assert f"Open the proof packet:\n{_address(Purpose.PROOF)}" in sent.body
    assert _address(Purpose.CONFIDENCE) in sent.body


def test_a_packet_is_delivered_once_its_mail_has_arrived(packet, milestone, by):
    notice = _deliver(packet, by)

    before = deliveries.note_delivered(packet.pk, now=LATER).delivered_at
    arrive(notice.delivery_id, now=LATER)
    after = deliveries.note_delivered(packet.pk, now=LATER)
    deliveries.note_delivered(packet.pk, now=LATER + timedelta(days=1))

    assert (before, after.delivered_at) == (None, LATER)
    assert Event.objects.filter(kind="proof_packet.delivered", thread_id=milestone.pk).count() == 1
    assert Opportunity.objects.get().packet_id == packet.pk


def test_a_client_who_was_told_another_way_has_the_packet(packet, by):
    notice = _deliver(packet, by)
    Delivery.objects.filter(pk=notice.delivery_id).update(
        state=State.PARKED, finished_at=MONDAY, last_error="No such mailbox"
    )
    notices.follow(notice.pk, now=MONDAY)
    assert deliveries.note_delivered(packet.pk, now=LATER).delivered_at is None

    notices.told_otherwise(notice.pk, how="By phone", by=by, now=LATER)

    assert deliveries.note_delivered(packet.pk, now=LATER).delivered_at == LATER


def test_a_delivery_after_the_acceptance_was_taken_back_starts_nothing(packet, milestone, by):
    notice = _deliver(packet, by)
    Milestone.objects.filter(pk=milestone.pk).update(stage="review", accepted_at=None)
    arrive(notice.delivery_id)

    found = deliveries.note_delivered(packet.pk, now=LATER)

    assert found.delivered_at
    assert not Opportunity.objects.exists()


def test_a_second_version_starts_no_second_opportunity(milestone, by):
    delivered(milestone, by)

    delivered(milestone, by, number=2, correction="A typo.")

    assert Opportunity.objects.count() == 1


def test_unknown_placeholders_are_refused_and_nothing_is_kept(studio, by):
    with pytest.raises(Refused) as refused:
        deliveries.set_template(subject="x", body="{nobody}", by=by, now=MONDAY)

    assert list(refused.value.fields) == ["body"]
    assert not DeliveryTemplate.objects.exists()


@pytest.mark.parametrize("words", [{"subject": " ", "body": "x"}, {"subject": "x", "body": "\n"}])
def test_a_mail_needs_a_subject_and_a_text(studio, by, words):
    with pytest.raises(Refused):
        deliveries.set_template(**words, by=by, now=MONDAY)


def test_hidden_characters_are_refused(studio, by):
    with pytest.raises(Refused):
        deliveries.set_template(subject="a\u202eb", body="x", by=by, now=MONDAY)


def test_words_saved_meanwhile_are_not_overwritten(studio, by):
    mine = deliveries.set_template(subject="One", body="x", by=by, now=MONDAY, expected=0)

    with pytest.raises(Stale):
        deliveries.set_template(subject="Two", body="x", by=by, now=MONDAY, expected=0)

    changed = deliveries.set_template(subject="Two", body="x", by=by, now=LATER, expected=mine.version)
    assert (template().subject, changed.changed_at) == ("Two", LATER)


def test_the_shipped_words_come_back(studio, by):
    deliveries.set_template(subject="Mine", body="Mine", by=by, now=MONDAY)

    deliveries.reset_template(by=by, now=LATER)
    deliveries.reset_template(by=by, now=LATER)

    assert template().version == 0
    assert Event.objects.filter(kind="delivery_template.reset").count() == 1


def test_the_sweep_follows_deliveries_of_every_workspace(fresh_database):
    ada = factories.person()
    by, here, there = factories.actor(ada), factories.workspace(ada), factories.workspace(ada)
    for workspace in (here, there):
        with inside(workspace):
            arrive(_deliver(published(milestone_in_closeout(by), by), by).delivery_id)
    with inside(there):
        _deliver(published(milestone_in_closeout(by), by), by)

    counts = [follow_deliveries(now=LATER) for _ in range(2)]

    assert counts == [2, 0]
    for workspace in (here, there):
        with inside(workspace):
            assert ProofPacket.objects.filter(delivered_at__isnull=False).count() == 1
            assert Opportunity.objects.count() == 1
