"""Everything that is kept of proof, handoff and expansion."""

from proofs.models.checks import ArtifactCheck, ArtifactWatch
from proofs.models.clients import Confidence, DeliveryTemplate, Opportunity
from proofs.models.figures import KpiPoint, Rollout
from proofs.models.metrics import Metric, Snapshot
from proofs.models.packets import HandoffPacket, PacketFile, ProofPacket, Rendering
from proofs.models.seals import SealCertificate

__all__ = [
    "ArtifactCheck",
    "ArtifactWatch",
    "Confidence",
    "DeliveryTemplate",
    "HandoffPacket",
    "KpiPoint",
    "Metric",
    "Opportunity",
    "PacketFile",
    "ProofPacket",
    "Rendering",
    "Rollout",
    "SealCertificate",
    "Snapshot",
]
