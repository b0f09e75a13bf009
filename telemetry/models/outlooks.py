"""What the on-time probability was on each day, so that it can be compared with how things ended."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from milestones.models import Milestone
from milestones.models.common import percent
from telemetry.forecast import evidence as forecast
from tenancy.models import TenantKey, WorkspaceModel


class Basis(models.TextChoices):
    """What the figure rests on most: the milestone's own days, or what was assumed of its plan."""

    OWN = forecast.Basis.OWN, "Own completions"
    KIND = forecast.Basis.KIND, "Closed milestones of the kind"
    DEFAULT = forecast.Basis.DEFAULT, "Default"


class ProbabilityPoint(WorkspaceModel):
    """The chance, as it was seen on one day, that a milestone is completed by `planned_date`.

    Written while the outcome is open: in execution and QA, up to the planned date. The row of a day is
    renewed during the day. `inputs` are the fields of `telemetry.forecast.evidence.Inputs` that explain it.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="+")
    day = models.DateField()
    planned_date = models.DateField()
    percent = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=8, choices=Basis)
    inputs = models.JSONField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "day"], name="a_day_has_one_probability"
            ),
            models.CheckConstraint(name="probability_is_a_percentage", condition=percent("percent")),
            models.CheckConstraint(
                name="probability_is_of_a_date_to_come", condition=Q(planned_date__gte=models.F("day"))
            ),
        ]
