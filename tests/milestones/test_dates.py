"""No silent date moves: reason, cascade and the client's notice are one transaction."""

import itertools
import json
from datetime import date, timedelta

import pytest
from django.core import mail

from journal.models import Delivery, Event
from milestones.actions.dates import confirm_forecast, foresee, move_forecast, preview
from milestones.actions.milestone import add_dependency, add_milestone, change_milestone
from milestones.models import DateMove, Dependency, Milestone, Notice
from milestones.queries import dates as queries
from milestones.slips import Slip
from milestones.words import Attribution, DateKind, MoveReason, NoticeKind, NoticeState
from tenancy.refusal import Refused, Stale
from tests.factories import MONDAY, milestone_in_execution
from tests.plugins.scenes import scene

PLANNED = date(2026, 3, 13)
WHY = "The CRM vendor's sandbox has been down since Monday."


@scene
def first(studio, by):
    return milestone_in_execution(by)


def after(first, by, code="1.2", *, starts=date(2026, 3, 16), ends=date(2026, 3, 18), needs=None, lag=0):
    fields = {"code": code, "name": f"Step {code}", "planned_start": starts, "planned_date": ends}
    made = add_milestone(first.project, fields, by=by, now=MONDAY)
    add_dependency(made, needs or first, lag_days=lag, by=by, now=MONDAY)
    return made


def move(milestone, to, by, **changes):
    said = {"code": MoveReason.THIRD_PARTY, "reason": WHY, **changes}
    return move_forecast(milestone.pk, to, **said, by=by, now=MONDAY)


def test_a_move_keeps_where_it_was_why_and_whose_it_is(first, by):
    (kept,) = move(first, date(2026, 3, 18), by)

    first.refresh_from_db()
    kept.refresh_from_db()
    assert (first.forecast_date, first.planned_date) == (date(2026, 3, 18), PLANNED)
    assert first.forecast_confirmed_at == MONDAY
    assert (kept.kind, kept.from_date, kept.to_date, kept.days) == (
        DateKind.FORECAST,
        PLANNED,
        date(2026, 3, 18),
        5,
    )
    assert (kept.reason_code, kept.reason) == (MoveReason.THIRD_PARTY, WHY)
    assert (kept.attributed_to, kept.by_name) == (Attribution.THIRD_PARTY, by.name)


def test_everything_that_waits_moves_along_and_one_notice_covers_it_all(first, by):
    second = after(first, by)
    third = after(first, by, "1.3", starts=date(2026, 3, 19), ends=date(2026, 3, 20), needs=second)

    moves = move(first, date(2026, 3, 18), by, mitigation="We work on staging data meanwhile.")

    second.refresh_from_db()
    third.refresh_from_db()
    assert [m.milestone_id for m in moves] == [first.pk, second.pk, third.pk]
    assert (second.forecast_date, third.forecast_date) == (date(2026, 3, 23), date(2026, 3, 25))
    assert (second.planned_date, third.planned_date) == (date(2026, 3, 18), date(2026, 3, 20))
    assert {m.root_id for m in moves[1:]} == {moves[0].pk}
    notice = Notice.objects.get(kind=NoticeKind.DATE_MOVE)
    assert notice.state == NoticeState.SENT
    assert notice.subject_id == moves[0].pk
    assert notice.body == (
        "The date of 1.1 Onboarding dashboard published moves from 13 March 2026 to 18 March 2026.\n\n"
        f"Reason: {WHY}\n\n"
        "What we do about it: We work on staging data meanwhile.\n\n"
        "Later milestones:\n"
        "1.2 Step 1.2: 23 March 2026, before 18 March 2026\n"
        "1.3 Step 1.3: 25 March 2026, before 20 March 2026"
    )
    assert Delivery.objects.filter(subject_id=notice.pk).count() == 1


