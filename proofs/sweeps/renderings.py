"""Makes the files of published packets, one packet at a time, in whatever workspace it was published.

They are made between two doors, so that no transaction waits for a PDF. The same version becomes the same
bytes again, so that a worker that was killed half-way leaves nothing to be sorted out.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, cast

import structlog

from journal.canonical import canonical
from proofs.actions import renderings
from proofs.actions.renderings import MOST_ATTEMPTS, Claim, Made, Packet
from proofs.archive import archive_of
from proofs.rendering import pades, pictures, seal
from proofs.rendering.paper import Content, Paper, Pictures, pages_of, pdf_of
from proofs.words import FileKind
from tenancy.door import inside
from tenancy.sweep import rows, sweep
from tenancy.text import one_line

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=5)  # longer than the pictures and both PDFs can take
BROKE_OFF: Final = f"Making the files broke off {MOST_ATTEMPTS} times and left no word why."
PAPERS: Final[Mapping[FileKind, Paper]] = {FileKind.PDF_A4: "a4", FileKind.PDF_LETTER: "letter"}

# A client waits for a proof; handoffs that follow the plan by themselves are made after it.
# The lease is checked by the database's clock: a worker with a wrong one cannot take what another holds.
CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT workspace_id, id FROM proofs_rendering
    WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
    ORDER BY handoff_id IS NOT NULL, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE proofs_rendering AS taken
SET lease_until = now() + %(lease)s, fence = fence + 1, attempts = attempts + 1
FROM due WHERE taken.workspace_id = due.workspace_id AND taken.id = due.id
RETURNING taken.workspace_id, taken.id, taken.fence, taken.attempts
"""


def render_next(*, now: datetime) -> bool:
    """Makes the files of the packet that has been due longest. Returns whether there was one."""
    with sweep():
        claims = [Claim(*row) for row in rows(CLAIM, {"now": now, "lease": LEASE})]
    for claim in claims:
        _carry_out(claim, now=now)
    return bool(claims)


def _carry_out(claim: Claim, *, now: datetime) -> None:
    if claim.attempts > MOST_ATTEMPTS:  # each attempt before ended without a word: what renders it was killed
        with inside(claim.workspace_id):
            renderings.give_up(claim, BROKE_OFF, now=now)
        return
    try:
        _make(claim, now=now)
    except Exception as error:
        log.exception("rendering.failed", rendering=str(claim.id), attempt=claim.attempts)
        reason = one_line(str(error) or type(error).__name__, limit=300)
        with inside(claim.workspace_id):
            renderings.put_off(claim, reason, now=now)


def _make(claim: Claim, *, now: datetime) -> None:
    with inside(claim.workspace_id):
        if (rendering := renderings.claimed(claim)) is None:
            return
        packet = renderings.packet_of(rendering)
        chosen = pictures.chosen(_content(packet))
    small = pictures.shrunk(chosen)
    made = {kind: _printed(packet, paper, small) for kind, paper in PAPERS.items()}
    with inside(claim.workspace_id):
        if renderings.claimed(claim):
            renderings.keep(claim, packet, _with_archive(packet, made), now=now)


def _content(packet: Packet) -> Content:
    assert packet.content is not None  # a draft is never asked for
    return cast(Content, packet.content)


def _printed(packet: Packet, paper: Paper, small: Pictures) -> Made:
    """Dated as the packet was published, whenever it is made."""
    assert packet.published_at is not None
    pdf = pdf_of(_content(packet), paper, pictures=small)
    sealed = pades.sealed(pdf, at=packet.published_at)
    return Made(sealed, rendered=pdf, pages=pages_of(pdf), certificate=seal.certificate().fingerprint)


def _with_archive(packet: Packet, printed: Mapping[FileKind, Made]) -> dict[FileKind, Made]:
    made = {**printed, FileKind.DATA: Made(canonical(packet.content).encode())}
    archive = archive_of(packet, {kind: one.content for kind, one in made.items()})
    return {**made, FileKind.ZIP: Made(archive, certificate=seal.certificate().fingerprint)}
