"""Writes about a packet's files: asked for once, finished only by who holds the claim, asked for again."""

import hashlib
from datetime import timedelta

import pytest

from journal.models import Event
from milestones.files import place_of
from proofs.actions import renderings
from proofs.actions.renderings import BACKOFF, MOST_ATTEMPTS, Claim, Made
from proofs.models import PacketFile, ProofPacket, Rendering
from proofs.words import FileKind
from tenancy.refusal import Refused
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.publishing import published

LATER = MONDAY + timedelta(minutes=1)


@scene
def packet(studio, by) -> ProofPacket:
    return published(by)


def the_rendering() -> Rendering:
    return Rendering.objects.get()


def claim(*, fence: int = 1, attempts: int = 1) -> Claim:
    """The claim as a worker gets it, with the row as the worker leaves it."""
    Rendering.objects.update(fence=1, attempts=attempts)
    return Claim(the_rendering().workspace_id, the_rendering().pk, fence, attempts)


def test_publishing_asks_for_files_and_asking_twice_changes_nothing(packet):
    asked = the_rendering()

    renderings.ask(proof=packet, now=LATER)

    assert (asked.proof, asked.due_at) == (packet, MONDAY)
    assert the_rendering().due_at == MONDAY


def test_bytes_row_and_entry_are_kept_together(packet):
    made = {FileKind.PDF_A4: Made(b"sealed", rendered=b"plain", pages=3, certificate="f" * 64)}

    renderings.keep(claim(), packet, made, now=LATER)

    kept = PacketFile.objects.get()
    sealed, plain = (hashlib.sha256(content).hexdigest() for content in (b"sealed", b"plain"))
    assert (kept.kind, kept.sha256, kept.rendered_sha256, kept.size, kept.pages, kept.certificate) == (
        *(FileKind.PDF_A4, sealed, plain, 6, 3, "f" * 64),
    )
    assert place_of(sealed).read_bytes() == b"sealed"
    assert (the_rendering().due_at, the_rendering().done_at) == (None, LATER)
    event = Event.objects.get(kind="packet_files.made")
    assert (event.subject_id, event.thread_id, event.actor_kind) == (packet.pk, packet.milestone_id, "system")


@pytest.mark.parametrize("attempts", range(1, MOST_ATTEMPTS))
def test_a_failure_is_put_off_with_its_reason(packet, attempts):
    renderings.put_off(claim(attempts=attempts), "No room was left.", now=LATER)

    assert (the_rendering().due_at, the_rendering().last_error) == (
        LATER + BACKOFF[attempts - 1],
        "No room was left.",
    )


def test_the_last_failure_parks_it_and_tells_the_journal(packet):
    renderings.put_off(claim(attempts=MOST_ATTEMPTS), "No room was left.", now=LATER)

    assert (the_rendering().due_at, the_rendering().parked_at) == (None, LATER)
    assert Event.objects.filter(kind="packet_files.failed", subject_id=packet.pk).count() == 1


def test_a_claim_that_was_lost_changes_nothing(packet):
    lost = claim(fence=0, attempts=MOST_ATTEMPTS)

    renderings.put_off(lost, "too late", now=LATER)
    renderings.give_up(lost, "too late", now=LATER)

    assert renderings.claimed(lost) is None
    assert (the_rendering().due_at, the_rendering().parked_at, the_rendering().last_error) == (
        *(MONDAY, None, ""),
    )
    assert not Event.objects.filter(kind="packet_files.failed").exists()


def test_parked_files_are_asked_for_again(packet, by):
    renderings.give_up(claim(attempts=MOST_ATTEMPTS), "No room was left.", now=LATER)

    renderings.ask_again(the_rendering().pk, by=by, now=LATER)

    assert (the_rendering().due_at, the_rendering().parked_at, the_rendering().attempts) == (LATER, None, 0)
    assert Event.objects.filter(kind="packet_files.asked_again", actor_id=by.id).count() == 1


def test_only_parked_files_are_asked_for_again(packet, by):
    with pytest.raises(Refused) as refused:
        renderings.ask_again(the_rendering().pk, by=by, now=LATER)

    assert refused.value.code == "not_parked"
