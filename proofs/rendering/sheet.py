"""A packet's content as it is laid out: every value in words, every bar in its place. Pure.

The same sheets make the page, the preview and the PDF: `templates/proofs/_proof.html`, `_handoff.html`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from milestones.words import Outcome
from proofs.content import (
    MOST,
    ArtifactTold,
    CriterionTold,
    DateTold,
    DecisionTold,
    HandoffContent,
    JournalTold,
    MetricTold,
    MilestoneTold,
    PacketTold,
    ProofContent,
    QualityTold,
    TrailTold,
)
from proofs.rendering import words
from proofs.rendering.charts import Bar, Trace, bars, trace
from proofs.words import Found

STRIP: Final = 4
OPENED: Final = {"http", "https"}
LISTS: Final = {
    "criteria": ("criterion", "criteria"),
    "metrics": ("metric", "metrics"),
    "artifacts": ("artifact", "artifacts"),
    "decisions": ("decision", "decisions"),
    "quality": ("quality check", "quality checks"),
    "dates": ("move of a date", "moves of dates"),
    "trail": ("entry of the journal", "entries of the journal"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key figure: `tone` is better, worse or empty, and `note` says it in words."""

    name: str
    value: str
    note: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a metric, with its bar; `code` is before, after or target."""

    code: str
    name: str
    value: str
    bar: Bar | None
    notes: list[str]


@dataclass(frozen=True, slots=True)
class MetricSeen:
    name: str
    about: str
    summary: str
    change: str
    tone: str
    rows: list[Row]
    caveat: str
    line: Trace | None
    history: list[Fact]


@dataclass(frozen=True, slots=True)
class Judged:
    """Something with a verdict: `tone` is good, bad or open; `word` says it."""

    title: str
    word: str
    tone: str
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Delivered:
    """`preview` is the name of a small picture, where there is one."""

    title: str
    about: str
    url: str
    word: str
    tone: str
    checked: str
    sha256: str
    preview: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    seq: str
    at: str
    text: str
    actor: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What both packets have in common."""

    kind: str
    version: str
    title: str
    project: str
    client: str
    brand: str
    ink: str
    zone: str
    facts: list[Fact]
    correction: str
    packet_id: str
    journal: JournalTold
    sha256: str
    recommendation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSheet(Sheet):
    outcome: str
    strip: list[Key]
    recap: str
    description: str
    criteria: list[Judged]
    criteria_met: str
    metrics: list[MetricSeen]
    not_measurable: str
    artifacts: list[Delivered]
    risks: str
    decisions: list[Judged]
    quality: list[Judged]
    dates: list[Judged]
    trail: list[Entry]
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffSheet(Sheet):
    reason: str
    outcome: str
    approval_state: str
    open_dependencies: list[str]
    next_stage_trigger: str
    invoice_trigger: str
    next_move_owner: str
    next_milestones: list[Judged]


def proof_sheet(
    content: ProofContent, *, sha256: str = "", previews: Mapping[str, str] | None = None
) -> ProofSheet:
    """The sheet of a proof packet; `previews` are names of pictures by the artifacts' version ids."""
    told = cast(ProofContent, _bounded(words.shown(content)))
    zone = _zone(told["packet"]["clock_zone"], told["workspace"]["time_zone"])
    metrics = [_metric(metric, zone) for metric in told["metrics"]]
    return ProofSheet(
        **_common(told, zone, kind="Proof packet", sha256=sha256),
        outcome=told["milestone"]["output"],
        strip=_strip(told),
        recap=told["recap"],
        description=told["milestone"]["description"],
        criteria=[_criterion(criterion) for criterion in told["criteria"]],
        criteria_met=_met(told["criteria"]),
        metrics=metrics,
        not_measurable=told["not_measurable"],
        artifacts=[_artifact(artifact, zone, previews or {}) for artifact in told["artifacts"]],
        risks=_unless_none(told["risks"]),
        decisions=[_decision(decision, zone) for decision in told["decisions"]],
        quality=[_quality(check, zone) for check in told["quality"]],
        dates=[_date(move, zone) for move in told["dates"]],
        trail=[_entry(entry, zone) for entry in told["trail"]],
        more={name: _more(name, count) for name, count in told["left_out"].items() if count},
    )


