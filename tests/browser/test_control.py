"""Milestone control in a real browser: led to acceptance, cut in two and reset, and slipped."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from journal.actors import Actor, Recipient
from journal.tasks import send_due
from milestones.checklist import ITEMS
from milestones.models import Milestone
from milestones.tasks import labels
from milestones.tasks import notices as follow_notices
from milestones.words import Outcome, Stage
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories
from tests.browser.people import KICKOFF, known, sign_in
from tests.browser.visitor import Visitor
from tests.proofs.publishing import complete
from workspaces.actions.links import address_of, make_link
from workspaces.models import Purpose

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Mail = Callable[[Visitor, str], str]
Arrive = Callable[[], Visitor]

NOW = datetime.now(UTC)
TODAY = NOW.date()
PLANNED = TODAY + timedelta(days=21)
NOTES = "The totals of February are missing."
REASON = "The vendor opens the account ten days later than promised."
RECORD = {
    "kickoff_completed_at": NOW.isoformat(),
    "first_milestone_due_at": datetime(PLANNED.year, PLANNED.month, PLANNED.day, 12, tzinfo=UTC).isoformat(),
}


class Studio:
    """A workspace whose owner sits at the browser."""

    def __init__(self, ada: Visitor) -> None:
        self.ada, self.user = ada, known()
        self.workspace: Workspace = factories.workspace(self.user, slug="studio", now=NOW)
        sign_in(ada)

    @property
    def actor(self) -> Actor:
        return factories.actor(self.user)

    def milestone(self, make: Callable[..., Any]) -> Milestone:
        with inside(self.workspace):
            return make(self.actor, now=NOW, record=RECORD)

    def portal(self, milestone: Milestone) -> str:
        """The portal's address for the client's owner."""
        with inside(self.workspace):
            contact = milestone.owner_client
            to = Recipient("contact", contact.pk, contact.name, contact.email)
            made = make_link(Purpose.PORTAL, subject=milestone.project, to=to, by=self.actor, now=NOW)
            return address_of(made)

    def open(self, milestone: Milestone, tab: str = "") -> None:
        self.ada.visit(f"/w/studio/milestones/{milestone.pk}/{tab}")

    def go_on(self, milestone: Milestone, button: str, stage: str) -> None:
        """Presses the button of the next step, and waits until the milestone is there."""
        self.open(milestone)
        self.ada.press(button)
        self.ada.page.locator(".stepper [aria-current='step']", has_text=stage).wait_for()


@pytest.fixture
def studio(arrive: Arrive) -> Studio:
    return Studio(arrive())


def answer_checklist(studio: Studio, milestone: Milestone, said: str, result: str) -> None:
    """Answers every item that always applies as `said`."""
    studio.open(milestone, "quality/")
    answers = {item.code: [said if item.is_must else "yes"] for item in ITEMS}
    studio.ada.send("Record checklist", answers, form="#checklist form")
    studio.ada.page.locator("#runs .row__title", has_text=result).first.wait_for()


def attach(studio: Studio, milestone: Milestone) -> None:
    """A link to the output and a file beside it."""
    ada = studio.ada
    studio.open(milestone, "quality/")
    ada.unfold("Add a link", "Add link", {"title": "Dashboard", "url": "https://dashboard.client.example/"})
    ada.reads("Dashboard")
    ada.page.locator("summary", has_text="Upload a file").click()
    figures = {"name": "figures.csv", "mimeType": "text/csv", "buffer": b"week,orders\n9,120\n"}
    ada.page.locator("#file-file").set_input_files(figures)
    ada.send("Upload file", {"title": "Last week's figures"}, form="details[open] form")
    ada.reads("figures.csv")
    ada.look()


def prove(studio: Studio, milestone: Milestone) -> None:
    """Evidence for every criterion."""
    ada = studio.ada
    studio.open(milestone, "record/")
    for number in range(ada.page.locator("#criteria li").count()):
        ada.page.locator("#criteria li summary", has_text="Evidence").nth(number).click()
        seen = {"is_met": "yes", "evidence": "https://evidence.client.example/"}
        ada.send("Save evidence", seen, form="#criteria details[open] form")
        ada.page.locator("#criteria .badge--accent").nth(number).wait_for()


def ask(studio: Studio, milestone: Milestone) -> None:
    """Writes the question of the round and sends it, which opens the gate to review."""
    studio.open(milestone, "review/")
    studio.ada.send("Keep, send later", {"caveats": "none"}, form="#prepare details[open] form")
    studio.ada.press("Send to Dan Decider")
    studio.ada.reads("asked of Dan Decider")


def decide(dan: Visitor, address: str, answer: str, words: str = "") -> None:
    """Both steps behind the link, and the receipt."""
    dan.visit(address)
    dan.page.locator("label.answer", has_text=answer).click()
    dan.send("Go on", {}, form="#answer form")
    dan.reads("Confirm your answer")
    dan.look()
    dan.send(f"Decide: {answer}", {"name": "Dan Decider", "comment": words})
    dan.reads("Your decision is recorded")


def subjects(person: Visitor) -> list[str]:
    """What has arrived so far, oldest first."""
    send_due()
    person.visit("/dev/mailbox")
    return person.page.locator(".row__title").all_inner_texts()[::-1]


def test_a_milestone_is_led_to_its_acceptance(studio: Studio, arrive: Arrive, mail: Mail):
    ada, dan = studio.ada, arrive()
    ada.visit("/w/studio/kickoff/")
    ada.send("Start the engagement", KICKOFF)
    portal = ada.value("portal-address")
    with inside(studio.workspace):
        milestone = Milestone.objects.get()
    studio.go_on(milestone, "Begin execution", "Execution")

    attach(studio, milestone)
    prove(studio, milestone)
    studio.go_on(milestone, "Hand over to QA", "QA")
    answer_checklist(studio, milestone, "no", "Failed")
    answer_checklist(studio, milestone, "yes", "Passed")
    ada.look()
    ask(studio, milestone)
    ada.look()

    first = mail(dan, "/d/")
    dan.visit(first)
    dan.look()
    decide(dan, first, "It needs revisions", NOTES)
    studio.open(milestone, "review/")
    ada.reads(NOTES)

    revise(studio, milestone)
    studio.go_on(milestone, "Hand over to QA", "QA")
    answer_checklist(studio, milestone, "yes", "Passed")
    ask(studio, milestone)
    second = mail(dan, "/d/")
    assert second != first
    decide(dan, second, "I accept it")
    dan.look()
    assert {"Receipt", "Milestone 1.1 complete"} <= {subject.partition(":")[0] for subject in subjects(dan)}

    close(studio, milestone)
    dan.visit(portal)
    dan.reads("Decisions on record")
    record = dan.page.locator("section[aria-labelledby='record']")
    assert record.locator("strong").all_inner_texts() == ["I accept it", "It needs revisions"]
    dan.look()


def revise(studio: Studio, milestone: Milestone) -> None:
    """Puts another version in the place of what was shown; the round has led the milestone back."""
    studio.open(milestone, "quality/")
    revised = {"url": "https://dashboard.client.example/2", "note": "February added"}
    studio.ada.unfold("New version", "Add version", revised)
    studio.ada.reads("February added")


def close(studio: Studio, milestone: Milestone) -> None:
    """It closes as approved once both packets are published, and not before."""
    ada = studio.ada
    studio.open(milestone, "way/")
    ada.unfold("Close…", "Close for good", {"outcome": Outcome.APPROVED})
    ada.page.get_by_role("alert").first.wait_for()
    ada.look()
    with inside(studio.workspace):
        complete(milestone, studio.actor, now=datetime.now(UTC))
    studio.open(milestone, "way/")
    words = {"outcome": Outcome.APPROVED, "open_dependencies": "none", "next_move_owner": "Ada"}
    ada.unfold("Close…", "Close for good", words)
    ada.reads("is closed")
    ada.look()
    with inside(studio.workspace):
        milestone.refresh_from_db()
    assert (milestone.stage, milestone.outcome) == (Stage.CLOSED, Outcome.APPROVED)


def test_a_milestone_is_cut_in_two_with_nothing_lost_and_reset(studio: Studio):
    ada = studio.ada
    milestone = studio.milestone(factories.milestone_in_qa)
    studio.open(milestone, "way/")
    ada.look()

    ada.page.get_by_role("link", name="Split…").click()
    second = ada.page.locator("[name='criteria']").nth(1).get_attribute("value")
    cut = {
        "reason": "subset",
        "first_output": "The client's team signs in to the dashboard.",
        "second_name": "Dashboard is fast",
        "second_output": "The dashboard loads in two seconds.",
        "criteria": [second],
    }
    ada.send("Preview", cut)
    ada.reads("Nothing is lost")
    ada.look()
    ada.send("Split in two", {})
    ada.reads("is two milestones now")
    ada.look()

    answer_checklist(studio, milestone, "yes", "Passed")
    studio.open(milestone, "way/")
    why = {"cause": "rework", "reason": "The sign-in was rebuilt after the check."}
    ada.page.locator("#back summary", has_text="Reset").click()
    ada.send("Reset to execution", why, form="#back details[open] form")
    ada.reads("its QA pass and the pending question are void")
    studio.open(milestone, "quality/")
    ada.page.locator("#runs .badge", has_text="Void").wait_for()
    ada.look()

    with inside(studio.workspace):
        halves = list(Milestone.objects.order_by("code"))
        assert [half.stage for half in halves] == [Stage.EXECUTION, Stage.SETUP]
        assert [half.criteria.count() for half in halves] == [1, 1]
        assert sum(half.weight for half in halves) == milestone.weight
        assert halves[1].split_from_id == halves[0].pk


def test_a_client_sees_yellow_then_the_notice_then_red(studio: Studio, arrive: Arrive):
    ada, carla = studio.ada, arrive()
    milestone = studio.milestone(factories.milestone_in_execution)
    portal = studio.portal(milestone)
    word = carla.page.locator(".whereabouts .label")
    carla.visit(portal)
    assert word.inner_text() == "On track"

    slip(studio, milestone, PLANNED + timedelta(days=10))
    carla.visit(portal)
    assert word.inner_text() == "At risk"
    carla.reads(REASON)
    struck = carla.page.locator("section[aria-labelledby='plan'] s").inner_text()
    assert f"{PLANNED:%-d %b %Y}" in struck
    carla.look()
    warned = subjects(carla)
    assert [mail.split(" ")[0] for mail in warned[-2:]] == ["New", "Early"]

    carla.visit(portal)
    assert word.inner_text() == "At risk"
    labels()
    follow_notices()
    carla.visit(portal)
    assert word.inner_text() == "Delayed"
    carla.look()
    told = subjects(carla)
    assert told[: len(warned)] == warned
    assert [mail.endswith("is delayed") for mail in told[len(warned) :]] == [True]

    studio.open(milestone, "dates/")
    ada.look()
    ada.visit("/w/studio/notices/")
    ada.look()


def slip(studio: Studio, milestone: Milestone, to: date) -> None:
    """Moves the forecast, having seen what would move with it."""
    ada = studio.ada
    studio.open(milestone, "dates/")
    move = {"date": to.isoformat(), "code": "third_party", "reason": REASON}
    ada.send("See what would move", move, form="#move form")
    ada.reads("This would move")
    ada.look()
    ada.send("Move and tell the client", {}, form="#move form")
    ada.reads("Forecast moved. The client is told.")
