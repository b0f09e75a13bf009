"""The main job in a real browser: sign up, kick off, connect, deliver, watch what follows, show it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from escalation.tasks import blocker_age
from journal.tasks import send_due
from telemetry.tasks import apply_received, heartbeat, risk_score
from tests import factories
from tests.browser.people import KICKOFF
from tests.browser.visitor import Visitor
from tests.processes import Web
from tests.telemetry.inbound.senders import Generic, Linear, Posted

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BLOCKER = {
    "title": "The figures cannot be read",
    "type": "technical",
    "evidence": "HTTP 403: no scope figures",
}
PROJECT = "a[href^='/w/studio/projects/']:not([href$='/projects/'])"
LINEAR_SECRET = "a-signing-secret-of-linear"
SIGNED_IN = (
    *("", "projects/", "blockers/", "decisions/", "changes/", "notices/", "reports/"),
    *("reports/planned-actual/", "reports/kpis/", "reports/rollout/", "reports/forecast/"),
    *("imports/", "kickoff/", "kit"),
    *("projects/?show=archived", "settings/", "settings/portal/", "settings/delivery/"),
    *("settings/webhooks/", "settings/webhooks/new"),
    *("settings/calendar/", "settings/thresholds/", "settings/templates/", "settings/members/"),
    *("settings/tokens/", "settings/deliveries/", "settings/connections/", "settings/connections/new"),
    *("settings/inbound/", "settings/journal/", "settings/export/", "settings/jobs/"),
)
OF_PROJECT = ("", "plan", "shares", "weekly/", "settings/", "triggers/", "preview")
OF_MILESTONE = (
    *("", "record/", "dates/", "quality/", "review/", "proof/", "scope/", "way/", "split", "journal/"),
)
OUTSIDE = (
    *("/account/email/", "/account/password/change/", "/account/2fa/", "/w/new", "/dev/mailbox"),
    "/about/approval",
)


def run_jobs() -> None:
    """What beat rings within a minute."""
    for job in (apply_received, blocker_age, heartbeat, risk_score, send_due):
        job()


def sign_up(ada: Visitor, mail: Callable[[Visitor, str], str]) -> None:
    ada.visit("/")
    ada.look()
    ada.visit("/account/signup/")
    ada.look()
    person = {"name": "Ada Agency", "email": "ada@studio.example", "password1": factories.PASSWORD}
    ada.send("Create account", person)
    ada.reads("Confirm your e-mail")
    ada.look()
    ada.visit(mail(ada, "/account/confirm-email/"))
    ada.look()
    ada.send("Confirm", {})
    ada.reads("Welcome, Ada Agency")
    ada.look()
    ada.send("Create workspace", {"name": "Studio Lind", "slug": "studio"})
    ada.reads("Nothing to watch yet")
    ada.look()


def kick_off(ada: Visitor) -> str:
    """Leaves the founder on the milestone's page; returns the portal's address."""
    ada.visit("/w/studio/kickoff/")
    ada.send("Start the engagement", {**KICKOFF, "account_name": ""})
    ada.look()
    ada.send("Start the engagement", KICKOFF)
    ada.reads("Onboarding has begun")
    ada.look()
    portal = ada.value("portal-address")
    ada.page.get_by_role("link", name="Open the milestone").click()
    ada.reads("Onboarding dashboard published")
    return portal


def connect(ada: Visitor, provider: str) -> tuple[str, str]:
    """Connects a tool on the settings page; its address and, where Cairn makes one, its secret."""
    ada.visit("/w/studio/settings/connections/new")
    ada.send("Make the address", {"provider": [provider], "name": f"Our {provider}"})
    ada.reads("The tool posts its changes here.")
    ada.look()
    made = ada.page.locator("#hook-secret")
    return ada.value("hook-address"), made.input_value() if made.count() else ""


def post(web: Web, address: str, posted: Posted) -> int:
    return web.ask("POST", address.removeprefix(web.address), body=posted.body, headers=posted.headers).status


def deliver(ada: Visitor, web: Web) -> None:
    """Linear and a generic tool post what they would, one delivery twice and two in the wrong order."""
    linear, _ = connect(ada, "linear")
    ada.send("Set the secret", {"secret": LINEAR_SECRET}, form="form:has([name='secret'])")
    generic, secret = connect(ada, "generic")
    now = datetime.now(UTC)
    started = Linear(LINEAR_SECRET).says(now, "started", title="Publish the dashboard")
    created = Linear(LINEAR_SECRET).says(now - timedelta(seconds=20), action="create", title="Old title")
    done = Generic(secret).says(now, state="done", title="Invoice template", external_id="CRM-7")

    assert [post(web, linear, one) for one in (started, created, started)] == [200, 200, 200]
    assert post(web, generic, done) == 200
    assert post(web, generic, Posted(done.body, {**done.headers, "webhook-id": "forged"})) == 403
    run_jobs()


def refuse_a_draft(ada: Visitor, project: str) -> None:
    """A milestone without its definition does not pass the gate, and says what is missing."""
    ada.visit(f"{project}milestones")
    ada.look()
    ada.send("Add milestone", {"code": "M9", "name": "Alerts arrive"})
    ada.reads("this is still missing")
    ada.press("Begin execution")
    ada.page.get_by_role("alert").first.wait_for()
    ada.look()


def record_work(ada: Visitor) -> None:
    ada.unfold(
        "Record progress", "Record progress", {"done": "Sign-in works", "next": "Figures", "percent": 30}
    )
    ada.reads("Sign-in works")
    ada.unfold("Open a blocker", "Open blocker", BLOCKER)
    ada.reads("The figures cannot be read")
    ada.unfold("Resolve", "Resolve blocker", {"resolution": "The client granted the scope"})
    ada.reads("The client granted the scope")
    ada.page.get_by_role("link", name="Quality", exact=True).click()
    for score in (60, 70):
        ada.unfold("Record a QA run", "Record run", {"check_name": f"Smoke at {score}", "score": score})
        ada.reads(f"Smoke at {score}")
    ada.page.get_by_role("link", name="Scope", exact=True).first.click()
    ada.unfold("Queue a request", "Queue request", {"title": "An export to PDF", "asked_by": "Carla Client"})
    ada.reads("An export to PDF")


def issue_token(ada: Visitor) -> str:
    ada.visit("/w/studio/settings/tokens/")
    ada.send("Issue token", {"name": "Reporting", "scopes": ["read"]}, form="form:has([name='scopes'])")
    ada.look()
    token = ada.value("new-token")
    ada.page.reload()
    ada.reads("Reporting")
    assert ada.page.locator("#new-token").count() == 0
    return token


def fetch(web: Web, path: str, token: str) -> dict[str, Any]:
    answer = web.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200, answer.data
    return json.loads(answer.data)


def test_from_signing_up_to_showing_the_client(arrive: Callable[[], Visitor], mail, web: Web):
    ada = arrive()
    sign_up(ada, mail)
    portal = kick_off(ada)
    milestone = ada.page.url
    pk = milestone.rstrip("/").rpartition("/")[2]
    project = ada.page.locator(PROJECT).first.get_attribute("href") or ""
    refuse_a_draft(ada, project)
    deliver(ada, web)

    ada.visit(f"{milestone}work/")
    ada.reads("Publish the dashboard")
    ada.reads("Invoice template")
    ada.look()
    ada.visit(milestone)
    ada.look()
    ada.press("Begin execution")
    ada.reads("Record progress")
    record_work(ada)
    run_jobs()

    ada.visit(milestone)
    ada.reads("2 QA runs in a row failed")
    ada.page.locator("#risk .points").first.wait_for()
    for page in (*(milestone + tab for tab in OF_MILESTONE), *(project + part for part in OF_PROJECT)):
        ada.visit(page)
        ada.look()
    for page in SIGNED_IN:
        ada.visit(f"/w/studio/{page}")
        ada.look()
    for page in OUTSIDE:
        ada.visit(page)
        ada.look()
    ada.visit("/w/studio/")
    ada.reads("Onboarding dashboard published")

    record = fetch(web, f"/api/v1/milestones/{pk}/record", issue_token(ada))
    assert record["first_milestone_name"] == "Onboarding dashboard published"
    assert record["blocker_status"] == "none"
    assert 0 < record["delivery_risk_score"] <= 100

    carla = arrive()
    carla.visit(portal)
    carla.reads("Onboarding dashboard published")
    carla.look()
    assert "An export to PDF" not in carla.page.content()
    assert web.ask("POST", portal.removeprefix(web.address)).status in {403, 405}
