"""The sweep of reminders: in every workspace, once each, while nobody has answered."""

from datetime import timedelta

from milestones.actions import recourse, requests
from milestones.models import DecisionRequest
from milestones.sweeps.reminders import remind_due
from milestones.words import Way
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import FRIDAY, answer, asked, mails

DAY = timedelta(days=1)
THURSDAY = (MONDAY + 3 * DAY).replace(hour=9)


def waiting_in(workspace, by):
    with inside(workspace):
        return asked(factories.milestone_in_execution(by), by)


def state_of(workspace, request):
    with inside(workspace):
        found = DecisionRequest.objects.get(pk=request.pk)
        return found.state, found.reminders, mails("decision_reminder")


def test_each_workspace_is_reminded_of_its_own_once(fresh_database):
    ada = factories.person()
    by, here, there = factories.actor(ada), factories.workspace(ada), factories.workspace(ada)
    mine, theirs = waiting_in(here, by), waiting_in(there, by)

    counts = [remind_due(now=now) for now in (THURSDAY - DAY, THURSDAY, THURSDAY)]

    assert counts == [0, 2, 0]
    said = [("dan@client.example", "A reminder: Do we wait for the vendor?")]
    assert state_of(here, mine) == state_of(there, theirs) == ("pending", 1, said)


def test_an_answer_or_a_withdrawal_ends_the_reminders(fresh_database):
    ada = factories.person()
    by, workspace = factories.actor(ada), factories.workspace(ada)
    first = waiting_in(workspace, by)
    with inside(workspace):
        second = asked(first.milestone, by)
        answer(first, "vendor")
        requests.withdraw(second.pk, "Moot.", by=by, now=MONDAY)

    assert remind_due(now=THURSDAY) == 0


def test_a_question_of_a_paused_milestone_waits_for_the_end_of_the_pause(fresh_database):
    ada = factories.person()
    by, workspace = factories.actor(ada), factories.workspace(ada)
    request = waiting_in(workspace, by)
    said = {"reason": "No access.", "until": FRIDAY.date(), "by": by, "now": MONDAY}
    with inside(workspace):
        taken = recourse.choose(request.milestone_id, Way.PAUSE, **said)

    paused = remind_due(now=THURSDAY)
    with inside(workspace):
        recourse.end(taken.pk, by=by, now=THURSDAY)

    assert (paused, remind_due(now=THURSDAY)) == (0, 1)


def test_silence_is_reminded_of_for_a_while_and_decides_nothing(fresh_database):
    ada = factories.person()
    by, workspace = factories.actor(ada), factories.workspace(ada)
    request = waiting_in(workspace, by)

    days = [FRIDAY + n * DAY for n in range(-2, 90)]
    counts = [remind_due(now=day.replace(hour=12)) for day in days]

    state, reminders, sent = state_of(workspace, request)
    assert (state, reminders, sum(counts), len(sent)) == ("pending", 11, 11, 11)
