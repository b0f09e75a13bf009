"""What came of it, as a part of the tab “Proof”: delivery, the client's confidence, the opportunity."""

from typing import Any

from milestones.models import Milestone
from proofs import confidence as rules
from proofs.models import Confidence, ProofPacket
from proofs.queries import opportunities
from proofs.queries.confidence import asked_about_milestone
from proofs.queries.deliveries import notices_of
from proofs.queries.published import versions
from web.here import Here
from web.team.notices import listed


def part(milestone: Milestone, here: Here) -> dict[str, Any]:
    asked = asked_about_milestone(milestone.pk)
    return {
        "after_deliveries": _deliveries(milestone),
        "after_confidence": rules.told(_given(asked), now=here.now),
        "after_asked": asked,
        "after_opportunity": opportunities.of_milestone(milestone),
    }


def _deliveries(milestone: Milestone) -> list[dict[str, Any]]:
    """Each published version with what became of its e-mail."""
    packets = list(versions(ProofPacket, milestone.pk))
    notices = notices_of(packets)
    return [
        {"packet": packet, "notice": listed([notices[packet.pk]])[0] if packet.pk in notices else None}
        for packet in packets
    ]


def _given(asked: list[Confidence]) -> list[rules.Given]:
    return [rules.Given(each.answered_at, each.score) for each in asked if each.answered_at and each.score]
