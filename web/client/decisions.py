"""Behind a decision link: one question, two deliberate steps to its answer, and the receipt.

Looking changes nothing, and neither does a press of any button with what stands in the form: no answer is
chosen and no name is typed for anybody. Mail scanners do both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from journal.actors import Actor
from milestones.actions import comments, decisions
from milestones.asking import chosen, needs_words
from milestones.models import Contact, DecisionRequest
from milestones.queries.decisions import decision_of, entry_of, is_outdated, questions
from milestones.words import ApprovalChannel
from tenancy.refusal import Refused
from web.answers import attempt, saving, tell
from web.client.confidence import question as confidence_asked
from web.client.questions import collector, facts, file_of, page, spoken
from web.forms.decisions import NOT_ME, AnswerForm, ChoiceForm, CommentForm, WrongPersonForm
from web.guards import link
from workspaces.models import Purpose

GONE: Mapping[str, tuple[str, str]] = {
    "withdrawn": (
        "This question was taken back",
        "Nothing is asked of you any more, and nothing was decided. A mail told you why.",
    ),
    "replaced": (
        "A newer question took the place of this one",
        "Nothing was decided here. A newer mail was sent with a link of its own: please answer there.",
    ),
    "countermanded": (
        "The answer to this question was taken back",
        "It had been recorded by mistake; a mail told you why. You will be asked anew.",
    ),
    "approver_replaced": (
        "Somebody else decides this now",
        "Since this was sent, somebody else was named to decide. Nothing is asked of you any more.",
    ),
    "not_the_approver": (
        "Somebody else decides this now",
        "The question was handed to somebody else. Nothing is asked of you any more.",
    ),
    "milestone_closed": (
        "This milestone is closed",
        "What this was about has ended, and nothing was decided. Nothing is asked of you any more.",
    ),
    "milestone_completed": (
        "This milestone is completed",
        "It takes no change any more, and nothing was decided. Nothing is asked of you any more.",
    ),
    "project_archived": (
        "This project is archived",
        "Its records are kept, and nothing is decided here any more.",
    ),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at their link: what they are asked, who they are, and when."""

    request: HttpRequest
    question: DecisionRequest
    reader: Contact
    now: datetime

    @property
    def by(self) -> Actor:
        return Actor("contact", self.reader.pk, self.reader.name)

    @property
    def token(self) -> str:
        return str(self.request.resolver_match.kwargs["token"])  # type: ignore[union-attr]

    def home(self) -> HttpResponse:
        """The way back to the question, so that a reload sends nothing twice."""
        return redirect("decision", self.token)

    def facts(self) -> dict[str, Any]:
        def file_address(version_id: str) -> str:
            return reverse("decision_file", args=[self.token, version_id])

        return facts(self.question, reader=self.reader, file_address=file_address)


def _visit(request: HttpRequest) -> Visit:
    opened = request.link  # type: ignore[attr-defined]
    question = get_object_or_404(questions(), pk=opened.subject_id)
    reader = get_object_or_404(Contact, pk=opened.recipient_id)
    return Visit(request, question, reader, timezone.now())


Answer = Callable[[Visit], HttpResponse]


def posted(view: Answer) -> Callable[..., HttpResponseBase]:
    """A step that a form is sent to, while the question still waits for exactly what it shows.

    Who opens the step's address, by Back or a reload, is led to the question.
    """

    @link(Purpose.DECISION)
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def step(request: HttpRequest, **_: Any) -> HttpResponse:
        visit = _visit(request)
        if request.method != "POST":
            return visit.home()
        return _barred(visit) or view(visit)

    return step


@link(Purpose.DECISION)
@require_safe
def show(request: HttpRequest, **_: Any) -> HttpResponse:
    visit = _visit(request)
    return _barred(visit) or _asked(visit)


@link(Purpose.DECISION)
@require_safe
def file(request: HttpRequest, version_id: UUID, **_: Any) -> HttpResponseBase:
    """A file that is shown, for whoever is asked and for whoever decided."""
    visit = _visit(request)
    closed = decisions.why_closed(visit.question, contact=visit.reader)
    if closed and (closed.code != "already_decided" or visit.question.project.archived_at):
        return _closed(visit, closed)
    return file_of(visit.question, version_id)


def _barred(visit: Visit) -> HttpResponse | None:
    """The page for a question that takes no answer from this reader; None while it does."""
    if closed := decisions.why_closed(visit.question, contact=visit.reader):
        return _closed(visit, closed)
    return _changed(visit) if is_outdated(visit.question) else None


def _closed(visit: Visit, refusal: Refused) -> HttpResponse:
    code = "project_archived" if visit.question.project.archived_at else refusal.code
    if code == "already_decided":
        return _result(visit)
    if code not in GONE:
        raise Http404("No such question.")
    heading, text = GONE[code]
    return page(visit.request, "decision_ended.html", {"heading": heading, "text": text}, status=410)


def _result(visit: Visit) -> HttpResponse:
    """The receipt, with the question how confident they are.

    A post that came second reads here what the first one decided.
    """
    decision = decision_of(visit.question)
    if decision is None:
        raise LookupError("A decided question has its decision.")
    entry = entry_of(decision)
    context = {
        **visit.facts(),
        "decision": decision,
        "option": chosen(visit.question.options, decision.option),
        "is_theirs": decision.contact_id == visit.reader.pk,
        "is_late": visit.request.method == "POST",
        "at_here": spoken(decision.at, visit.request.workspace.time_zone),  # type: ignore[attr-defined]
        "at_theirs": spoken(decision.at, visit.reader.time_zone),
        "entry": entry.seq if entry else None,
        "hash": bytes(entry.hash).hex() if entry else "",
        "confidence": confidence_asked(visit.reader.pk, decision.pk),
    }
    status = 409 if visit.request.method == "POST" else 200
    return page(visit.request, "decision_receipt.html", context, status=status)


