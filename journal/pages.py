"""Reads of the journal for pages: entries with what they say, newest first."""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, JSONObject
from django.utils.dateparse import parse_datetime

from journal.jobs import JOBS
from journal.models import GRACE, Event, EventPersonal, JobRun, Watch
from tenancy.door import current_workspace_id
from tenancy.kept import Kept
from tenancy.models import Workspace

DONE_KINDS = (
    "milestone.moved",
    "progress.recorded",
    "blocker.resolved",
    "blocker.responded",
    "qa_run.recorded",
    "project.kicked_off",
    "milestone.closed",
    "milestone.invoice_trigger_reached",
    "milestone.next_stage_trigger_reached",
)
DONE_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a page needs it; `personal` is empty once it was erased."""

    seq: int
    at: datetime
    kind: str
    subject_kind: str
    subject_id: UUID
    thread_id: UUID | None
    actor_kind: str
    data: dict[str, Any]
    personal: dict[str, Any]
    about: str


def events(*, threads: Collection[UUID] | None = None, kinds: Collection[str] = ()) -> QuerySet[Event]:
    """Entries of some stories, or of the whole workspace, newest first."""
    rows = Event.objects.order_by("-seq")
    if threads is not None:
        rows = rows.filter(thread_id__in=threads)
    return rows.filter(kind__in=kinds) if kinds else rows


def with_personal(rows: QuerySet[Event], *, about: QuerySet[Any] | None = None) -> QuerySet[Event]:
    """The entries with their personal fields; `about` names the story that `OuterRef("thread_id")` is."""
    content = EventPersonal.objects.filter(event=OuterRef("pk")).values("content")[:1]
    found = Value("") if about is None else Subquery(about[:1])
    name = Coalesce(found, Value(""), output_field=TextField())
    return rows.annotate(said=Subquery(content), about=name)


def entries(rows: Iterable[Event]) -> list[Entry]:
    return [
        Entry(
            seq=event.seq,
            at=event.at,
            kind=event.kind,
            subject_kind=event.subject_kind,
            subject_id=event.subject_id,
            thread_id=event.thread_id,
            actor_kind=event.actor_kind,
            data=json.loads(event.body)["data"],
            personal=getattr(event, "said", None) or {},
            about=getattr(event, "about", ""),
        )
        for event in rows
    ]


@dataclass(frozen=True, slots=True)
class News:
    """The workspace, the jobs that did not run in time and what the watchman misses, what was done lately."""

    workspace: Workspace
    overdue_jobs: list[str]
    done: list[Entry]
    besides: list[dict[str, Any]]


def teller_of_news(
    about: Callable[[], QuerySet[Any]], besides: Callable[..., QuerySet[Any]]
) -> Callable[..., News]:
    """Tells what a page on the present state needs beside that state, since a time and now. One statement.

    `besides` are rows of an upper app, one JSON object each; what it takes is given when it is told.
    """
    kept = Kept(lambda since, late_before, **more: _news(about(), besides(**more), since, late_before))

    def tell(since: datetime, now: datetime, **more: Any) -> News:
        (row,) = kept.rows(limit=1, since=since, late_before=now - GRACE, **more)
        workspace = Workspace(id=row.id, slug=row.slug, name=row.name, time_zone=row.time_zone)
        return News(workspace, row.overdue + row.alarms, [_entry(entry) for entry in row.done], row.besides)

    return tell


def _news(
    about: QuerySet[Any], besides: QuerySet[Any], since: datetime, late_before: datetime
) -> QuerySet[Any]:
    done = with_personal(events(kinds=DONE_KINDS).filter(at__gte=since), about=about)[:DONE_SHOWN]
    told = JSONObject(**{name: name for name in PLAIN}, at="at", body="body", said="said", about="about")
    rows: QuerySet[Any] = Workspace.objects.filter(pk=current_workspace_id()).values(
        *("id", "slug", "name", "time_zone"),
        overdue=ArraySubquery(_overdue(late_before).values("name")),
        alarms=ArraySubquery(alarms().exclude(name=JOBS).values("name")),
        done=ArraySubquery(done.values(entry=told)),
        besides=ArraySubquery(besides),
    )
    return rows


def alarms() -> QuerySet[Watch]:
    """What the watchman has missed for longer than its patience."""
    return Watch.objects.filter(alarm_since__isnull=False).order_by("name")


PLAIN = ("seq", "kind", "subject_kind", "subject_id", "thread_id", "actor_kind")


def _entry(row: dict[str, Any]) -> Entry:
    data, said, at = json.loads(row["body"])["data"], row["said"] or {}, parse_datetime(row["at"])
    assert at
    return Entry(**{name: row[name] for name in PLAIN}, at=at, data=data, personal=said, about=row["about"])


def _overdue(late_before: datetime) -> QuerySet[JobRun]:
    """Jobs that `JobRun.is_overdue` would name, found in SQL."""
    due_again = ExpressionWrapper(
        Coalesce("finished_at", "started_at") + F("every") + F("every"), output_field=DateTimeField()
    )
    late = JobRun.objects.annotate(due_again=due_again)
    return late.filter(~Q(error="") | Q(due_again__lt=late_before)).order_by("name")
