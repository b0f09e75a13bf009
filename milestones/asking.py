"""How the client is asked, as pure rules: which answers there are, what is vague, when to remind.

A question has named answers and each says what follows from it. An answer is bound to the digest of all that
was shown. Silence is never an answer.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from journal.canonical import canonical
from milestones.gates import is_stated
from milestones.words import Ask, Outcome, RequestKind
from workspaces.working_time import Calendar

VAGUE = re.compile(
    r"\blet (me|us) know (what|your|if|any|how)\b|\bwhat do you (all )?think\b"
    r"|\b(any|your) (feedback|thoughts|comments)\b|\bthoughts\s*\?|^\W*(feedback|comments|opinions?)\W*$"
    r"|\bhow does (it|this|that) look\b|\b(have|take) a look\b"
    # What “it” is stays open, and so does what a yes would accept.
    r"|^\W*is (it|this|that|everything) (all )?(ok|okay|fine|good|right|alright)\W*$",
    re.IGNORECASE,
)
FEWEST_WORDS = 3
CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
LABEL_LENGTH, CONSEQUENCE_LENGTH = 120, 500
FEWEST, MOST = 2, 6

# Outcomes that are of no use to whoever goes on, unless it is said what is missing.
NEED_WORDS = {Outcome.NEEDS_REVISIONS, Outcome.BLOCKED, Outcome.SCOPE}

OPENS, CLOSES = time(9), time(17)
OFFICE = (((OPENS, CLOSES),),) * 5 + ((), ())
DAILY, WEEKLY = 5, 4
LINK_LIFE = timedelta(days=90)  # after decide-by: a late answer still counts, for so long


class Option(TypedDict):
    """One answer. In a review the code is the outcome in which the round ends."""

    code: str
    label: str
    consequence: str


def digest(shown: Mapping[str, Any]) -> str:
    """What an answer is bound to: SHA-256 of the canonical text of all that is shown, in hex."""
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def is_vague(question: str) -> bool:
    """Whether a question asks for nothing that can be decided, like “let me know what you think” or “?”."""
    return bool(VAGUE.search(question)) or len(re.findall(r"\w+", question)) < FEWEST_WORDS


def chosen(options: Sequence[Mapping[str, Any]], code: str) -> Mapping[str, Any] | None:
    return next((option for option in options if option["code"] == code), None)


def outcome_of(option: Mapping[str, Any]) -> Outcome:
    """How a review round ends by this answer."""
    return Outcome(option["code"])


def needs_words(kind: str, option: Mapping[str, Any]) -> bool:
    """Whether the answer has to come with a sentence: what to revise, what it waits for."""
    return kind == RequestKind.REVIEW and outcome_of(option) in NEED_WORDS


def wrong_with(kind: str, options: Sequence[Mapping[str, Any]], recommended: str) -> str:
    """What keeps these options from being a choice; empty when nothing does."""
    codes = [option.get("code", "") for option in options]
    if not FEWEST <= len(options) <= MOST:
        return f"Offer {FEWEST} to {MOST} answers."
    if len(set(codes)) < len(codes) or not all(CODE.fullmatch(str(code)) for code in codes):
        return "Give each answer a code of its own in small letters, digits and underscores."
    if not all(_is_said(option) for option in options):
        return f"Give each answer a label (at most {LABEL_LENGTH} characters) and say what follows from it."
    if kind == RequestKind.REVIEW and not set(codes) <= set(Outcome.values):
        return f"The code of each answer says how the round ends: {', '.join(Outcome.values)}."
    if recommended and recommended not in codes:
        return "Recommend one of the answers."
    return ""


def _is_said(option: Mapping[str, Any]) -> bool:
    label, consequence = option.get("label"), option.get("consequence")
    if not isinstance(label, str) or not isinstance(consequence, str):
        return False
    return 0 < len(label.strip()) <= LABEL_LENGTH and 0 < len(consequence.strip()) <= CONSEQUENCE_LENGTH


def review_options(ask: Ask, *, accepting_in: int, invoice: str, follows: str) -> list[Option]:
    """The answers to a review. `accepting_in` is how many rounds on acceptance counts: 0 is this one."""
    accepted = _accepted(accepting_in, invoice, follows)
    if ask == Ask.REVISION_NOTES:
        return [
            _option(Outcome.NEEDS_REVISIONS, "I have revisions", AGAIN),
            _option(Outcome.APPROVED, "No revisions, I accept it", accepted),
        ]
    return [
        _option(Outcome.APPROVED, "I accept it", accepted),
        _option(Outcome.NEEDS_REVISIONS, "It needs revisions", AGAIN),
        _option(Outcome.BLOCKED, "It waits for something else", WAITS),
    ]


AGAIN = "The work goes on with your notes. You are asked again once it is done and checked."
WAITS = "The review ends here. We settle with you what is missing and who provides it."


def _option(outcome: Outcome, label: str, consequence: str) -> Option:
    return {"code": outcome.value, "label": label, "consequence": consequence}


def _accepted(accepting_in: int, invoice: str, follows: str) -> str:
    if accepting_in > 0:
        return "This round ends well. Final acceptance is asked for in a later round."
    parts = [
        "The milestone counts as accepted.",
        f"What it lets us invoice: {_sentence(invoice)}" if is_stated(invoice) else "",
        f"What starts next: {_sentence(follows)}" if is_stated(follows) else "",
    ]
    return " ".join(part for part in parts if part)[:CONSEQUENCE_LENGTH]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def office_hours(zone: str) -> Calendar:
    """When a contact may be reminded: weekdays from nine to five, where they are."""
    return Calendar(zone, OFFICE)


def next_reminder(decide_by: datetime, *, after: datetime, zone: str) -> datetime | None:
    """When to remind: the working day before, at decide-by, then daily for a week and weekly for a month."""
    hours = office_hours(zone)
    return next((moment for moment in _moments(decide_by, hours) if moment > after), None)


def _moments(decide_by: datetime, hours: Calendar) -> list[datetime]:
    due = decide_by.astimezone(ZoneInfo(hours.zone)).date()
    afterwards = [*range(1, DAILY + 1), *(DAILY * (week + 1) for week in range(1, WEEKLY + 1))]
    return [
        _opening(hours.add_working_days(due, -1), hours),
        hours.next_opening(decide_by),
        *(_opening(hours.add_working_days(due, count), hours) for count in afterwards),
    ]


def _opening(day: date, hours: Calendar) -> datetime:
    return hours.next_opening(datetime.combine(day, OPENS, ZoneInfo(hours.zone)))


def is_absent(first: date | None, last: date | None, *, zone: str, now: datetime) -> bool:
    """Whether `now` lies in an absence, by the days of the person who is away."""
    if first is None or last is None:
        return False
    return first <= now.astimezone(ZoneInfo(zone)).date() <= last
