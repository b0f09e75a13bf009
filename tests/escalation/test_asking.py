"""An approval blocker asks the client to choose between two ways; the answer ends it."""

from datetime import timedelta

import pytest

from escalation.actions import open_blocker, reopen, resolve, respond
from escalation.asking import ask_two_options
from escalation.models import Blocker, BlockerType
from escalation.sweeps import follow_answers
from journal.models import Event
from milestones.actions import decisions, requests
from milestones.actions.engagements import archive
from milestones.models import DateMove, DecisionRequest, Milestone
from milestones.words import Outcome, RequestState, Stage
from tenancy.door import inside
from tenancy.refusal import Refused
from tests.factories import MONDAY, milestone_in_execution
from tests.milestones.asking import answer

pytestmark = pytest.mark.slow
FRIDAY = MONDAY + timedelta(days=4)
HOUR = timedelta(hours=1)
LATER = MONDAY + 2 * HOUR
CLOSED = {"outcome": Outcome.SCOPE, "open_dependencies": "none", "next_move_owner": "Ada"}
WAYS = [
    {"label": "Wait for the new logo", "consequence": "Every page carries it.", "days": 2},
    {"label": "Go live with the old one", "consequence": "It is exchanged afterwards.", "days": 0},
]


@pytest.fixture
def milestone(workspace, by):
    with inside(workspace):
        return milestone_in_execution(by)


@pytest.fixture
def blocker(workspace, milestone, by):
    with inside(workspace):
        return open_blocker(milestone.pk, type=BlockerType.APPROVAL, title="No logo yet", by=by, now=MONDAY)


def ask(blocker, by, **changes):
    said = {"question": "Which logo do we go live with?", "options": WAYS, "recommended": "second"}
    return ask_two_options(blocker.pk, **{**said, **changes}, decide_by=FRIDAY, by=by, now=MONDAY)


@pytest.fixture
def asked(workspace, blocker, by):
    with inside(workspace):
        return ask(blocker, by)


def answered(workspace, asked, option, **changes):
    with inside(workspace):
        return answer(DecisionRequest.objects.get(pk=asked.pk), option, **changes)


def stored(workspace, row):
    with inside(workspace):
        return type(row).objects.get(pk=row.pk)


def test_the_approver_reads_two_ways_with_what_each_does_to_the_date(workspace, blocker, asked):
    assert [(option["label"], option["consequence"]) for option in asked.options] == [
        (
            "Wait for the new logo",
            "Every page carries it. The forecast moves from 13 March 2026 to 17 March 2026.",
        ),
        ("Go live with the old one", "It is exchanged afterwards. The date stays."),
    ]
    assert (asked.recommended, asked.context, asked.state) == ("second", "No logo yet", "pending")


def test_asking_leaves_the_response_owner_and_the_clocks_alone(workspace, blocker, asked):
    after = stored(workspace, blocker)

    assert after.decision_request_id == asked.pk
    assert (after.response_contact_id, after.response_due_at) == (
        blocker.response_contact_id,
        blocker.response_due_at,
    )
    assert after.resolved_at is None


def test_the_answer_ends_the_blocker_in_the_name_of_who_decided(workspace, blocker, asked):
    answered(workspace, asked, "second", name="Dan Decider", comment="Until May.")

    follow_answers(now=LATER + timedelta(seconds=5))

    after = stored(workspace, blocker)
    assert after.resolution == "Dan Decider decided: Go live with the old one. Until May."
    assert (after.response, after.responded_at, after.resolved_at) == (after.resolution, LATER, LATER)
    with inside(workspace):
        ended = Event.objects.get(kind="blocker.resolved")
        assert (ended.actor_kind, ended.actor_id) == ("contact", asked.approver_id)
        assert not DateMove.objects.exists()
        assert Milestone.objects.get().blocker_status == "none"


def test_the_date_follows_the_answer_as_it_was_told(workspace, milestone, asked):
    decision = answered(workspace, asked, "first")

    follow_answers(now=LATER)

    with inside(workspace):
        move = DateMove.objects.get()
        assert f"{stored(workspace, milestone).forecast_date}" == "2026-03-17"
    assert (move.reason_code, move.attributed_to, move.decision_id) == (
        "client_decision",
        "client",
        decision.pk,
    )


def test_a_second_run_finds_nothing(workspace, asked):
    answered(workspace, asked, "second")

    assert (follow_answers(now=LATER), follow_answers(now=LATER)) == (1, 0)


def test_a_question_that_waits_ends_nothing(workspace, blocker, asked):
    assert follow_answers(now=LATER) == 0
    assert stored(workspace, blocker).resolved_at is None


def test_a_question_asked_anew_is_followed_to_its_answer(workspace, blocker, asked, by):
    with inside(workspace):
        newer = requests.replace(asked.pk, decide_by=FRIDAY, by=by, now=MONDAY)
    follow_answers(now=LATER)
    answered(workspace, newer, "second")

    follow_answers(now=LATER)

    after = stored(workspace, blocker)
    assert (after.decision_request_id, after.resolved_at) == (newer.pk, LATER)