def handoff_sheet(content: HandoffContent, *, sha256: str = "") -> HandoffSheet:
    told = cast(HandoffContent, words.shown(content))
    zone = _zone(told["packet"]["clock_zone"], told["workspace"]["time_zone"])
    return HandoffSheet(
        **_common(told, zone, kind="Handoff packet", sha256=sha256),
        reason=told["reason"],
        outcome=told["outcome"],
        approval_state=told["approval_state"],
        open_dependencies=_unless_none(told["open_dependencies"]).splitlines(),
        next_stage_trigger=told["next_stage_trigger"],
        invoice_trigger=told["invoice_trigger"],
        next_move_owner=told["next_move_owner"],
        next_milestones=[
            Judged(
                f"{following['code']}\u2002{following['name']}",
                following["label"],
                "open",
                _facts(
                    ("Planned", words.day(following["planned_date"])),
                    ("Expected", words.day(following["forecast_date"])),
                ),
            )
            for following in told["next_milestones"]
        ],
    )


def _bounded(content: dict[str, Any]) -> dict[str, Any]:
    """No list longer than it may be, whatever came; what is cut is counted."""
    cut = {name: len(content[name]) - most for name, most in MOST.items() if name in content}
    lists = {name: content[name][: MOST[name]] for name in cut}
    left_out = {
        name: content["left_out"].get(name, 0) + max(cut.get(name, 0), 0)
        for name in {*content["left_out"], *cut}
        if name in LISTS
    }
    return {**content, **lists, "left_out": left_out}


def _zone(*names: str) -> ZoneInfo:
    for name in names:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def _common(told: ProofContent | HandoffContent, zone: ZoneInfo, *, kind: str, sha256: str) -> dict[str, Any]:
    packet = told["packet"]
    return {
        "kind": kind,
        "version": f"Version {packet['number']}",
        "title": told["milestone"]["name"],
        "project": told["project"]["name"],
        "client": told["project"]["client"],
        "brand": told["workspace"]["brand_name"] or told["workspace"]["name"],
        "ink": words.ink(told["workspace"]["brand_colour"]),
        "zone": zone.key,
        "facts": _cover(told["milestone"], packet, zone),
        "correction": packet["correction"],
        "packet_id": packet["id"],
        "journal": told["journal"],
        "sha256": sha256,
        "recommendation": _unless_none(told["recommendation"]),
    }


def _unless_none(text: str) -> str:
    """“none” is an answer; the packet says it in a sentence of its own."""
    return "" if text.strip().rstrip(".").lower() == "none" else text


def _cover(milestone: MilestoneTold, packet: PacketTold, zone: ZoneInfo) -> list[Fact]:
    return _facts(
        ("Accepted by", milestone["approver"] if milestone["accepted_at"] else ""),
        ("Accepted on", words.moment(milestone["accepted_at"], zone)),
        ("Completed on", words.moment(milestone["completed_at"], zone)),
        ("Planned for", words.day(milestone["planned_date"])),
        ("Responsible", milestone["owner"]),
        ("Reviewed by", milestone["review_owner"]),
        ("Milestone", f"{milestone['code']}, {milestone['kind']}"),
        ("Published", _published(packet, zone)),
    )


def _published(packet: PacketTold, zone: ZoneInfo) -> str:
    if not packet["published_at"]:
        return "Not yet: this is a draft"
    same_day = ", on the day of acceptance" if packet["same_day"] else ""
    return f"{words.moment(packet['published_at'], zone)}{same_day}"


def _facts(*pairs: tuple[str, str]) -> list[Fact]:
    """Those that have something to say."""
    return [Fact(name, text) for name, text in pairs if text]


