"""A milestone on Today: one row with all that it needs, each in a line with the one thing to do about it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.safestring import SafeString

from milestones.queries.dates import UNDER_WAY
from milestones.reasons import Reason, worth_telling
from milestones.words import Stage, Way
from proofs.words import Found
from web.forms.milestones import StandupForm
from web.here import Here
from web.labels import Shown
from web.pieces import Piece, joined
from web.team.agendas import cost_of_question, day_of, many, moment, told_clock, written
from workspaces.models import Role

Addresses = Mapping[str, Callable[[Any], str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`url` is where `words` lead; with `acts` the button itself does it, by POST, with `writes` in the row.

    Lines without `words` are only said.
    """

    text: str
    words: str = ""
    url: str = ""
    acts: bool = False
    writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`first` is the heaviest of its lines; `form` is a progress update that is being written."""

    milestone: Any
    address: str
    label: Shown
    stage: str
    blocked_for: str
    first: Line
    more: list[Line]
    may_write: bool
    today: date
    form: StandupForm | None

    @property
    def html(self) -> SafeString:
        milestone, label = self.milestone, self.label
        return ROW(
            label=label.code,
            label_word=label.word,
            label_reason=label.reason,
            flags=joined(FLAG(flag=flag, text=text) for flag, text in label.flags),
            stage=self.stage,
            address=self.address,
            code=milestone.code,
            name=milestone.name,
            text=self.first.text,
            account=milestone.account_name,
            project=milestone.project_name,
            facts=joined(self._facts()),
            figures=joined(self._figures()),
            act=self._act(self.first),
            needs=self._needs(),
        )

    def _facts(self) -> Iterator[SafeString]:
        if self.milestone.forecast_date:
            yield FORECAST(day=_short(self.milestone.forecast_date, self.today))
        if self.milestone.on_time_probability is not None:
            yield ON_TIME(percent=f"{self.milestone.on_time_probability:.0f}")
        if self.milestone.owner:
            yield OWNER(name=self.milestone.owner)

    def _figures(self) -> Iterator[SafeString]:
        if self.milestone.delivery_risk_score is not None:
            yield RISK(score=self.milestone.delivery_risk_score)
        if self.blocked_for:
            yield BLOCKED(age=self.blocked_for)

    def _needs(self) -> SafeString:
        lines = [NEED(text=line.text, act=self._act(line)) for line in self.more]
        return NEEDS(needs=joined(lines)) if lines else SafeString()

    def _act(self, line: Line) -> SafeString:
        if not line.words or ((line.acts or line.writes) and not self.may_write):
            return SafeString()
        if line.writes:
            # Where the form is open already, its button would open it again.
            return SafeString() if self.form else WRITE(url=line.url, id=self.milestone.id, words=line.words)
        return (POST if line.acts else LINK)(url=line.url, words=line.words)


ROW, FLAG, FORECAST, ON_TIME, OWNER, RISK, BLOCKED, NEEDS, NEED, LINK, POST, WRITE = (
    Piece(f"web/team/_needs.html#{name}")
    for name in (
        *("row", "flag", "forecast", "on_time", "owner", "risk", "blocked", "needs", "need"),
        *("link", "post", "write"),
    )
)


def rows_of(
    found: Iterable[Any], here: Here, *, form: Callable[[Any], StandupForm | None], writing_at: str
) -> list[Row]:
    """What the milestones need; `form` stands open in a row, and opens at `writing_at` with its id."""
    places = {name: here.urls(name) for name in PLACES} | {WRITING: writing_at.__add__}
    return [_row(milestone, here, places, form(milestone)) for milestone in found]


PLACES = (
    *("milestone", "milestone_dates", "milestone_proof", "milestone_way", "confirm_forecast"),
    *("decision_request", "notice"),
)
WRITING = "writing"


def _row(milestone: Any, here: Here, places: Addresses, form: StandupForm | None) -> Row:
    first, *more = _lines(milestone, here, places)
    return Row(
        milestone=milestone,
        address=places["milestone"](milestone.id),
        label=here.label(milestone),
        stage=STAGES[milestone.stage],
        blocked_for=here.ages(milestone.blocked_since),
        first=first,
        more=more,
        may_write=here.access.allows(Role.MEMBER),
        today=here.today,
        form=form,
    )


def _short(day: date, today: date) -> str:
    """As `short_day` says it, which asks for the clock and the language each time."""
    return f"{day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b %Y}"


STAGES = {stage.value: stage.label for stage in Stage}


def _lines(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    """Heaviest first; what two reasons ask for is offered once."""
    offered = set()
    for reason in worth_telling(milestone.reasons):
        for line in TELLERS[reason](milestone, here, places):
            is_new = line.url not in offered
            offered.add(line.url)
            yield line if is_new else Line(text=line.text)


def _under(text: str, words: str, part: str) -> Callable[..., Iterator[Line]]:
    """A reason that needs no figures, and where under the milestone's own address it is mended."""

    def tell(milestone: Any, _: Here, places: Addresses) -> Iterator[Line]:
        yield Line(text=text, words=words, url=f"{places['milestone'](milestone.id)}{part}")

    return tell


