"""What leaves of metrics, packets, confidence and opportunities."""

from proofs import models
from tenancy.portable import Table, register

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


def register_own() -> None:
    register(TABLES, staying=STAYING)