def _strip(told: ProofContent) -> list[Key]:
    """What a board reads first: the metrics, then how many criteria were met, then what was delivered."""
    keys = [
        Key(
            metric["name"],
            words.figure(metric["current"]["value"], metric["unit"]),
            _was(metric),
            _tone(metric["is_better"]),
        )
        for metric in told["metrics"]
    ]
    closing = []
    if met := _met(told["criteria"]):
        shown = sum(bool(criterion["evidence"]) for criterion in told["criteria"])
        closing.append(Key("Acceptance criteria met", met, f"{shown} with evidence"))
    if told["artifacts"]:
        count = len(told["artifacts"]) + told["left_out"].get("artifacts", 0)
        sound = sum(artifact["found"] == Found.OK for artifact in told["artifacts"])
        checked = f"{sound} checked" if sound else ""
        closing.append(Key("Delivered", words.counted(count, "artifact", "artifacts"), checked))
    return [*keys[: STRIP - 1], *closing][:STRIP] if closing else keys[:STRIP]


def _was(metric: MetricTold) -> str:
    was = words.figure(metric["baseline"]["value"], metric["unit"])
    return f"was {was} · {_change(metric)}" if metric["is_better"] is not None else f"was {was}, unchanged"


def _change(metric: MetricTold) -> str:
    """In percent; of what is itself in percent, in points, since “+50%” would be read as 50 of 100."""
    if metric["unit"] == "%":
        return words.change(metric["change"], "points")
    return words.percent(metric["percent"]) or words.change(metric["change"], metric["unit"])


def _tone(is_better: bool | None) -> str:
    return "" if is_better is None else "better" if is_better else "worse"


def _metric(metric: MetricTold, zone: ZoneInfo) -> MetricSeen:
    before, after, target = (
        words.number(text)
        for text in (metric["baseline"]["value"], metric["current"]["value"], metric["target"])
    )
    drawn = bars([before, after, target])
    rows = [
        _row("before", "Before", metric, "baseline", drawn[0], zone),
        _row("after", "After", metric, "current", drawn[1], zone),
    ]
    if target is not None:
        met = "met" if metric["target_met"] else "not met"
        rows.append(Row("target", "Target", words.figure(metric["target"], metric["unit"]), drawn[2], [met]))
    points = [
        (datetime.fromisoformat(at), value)
        for at, text in metric["history"][-MOST["history"] :]
        if (value := words.number(text)) is not None
    ]
    return MetricSeen(
        name=metric["name"],
        about=" ".join(filter(None, [_direction(metric), _sentence(metric["source"])])),
        summary=_summary(metric),
        change=_change(metric),
        tone=_tone(metric["is_better"]),
        rows=rows,
        caveat=_sentence(metric["caveat"]),
        line=trace(points, target=target),
        history=[
            Fact(words.moment(at, zone), words.figure(text, metric["unit"])) for at, text in metric["history"]
        ],
    )


def _row(code: str, name: str, metric: MetricTold, key: str, bar: Bar | None, zone: ZoneInfo) -> Row:
    value = metric["baseline"] if key == "baseline" else metric["current"]
    notes = [words.moment(value["measured_at"], zone), value["source"], value["note"]]
    return Row(code, name, words.figure(value["value"], metric["unit"]), bar, [n for n in notes if n])


def _direction(metric: MetricTold) -> str:
    return "Higher is better." if metric["direction"] == "up" else "Lower is better."


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _summary(metric: MetricTold) -> str:
    """The pair as a sentence: what a chart shows, for whoever cannot see it."""
    unit = metric["unit"]
    before = words.figure(metric["baseline"]["value"], unit)
    after = words.figure(metric["current"]["value"], unit)
    if metric["is_better"] is None:
        return f"{metric['name']} is {after}, as before."
    verdict = "better" if metric["is_better"] else "worse"
    return f"{metric['name']} went from {before} to {after}, which is {verdict}."


