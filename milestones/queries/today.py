"""Reads of Today: which milestones need somebody, and all that each of them needs, in one row each."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, JSONObject, NullIf

from milestones.models import ChangeRequest, DecisionRequest, Dependency, Miss, Recourse
from milestones.queries import dates, ways
from milestones.queries.dates import SAID_AT, UNDER_WAY
from milestones.queries.decisions import is_to_be_closed, waiting
from milestones.queries.notices import client_uninformed, untold
from milestones.queries.pages import open_milestones
from milestones.reasons import Reason
from milestones.words import BlockerStatus, ChangeState, Stage

SOON = timedelta(days=2)
LATE = timedelta(days=7)
TOLD_OF_EACH = 3  # questions, notices or artifacts of one milestone

# A milestone has some sixty columns, its people and project as many: Today reads what a row shows.
COLUMNS = (
    *("id", "code", "name", "stage", "outcome", "planned_date", "forecast_date", "completed_at"),
    *("accepted_at", "paused_at", "stopped_since", "blocked_since", "blocker_status", "pause_reason"),
    *("delivery_risk_score", "on_time_probability", "open_rules", "figures_warn", "handoff_packet_link"),
    *("colour", "forecast_confirmed_at", "is_aggressive", "decide_by"),
)
NAMES = {
    "project_name": F("project__name"),
    "account_name": F("project__account__name"),
    "owner": Coalesce(
        NullIf("owner_primary__user__name", Value("")), "owner_primary__user__email", output_field=TextField()
    ),
}
OF_THIS = {"milestone": OuterRef("pk")}
AT_WORK = Q(stage__in=UNDER_WAY)
UNFINISHED = Q(completed_at=None)

Conditions = Mapping[Reason, Q | Exists]


def what_breaks_next(
    *,
    now: datetime,
    today: date,
    soon: date,
    weekly: datetime,
    twice: datetime,
    besides: Conditions,
    told: Mapping[str, Any],
    **after: Any,
) -> QuerySet[Any]:
    """Milestones with what they need from somebody today, the most urgent first, each with all its `reasons`.

    Those that need nothing come last and have no `urgency`: to leave them out here would cost it all again.
    `weekly` and `twice` are as in `dates.unconfirmed`. `besides` are conditions of upper apps, `told` what
    they tell of a row. `after` are the urgency, due and pk of the last row shown before.
    """
    conditions = {
        **_of_work(today=today, soon=soon),
        **_of_the_record(now=now, today=today, weekly=weekly, twice=twice),
        **besides,
    }
    rows: QuerySet[Any] = (
        open_milestones()
        .annotate(
            seen_at=Greatest(
                "last_progress_at",
                "pulse__last_work_at",
                Coalesce("execution_started_at", "created_at"),
                ways.resumed_at(),
            ),
            said_at=SAID_AT,
            due=Coalesce("forecast_date", Value(date.max)),
        )
        .annotate(urgency=_heaviest(conditions), reasons=_all(conditions))
        .annotate(**_details(now=now, today=today), **told)
        .values(*COLUMNS, "seen_at", "said_at", "due", "urgency", "reasons", *DETAILS, *told, **NAMES)
        .order_by(F("urgency").asc(nulls_last=True), "due", "id")
    )
    if after:
        urgency, due = after["urgency"], after["due"]
        same = Q(urgency=urgency) & (Q(due__gt=due) | Q(due=due, pk__gt=after["pk"]))
        rows = rows.filter(Q(urgency__gt=urgency) | same)
    return rows


def _whens(conditions: Conditions) -> Iterable[When]:
    return (When(conditions[reason], then=Value(int(reason))) for reason in Reason if reason in conditions)


def _heaviest(conditions: Conditions) -> Case:
    return Case(*_whens(conditions), output_field=IntegerField())


def _all(conditions: Conditions) -> Func:
    """Told of the rows that are shown only: the server puts off until then what takes subqueries."""
    return Func(
        *(Case(when, output_field=IntegerField()) for when in _whens(conditions)),
        template="ARRAY_REMOVE(ARRAY[%(expressions)s], NULL)",
        output_field=ArrayField(IntegerField()),
    )


def _of_work(*, today: date, soon: date) -> Conditions:
    """What the milestone's own columns say of blockers, dates and work."""
    is_late = Q(forecast_date__lt=today) | Q(forecast_date__gt=F("planned_date") + LATE)
    begins = Q(planned_start=None) | Q(planned_start__lte=soon)
    return {
        Reason.CRITICAL: Q(blocker_status=BlockerStatus.CRITICAL),
        Reason.STOPPED: Q(stopped_since__isnull=False),
        Reason.LATE: UNFINISHED & is_late,
        Reason.FROZEN: AT_WORK & Q(is_frozen=True),
        Reason.DUE: UNFINISHED & Q(forecast_date__gte=today, forecast_date__lte=soon),
        Reason.CLOSEOUT: Q(stage=Stage.CLOSEOUT) & ~Q(proof_packet_url=""),
        Reason.UNDEFINED: Q(stage=Stage.SETUP) & begins,
    }