def test_each_moved_milestone_has_one_entry_and_all_share_their_cause(first, by):
    second = after(first, by)

    move(first, date(2026, 3, 18), by)

    told = Event.objects.filter(kind="milestone.forecast_moved").order_by("seq")
    assert [entry.subject_id for entry in told] == [first.pk, second.pk]
    assert len({entry.cause_id for entry in told}) == 1
    assert json.loads(told[1].body)["data"]["because_of"] == "1.1"


def test_a_preview_says_the_same_and_saves_nothing(first, by):
    second = after(first, by)

    shifts = preview(first.pk, date(2026, 3, 18), now=MONDAY)

    assert [(s.milestone_id, s.to) for s in shifts] == [
        (first.pk, date(2026, 3, 18)),
        (second.pk, date(2026, 3, 23)),
    ]
    assert not DateMove.objects.exists()
    assert not Notice.objects.exists()


def test_coming_earlier_moves_only_itself_and_offers_the_rest(first, by):
    second = after(first, by)

    seen = foresee(first.pk, date(2026, 3, 11), now=MONDAY)
    moves = move(first, date(2026, 3, 11), by, code=MoveReason.AHEAD)

    assert [(step.milestone.pk, step.to) for step in seen.offers] == [(second.pk, date(2026, 3, 16))]
    assert [m.milestone_id for m in moves] == [first.pk]


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (PLANNED, "This is the forecast already"),
        (date(2026, 2, 27), "This day has passed"),
        (date(1999, 12, 31), "between 2000 and 2199"),
        (date(2200, 1, 1), "between 2000 and 2199"),
    ],
)
def test_an_impossible_day_is_refused_with_a_sentence(first, by, to, said):
    with pytest.raises(Refused) as refused:
        move(first, to, by)

    assert said in refused.value.fields["date"][0]
    assert not DateMove.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "late"])
def test_a_move_without_a_reason_is_refused(first, by, reason):
    with pytest.raises(Refused) as refused:
        move(first, date(2026, 3, 18), by, reason=reason)

    assert list(refused.value.fields) == ["reason"]


def test_nothing_ends_before_its_planned_start(first, by):
    second = after(first, by)

    with pytest.raises(Refused) as refused:
        move(second, date(2026, 3, 10), by)

    assert refused.value.fields["date"] == ["This lies before the planned start, 16 March 2026."]


def test_pulling_in_ends_where_what_it_needs_lets_it(first, by):
    second = after(first, by)

    with pytest.raises(Refused) as refused:
        move(second, date(2026, 3, 17), by)

    assert refused.value.fields["date"] == [
        "It waits for 1.1, expected on 13 March 2026: 18 March 2026 is the earliest. Pull 1.1 in first."
    ]


def test_a_weekend_is_allowed_but_said(first, by):
    seen = foresee(first.pk, date(2026, 3, 14), now=MONDAY)

    assert not seen.is_working_day
    assert move(first, date(2026, 3, 14), by)[0].to_date == date(2026, 3, 14)


def test_what_was_saved_meanwhile_is_not_run_over(first, by):
    with pytest.raises(Stale):
        move(first, date(2026, 3, 18), by, expected=first.version - 1)


def test_completed_work_moves_no_more(first, by):
    Milestone.objects.filter(pk=first.pk).update(stage="review", completed_at=MONDAY)

    with pytest.raises(Refused, match="completed"):
        move(first, date(2026, 3, 18), by)


def test_without_any_date_there_is_nothing_to_move(first, by):
    undated = add_milestone(first.project, {"code": "1.9", "name": "Later"}, by=by, now=MONDAY)

    with pytest.raises(Refused, match="no date yet"):
        move(undated, date(2026, 3, 18), by)


def test_an_open_blocker_is_reckoned_again_by_the_new_date(first, by):
    Milestone.objects.filter(pk=first.pk).update(blocked_since=MONDAY, critical_at=MONDAY)

    move(first, date(2026, 3, 18), by)

    first.refresh_from_db()
    assert first.critical_at is None


