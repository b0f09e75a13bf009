"""Proof packets: begun by themselves, written by people, published once, corrected by the next version."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, connections, transaction

from journal.actors import SYSTEM
from journal.canonical import canonical
from journal.letters import link_placeholder
from journal.models import ChainHead, Delivery, Event
from milestones.actions import decisions
from milestones.actions.endings import close
from milestones.models import Artifact, Contact, Decision, Milestone, Notice
from milestones.words import NoticeKind, Outcome, RequestKind
from proofs.actions import packets
from proofs.models import ArtifactWatch, ProofPacket, Rendering
from proofs.queries.contents import content_of, missing
from proofs.words import Found, PacketState
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.proofs.delivering import data
from tests.proofs.publishing import TEXTS, complete, look, publish, published
from workspaces.models import Link, Purpose

LATER = MONDAY + timedelta(hours=1)
EVENING = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def stored(packet: ProofPacket) -> ProofPacket:
    return ProofPacket.objects.get(pk=packet.pk)


def kinds(packet: ProofPacket) -> list[str]:
    return list(Event.objects.filter(subject_id=packet.pk).order_by("seq").values_list("kind", flat=True))


def written(milestone: Milestone, by, *, now=MONDAY, **changes) -> ProofPacket:
    """The whole draft of a milestone."""
    draft = packets.assemble(milestone.pk, now=now)
    look(milestone, now=now)
    return packets.write(draft.pk, {**TEXTS, **changes}, by=by, now=now)


def test_a_draft_begins_once_the_client_is_asked(studio, by):
    milestone = factories.milestone_in_review(by)

    draft = packets.assemble(milestone.pk, now=LATER)

    assert (draft.number, draft.state, draft.created_at) == (1, PacketState.DRAFT, LATER)
    assert (draft.clock_started_at, draft.clock_ends_at) == (None, None)
    assert kinds(draft) == ["proof_packet.drafted"]


def test_assembling_again_changes_nothing(studio, by):
    milestone = factories.milestone_in_closeout(by)
    first = packets.assemble(milestone.pk, now=MONDAY)
    before = Event.objects.count()

    again = packets.assemble(milestone.pk, now=LATER)

    assert (again.pk, Event.objects.count()) == (first.pk, before)


@pytest.mark.parametrize(
    "make",
    [factories.milestone_in_execution, factories.milestone_in_qa],
)
def test_before_the_client_is_asked_there_is_nothing_to_prove(studio, by, make):
    milestone = make(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.assemble(milestone.pk, now=LATER)

    assert refusal.value.code == "not_in_review"
    assert not ProofPacket.objects.exists()


def test_the_acceptance_starts_the_clock_where_the_approver_is(studio, by):
    milestone = factories.milestone_in_review(by)
    draft = packets.assemble(milestone.pk, now=MONDAY)
    Contact.objects.filter(email="dan@client.example").update(time_zone="Europe/Vienna")
    factories.answer(milestone, now=LATER)

    draft = packets.assemble(milestone.pk, now=LATER)

    assert (draft.clock_started_at, draft.clock_zone) == (LATER, "Europe/Vienna")
    assert draft.clock_ends_at == datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert kinds(draft) == ["proof_packet.drafted", "proof_packet.clock_started"]


def test_whoever_writes_while_the_client_accepts_goes_on_writing(studio, by):
    milestone = factories.milestone_in_review(by)
    shown = packets.assemble(milestone.pk, now=MONDAY)
    factories.answer(milestone, now=LATER)
    packets.assemble(milestone.pk, now=LATER)

    saved = packets.write(shown.pk, TEXTS, by=by, now=LATER, expected=shown.version)

    assert (saved.recap, saved.clock_started_at) == (TEXTS["recap"], LATER)


def test_a_countermanded_acceptance_stops_the_clock(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = packets.assemble(milestone.pk, now=MONDAY)
    mistaken = Decision.objects.get()
    decisions.countermand(mistaken.pk, reason="Recorded for the wrong one.", by=by, now=LATER)

    stopped = packets.assemble(milestone.pk, now=LATER)

    assert (stopped.pk, stopped.clock_started_at, stopped.clock_ends_at) == (draft.pk, None, None)
    assert kinds(stopped)[-1] == "proof_packet.clock_stopped"


def test_what_was_written_is_journalled_by_its_names(studio, by):
    milestone = factories.milestone_in_review(by)

    draft = written(milestone, by)

    event = Event.objects.get(subject_id=draft.pk, kind="proof_packet.written")
    assert data(event) == {
        "number": 1,
        "fields": ["recap", "not_measurable", "risks", "recommendation"],
    }
    assert (draft.version, draft.recap) == (2, TEXTS["recap"])


def test_writing_the_same_again_is_no_event(studio, by):
    draft = written(factories.milestone_in_review(by), by)

    packets.write(draft.pk, TEXTS, by=by, now=LATER)

    assert kinds(draft).count("proof_packet.written") == 1


def test_nobody_writes_over_what_somebody_else_saved(studio, by):
    draft = written(factories.milestone_in_review(by), by)

    with pytest.raises(Stale), inside(studio):
        packets.write(draft.pk, {"recap": "Mine"}, by=by, now=LATER, expected=1)

    assert stored(draft).recap == TEXTS["recap"]


def test_publishing_freezes_what_the_packet_says(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by)
    head = ChainHead.objects.get()

    packet = packets.publish(draft.pk, by=by, now=LATER)

    packet = stored(packet)
    assert packet.content_sha256 == hashlib.sha256(canonical(packet.content).encode()).hexdigest()
    assert (packet.journal_seq, packet.journal_hash) == (head.seq, bytes(head.hash).hex())
    assert packet.content["journal"] == {"seq": head.seq, "hash": bytes(head.hash).hex()}
    assert packet.content["packet"] == {
        "id": str(packet.pk),
        "number": 1,
        "correction": "",
        "published_at": "2026-03-02T10:00:00.000000Z",
        "published_by": "Ada Agency",
        "same_day": True,
        "clock_zone": "UTC",
    }
    assert (packet.state, packet.published_at, packet.published_by) == (PacketState.PUBLISHED, LATER, by.id)


def test_publishing_tells_everybody_who_goes_on_with_it(studio, by):
    milestone = factories.milestone_in_closeout(by)

    packet = publish(milestone, by, now=LATER)

    link = Link.objects.get(purpose=Purpose.PROOF, subject_id=milestone.pk)
    assert Milestone.objects.get(pk=milestone.pk).proof_packet_url == link_placeholder(link.pk)
    assert Notice.objects.get(kind=NoticeKind.PROOF).subject_id == packet.pk
    assert Rendering.objects.get(proof=packet).due_at is not None
    event = Event.objects.get(subject_id=packet.pk, kind="proof_packet.published")
    assert (event.thread_id, data(event)) == (
        milestone.pk,
        {
            "number": 1,
            "content_sha256": packet.content_sha256,
            "journal_seq": packet.journal_seq,
            "same_day": True,
        },
    )


@pytest.mark.parametrize(("now", "same_day"), [(EVENING, True), (EVENING + timedelta(minutes=1), False)])
def test_the_day_of_the_acceptance_ends_at_midnight(studio, by, now, same_day):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by)

    assert packets.publish(draft.pk, by=by, now=now).same_day is same_day


def test_a_packet_published_before_the_bell_has_its_clock_all_the_same(studio, by):
    milestone = factories.milestone_in_review(by)
    draft = written(milestone, by)
    factories.answer(milestone, now=LATER)

    packet = packets.publish(draft.pk, by=by, now=LATER)

    assert (packet.clock_started_at, packet.same_day) == (LATER, True)


def test_a_packet_that_is_not_whole_says_everything_it_misses(studio, by):
    milestone = factories.milestone_in_review(by)
    draft = packets.assemble(milestone.pk, now=MONDAY)
    Artifact.objects.update(removed_at=MONDAY)

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.publish(draft.pk, by=by, now=LATER)

    assert refusal.value.code == "packet_incomplete"
    assert [item.code for item in refusal.value.unmet] == [
        *("accepted", "recap", "metrics", "artifacts", "risks", "recommendation")
    ]
    assert str(refusal.value) == "Version 1 is not complete: 6 items are still missing."
    assert stored(draft).state == PacketState.DRAFT


def test_a_refused_publishing_stands_in_the_journal_in_the_same_words(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by, risks="")
    with pytest.raises(Refused) as refusal, inside(studio):
        packets.publish(draft.pk, by=by, now=LATER)

    packets.journal_refusal(draft.pk, refusal.value, by=by, now=LATER)

    event = Event.objects.get(kind="proof_packet.refused")
    assert data(event) == {
        "number": 1,
        "unmet": ["risks"],
        "said": "Version 1 is not complete: 1 item is still missing.",
    }


@pytest.mark.parametrize("found", [Found.CHANGED, Found.UNREACHABLE, Found.MISSING])
def test_an_artifact_that_is_not_sound_keeps_the_packet_back_until_it_may_go_as_found(studio, by, found):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by)
    version = Artifact.objects.get().versions.get()
    ArtifactWatch.objects.update_or_create(
        artifact_version=version, defaults={"found": found, "checked_at": MONDAY}
    )

    assert [item.code for item in missing(draft, milestone)] == ["artifacts_found"]
    packets.write(draft.pk, {"as_found": True}, by=by, now=LATER)
    packet = packets.publish(draft.pk, by=by, now=LATER)

    assert [each["found"] for each in packet.content["artifacts"]] == [found]


def test_what_goes_out_as_it_was_found_is_what_was_shown(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by)
    ArtifactWatch.objects.update(found=Found.CHANGED)
    packets.write(draft.pk, {"as_found": True}, by=by, now=MONDAY)
    ArtifactWatch.objects.update(found=Found.UNREACHABLE)

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.publish(draft.pk, by=by, now=LATER)
    agreed = packets.write(draft.pk, {"as_found": True}, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["artifacts_found"]
    assert missing(agreed, milestone) == []
    told = Event.objects.filter(subject_id=draft.pk, kind="proof_packet.written").order_by("seq")
    assert data(told[2])["fields"] == ["as_found"]


def test_what_nobody_has_looked_at_keeps_the_packet_back(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = packets.assemble(milestone.pk, now=MONDAY)
    packets.write(draft.pk, TEXTS, by=by, now=MONDAY)

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.publish(draft.pk, by=by, now=LATER)
    look(milestone)

    assert [item.code for item in refusal.value.unmet] == ["artifacts_found"]
    assert packets.publish(draft.pk, by=by, now=LATER).state == PacketState.PUBLISHED


def test_an_acceptance_that_nobody_decided_is_no_acceptance(studio, by):
    milestone = factories.milestone_in_review(by)
    draft = written(milestone, by)
    Milestone.objects.filter(pk=milestone.pk).update(stage="closeout", accepted_at=MONDAY)

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.publish(draft.pk, by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["decision_on_record"]


def test_a_published_version_is_published_once_and_takes_no_word_more(studio, by):
    packet = published(by)

    for act in (
        lambda: packets.publish(packet.pk, by=by, now=LATER),
        lambda: packets.write(packet.pk, {"recap": "Better"}, by=by, now=LATER),
    ):
        with pytest.raises(Refused) as refusal, inside(studio):
            act()
        assert refusal.value.code == "published"


@pytest.mark.parametrize(
    "change",
    [
        "recap = 'Better'",
        "content = '{}'",
        "content_sha256 = repeat('0', 64)",
        "published_at = now()",
        "same_day = false",
        "journal_seq = 1",
        "state = 'draft'",
        "number = 7",
        "allowed_name = 'Eve'",
    ],
)
def test_the_database_itself_keeps_a_published_version(studio, by, change):
    packet = published(by)

    with (
        pytest.raises(DatabaseError, match="proof_packet_stays_as_published"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE proofs_proofpacket SET {change} WHERE id = %s", [packet.pk])


def test_a_published_version_is_not_deleted(studio, by):
    packet = published(by)

    with (
        pytest.raises(DatabaseError, match="proof_packet_is_not_removed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM proofs_proofpacket WHERE id = %s", [packet.pk])


def test_a_correction_is_the_next_version_and_the_one_before_stays(studio, by):
    milestone = factories.milestone_in_closeout(by)
    first = publish(milestone, by, now=MONDAY)
    kept = stored(first)

    draft = packets.correct(milestone.pk, correction="A figure was wrong.", by=by, now=TUESDAY)
    packets.write(draft.pk, {"risks": "A new one."}, by=by, now=TUESDAY)
    second = packets.publish(draft.pk, by=by, now=TUESDAY)

    assert (second.number, second.correction, second.recap) == (2, "A figure was wrong.", TEXTS["recap"])
    assert (second.clock_started_at, second.same_day) == (None, None)
    assert second.content["risks"] == "A new one."
    again = stored(first)
    assert (again.content, again.content_sha256, again.same_day) == (kept.content, kept.content_sha256, True)
    assert Link.objects.filter(purpose=Purpose.PROOF).count() == 1
    assert Notice.objects.filter(kind=NoticeKind.PROOF).count() == 2


def test_a_closed_milestone_may_still_be_corrected(studio, by):
    milestone = factories.milestone_in_closeout(by)
    complete(milestone, by, now=MONDAY)
    said = {"open_dependencies": "none", "next_move_owner": "Ada"}
    close(milestone.pk, Outcome.APPROVED, **said, by=by, now=MONDAY)

    draft = packets.correct(milestone.pk, correction="A figure was wrong.", by=by, now=TUESDAY)

    assert packets.publish(draft.pk, by=by, now=TUESDAY).number == 2


@pytest.mark.parametrize(
    ("prepare", "words", "code"),
    [
        (lambda m, by: packets.assemble(m.pk, now=MONDAY), "A figure was wrong.", "not_published"),
        (publish, "  ", "invalid"),
        (
            lambda m, by: (publish(m, by), packets.correct(m.pk, correction="x", by=by, now=MONDAY)),
            "A figure was wrong.",
            "already_drafted",
        ),
    ],
)
def test_a_correction_needs_something_to_correct_and_words(studio, by, prepare, words, code):
    milestone = factories.milestone_in_closeout(by)
    prepare(milestone, by)

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.correct(milestone.pk, correction=words, by=by, now=LATER)

    assert refusal.value.code == code


def test_a_correction_that_is_not_needed_is_dropped_and_can_be_begun_again(studio, by):
    milestone = factories.milestone_in_closeout(by)
    publish(milestone, by)
    draft = packets.correct(milestone.pk, correction="A figure was wrong.", by=by, now=LATER)

    packets.drop(draft.pk, by=by, now=LATER)

    assert list(ProofPacket.objects.values_list("number", "state")) == [(1, PacketState.PUBLISHED)]
    assert kinds(draft) == ["proof_packet.drafted", "proof_packet.dropped"]
    assert packets.correct(milestone.pk, correction="Another one.", by=by, now=LATER).number == 2


def test_the_packet_that_an_acceptance_needs_is_not_dropped(studio, by):
    draft = packets.assemble(factories.milestone_in_closeout(by).pk, now=MONDAY)

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.drop(draft.pk, by=by, now=LATER)

    assert refusal.value.code == "needed"
    assert ProofPacket.objects.filter(pk=draft.pk).exists()


def test_after_a_countermand_the_published_version_stays_and_the_next_acceptance_gets_its_own(studio, by):
    milestone = factories.milestone_in_closeout(by)
    first = publish(milestone, by, now=MONDAY)
    [mistaken] = Decision.objects.filter(request__kind=RequestKind.REVIEW)
    decisions.countermand(mistaken.pk, reason="It was said by somebody else.", by=by, now=LATER)

    draft = packets.assemble(milestone.pk, now=LATER)

    assert (draft.number, draft.correction, draft.recap) == (2, packets.ACCEPTED_ANEW, TEXTS["recap"])
    assert stored(first).state == PacketState.PUBLISHED
    assert [item.code for item in missing(draft, Milestone.objects.get(pk=milestone.pk))] == ["accepted"]


def test_who_allows_a_packet_to_publish_itself_is_kept(studio, by):
    draft = written(factories.milestone_in_review(by), by, publishes_itself=True)
    assert (draft.allowed_by, draft.allowed_name) == (by.id, "Ada Agency")

    draft = packets.write(draft.pk, {"publishes_itself": False}, by=by, now=LATER)

    assert (draft.allowed_by, draft.allowed_name) == (None, "")


def test_a_packet_publishes_itself_only_when_it_may_and_is_whole(studio, by):
    milestone = factories.milestone_in_review(by)
    draft = written(milestone, by, publishes_itself=True, risks="")
    factories.answer(milestone, now=LATER)

    assert packets.publish_as_allowed(draft.pk, now=LATER) is None
    packets.write(draft.pk, {"risks": "none", "publishes_itself": False}, by=by, now=LATER)
    assert packets.publish_as_allowed(draft.pk, now=LATER) is None
    packets.write(draft.pk, {"publishes_itself": True}, by=by, now=LATER)
    packet = packets.publish_as_allowed(draft.pk, now=LATER)

    assert packet is not None
    assert (packet.published_kind, packet.published_name) == ("system", "Cairn, as Ada Agency allowed")
    assert packets.publish_as_allowed(draft.pk, now=LATER) is None


def test_a_draft_follows_the_record_and_a_published_version_does_not(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by)
    Milestone.objects.filter(pk=milestone.pk).update(name="Dashboard for everybody")
    assert content_of(stored(draft))["milestone"]["name"] == "Dashboard for everybody"

    packet = packets.publish(draft.pk, by=by, now=LATER)
    Milestone.objects.filter(pk=milestone.pk).update(name="Another name")

    assert content_of(stored(packet))["milestone"]["name"] == "Dashboard for everybody"


def test_an_archived_project_publishes_nothing(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by)
    milestone.project.archived_at = MONDAY
    milestone.project.save()

    with pytest.raises(Refused) as refusal, inside(studio):
        packets.publish(draft.pk, by=by, now=LATER)

    assert refusal.value.code == "project_archived"


@pytest.mark.parametrize(
    ("now", "told"),
    [(EVENING - timedelta(hours=4), 0), (EVENING - timedelta(hours=3), 1), (TUESDAY, 1)],
)
def test_the_owner_of_the_review_is_reminded_once_when_four_hours_are_left(studio, by, now, told):
    milestone = factories.milestone_in_closeout(by)
    draft = packets.assemble(milestone.pk, now=MONDAY)

    packets.remind(draft.pk, now=now)
    packets.remind(draft.pk, now=now)

    sent = Delivery.objects.filter(kind="proof_due")
    assert [row.address for row in sent] == ["ada@studio.example"] * told
    assert kinds(draft).count("proof_packet.reminded") == told
    assert stored(draft).version == draft.version


def test_the_reminder_says_until_when_and_what_is_missing(studio, by):
    milestone = factories.milestone_in_closeout(by)
    draft = written(milestone, by, risks="")

    packets.remind(draft.pk, now=EVENING - timedelta(hours=3, minutes=-1))

    letter = Delivery.objects.get(kind="proof_due").payload
    assert letter["subject"] == "Proof due today: 1.1 Onboarding dashboard published"
    assert "until 23:59 on 2 March (UTC), 3 h left" in letter["text"]
    assert "- State the known risks, or write “none”." in letter["text"]


def test_a_reminder_that_has_not_left_is_taken_back_by_publishing(studio, by):
    draft = written(factories.milestone_in_closeout(by), by)
    packets.remind(draft.pk, now=EVENING - timedelta(hours=3))

    packets.publish(draft.pk, by=by, now=EVENING)

    assert Delivery.objects.get(kind="proof_due").state == "withdrawn"


def test_of_two_who_publish_at_once_one_does(fresh_database):
    ada = factories.person()
    by, workspace = factories.actor(ada), factories.workspace(ada)
    with inside(workspace):
        draft = written(factories.milestone_in_closeout(by), by)
    start = Barrier(2)

    def attempt(_: int) -> str:
        try:
            start.wait()
            with inside(workspace):
                packets.publish(draft.pk, by=by, now=LATER)
            return "done"
        except Refused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(attempt, range(2)))

    with inside(workspace):
        assert ended == ["done", "published"]
        assert Event.objects.filter(kind="proof_packet.published").count() == 1
        assert Notice.objects.filter(kind=NoticeKind.PROOF).count() == 1
        assert Link.objects.filter(purpose=Purpose.PROOF).count() == 1


def test_automation_is_told_apart_from_people(studio, by):
    draft = packets.assemble(factories.milestone_in_review(by).pk, now=MONDAY)

    event = Event.objects.get(subject_id=draft.pk)

    assert (event.actor_kind, event.actor_id) == (SYSTEM.kind, SYSTEM.id)
