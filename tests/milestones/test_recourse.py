"""Ways out of a bad block."""

from datetime import date, timedelta

import pytest

from journal.models import Event
from milestones.actions.misses import open_miss
from milestones.actions.recourse import choose, end
from milestones.actions.stages import move
from milestones.models import Milestone, Notice, Recourse
from milestones.queries.ways import to_decide
from milestones.words import NoticeKind, Stage, Way
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)
UNTIL = date(2026, 3, 9)


def stored(milestone):
    return Milestone.objects.get(pk=milestone.pk)


def test_a_pause_says_why_and_until_when_and_the_client_is_told(studio, by):
    milestone = factories.milestone_in_execution(by)

    taken = choose(milestone.pk, Way.PAUSE, reason="No access.", until=UNTIL, by=by, now=LATER)

    milestone = stored(milestone)
    assert (milestone.paused_at, milestone.paused_until, milestone.pause_reason) == (
        LATER,
        UNTIL,
        "No access.",
    )
    assert (taken.by_name, taken.ended_at) == ("Ada Agency", None)
    notice = Notice.objects.get(kind=NoticeKind.PAUSE)
    assert "pauses until 9 March 2026" in notice.body
    assert Event.objects.filter(kind="recourse.chosen", thread_id=milestone.pk).count() == 1


def test_a_paused_milestone_goes_nowhere_and_misses_nothing(studio, by):
    milestone = factories.milestone_in_execution(by)
    choose(milestone.pk, Way.PAUSE, reason="No access.", until=UNTIL, by=by, now=LATER)

    with pytest.raises(Refused, match="End the pause first") as refused:
        move(milestone.pk, Stage.QA, by=by, now=LATER)

    assert refused.value.code == "paused"
    assert open_miss(milestone.pk, now=MONDAY + timedelta(days=20)) is None


@pytest.mark.parametrize("way", [Way.RESCOPE, Way.CONDITIONAL, Way.CLOSEOUT])
def test_the_other_ways_do_not_pause_and_tell_the_client_what_follows(studio, by, way):
    milestone = factories.milestone_in_execution(by)

    choose(milestone.pk, way, reason="No access.", condition="By hand.", until=UNTIL, by=by, now=LATER)

    assert stored(milestone).paused_at is None
    assert Notice.objects.get(kind=NoticeKind.RECOVERY).milestone_id == milestone.pk


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"way": Way.CONDITIONAL}, "condition"),
        ({"until": MONDAY.date()}, "until"),
        ({"until": date(9999, 1, 1)}, "until"),
    ],
)
def test_what_is_left_unsaid_is_asked_for(studio, by, given, field):
    milestone = factories.milestone_in_execution(by)
    usual = {"way": Way.PAUSE, "reason": "No access.", "until": UNTIL}

    with pytest.raises(Refused) as refusal, inside(studio):
        choose(milestone.pk, **{**usual, **given}, by=by, now=LATER)

    assert list(refusal.value.fields) == [field]
    assert not Notice.objects.exists()


def test_one_way_is_taken_at_a_time(studio, by):
    milestone = factories.milestone_in_execution(by)
    choose(milestone.pk, Way.PAUSE, reason="No access.", until=UNTIL, by=by, now=LATER)

    with pytest.raises(Refused, match="pause until 9 March 2026"), inside(studio):
        choose(milestone.pk, Way.RESCOPE, reason="Why not.", until=UNTIL, by=by, now=LATER)


def test_an_accepted_milestone_has_no_block_left(studio, by):
    milestone = factories.milestone_in_closeout(by)

    with pytest.raises(Refused) as refusal, inside(studio):
        choose(milestone.pk, Way.PAUSE, reason="No access.", until=UNTIL, by=by, now=LATER)

    assert refusal.value.code == "not_in_work"


def test_the_end_of_a_pause_gives_the_milestone_back_and_the_client_is_told(studio, by):
    milestone = factories.milestone_in_execution(by)
    taken = choose(milestone.pk, Way.PAUSE, reason="No access.", until=UNTIL, by=by, now=MONDAY)

    end(taken.pk, note="Access is there.", by=by, now=LATER)

    assert (stored(milestone).paused_at, stored(milestone).pause_reason) == (None, "")
    assert Recourse.objects.get().end_note == "Access is there."
    assert Notice.objects.filter(kind=NoticeKind.PAUSE).count() == 2


def test_what_has_ended_does_not_end_again(studio, by):
    milestone = factories.milestone_in_execution(by)
    taken = choose(milestone.pk, Way.RESCOPE, reason="No access.", until=UNTIL, by=by, now=MONDAY)
    end(taken.pk, by=by, now=LATER)

    with pytest.raises(Refused) as refusal, inside(studio):
        end(taken.pk, by=by, now=LATER)

    assert refusal.value.code == "ended"


def test_whoever_ends_second_is_told(studio, by):
    milestone = factories.milestone_in_execution(by)
    taken = choose(milestone.pk, Way.RESCOPE, reason="No access.", until=UNTIL, by=by, now=MONDAY)

    with pytest.raises(Stale), inside(studio):
        end(taken.pk, by=by, now=LATER, expected=taken.version + 1)


def test_a_pause_whose_end_has_passed_waits_for_somebody_to_decide(studio, by):
    milestone = factories.milestone_in_execution(by)
    taken = choose(milestone.pk, Way.PAUSE, reason="No access.", until=UNTIL, by=by, now=MONDAY)

    assert list(to_decide(UNTIL)) == []
    assert list(to_decide(UNTIL + timedelta(days=1))) == [taken]
    assert stored(milestone).paused_at is not None
