"""Questions to clients: what waits for whom, what each one showed, and what can be done about it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from journal.pages import entries, events, with_personal
from milestones.actions import conclusions, decisions, requests
from milestones.asking import chosen, office_hours
from milestones.models import Contact, Decision, DecisionRequest
from milestones.queries import decisions as queries
from milestones.queries.decisions import decides
from milestones.words import ApprovalChannel, RequestKind, RequestState, Stage
from tenancy.refusal import Refused
from web import once
from web.answers import attempt, done
from web.client.questions import subject
from web.forms.decisions import AskAnewForm, ReasonForm, RecordForm, elsewhere
from web.guards import member
from web.here import Here
from web.keyset import page_of
from web.story import told
from web.team.lists import after
from workspaces.actions.links import address_of
from workspaces.models import Link, Purpose, Role

LIMIT = 50
STATES = {"waiting": "Waiting", "drafts": "Not sent yet", "decided": "Decided"}
DAYS_TO_DECIDE = 3

# What taking an answer back does beside asking anew, by what was asked.
UNDONE = {
    RequestKind.REVIEW: "The acceptance that counts is taken back and the milestone returns to review. Work "
    "that went on after revisions goes on.",
    RequestKind.CHANGE: "The request waits in the change queue again, undecided. What a yes added to the "
    "scope is taken out, and the dates that it moved return; the client is told of each.",
    RequestKind.REBASELINE: "The planned dates that a yes changed return to where they were, with the "
    "forecasts that followed them; the client is told of each.",
    RequestKind.BLOCKER: "The blocker that the answer ended opens again, and the dates that it moved return; "
    "the client is told of each.",
}


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    here, asked = Here(request), request.GET.get("show", "waiting")
    show = asked if asked in STATES else "waiting"
    found, key = _listed(show, after(request.GET.get("after", "")))
    page = page_of(found[: LIMIT + 1], limit=LIMIT, key=lambda row: (getattr(row, key).isoformat(), row.pk))
    context = {
        "rows": [_row(row, here) for row in page.rows],
        "next": page.next,
        "show": show,
        "states": STATES.items(),
    }
    return render(request, "web/team/decisions.html", context)


def _listed(show: str, start: tuple[datetime, UUID] | None) -> tuple[QuerySet[DecisionRequest], str]:
    """The rows of a list from where the last page ended, and the moment that they are ordered by."""
    if show == "waiting":
        rows, key, further = queries.waiting(), "decide_by", "gt"
    elif show == "drafts":
        rows, key, further = queries.drafts(), "created_at", "lt"
    else:
        rows, key, further = queries.answered(), "ended_at", "lt"
    if start:
        at, pk = start
        rows = rows.filter(Q(**{f"{key}__{further}": at}) | Q(**{key: at, f"pk__{further}": pk}))
    return rows, key


def _row(row: DecisionRequest, here: Here) -> dict[str, Any]:
    answer = _answer_of(row) if row.state in (RequestState.DECIDED, RequestState.COUNTERMANDED) else None
    return {
        "row": row,
        "who": decides(row, now=here.now),
        "is_late": row.state == RequestState.PENDING and row.decide_by < here.now,
        "waits": here.age(row.sent_at),
        "answer": answer,
        "option": chosen(row.options, answer.option) if answer else None,
    }


def _answer_of(row: DecisionRequest) -> Decision | None:
    return next((each for each in row.decisions.all() if each.countermands_id is None), None)


@member
@require_safe
@never_cache
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def find(pk: UUID) -> DecisionRequest:
    """The question of the address; 404 when it is not in this workspace."""
    return get_object_or_404(queries.questions(), pk=pk)


def page(
    request: HttpRequest,
    question: DecisionRequest,
    *,
    forms: Mapping[str, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """One question; `forms` are refused ones by their place on the page."""
    here, forms = Here(request), forms or {}
    is_pending = question.state == RequestState.PENDING
    now_shown = queries.shown(question) if question.state == RequestState.DRAFT else question.shown
    answers = list(question.decisions.select_related("contact").order_by("at", "id"))
    context = {
        "here": here,
        "question": question,
        "milestone": question.milestone,
        **subject(now_shown, file_address=lambda pk: here.url("artifact_file", pk)),
        "who": decides(question, now=here.now),
        "is_late": is_pending and question.decide_by < here.now,
        "is_outdated": is_pending and queries.is_outdated(question),
        "elsewhere": elsewhere(question.channel),
        "address": once.take(request, f"decision:{question.pk}", now=here.now),
        "answers": [_told(answer, question) for answer in answers],
        "comments": list(question.comments.select_related("contact").order_by("at", "id")),
        "entries": _trail(question, answers),
        "opened_form": next(iter(forms), ""),
        **_acts(question, here),
        **{f"{name}_form": form for name, form in forms.items()},
        "breadcrumbs": [
            {"label": "Decisions", "url": here.url("decisions")},
            {"label": f"Question #{question.number}"},
        ],
    }
    return render(request, "web/team/decision.html", context, status=status)


def _told(answer: Decision, question: DecisionRequest) -> dict[str, Any]:
    entry = queries.entry_of(answer)
    return {
        "row": answer,
        "option": chosen(question.options, answer.option),
        "channel": elsewhere(answer.channel) or "the decision link",
        "seq": entry.seq if entry else None,
        "hash": bytes(entry.hash).hex() if entry else "",
    }


def _trail(question: DecisionRequest, answers: list[Decision]) -> list[dict[str, Any]]:
    subjects = [question.pk, *(answer.pk for answer in answers)]
    rows = events(threads=[question.milestone_id]).filter(subject_id__in=subjects)
    return [told(entry) for entry in entries(with_personal(rows))]


def _acts(question: DecisionRequest, here: Here) -> dict[str, Any]:
    """What may be done about the question as it stands, with an empty form for each."""
    is_pending = question.state == RequestState.PENDING
    acts: dict[str, Any] = {}
    if question.state in queries.OPEN:
        acts["withdraw_form"] = ReasonForm(auto_id="withdraw-%s")
    if is_pending:
        acts["stand_in"] = _stand_in(question, here)
    if is_pending and requests.is_still_true(question):
        acts["anew_form"] = _anew_form(question, here)
    if is_pending and question.channel != ApprovalChannel.LINK:
        acts["record_form"] = _record_form(question)
    if _may_be_taken_back(question):
        acts["countermand_form"] = ReasonForm(auto_id="countermand-%s")
        acts["undone"] = UNDONE[RequestKind(question.kind)]
    return acts


def _may_be_taken_back(question: DecisionRequest) -> bool:
    return question.state == RequestState.DECIDED and question.milestone.stage != Stage.CLOSED


def _stand_in(question: DecisionRequest, here: Here) -> Contact | None:
    """Who can be asked in place of an approver who is away, and was not yet."""
    delegate: Contact | None = question.approver.delegate
    if delegate is None or delegate.pk == question.delegate_id:
        return None
    return delegate if queries.is_away(question.approver, now=here.now) else None


def _anew_form(question: DecisionRequest, here: Here, data: Any = None) -> AskAnewForm:
    initial = {
        "decide_by": max(question.decide_by, in_three_days(here)),
        "question": question.question,
        "caveats": question.caveats,
    }
    is_review = question.kind == RequestKind.REVIEW
    return AskAnewForm(data, initial=initial, zone=here.zone, is_review=is_review, auto_id="anew-%s")


def in_three_days(here: Here) -> datetime:
    """Time enough to decide: the end of the third working day from today."""
    day = office_hours(here.zone.key).add_working_days(here.today, DAYS_TO_DECIDE)
    return datetime(day.year, day.month, day.day, 17, tzinfo=here.zone)


def _record_form(question: DecisionRequest, data: Any = None) -> RecordForm:
    initial = {"name": question.approver.name, "contact": question.approver_id}
    deciders = _deciders(question).values()
    return RecordForm(data, initial=initial, options=question.options, deciders=deciders, auto_id="record-%s")


def _deciders(question: DecisionRequest) -> dict[UUID, Contact]:
    return {each.pk: each for each in (question.approver, question.delegate) if each is not None}


def _act(
    request: HttpRequest,
    question: DecisionRequest,
    name: str,
    form: Form,
    write: Callable[[Mapping[str, Any]], object],
    said: str,
) -> HttpResponse:
    status = attempt(form, write)
    if status == 200:
        return done(request, said, Here(request).url("decision_request", question.pk))
    return page(request, find(question.pk), forms={name: form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def withdraw(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    question, here = find(pk), Here(request)
    form = ReasonForm(request.POST, auto_id="withdraw-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return requests.withdraw(pk, typed["reason"], by=here.actor, now=here.now)

    return _act(request, question, "withdraw", form, write, "Taken back. Whoever was asked is told.")


@member(role=Role.MEMBER)
@require_POST
def delegate(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    question, here = find(pk), Here(request)

    def write(_: Mapping[str, Any]) -> object:
        return requests.delegate(pk, by=here.actor, now=here.now)

    said = "Handed over. They get a mail with a link, and the approver is told."
    return _act(request, question, "delegate", Form(request.POST), write, said)


@member(role=Role.MEMBER)
@require_POST
def ask_anew(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The question once more, with what is there now; the link before it ends."""
    question, here = find(pk), Here(request)
    form = _anew_form(question, here, request.POST)
    made: list[DecisionRequest] = []

    def write(typed: Mapping[str, Any]) -> None:
        made.append(requests.replace(pk, **typed, by=here.actor, now=here.now))

    status = attempt(form, write)
    if status == 200:
        said = "Asked anew. The link of the question before it says so."
        return done(request, said, here.url("decision_request", made[0].pk))
    return page(request, find(pk), forms={"anew": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def record(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """An answer that was given by the agreed channel, with its evidence."""
    question, here = find(pk), Here(request)

    def write(typed: Mapping[str, Any]) -> object:
        said = {**typed, "contact": _deciders(question)[typed["contact"]]}
        return decisions.record(pk, channel=question.channel, **said, by=here.actor, now=here.now)

    form = _record_form(question, request.POST)
    return _act(request, question, "record", form, write, "Recorded. The client gets the receipt.")


@member(role=Role.MEMBER)
@require_POST
def countermand(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    question, here = find(pk), Here(request)
    form = ReasonForm(request.POST, auto_id="countermand-%s")

    def write(typed: Mapping[str, Any]) -> object:
        answer = queries.decision_of(question)
        if answer is None:
            raise Refused("Nothing was decided yet; take the question back instead.", code="not_standing")
        return decisions.countermand(answer.pk, reason=typed["reason"], by=here.actor, now=here.now)

    return _act(request, question, "countermand", form, write, "Taken back by a new entry; both stay.")


@member(role=Role.MEMBER)
@require_POST
def send(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Sends a draft; that of a review goes through its gate."""
    question, here = find(pk), Here(request)

    def write(_: Mapping[str, Any]) -> object:
        if question.kind == RequestKind.REVIEW:
            return conclusions.send(question.subject_id, by=here.actor, now=here.now)
        return requests.send(pk, by=here.actor, now=here.now)

    return _act(request, question, "send", Form(request.POST), write, "Sent. The clock to decide-by runs.")


@member(role=Role.MEMBER)
@require_POST
def show_link(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The personal address of whoever is asked, shown once on the page that follows."""
    question, here = find(pk), Here(request)
    links = Link.objects.filter(purpose=Purpose.DECISION, subject_id=question.pk, revoked_at=None)
    who = decides(question, now=here.now)
    newest = get_object_or_404(links.filter(recipient_id=who.pk).order_by("-created_at")[:1])
    once.keep(request, f"decision:{question.pk}", address_of(newest), now=here.now)
    return done(request, f"The link of {who.name} stands below.", here.url("decision_request", pk))
