"""Reads of imported tables."""

from django.db.models import QuerySet

from milestones.models import ImportRun


def runs() -> QuerySet[ImportRun]:
    """Every table that was opened, newest first."""
    return ImportRun.objects.order_by("-created_at", "-id")
