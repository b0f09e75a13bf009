"""Many answers at once: one is kept, with one event and one receipt; the others read which."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connections

from journal.models import Event
from milestones.actions.dates import ask_for_rebaseline, move_forecast
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Decision, Milestone, Review
from milestones.words import MoveReason, Stage
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import FRIDAY, answer, mails, pending

AT_ONCE = 20


def race(workspace, request, options):
    """Each option is answered in a thread and a connection of its own, all at the same moment."""
    start = Barrier(len(options))

    def one(option):
        try:
            start.wait()
            with inside(workspace):
                answer(request, option, comment="Two figures are missing.")
                return "decided"
        except Refused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(options)) as pool:
        return list(pool.map(one, options))


@pytest.mark.parametrize(
    "options",
    [["approved"] * AT_ONCE, ["approved", "needs_revisions"] * (AT_ONCE // 2)],
    ids=["all approve", "approve against revise"],
)
def test_one_of_many_answers_wins(fresh_database, options):
    ada = factories.person()
    by, workspace = factories.actor(ada), factories.workspace(ada)
    with inside(workspace):
        milestone = factories.milestone_in_review(by)
        request = pending(milestone)

    results = race(workspace, request, options)

    assert sorted(results) == ["already_decided"] * (AT_ONCE - 1) + ["decided"]
    with inside(workspace):
        decision, review = Decision.objects.get(), Review.objects.get()
        stage = Milestone.objects.get(pk=milestone.pk).stage
        assert review.outcome == decision.option
        assert stage == (Stage.CLOSEOUT if decision.option == "approved" else Stage.EXECUTION)
        assert Event.objects.filter(kind="decision.made").count() == 1
        assert len(mails("decision_receipt")) == 1
        assert len(mails("decision_made")) == 1


def test_an_agreement_and_a_moved_date_never_wait_for_each_other_crosswise(fresh_database):
    ada = factories.person()
    by, workspace = factories.actor(ada), factories.workspace(ada)
    with inside(workspace):
        first = factories.milestone_in_execution(by)
        fields = {"code": "1.2", "name": "Alerting", "planned_date": date(2026, 3, 17)}
        second = add_milestone(first.project, fields, by=by, now=MONDAY)
        add_dependency(second, first, by=by, now=MONDAY)
    start = Barrier(2)

    def agree(request):
        return answer(request, "accept")

    def slip(day):
        said = {"code": MoveReason.ESTIMATE, "reason": "The import needs more days."}
        return move_forecast(second.pk, day, **said, by=by, now=MONDAY)

    def at_once(act, subject):
        try:
            start.wait()
            with inside(workspace):
                return act(subject) is not None
        finally:
            connections.close_all()

    for day in range(1, 6):
        with inside(workspace):
            said = {"reason": "Agreed in the steering meeting.", "decide_by": FRIDAY, "by": by, "now": MONDAY}
            planned = {first.pk: date(2026, 4, day)}
            request = ask_for_rebaseline(planned, project_id=first.project_id, **said)
        with ThreadPoolExecutor(2) as pool:
            done = [
                pool.submit(at_once, agree, request),
                pool.submit(at_once, slip, date(2026, 5, day)),
            ]

        assert [each.result() for each in done] == [True, True]