def test_an_answer_taken_back_before_it_was_followed_ends_nothing(workspace, blocker, asked, by):
    mistaken = answered(workspace, asked, "second")
    with inside(workspace):
        decisions.countermand(mistaken.pk, reason="Said by the wrong person.", by=by, now=LATER)

    follow_answers(now=LATER)

    assert stored(workspace, blocker).resolved_at is None


def test_an_answer_taken_back_opens_the_blocker_again_and_the_date_returns(
    workspace, milestone, blocker, asked, by
):
    mistaken = answered(workspace, asked, "first")
    follow_answers(now=LATER)
    with inside(workspace):
        decisions.countermand(mistaken.pk, reason="Said by the wrong person.", by=by, now=LATER)
    assert f"{stored(workspace, milestone).forecast_date}" == "2026-03-13"

    looked_at = (follow_answers(now=LATER), follow_answers(now=LATER))

    after = stored(workspace, blocker)
    assert looked_at == (1, 0)
    assert (after.resolved_at, after.resolution, after.response, after.responded_at) == (None, "", "", None)
    assert stored(workspace, milestone).blocked_since == blocker.opened_at
    with inside(workspace):
        assert DateMove.objects.latest("id").attributed_to == "client"
        assert Event.objects.get(kind="blocker.reopened").actor_id == by.id


def test_no_blocker_opens_again_at_a_closed_milestone_or_in_an_archived_project(
    workspace, milestone, blocker, asked, by
):
    mistaken = answered(workspace, asked, "second")
    follow_answers(now=LATER)
    with inside(workspace):
        decisions.countermand(mistaken.pk, reason="Said by the wrong person.", by=by, now=LATER)
        Milestone.objects.update(stage=Stage.CLOSED, closed_at=LATER, **CLOSED)

    assert follow_answers(now=LATER) == 0
    with inside(workspace):
        assert reopen(blocker.pk, mistaken, by=by, now=LATER).resolved_at == LATER
        Milestone.objects.update(stage=Stage.EXECUTION, **dict.fromkeys(CLOSED, ""), closed_at=None)
        archive(milestone.project_id, by=by, now=LATER)
        with pytest.raises(Refused, match="This project is archived"):
            reopen(blocker.pk, mistaken, by=by, now=LATER)
        assert not Event.objects.filter(kind="blocker.reopened").exists()
    assert stored(workspace, blocker).resolved_at == LATER


def test_a_response_from_before_the_answer_stays_when_the_blocker_opens_again(workspace, blocker, asked, by):
    with inside(workspace):
        respond(blocker.pk, response="We ask the board.", by=by, now=MONDAY + HOUR)
    mistaken = answered(workspace, asked, "second")
    follow_answers(now=LATER)
    with inside(workspace):
        decisions.countermand(mistaken.pk, reason="Said by the wrong person.", by=by, now=LATER)

    follow_answers(now=LATER)

    after = stored(workspace, blocker)
    assert (after.resolved_at, after.response, after.responded_at) == (
        None,
        "We ask the board.",
        MONDAY + HOUR,
    )


def test_a_blocker_that_somebody_resolved_does_not_open_again(workspace, blocker, asked, by):
    mistaken = answered(workspace, asked, "second")
    with inside(workspace):
        resolve(blocker.pk, resolution="The logo came.", by=by, now=LATER + HOUR)
        decisions.countermand(mistaken.pk, reason="Said by the wrong person.", by=by, now=LATER + HOUR)

    assert follow_answers(now=LATER + HOUR) == 0
    assert stored(workspace, blocker).resolution == "The logo came."


def test_a_blocker_that_is_resolved_otherwise_takes_its_question_back(workspace, blocker, asked, by):
    with inside(workspace):
        resolve(blocker.pk, resolution="The logo came.", by=by, now=LATER)

    assert stored(workspace, asked).state == RequestState.WITHDRAWN
    assert follow_answers(now=LATER) == 0


def test_only_an_approval_is_put_to_the_approver(workspace, milestone, by):
    with inside(workspace):
        other = open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)

        with pytest.raises(Refused, match="does not wait for an approval"):
            ask(other, by)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"options": WAYS[:1]}, "options"),
        ({"options": [*WAYS, WAYS[0]]}, "options"),
        ({"options": [{**WAYS[0], "days": -1}, WAYS[1]]}, "options"),
        ({"recommended": ""}, "recommended"),
    ],
)
def test_anything_but_two_ways_and_a_recommendation_is_refused(workspace, blocker, by, changes, field):
    with inside(workspace), pytest.raises(Refused) as refusal:
        ask(blocker, by, **changes)

    assert set(refusal.value.fields) == {field}
    assert stored(workspace, blocker).decision_request_id is None


def test_one_question_at_a_time_waits(workspace, blocker, asked, by):
    with inside(workspace), pytest.raises(Refused, match="waits for"):
        ask(blocker, by)

    with inside(workspace):
        assert Blocker.objects.get().decision_request_id == asked.pk
