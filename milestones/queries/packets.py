"""Where a milestone's published packets are: what its record keeps, told as the addresses that open them."""

from collections.abc import Iterable, Mapping

from journal.letters import placed_link
from milestones.models import Milestone
from workspaces.actions.links import addresses_of


def served(stored: Iterable[str]) -> dict[str, str]:
    """The address for each packet link as records keep it, in two statements for any number of them.

    A placeholder becomes its secret address, or nothing where its key is lost; an imported address stays.
    """
    links = {text: placed_link(text) for text in stored if text}
    addresses = addresses_of({pk for pk in links.values() if pk})
    return {text: addresses.get(pk, "") if pk else text for text, pk in links.items()}


def addresses(milestones: Iterable[Milestone]) -> Mapping[str, str]:
    """The addresses of all packets of these milestones, by what their records keep."""
    return served(text for each in milestones for text in (each.proof_packet_url, each.handoff_packet_link))