def _met(criteria: Sequence[CriterionTold]) -> str:
    met = sum(criterion["is_met"] is True for criterion in criteria)
    return f"{met} of {len(criteria)}" if criteria else ""


def _criterion(criterion: CriterionTold) -> Judged:
    word, tone = {True: ("Met", "good"), False: ("Not met", "bad"), None: ("Not judged", "open")}[
        criterion["is_met"]
    ]
    return Judged(
        criterion["statement"],
        word,
        tone,
        _facts(
            ("Checked by", criterion["verification"]),
            ("Measure", criterion["measure"]),
            ("Target", criterion["target"]),
            ("Evidence", criterion["evidence"]),
        ),
    )


FOUND: Final = {
    "": ("Not looked at yet", "open"),
    Found.OK.value: ("Checked", "good"),
    Found.CHANGED.value: ("Changed", "bad"),
    Found.UNREACHABLE.value: ("Not reachable", "bad"),
    Found.REFUSED.value: ("Not looked at", "open"),
    Found.MISSING.value: ("Missing or damaged", "bad"),
}


def _artifact(artifact: ArtifactTold, zone: ZoneInfo, previews: Mapping[str, str]) -> Delivered:
    word, tone = FOUND.get(artifact["found"], FOUND[""])
    checked = words.moment(artifact["checked_at"], zone)
    living = "living page: its content may change" if artifact["is_living"] else ""
    return Delivered(
        title=artifact["title"],
        about=_about(artifact),
        url=artifact["url"] if _opens(artifact["url"]) else "",
        word=word,
        tone=tone,
        checked=" · ".join(filter(None, [checked, artifact["detail"], living])),
        sha256=artifact["sha256"],
        preview=previews.get(artifact["version_id"], ""),
    )


def _opens(url: str) -> bool:
    try:
        return urlsplit(url).scheme in OPENED
    except ValueError:
        return False


def _about(artifact: ArtifactTold) -> str:
    what = artifact["url"] if artifact["kind"] == "link" else artifact["file_name"]
    return " · ".join(
        filter(
            None,
            [
                "Agreed output" if artifact["is_output"] else "",
                what,
                words.size(artifact["size"]),
                f"version {artifact['number']}" if artifact["number"] > 1 else "",
            ],
        )
    )


def _decision(decision: DecisionTold, zone: ZoneInfo) -> Judged:
    entry = f"{decision['seq']} of the journal, sealed {decision['hash'][:12]}" if decision["seq"] else ""
    channel = f", by {decision['channel'].lower()}" if decision["channel"] else ""
    return Judged(
        decision["question"],
        decision["answer"],
        "good" if decision["option"] == Outcome.APPROVED else "open",
        _facts(
            ("By", f"{decision['name']}{channel}"),
            ("On", words.moment(decision["at"], zone)),
            ("Entry", entry),
        ),
    )


def _quality(check: QualityTold, zone: ZoneInfo) -> Judged:
    return Judged(
        check["check"],
        "Passed" if check["passed"] else "Failed",
        "good" if check["passed"] else "bad",
        _facts(
            ("Score", f"{check['score']} of 100, {check['threshold']} needed"),
            ("How", check["kind"]),
            ("On", words.moment(check["at"], zone)),
        ),
    )


def _date(move: DateTold, zone: ZoneInfo) -> Judged:
    moved = f"from {words.day(move['from_date'])} " if move["from_date"] else ""
    return Judged(
        f"{move['kind']} moved {moved}to {words.day(move['to_date'])}",
        "",
        "open",
        _facts(("Why", move["reason"]), ("On", words.moment(move["moved_at"], zone))),
    )


def _entry(entry: TrailTold, zone: ZoneInfo) -> Entry:
    return Entry(
        str(entry["seq"]), words.moment(entry["at"], zone), entry["text"], entry["actor"], entry["hash"]
    )


def _more(name: str, count: int) -> str:
    one, many = LISTS[name]
    return f"{words.counted(count, one, many)} more, not in this packet."
