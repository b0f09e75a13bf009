"""What a page shows of an archived project in place of its forms: they would all be refused."""

from typing import Any

from milestones.models import Project
from web.here import Here
from workspaces.models import Role


def resting(project: Project, here: Here) -> dict[str, Any]:
    """For the context of a page about the project; nothing while it is at work."""
    if project.archived_at is None:
        return {}
    return {"archived": project, "may_restore": here.access.allows(Role.MEMBER), "may_write": False}
