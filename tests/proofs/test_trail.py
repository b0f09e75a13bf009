"""The trail tells entries as they are really written, an accepted change among them."""

from datetime import timedelta
from decimal import Decimal

from milestones.actions import reviews
from milestones.actions.scope import ask_client, estimate, queue_request
from milestones.actions.stages import move
from milestones.models import Milestone
from milestones.words import Ask, Stage
from proofs.actions import packets
from proofs.queries.contents import content_of
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import answer

SOON = MONDAY + timedelta(days=3)


def _change_agreed(milestone: Milestone, by) -> None:
    """The client takes an ask into the scope, with a criterion and two days more."""
    ask = queue_request(milestone.pk, title="Dark mode", asked_by="Carla", by=by, now=MONDAY)
    terms = {"days": Decimal(2), "price": Decimal(900), "adds_criterion": "Every page is dark"}
    estimate(ask.pk, terms, by=by, now=MONDAY)
    answer(ask_client(ask.pk, decide_by=SOON, by=by, now=MONDAY), "accept", now=MONDAY)


def _to_review(milestone: Milestone, by) -> None:
    factories.artifact(milestone)
    milestone.criteria.update(is_met=True, evidence="https://evidence.example/")
    move(milestone.pk, Stage.QA, by=by, now=MONDAY)
    factories.checklist_run(milestone)
    told = {"ask": Ask.ACCEPTANCE, "question": "Do you accept it?", "caveats": "none", "decide_by": SOON}
    reviews.prepare(milestone.pk, **told, by=by, now=MONDAY)
    move(milestone.pk, Stage.REVIEW, by=by, now=MONDAY)


def test_an_agreed_change_is_told_with_what_came_of_it(studio, by):
    milestone = factories.milestone_in_execution(by)
    _change_agreed(milestone, by)
    _to_review(milestone, by)

    content = content_of(packets.assemble(milestone.pk, now=MONDAY))

    told = {entry["kind"]: entry["text"] for entry in content["trail"]}
    assert told["change_request.accepted"] == "Change #1 was taken into the agreed scope."
    assert told["criterion.added"] == "Acceptance criterion added: Every page is dark"
    assert told["milestone.forecast_moved"].startswith("New date: 17 March 2026, before: 13 March 2026.")
