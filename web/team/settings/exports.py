"""Everything that the workspace holds, to take away."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from journal.pages import entries, events, with_personal
from tenancy.portable import tables
from web.guards import member
from web.here import Here
from web.story import told
from web.team.settings import frame
from workspaces.actions.exports import export, tell_export
from workspaces.models import Role

LISTED = 20


@member(role=Role.OWNER, snapshot=True)
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


def _archive(here: Here) -> StreamingHttpResponse:
    workspace, copy = here.workspace, export(here.workspace, now=here.now)
    name = f"cairn-{here.access.slug}-{here.today.isoformat()}.zip"
    answer = StreamingHttpResponse(copy.archive, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.survives = lambda: tell_export(workspace, copy, by=here.actor, now=here.now)  # type: ignore[attr-defined]
    return answer
