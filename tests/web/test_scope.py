"""The change queue on pages: estimated, previewed as the client will read it, asked, declined."""

from decimal import Decimal

from django.urls import reverse

from milestones.actions.scope import ask_client, estimate, queue_request
from milestones.actions.work import add_work_item
from milestones.models import ChangeRequest, DecisionRequest
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page

FRIDAY = "2026-03-06T17:00"


def address(name, row):
    return reverse(name, args=["studio", row.pk])


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@scene
def wanted(studio, milestone, by):
    with inside(studio):
        return queue_request(milestone.pk, title="Dark mode", asked_by="Carla", by=by, now=MONDAY)


@scene
def estimated(studio, wanted, by):
    with inside(studio):
        return estimate(wanted.pk, {"days": Decimal(2), "price": Decimal(900)}, by=by, now=MONDAY)


@scene
def waiting(studio, estimated, by):
    with inside(studio):
        return ask_client(estimated.pk, decide_by=WEDNESDAY.replace(day=6), by=by, now=MONDAY)


def stored(studio):
    with inside(studio):
        return ChangeRequest.objects.get()


def test_an_estimate_is_kept(founder, studio, wanted):
    typed = {"days": "1.5", "price": "900", "adds_criterion": "Every page is dark", "version": wanted.version}

    founder.post(address("estimate_change", wanted), typed)

    kept = stored(studio)
    assert (kept.days, kept.price, kept.adds_criterion) == (Decimal("1.5"), 900, "Every page is dark")


def test_an_estimate_of_what_was_changed_meanwhile_comes_back_with_what_was_typed(founder, estimated):
    typed = {"days": "1", "price": "5", "version": estimated.version - 1}

    response = founder.post(address("estimate_change", estimated), typed)

    assert response.status_code == 409
    assert response.context["requests"][0]["estimate"]["price"].value() == "5"


def test_the_answers_are_shown_as_the_client_will_read_them(founder, milestone, estimated):
    response = founder.get(address("milestone_scope", milestone))

    assert "Yes, for 900.00 EUR and 2 working days" in page(response)
    assert "The forecast moves from 13 March 2026 to 17 March 2026." in page(response)


def test_nothing_is_offered_before_it_is_estimated(founder, milestone, wanted):
    assert "Estimate it first" in page(founder.get(address("milestone_scope", milestone)))


def test_the_client_is_asked(founder, studio, milestone, estimated):
    typed = {"decide_by": FRIDAY, "context": "As discussed.", "version": estimated.version}

    founder.post(address("ask_about_change", estimated), typed)

    with inside(studio):
        asked = DecisionRequest.objects.get()
    assert (asked.state, asked.context) == ("pending", "As discussed.")
    shown = page(founder.get(address("milestone_scope", milestone)))
    assert "Asked of the client" in shown
    assert address("estimate_change", estimated) not in shown


def test_a_day_that_is_over_is_refused_beside_its_field(founder, estimated):
    typed = {"decide_by": "2026-03-01T17:00", "version": estimated.version}

    response = founder.post(address("ask_about_change", estimated), typed)

    assert response.status_code == 422
    assert list(response.context["requests"][0]["ask"].errors) == ["decide_by"]


def test_our_own_no_is_kept_with_its_reason(founder, studio, milestone, waiting):
    row = stored(studio)

    founder.post(address("decline_change", row), {"reason": "It is a project of its own.", "version": 2})

    assert stored(studio).state == "declined"
    shown = page(founder.get(address("milestone_scope", milestone)))
    assert "declined the request #1" in shown
    assert "It is a project of its own." in shown


def test_the_queue_shows_price_days_and_since_when_the_client_is_asked(founder, studio, waiting):
    shown = page(founder.get("/w/studio/changes/"))

    assert "900.00 EUR" in shown
    assert address("decision_request", waiting) in shown


def test_a_work_item_outside_the_scope_is_queued_once(founder, studio, milestone, by):
    with inside(studio):
        item = add_work_item(milestone.pk, title="Export to PDF", by=by, now=MONDAY)
    before = page(founder.get(address("milestone_work", milestone)))

    first = founder.post(address("queue_item", item))
    again = founder.post(address("queue_item", item), follow=True)

    assert "This is outside the agreed scope" in before
    assert first.url == address("milestone_scope", milestone)
    assert "It is in the queue already." in page(again)
    assert stored(studio).source_id == item.pk
    assert "In the change queue" in page(founder.get(address("milestone_work", milestone)))
