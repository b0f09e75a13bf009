"""Everything that the workspace holds, to take away."""

from tempfile import SpooledTemporaryFile
from typing import Any
from weakref import finalize

from django.http import FileResponse
from rest_framework.request import Request

from api.resources.reports import NothingInput
from api.shapes import Out
from api.views import WorkspaceView
from tenancy.models import Workspace
from workspaces.actions.exports import IN_MEMORY, export
from workspaces.models import Scope


class ExportOut(Out):
    class Meta:
        model = Workspace
        fields = ["id"]


class Exports(WorkspaceView):
    """Answers a ZIP archive of every table as JSON and CSV, and of the journal. Ask with `Accept: */*`."""

    model = Workspace
    scopes = {"create": Scope.EXPORT}
    out = ExportOut
    inputs = {"create": NothingInput}
    binary = frozenset({"create"})

    def create(self, request: Request, **kwargs: Any) -> FileResponse:
        self.check_body()
        workspace = Workspace.objects.get(pk=self.workspace_id)
        file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        export(workspace, file, by=self.actor, now=self.now)
        file.seek(0)
        name = f"cairn-{workspace.slug}-{self.now.date().isoformat()}.zip"
        answer = FileResponse(
            file, as_attachment=True, filename=name, content_type="application/octet-stream"
        )
        finalize(answer, file.close)  # also when nobody reads it to its end
        return answer
