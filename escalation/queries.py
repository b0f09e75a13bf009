"""Reads of blockers for lists of the API, served from their own columns."""

from uuid import UUID

from django.db.models import QuerySet

from escalation.models import Blocker


def blockers() -> QuerySet[Blocker]:
    return Blocker.objects.all()


def blockers_of(milestone_id: UUID) -> QuerySet[Blocker]:
    return Blocker.objects.filter(milestone_id=milestone_id)
