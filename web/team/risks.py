"""Delivery risk on a milestone's page: four groups, each point explained, the trend, and what if."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from milestones.models import Milestone
from milestones.words import Stage
from telemetry import scoring
from telemetry.models import RiskScore
from telemetry.queries.pages import TREND, recent_scores, trend
from telemetry.queries.scores import open_actions
from telemetry.risk import NAMED_ACTIONS, Evidence, Group, Reason, scores
from web.here import Here

NAMES = {
    Group.VELOCITY: "Execution velocity",
    Group.DEPENDENCY: "Dependency health",
    Group.QUALITY: "Quality confidence",
    Group.SCOPE: "Scope stability",
}
LIMITS = {action.group: action.below for action in NAMED_ACTIONS}


@dataclass(frozen=True, slots=True)
class GroupShown:
    """One group of health with the points that it lost."""

    name: str
    value: int | None
    limit: int | None
    is_low: bool
    reasons: list[Reason]

    @property
    def note(self) -> str:
        return f"Low: under {self.limit}" if self.is_low else ""


def _no_blockers(e: Evidence) -> Evidence:
    return replace(e, blockers_open=0, blockers_critical=0, longest_unanswered_hours=0)


def _one_pass_more(e: Evidence) -> Evidence:
    return replace(e, qa_1=1, qa_2=e.qa_1, qa_3=e.qa_2, qa_4=e.qa_3, qa_5=e.qa_4)


def _all_decided(e: Evidence) -> Evidence:
    return replace(e, undecided=0)


def _half_dropped(e: Evidence) -> Evidence:
    dropped = e.work_open // 2
    return replace(e, work_open=e.work_open - dropped, work_total=e.work_total - dropped)


WHAT_IFS: dict[str, tuple[str, Callable[[Evidence], Evidence]]] = {
    "blockers": ("every blocker is closed", _no_blockers),
    "qa": ("the next QA run passes", _one_pass_more),
    "requests": ("every request is decided", _all_decided),
    "work": ("half of the open items are dropped", _half_dropped),
}


def facts(milestone: Milestone, *, here: Here, asked: Collection[str]) -> dict[str, Any]:
    """The risk section's context; nothing is read while the milestone is in setup."""
    if milestone.stage == Stage.SETUP:
        return {"groups": []}
    known = recent_scores(milestone.pk)
    points = trend(known, zone=here.zone, now=here.now)
    return {
        "groups": _groups(known[0]) if known else [],
        "risk": known[0].delivery_risk_score if known else None,
        "risk_at": known[0].scored_at if known else None,
        "trend": [{"label": f"{p.day:%-d %b}", "value": p.value} for p in points],
        "trend_text": course_in_words([p.value for p in points], days=TREND.days),
        "risk_actions": list(open_actions(milestone.pk)),
        "what_ifs": [(code, words, code in asked) for code, (words, _) in WHAT_IFS.items()],
        "then": _then(milestone, asked, here=here),
    }


def _groups(score: RiskScore) -> list[GroupShown]:
    reasons = scoring.explain(score)
    return [_group(group, score, reasons) for group in Group]


def _group(group: Group, score: RiskScore, reasons: Iterable[Reason]) -> GroupShown:
    value, limit = getattr(score, f"{group}_score"), LIMITS.get(group)
    is_low = value is not None and limit is not None and value < limit
    return GroupShown(NAMES[group], value, limit, is_low, [r for r in reasons if r.group == group])


def course_in_words(values: list[int], *, days: int) -> str:
    if not values:
        return ""
    first, last = values[0], values[-1]
    course = "stayed at" if first == last else f"{'rose' if last > first else 'fell'} from {first} to"
    return f"{course} {last} over {days} day{'' if days == 1 else 's'}"


def _then(milestone: Milestone, asked: Collection[str], *, here: Here) -> dict[str, Any] | None:
    """What the scores would be, by the very formulas that made the present ones."""
    chosen = [change for code, (_, change) in WHAT_IFS.items() if code in asked]
    if not chosen:
        return None
    now = changed = scoring.evidence_of(milestone, now=here.now)
    for change in chosen:
        changed = change(changed)
    before, after = scores(now), scores(changed)
    rows = [(NAMES[group], before.of(group), after.of(group)) for group in Group]
    return {"before": before.delivery_risk_score, "after": after.delivery_risk_score, "rows": rows}
