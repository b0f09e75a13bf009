"""What Today reads of telemetry: silence beyond the workspace's threshold, and scores under their limit."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    FloatField,
    Func,
    Q,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from milestones.queries.today import AT_WORK, Conditions
from milestones.reasons import Reason
from telemetry.risk import NAMED_ACTIONS
from telemetry.rules import Thresholds
from workspaces.models import WorkspaceSettings

USUAL = Thresholds()


def conditions(now: datetime) -> Conditions:
    """As the daily rules and the named actions say them, of the milestone of a row of Today."""
    return {
        Reason.SILENT: AT_WORK & Q(paused_at=None, seen_at__lt=_silent_since(now)),
        Reason.RISKY: reduce(or_, (Q((f"{a.group}_score__lt", a.below)) for a in NAMED_ACTIONS)),
    }


def _silent_since(now: datetime) -> Combinable:
    """Reckoned by the server: the query is kept, and the threshold belongs to the workspace."""
    own = KeyTextTransform("no_progress_hours", "thresholds")
    found = Subquery(WorkspaceSettings.objects.values(hours=Cast(own, FloatField()))[:1])
    hours = Coalesce(found, Value(float(USUAL.no_progress_hours)))
    silence = Func(
        hours, template="make_interval(secs => 3600 * %(expressions)s)", output_field=DurationField()
    )
    return ExpressionWrapper(Value(now, DateTimeField()) - silence, DateTimeField())
