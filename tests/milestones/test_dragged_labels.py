"""One notice covers a whole cascade: what is dragged along turns yellow without a mail of its own."""

from datetime import date, timedelta

from milestones.actions import labels
from milestones.actions.dates import move_forecast
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Notice
from milestones.words import Colour, MoveReason
from tests.factories import MONDAY, milestone_in_execution

LATER = MONDAY + timedelta(minutes=5)


def test_what_a_move_drags_along_is_warned_of_by_the_moves_own_notice(studio, by):
    first = milestone_in_execution(by)
    plan = {"planned_start": date(2026, 3, 16), "planned_date": date(2026, 3, 18)}
    people = {"owner_client": first.owner_client, "approver": first.approver}
    fields = {"code": "1.2", "name": "Alerts", **plan, **people}
    second = add_milestone(first.project, fields, by=by, now=MONDAY)
    add_dependency(second, first, by=by, now=MONDAY)
    for each in (first, second):
        labels.evaluate(each.pk, now=MONDAY)

    move_forecast(
        first.pk,
        date(2026, 3, 18),
        code=MoveReason.ESTIMATE,
        reason="Cleaning the data took longer than we thought.",
        by=by,
        now=LATER,
    )

    second.refresh_from_db()
    told = Notice.objects.order_by("number").values_list("kind", "milestone__code")
    assert (second.colour, second.warned_at) == (Colour.AT_RISK, LATER)
    assert list(told) == [("date_move", "1.1"), ("early_warning", "1.1")]
