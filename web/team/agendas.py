"""The rows of Today that are not milestones: what waits for us and for clients, each with one thing to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from escalation.agenda import SHOWN
from escalation.models import BlockerType
from milestones.words import RequestKind, Way
from proofs.clock import last_minute, left
from proofs.words import Found
from web.here import Here

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`url` is where `words` lead; with `acts` the button itself does it, by POST."""

    kind: str
    title: str
    address: str
    why: str
    facts: tuple[str, ...]
    words: str
    url: str
    acts: bool = False


def for_now(found: Any, here: Here) -> list[Item]:
    late = [row for row in found.packets if _moment(row["clock_ends_at"]) <= here.now]
    return [*_overdue(found.overdue, here), *_misses(found.misses, here), *_packets(late, here)]


def for_today(found: Any, here: Here) -> list[Item]:
    due = [row for row in found.packets if _moment(row["clock_ends_at"]) > here.now]
    rows = [*_packets(due, here), *_artifacts(found.artifacts, here), *_untold(found.untold, here)]
    rows += [
        *_closeouts(found.closeouts, here),
        *_ways(found.ways, here),
        *_next_steps(found.next_steps, here),
    ]
    return [*rows, *_endings(found.endings, here), *_forecasts(found.forecasts, here)]


def _overdue(rows: list[Row], here: Here) -> Iterator[Item]:
    for row in rows[:SHOWN]:
        days = (here.today - _day(row["decide_by"], here)).days
        past = f"{_many(days, 'day')} past the date" if days else "it was due today"
        why = f"{row['contact']} has not decided: {past}. {_cost_of_question(row)}"
        yield _question(row, here, why)


def _question(row: Row, here: Here, why: str) -> Item:
    url = here.url("decision_request", row["id"])
    kind = RequestKind(row["kind"]).label
    facts = (_of_milestone(row), f"{kind}, question {row['number']}", f"by {_told(row['decide_by'], here)}")
    return Item(
        kind="Decision",
        title=row["question"],
        address=url,
        why=why,
        facts=facts,
        words="See the question",
        url=url,
    )


def _misses(rows: list[Row], here: Here) -> Iterator[Item]:
    for row in rows[:SHOWN]:
        url = here.url("milestone_dates", row["milestone_id"])
        planned = _written(date.fromisoformat(row["planned_date"]))
        yield Item(
            kind="Missed date",
            title=f"{row['code']} {row['milestone']}",
            address=url,
            why=f"Planned for {planned} and missed. The client waits for the cause and the plan.",
            facts=(row["account"], "A draft is ready"),
            words="Acknowledge the miss",
            url=f"{url}#misses",
        )


def _packets(rows: list[Row], here: Here) -> Iterator[Item]:
    """Accepted milestones whose proof is not out yet."""
    for row in rows[:SHOWN]:
        url = here.url("milestone_proof", row["milestone_id"])
        yield Item(
            kind="Proof",
            title=f"{row['code']} {row['milestone']}",
            address=url,
            why=told_clock(_moment(row["clock_ends_at"]), zone=row["clock_zone"], here=here),
            facts=(row["account"], f"Version {row['number']}"),
            words="Finish the packet",
            url=f"{url}#packet",
        )


FOUND_SO = {
    Found.CHANGED: "It has changed at its source since it was added.",
    Found.UNREACHABLE: "It cannot be reached.",
    Found.MISSING: "Its file is missing or damaged.",
}


def _artifacts(rows: list[Row], here: Here) -> Iterator[Item]:
    """What was delivered, and is not what it was any more."""
    for row in rows[:SHOWN]:
        url = f"{here.url('milestone_proof', row['milestone_id'])}#checks"
        yield Item(
            kind="Artifact",
            title=row["title"],
            address=url,
            why=FOUND_SO[Found(row["found"])],
            facts=(_of_milestone(row), f"found {_ago(row['checked_at'], here)}"),
            words="Look at it",
            url=url,
        )


def _closeouts(rows: list[Row], here: Here) -> Iterator[Item]:
    """Accepted, with the proof published: the handoff is still to go out, or only the close is left."""
    for row in rows[:SHOWN]:
        url = here.url("milestone_proof", row["id"])
        is_handed_on = bool(row["handoff_packet_link"])
        yield Item(
            kind="Closeout",
            title=f"{row['code']} {row['milestone']}",
            address=url,
            why=BOTH_OUT if is_handed_on else HANDOFF_WAITS,
            facts=(row["account"],),
            words="Close it" if is_handed_on else "Publish the handoff",
            url=f"{url}#close" if is_handed_on else f"{url}#handoff",
        )


BOTH_OUT = "Both packets are published. Closing it hands its triggers on."
HANDOFF_WAITS = "The proof is out; the client does not know yet what happens next."


def _ago(text: str, here: Here) -> str:
    age = here.age(_moment(text))
    return "just now" if age == "0 h" else f"{age} ago"


