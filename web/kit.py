"""The kit page: every component of the design with sample data. Served in development only."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from milestones import charts
from milestones.charts import Work

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LABELS = {
    "on_track": "On track",
    "at_risk": "At risk",
    "delayed": "Delayed",
    "blocked": "Blocked",
    "in_review": "In review",
    "approved": "Approved",
}
FLAGS = {
    "stale": "Stale since 26 Feb",
    "paused": "Paused",
    "turning_red": "Turning red",
    "uninformed": "Client not informed",
}
RISK = [34, 33, 36, 38, 41, 40, 44, 43, 47, 52, 50, 55, 58, 57]
PLANNED = [40, 40, 40, 41, 41, 41, 42, 42, 42, 43, 43, 43, 44, 44]


class KitForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="One outcome, at most 80 characters.", max_length=80)
    planned = forms.DateField(widget=forms.DateInput({"type": "date"}))
    owner = forms.ChoiceField(choices=[("maya", "Maya Chen"), ("jonas", "Jonas Weber")])
    output = forms.CharField(widget=forms.Textarea({"rows": 2}), required=False)
    aggressive = forms.BooleanField(
        label="Aggressive plan", help_text="Updates twice a week.", required=False
    )
    channel = forms.ChoiceField(
        choices=[("link", "Decision link"), ("mail", "E-mail reply")], widget=forms.RadioSelect
    )


def _points(values: list[int]) -> list[dict[str, object]]:
    last = len(values) - 1
    return [
        {"label": f"{DAY - timedelta(days=last - n):%-d %b}", "value": value}
        for n, value in enumerate(values)
    ]


def _rows() -> list[dict[str, object]]:
    names = ["Data access confirmed", "Data quality assessed", "Technical approach approved"]
    names += ["Data pipeline operational", "Baseline model trained", "Deployed to staging"]
    return [
        {
            "code": f"{n // 3 + 1}.{n % 3 + 1}",
            "name": name,
            "label": label,
            "word": LABELS[label],
            "planned": DAY + timedelta(days=5 * n),
            "forecast": DAY + timedelta(days=5 * n + (6 if label in ("at_risk", "delayed") else 0)),
            "risk": RISK[n * 2],
            "owner": "Maya Chen",
        }
        for n, (name, label) in enumerate(zip(names, LABELS, strict=True))
    ]


def _plan() -> dict[str, object]:
    """Six milestones, one after the other: two accepted, the third late."""
    ids = [UUID(int=n) for n in range(6)]
    works = [
        Work(
            id=ids[n],
            code=f"1.{n + 1}",
            name=f"Milestone {n + 1}",
            planned_start=DAY + timedelta(days=14 * (n - 3)),
            planned=DAY + timedelta(days=14 * (n - 3) + 11),
            forecast=DAY + timedelta(days=14 * (n - 3) + (18 if n > 1 else 11)),
            begun=DAY + timedelta(days=14 * (n - 3)) if n < 3 else None,
            until=DAY + timedelta(days=14 * (n - 3) + 11) if n < 2 else None,
            needs=ids[n - 1 : n] if n else [],
        )
        for n in range(6)
    ]
    start = DAY - timedelta(days=43)
    planned = [(start, 0.0), *((DAY + timedelta(days=14 * (n - 3) + 11), (n + 1) / 6) for n in range(6))]
    earned = [*planned[:3], (DAY, 2 / 6)]
    ahead = [(DAY, 2 / 6), *((DAY + timedelta(days=14 * (n - 3) + 18), (n + 1) / 6) for n in range(2, 6))]
    return {
        "timeline": charts.timeline(works, today=DAY),
        "curve": charts.s_curve(planned, earned, ahead, today=DAY),
        "levels": charts.levels(planned, earned, ahead),
        "figures": {"planned": "50%", "earned": "33%", "spi": "0.67", "spi_t": "0.72"},
        "plan_today": DAY,
    }


def _timeline() -> list[dict[str, object]]:
    return [
        {
            "at": NOON,
            "text": "Forecast moved from 6 to 12 March",
            "detail": "Waiting for the client: production credentials.",
            "weight": "key",
        },
        {
            "at": NOON - timedelta(hours=19),
            "text": "Blocker became critical",
            "detail": "Open for 48 working hours, nobody has responded.",
            "weight": "alarm",
        },
        {"at": NOON - timedelta(days=3), "text": "Maya Chen recorded progress: 40%", "detail": ""},
    ]


def sample() -> dict[str, Any]:
    """Context of the kit page; the shapes are those that the components document."""
    return {
        "labels": LABELS,
        "flags": FLAGS,
        "rows": _rows(),
        "form": KitForm({"planned": "2026-03-06", "owner": "maya", "name": "", "channel": "link"}),
        "entries": _timeline(),
        "points": _points(RISK),
        "planned_points": _points(PLANNED),
        **_plan(),
        "past_dates": [
            {"date": DAY, "reason": "Credentials arrived late"},
            {"date": DAY + timedelta(days=4), "reason": "Scope agreed"},
        ],
        "current_date": DAY + timedelta(days=10),
        "bars": [
            {"label": "Data", "value": 92, "text": "+9 days"},
            {"label": "Model", "value": 48, "text": "+5 days"},
            {"label": "Approval", "value": 21, "text": "+2 days"},
        ],
        "stages": [
            {"label": "Setup", "state": "done"},
            {"label": "Execution", "state": "current", "note": "2 unmet for QA"},
            *({"label": label, "state": "next"} for label in ("QA", "Review", "Closeout")),
        ],
        "unmet": [
            {"code": "output_missing", "message": "Attach or link the output.", "url": "#unmet"},
            {"code": "criteria_open", "message": "Criterion 2 has no evidence and is not marked not met."},
        ],
        "tabs": [
            {"label": "Record", "url": "#tabs", "current": True},
            {"label": "Blockers", "url": "#tabs", "count": 2},
            {"label": "Journal", "url": "#tabs"},
        ],
    }


def kit(request: HttpRequest) -> HttpResponse:
    return render(request, "web/kit.html", sample())
