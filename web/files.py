"""How an uploaded file leaves: as a download that no browser opens in our name."""

from django.http import FileResponse

from milestones.files import UNKNOWN, place_of
from milestones.models import ArtifactVersion

# What runs nothing, even where it is opened. Everything else leaves as bytes of no particular kind.
INERT = {
    *("application/pdf", "application/zip", "image/gif", "image/jpeg", "image/png", "image/webp"),
    *("text/plain", "video/mp4"),
}


def attachment(version: ArtifactVersion) -> FileResponse:
    """The stored file of a version that was looked up inside the workspace's door."""
    served = version.content_type if version.content_type in INERT else UNKNOWN
    response = FileResponse(
        place_of(version.sha256).open("rb"),
        as_attachment=True,
        filename=version.file_name,
        content_type=served,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
