"""What comes of a delivery, in a real browser: one tap of confidence, an e-mail, an opportunity."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from milestones.tasks import notices as follow_notices
from proofs.actions import deliveries
from proofs.models import Opportunity
from proofs.tasks import packet_deliveries
from tenancy.door import inside
from tests import factories
from tests.browser.test_control import Studio, decide
from tests.browser.visitor import Visitor
from tests.proofs.delivering import published

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOW = datetime.now(UTC)
WORDS = "Dear {contact},\n\nhere is what {milestone} was worth: {packet}"


@pytest.fixture
def studio(arrive: Callable[[], Visitor]) -> Studio:
    return Studio(arrive())


def tap(person: Visitor, number: int) -> None:
    person.page.locator(f"button[name='score'][value='{number}']").click()
    person.reads(f"Thank you: {number} of 5")


def word_the_mail(ada: Visitor) -> None:
    """The preview follows what is typed, and names what it does not know."""
    ada.visit("/w/studio/settings/delivery/")
    ada.fill("#delivery-form", {"body": "Dear {kontact}"})
    ada.reads("{kontact} is not known")
    ada.fill("#delivery-form", {"body": WORDS})
    ada.reads("Dear Carla Client,")
    ada.look()
    ada.press("Save")
    ada.reads("The next packet goes out with these words")


def plan_and_advance(ada: Visitor) -> None:
    ada.visit("/w/studio/proof/opportunities/")
    ada.look()
    ada.page.get_by_role("link", name="After Onboarding dashboard published").click()
    plan = {"next_step": "Call Carla", "next_step_on": NOW.date().isoformat()}
    ada.unfold("Plan the next step", "Keep the next step", plan)
    ada.reads("Next step due today")
    ada.look()
    ada.press("We are talking")
    ada.reads("Taken a stage on")


def test_a_delivered_packet_is_answered_with_one_tap_and_leads_to_a_conversation(
    studio: Studio, arrive: Callable[[], Visitor], mail: Callable[[Visitor, str], str]
):
    dan, carla = arrive(), arrive()
    milestone = studio.milestone(factories.milestone_in_review)
    decide(dan, mail(dan, "/d/"), "I accept it")
    dan.look()
    tap(dan, 4)
    dan.look()

    word_the_mail(studio.ada)
    with inside(studio.workspace):
        milestone.refresh_from_db()
        deliveries.deliver(published(milestone, studio.actor, now=NOW), by=studio.actor, now=NOW)
    carla.visit(mail(carla, "/c/"))
    carla.look()
    tap(carla, 5)
    carla.send("Send the sentence", {"sentence": "The figures match ours."})
    follow_notices()
    packet_deliveries()

    plan_and_advance(studio.ada)
    studio.open(milestone, "proof/#after")
    studio.ada.reads("mean of 2 answers, times 20")
    studio.ada.reads("The figures match ours.")
    studio.ada.look()
    with inside(studio.workspace):
        assert Opportunity.objects.get().stage == "conversation"
