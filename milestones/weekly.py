"""The weekly review: its three questions, what repeats itself, and what the client is told of it. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import TextChoices

from milestones.earned import Value
from milestones.schedule import CONFIRMED_TWICE_A_WEEK
from tenancy.refusal import Refused
from tenancy.text import TEXT

WEEK: Final = timedelta(days=7)
LOOKED_BACK: Final = timedelta(days=42)
LONGEST: Final = 1000
# Where the trajectory is worth a look, and where it is not healthy any more.
WATCHED_SPI, WATCHED_RISK, WATCHED_CONFIDENCE = 0.95, 50, 3.0
LOW_SPI, HIGH_RISK = 0.8, 65


class Pattern(TextChoices):
    ONE_TIME = "one_time", "One-time"
    SYSTEMIC = "systemic", "Systemic"


class Verdict(TextChoices):
    HEALTHY = "healthy", "Healthy"
    WATCH = "watch", "Worth watching"
    UNHEALTHY = "unhealthy", "Not healthy"


@dataclass(frozen=True, slots=True)
class Moved:
    """A forecast that moved later: when, on what kind of milestone, by whom it was caused."""

    on: date
    kind: str
    attribution: str


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def pattern_of(moved: Iterable[Moved], *, among: Collection[Moved]) -> Pattern:
    """Systemic as soon as the same cause, or the same kind of milestone, has slipped more than once."""
    repeats = any(
        sum(other.attribution == each.attribution for other in among) > 1
        or sum(other.kind == each.kind for other in among) > 1
        for each in moved
    )
    return Pattern.SYSTEMIC if repeats else Pattern.ONE_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """Where the project is heading. Slips are calendar days of this week and the one before."""

    value: Value
    slipped: int
    slipped_before: int
    confidence: float | None
    worst_risk: int | None

    @property
    def verdict(self) -> Verdict:
        spi = 1.0 if self.value.spi is None else self.value.spi
        risk, confidence = self.worst_risk or 0, self.confidence or 5.0
        if spi < LOW_SPI or risk > HIGH_RISK or self.slipped > self.slipped_before > 0:
            return Verdict.UNHEALTHY
        is_watched = spi < WATCHED_SPI or risk > WATCHED_RISK or confidence < WATCHED_CONFIDENCE
        return Verdict.WATCH if is_watched or self.slipped else Verdict.HEALTHY

    @property
    def said(self) -> str:
        """The figures in a sentence or two, to begin the answer from."""
        value = self.value
        parts = [f"{value.earned:.0%} of the scope is accepted, {value.planned:.0%} was planned"]
        parts += [f"SPI {value.spi:.2f}"] if value.spi is not None else []
        parts += [f"SPI(t) {value.spi_t:.2f}"] if value.spi_t is not None else []
        parts += [f"slipped {self.slipped} days this week, {self.slipped_before} the week before"]
        parts += [f"confidence {self.confidence:.1f} of 5"] if self.confidence is not None else []
        parts += [f"worst delivery risk {self.worst_risk}"] if self.worst_risk is not None else []
        return "; ".join(parts) + "."


def is_due(*, kicked_off: datetime, told_at: datetime | None, is_aggressive: bool, now: datetime) -> bool:
    """Whether the client is owed a status update: once in every week from Monday on, twice where aggressive.

    All times are in the workspace's zone. The week of the kickoff is not reviewed.
    """
    monday = monday_of(now.date())
    if kicked_off.date() >= monday:
        return False
    too_long_ago = told_at is None or now - told_at > CONFIRMED_TWICE_A_WEEK
    return told_at is None or told_at.date() < monday or (is_aggressive and too_long_ago)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One milestone in the client's update."""

    name: str
    day: date | None
    planned: date | None = None
    cause: str = ""
    action: str = ""


def status_update(
    *, done: Sequence[Line], ahead: Sequence[Line], at_risk: Sequence[Line], asks: Sequence[str]
) -> str:
    """The client's update. It leads with milestones; what went well comes first, what we need last."""
    parts = [
        ("Done", [f"{line.name}{_on(', on ', line.day)}" for line in done] or ["No milestone this week."]),
        ("Next", [f"{line.name}{_on(', expected on ', line.day)}" for line in ahead]),
        ("At risk", [_at_risk(line) for line in at_risk] or ["No milestone is at risk."]),
        ("What we need from you", list(asks) or ["Nothing at the moment."]),
    ]
    return "\n\n".join("\n".join([title, *(f"- {row}" for row in rows)]) for title, rows in parts if rows)


def _at_risk(line: Line) -> str:
    effect = f"expected on {_day(line.day)}" if line.day else "no date yet"
    if line.day and line.planned and line.day > line.planned:
        effect += f" instead of {_day(line.planned)}"
    cause = f" Cause: {line.cause.strip()}" if line.cause.strip() else ""
    action = f" What we do: {line.action.strip()}" if line.action.strip() else ""
    return f"{line.name}: {effect}.{cause}{action}"


def _on(words: str, day: date | None) -> str:
    return f"{words}{_day(day)}" if day else ""


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


Answers = dict[str, Any]


def checked(answers: Mapping[str, Any]) -> Answers:
    """The answers as they are kept: {"risks": [...], "dependencies": [...], "verdict", "trajectory"}.

    Raises:
        Refused: naming what cannot be read, or is too long.
    """
    faults = {
        f"{part}.{place}.{name}": said
        for part, names in (("risks", ("cause", "action")), ("dependencies", ("what", "escalation")))
        for place, row in enumerate(answers.get(part, []))
        for name in names
        if (said := _fault(str(row.get(name, ""))))
    }
    if said := _fault(str(answers.get("trajectory", ""))):
        faults["trajectory"] = said
    if faults:
        raise Refused("Some answers need another look.", code="invalid", fields=faults)
    return {
        "risks": list(answers.get("risks", [])),
        "dependencies": list(answers.get("dependencies", [])),
        "verdict": Verdict(answers["verdict"]),
        "trajectory": str(answers.get("trajectory", "")),
    }


def _fault(text: str) -> list[str]:
    if len(text) > LONGEST:
        return [f"Keep it to {LONGEST} characters."]
    return ["Take out the characters that cannot be shown."] if TEXT.search(text) else []
