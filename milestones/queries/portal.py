"""What the client's portal reads: the project with all that is asked and decided, and a part of its plan.

A plan may have thousands of milestones, so the portal shows the open ones that are due first and those done
last; the others stand on pages of their own.
"""

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from journal.models import Event
from milestones.models import Contact, DateMove, Decision, DecisionRequest, Milestone, Miss, Project
from milestones.queries.decisions import on_record, pending_of_project
from milestones.words import Stage
from workspaces.models import Link, Purpose, WorkspaceSettings

MOVED = "milestone.forecast_moved"
OPEN, DONE, PAGE, QUESTIONS, DECISIONS, MOVES = 100, 20, 50, 20, 20, 5
PLAN = (F("phase__position").asc(nulls_last=True), "planned_date", "code", "id")
OF_A_MILESTONE = (
    *("project_id", "code", "name", "description", "output", "stage", "outcome", "planned_date"),
    *("forecast_date", "completed_at", "accepted_at", "closed_at", "paused_at", "pause_reason", "colour"),
    *("stopped_since", "blocker_status", "open_rules", "figures_warn", "forecast_confirmed_at"),
    *("is_aggressive", "decide_by", "delivery_risk_score", "on_time_probability"),
    *("phase__name", "owner_primary__user__name", "owner_primary__user__email"),
)


def frame(
    project_id: UUID, *, asks: QuerySet[Any], packets: QuerySet[Any], reader_id: UUID | None
) -> QuerySet[Project]:
    """The project with what surrounds its plan, in one statement; `calendar` is the one made for the reader.

    `asks` are the open questions of `OuterRef("pk")` that upper apps know of, `packets` what they published
    about it, both as values.
    """
    plan = Milestone.objects.filter(project=OuterRef("pk")).order_by().values("project")
    settings = WorkspaceSettings.objects.values(brand=JSONObject(name="brand_name", colour="brand_colour"))
    feeds = Link.objects.filter(
        purpose=Purpose.CALENDAR, subject_id=OuterRef("pk"), revoked_at=None, recipient_id=reader_id
    )
    newest = feeds.order_by("-created_at").values(told=JSONObject(id="id", generation="generation"))
    readers = Contact.objects.filter(pk__in=[reader_id] if reader_id else [])
    reader = readers.values(told=JSONObject(name="name", zone="time_zone"))
    return (
        Project.objects.filter(pk=project_id)
        .select_related("workspace", "account")
        .annotate(
            brand=Subquery(settings[:1]),
            reader=Subquery(reader[:1]),
            calendar=Subquery(newest[:1]),
            total=Subquery(plan.annotate(n=Count("pk")).values("n")),
            accepted=Subquery(plan.filter(accepted_at__isnull=False).annotate(n=Count("pk")).values("n")),
            asks=ArraySubquery(asks),
            packets=ArraySubquery(packets),
            questions=ArraySubquery(_questions(pending_of_project(OuterRef("pk")))),  # type: ignore[arg-type]
            record=ArraySubquery(_answers(on_record(OuterRef("pk")))),  # type: ignore[arg-type]
        )
    )


def _questions(rows: QuerySet[DecisionRequest]) -> QuerySet[Any]:
    told = JSONObject(
        question="question",
        decide_by="decide_by",
        sent_at="sent_at",
        channel="channel",
        milestone="milestone__name",
        approver="approver__name",
        delegate="delegate__name",
    )
    return rows.values(told=told)[:QUESTIONS]


def _answers(rows: QuerySet[Decision]) -> QuerySet[Any]:
    told = JSONObject(
        question="request__question",
        options="request__options",
        option="option",
        name="name",
        channel="channel",
        at="at",
        milestone="request__milestone__name",
    )
    return rows.values(told=told)[:DECISIONS]


def plan(project_id: UUID, *, page: int | None) -> QuerySet[Milestone]:
    """Milestones in the order of the plan, with where their dates have been and what was missed.

    The ones to look at, or a page (counted from 1) of all.
    """
    rows = (
        Milestone.objects.filter(project=project_id)
        .select_related("phase", "owner_primary__user")
        .only(*OF_A_MILESTONE)
        .annotate(moves=ArraySubquery(_moves()), missed=ArraySubquery(_misses()))
        .order_by(*PLAN)
    )
    if page is not None:
        return rows[(page - 1) * PAGE : page * PAGE]
    every = Milestone.objects.filter(project=project_id)
    still = every.exclude(stage=Stage.CLOSED).order_by(F("forecast_date").asc(nulls_last=True), "code", "id")
    done = every.filter(stage=Stage.CLOSED).order_by("-closed_at", "id")
    return rows.filter(Q(pk__in=still.values("pk")[:OPEN]) | Q(pk__in=done.values("pk")[:DONE]))


def _moves() -> QuerySet[Any]:
    """The latest moves of a milestone's dates, the newest first; `along` is the code of what dragged it."""
    rows = DateMove.objects.filter(milestone=OuterRef("pk"), from_date__isnull=False).order_by("-at", "-id")
    told = JSONObject(
        kind="kind",
        at="at",
        reason="reason",
        along="root__milestone__code",
        **{"from": "from_date", "to": "to_date"},
    )
    return rows.values(told=told)[:MOVES]


def _misses() -> QuerySet[Any]:
    """Missed dates that were explained: before, the client is told of them by the label alone."""
    rows = Miss.objects.filter(milestone=OuterRef("pk"), acknowledged_at__isnull=False).order_by(
        "-planned_date"
    )
    told = JSONObject(
        planned="planned_date", cause="root_cause", recovery="recovery", plan="plan", closed_at="closed_at"
    )
    return rows.values(told=told)[:MOVES]


def story(project_id: UUID, kinds: tuple[str, ...]) -> QuerySet[Event]:
    """Entries of these kinds about a project and its milestones, newest first, with the milestone's name.

    A cascade is one entry, with the dates that it `dragged` along.
    """
    plan = Milestone.objects.filter(project=project_id).values("pk")
    told = Q(thread_id=project_id) | Q(thread_id__in=plan)
    named = Milestone.objects.filter(pk=OuterRef("thread_id")).values("name")[:1]
    about = Coalesce(Subquery(named), Value(""))
    rows = Event.objects.filter(told, kind__in=kinds).exclude(_goes_along())
    return rows.annotate(about=about, dragged=ArraySubquery(_dragged())).order_by("-seq")


def _goes_along() -> Q:
    """What is told with the move that dragged it along: the date itself, and the label that followed."""
    dragged = DateMove.objects.filter(milestone=OuterRef("thread_id"), at=OuterRef("at"), root__isnull=False)
    return Q(Exists(dragged), kind__in=(MOVED, "label.changed"))


def _dragged() -> QuerySet[Any]:
    """The dates that a move dragged along, by the entry of that move."""
    rows = DateMove.objects.filter(root__milestone=OuterRef("thread_id"), root__at=OuterRef("at"))
    told = JSONObject(about="milestone__name", **{"from": "from_date", "to": "to_date"})
    return rows.order_by("to_date", "milestone__code").values(told=told)
