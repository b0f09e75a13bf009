"""What comes after a milestone: those that wait for it first, then the others in the order of the plan."""

from django.db.models import Exists, F, OuterRef, QuerySet

from milestones.models import Dependency, Milestone
from milestones.words import Stage


def following(milestone: Milestone) -> QuerySet[Milestone]:
    """The project's other milestones that nobody has accepted or closed."""
    waits = Dependency.objects.filter(milestone=OuterRef("pk"), needs=milestone.pk)
    return (
        Milestone.objects.filter(project=milestone.project_id, accepted_at=None)
        .exclude(pk=milestone.pk)
        .exclude(stage=Stage.CLOSED)
        .annotate(waits=Exists(waits))
        .order_by("-waits", F("phase__position").asc(nulls_last=True), "planned_date", "code", "id")
    )


def next_to_start(milestone: Milestone) -> Milestone | None:
    """The next one whose work may begin; None where all have begun, or the project is in the archive."""
    return following(milestone).filter(stage=Stage.SETUP, project__archived_at=None).first()
