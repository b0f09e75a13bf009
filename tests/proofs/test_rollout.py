"""The first ninety days: each phase's weeks, and whether it has reached what it is for."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.actions import open_blocker, respond
from escalation.models import BlockerType
from journal.models import Event
from milestones.actions.clients import add_project
from milestones.models import Milestone, Project
from proofs import rollout
from proofs.actions.packets import assemble
from proofs.actions.rollout import set_start
from proofs.expansion import DeliveredProof
from proofs.models import Rollout
from proofs.queries.rollout import rollout_of, told_of
from proofs.rollout import FIRST, NAMED, PHASES, Answered, Clocked, NewProject, State
from tenancy.ids import uuid7
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.publishing import publish

TODAY = MONDAY.date()
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def test_four_phases_fill_thirteen_weeks_without_a_gap():
    windows = [rollout.window(phase, TODAY) for phase in PHASES]

    assert [(each.last - each.first).days + 1 for each in windows] == [14, 21, 28, 28]
    assert windows[0].first == TODAY
    assert windows[-1].last == TODAY + 13 * WEEK - DAY
    assert [after.first - before.last for before, after in pairwise(windows)] == [DAY] * 3


@pytest.mark.parametrize(
    ("today", "week"),
    [(-8, 0), (-1, 0), (0, 1), (6, 1), (7, 2), (90, 13), (91, 14)],
)
def test_weeks_are_counted_from_the_first_day(today, week):
    assert rollout.week_of(TODAY + today * DAY, TODAY) == week


def project(*missing):
    return NewProject(uuid7(), "Onboarding, Northwind", missing)


def test_every_new_project_needs_a_complete_record():
    half = rollout.complete_records([project(), project("approver", "planned date")])
    whole = rollout.complete_records([project(), project()])

    assert (half.state, half.value, half.n) == (State.NOT_YET, Decimal("50.0"), 2)
    assert [(each.name, each.why) for each in half.missing] == [
        ("Onboarding, Northwind", "The record lacks approver, planned date.")
    ]
    assert half.said == "1 of 2 new projects have a complete record."
    assert (whole.state, whole.value, whole.missing) == (State.PASSED, Decimal("100.0"), ())


def blocker(hours, *, answered=True):
    return Answered(uuid7(), "Blocker #1 “Access”", Decimal(hours), answered)


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        (["7.9999"], State.PASSED),
        (["8"], State.NOT_YET),
        (["1", "14.9"], State.PASSED),
        (["1", "15"], State.NOT_YET),
    ],
)
def test_the_mean_response_is_under_eight_hours(hours, state):
    assert rollout.response_times([blocker(each) for each in hours]).state == state


@pytest.mark.parametrize(
    ("hours", "state", "n"), [("7.9999", State.NO_DATA, 0), ("8", State.NOT_YET, 1), ("30", State.NOT_YET, 1)]
)
def test_a_blocker_that_nobody_answers_counts_once_its_time_is_up(hours, state, n):
    found = rollout.response_times([blocker(hours, answered=False)])

    assert (found.state, found.n) == (state, n)


def test_slow_answers_are_named_the_slowest_first():
    found = rollout.response_times([blocker("9"), blocker("1"), blocker("20", answered=False)])

    assert [each.why for each in found.missing] == [
        "Has waited for 20.0 working hours.",
        "Answered after 9.0 working hours.",
    ]


def packet(*, same_day, published=True):
    return Clocked(uuid7(), "1.1 Dashboard, Onboarding", published, same_day)


def test_every_packet_keeps_its_day():
    late = rollout.published_same_day(
        [packet(same_day=True), packet(same_day=False), packet(same_day=False, published=False)]
    )
    kept = rollout.published_same_day([packet(same_day=True)])

    assert (late.state, late.value, late.n) == (State.NOT_YET, Decimal("33.3"), 3)
    assert [each.why for each in late.missing] == [
        "Published after the day had ended.",
        "Not published; its day is over.",
    ]
    assert (kept.state, kept.value) == (State.PASSED, Decimal("100.0"))


def proofs(*, first, later, of):
    reached = [True] * first + [False] * (FIRST - first) + [True] * later + [False] * (of - later)
    return [DeliveredProof(MONDAY, MONDAY if each else None) for each in reached]


@pytest.mark.parametrize(
    ("first", "later", "of", "state", "value"),
    [
        (5, 6, 10, State.PASSED, "20.0"),
        (5, 59, 100, State.NOT_YET, "18.0"),
        (5, 5, 10, State.NOT_YET, "0.0"),
        (5, 1, 10, State.NOT_YET, "-80.0"),
        (3, 5, 12, State.PASSED, "38.9"),
        (0, 1, 10, State.PASSED, None),
        (0, 0, 10, State.NOT_YET, None),
        (10, 10, 10, State.NOT_YET, "0.0"),
    ],
)
def test_later_packets_lead_to_a_fifth_more_conversations(first, later, of, state, value):
    found = rollout.expansion(proofs(first=first, later=later, of=of))

    assert (found.state, found.n) == (state, FIRST + of)
    assert found.value == (None if value is None else Decimal(value))


def test_the_comparison_is_told_with_both_numbers():
    found = rollout.expansion(proofs(first=3, later=5, of=12))

    assert found.said == (
        "Of the first 10, 3 led to a conversation (30.0%); of 12 later ones, 5 (41.7%): up 38.9%."
    )


@pytest.mark.parametrize(
    ("first", "later", "of", "why"),
    [
        (5, 4, 10, "2 more of the later packets must lead to one."),
        (10, 9, 10, "More of them have to be delivered: these alone cannot reach it."),
    ],
)
def test_what_is_missing_to_expand_is_counted(first, later, of, why):
    (missing,) = rollout.expansion(proofs(first=first, later=later, of=of)).missing

    assert missing.why == why


@pytest.mark.parametrize("n", [0, 1, 9, 10])
def test_ten_packets_or_fewer_are_no_baseline_yet(n):
    found = rollout.expansion(proofs(first=5, later=0, of=0)[:n])

    assert (found.state, found.value, found.n) == (State.NO_DATA, None, n)
    assert found.said.startswith(f"No baseline yet: {n} packet")


@given(first=st.integers(0, FIRST), of=st.integers(1, 60), data=st.data())
def test_one_more_conversation_never_makes_it_worse(first, of, data):
    later = data.draw(st.integers(0, of - 1))

    before = rollout.expansion(proofs(first=first, later=later, of=of))
    after = rollout.expansion(proofs(first=first, later=later + 1, of=of))

    assert (before.state, after.state) != (State.PASSED, State.NOT_YET)


@pytest.mark.parametrize(
    "none", [rollout.complete_records, rollout.response_times, rollout.published_same_day, rollout.expansion]
)
def test_no_case_is_no_data_and_no_zero(none):
    found = none([])

    assert (found.state, found.value, found.n, found.missing) == (State.NO_DATA, None, 0, ())


def test_a_long_list_names_twenty_and_counts_the_others():
    found = rollout.complete_records([project("approver")] * (NAMED + 3))

    assert (len(found.missing), found.more) == (NAMED, 3)


@pytest.mark.parametrize(("today", "time"), [(13, "ahead"), (14, "running"), (34, "running"), (35, "over")])
def test_a_phase_knows_its_time(today, time):
    passed = rollout.response_times([blocker("1")])

    told = rollout.told(PHASES[1], TODAY, passed, today=TODAY + today * DAY)

    assert told.time == time
    assert (told.result.state == State.NO_DATA) == (time == "ahead")


# What the data of a workspace come to.


@scene
def began(studio, by):
    set_start(studio, TODAY, by=by, now=MONDAY)
    return studio


def phase(studio, number, *, now):
    return told_of(studio, now=now).phases[number - 1].result


def test_a_project_with_its_kickoff_in_the_first_weeks_needs_its_record(began, by):
    kickoff = factories.engagement(by)
    factories.milestone_in_execution(by, project_name="Whole", account_name="Other")
    Milestone.objects.filter(pk=kickoff.milestone.pk).update(
        approver=None, review_owner=None, invoice_trigger=""
    )

    found = phase(began, 1, now=MONDAY)

    assert (found.state, found.value, found.n) == (State.NOT_YET, Decimal("50.0"), 2)
    assert [(each.id, each.name, each.why) for each in found.missing] == [
        (
            kickoff.project.pk,
            "Onboarding, Northwind",
            "The record lacks approver, invoice trigger, review owner.",
        )
    ]


def test_a_project_without_any_milestone_has_no_record(began, by):
    kickoff = factories.engagement(by)
    add_project(account=kickoff.account, name="Bare", kickoff_completed_at=MONDAY, by=by, now=MONDAY)

    found = phase(began, 1, now=MONDAY)

    assert [(each.name, each.why) for each in found.missing] == [
        ("Bare, Northwind", "The record lacks a first milestone.")
    ]


@pytest.mark.parametrize(
    ("kickoff", "counts"),
    [
        (datetime(2026, 3, 1, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 1, 23, tzinfo=UTC), True),
        (datetime(2026, 3, 15, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 15, 23, tzinfo=UTC), False),
    ],
)
def test_weeks_are_those_of_the_workspaces_zone(began, by, kickoff, counts):
    type(began).objects.filter(pk=began.pk).update(time_zone="Europe/Vienna")
    began.refresh_from_db()
    made = factories.engagement(by)
    Project.objects.filter(pk=made.project.pk).update(kickoff_completed_at=kickoff)

    assert phase(began, 1, now=MONDAY + 30 * DAY).n == int(counts)


def test_blockers_of_the_second_phase_are_timed_in_working_hours(began, by):
    """Opened on Wednesday at 16:00, answered on Thursday at 10:00: two hours of nine to five."""
    opened = MONDAY + 2 * WEEK + 2 * DAY + 7 * HOUR
    milestone = factories.milestone_in_execution(by)
    early = open_blocker(milestone.pk, type=BlockerType.INPUT, title="Before", by=by, now=MONDAY)
    timely = open_blocker(milestone.pk, type=BlockerType.INPUT, title="Access", by=by, now=opened)
    open_blocker(milestone.pk, type=BlockerType.INPUT, title="Silent", by=by, now=opened)
    respond(early.pk, response="Late", by=by, now=opened)
    respond(timely.pk, response="Here", by=by, now=opened + 18 * HOUR)

    young = phase(began, 2, now=opened + 18 * HOUR)
    later = phase(began, 2, now=opened + 7 * DAY)

    assert (young.state, young.value, young.n) == (State.PASSED, Decimal("2.0"), 1)
    assert (later.state, later.n) == (State.NOT_YET, 2)
    assert [(each.name, each.why) for each in later.missing] == [
        ("Blocker #3 “Silent”", "Has waited for 40.0 working hours.")
    ]


def accepted(by, number, *, at):
    return factories.milestone_in_closeout(by, now=at, project_name=f"P{number}", account_name=f"A{number}")


def test_packets_of_the_third_phase_keep_their_day_or_are_named(began, by):
    first = MONDAY + 5 * WEEK
    publish(accepted(by, 1, at=first), by, now=first)
    publish(accepted(by, 2, at=first), by, now=first + DAY)
    assemble(accepted(by, 3, at=first).pk, now=first)

    the_same_day = phase(began, 3, now=first + HOUR)
    days_later = phase(began, 3, now=first + 2 * DAY)

    assert (the_same_day.state, the_same_day.n) == (State.NOT_YET, 2)
    assert (days_later.state, days_later.value, days_later.n) == (State.NOT_YET, Decimal("33.3"), 3)
    assert [each.why for each in days_later.missing] == [
        "Published after the day had ended.",
        "Not published; its day is over.",
    ]


def test_a_phase_to_come_says_when_it_begins(began):
    assert phase(began, 3, now=MONDAY).said == "Begins on 6 April 2026."


def test_without_a_word_it_begins_when_the_workspace_was_made(studio):
    told = told_of(studio, now=MONDAY)

    assert (told.started_on, told.version) == (studio.created_at.date(), 1)
    assert not Rollout.objects.exists()


def test_the_first_day_is_set_and_journalled(studio, by):
    before = rollout_of(studio).started_on

    set_start(studio, TODAY, by=by, now=MONDAY)

    event = Event.objects.get(kind="rollout.changed")
    assert rollout_of(studio).started_on == TODAY
    assert f'"started_on":["{before}","2026-03-02"]' in event.body


def test_the_same_day_again_changes_nothing(began, by):
    set_start(began, TODAY, by=by, now=MONDAY)

    assert Event.objects.filter(kind="rollout.changed").count() == 1


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_who_saved_first_is_not_overwritten(began, by, expected):
    with pytest.raises(Stale):
        set_start(began, TODAY + DAY, expected=expected, by=by, now=MONDAY)


def test_a_day_out_of_reach_is_refused(studio, by):
    with pytest.raises(Refused) as refused:
        set_start(studio, date(1999, 12, 31), by=by, now=MONDAY)

    assert "started_on" in refused.value.fields
