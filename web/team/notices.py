"""Notices: what the client was told, what waits to be read over, and who is not informed yet."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from milestones.actions import notices as actions
from milestones.models import Notice
from milestones.queries import notices as queries
from milestones.words import NoticeState
from tenancy.refusal import Refused
from web.answers import attempt, done, saving
from web.forms.notices import NoticeForm, ToldForm
from web.guards import member
from web.here import Here
from web.keyset import page_of
from web.team.lists import after
from workspaces.models import Role

LIMIT = 50
SHOWN = 20
STATES = [
    (NoticeState.DRAFT.value, "To be sent"),
    (NoticeState.BOUNCED.value, "Client not informed"),
    (NoticeState.SENT.value, "On their way"),
    (NoticeState.DELIVERED.value, "Delivered"),
    ("all", "All"),
]
COLOURS = {NoticeState.BOUNCED: "delayed", NoticeState.DRAFT: "at_risk", NoticeState.DELIVERED: "on_track"}


def listed(found: Iterable[Notice], *, forms: Mapping[str, Form] | None = None) -> list[dict[str, Any]]:
    """Notices as `_notices.html` shows them; `forms` are refused ones of a single notice, by name."""
    return [_row(notice, forms or {}) for notice in found]


def _row(notice: Notice, forms: Mapping[str, Form]) -> dict[str, Any]:
    is_uninformed = notice.state == NoticeState.BOUNCED and not notice.told_otherwise_at
    start = {"version": notice.version, "title": notice.title, "body": notice.body}
    return {
        "row": notice,
        "colour": "none" if notice.told_otherwise_at else COLOURS.get(NoticeState(notice.state), "none"),
        "word": "Told another way" if notice.told_otherwise_at else notice.get_state_display(),
        "is_draft": notice.state == NoticeState.DRAFT,
        "is_uninformed": is_uninformed,
        "draft_form": forms.get("draft") or NoticeForm(initial=start, auto_id=f"notice{notice.number}-%s"),
        "told_form": forms.get("told") or ToldForm(auto_id=f"told{notice.number}-%s"),
        "opened": next(iter(forms), ""),
    }


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    chosen = request.GET.get("show", "all")
    state = chosen if chosen in dict(STATES) else "all"
    wanted = "" if state == "all" else state
    found = queries.notices(state=wanted, after=after(request.GET.get("after", "")))[: LIMIT + 1]
    page = page_of(found, limit=LIMIT, key=lambda row: (row.created_at.isoformat(), row.pk))
    context = {"notices": listed(page.rows), "next": page.next, "show": state, "states": STATES}
    return render(request, "web/team/notices.html", context)


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return _page(request, pk)


def _page(
    request: HttpRequest,
    pk: UUID,
    *,
    forms: Mapping[str, Form] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """One notice with all that may be done about it; `forms` are refused ones by name."""
    here, notice = Here(request), _find(pk)
    context = {
        "notice": _row(notice, forms or {}),
        "refusal": refusal,
        "breadcrumbs": [
            {"label": "Notices", "url": here.url("notices")},
            {"label": f"#{notice.number}"},
        ],
    }
    return render(request, "web/team/notice.html", context, status=status)


def _find(pk: UUID) -> Notice:
    return get_object_or_404(queries.notices(), pk=pk)


@member(role=Role.MEMBER)
@require_POST
def save(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The words of a draft: kept, or with `send` among what was posted sent at once."""
    here, notice = Here(request), _find(pk)
    form = NoticeForm(request.POST, auto_id=f"notice{notice.number}-%s")
    sends = "send" in request.POST

    def write(typed: Mapping[str, Any]) -> object:
        words = {"title": typed["title"], "body": typed["body"]}
        who = {"by": here.actor, "now": here.now, "expected": typed["version"]}
        return actions.send(pk, **words, **who) if sends else actions.revise(pk, words, **who)

    status = attempt(form, write)
    if status == 200:
        return done(request, _said(pk) if sends else "Draft saved.", here.url("notice", pk))
    return _page(request, pk, forms={"draft": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def send(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Sends as it stands: a draft, or once more what did not arrive."""
    here, _notice = Here(request), _find(pk)
    try:
        with saving():
            actions.send(pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return _page(request, pk, refusal=str(refusal), status=409)
    return done(request, _said(pk), here.url("notice", pk))


def _said(pk: UUID) -> str:
    """What became of sending: without anybody to write to, nothing has left."""
    notice = _find(pk)
    return notice.problem or f"Notice {notice.number} is on its way."


@member(role=Role.MEMBER)
@require_POST
def told_otherwise(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, notice = Here(request), _find(pk)
    form = ToldForm(request.POST, auto_id=f"told{notice.number}-%s")
    status = attempt(form, lambda typed: actions.told_otherwise(pk, **typed, by=here.actor, now=here.now))
    if status == 200:
        return done(request, "Noted how the client was told.", here.url("notice", pk))
    return _page(request, pk, forms={"told": form}, status=status)
