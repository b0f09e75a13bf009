"""One milestone: where it stands, what stops it, how it is delivered, and what happened."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from escalation import actions as escalation
from escalation.asking import ask_two_options
from escalation.models import Blocker, BlockerType, Severity
from escalation.pages import blockers_of, shows_critical
from journal.pages import entries, events, with_personal
from milestones.actions import reports, stages
from milestones.models import Milestone
from milestones.queries import pages
from milestones.queries.glance import with_glance
from milestones.queries.notices import client_uninformed
from milestones.queries.scope import queued_from
from milestones.stages import onward
from milestones.words import RequestState, Stage
from telemetry.models import Signal
from telemetry.queries.scores import open_signals
from tenancy.refusal import Refused, Unmet
from web.answers import attempt, done
from web.forms.escalation import AskForm, OpenBlockerForm
from web.forms.milestones import (
    ProgressForm,
    ResolveForm,
    RespondForm,
    StandupForm,
)
from web.guards import member
from web.here import Here
from web.keyset import page_of, parts_of
from web.story import told
from web.team import forecasts, glances, risks
from web.team import today as todays
from web.team.archived import resting
from web.team.decisions import in_three_days
from workspaces.models import Role
from workspaces.queries import told_calendar

SHOWN = 5
LISTED = 50
STEPS = [stage for stage in Stage if stage != Stage.CLOSED]
TABS = (
    ("milestone", "Overview"),
    ("milestone_record", "Record"),
    ("milestone_work", "Work"),
    ("milestone_dates", "Dates"),
    ("milestone_quality", "Quality"),
    ("milestone_review", "Review"),
    ("milestone_proof", "Proof"),
    ("milestone_scope", "Scope"),
    ("milestone_way", "Change course"),
    ("milestone_journal", "Journal"),
)
WORDS = {
    Stage.EXECUTION: "Begin execution",
    Stage.QA: "Hand over to QA",
    Stage.REVIEW: "Send for review",
}
# What a gate asks for stands in the record, in a field of the same name or among the criteria.
FIELDS = (
    *("output", "owner_primary", "owner_client", "approver", "approval_channel", "planned_date"),
    *("dependency_risks", "invoice_trigger", "next_stage_trigger", "review_owner", "accepting_round"),
)

# Where else it is mended: the page and the place on it.
ELSEWHERE = {
    "output_artifact": ("milestone_quality", "artifacts"),
    **dict.fromkeys(
        ("qa_run", "scope_matches", "assets_checked", "blockers_disclosed", "criteria_evidenced"),
        ("milestone_quality", "checklist"),
    ),
    **dict.fromkeys(
        ("review_request", "caveats", "feedback_route", "blocker_caveats"), ("milestone_review", "prepare")
    ),
    "decision": ("milestone_review", "rounds"),
    "proof_packet_url": ("milestone_proof", "packet"),
    "handoff_packet_link": ("milestone_proof", "handoff"),
    **dict.fromkeys(("open_dependencies", "next_move_owner"), ("milestone_proof", "close")),
}


def find(pk: UUID) -> Any:
    """The milestone of the address, with its people; 404 when it is not in this workspace."""
    people = Milestone.objects.select_related("workspace", "project__account", "phase", *pages.PEOPLE)
    return get_object_or_404(with_glance(people).annotate(client_uninformed=client_uninformed()), pk=pk)


def head(
    here: Here,
    milestone: Any,
    tab: str,
    *,
    unmet: list[Unmet] | None = None,
    signals: list[Signal] | None = None,
) -> dict[str, Any]:
    """What every page of a milestone shows above its own part."""
    here.workspace = milestone.workspace
    here.calendar = told_calendar(milestone.calendar, zone=here.workspace.time_zone)
    signals = list(open_signals(milestone.pk)) if signals is None else signals
    to = onward(Stage(milestone.stage))
    missing = unmet if unmet is not None else stages.unmet(milestone, to) if to else []
    return {
        "here": here,
        "milestone": milestone,
        "label": here.label(milestone),
        "signals": signals,
        "blocked_for": here.ages(milestone.blocked_since),
        "days_left": _days_left(milestone, here),
        "stages": _stages(milestone, missing),
        "to": to,
        "to_words": WORDS.get(to, "") if to else "",
        "unmet_title": f"Before {to.label if to == Stage.QA else to.label.lower()}, this is still missing"
        if to
        else "",
        "unmet": [_mended(here, milestone, item) for item in missing],
        "tabs": _tabs(here, milestone, tab),
        "breadcrumbs": [
            {"label": "Projects", "url": here.url("projects")},
            {"label": milestone.project.name, "url": here.url("project", milestone.project_id)},
            {"label": milestone.code},
        ],
        "takes_reports": milestone.stage not in (Stage.SETUP, Stage.CLOSED),
        **resting(milestone.project, here),
    }


def _days_left(milestone: Milestone, here: Here) -> str:
    """From today to the forecast, in words; empty once nothing is promised any more."""
    if milestone.forecast_date is None or milestone.completed_at:
        return ""
    days = (milestone.forecast_date - here.today).days
    if days < 0:
        return f"{-days} day{'s' if days < -1 else ''} late"
    return "due today" if days == 0 else f"{days} day{'s' if days > 1 else ''} left"


def _stages(milestone: Milestone, missing: list[Unmet]) -> list[dict[str, str]]:
    at = list(Stage).index(Stage(milestone.stage))
    states = ["done" if n < at else "current" if n == at else "next" for n in range(len(STEPS))]
    note = f"{len(missing)} unmet" if missing else ""
    return [
        {"label": str(stage.label), "state": state, "note": note if state == "current" else ""}
        for stage, state in zip(STEPS, states, strict=True)
    ]


def _mended(here: Here, milestone: Milestone, item: Unmet) -> dict[str, str]:
    name, place = ELSEWHERE.get(item.code, ("milestone_record", "criteria"))
    if item.code in FIELDS:
        name, place = "milestone_record", f"id_{item.code}"
    url = f"{here.url(name, milestone.pk)}#{place}"
    return {"code": item.code, "message": item.message, "url": url}


def _tabs(here: Here, milestone: Milestone, current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": here.url(name, milestone.pk), "current": name == current}
        for name, label in TABS
    ]


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return overview(request, find(pk))


def overview(
    request: HttpRequest,
    milestone: Milestone,
    *,
    forms: Mapping[str, Form] | None = None,
    unmet: list[Unmet] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The milestone's first page; `forms` are refused ones, by the name of their place on the page."""
    here, forms = Here(request), forms or {}
    context = {
        **head(here, milestone, "milestone", unmet=unmet),
        **risks.facts(milestone, here=here, asked=request.GET.getlist("if")),
        **forecasts.facts(milestone, here=here),
        "refusal": refusal,
        "blockers": [
            _blocker(blocker, milestone, here, forms) for blocker in blockers_of(milestone.pk)[:LISTED]
        ],
        "progress": list(pages.progress(milestone.pk)[:SHOWN]),
        "parts": glances.parts(milestone, here),
        "too_broad": glances.too_broad(milestone) if milestone.stage == Stage.SETUP else [],
        "opened_form": next(iter(forms), ""),
        **_blank_forms(milestone, here),
        **{f"{name}_form": form for name, form in forms.items()},
    }
    return render(request, "web/team/milestone.html", context, status=status)


