"""How an uploaded file leaves: as a download that no browser opens in our name."""

from django.http import FileResponse

from milestones.files import HEADERS, INERT, UNKNOWN, place_of
from milestones.models import ArtifactVersion


def attachment(version: ArtifactVersion) -> FileResponse:
    """The stored file of a version that was looked up inside the workspace's door."""
    return FileResponse(
        place_of(version.sha256).open("rb"),
        as_attachment=True,
        filename=version.file_name,
        content_type=version.content_type if version.content_type in INERT else UNKNOWN,
        headers=HEADERS,
    )
