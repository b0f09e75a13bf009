"""How an uploaded file leaves: as a download that no browser opens in our name."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from milestones.files import HEADERS, INERT, UNKNOWN, pieces, place_of
from milestones.models import ArtifactVersion


def attachment(version: ArtifactVersion) -> StreamingHttpResponse:
    """The stored file of a version that was looked up inside the workspace's door."""
    content_type = version.content_type if version.content_type in INERT else UNKNOWN
    return stored(version.sha256, version.file_name, content_type)


def stored(sha256: str, name: str, content_type: str) -> StreamingHttpResponse:
    """Kept bytes under a name."""
    place = place_of(sha256)
    named = content_disposition_header(True, name) or "attachment"
    return StreamingHttpResponse(
        pieces(place),
        content_type=content_type,
        headers={**HEADERS, "Content-Disposition": named, "Content-Length": str(place.stat().st_size)},
    )
