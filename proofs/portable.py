"""What leaves of metrics, packets, confidence and opportunities."""

from collections.abc import Iterator
from typing import Final

from milestones.files import place_of
from proofs import models
from proofs.archive import NAMES
from proofs.words import FileKind
from tenancy.portable import Kept, Table, register

WHOLE: Final = "packet.zip"

TABLES = [
    Table("metrics", models.Metric),
    Table("snapshots", models.Snapshot),
    Table("artifact_checks", models.ArtifactCheck),
    Table("proof_packets", models.ProofPacket),
    Table("handoff_packets", models.HandoffPacket),
    Table("packet_files", models.PacketFile),
    Table("confidences", models.Confidence),
    Table("opportunities", models.Opportunity),
    Table("delivery_templates", models.DeliveryTemplate),
    Table("kpi_points", models.KpiPoint),
    Table("rollouts", models.Rollout),
]
STAYING = {
    models.ArtifactWatch: "when the next look is due; what was found leaves as artifact_checks",
    models.Rendering: "work in hand; what was made leaves as packet_files",
}


def made() -> Iterator[Kept]:
    """Every file that was made of a published packet."""
    for sha256, kind in models.PacketFile.objects.order_by("pk").values_list("sha256", "kind"):
        yield Kept(sha256, NAMES.get(FileKind(kind), WHOLE), place_of(sha256))


def register_own() -> None:
    register(TABLES, staying=STAYING, files=made)
