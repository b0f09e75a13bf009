"""A yes that was recorded by mistake is taken back with all that it did: scope, dates, and who is told."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from journal.models import Delivery, Event
from milestones.actions import decisions, labels, misses, scope
from milestones.actions.dates import ask_for_rebaseline, move_forecast
from milestones.actions.milestone import DEFINED, add_dependency, add_milestone, change_criterion
from milestones.models import ChangeRequest, Criterion, DateMove, DecisionRequest, Milestone, Miss, Notice
from milestones.words import Attribution, ChangeState, DateKind, MoveReason, NoticeKind, RequestState, Stage
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import LATER, answer, pending
from tests.plugins.scenes import scene

PLANNED, AGREED = date(2026, 3, 13), date(2026, 3, 20)
FRIDAY = MONDAY + timedelta(days=4)
WHY = "Dan meant another project."
SAID = "The answer to question 1 was taken back: Dan meant another project."


@scene
def first(studio, by):
    return factories.milestone_in_execution(by)


@scene
def second(first, by):
    return waiting(first, by)


def waiting(first, by, code="1.2", *, starts=date(2026, 3, 16), ends=date(2026, 3, 18), waits=True):
    fields = {"code": code, "name": f"Step {code}", "planned_start": starts, "planned_date": ends}
    fields |= {name: getattr(first, name) for name in DEFINED}
    made = add_milestone(first.project, fields, by=by, now=MONDAY)
    if waits:
        add_dependency(made, first, by=by, now=MONDAY)
    Milestone.objects.filter(pk=made.pk).update(stage=Stage.EXECUTION, execution_started_at=MONDAY)
    made.refresh_from_db()
    return made


def accepted(milestone, by, **terms):
    """A change of two working days that the client has said yes to."""
    queued = scope.queue_request(milestone.pk, title="Dark mode", by=by, now=MONDAY)
    terms = {"days": Decimal(2), "price": Decimal(900), "adds_criterion": "Every page is dark", **terms}
    scope.estimate(queued.pk, terms, by=by, now=MONDAY)
    asked = scope.ask_client(queued.pk, decide_by=FRIDAY, by=by, now=MONDAY)
    return answer(asked, "accept", now=MONDAY)


def agreed(planned, project_id, by, reason="The second export was agreed."):
    asked = ask_for_rebaseline(
        planned, project_id=project_id, reason=reason, decide_by=FRIDAY, by=by, now=MONDAY
    )
    return answer(asked, "accept", now=MONDAY)


def countermand(decision, by, now=LATER):
    return decisions.countermand(decision.pk, reason=WHY, by=by, now=now)


def dates(*milestones):
    for each in milestones:
        each.refresh_from_db()
    return [(each.planned_date.isoformat(), each.forecast_date.isoformat()) for each in milestones]


def move(milestone, to, by, now=MONDAY):
    return move_forecast(
        milestone.pk, to, code=MoveReason.ESTIMATE, reason="The import is slow.", by=by, now=now
    )


def test_a_change_leaves_the_scope_and_its_days_come_back_as_scope(first, by):
    mistaken = accepted(first, by)

    entry = countermand(mistaken, by)

    request = ChangeRequest.objects.get()
    back = DateMove.objects.latest("at")
    assert (request.state, request.decision, request.decided_at) == (ChangeState.UNDECIDED, None, None)
    assert not Criterion.objects.filter(statement="Every page is dark").exists()
    assert dates(first) == [("2026-03-13", "2026-03-13")]
    assert (back.from_date, back.to_date, back.attributed_to) == (
        date(2026, 3, 17),
        PLANNED,
        Attribution.SCOPE,
    )
    assert (back.reason, back.decision, back.root) == (SAID, entry, None)


def test_the_client_is_told_as_of_any_date_that_moves(first, by):
    countermand(accepted(first, by), by)

    told = Notice.objects.filter(kind=NoticeKind.DATE_MOVE).latest("created_at")
    letter = Delivery.objects.get(kind="decision_countermanded")
    assert told.title == "New date for 1.1 Onboarding dashboard published: 13 March 2026"
    assert f"Reason: {SAID}" in told.body
    back = "1.1 Onboarding dashboard published, forecast: 13 March 2026, before 17 March 2026"
    assert back in letter.payload["text"]


def test_what_the_mistaken_date_had_dragged_comes_back_with_it(first, second, by):
    mistaken = accepted(first, by)
    assert dates(first, second) == [("2026-03-13", "2026-03-17"), ("2026-03-18", "2026-03-20")]

    countermand(mistaken, by)

    assert dates(first, second) == [("2026-03-13", "2026-03-13"), ("2026-03-18", "2026-03-18")]
    back, dragged = DateMove.objects.filter(at=LATER).order_by("id")
    assert (back.milestone, dragged.milestone, dragged.root) == (first, second, back)
    assert Notice.objects.filter(kind=NoticeKind.DATE_MOVE, created_at=LATER).count() == 1


def test_what_somebody_moved_since_stays_where_they_meant_it(first, second, by):
    mistaken = accepted(first, by)
    move(second, date(2026, 3, 27), by)

    countermand(mistaken, by)

    assert dates(first, second) == [("2026-03-13", "2026-03-13"), ("2026-03-18", "2026-03-27")]


def test_a_forecast_that_moved_on_loses_the_days_of_the_change_only(first, by):
    mistaken = accepted(first, by)
    move(first, date(2026, 3, 25), by)

    countermand(mistaken, by)

    assert dates(first) == [("2026-03-13", "2026-03-23")]  # four days fewer are Saturday the 21st


def test_no_date_returns_into_the_past(first, by):
    mistaken = accepted(first, by)

    countermand(mistaken, by, now=datetime(2026, 3, 16, 9, tzinfo=UTC))

    assert dates(first) == [("2026-03-13", "2026-03-16")]


def test_a_change_without_days_and_criterion_moves_nothing(first, by):
    mistaken = accepted(first, by, days=Decimal(0), adds_criterion="")

    countermand(mistaken, by)

    assert ChangeRequest.objects.get().state == ChangeState.UNDECIDED
    assert not DateMove.objects.exists()
    assert "These dates go back" not in Delivery.objects.get(kind="decision_countermanded").payload["text"]


def test_a_criterion_in_other_words_by_now_stays(first, by):
    mistaken = accepted(first, by)
    brought = Criterion.objects.get(statement="Every page is dark")
    change_criterion(brought.pk, {"statement": "Every page is dark at night"}, by=by, now=MONDAY)

    countermand(mistaken, by)

    assert Criterion.objects.filter(statement="Every page is dark at night").exists()


def on_record(milestone, **said):
    """A change that was accepted earlier, as its rows say."""
    mistaken = factories.decision(milestone)
    queued = ChangeRequest.objects.create(
        milestone=milestone,
        number=1,
        title="Dark mode",
        asked_at=MONDAY,
        state=ChangeState.ACCEPTED,
        decision=mistaken,
        decided_at=MONDAY,
        **said,
    )
    DecisionRequest.objects.filter(pk=mistaken.request_id).update(subject_id=queued.pk)
    return mistaken


def test_in_review_the_question_about_the_former_scope_is_void(studio, by):
    asked = factories.milestone_in_review(by)
    question = pending(asked)
    mistaken = on_record(asked, adds_criterion=asked.criteria.last().statement)

    countermand(mistaken, by)

    asked.refresh_from_db()
    question.refresh_from_db()
    assert (asked.stage, question.state) == (Stage.EXECUTION, RequestState.WITHDRAWN)
    assert asked.criteria.count() == 1


def test_after_the_acceptance_a_change_stands_until_that_is_taken_back(studio, by):
    done = factories.milestone_in_closeout(by)

    with pytest.raises(Refused, match="Take the acceptance back first") as refusal:
        countermand(on_record(done), by)

    assert refusal.value.code == "not_undone"


def test_the_plan_returns_with_the_forecast_that_followed_it(first, second, by):
    mistaken = agreed({first.pk: AGREED}, first.project_id, by)
    assert dates(first, second) == [("2026-03-20", "2026-03-20"), ("2026-03-18", "2026-03-25")]

    entry = countermand(mistaken, by)

    assert dates(first, second) == [("2026-03-13", "2026-03-13"), ("2026-03-18", "2026-03-18")]
    back = DateMove.objects.get(kind=DateKind.BASELINE, at=LATER)
    assert (back.from_date, back.to_date, back.decision) == (AGREED, PLANNED, entry)
    assert Event.objects.filter(kind="milestone.rebaselined").count() == 2


def test_several_plans_return_at_once_and_nobody_is_warned_of_what_lies_between(first, by):
    other = waiting(first, by, starts=date(2026, 3, 16), ends=date(2026, 3, 18))
    labels.evaluate(first.pk, now=MONDAY)
    mistaken = agreed({first.pk: AGREED, other.pk: date(2026, 3, 27)}, first.project_id, by)

    countermand(mistaken, by)

    assert dates(first, other) == [("2026-03-13", "2026-03-13"), ("2026-03-18", "2026-03-18")]
    told = Notice.objects.filter(created_at=LATER).values_list("kind", flat=True)
    assert list(told) == [NoticeKind.DATE_MOVE]


def test_a_plan_that_returns_into_the_past_is_missed_again(first, by):
    tuesday = datetime(2026, 3, 17, 9, tzinfo=UTC)
    misses.open_miss(first.pk, now=tuesday)
    asked = ask_for_rebaseline(
        {first.pk: AGREED},
        project_id=first.project_id,
        reason="A later export was agreed.",
        decide_by=tuesday + timedelta(days=3),
        by=by,
        now=tuesday,
    )
    mistaken = answer(asked, "accept", now=tuesday)
    assert Miss.objects.get().closed_at == tuesday

    countermand(mistaken, by, now=tuesday)
    misses.open_miss(first.pk, now=tuesday)

    assert Miss.objects.get().closed_at is None


def test_a_plan_that_a_later_answer_was_built_on_stands(first, by):
    mistaken = agreed({first.pk: AGREED}, first.project_id, by)
    later = agreed({first.pk: date(2026, 3, 27)}, first.project_id, by)

    with pytest.raises(Refused) as refusal, transaction.atomic():
        countermand(mistaken, by)
    assert refusal.value.code == "not_undone"
    assert str(refusal.value) == (
        "The client has agreed to 27 March 2026 for 1.1 since. Take that later answer back first."
    )

    countermand(later, by)
    countermand(mistaken, by)

    assert dates(first) == [("2026-03-13", "2026-03-13")]


def test_what_was_closed_meanwhile_keeps_its_plan(first, second, by):
    mistaken = agreed({first.pk: AGREED, second.pk: date(2026, 3, 27)}, first.project_id, by)
    ended = {"stage": Stage.CLOSED, "outcome": "changed_via_scope", "closed_at": MONDAY}
    Milestone.objects.filter(pk=second.pk).update(**ended, open_dependencies="none", next_move_owner="Ada")

    countermand(mistaken, by)

    assert [plan for plan, _ in dates(first, second)] == ["2026-03-13", "2026-03-27"]


def test_one_that_the_same_answer_moved_and_dragged_comes_all_the_way_back(first, by):
    Milestone.objects.filter(pk=first.pk).update(planned_start=date(2026, 3, 9))
    first.refresh_from_db()
    needed = waiting(first, by, starts=date(2026, 3, 3), ends=date(2026, 3, 6), waits=False)
    add_dependency(first, needed, by=by, now=MONDAY)
    mistaken = agreed({first.pk: AGREED, needed.pk: PLANNED}, first.project_id, by)
    assert [to for _, to in dates(first, needed)] == ["2026-03-27", "2026-03-13"]
    assert DateMove.objects.filter(milestone=first, kind=DateKind.FORECAST).count() == 2

    countermand(mistaken, by)

    assert dates(first, needed) == [("2026-03-13", "2026-03-13"), ("2026-03-06", "2026-03-06")]
    assert Notice.objects.filter(kind=NoticeKind.DATE_MOVE, created_at=LATER).count() == 1
