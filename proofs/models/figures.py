"""Figures of the whole workspace over time, and where its first ninety days began."""

from typing import ClassVar

from django.db import models

from proofs.words import Kpi
from tenancy.models import WorkspaceModel


class KpiPoint(WorkspaceModel):
    """What a KPI was on one day (the workspace's zone), and from how many cases. No cases: no value."""

    kpi = models.CharField(max_length=14, choices=Kpi)
    day = models.DateField()
    value = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    n = models.PositiveIntegerField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kpi", "day"], name="a_kpi_has_one_point_a_day")
        ]


class Rollout(WorkspaceModel):
    """The first ninety days with Cairn. Without a row they begin on the day the workspace was made."""

    started_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="a_workspace_is_rolled_out_once")
        ]
