"""A published packet as the product makes it, for tests of what is made from it."""

from datetime import datetime
from typing import Any

from journal.actors import Actor
from milestones.models import Milestone
from proofs.actions import packets
from proofs.models import ProofPacket
from tests import factories
from tests.factories import MONDAY

TEXTS = {
    "recap": "It was to show that the client's team reads last week's figures without asking anyone.",
    "not_measurable": "nobody counted before",
    "risks": "The export of old figures ends in June.",
    "recommendation": "Alerts when a figure leaves its range.",
}


def publish(milestone: Milestone, by: Actor, *, now: datetime = MONDAY, **texts: Any) -> ProofPacket:
    """The packet of an accepted milestone, written and published. Call it inside the workspace."""
    draft = packets.assemble(milestone.pk, now=now)
    packets.write(draft.pk, {**TEXTS, **texts}, by=by, now=now)
    return packets.publish(draft.pk, by=by, now=now)


def published(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> ProofPacket:
    """The published packet of a new engagement's first milestone."""
    return publish(factories.milestone_in_closeout(by, now=now, **changes), by, now=now)
