"""The end of a milestone in a real browser: handed over, closed as approved, the next one begun."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from milestones.actions.milestone import add_criterion, add_milestone
from milestones.models import Milestone
from milestones.words import Outcome, Stage
from proofs.tasks import handoff_packets
from tenancy.door import inside
from tests import factories
from tests.browser.test_control import Studio
from tests.browser.visitor import Visitor
from tests.proofs.publishing import publish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOW = datetime.now(UTC)
SAME = (
    *("output", "dependency_risks", "invoice_trigger", "next_stage_trigger", "approval_channel"),
    *("owner_primary", "owner_client", "approver"),
)


@pytest.fixture
def studio(arrive: Callable[[], Visitor]) -> Studio:
    return Studio(arrive())


def accepted(studio: Studio) -> Milestone:
    """An accepted milestone whose proof is out, and the next one of its plan with a complete record."""
    milestone = studio.milestone(factories.milestone_in_closeout)
    with inside(studio.workspace):
        milestone.refresh_from_db()
        day = NOW.date() + timedelta(days=30)
        said = {name: getattr(milestone, name) for name in SAME}
        following = {"code": "1.2", "name": "Alerting", "planned_date": day, **said}
        by, project = studio.actor, milestone.project
        later = add_milestone(project, following, by=by, now=NOW)
        add_criterion(later.pk, {"statement": "An alert arrives"}, by=by, now=NOW)
        publish(milestone, by, now=NOW)
    return milestone


def stored(studio: Studio, code: str) -> Milestone:
    with inside(studio.workspace):
        return Milestone.objects.get(code=code)


def test_a_milestone_is_handed_over_closed_and_followed_by_the_next(studio: Studio):
    ada, milestone = studio.ada, accepted(studio)
    handoff_packets()
    studio.open(milestone, "proof/")
    ada.reads("Name who makes the next move.")
    ada.look()

    words = {"next_move_owner": "Ada Agency", "recommendation": "Alerts when a figure leaves its range."}
    ada.fill("#handoff-form", words)
    ada.reads("Nothing is missing.")
    ada.page.locator("#handoff summary", has_text="Publish…").click()
    ada.press("Save and publish handoff 1")
    ada.reads("Published handoffs")
    ada.look()

    ada.press("Close 1.1 as approved")
    ada.reads("1.1 is closed as approved.")
    ada.reads("First instalment")
    ada.look()
    ada.press("Begin execution of 1.2")
    ada.reads("1.2 is in execution.")

    closed = stored(studio, "1.1")
    assert (closed.stage, closed.outcome) == (Stage.CLOSED, Outcome.APPROVED)
    assert (closed.open_dependencies, closed.next_move_owner) == ("none", "Ada Agency")
    assert stored(studio, "1.2").stage == Stage.EXECUTION
