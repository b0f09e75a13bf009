"""Everything that the workspace holds, to take away."""

from tempfile import SpooledTemporaryFile
from typing import Any
from weakref import finalize

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from journal.pages import entries, events, with_personal
from tenancy.portable import tables
from web.guards import member
from web.here import Here
from web.story import told
from web.team.settings import frame
from workspaces.actions.exports import IN_MEMORY, export
from workspaces.models import Role

LISTED = 20


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, **_: Any) -> HttpResponseBase:
    """Which tables leave, and who took them; a POST is answered with the archive."""
    here = Here(request)
    if request.method == "POST":
        return _archive(here)
    taken = with_personal(events().filter(kind="workspace.exported"))[:LISTED]
    context = {
        **frame(here, "settings_export"),
        "tables": [table.name.replace("_", " ") for table in tables()],
        "entries": [told(entry) for entry in entries(taken)],
    }
    return render(request, "web/team/settings/export.html", context)


def _archive(here: Here) -> FileResponse:
    """From a file that is gone once it is sent."""
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    export(here.workspace, file, by=here.actor, now=here.now)
    file.seek(0)
    name = f"cairn-{here.access.slug}-{here.today.isoformat()}.zip"
    answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    finalize(answer, file.close)  # also when nobody reads it to its end
    return answer