def _blank_forms(milestone: Milestone, here: Here) -> dict[str, Form]:
    soon = {"decide_by": in_three_days(here)}
    return {
        "progress_form": ProgressForm(milestone=milestone, auto_id="progress-%s"),
        "blocker_form": OpenBlockerForm(initial=soon, zone=here.zone, auto_id="blocker-%s"),
    }


def _blocker(blocker: Blocker, milestone: Milestone, here: Here, forms: Mapping[str, Form]) -> dict[str, Any]:
    number, start = blocker.number, {"version": blocker.version, "response": blocker.response}
    question = blocker.decision_request
    waits = question is not None and question.state == RequestState.PENDING
    soon = {"version": blocker.version, "decide_by": in_three_days(here)}
    may_ask = blocker.type == BlockerType.APPROVAL and not blocker.resolved_at and not waits
    return {
        "question": question,
        "waits": waits,
        "ask": (forms.get(f"ask{number}") or AskForm(initial=soon, zone=here.zone, auto_id=f"ask{number}-%s"))
        if may_ask
        else None,
        "row": blocker,
        "owner": blocker.response_contact or (blocker.response_member and blocker.response_member.user),
        "age": here.ages(blocker.opened_at, blocker.resolved_at),
        "answered_in": here.ages(blocker.opened_at, blocker.responded_at) if blocker.responded_at else "",
        "is_late": blocker.responded_at is None and blocker.response_due_at < here.now,
        "is_critical": shows_critical(
            blocker, forecast=milestone.forecast_date, zone=here.zone, now=here.now
        ),
        "respond": forms.get(f"respond{number}") or RespondForm(initial=start, auto_id=f"respond{number}-%s"),
        "resolve": forms.get(f"resolve{number}") or ResolveForm(initial=start, auto_id=f"resolve{number}-%s"),
    }


