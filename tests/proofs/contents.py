"""Packets' contents as they are published, for what is made from them."""

import hashlib
from typing import Any, cast

from proofs.content import (
    HANDOFF_SCHEMA,
    PROOF_SCHEMA,
    ArtifactTold,
    CriterionTold,
    HandoffContent,
    MetricTold,
    MilestoneTold,
    PacketTold,
    ProjectTold,
    ProofContent,
    TrailTold,
    ValueTold,
    WorkspaceTold,
)

HASH = "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea"
WORKSPACE: WorkspaceTold = {
    "id": "01990000-0000-7000-8000-000000000001",
    "name": "Northlight",
    "brand_name": "Northlight Studio",
    "brand_colour": "#1d4f91",
    "time_zone": "Europe/Vienna",
}
PROJECT: ProjectTold = {
    "id": "01990000-0000-7000-8000-000000000002",
    "name": "Support automation",
    "client": "Halden Logistics",
    "kickoff_completed_at": "2026-03-02T09:00:00Z",
}
MILESTONE: MilestoneTold = {
    "id": "01990000-0000-7000-8000-000000000003",
    "code": "M-04",
    "name": "First-line replies drafted by the model",
    "kind": "Model",
    "output": "A model that drafts first-line replies in the help desk, read by agents before they are sent.",
    "description": "Drafts for the twelve most frequent requests.",
    "planned_date": "2026-05-22",
    "completed_at": "2026-05-19T15:20:00Z",
    "accepted_at": "2026-05-21T11:05:00Z",
    "owner": "Mara Lindqvist",
    "review_owner": "Jonas Weber",
    "approver": "Ingrid Halvorsen",
}
PACKET: PacketTold = {
    "id": "01990000-0000-7000-8000-000000000004",
    "number": 1,
    "correction": "",
    "published_at": "2026-05-21T13:40:00Z",
    "published_by": "Jonas Weber",
    "same_day": True,
    "clock_zone": "Europe/Oslo",
}
RECAP = (
    "Agents spent most of their day on twelve kinds of request that always end in the same answer. "
    "This milestone was to prove that a model can draft those answers well enough that an agent only "
    "reads, corrects and sends them, without customers noticing a difference in quality."
)


def value(number: str, at: str, *, source: str = "From a connection", note: str = "") -> ValueTold:
    return {"value": number, "measured_at": at, "recorded_at": at, "source": source, "note": note}


def metric(name: str = "Median time to first reply", **changes: Any) -> MetricTold:
    told: MetricTold = {
        "name": name,
        "unit": "min",
        "direction": "down",
        "source": "Help desk report, weekdays 8–18",
        "baseline": value("148", "2026-03-01T08:00:00Z"),
        "current": value("41", "2026-05-20T08:00:00Z"),
        "target": "60",
        "change": "-107",
        "percent": "-72.2973",
        "is_better": True,
        "target_met": True,
        "caveat": "",
        "history": [
            ("2026-03-01T08:00:00Z", "148"),
            ("2026-03-22T08:00:00Z", "151"),
            ("2026-04-12T08:00:00Z", "117"),
            ("2026-04-26T08:00:00Z", "90"),
            ("2026-05-10T08:00:00Z", "52"),
            ("2026-05-20T08:00:00Z", "41"),
        ],
    }
    return cast(MetricTold, {**told, **changes})


def criterion(statement: str, **changes: Any) -> CriterionTold:
    told: CriterionTold = {
        "statement": statement,
        "verification": "Sample of 200 drafts, read by two agents",
        "measure": "",
        "target": "",
        "is_met": True,
        "evidence": "184 of 200 drafts were sent with at most one word changed; see the test report.",
    }
    return cast(CriterionTold, {**told, **changes})


def artifact(title: str, **changes: Any) -> ArtifactTold:
    told: ArtifactTold = {
        "id": "01990000-0000-7000-8000-000000000005",
        "version_id": "01990000-0000-7000-8000-000000000006",
        "title": title,
        "kind": "file",
        "is_output": False,
        "number": 1,
        "url": "",
        "file_name": "report.pdf",
        "content_type": "application/pdf",
        "size": 1_536_000,
        "sha256": hashlib.sha256(title.encode()).hexdigest(),
        "is_living": False,
        "found": "ok",
        "checked_at": "2026-05-21T13:39:00Z",
        "detail": "",
    }
    return cast(ArtifactTold, {**told, **changes})


def entry(seq: int, text: str, actor: str = "Jonas Weber") -> TrailTold:
    return {
        "seq": seq,
        "at": f"2026-05-{1 + seq % 21:02}T10:{seq % 60:02}:00Z",
        "kind": "milestone.moved",
        "text": text,
        "actor": actor,
        "hash": hashlib.sha256(str(seq).encode()).hexdigest(),
    }


