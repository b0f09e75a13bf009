"""Everything that the workspace holds, to take away."""

from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from api.resources.reports import NothingInput
from api.shapes import Out
from api.views import WorkspaceView
from tenancy.models import Workspace
from workspaces.actions.exports import export, tell_export
from workspaces.models import Scope


class ExportOut(Out):
    class Meta:
        model = Workspace
        fields = ["id"]


class Exports(WorkspaceView):
    """Answers a ZIP archive: every table as JSON and CSV, the journal, all files. Ask with `Accept: */*`."""

    model = Workspace
    scopes = {"create": Scope.EXPORT}
    out = ExportOut
    inputs = {"create": NothingInput}
    binary = frozenset({"create"})
    snapshots = frozenset({"create"})

    def create(self, request: Request, **kwargs: Any) -> StreamingHttpResponse:
        self.check_body()
        workspace = Workspace.objects.get(pk=self.workspace_id)
        copy = export(workspace, now=self.now)
        self.afterwards.append(lambda: tell_export(workspace, copy, by=self.actor, now=self.now))
        answer = StreamingHttpResponse(copy.archive, content_type="application/octet-stream")
        name = f"cairn-{workspace.slug}-{self.now.date().isoformat()}.zip"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
