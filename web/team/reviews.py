"""Rounds of review on a milestone's page: who decides, what they are asked next, what each round ended in."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from milestones.actions import comments, conclusions, reviews, stages
from milestones.asking import chosen
from milestones.models import Comment, Contact, Milestone, Review
from milestones.queries import decisions as queries
from milestones.queries import pages
from milestones.words import Ask, RequestState, Stage
from tenancy.refusal import Refused, Unmet
from tenancy.text import one_line
from web.answers import attempt, done, saving
from web.forms.decisions import QUESTIONS, PrepareForm, QueueForm, elsewhere
from web.guards import member
from web.here import Here
from web.team.decisions import in_three_days
from web.team.milestones import find, head
from workspaces.models import Role

LISTED = 50


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest,
    milestone: Milestone,
    *,
    forms: Mapping[str, Form] | None = None,
    unmet: list[Unmet] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The rounds of a milestone; `forms` are refused ones by their place on the page."""
    here, forms = Here(request), forms or {}
    rounds = list(queries.reviews_of(milestone.pk))
    current = next((each for each in rounds if each.ended_at is None), None)
    contacts = list(pages.contacts_of(milestone.project.account_id))
    answers = {
        each.request_id: each for each in queries.decisions_of(milestone.pk) if each.countermands_id is None
    }
    context = {
        **head(here, milestone, "milestone_review", unmet=unmet),
        "refusal": refusal,
        "rounds": [_round(each, answers, here) for each in rounds],
        "approver": _approver(milestone, contacts, here),
        "may_prepare": _may_prepare(milestone, current),
        "is_prepared": _is_draft(current),
        "is_waiting": bool(current and current.request and current.request.state == RequestState.PENDING),
        "round_number": current.number if current else len(rounds) + 1,
        "prepare_form": forms.get("prepare") or prepare_form(milestone, current, contacts, here),
        "comments": [_comment(each, forms) for each in queries.comments_of(milestone.pk)[:LISTED]],
        "opened_form": next(iter(forms), ""),
    }
    return render(request, "web/team/milestone_review.html", context, status=status)


def _is_draft(current: Review | None) -> bool:
    return bool(current and current.request and current.request.state == RequestState.DRAFT)


def _may_prepare(milestone: Milestone, current: Review | None) -> bool:
    """Until a question is sent; then it is withdrawn or asked anew on its own page."""
    question = current.request if current else None
    waits = question is not None and question.state == RequestState.PENDING
    return milestone.stage in (Stage.QA, Stage.REVIEW) and not waits


def _round(review: Review, answers: Mapping[UUID, Any], here: Here) -> dict[str, Any]:
    question = review.request
    answer = answers.get(question.pk) if question else None
    is_pending = question is not None and question.state == RequestState.PENDING
    return {
        "row": review,
        "question": question,
        "who": queries.decides(question, now=here.now) if question else None,
        "is_late": is_pending and question.decide_by < here.now,
        "answer": answer,
        "option": chosen(question.options, answer.option) if question and answer else None,
        "reviewers": list(review.reviewers.all()),
    }


def _approver(milestone: Milestone, contacts: list[Contact], here: Here) -> dict[str, Any] | None:
    approver = milestone.approver
    if approver is None:
        return None
    names = {each.pk: each.name for each in contacts}
    return {
        "name": approver.name,
        "channel": elsewhere(milestone.approval_channel) or "the decision link",
        "counts_from": milestone.accepting_round,
        "is_away": queries.is_away(approver, now=here.now),
        "until": approver.absent_until,
        "delegate": names.get(approver.delegate_id, ""),
    }


def prepare_form(
    milestone: Milestone, current: Review | None, contacts: list[Contact], here: Here, data: Any = None
) -> PrepareForm:
    others = [each for each in contacts if each.pk != milestone.approver_id]
    initial = _initial(milestone, current, here)
    return PrepareForm(data, initial=initial, contacts=others, zone=here.zone, auto_id="prepare-%s")


