"""Plans that one may start from: those that are shipped, and the workspace's own."""

from dataclasses import dataclass
from uuid import UUID

from milestones.models import PlanTemplate
from milestones.templates import Document, milestones_of, shipped
from tenancy.refusal import Refused

UNKNOWN = "There is no such template. Choose one of those that are offered."


@dataclass(frozen=True, slots=True)
class Offer:
    """A template. `code` is what one names it by: a shipped one's code, or an own one's id."""

    code: str
    document: Document
    own: PlanTemplate | None = None

    @property
    def name(self) -> str:
        return self.own.name if self.own else self.document["name"]

    @property
    def description(self) -> str:
        return self.own.description if self.own else self.document["description"]

    @property
    def size(self) -> int:
        return len(milestones_of(self.document))


def offered() -> list[Offer]:
    """Every template: shipped ones first, then the workspace's own by name."""
    own = PlanTemplate.objects.order_by("name", "id")
    return [
        *(Offer(code, document) for code, document in shipped().items()),
        *(Offer(str(kept.pk), kept.document, kept) for kept in own),
    ]


def offer_of(code: str) -> Offer:
    """The template of this code or id.

    Raises:
        Refused: when there is none.
    """
    if document := shipped().get(code):
        return Offer(code, document)
    pk = _id(code)
    if pk and (kept := PlanTemplate.objects.filter(pk=pk).first()):
        return Offer(code, kept.document, kept)
    raise Refused(UNKNOWN, code="invalid", fields={"template": [UNKNOWN]})


def _id(code: str) -> UUID | None:
    try:
        return UUID(code)
    except ValueError:
        return None
