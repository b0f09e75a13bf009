"""Many answers at once: one is kept, with one event and one receipt; the others read which."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from journal.models import Event
from milestones.models import Decision, Milestone, Review
from milestones.words import Stage
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.milestones.asking import answer, mails, pending

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