def told_clock(ends_at: datetime, *, zone: str, here: Here) -> str:
    """“Proof due today, 23:59 (Europe/Vienna): 3 h left.”"""
    until = last_minute(ends_at, zone=zone)
    spoken = f"{until:%H:%M} ({zone})"
    if ends_at <= here.now:
        return f"Proof was due on {_written(until.date())}, {spoken}: {left(ends_at, now=here.now)}."
    return f"Proof due today, {spoken}: {left(ends_at, now=here.now)}."


def _untold(rows: list[Row], here: Here) -> Iterator[Item]:
    for row in rows[:SHOWN]:
        url = here.url("notice", row["id"])
        yield Item(
            kind="Notice",
            title=row["title"],
            address=url,
            why=f"Client not informed. {row['problem']}",
            facts=(f"{row['account']} · {row['project']}", f"Notice {row['number']}"),
            words="Tell the client",
            url=url,
        )


def _ways(rows: list[Row], here: Here) -> Iterator[Item]:
    for row in rows[:SHOWN]:
        url = here.url("milestone_way", row["milestone_id"])
        until = _written(date.fromisoformat(row["until"]))
        yield Item(
            kind="Way out",
            title=f"{row['code']} {row['milestone']}",
            address=url,
            why=f"“{Way(row['way']).label}” was chosen until {until}. It does not end by itself.",
            facts=(row["account"],),
            words="Decide what follows",
            url=url,
        )


def _next_steps(rows: list[Row], here: Here) -> Iterator[Item]:
    for row in rows[:SHOWN]:
        url, on = here.url("opportunity", row["id"]), date.fromisoformat(row["next_step_on"])
        due = "due today" if on == here.today else f"due since {_written(on)}"
        yield Item(
            kind="Opportunity",
            title=row["title"],
            address=url,
            why=f"The next step is {due}: {row['next_step']}",
            facts=(row["account"], f"Opportunity {row['number']}"),
            words="Take the next step",
            url=url,
        )


def _endings(rows: list[Row], here: Here) -> Iterator[Item]:
    for row in rows[:SHOWN]:
        url = here.url("milestone_way", row["id"])
        yield Item(
            kind="Review",
            title=f"{row['code']} {row['milestone']}",
            address=url,
            why="The round ended without acceptance. The milestone waits to be closed, or to be asked anew.",
            facts=(row["account"],),
            words="Settle it",
            url=url,
        )


def _forecasts(rows: list[Row], here: Here) -> Iterator[Item]:
    for row in rows[:SHOWN]:
        forecast = date.fromisoformat(row["forecast_date"]) if row["forecast_date"] else None
        has_passed = forecast is None or forecast < here.today
        url = here.url("milestone_dates", row["id"])
        said = _written(forecast) if forecast else "no date"
        yield Item(
            kind="Forecast",
            title=f"{row['code']} {row['milestone']}",
            address=url,
            why=f"The forecast, {said}, was last confirmed {here.age(_moment(row['said_at']))} ago.",
            facts=(row["account"],),
            words="Move the date" if has_passed else "Confirm the forecast",
            url=f"{url}#move" if has_passed else here.url("confirm_forecast", row["id"]),
            acts=not has_passed,
        )


def asked(rows: list[Row], here: Here) -> list[Item]:
    """Questions whose day has not come: who was asked what, since when, and what each day costs."""
    items = []
    for row in rows[:SHOWN]:
        since = here.age(_moment(row["sent_at"]))
        items.append(
            _question(row, here, f"{row['contact']} was asked {since} ago. {_cost_of_question(row)}")
        )
    return items


def blockers(rows: list[Row], here: Here) -> list[dict[str, Any]]:
    """Blockers whose answer a contact owes; the answer is noted in the row."""
    return [
        {
            **row,
            "address": f"{here.url('milestone', row['milestone_id'])}#blockers",
            "answer_url": here.url("respond_to_blocker", row["id"]),
            "type": BlockerType(row["type"]).label,
            "since": here.ages(_moment(row["opened_at"])),
            "cost": f"{A_DAY}{_pushed(row)}." if row["stops_path"] else "It does not stop the path.",
        }
        for row in rows[:SHOWN]
    ]


A_DAY = "Each day costs this milestone a day"
UNTIL_THEN = {
    RequestKind.REVIEW: "Each day moves the acceptance by a day",
    RequestKind.BLOCKER: A_DAY,
    RequestKind.CHANGE: "Until then the scope stays as it is",
    RequestKind.REBASELINE: "Until then the plan stays as it is",
}


def _cost_of_question(row: Row) -> str:
    return f"{UNTIL_THEN[row['kind']]}{_pushed(row)}."


def _pushed(row: Row) -> str:
    count = row["pushes"]
    return f"; {_many(count, 'milestone')} wait{'s' if count == 1 else ''} for it" if count else ""


def _of_milestone(row: Row) -> str:
    return f"{row['account']} · {row['code']} {row['milestone']}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _moment(text: str) -> datetime:
    at = parse_datetime(text)
    assert at
    return at


def _day(text: str, here: Here) -> date:
    return _moment(text).astimezone(here.zone).date()


def _told(text: str, here: Here) -> str:
    return _written(_day(text, here))


def _written(day: date) -> str:
    return f"{day.day} {day:%B}"
