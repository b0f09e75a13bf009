"""Behind a confidence link: five buttons, one tap. Looking counts for nothing, and no button is chosen."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from journal.actors import Actor
from proofs.actions import confidence
from proofs.confidence import CHANGEABLE_FOR
from proofs.models import Confidence
from proofs.queries.confidence import asked_of, why_closed, with_subject
from web.answers import attempt
from web.client.questions import page, spoken
from web.forms.confidence import SCALE, ConfidenceForm
from web.guards import link
from workspaces.actions.links import address_for
from workspaces.models import Purpose

GONE = {
    "taken_back": (
        "Nothing is asked here any more",
        "What this was about was taken back. You will hear from us when there is something to look at.",
    ),
    "project_archived": ("This project is archived", "Its records are kept, and nothing is asked any more."),
}


@link(Purpose.CONFIDENCE)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, **_: Any) -> HttpResponse:
    opened = request.link  # type: ignore[attr-defined]
    asked = get_object_or_404(with_subject(), pk=opened.subject_id)
    closed = why_closed(asked, now=timezone.now())
    if closed and closed.code in GONE:
        return _gone(request, closed.code)
    if request.method == "POST" and not closed:
        return _take(request, asked)
    return _page(request, asked, is_open=not closed, status=409 if request.method == "POST" else 200)


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    heading, text = GONE[code]
    return page(request, "decision_ended.html", {"heading": heading, "text": text}, status=410)


def _take(request: HttpRequest, asked: Confidence) -> HttpResponse:
    form = ConfidenceForm(request.POST)
    by = Actor("contact", asked.contact_id, asked.contact.name)

    def write(typed: Any) -> object:
        sentence = typed["sentence"] if "sentence" in request.POST else None
        return confidence.give(asked.pk, score=typed["score"], sentence=sentence, by=by, now=timezone.now())

    status = attempt(form, write)
    if status != 200:
        return _page(request, asked, is_open=True, form=form, status=status)
    return redirect("confidence", request.resolver_match.kwargs["token"])  # type: ignore[union-attr]


def _page(
    request: HttpRequest,
    asked: Confidence,
    *,
    is_open: bool,
    form: ConfidenceForm | None = None,
    status: int,
) -> HttpResponse:
    until = asked.answered_at + CHANGEABLE_FOR if asked.answered_at else None
    context = {
        "asked": asked,
        "reader": asked.contact,
        "is_open": is_open,
        "scale": SCALE,
        "action": request.path,
        "form": form or ConfidenceForm(initial={"sentence": asked.sentence}),
        "until": spoken(until, asked.contact.time_zone) if until else "",
    }
    return page(request, "confidence.html", context, status=status)


def question(contact_id: Any, subject_id: Any) -> dict[str, Any]:
    """What a page about a decision needs for `_confidence.html`; nothing where no question waits."""
    asked = asked_of(contact_id, subject_id)
    if asked is None or why_closed(asked, now=timezone.now()):
        return {}
    action = urlsplit(address_for(asked.link_id)).path
    return {"asked": asked, "scale": SCALE, "action": action}
