"""The three questions of a weekly review, as they are answered on one sheet."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from escalation.weekly import Risk, Unresolved, Week
from milestones.weekly import LONGEST, Pattern, Verdict
from web.forms.base import choice, text


class WeeklyForm(forms.Form):
    """Pre-filled from the week, and from what was answered already."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, week: Week, answers: Mapping[str, Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.week = week
        said = {row["milestone_id"]: row for row in answers.get("risks", [])}
        escalated = {row["subject_id"]: row["escalation"] for row in answers.get("dependencies", [])}
        for risk in week.risks:
            self._ask_about(risk, said.get(str(risk.milestone.pk), {}))
        for row in week.unresolved:
            self.fields[f"escalate-{row.subject_id}"] = text(
                "Escalate",
                limit=LONGEST,
                rows=1,
                initial=escalated.get(str(row.subject_id), row.escalation),
            )
        self.fields["verdict"] = choice(
            "Is the trajectory healthy?",
            Verdict.choices,
            initial=answers.get("verdict", week.trajectory.verdict),
        )
        self.fields["trajectory"] = text(
            "Why", limit=LONGEST, rows=3, initial=answers.get("trajectory", week.trajectory.said)
        )

    def _ask_about(self, risk: Risk, said: Mapping[str, str]) -> None:
        pk = risk.milestone.pk
        self.fields[f"cause-{pk}"] = text(
            "Why did the forecast move?", limit=LONGEST, initial=said.get("cause", risk.cause)
        )
        self.fields[f"pattern-{pk}"] = choice(
            "One-time or systemic?", Pattern.choices, initial=said.get("pattern", risk.pattern)
        )
        self.fields[f"action-{pk}"] = text("Action", limit=LONGEST, initial=said.get("action", risk.action))

    def risks(self) -> Iterator[tuple[Risk, list[forms.BoundField]]]:
        for risk in self.week.risks:
            pk = risk.milestone.pk
            yield risk, [self[f"{name}-{pk}"] for name in ("cause", "pattern", "action")]

    def unresolved(self) -> Iterator[tuple[Unresolved, forms.BoundField]]:
        for row in self.week.unresolved:
            yield row, self[f"escalate-{row.subject_id}"]

    def answers(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {
            "risks": [
                {
                    "milestone_id": str(risk.milestone.pk),
                    "code": risk.milestone.code,
                    **{name: typed[f"{name}-{risk.milestone.pk}"] for name in ("cause", "pattern", "action")},
                }
                for risk in self.week.risks
            ],
            "dependencies": [
                {
                    "subject_id": str(row.subject_id),
                    "what": row.what,
                    "escalation": typed[f"escalate-{row.subject_id}"],
                }
                for row in self.week.unresolved
            ],
            "verdict": typed["verdict"],
            "trajectory": typed["trajectory"],
        }
