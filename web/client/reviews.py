"""Behind a reviewer's link: what the approver is asked, and a place for comments. They decide nothing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from journal.actors import Actor
from milestones.actions import comments
from milestones.models import Contact, DecisionRequest
from milestones.queries.decisions import questions, reviewers
from milestones.words import RequestState
from web.answers import attempt
from web.client.questions import collector, facts, file_of, page
from web.forms.decisions import CommentForm
from web.guards import link
from workspaces.models import Purpose


@link(Purpose.REVIEW)
@require_safe
def show(request: HttpRequest, **_: Any) -> HttpResponse:
    question, reader = _invited(request)
    return _page(request, question, reader) if question else _ended(request)


@link(Purpose.REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, **_: Any) -> HttpResponse:
    question, reader = _invited(request)
    if question is None:
        return _ended(request)
    home = redirect("review", request.resolver_match.kwargs["token"])  # type: ignore[union-attr]
    if request.method != "POST":
        return home
    form, by = CommentForm(request.POST, auto_id="comment-%s"), Actor("contact", reader.pk, reader.name)

    def write(typed: Mapping[str, Any]) -> object:
        text, at = typed["text"], timezone.now()
        return comments.add(question.milestone_id, text=text, request=question, contact=reader, by=by, now=at)

    status = attempt(form, write)
    if status != 200:
        return _page(request, question, reader, form=form, status=status)
    messages.success(request, f"Thank you. Your comment went to {collector(question)}.")
    return home


@link(Purpose.REVIEW)
@require_safe
def file(request: HttpRequest, version_id: UUID, **_: Any) -> HttpResponseBase:
    question, _reader = _invited(request)
    return file_of(question, version_id) if question else _ended(request)


def _invited(request: HttpRequest) -> tuple[DecisionRequest | None, Contact]:
    """What the round asks now, if it asks anything, and who looks at it."""
    reviewer = get_object_or_404(reviewers(), pk=request.link.subject_id)  # type: ignore[attr-defined]
    asked = questions().filter(pk=reviewer.review.request_id, state=RequestState.PENDING)
    return asked.filter(project__archived_at=None).first(), reviewer.contact


def _page(
    request: HttpRequest,
    question: DecisionRequest,
    reader: Contact,
    *,
    form: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    token = request.resolver_match.kwargs["token"]  # type: ignore[union-attr]

    def file_address(version_id: str) -> str:
        return reverse("review_file", args=[token, version_id])

    context = {
        **facts(question, reader=reader, file_address=file_address),
        "comment_form": form or CommentForm(auto_id="comment-%s"),
        "route": question.project.feedback_route,
    }
    return page(request, "review.html", context, status=status)


def _ended(request: HttpRequest) -> HttpResponse:
    context = {
        "heading": "This review has ended",
        "text": "Comments are collected no more. Thank you for looking at it.",
    }
    return page(request, "decision_ended.html", context, status=410)