def test_in_setup_the_plan_is_free_and_afterwards_it_is_not(first, by):
    second = after(first, by)

    change_milestone(second.pk, {"planned_date": date(2026, 3, 25)}, by=by, now=MONDAY)
    with pytest.raises(Refused):
        change_milestone(first.pk, {"planned_date": date(2026, 3, 25)}, by=by, now=MONDAY)

    second.refresh_from_db()
    assert (second.planned_date, second.forecast_date) == (date(2026, 3, 25), date(2026, 3, 25))


def test_each_slipped_day_is_attributed_and_what_was_dragged_is_not_counted_twice(first, by):
    after(first, by)
    move(first, date(2026, 3, 18), by)
    move(first, date(2026, 3, 20), by, code=MoveReason.CLIENT_INPUT)
    move(first, date(2026, 3, 19), by, code=MoveReason.AHEAD, attributed_to=Attribution.CLIENT)

    slips = queries.slips_of_project(first.project_id)

    assert slips == {
        Attribution.OURS: Slip(),
        Attribution.CLIENT: Slip(later=2, earlier=1),
        Attribution.THIRD_PARTY: Slip(later=5),
        Attribution.SCOPE: Slip(),
    }
    assert queries.slips_of(first.pk) == slips
    assert slips[Attribution.CLIENT].net == 1


def to_confirm(*, now):
    """Milestones whose forecast waits to be confirmed."""
    waits = queries.is_unconfirmed(**queries.confirmed_before(now))
    return Milestone.objects.annotate(said_at=queries.SAID_AT).filter(waits)


def test_a_forecast_is_confirmed_and_waits_for_it_again_after_a_week(first, by):
    week_later = MONDAY + timedelta(days=7)

    confirm_forecast(first.pk, by=by, now=MONDAY)

    assert list(to_confirm(now=week_later)) == []
    assert list(to_confirm(now=week_later + timedelta(seconds=1))) == [first]
    assert Event.objects.filter(kind="milestone.forecast_confirmed").count() == 1


def test_a_forecast_that_is_dragged_along_is_not_confirmed_by_that(first, by):
    second = after(first, by)

    move(first, date(2026, 3, 18), by)

    second.refresh_from_db()
    assert (second.forecast_date > date(2026, 3, 18), second.forecast_confirmed_at) == (True, None)


def test_an_aggressive_date_waits_for_it_twice_a_week(first, by):
    change_milestone(first.pk, {"is_aggressive": True}, by=by, now=MONDAY)
    confirm_forecast(first.pk, by=by, now=MONDAY)

    assert list(to_confirm(now=MONDAY + timedelta(days=3, hours=12))) == []
    assert list(to_confirm(now=MONDAY + timedelta(days=4))) == [first]


def test_a_date_that_has_passed_cannot_be_confirmed(first, by):
    with pytest.raises(Refused, match="has passed"):
        confirm_forecast(first.pk, by=by, now=MONDAY + timedelta(days=14))


def chain(first, length):
    """Milestones that wait for one another, the given one first."""
    rows = [
        Milestone(
            project=first.project,
            code=f"1.{number}",
            name=f"Step {number}",
            planned_date=PLANNED + timedelta(days=number),
            forecast_date=PLANNED + timedelta(days=number),
            created_at=MONDAY,
        )
        for number in range(2, length + 1)
    ]
    Milestone.objects.bulk_create(rows)
    pairs = itertools.pairwise([first, *rows])
    Dependency.objects.bulk_create([Dependency(milestone=each, needs=needs) for needs, each in pairs])


def test_a_chain_of_two_hundred_is_previewed_in_a_handful_of_statements(first, django_assert_max_num_queries):
    chain(first, 200)

    with django_assert_max_num_queries(10):
        seen = foresee(first.pk, date(2026, 3, 18), now=MONDAY)

    assert len(seen.steps) == 200
    assert mail.outbox == []
