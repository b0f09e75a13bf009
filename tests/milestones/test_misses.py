"""A missed date is opened by the clock and acknowledged with a specific cause and a plan."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journal.models import Delivery, Event
from milestones.actions import misses
from milestones.actions.endings import close
from milestones.actions.milestone import add_dependency, add_milestone, change_milestone
from milestones.actions.stages import move
from milestones.causes import unspecific
from milestones.models import DateMove, DecisionRequest, Milestone, Miss, Notice
from milestones.queries import dates as queries
from milestones.words import MoveReason, NoticeKind, NoticeState, Outcome, Recovery, Stage
from tenancy.refusal import Refused, Stale
from tests.factories import MONDAY, milestone_cleared, milestone_in_execution
from tests.plugins.scenes import scene

PLANNED = date(2026, 3, 13)
SATURDAY = datetime(2026, 3, 14, 8, tzinfo=UTC)
CAUSE = "The CRM vendor's sandbox was down from 9 to 12 March."
PLAN = "Two more engineers join on Monday; we demo on 18 March."


@scene
def first(studio, by):
    return milestone_in_execution(by)


@scene
def missed(first):
    return misses.open_miss(first.pk, now=SATURDAY)


def acknowledge(miss, by, *, now=SATURDAY, **changes):
    said = {"root_cause": CAUSE, "recovery": Recovery.RESOURCES, "plan": PLAN, **changes}
    return misses.acknowledge(miss.pk, **said, by=by, now=now)


def test_on_the_planned_day_itself_nothing_is_missed_yet(first):
    assert misses.open_miss(first.pk, now=datetime(2026, 3, 13, 23, 59, tzinfo=UTC)) is None


def test_when_the_day_has_ended_the_miss_opens_with_a_draft_that_waits_for_its_cause(first, by):
    fields = {"code": "1.2", "name": "Alerting", "planned_date": date(2026, 3, 18)}
    second = add_milestone(first.project, {**fields, "planned_start": date(2026, 3, 16)}, by=by, now=MONDAY)
    add_dependency(second, first, by=by, now=MONDAY)

    miss = misses.open_miss(first.pk, now=SATURDAY + timedelta(days=3))

    notice = Notice.objects.get(kind=NoticeKind.MISS)
    assert (miss.planned_date, miss.opened_at) == (PLANNED, SATURDAY + timedelta(days=3))
    assert (notice.state, notice.subject_id) == (NoticeState.DRAFT, miss.pk)
    assert "[What exactly happened?]" in notice.body
    assert notice.data["later"] == [
        {"milestone_id": str(second.pk), "code": "1.2", "from": "2026-03-18", "to": "2026-03-20"}
    ]
    assert list(queries.misses_to_acknowledge()) == [miss]
    assert not Delivery.objects.filter(subject_id=notice.pk).exists()


def test_the_day_ends_in_the_zone_of_the_workspace(first, studio):
    studio.time_zone = "America/Los_Angeles"
    studio.save()

    assert misses.open_miss(first.pk, now=datetime(2026, 3, 14, 6, 59, tzinfo=UTC)) is None
    assert misses.open_miss(first.pk, now=datetime(2026, 3, 14, 7, tzinfo=UTC))


def test_a_planned_date_is_missed_once(first, missed):
    assert misses.open_miss(first.pk, now=SATURDAY + timedelta(hours=1)) is None
    assert Miss.objects.count() == 1


def test_what_is_completed_misses_nothing(first):
    Milestone.objects.filter(pk=first.pk).update(stage="review", completed_at=MONDAY)

    assert misses.open_miss(first.pk, now=SATURDAY) is None


def test_an_acknowledgement_goes_out_with_cause_and_plan(missed, by):
    said = acknowledge(missed, by)

    notice = Notice.objects.get(kind=NoticeKind.MISS)
    assert (said.acknowledged_at, said.root_cause, said.plan) == (SATURDAY, CAUSE, PLAN)
    assert notice.state == NoticeState.SENT
    assert notice.body == (
        "1.1 Onboarding dashboard published was planned for 13 March 2026 and is not completed.\n\n"
        f"Why: {CAUSE}\n\n"
        f"What happens now: We put more people on it. {PLAN}\n\n"
        "No later milestone depends on it."
    )
    assert Delivery.objects.filter(subject_id=notice.pk).count() == 1
    assert list(queries.misses_to_acknowledge()) == []


@pytest.mark.parametrize(("hours", "same_day"), [(15.9, True), (16, False)])
def test_it_is_kept_whether_that_was_on_the_same_day(missed, by, hours, same_day):
    acknowledge(missed, by, now=SATURDAY + timedelta(hours=hours))

    told = Event.objects.get(kind="miss.acknowledged")
    assert f'"same_day":{str(same_day).lower()}' in told.body


@pytest.mark.parametrize(
    "cause",
    [
        "",
        "We were late.",
        "Unforeseen circumstances and various problems.",
        "The work took longer than expected.",
        "Some unexpected technical issues caused delays.",
    ],
)
def test_a_cause_that_explains_nothing_is_refused(missed, by, cause):
    with pytest.raises(Refused) as refused:
        acknowledge(missed, by, root_cause=cause)

    assert list(refused.value.fields) == ["root_cause"]
    assert Notice.objects.get(kind=NoticeKind.MISS).state == NoticeState.DRAFT


def test_a_specific_cause_is_none_too_general():
    assert unspecific(CAUSE) == ""
    assert unspecific("Der Zugang zum CRM fehlte bis zum 12. März.") == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plan": "Soon."}, "plan"),
        ({"recovery": Recovery.OVERTIME}, "consent"),
        ({"recovery": Recovery.EXTENSION}, "new_date"),
        (
            {"recovery": Recovery.EXTENSION, "new_date": PLANNED, "code": MoveReason.ESTIMATE},
            "new_date",
        ),
        ({"recovery": Recovery.EXTENSION, "new_date": date(2026, 3, 20)}, "code"),
    ],
)
def test_a_recovery_that_lacks_something_is_refused(missed, by, changes, field):
    with pytest.raises(Refused) as refused:
        acknowledge(missed, by, **changes)

    assert list(refused.value.fields) == [field]


def test_overtime_keeps_the_consent(missed, by):
    said = acknowledge(missed, by, recovery=Recovery.OVERTIME, consent="Ada and Ben, on 14 March.")

    assert said.consent == "Ada and Ben, on 14 March."


def test_a_later_date_moves_in_the_same_transaction_with_its_own_notice(first, missed, by):
    acknowledge(
        missed,
        by,
        recovery=Recovery.EXTENSION,
        new_date=date(2026, 3, 20),
        code=MoveReason.THIRD_PARTY,
    )

    first.refresh_from_db()
    assert (first.forecast_date, first.planned_date) == (date(2026, 3, 20), PLANNED)
    assert DateMove.objects.get().reason == CAUSE
    assert {notice.kind for notice in Notice.objects.filter(state=NoticeState.SENT)} >= {
        NoticeKind.MISS,
        NoticeKind.DATE_MOVE,
    }


def test_a_refused_later_date_leaves_nothing_behind(first, missed, by):
    with pytest.raises(Refused):
        acknowledge(
            missed, by, recovery=Recovery.EXTENSION, new_date=date(2026, 3, 12), code=MoveReason.ESTIMATE
        )

    missed.refresh_from_db()
    assert missed.acknowledged_at is None
    assert not DateMove.objects.exists()


def test_it_is_acknowledged_once(missed, by):
    acknowledge(missed, by)

    with pytest.raises(Refused, match="acknowledged already"):
        acknowledge(missed, by)


def test_what_was_saved_meanwhile_is_not_run_over(missed, by):
    with pytest.raises(Stale):
        acknowledge(missed, by, expected=missed.version - 1)


def test_the_revised_plan_is_told_once_for_each_revision(missed, by):
    acknowledge(missed, by)
    later = SATURDAY + timedelta(days=2)

    for day in ("18 March", "19 March"):
        plan = f"The demo is on {day}, the export a day after it."
        misses.revise_plan(missed.pk, plan=plan, by=by, now=later)

    told = Notice.objects.filter(kind=NoticeKind.RECOVERY, state=NoticeState.SENT)
    assert told.count() == 2
    assert "19 March" in told.order_by("-number")[0].body


def test_a_plan_is_revised_only_after_the_acknowledgement(missed, by):
    with pytest.raises(Refused, match="acknowledged"):
        misses.revise_plan(missed.pk, plan=PLAN, by=by, now=SATURDAY)


def test_completion_settles_it_and_takes_the_draft_back(first, missed):
    Milestone.objects.filter(pk=first.pk).update(stage="review", completed_at=SATURDAY)

    misses.settle_misses(first.pk, now=SATURDAY)

    missed.refresh_from_db()
    assert missed.closed_at == SATURDAY
    assert Notice.objects.get(kind=NoticeKind.MISS).state == NoticeState.WITHDRAWN


def test_the_step_into_review_settles_it_at_once(studio, by):
    late = milestone_cleared(by)
    miss = misses.open_miss(late.pk, now=SATURDAY)
    DecisionRequest.objects.filter(milestone=late).update(decide_by=SATURDAY + timedelta(days=3))

    move(late.pk, Stage.REVIEW, by=by, now=SATURDAY)

    miss.refresh_from_db()
    assert miss.closed_at == SATURDAY


def test_work_that_comes_back_from_review_is_missed_again(first, missed, by):
    Milestone.objects.filter(pk=first.pk).update(stage="review", completed_at=SATURDAY)
    misses.settle_misses(first.pk, now=SATURDAY)
    Milestone.objects.filter(pk=first.pk).update(stage="execution", completed_at=None)
    monday = SATURDAY + timedelta(days=2)

    again = misses.open_miss(first.pk, now=monday)

    assert again.pk == missed.pk
    assert acknowledge(again, by, now=monday).acknowledged_at == monday
    assert Notice.objects.filter(kind=NoticeKind.MISS, state=NoticeState.SENT).count() == 1


def test_a_plan_that_was_missed_in_setup_is_not_replaced_without_a_word(first, by):
    fields = {"code": "1.2", "name": "Alerting", "planned_date": date(2026, 3, 12)}
    second = add_milestone(first.project, fields, by=by, now=MONDAY)
    miss = misses.open_miss(second.pk, now=SATURDAY)

    with pytest.raises(Refused, match="Move the forecast, or ask for a new baseline"):
        change_milestone(second.pk, {"planned_date": date(2026, 3, 25)}, by=by, now=SATURDAY)

    miss.refresh_from_db()
    assert miss.closed_at is None


def send_for_review(milestone, by):
    return move(milestone.pk, Stage.REVIEW, by=by, now=SATURDAY)


def end_as_blocked(milestone, by):
    words = {"reason": "No feed.", "open_dependencies": "Feed", "next_move_owner": "Carla"}
    return close(milestone.pk, Outcome.BLOCKED, **words, by=by, now=SATURDAY)


@pytest.mark.parametrize("act", [send_for_review, end_as_blocked])
def test_whoever_settles_waits_for_misses_and_notices_before_the_journal(studio, by, act):
    milestone = milestone_cleared(by)
    misses.open_miss(milestone.pk, now=SATURDAY)
    DecisionRequest.objects.filter(milestone=milestone).update(decide_by=SATURDAY + timedelta(days=3))

    with CaptureQueriesContext(connection) as seen:
        act(milestone, by)

    said = [query["sql"] for query in seen]
    recorded = next(at for at, sql in enumerate(said) if "UPDATE journal_chainhead" in sql)
    for table in ("milestones_miss", "milestones_notice"):
        waited = next(at for at, sql in enumerate(said) if f'FROM "{table}"' in sql and "FOR UPDATE" in sql)
        assert waited < recorded
