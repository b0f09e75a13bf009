"""One line for each other part of a milestone, on its first page."""

from typing import Any

from django.utils.dateparse import parse_datetime

from milestones.clarity import breadth
from milestones.models import Milestone, QaRun
from milestones.queries import pages
from milestones.words import NoticeState, Outcome, RequestState, Stage
from web.here import Here


def parts(milestone: Any, here: Here) -> list[dict[str, str]]:
    """`milestone` is one that `milestones.queries.glance` annotated."""
    told = {
        "milestone_dates": ("Dates", _moves(milestone.move_count)),
        "milestone_quality": ("Artifacts", _many(milestone.artifact_count, "artifact")),
        "runs": ("Last QA run", _check(pages.qa_runs(milestone.pk).first())),
        "milestone_review": ("Review", _round(milestone.last_round)),
        "decisions": ("Last decision", _decision(milestone.last_decision, here)),
        "milestone_proof": ("Proof", _proof(milestone)),
        "milestone_scope": ("Scope", _many(milestone.asked_count, "undecided request")),
        "notices": ("Last notice", _notice(milestone.last_notice, here)),
    }
    return [
        {"name": name, "said": said, "url": _url(here, milestone, place)}
        for place, (name, said) in told.items()
    ]


def _url(here: Here, milestone: Milestone, place: str) -> str:
    if place == "runs":
        return f"{here.url('milestone_quality', milestone.pk)}#runs"
    if place == "notices":
        return f"{here.url('milestone_dates', milestone.pk)}#notices"
    if place == "decisions":
        return f"{here.url('milestone_review', milestone.pk)}#rounds"
    return here.url(place, milestone.pk)


def too_broad(milestone: Any) -> list[str]:
    start = milestone.planned_start or milestone.created_at.date()
    return breadth(
        milestone.output,
        start=start,
        planned_date=milestone.planned_date,
        criteria=milestone.criterion_count,
    )


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _moves(count: int) -> str:
    return f"the forecast moved {'once' if count == 1 else f'{count} times'}" if count else "never moved"


def _proof(milestone: Milestone) -> str:
    if milestone.proof_packet_url:
        return "packet published"
    return "packet being written" if milestone.stage in (Stage.REVIEW, Stage.CLOSEOUT) else "no packet yet"


def _check(run: QaRun | None) -> str:
    if run is None:
        return "none yet"
    if run.voided_at:
        return "void, the output changed"
    return f"{'passed' if run.passed else 'failed'}: {run.score}, passes at {run.threshold}"


def _round(found: dict[str, Any] | None) -> str:
    if found is None:
        return "no round yet"
    if found["outcome"]:
        return f"round {found['number']}: {Outcome(found['outcome']).label.lower()}"
    state = RequestState(found["asked"]).label.lower() if found["asked"] else "being prepared"
    return f"round {found['number']}: {state}"


def _decision(found: dict[str, Any] | None, here: Here) -> str:
    if found is None:
        return "none yet"
    return f"question {found['number']}, {found['name']}, {_day(found['at'], here)}"


def _notice(found: dict[str, Any] | None, here: Here) -> str:
    if found is None:
        return "none yet"
    state = NoticeState(found["state"]).label.lower()
    return f"“{found['title']}”, {state}, {_day(found['at'], here)}"


def _day(text: str, here: Here) -> str:
    at = parse_datetime(text)
    return f"{at.astimezone(here.zone):%-d %b}" if at else ""