def _stopped(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    text = f"A blocker stops it, open for {here.ages(milestone.stopped_since)}."
    yield Line(text=text, words="See the blocker", url=f"{places['milestone'](milestone.id)}#blockers")


def _missed(milestone: Any, _: Here, places: Addresses) -> Iterator[Line]:
    text = (
        f"Planned for {written(milestone.missed_on)} and missed. The client waits for the cause and the plan."
    )
    url = f"{places['milestone_dates'](milestone.id)}#misses"
    yield Line(text=text, words="Acknowledge the miss", url=url)


def _late(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    url = f"{places['milestone_dates'](milestone.id)}#move"
    yield Line(text=_lateness(milestone.forecast_date, today=here.today), words="Move the date", url=url)


def _lateness(forecast: date, *, today: date) -> str:
    if forecast < today:
        return f"The date passed {many((today - forecast).days, 'day')} ago, on {written(forecast)}."
    return "The forecast lies more than a week after the plan."


def _undecided(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    for row in milestone.undecided:
        days = (here.today - day_of(row["decide_by"], here)).days
        past = f"{many(days, 'day')} past the date" if days else "it was due today"
        said = f"{row['contact']} has not decided “{row['question']}”: {past}. {cost_of_question(row)}"
        yield Line(text=said, words="See the question", url=places["decision_request"](row["id"]))


def _proof(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    clock = milestone.clock
    text = told_clock(moment(clock["ends_at"]), zone=clock["zone"], here=here)
    url = f"{places['milestone_proof'](milestone.id)}#packet"
    yield Line(text=text, words="Finish the packet", url=url)


def _untold(milestone: Any, _: Here, places: Addresses) -> Iterator[Line]:
    for row in milestone.untold:
        text = f"Client not informed of “{row['title']}”. {row['problem']}"
        yield Line(text=text, words="Tell the client", url=places["notice"](row["id"]))


FOUND_SO = {
    Found.CHANGED: "has changed at its source since it was added",
    Found.UNREACHABLE: "cannot be reached",
    Found.MISSING: "is missing or damaged",
}


def _unsound(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    url = f"{places['milestone_proof'](milestone.id)}#checks"
    for row in milestone.unsound:
        age = here.age(moment(row["checked_at"]))
        found = "just now" if age == "0 h" else f"{age} ago"
        text = f"“{row['title']}” {FOUND_SO[Found(row['found'])]} (found {found})."
        yield Line(text=text, words="Look at it", url=url)


def _way_over(milestone: Any, _: Here, places: Addresses) -> Iterator[Line]:
    way, until = Way(milestone.way["way"]).label, date.fromisoformat(milestone.way["until"])
    text = f"“{way}” was chosen until {written(until)}. It does not end by itself."
    yield Line(text=text, words="Decide what follows", url=places["milestone_way"](milestone.id))


def _unsettled(milestone: Any, _: Here, places: Addresses) -> Iterator[Line]:
    text = "The round ended without acceptance. The milestone waits to be closed, or to be asked anew."
    yield Line(text=text, words="Settle it", url=places["milestone_way"](milestone.id))


def _silent(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    hours = int((here.now - milestone.seen_at) / timedelta(hours=1))
    silence = f"{hours} hours" if hours < 72 else f"{hours // 24} days"
    yield _to_write(f"No progress for {silence}.", milestone, places)


def _due(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    text = ("Due today.", "Due tomorrow.", "Due in two days.")[(milestone.forecast_date - here.today).days]
    yield _to_write(text, milestone, places)


def _to_write(text: str, milestone: Any, places: Addresses) -> Line:
    """Progress is written in the row itself; before work has begun there is none to write."""
    if milestone.stage in UNDER_WAY:
        return Line(text=text, words="Write progress", url=places[WRITING](str(milestone.id)), writes=True)
    return Line(text=text, words="Open", url=places["milestone"](milestone.id))


def _closeout(milestone: Any, _: Here, places: Addresses) -> Iterator[Line]:
    url = places["milestone_proof"](milestone.id)
    if milestone.handoff_packet_link:
        text = "Both packets are published. Closing it hands its triggers on."
        yield Line(text=text, words="Close it", url=f"{url}#close")
    else:
        text = "The proof is out; the client does not know yet what happens next."
        yield Line(text=text, words="Publish the handoff", url=f"{url}#handoff")


def _unconfirmed(milestone: Any, here: Here, places: Addresses) -> Iterator[Line]:
    forecast, since = milestone.forecast_date, here.age(milestone.said_at)
    if forecast is None:
        url = f"{places['milestone_dates'](milestone.id)}#move"
        yield Line(text=f"It has had no forecast for {since}.", words="Move the date", url=url)
    else:
        text = f"The forecast, {written(forecast)}, was last confirmed {since} ago."
        url = places["confirm_forecast"](milestone.id)
        yield Line(text=text, words="Confirm the forecast", url=url, acts=True)


TELLERS: Mapping[Reason, Callable[..., Iterator[Line]]] = {
    Reason.CRITICAL: _under(
        "A blocker is critical and nobody has removed it.", "See the blocker", "#blockers"
    ),
    Reason.STOPPED: _stopped,
    Reason.MISSED: _missed,
    Reason.LATE: _late,
    Reason.UNDECIDED: _undecided,
    Reason.UNPROVEN: _proof,
    Reason.PROOF_DUE: _proof,
    Reason.UNTOLD: _untold,
    Reason.UNSOUND: _unsound,
    Reason.FROZEN: _under(
        "Two QA runs in a row failed. Additions are frozen until one passes.",
        "Record a QA run",
        "quality/#runs",
    ),
    Reason.WAY_OVER: _way_over,
    Reason.UNSETTLED: _unsettled,
    Reason.SILENT: _silent,
    Reason.DUE: _due,
    Reason.CLOSEOUT: _closeout,
    Reason.UNCONFIRMED: _unconfirmed,
    Reason.ASKED: _under(
        "An unplanned request waits in the queue.", "Look at the request", "scope/#requests"
    ),
    Reason.RISKY: _under("One of the four health scores is low.", "See what costs points", "#risk"),
    Reason.UNDEFINED: _under(
        "Still in setup: work may begin once its record is complete.", "Complete the record", "record/"
    ),
}
