"""How an uploaded file leaves: as a download that no browser opens in our name."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from milestones.files import HEADERS, INERT, UNKNOWN, pieces, place_of
from milestones.models import ArtifactVersion


def attachment(version: ArtifactVersion) -> StreamingHttpResponse:
    """The stored file of a version that was looked up inside the workspace's door."""
    place = place_of(version.sha256)
    named = content_disposition_header(True, version.file_name) or "attachment"
    return StreamingHttpResponse(
        pieces(place),
        content_type=version.content_type if version.content_type in INERT else UNKNOWN,
        headers={**HEADERS, "Content-Disposition": named, "Content-Length": str(place.stat().st_size)},
    )
