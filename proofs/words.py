"""The words of proof, handoff and expansion that are kept in columns."""

from typing import Final

from django.db.models import TextChoices


class Direction(TextChoices):
    UP = "up", "Higher is better"
    DOWN = "down", "Lower is better"


class Role(TextChoices):
    BASELINE = "baseline", "Baseline"
    CURRENT = "current", "Current value"


class SnapshotSource(TextChoices):
    HAND = "hand", "Entered by hand"
    API = "api", "By API"
    CONNECTION = "connection", "From a connection"
    MEASURE = "measure", "The milestone's measured progress"


class Found(TextChoices):
    """What a look at an artifact found."""

    OK = "ok", "Reachable and unchanged"
    CHANGED = "changed", "Changed since it was added"
    UNREACHABLE = "unreachable", "Not reachable"
    REFUSED = "refused", "Not looked at"
    MISSING = "missing", "File missing or damaged"


UNSOUND: Final = (Found.CHANGED, Found.UNREACHABLE, Found.MISSING)  # what a client should not be handed


class PacketState(TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class FileKind(TextChoices):
    PDF_A4 = "pdf_a4", "PDF, A4"
    PDF_LETTER = "pdf_letter", "PDF, US Letter"
    DATA = "data", "Data file"
    ZIP = "zip", "Archive with verifier"


class AskedAbout(TextChoices):
    DECISION = "decision", "A decision"
    PACKET = "packet", "A proof packet"


class OpportunityStage(TextChoices):
    IDENTIFIED = "identified", "Identified"
    CONVERSATION = "conversation", "Conversation"
    PROPOSAL = "proposal", "Proposal"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class Kpi(TextChoices):
    """One for each layer, in the order of the layers."""

    CLARITY = "clarity", "Milestone clarity score"
    ON_TIME = "on_time", "On-time milestone probability"
    RESOLUTION = "resolution", "Mean blocker resolution time"
    CONFIDENCE = "confidence", "Client confidence score"
    CONVERSATION = "conversation", "Upsell conversation rate"
