"""A published packet as the product makes it, for tests of what is made from it."""

from datetime import datetime
from typing import Any

from journal.actors import SYSTEM, Actor
from journal.canonical import canonical
from milestones.models import Milestone
from proofs.actions import checks, handoffs, packets, renderings
from proofs.actions.renderings import Claim, Made
from proofs.archive import archive_of
from proofs.checking import Look
from proofs.models import HandoffPacket, ProofPacket
from proofs.queries.checks import seen
from proofs.rendering import seal
from proofs.words import FileKind, Found
from tests import factories
from tests.factories import MONDAY

TEXTS = {
    "recap": "It was to show that the client's team reads last week's figures without asking anyone.",
    "not_measurable": "nobody counted before",
    "risks": "The export of old figures ends in June.",
    "recommendation": "Alerts when a figure leaves its range.",
}


def look(milestone: Milestone, *, now: datetime = MONDAY) -> None:
    """Has everything delivered looked at that nobody looked at yet. Call it inside the workspace."""
    for each in seen(milestone.pk):
        if each.watch is None or not each.watch.found:
            watch = checks.look_now(each.version.pk, by=SYSTEM, now=now)
            checks.finish(watch.pk, watch.fence, [Look(found=Found.REFUSED)], now=now)


def publish(milestone: Milestone, by: Actor, *, now: datetime = MONDAY, **texts: Any) -> ProofPacket:
    """The packet of an accepted milestone, written and published. Call it inside the workspace."""
    draft = packets.assemble(milestone.pk, now=now)
    packets.write(draft.pk, {**TEXTS, **texts}, by=by, now=now)
    look(milestone, now=now)
    return packets.publish(draft.pk, by=by, now=now)


def published(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> ProofPacket:
    """The published packet of a new engagement's first milestone."""
    return publish(factories.milestone_in_closeout(by, now=now, **changes), by, now=now)


def hand_over(milestone: Milestone, by: Actor, *, now: datetime = MONDAY) -> HandoffPacket:
    """The handoff of an accepted milestone, written and published. Call it inside the workspace."""
    draft = handoffs.begin(milestone.pk, now=now)
    words = {"next_move_owner": "Ada Agency", "recommendation": TEXTS["recommendation"]}
    handoffs.write(draft.pk, {**words, "open_dependencies": "none"}, by=by, now=now)
    return handoffs.publish(draft.pk, by=by, now=now)


def complete(milestone: Milestone, by: Actor, *, now: datetime = MONDAY) -> None:
    """Publishes both packets of an accepted milestone: all that a close as approved misses are words."""
    publish(milestone, by, now=now)
    hand_over(milestone, by, now=now)


def contents_of(packet: ProofPacket | HandoffPacket) -> dict[FileKind, bytes]:
    """What the archive is made of, with PDFs that are quicker to make than the worker's."""
    return {
        FileKind.PDF_A4: b"%PDF-1.7 on A4",
        FileKind.PDF_LETTER: b"%PDF-1.7 on US Letter",
        FileKind.DATA: canonical(packet.content).encode(),
    }


def make_files(packet: ProofPacket | HandoffPacket, *, now: datetime = MONDAY) -> None:
    """Keeps the files as the worker does, without its claim and its PDFs."""
    rendering, contents = packet.renderings.get(), contents_of(packet)
    contents[FileKind.ZIP] = archive_of(packet, contents)
    sealed = seal.certificate().fingerprint
    made = {
        kind: Made(content, certificate="" if kind is FileKind.DATA else sealed)
        for kind, content in contents.items()
    }
    claim = Claim(rendering.workspace_id, rendering.pk, rendering.fence, attempts=1)
    renderings.keep(claim, packet, made, now=now)
