"""What happened and whether it went well: messages sent, the journal, the jobs."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journal import outbox
from journal.models import ChainHead, Channel, Delivery, JobRun, State
from journal.pages import alarms, entries, events, with_personal
from journal.queries import fault_of, messages, present_endpoints
from milestones.actions import notices
from telemetry.actions import findings
from telemetry.models import RiskAction, Signal
from telemetry.queries import scores
from tenancy.refusal import Refused
from web.answers import done
from web.guards import member
from web.here import Here
from web.keyset import page_of, parts_of
from web.story import told
from web.team.lists import after
from web.team.settings import frame
from workspaces.models import Invitation, Role

LIMIT = 50


@member(role=Role.MEMBER)
@require_safe
def deliveries(request: HttpRequest, **_: Any) -> HttpResponse:
    """The outbox: every message with its attempts."""
    here, chosen = Here(request), request.GET.get("show", "")
    rows = messages()
    if chosen in State.values:
        rows = rows.filter(state=chosen)
    if start := after(request.GET.get("after", "")):
        rows = rows.filter(created_at__lte=start[0]).exclude(created_at=start[0], pk__gte=start[1])
    page = page_of(rows[: LIMIT + 1], limit=LIMIT, key=lambda row: (row.created_at.isoformat(), row.pk))
    context = {
        **frame(here, "settings_deliveries"),
        "rows": page.rows,
        "joined": _joined(page.rows),
        "next": page.next,
        "show": chosen,
        "states": [("", "All"), *State.choices],
    }
    return render(request, "web/team/settings/deliveries.html", context)


def _joined(rows: Iterable[Delivery]) -> set[UUID]:
    """The invitations among the subjects that were accepted: there is nothing to send again."""
    asked = [row.subject_id for row in rows if row.kind == "invitation"]
    accepted = Invitation.objects.filter(pk__in=asked, accepted_at__isnull=False)
    return set(accepted.values_list("pk", flat=True))


@member(role=Role.MEMBER)
@require_POST
def replay(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, delivery = Here(request), get_object_or_404(Delivery, pk=pk)
    try:
        notices.replay(delivery, by=here.actor, now=here.now)
        said = "It is in line again."
    except Refused as refusal:
        said = str(refusal)
    return done(request, said, _log(here, delivery))


def _log(here: Here, delivery: Delivery) -> str:
    """Where one sees what becomes of a message: at its endpoint, while there is one."""
    if delivery.channel == Channel.WEBHOOK and present_endpoints().filter(pk=delivery.endpoint_id).exists():
        return here.url("settings_webhook", delivery.endpoint_id)
    return here.url("settings_deliveries")


@member(role=Role.MEMBER)
@require_POST
def withdraw(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, delivery = Here(request), get_object_or_404(Delivery, pk=pk)
    try:
        outbox.withdraw_one(delivery, by=here.actor, now=here.now)
        said = "Withdrawn: it will not be sent."
    except Refused as refusal:
        said = str(refusal)
    return done(request, said, _log(here, delivery))


@member
@require_http_methods(["GET", "HEAD", "POST"])
def journal(request: HttpRequest, **_: Any) -> HttpResponse:
    """The workspace's journal; a POST verifies the whole chain and says what it found."""
    here, rows = Here(request), events()
    if (parts := parts_of(request.GET.get("after", ""), 1)) and parts[0].isdecimal():
        rows = rows.filter(seq__lt=int(parts[0]))
    page = page_of(entries(with_personal(rows)[: LIMIT + 1]), limit=LIMIT, key=lambda entry: (entry.seq,))
    head = ChainHead.objects.get()
    context = {
        **frame(here, "settings_journal"),
        "entries": [told(entry) for entry in page.rows],
        "next": page.next,
        "head": head,
        "head_hash": bytes(head.hash).hex(),
        "verified": request.method == "POST",
        "fault": fault_of(head) if request.method == "POST" else "",
    }
    return render(request, "web/team/settings/journal.html", context)


@member
@require_safe
def jobs(request: HttpRequest, **_: Any) -> HttpResponse:
    """Which jobs ran in time; what did not is shown grey wherever it matters."""
    here = Here(request)
    runs = [(run, run.is_overdue(now=here.now), _pace(run.every)) for run in JobRun.objects.order_by("name")]
    parked: list[tuple[Signal | RiskAction, str]]
    parked = [(row, row.get_rule_display()) for row in scores.parked_signals()[:LIMIT]]
    parked += [(row, row.get_code_display()) for row in scores.parked_actions()[:LIMIT]]
    late = list(alarms().values("name", "alarm_since"))
    context = {**frame(here, "settings_jobs"), "runs": runs, "parked": parked, "alarms": late}
    return render(request, "web/team/settings/jobs.html", context)


@member(role=Role.MEMBER)
@require_POST
def replay_finding(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Lets a parked signal or named action be told by the next run."""
    here = Here(request)
    try:
        findings.replay(pk, by=here.actor, now=here.now)
        said = "It is told by the next run."
    except RiskAction.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as refusal:
        said = str(refusal)
    return done(request, said, here.url("settings_jobs"))


def _pace(every: timedelta) -> str:
    seconds = round(every.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("min", 60)):
        if seconds and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 and unit != 'min' else ''}"
    return f"{seconds} s"
