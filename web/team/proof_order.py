"""In which order the tab “Proof” shows its parts: what waits for somebody first, the rest folded. Pure.

Each rule reads what the parts put on the page and says, in a few words, how its part stands.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.text import capfirst

from milestones.words import Outcome, Stage

Shown = Mapping[str, Any]
BAD: Final = ("delayed", "at_risk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is said of a part on its folded line, and whether it waits for somebody."""

    says: str
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the tab. `place` is its anchor."""

    place: str
    title: str
    template: str
    says: str
    is_due: bool
    is_open: bool


def parts(shown: Shown, *, refused: Iterable[str] = ()) -> list[Part]:
    """The parts that have something to show. `refused` are the names of forms to be shown again."""
    opened = {_owner(name) for name in refused}
    found = [
        Part(place, title, f"web/team/{template}", standing.says, standing.is_due, False)
        for place, title, template, rule in RULES
        if (standing := rule(shown))
    ]
    ordered = sorted(found, key=lambda part: not part.is_due)
    first = ordered[0].place
    return [
        replace(part, is_open=part.is_due or part.place in opened or part.place == first) for part in ordered
    ]


def _owner(form: str) -> str:
    """The part that holds the form of this name; those of a metric end with its id."""
    return "metrics" if form.startswith(OF_A_METRIC) else OWNERS[form]


def _packet(shown: Shown) -> Standing:
    return _written(
        shown,
        "packet",
        none="Not begun: a draft begins by itself when the client is asked",
        elsewhere="Published elsewhere" if shown["packet_elsewhere"] else "",
    )


def _handoff(shown: Shown) -> Standing:
    return _written(shown, "handoff", none="Not begun: a draft begins by itself when the client accepts")


def _written(shown: Shown, name: str, *, none: str, elsewhere: str = "") -> Standing:
    """How a packet of either kind stands."""
    draft, versions, rendering = shown[name], shown[f"{name}_versions"], shown[f"{name}_rendering"]
    if draft:
        missing = len(shown[f"{name}_missing"])
        said = f"{missing} missing" if missing else "nothing is missing"
        return Standing(says=f"Version {draft.number}, draft: {said}", is_due=True)
    if shown[f"{name}_may_begin"]:
        return Standing(says="A draft begins by itself", is_due=True)
    if not versions:
        closed = shown["milestone"].stage == Stage.CLOSED
        return Standing(says=elsewhere or ("None was published" if closed else none))
    is_parked = bool(rendering and rendering.parked_at)
    said = ", its files could not be made" if is_parked else ""
    return Standing(says=f"Version {versions[0].number}, published{said}", is_due=is_parked)


def _close(shown: Shown) -> Standing | None:
    if "close_four" not in shown:
        return None
    met = sum(each["is_met"] for each in shown["close_four"])
    return Standing(says=f"{met} of {len(shown['close_four'])} stand in the record", is_due=True)


def _next(shown: Shown) -> Standing | None:
    if shown["milestone"].outcome != Outcome.APPROVED:
        return None
    following = shown["next_milestone"]
    said = f"{following.code} {following.name} may begin" if following else "Nothing of the plan waits"
    return Standing(says=said, is_due=following is not None)


def _metrics(shown: Shown) -> Standing:
    rows, may = shown["metrics"], shown["metrics_may"] and not shown["packet_versions"]
    if not rows:
        return Standing(says="Nothing is measured", is_due=may)
    missing = sum(bool(row["missing"]) for row in rows)
    said = f"{_count(len(rows), 'metric')}{f', {missing} without a pair' if missing else ''}"
    return Standing(says=said, is_due=may and missing > 0)


def _checks(shown: Shown) -> Standing:
    rows = shown["checked"]
    bad = [row["check"].word for row in rows if row["check"].label in BAD]
    if not rows:
        return Standing(says="Nothing was delivered yet")
    said = f"{_count(len(rows), 'artifact')}, {len(bad)} not as delivered" if bad else ""
    return Standing(says=said or _count(len(rows), "artifact"), is_due=bool(bad) and shown["checks_may"])


def _after(shown: Shown) -> Standing | None:
    if not (shown["after_deliveries"] or shown["after_asked"] or shown["after_opportunity"]):
        return None
    uninformed = any(each["notice"] and each["notice"]["is_uninformed"] for each in shown["after_deliveries"])
    return Standing(says="The client is not informed" if uninformed else _came(shown), is_due=uninformed)


def _came(shown: Shown) -> str:
    score, opportunity = shown["after_confidence"].score, shown["after_opportunity"]
    said = [
        "" if score is None else f"confidence {score:.0f} of 100",
        f"opportunity {opportunity.get_stage_display().lower()}" if opportunity else "",
    ]
    return capfirst(", ".join(filter(None, said))) or "No answer yet"


def _links(shown: Shown) -> Standing | None:
    rows = shown["packet_links"]
    if not rows:
        return None
    revoked = sum(row["link"].revoked_at is not None for row in rows)
    lost = any(not row["address"] and row["link"].revoked_at is None for row in rows)
    said = f"{_count(len(rows), 'address', 'addresses')}{f', {revoked} revoked' if revoked else ''}"
    return Standing(says=said, is_due=lost)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


Rule = Callable[[Shown], Standing | None]
# Place, title, template and rule; of what waits, and again of the rest, in this order.
RULES: Final[tuple[tuple[str, str, str, Rule], ...]] = (
    ("packet", "Proof packet", "_proof_packet.html", _packet),
    ("handoff", "Handoff packet", "_proof_handoff.html", _handoff),
    ("close", "Close as approved", "_proof_close.html", _close),
    ("next", "What comes next", "_proof_next.html", _next),
    ("checks", "Delivered and still there", "_proof_checks.html", _checks),
    ("metrics", "Before and after", "_proof_metrics.html", _metrics),
    ("after", "What came of it", "_proof_after.html", _after),
    ("packet-links", "Links to the packets", "_proof_links.html", _links),
)
OWNERS: Final = {
    "packet": "packet",
    "correction": "packet",
    "handoff": "handoff",
    "handoff_correction": "handoff",
    "close": "close",
    "metric": "metrics",
}
OF_A_METRIC: Final = ("take", "change", "remove", "retract")
