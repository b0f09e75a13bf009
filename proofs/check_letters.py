"""What the owner of a review is mailed about an artifact that is no longer what was delivered."""

from datetime import datetime, timedelta

from django.conf import settings

from journal import outbox
from journal.letters import compose
from milestones.actions.mails import owner_of
from milestones.models import ArtifactVersion, Milestone
from proofs.checking import News
from proofs.models import ArtifactWatch
from workspaces.queries import calendar_of

LIFE = timedelta(days=3)  # older than that it would only puzzle; the page still shows it


def tell(
    news: News,
    watch: ArtifactWatch,
    version: ArtifactVersion,
    milestone: Milestone,
    *,
    detail: str,
    voided: bool,
    asked: bool,
    now: datetime,
) -> None:
    """In working hours, once for each time that it happens."""
    workspace, to = milestone.workspace, owner_of(milestone)
    letter = compose(
        f"artifact_{news.value}",
        {
            "workspace": workspace,
            "milestone": milestone,
            "artifact": version.artifact,
            "version": version,
            "detail": detail,
            "voided": voided,
            "asked": asked,
            "url": f"{settings.PUBLIC_URL}/w/{workspace.slug}/milestones/{milestone.pk}/proof/#checks",
        },
    )
    due_at = calendar_of(workspace).next_opening(now)
    outbox.enqueue(
        letter,
        kind=f"artifact_{news.value}",
        subject=watch,
        to=to,
        due_at=due_at,
        thread_id=milestone.pk,
        occurrence=watch.fence,
        expires_at=due_at + LIFE,
    )