def proof(**changes: Any) -> ProofContent:
    """A packet as a good project has it: three metrics, five artifacts, a decision, a trail of 24 entries."""
    told: ProofContent = {
        "schema": PROOF_SCHEMA,
        "workspace": WORKSPACE,
        "project": PROJECT,
        "milestone": MILESTONE,
        "packet": PACKET,
        "recap": RECAP,
        "criteria": [
            criterion("At least 80% of drafts can be sent after reading once"),
            criterion(
                "No draft names another customer or order",
                verification="Automated check over 4,000 past requests",
                measure="Leaks found",
                target="0",
                evidence="0 leaks in 4,000 requests, run of 18 May.",
            ),
            criterion("An agent can always see what a draft was based on"),
            criterion("Drafting stops at once when support switches it off"),
        ],
        "metrics": [
            metric(),
            metric(
                "Tickets closed per agent and day",
                unit="",
                direction="up",
                baseline=value(
                    "31", "2026-03-14T08:00:00Z", source="Entered by hand", note="Team leads’ count"
                ),
                current=value("52", "2026-05-20T08:00:00Z"),
                target="45",
                change="21",
                percent="67.7419",
                caveat="Baseline measured 12 days after kickoff.",
                history=[("2026-03-14T08:00:00Z", "31"), ("2026-05-20T08:00:00Z", "52")],
            ),
            metric(
                "Customer satisfaction",
                unit="%",
                direction="up",
                source="Survey after each closed ticket",
                baseline=value("87.5", "2026-03-01T08:00:00Z"),
                current=value("86.9", "2026-05-20T08:00:00Z"),
                target=None,
                change="-0.6",
                percent="-0.6857",
                is_better=False,
                target_met=None,
                history=[],
            ),
        ],
        "not_measurable": "",
        "artifacts": [
            artifact(
                "Drafting service in production",
                kind="link",
                is_output=True,
                url="https://desk.halden-logistics.example/drafts",
                file_name="",
                size=None,
                is_living=True,
            ),
            artifact("Test report, 200 drafts"),
            artifact("Prompt and guard rails", number=3, file_name="guard-rails-v3.zip", size=48_200),
            artifact(
                "Dashboard of drafts",
                kind="link",
                url="https://grafana.halden-logistics.example/d/drafts/first-line?orgId=1&from=now-30d",
                file_name="",
                size=None,
                found="unreachable",
                detail="The page asks for a sign-in",
                sha256="",
            ),
            artifact("Handbook for agents", file_name="handbook.pdf", size=2_410_000),
        ],
        "risks": "Drafts in Norwegian are weaker than in English: 71% against 94% sent unchanged.\n\n"
        "The help desk’s interface changes in October; the connection must follow.",
        "recommendation": "Extend drafting to second-line requests, beginning with returns. "
        "Four weeks, with the same measure: share of drafts sent unchanged.",
        "decisions": [
            {
                "question": "Do you accept “First-line replies drafted by the model” as delivered?",
                "answer": "Accepted",
                "option": "approved",
                "name": "Ingrid Halvorsen",
                "channel": "Decision link",
                "at": "2026-05-21T11:05:00Z",
                "seq": 118,
                "hash": HASH,
            }
        ],
        "quality": [
            {
                "check": "Drafts against past answers",
                "kind": "Automated check",
                "score": 92,
                "threshold": 85,
                "passed": True,
                "at": "2026-05-18T09:12:00Z",
            }
        ],
        "dates": [
            {
                "kind": "Forecast",
                "moved_at": "2026-04-20T07:30:00Z",
                "from_date": "2026-05-15",
                "to_date": "2026-05-22",
                "reason": "Waiting for the client’s input or access: export of past tickets",
            }
        ],
        "trail": [entry(90 + seq, "Artifact “Test report, 200 drafts” added") for seq in range(24)],
        "journal": {"seq": 121, "hash": HASH},
        "left_out": {},
    }
    return cast(ProofContent, {**told, **changes})


def handoff(**changes: Any) -> HandoffContent:
    told: HandoffContent = {
        "schema": HANDOFF_SCHEMA,
        "workspace": WORKSPACE,
        "project": PROJECT,
        "milestone": MILESTONE,
        "packet": PACKET,
        "reason": "The milestone was accepted on 21 May 2026.",
        "outcome": "Approved",
        "approval_state": "Accepted by Ingrid Halvorsen by decision link on 21 May 2026",
        "open_dependencies": "M-05 waits for the export of returns, owed by Halden Logistics since 12 May",
        "next_stage_trigger": "Acceptance of this milestone",
        "invoice_trigger": "Acceptance of this milestone: 40% of the fee",
        "next_move_owner": "Mara Lindqvist",
        "recommendation": "Begin with returns while the guard rails are fresh.",
        "next_milestones": [
            {
                "code": "M-05",
                "name": "Drafts for returns",
                "planned_date": "2026-06-19",
                "forecast_date": "2026-06-22",
                "label": "At risk",
            }
        ],
        "journal": {"seq": 121, "hash": HASH},
    }
    return cast(HandoffContent, {**told, **changes})
