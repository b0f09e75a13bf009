"""From a delivered packet to the next engagement: the stages, and how many led to a conversation. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from proofs.kpis import share
from proofs.words import OpportunityStage
from tenancy.refusal import Refused

IDENTIFIED, CONVERSATION, PROPOSAL, WON, LOST = OpportunityStage

# Forwards only. What was noted by mistake is taken back, one step at a time and with a reason.
NEXT: Final[Mapping[OpportunityStage, frozenset[OpportunityStage]]] = {
    IDENTIFIED: frozenset({CONVERSATION, LOST}),
    CONVERSATION: frozenset({PROPOSAL, LOST}),
    PROPOSAL: frozenset({WON, LOST}),
    WON: frozenset(),
    LOST: frozenset(),
}
OPEN: Final = tuple(stage for stage, following in NEXT.items() if following)
ENDED: Final = tuple(stage for stage, following in NEXT.items() if not following)


def check_can_advance(stage: OpportunityStage, to: OpportunityStage) -> None:
    """Refuses a step that the table does not have."""
    if to in NEXT[stage]:
        return
    if stage in ENDED:
        said = f"It has ended: {stage.label.lower()}. Take that step back first if it was a mistake."
    else:
        ways = " or ".join(each.label.lower() for each in OpportunityStage if each in NEXT[stage])
        said = f"From {stage.label.lower()} it goes on to {ways}, not to {to.label.lower()}."
    raise Refused(said, code="not_possible")


def stage_before(
    stage: OpportunityStage, *, conversation_at: datetime | None, proposal_at: datetime | None
) -> OpportunityStage:
    """Where an opportunity was before its last step.

    Raises:
        Refused: when it has taken none.
    """
    match stage:
        case OpportunityStage.IDENTIFIED:
            raise Refused("It is at its first stage; there is no step to take back.", code="not_possible")
        case OpportunityStage.CONVERSATION:
            return IDENTIFIED
        case OpportunityStage.PROPOSAL:
            return CONVERSATION
    if proposal_at:
        return PROPOSAL
    return CONVERSATION if conversation_at else IDENTIFIED


@dataclass(frozen=True, slots=True)
class DeliveredProof:
    """A milestone whose packet was delivered, and when its opportunity reached a conversation, if it did.

    A milestone counts once, however many versions of its packet were delivered.
    """

    delivered_at: datetime
    conversation_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rate:
    """`reached` of `n` delivered packets led to a conversation; without any there is no rate."""

    reached: int
    n: int

    @property
    def percent(self) -> Decimal | None:
        return share(self.reached, self.n).value


def conversation_rate(delivered: Iterable[DeliveredProof]) -> Rate:
    """The upsell conversation rate: opportunities that reached a conversation, of delivered packets."""
    proofs = list(delivered)
    return Rate(sum(each.conversation_at is not None for each in proofs), len(proofs))