Write = Callable[[Mapping[str, Any]], object]


def _report(request: HttpRequest, pk: UUID, name: str, form: Form, write: Write, said: str) -> HttpResponse:
    """Writes what a form of the first page holds; a refusal shows the page again with everything typed."""
    milestone, here = find(pk), Here(request)
    status = attempt(form, write)
    if status == 200:
        return done(request, said, here.url("milestone", pk))
    return overview(request, milestone, forms={name: form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def record_progress(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), ProgressForm(request.POST, milestone=find(pk), auto_id="progress-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return reports.record_progress(pk, **typed, by=here.actor, now=here.now)

    return _report(request, pk, "progress", form, write, "Progress recorded.")


@member(role=Role.MEMBER)
@require_POST
def standup(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Progress written in its row on Today."""
    milestone, here = find(pk), Here(request)
    form = StandupForm(request.POST, auto_id=f"{pk}-%s")
    status = attempt(form, lambda typed: reports.record_progress(pk, **typed, by=here.actor, now=here.now))
    if status == 200:
        return done(request, f"Progress of {milestone.code} recorded.", here.url("today"))
    context = todays.context(here, writes=str(pk), typed=form)
    return render(request, "web/team/today.html", context, status=status)


@member(role=Role.MEMBER)
@require_POST
def open_blocker(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)
    form = OpenBlockerForm(request.POST, zone=here.zone, auto_id="blocker-%s")

    def write(_: Mapping[str, Any]) -> object:
        said = form.opened()
        words = {**said, "type": BlockerType(said["type"]), "severity": Severity(said["severity"])}
        opened = escalation.open_blocker(pk, **words, by=here.actor, now=here.now)
        if form.asks:
            return ask_two_options(opened.pk, **form.terms(), by=here.actor, now=here.now)
        return opened

    said = (
        "Blocker opened, and the client asked. Its clocks run."
        if form.asks
        else "Blocker opened. Its clocks run."
    )
    return _report(request, pk, "blocker", form, write, said)


@member(role=Role.MEMBER)
@require_POST
def move(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Takes the next step, or says what the gate still misses. The refusal is journalled by itself."""
    milestone, here = find(pk), Here(request)
    to = _stage(request.POST.get("to", ""))
    try:
        with transaction.atomic():
            stages.move(pk, to, by=here.actor, now=here.now)
    except Refused as refusal:
        response = overview(request, milestone, unmet=refusal.unmet, refusal=str(refusal), status=409)
        write = partial(stages.journal_refusal, milestone, to, refusal, by=here.actor, now=here.now)
        response.survives = write  # type: ignore[attr-defined]
        return response
    return done(request, f"{milestone.code} is in {to.label.lower()}.", here.url("milestone", pk))


def _stage(text: str) -> Stage:
    if text not in Stage.values:
        raise BadRequest("No such stage.")
    return Stage(text)


def _blocker_answer(
    request: HttpRequest, pk: UUID, name: str, form: Form, action: Callable[[Blocker], object], said: str
) -> HttpResponse:
    blocker, here = get_object_or_404(Blocker, pk=pk), Here(request)
    status = attempt(form, lambda _: action(blocker))
    if status == 200:
        return done(request, said.format(blocker.number), _back(request, here, blocker.milestone_id))
    return overview(
        request, find(blocker.milestone_id), forms={f"{name}{blocker.number}": form}, status=status
    )


def _back(request: HttpRequest, here: Here, milestone_id: UUID) -> str:
    """Where the person came from: Today and the list of blockers keep who acts there."""
    came_from = request.POST.get("from")
    return here.url(came_from) if came_from in ("today", "blockers") else here.url("milestone", milestone_id)


@member(role=Role.MEMBER)
@require_POST
def acknowledge(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)

    def action(blocker: Blocker) -> object:
        return escalation.acknowledge(blocker.pk, by=here.actor, now=here.now)

    return _blocker_answer(
        request, pk, "respond", Form(request.POST), action, "Blocker {} acknowledged; its clocks go on."
    )


@member(role=Role.MEMBER)
@require_POST
def respond(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), RespondForm(request.POST, auto_id="respond-%s")

    def action(blocker: Blocker) -> object:
        typed = form.cleaned_data
        return escalation.respond(
            blocker.pk, response=typed["response"], expected=typed["version"], by=here.actor, now=here.now
        )

    return _blocker_answer(request, pk, "respond", form, action, "Answer to blocker {} noted.")


@member(role=Role.MEMBER)
@require_POST
def resolve(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), ResolveForm(request.POST, auto_id="resolve-%s")

    def action(blocker: Blocker) -> object:
        typed = form.cleaned_data
        return escalation.resolve(
            blocker.pk, resolution=typed["resolution"], expected=typed["version"], by=here.actor, now=here.now
        )

    return _blocker_answer(request, pk, "resolve", form, action, "Blocker {} resolved.")


@member(role=Role.MEMBER)
@require_POST
def ask_about_blocker(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Puts an approval blocker to the approver: two ways, a recommendation, what each does to the date."""
    here = Here(request)
    form = AskForm(request.POST, zone=here.zone, auto_id="ask-%s")

    def action(blocker: Blocker) -> object:
        expected = form.cleaned_data["version"]
        return ask_two_options(blocker.pk, **form.terms(), expected=expected, by=here.actor, now=here.now)

    return _blocker_answer(
        request, pk, "ask", form, action, "The client is asked about blocker {}. Its clocks go on."
    )


@member
@require_safe
def work(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    milestone, here = find(pk), Here(request)
    items = list(pages.work_items(pk)[:LISTED])
    queued = queued_from(item.pk for item in items)
    context = {**head(here, milestone, "milestone_work"), "items": items, "queued": queued}
    return render(request, "web/team/milestone_work.html", context)


PACKET_STEPS = ("drafted", "written", "refreshed", "dropped", "refused", "published", "delivered")
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "": ("Everything", ()),
    "record": (
        "Record",
        (
            "milestone.created",
            "milestone.changed",
            "criterion.added",
            "criterion.changed",
            "dependency.added",
        ),
    ),
    "stage": (
        "Stage",
        (
            *("milestone.moved", "milestone.move_refused", "milestone.returned", "milestone.reset"),
            *("milestone.accepted", "milestone.reopened", "milestone.closed", "milestone.split"),
            *("milestone.invoice_trigger_reached", "milestone.next_stage_trigger_reached"),
            *("milestone.packets_linked", "recourse.chosen", "recourse.ended"),
        ),
    ),
    "delivery": ("Delivery", ("progress.recorded", "qa_run.recorded")),
    "proof": (
        "Proof",
        (
            *("metric.added", "metric.fed", "snapshot.taken", "snapshot.retracted"),
            *(f"{packet}.{step}" for packet in ("proof_packet", "handoff_packet") for step in PACKET_STEPS),
        ),
    ),
    "scope": (
        "Scope",
        (
            *("change_request.queued", "change_request.estimated"),
            *("change_request.accepted", "change_request.declined"),
        ),
    ),
    "blockers": (
        "Blockers",
        (
            *("blocker.opened", "blocker.acknowledged", "blocker.asked"),
            *("blocker.responded", "blocker.resolved"),
        ),
    ),
}


@member
@require_safe
def journal(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The milestone's story as a timeline, all of it or one kind."""
    milestone, here = find(pk), Here(request)
    chosen = request.GET.get("show", "")
    group = chosen if chosen in GROUPS else ""
    rows = events(threads=[pk], kinds=GROUPS[group][1])
    if (parts := parts_of(request.GET.get("after", ""), 1)) and parts[0].isdecimal():
        rows = rows.filter(seq__lt=int(parts[0]))
    page = page_of(entries(with_personal(rows)[: LISTED + 1]), limit=LISTED, key=lambda entry: (entry.seq,))
    context = {
        **head(here, milestone, "milestone_journal"),
        "entries": [told(entry) for entry in page.rows],
        "next": page.next,
        "show": group,
        "filters": [(code, words) for code, (words, _) in GROUPS.items()],
    }
    return render(request, "web/team/milestone_journal.html", context)