def _of_the_record(*, now: datetime, today: date, weekly: datetime, twice: datetime) -> Conditions:
    """What waits with us or with the client. A forecast that has passed is moved, not confirmed."""
    is_ahead = Q(forecast_date=None) | Q(forecast_date__gte=today)
    return {
        Reason.MISSED: Exists(_misses()),
        Reason.UNDECIDED: Exists(_overdue(now)),
        Reason.UNTOLD: client_uninformed(),
        Reason.WAY_OVER: Exists(_ways(today)),
        Reason.UNSETTLED: is_to_be_closed(),
        Reason.UNCONFIRMED: is_ahead & dates.is_unconfirmed(weekly=weekly, twice=twice),
        Reason.ASKED: Exists(ChangeRequest.objects.filter(**OF_THIS, state=ChangeState.UNDECIDED)),
    }


def _misses() -> QuerySet[Miss]:
    return dates.misses_to_acknowledge().filter(**OF_THIS)


def _overdue(now: datetime) -> QuerySet[DecisionRequest]:
    return waiting().filter(**OF_THIS, decide_by__lt=now)


def _ways(today: date) -> QuerySet[Recourse]:
    return ways.to_decide(today).filter(**OF_THIS)


DETAILS = ("missed_on", "undecided", "untold", "way")


def _details(*, now: datetime, today: date) -> dict[str, Any]:
    """What the reasons say, by the names of `DETAILS`."""
    way = _ways(today).values(told=JSONObject(way="way", until="until"))
    return {
        "missed_on": Subquery(_misses().values("planned_date")[:1]),
        "undecided": several(with_pushes(_overdue(now)), **QUESTION),
        "untold": several(untold().order_by("created_at", "id"), id="id", title="title", problem="problem"),
        "way": Subquery(way[:1]),
    }


QUESTION = {
    **{name: name for name in ("id", "kind", "question", "decide_by", "pushes")},
    "contact": "approver__name",
}


def several(rows: QuerySet[Any], **fields: str) -> ArraySubquery:
    """The first few rows about the milestone of the outer row, each as a JSON object."""
    told = JSONObject(**{name: F(path) for name, path in fields.items()})
    return ArraySubquery(rows.values(told=told)[:TOLD_OF_EACH])


def with_pushes(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With `pushes`: how many open milestones wait for the one that is held up."""
    waiting = Dependency.objects.filter(
        Q(milestone__completed_at=None, milestone__closed_at=None), needs=OuterRef("milestone")
    )
    count = waiting.order_by().values("needs").annotate(n=Count("pk")).values("n")
    pushed: QuerySet[Any] = rows.annotate(pushes=Coalesce(Subquery(count), 0))
    return pushed