def _changed(visit: Visit) -> HttpResponse:
    """What was shown is not there any more. Whoever sends a form lets the team know that they wait."""
    told = visit.request.method == "POST"
    context = {"told": told, "collects": collector(visit.question), "digest": visit.question.shown_digest}
    response = page(visit.request, "decision_changed.html", context, status=409)
    if told:
        _note(response, visit, Refused("What was shown has changed.", code="changed_meanwhile"))
    return response


def _note(response: HttpResponse, visit: Visit, refusal: Refused, *, typed: str = "") -> None:
    """Has a refused answer written down after what it began was rolled back."""
    response.survives = partial(  # type: ignore[attr-defined]
        decisions.note_refusal,
        visit.question.pk,
        refusal,
        contact=visit.reader,
        by=visit.by,
        now=visit.now,
        typed=typed,
    )


def _asked(
    visit: Visit, *, form: Form | None = None, comment: Form | None = None, status: int = 200
) -> HttpResponse:
    question = visit.question
    start = {"digest": question.shown_digest}
    context = {
        **visit.facts(),
        "stands_in": visit.reader.pk != question.approver_id,
        "takes_answer": question.channel == ApprovalChannel.LINK,
        "form": form or ChoiceForm(initial=start, options=question.options, auto_id="answer-%s"),
        "comment_form": comment or CommentForm(auto_id="comment-%s"),
        "not_me": NOT_ME,
    }
    return page(visit.request, "decision.html", context, status=status)


@posted
def confirm(visit: Visit) -> HttpResponse:
    """The second step: what the chosen answer means, to be signed with a typed name. Nothing is kept yet."""
    form = ChoiceForm(visit.request.POST, options=visit.question.options, auto_id="answer-%s")
    if not form.is_valid():
        return _asked(visit, form=form, status=422)
    return _to_sign(visit, _signing(visit, form.cleaned_data["option"], initial=form.cleaned_data))


def _signing(visit: Visit, code: str, data: Any = None, **others: Any) -> AnswerForm | WrongPersonForm:
    if code == NOT_ME:
        return WrongPersonForm(data, auto_id="sign-%s", **others)
    option = chosen(visit.question.options, code)
    must = option is not None and needs_words(visit.question.kind, option)
    return AnswerForm(data, needs_words=must, auto_id="sign-%s", **others)


def _to_sign(visit: Visit, form: Form, *, status: int = 200) -> HttpResponse:
    code = str(form["option"].value())
    context = {
        **visit.facts(),
        "form": form,
        "option": chosen(visit.question.options, code),
        "is_not_me": code == NOT_ME,
    }
    return page(visit.request, "decision_confirm.html", context, status=status)


@posted
def answer(visit: Visit) -> HttpResponse:
    """Takes the signed answer. Of two at once one decides; the other reads what was decided."""
    code = visit.request.POST.get("option", "")
    if code != NOT_ME and chosen(visit.question.options, code) is None:
        unknown = ChoiceForm(visit.request.POST, options=visit.question.options, auto_id="answer-%s")
        return _asked(visit, form=unknown, status=422)
    form = _signing(visit, code, visit.request.POST)
    if not form.is_valid():
        return _to_sign(visit, form, status=422)
    try:
        with saving():
            _write(visit, form)
    except Refused as refusal:
        return _refused(visit, form, refusal)
    return visit.home()


def _write(visit: Visit, form: AnswerForm | WrongPersonForm) -> None:
    pk, who, by = visit.question.pk, visit.reader, visit.by
    if isinstance(form, WrongPersonForm):
        decisions.wrong_person(pk, comment=form.said(), contact=who, by=by, now=visit.now)
        told = f"Thank you. {collector(visit.question)} was told and asks the right person."
        messages.success(visit.request, told)
    else:
        decisions.decide(pk, **form.cleaned_data, contact=who, by=by, now=visit.now)


def _refused(visit: Visit, form: Form, refusal: Refused) -> HttpResponse:
    if refusal.code == "changed_meanwhile":
        return _changed(visit)
    if refusal.code in GONE or refusal.code == "already_decided":
        return _closed(_visit(visit.request), refusal)
    typed = form.cleaned_data["name"]  # telling the form takes it out
    response = _to_sign(visit, form, status=tell(form, refusal))
    if refusal.code == "name_mismatch":
        _note(response, visit, refusal, typed=typed)
    return response


@posted
def comment(visit: Visit) -> HttpResponse:
    """Words that decide nothing."""
    form, question = CommentForm(visit.request.POST, auto_id="comment-%s"), visit.question

    def write(typed: Mapping[str, Any]) -> object:
        return comments.add(
            question.milestone_id,
            text=typed["text"],
            request=question,
            contact=visit.reader,
            by=visit.by,
            now=visit.now,
        )

    status = attempt(form, write)
    if status != 200:
        return _asked(visit, comment=form, status=status)
    messages.success(
        visit.request, f"Sent to {collector(visit.question)}. The question still waits for your answer."
    )
    return visit.home()
