"""After setup a planned date moves only by the client's accepting decision."""

from datetime import UTC, date, datetime, timedelta

import pytest

from journal.models import Event
from milestones.actions import decisions, misses
from milestones.actions.dates import ask_for_rebaseline, move_forecast
from milestones.actions.milestone import add_dependency, add_milestone, change_milestone
from milestones.models import DateMove, DecisionRequest, Miss
from milestones.words import DateKind, MoveReason, RequestKind, RequestState
from tenancy.ids import uuid7
from tenancy.refusal import Refused
from tests.factories import MONDAY, milestone_in_execution
from tests.plugins.scenes import scene

PLANNED = date(2026, 3, 13)
LATER = date(2026, 3, 20)
WHY = "The second export was agreed in the steering meeting."
DECIDE_BY = MONDAY + timedelta(days=3)


@scene
def first(studio, by):
    return milestone_in_execution(by)


def ask(first, by, to=LATER, **changes):
    return ask_for_rebaseline(
        {first.pk: to},
        **{"project_id": first.project_id, "reason": WHY, "decide_by": DECIDE_BY, **changes},
        by=by,
        now=MONDAY,
    )


def answer(request, option, by, now=MONDAY):
    return decisions.decide(
        request.pk,
        option=option,
        name=request.approver.name,
        comment="",
        digest=request.shown_digest,
        contact=request.approver,
        by=by,
        now=now,
    )


def test_the_client_is_asked_with_old_and_new_dates(first, by):
    request = ask(first, by)

    assert (request.kind, request.state) == (RequestKind.REBASELINE, RequestState.PENDING)
    assert request.question == "Do you agree to 20 March 2026 as the new planned date of 1.1?"
    assert "1.1 Onboarding dashboard published: 13 March 2026, new: 20 March 2026" in request.context
    first.refresh_from_db()
    assert first.planned_date == PLANNED


def test_agreement_moves_the_plan_and_a_forecast_that_held_it(first, by):
    fields = {"code": "1.2", "name": "Next", "planned_date": date(2026, 3, 18)}
    second = add_milestone(first.project, {**fields, "planned_start": date(2026, 3, 16)}, by=by, now=MONDAY)
    add_dependency(second, first, by=by, now=MONDAY)

    answer(ask(first, by), "accept", by)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.planned_date, first.forecast_date) == (LATER, LATER)
    assert (second.planned_date, second.forecast_date) == (date(2026, 3, 18), date(2026, 3, 25))
    baseline = DateMove.objects.get(kind=DateKind.BASELINE)
    assert (baseline.from_date, baseline.to_date, baseline.reason) == (PLANNED, LATER, WHY)
    assert baseline.decision.option == "accept"
    assert Event.objects.filter(kind="milestone.rebaselined").count() == 1


def test_a_forecast_that_is_later_stays(first, by):
    said = {"code": MoveReason.ESTIMATE, "reason": WHY}
    move_forecast(first.pk, date(2026, 3, 25), **said, by=by, now=MONDAY)

    answer(ask(first, by), "accept", by)

    first.refresh_from_db()
    assert (first.planned_date, first.forecast_date) == (LATER, date(2026, 3, 25))


def test_a_refusal_leaves_the_plan(first, by):
    answer(ask(first, by), "decline", by)

    first.refresh_from_db()
    assert first.planned_date == PLANNED
    assert not DateMove.objects.exists()


def test_silence_leaves_the_plan(first, by):
    ask(first, by)

    first.refresh_from_db()
    assert first.planned_date == PLANNED


@pytest.mark.parametrize("field", ["planned_date", "forecast_date", "planned_start"])
def test_no_change_of_the_record_moves_an_agreed_date(first, by, field):
    with pytest.raises(Refused) as refused:
        change_milestone(first.pk, {field: LATER}, by=by, now=MONDAY)

    assert field in refused.value.fields


def test_a_moved_forecast_never_moves_the_plan(first, by):
    move_forecast(first.pk, LATER, code=MoveReason.SCOPE_CHANGE, reason=WHY, by=by, now=MONDAY)

    first.refresh_from_db()
    assert first.planned_date == PLANNED


def test_a_new_baseline_settles_the_miss(first, by):
    saturday = datetime(2026, 3, 14, 8, tzinfo=UTC)
    misses.open_miss(first.pk, now=saturday)
    asked = {"project_id": first.project_id, "reason": WHY, "decide_by": saturday + timedelta(days=3)}
    request = ask_for_rebaseline({first.pk: LATER}, **asked, by=by, now=saturday)

    answer(request, "accept", by, now=saturday)

    assert Miss.objects.get().closed_at == saturday


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (PLANNED, "1.1 is planned for this day already."),
        (date(2026, 3, 1), "1.1 would end before its planned start, 2 March 2026."),
        (date(1999, 1, 1), "Give a day between 2000 and 2199."),
    ],
)
def test_a_date_that_cannot_be_meant_is_not_asked_for(first, by, to, said):
    with pytest.raises(Refused) as refused:
        ask(first, by, to)

    assert refused.value.fields == {str(first.pk): [said]}
    assert not DecisionRequest.objects.exists()


def test_a_day_that_has_passed_is_not_asked_for(first, by):
    tuesday = MONDAY + timedelta(days=1)

    with pytest.raises(Refused) as refused:
        ask_for_rebaseline(
            {first.pk: MONDAY.date()},
            project_id=first.project_id,
            reason=WHY,
            decide_by=DECIDE_BY,
            by=by,
            now=tuesday,
        )

    assert refused.value.fields == {str(first.pk): ["This day has passed. Give today or a day to come."]}


def test_in_setup_there_is_nothing_to_agree_to(first, by):
    draft = add_milestone(
        first.project, {"code": "1.2", "name": "Next", "planned_date": PLANNED}, by=by, now=MONDAY
    )

    with pytest.raises(Refused) as refused:
        ask(draft, by)

    assert "still in setup" in refused.value.fields[str(draft.pk)][0]


def test_a_new_baseline_needs_its_reason(first, by):
    with pytest.raises(Refused) as refused:
        ask(first, by, reason=" ")

    assert list(refused.value.fields) == ["reason"]


def test_only_milestones_of_the_project_are_asked_about(first, by):
    with pytest.raises(Refused) as refused:
        ask(first, by, project_id=uuid7())

    assert list(refused.value.fields) == ["planned"]


def test_two_questions_about_one_plan_do_not_wait_at_once(first, by):
    ask(first, by)

    with pytest.raises(Refused, match="waits for Dan Decider's answer"):
        ask(first, by, date(2026, 3, 23))


def test_a_forecast_decades_away_is_refused(first, by):
    with pytest.raises(Refused) as refusal:
        move_forecast(first.pk, date(2099, 1, 1), code=MoveReason.ESTIMATE, reason=WHY, by=by, now=MONDAY)

    assert set(refusal.value.fields) == {"date"}
