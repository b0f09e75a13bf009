"""What Today reads of proof, in the same statements as everything else that waits for somebody."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from escalation import agenda as below
from escalation.agenda import lists
from milestones.queries import today as milestones
from milestones.queries.today import OF_THIS, Conditions, several
from milestones.reasons import Reason
from proofs.models import ArtifactWatch, ProofPacket
from proofs.queries import checks, opportunities, packets
from telemetry import agenda as telemetry

CLOCK = {"ends_at": "clock_ends_at", "zone": "clock_zone"}
ARTIFACT = {"found": "found", "checked_at": "checked_at", "title": "artifact_version__artifact__title"}
NEXT_STEP = {
    **{name: name for name in ("id", "number", "title", "next_step", "next_step_on")},
    "account": "account__name",
}


def agenda(*, now: datetime, today: date, monday: datetime, twice: datetime) -> QuerySet[Any]:
    """The row of `escalation.agenda`, with what proof adds to it."""
    row = below.agenda(now=now, monday=monday, twice=twice)
    with_proof: QuerySet[Any] = row.annotate(next_steps=lists(opportunities.due(today), **NEXT_STEP))
    return with_proof


def what_breaks_next(*, now: datetime, **values: Any) -> QuerySet[Any]:
    """The rows of `milestones.queries.today`, with what telemetry and proof know: `clock`, `unsound`."""
    clocks = packets.clocks().filter(**OF_THIS)
    told = {
        "clock": Subquery(clocks.values(told=JSONObject(**CLOCK))[:1]),
        "unsound": several(_unsound(), **ARTIFACT),
    }
    besides = {**telemetry.conditions(now), **_of_proof(clocks, now)}
    return milestones.what_breaks_next(now=now, besides=besides, told=told, **values)


def _of_proof(clocks: QuerySet[ProofPacket], now: datetime) -> Conditions:
    return {
        Reason.UNPROVEN: Exists(clocks.filter(clock_ends_at__lte=now)),
        Reason.PROOF_DUE: Exists(clocks.filter(clock_ends_at__gt=now)),
        Reason.UNSOUND: Exists(_unsound()),
    }


def _unsound() -> QuerySet[ArtifactWatch]:
    return checks.to_mend().filter(artifact_version__artifact__milestone=OuterRef("pk"))