def _initial(milestone: Milestone, current: Review | None, here: Here) -> dict[str, Any]:
    """What was prepared, else a question that fits."""
    question = current.request if current else None
    if current is None or question is None:
        said = QUESTIONS[Ask.ACCEPTANCE].format(name=milestone.name)[:300]
        return {"ask": Ask.ACCEPTANCE, "question": said, "decide_by": in_three_days(here)}
    names = ("ask", "question", "context", "caveats", "decide_by")
    initial = {name: getattr(question, name) for name in names}
    initial["reviewers"] = [each.contact_id for each in current.reviewers.all()]
    return initial | (_ways(question.options, question.recommended) if question.ask == Ask.DEPENDENCY else {})


def _ways(options: list[dict[str, Any]], recommended: str) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for way, option in zip(("first", "second"), options, strict=False):
        typed[f"{way}_outcome"] = option["code"]
        typed[f"{way}_answer"], typed[f"{way}_follows"] = option["label"], option["consequence"]
        if option["code"] == recommended:
            typed["recommended"] = way
    return typed


def _comment(comment: Comment, forms: Mapping[str, Form]) -> dict[str, Any]:
    name = f"queue-{comment.pk}"
    start = {"title": one_line(comment.text, limit=200), "version": comment.version}
    return {"row": comment, "form": forms.get(name) or QueueForm(initial=start, auto_id=f"{name}-%s")}


@member(role=Role.MEMBER)
@require_POST
def prepare(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Keeps what the client will be asked; sending it is a step of its own."""
    milestone, here = find(pk), Here(request)
    contacts = {each.pk: each for each in pages.contacts_of(milestone.project.account_id)}
    form = prepare_form(milestone, queries.open_round(pk), list(contacts.values()), here, request.POST)

    def write(typed: Mapping[str, Any]) -> object:
        return reviews.prepare(
            pk,
            **{name: typed[name] for name in ("question", "context", "caveats", "decide_by")},
            ask=Ask(typed["ask"]),
            options=form.options(),
            recommended=form.recommends(),
            reviewers=[contacts[each] for each in typed.get("reviewers", ())],
            by=here.actor,
            now=here.now,
        )

    status = attempt(form, write)
    if status == 200:
        return done(request, "Kept. Nothing is sent yet.", here.url("milestone_review", pk))
    return page(request, find(pk), forms={"prepare": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def send(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Sends what is prepared, through the gate; or says what the gate still misses."""
    milestone, here = find(pk), Here(request)
    try:
        with saving():
            _send(pk, here)
    except Refused as refusal:
        response = page(request, milestone, unmet=refusal.unmet or None, refusal=str(refusal), status=409)
        note = partial(stages.journal_refusal, milestone, Stage.REVIEW, refusal, by=here.actor, now=here.now)
        response.survives = note  # type: ignore[attr-defined]
        return response
    return done(request, "Sent. The client has a mail with their link.", here.url("milestone_review", pk))


def _send(pk: UUID, here: Here) -> None:
    current = queries.open_round(pk)
    if current is None:
        raise Refused("No review is prepared. Write what the client is asked first.", code="not_prepared")
    conclusions.send(current.pk, by=here.actor, now=here.now)


@member(role=Role.MEMBER)
@require_POST
def queue_comment(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Makes an ask among a client's words a change request."""
    comment, here = get_object_or_404(Comment, pk=pk), Here(request)
    name = f"queue-{pk}"
    form = QueueForm(request.POST, auto_id=f"{name}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return comments.queue(
            pk, title=typed["title"], expected=typed["version"], by=here.actor, now=here.now
        )

    status = attempt(form, write)
    if status == 200:
        said = "In the change queue. The milestone's boundary stays as agreed."
        return done(request, said, here.url("milestone_review", comment.milestone_id))
    return page(request, find(comment.milestone_id), forms={name: form}, status=status)
