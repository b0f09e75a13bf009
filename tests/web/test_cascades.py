"""A cascade is one entry, with its cause, wherever moved dates are listed; what it dragged is folded in."""

import re
from datetime import date
from urllib.parse import urlsplit

from django.urls import reverse

from journal.actors import Recipient
from journal.models import Event
from milestones.actions import labels
from milestones.actions.dates import move_forecast
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.words import MoveReason
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import page
from workspaces.actions import address_of, make_link
from workspaces.models import Purpose

WHY = "The export was larger than the sample."


@scene
def first(studio, by):
    """The first of a chain of three, which was moved."""
    with inside(studio):
        first = needed = factories.milestone_in_execution(by)
        for code, day in (("1.2", 18), ("1.3", 20)):
            fields = {"code": code, "name": f"Step {code}", "planned_date": date(2026, 3, day)}
            last = add_milestone(first.project, fields, by=by, now=MONDAY)
            add_dependency(last, needed, by=by, now=MONDAY)
            needed = last
        move_forecast(first.pk, date(2026, 3, 27), code=MoveReason.ESTIMATE, reason=WHY, by=by, now=MONDAY)
    return first


def folded(text):
    """What stands before each fold, and what is in it, without tags."""
    found = re.search(
        r"<details class=\"disclosure\"><summary>(\d+ later dates moved along)</summary>(.*?)</details>",
        text,
        re.DOTALL,
    )
    return found.group(1), re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(2))).strip()


@scene
def portal(studio, first, by):
    with inside(studio):
        to = Recipient("contact", None, "Northwind", "")
        link = make_link(Purpose.PORTAL, subject=first.project, to=to, by=by, now=MONDAY)
        return urlsplit(address_of(link)).path


def test_the_clients_plan_says_why_once_and_with_what_the_others_moved(client, portal, wednesday):
    plan = page(client.get(portal)).split('id="plan"')[1].split("</section>")[0]

    assert plan.count(WHY) == 1
    assert plan.count("moved along with 1.1") == 2


def test_the_client_reads_one_change_with_all_that_moved_along(client, portal, wednesday):
    news = page(client.get(portal)).split('id="changes"')[1].split("</section>")[0]

    assert news.count(WHY) == 1
    assert folded(news) == (
        "2 later dates moved along",
        "Step 1.2: 1 April 2026, before: 18 March 2026 Step 1.3: 3 April 2026, before: 20 March 2026",
    )


def test_a_label_that_followed_a_dragged_date_is_told_with_it(client, studio, by, wednesday):
    with inside(studio):
        first = factories.milestone_in_execution(by)
        fields = {"code": "1.2", "name": "Alerts", "planned_date": date(2026, 3, 18)}
        second = add_milestone(first.project, fields, by=by, now=MONDAY)
        add_dependency(second, first, by=by, now=MONDAY)
        labels.evaluate_together({first.pk: False, second.pk: False}, now=MONDAY)
        said = {"code": MoveReason.ESTIMATE, "reason": WHY}
        move_forecast(first.pk, date(2026, 3, 18), **said, by=by, now=MONDAY)
        assert Event.objects.filter(kind="label.changed").count() == 2
        to = Recipient("contact", None, "Northwind", "")
        path = urlsplit(
            address_of(make_link(Purpose.PORTAL, subject=first.project, to=to, by=by, now=MONDAY))
        ).path

    news = page(client.get(path)).split('id="changes"')[1].split("</section>")[0]

    assert news.count("At risk") == 1


def test_the_slip_log_shows_one_entry_with_all_that_moved_along(founder, studio, first, wednesday):
    text = page(founder.get(reverse("project", args=["studio", first.project_id])))
    log = text.split('id="slips"')[1].split("</section>")[0]

    assert log.count(WHY) == 1
    said, dates = folded(log)
    assert said == "2 later dates moved along"
    assert dates.startswith("1.2 Step 1.2 was 18 Mar 2026 1 Apr 2026 1.3 Step 1.3")


def test_on_its_own_page_a_dragged_date_says_along_with_what(founder, studio, first, wednesday):
    with inside(studio):
        second = first.project.milestones.get(code="1.2")

    text = page(founder.get(reverse("milestone_dates", args=["studio", second.pk])))

    assert "moved along with 1.1" in text
    assert WHY in text
