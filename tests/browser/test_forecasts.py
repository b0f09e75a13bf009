"""The on-time probability in a real browser: why it is what it is, and how good such figures were."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from milestones.models import Milestone
from tenancy.door import inside
from tests import factories
from tests.browser.people import known, sign_in
from tests.browser.visitor import Visitor
from tests.factories import MONDAY
from tests.telemetry.outlooks import point

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DAY = timedelta(days=1)


def test_a_probability_is_followed_to_how_good_such_figures_were(arrive: Callable[[], Visitor]) -> None:
    ada, user = arrive(), known()
    studio = factories.workspace(user, slug="studio", now=MONDAY)
    sign_in(ada)
    with inside(studio):
        by = factories.actor(user)
        at_work = factories.milestone_in_execution(by)
        for ahead, percent in enumerate((80, 64, 45)):
            point(at_work, MONDAY.date() + ahead * DAY, percent)
        Milestone.objects.update(on_time_probability=45)
        for number, percent in enumerate((30, 70, 95)):
            names = {"account_name": f"Client {number}", "project_name": f"Project {number}"}
            point(factories.milestone_in_review(by, now=MONDAY + DAY, **names), percent=percent)

    ada.visit(f"/w/studio/milestones/{at_work.pk}/")
    ada.reads("8 of 12 items open; 5 working days left, today included.")
    ada.look()
    ada.page.get_by_role("link", name="how good that was").click()
    ada.reads("3 finished milestones have come out")
    ada.look()

    with ada.page.expect_download() as taken:
        ada.page.get_by_role("link", name="CSV").click()
    assert taken.value.path().read_text().count("Onboarding dashboard published") == 3
