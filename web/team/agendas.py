"""The rows of Today that are not milestones: what waits for us and for clients, each with one thing to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString

from escalation.agenda import SHOWN
from escalation.models import BlockerType
from milestones.weekly import is_due
from milestones.words import RequestKind
from proofs.clock import last_minute, left
from web.here import Here
from web.pieces import Piece, joined

Row = Mapping[str, Any]
ITEM, FACT, LINK, WRITE = (
    Piece(f"web/team/_needs.html#{name}") for name in ("item", "fact", "link", "write")
)
REVIEWS_SHOWN = 5  # the rest is a list of its own, in Reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`url` is where `words` lead; those with an `id` lead to an answer that is noted in the row."""

    kind: str
    title: str
    address: str
    why: str
    facts: tuple[str, ...]
    words: str
    url: str
    id: str = ""

    @property
    def html(self) -> SafeString:
        return ITEM(
            kind=self.kind,
            title=self.title,
            address=self.address,
            why=self.why,
            facts=joined(FACT(fact=fact) for fact in self.facts),
            act=self._act(),
        )

    def _act(self) -> SafeString:
        if self.id:
            return WRITE(url=self.url, id=self.id, words=self.words)
        return LINK(url=self.url, words=self.words)


def for_today(found: Any, here: Here) -> list[Item]:
    return [*_untold(found.untold, here), *_next_steps(found.next_steps, here)]


def _untold(rows: list[Row], here: Here) -> Iterator[Item]:
    address = here.urls("notice")
    for row in rows[:SHOWN]:
        url = address(row["id"])
        yield Item(
            kind="Notice",
            title=row["title"],
            address=url,
            why=f"Client not informed. {row['problem']}",
            facts=(f"{row['account']} · {row['project']}", f"Notice {row['number']}"),
            words="Tell the client",
            url=url,
        )


def _next_steps(rows: list[Row], here: Here) -> Iterator[Item]:
    address = here.urls("opportunity")
    for row in rows[:SHOWN]:
        url, on = address(row["id"]), date.fromisoformat(row["next_step_on"])
        due = "due today" if on == here.today else f"due since {written(on)}"
        yield Item(
            kind="Opportunity",
            title=row["title"],
            address=url,
            why=f"The next step is {due}: {row['next_step']}",
            facts=(row["account"], f"Opportunity {row['number']}"),
            words="Take the next step",
            url=url,
        )


def reviews(rows: list[Row], here: Here) -> list[Item]:
    """Projects whose client is owed this week's status update."""
    due = [row for row in rows if _is_due(row, here)]
    return [_review(row, here) for row in due[:REVIEWS_SHOWN]]


def _is_due(row: Row, here: Here) -> bool:
    told_at = moment(row["told_at"]).astimezone(here.zone) if row["told_at"] else None
    return is_due(
        kicked_off=moment(row["kickoff_completed_at"]).astimezone(here.zone),
        told_at=told_at,
        is_aggressive=row["has_aggressive"],
        now=here.now.astimezone(here.zone),
    )


def _review(row: Row, here: Here) -> Item:
    url, told_at = here.urls("weekly_review")(row["id"]), row["told_at"]
    since = f"was last told {here.age(moment(told_at))} ago" if told_at else "was not told yet"
    return Item(
        kind="Weekly review",
        title=row["name"],
        address=here.urls("project")(row["id"]),
        why=f"The client {since} how it stands. This week’s update is due.",
        facts=(row["account"],),
        words="Write the weekly review",
        url=url,
    )


def asked(rows: list[Row], here: Here) -> list[Item]:
    """Questions whose day has not come: who was asked what, since when, and what each day costs."""
    return [_question(row, here) for row in rows[:SHOWN]]


def _question(row: Row, here: Here) -> Item:
    url, kind = here.urls("decision_request")(row["id"]), RequestKind(row["kind"]).label
    since = here.age(moment(row["sent_at"]))
    return Item(
        kind="Decision",
        title=row["question"],
        address=url,
        why=f"{row['contact']} was asked {since} ago. {cost_of_question(row)}",
        facts=(
            f"{row['account']} · {row['code']} {row['milestone']}",
            f"{kind}, question {row['number']}",
            f"by {written(day_of(row['decide_by'], here))}",
        ),
        words="See the question",
        url=url,
    )


def blockers(rows: list[Row], here: Here, *, answering_at: str) -> list[Item]:
    """Blockers whose answer a contact owes; it is noted in the row, at `answering_at` with its id."""
    return [_blocker(row, here, f"{answering_at}{row['id']}") for row in rows[:SHOWN]]


def _blocker(row: Row, here: Here, url: str) -> Item:
    since = here.ages(moment(row["opened_at"]))
    cost = f"{A_DAY}{_pushed(row)}." if row["stops_path"] else "It does not stop the path."
    return Item(
        kind="Blocker",
        title=row["title"],
        address=f"{here.urls('milestone')(row['milestone_id'])}#blockers",
        why=f"{row['contact']} has not answered for {since}. {cost}",
        facts=(
            f"{row['account']} · {row['code']} {row['milestone']}",
            f"{BlockerType(row['type']).label}, #{row['number']}",
        ),
        words="Note the answer",
        url=url,
        id=row["id"],
    )


def told_clock(ends_at: datetime, *, zone: str, here: Here) -> str:
    """“Proof due today, 23:59 (Europe/Vienna): 3 h left.”"""
    until = last_minute(ends_at, zone=zone)
    spoken = f"{until:%H:%M} ({zone})"
    if ends_at <= here.now:
        return f"Proof was due on {written(until.date())}, {spoken}: {left(ends_at, now=here.now)}."
    return f"Proof due today, {spoken}: {left(ends_at, now=here.now)}."


A_DAY = "Each day costs this milestone a day"
UNTIL_THEN = {
    RequestKind.REVIEW: "Each day moves the acceptance by a day",
    RequestKind.BLOCKER: A_DAY,
    RequestKind.CHANGE: "Until then the scope stays as it is",
    RequestKind.REBASELINE: "Until then the plan stays as it is",
}


def cost_of_question(row: Row) -> str:
    return f"{UNTIL_THEN[row['kind']]}{_pushed(row)}."


def _pushed(row: Row) -> str:
    count = row["pushes"]
    return f"; {many(count, 'milestone')} wait{'s' if count == 1 else ''} for it" if count else ""


def many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def moment(text: str) -> datetime:
    at = parse_datetime(text)
    assert at
    return at


def day_of(text: str, here: Here) -> date:
    return moment(text).astimezone(here.zone).date()


def written(day: date) -> str:
    return f"{day.day} {day:%B}"
