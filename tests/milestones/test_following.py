"""What comes after a milestone, and which of it may be started next."""

from milestones.actions.clients import add_phase
from milestones.actions.engagements import archive
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Milestone
from milestones.queries.following import following, next_to_start
from milestones.words import Stage
from tests import factories
from tests.factories import MONDAY


def planned(project, by, *codes, **fields):
    return [
        add_milestone(project, {"code": code, "name": f"Part {code}", **fields}, by=by, now=MONDAY)
        for code in codes
    ]


def test_what_waits_for_it_comes_first_then_the_order_of_the_plan(studio, by):
    first = factories.milestone_in_closeout(by)
    phase = add_phase(project=first.project, name="Build", position=1, by=by, now=MONDAY)
    planned(first.project, by, "3.1")
    planned(first.project, by, "2.2", "2.1", phase_id=phase.pk)
    (waiting,) = planned(first.project, by, "4.1")
    add_dependency(waiting, first, by=by, now=MONDAY)

    assert [row.code for row in following(first)] == ["4.1", "2.1", "2.2", "3.1"]


def test_only_what_still_stands_in_setup_is_offered(studio, by):
    first = factories.milestone_in_closeout(by)
    begun, still = planned(first.project, by, "1.2", "1.3")
    Milestone.objects.filter(pk=begun.pk).update(
        **{
            name: getattr(first, name)
            for name in ("owner_primary", "owner_client", "approver", "output", "approval_channel")
        },
        stage=Stage.EXECUTION,
        planned_date=MONDAY.date(),
        forecast_date=MONDAY.date(),
        execution_started_at=MONDAY,
    )

    assert next_to_start(first) == still


def test_an_archived_project_offers_nothing(studio, by):
    first = factories.milestone_in_closeout(by)
    planned(first.project, by, "1.2")
    archive(first.project_id, by=by, now=MONDAY)

    assert next_to_start(first) is None
