"""The one label of a milestone, as pages show it: word, reason, and the class of its colour."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from milestones.models import Milestone
from milestones.queries.labels import label_of
from milestones.schedule import Label
from milestones.words import Outcome


@dataclass(frozen=True, slots=True)
class Shown:
    """`code` names the colour (components/label.html), `word` and `reason` are for the reader.

    `flags` stand beside it (components/flag.html): red waits for its warning, the forecast is stale, …
    """

    code: str
    word: str
    reason: str
    flags: tuple[tuple[str, str], ...] = ()


UNINFORMED = ("uninformed", "Client not informed")


def shown(milestone: Milestone | Any, *, zone: ZoneInfo, now: datetime) -> Shown:
    """The label as it truly is, for the team."""
    told = label_of(milestone, zone=zone, now=now)
    if told.word is None:
        return Shown("none", "In setup", told.reason)
    turning = (("turning_red", "Turning red"),) if told.turning_red else ()
    stale = (("stale", "Stale"),) if told.is_stale else ()
    # Annotated where a page shows it (milestones/queries/notices.py).
    uninformed = (UNINFORMED,) if getattr(milestone, "client_uninformed", False) else ()
    # A forecast that nobody confirmed turns grey, never stays green.
    code = "none" if told.is_stale and told.word == Label.ON_TRACK else _code(told.word)
    return Shown(code, str(told.word.label), told.reason, turning + stale + uninformed)


def shown_to_client(milestone: Milestone | Any, *, zone: ZoneInfo, now: datetime) -> Shown:
    """The label as it was written: never red before a warning is on its way."""
    told = label_of(milestone, zone=zone, now=now)
    if told.client_word is None:
        return Shown("none", "In setup", "")
    return Shown(_code(told.client_word), str(told.client_word.label), "")


def _code(word: Label | Outcome) -> str:
    return word.value if isinstance(word, Label) else "none"
