"""The label as it is written: yellow before red, each change with its entry and its notice."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import IntegrityError, connections
from django.test.utils import CaptureQueriesContext

from escalation.actions import open_blocker, resolve
from escalation.models import BlockerType
from journal.models import Delivery, Event, State
from milestones import figures
from milestones.actions import labels
from milestones.actions.milestone import add_milestone
from milestones.actions.notices import NOBODY
from milestones.models import Contact, LabelChange, Milestone, Notice, Pulse
from milestones.queries.labels import Warnings, early_warnings, facts
from milestones.schedule import label
from milestones.sweeps.figures import evaluate_figures
from milestones.sweeps.labels import follow_labels
from milestones.sweeps.notices import follow_messages
from milestones.words import BlockerStatus, Colour, NoticeKind, NoticeState, Stage
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PLANNED = datetime(2026, 3, 13, 12, tzinfo=UTC)


@pytest.fixture
def owner(fresh_database):
    return factories.person()


@pytest.fixture
def by(owner):
    return factories.actor(owner)


@pytest.fixture
def studio(owner):
    return factories.workspace(owner)


@pytest.fixture
def milestone(studio, by):
    with inside(studio):
        made = milestone_in_execution(by)
    follow_labels(now=MONDAY)
    return made


def _fresh(milestone):
    with inside(milestone.workspace_id):
        milestone.refresh_from_db()
    return milestone


def _evaluate(milestone, now):
    with inside(milestone.workspace_id):
        labels.evaluate(milestone.pk, now=now)
        milestone.refresh_from_db()
    return milestone.colour, milestone.turning_red


def _forecast(milestone, days, *, after=PLANNED):
    with inside(milestone.workspace_id):
        Milestone.objects.filter(pk=milestone.pk).update(forecast_date=(after + days * DAY).date())


def _block(milestone, by, now=MONDAY):
    with inside(milestone.workspace_id):
        return open_blocker(
            milestone.pk, type=BlockerType.INPUT, title="No data", stops_path=True, by=by, now=now
        )


def _kinds(milestone):
    with inside(milestone.workspace_id):
        return list(Notice.objects.order_by("number").values_list("kind", flat=True))


def _changes(milestone):
    with inside(milestone.workspace_id):
        return list(LabelChange.objects.order_by("at", "id").values_list("before", "after"))


def test_a_first_label_may_be_any_and_tells_nobody(studio, by):
    with inside(studio):
        milestone = factories.engagement(by).milestone

    assert follow_labels(now=PLANNED + 30 * DAY) == 1

    assert (_fresh(milestone).colour, _changes(milestone), _kinds(milestone)) == ("delayed", [], [])


def test_red_is_written_by_way_of_yellow_with_entries_and_notices(milestone, by):
    _block(milestone, by)

    first = _evaluate(milestone, MONDAY + MINUTE)
    second = _evaluate(milestone, MONDAY + 2 * MINUTE)

    assert (first, second) == (("at_risk", True), ("blocked", False))
    assert _changes(milestone) == [("on_track", "at_risk"), ("at_risk", "blocked")]
    assert _kinds(milestone) == [NoticeKind.EARLY_WARNING, NoticeKind.LATE]
    with inside(milestone.workspace_id):
        entries = Event.objects.filter(kind="label.changed").order_by("seq")
        assert [entry.thread_id for entry in entries] == [milestone.pk] * 2


def test_red_waits_until_the_warning_is_committed(milestone, by):
    _block(milestone, by)

    with inside(milestone.workspace_id):
        labels.evaluate(milestone.pk, now=MONDAY + MINUTE)
        labels.evaluate(milestone.pk, now=MONDAY + 2 * MINUTE)
        assert Milestone.objects.get(pk=milestone.pk).colour == Colour.AT_RISK

    assert _evaluate(milestone, MONDAY + 3 * MINUTE) == ("blocked", False)


def test_a_run_of_the_sweep_writes_yellow_and_the_next_one_red(milestone, by):
    _block(milestone, by)

    colours = []
    for minutes in (1, 2, 3):
        follow_labels(now=MONDAY + minutes * MINUTE)
        _fresh(milestone)
        colours.append(milestone.colour)

    assert colours == ["at_risk", "blocked", "blocked"]


def test_the_warning_says_cause_effect_and_what_is_done(milestone, by):
    _forecast(milestone, 4)

    _evaluate(milestone, MONDAY + MINUTE)

    with inside(milestone.workspace_id):
        notice = Notice.objects.get()
        delivery = Delivery.objects.get(pk=notice.delivery_id)
    assert (notice.state, delivery.address) == (NoticeState.SENT, "carla@client.example")
    assert "4 days after the planned 13 March 2026" in notice.body
    assert "later milestones" in notice.body
    assert "What we do" in notice.body


def test_without_an_address_red_follows_all_the_same(milestone, by):
    with inside(milestone.workspace_id):
        Contact.objects.filter(pk=milestone.owner_client_id).update(email="")
    _block(milestone, by)

    assert [_evaluate(milestone, MONDAY + n * MINUTE)[0] for n in (1, 2)] == ["at_risk", "blocked"]
    with inside(milestone.workspace_id):
        assert set(Notice.objects.values_list("state", "problem")) == {(NoticeState.BOUNCED, NOBODY)}


def test_a_warning_covers_a_return_to_yellow_for_a_week(milestone):
    times = []
    for days, start in ((0, MONDAY), (6, MONDAY), (9, MONDAY)):
        _forecast(milestone, 3)
        _evaluate(milestone, start + days * DAY + MINUTE)
        times.append(len(_kinds(milestone)))
        _forecast(milestone, 0)
        _evaluate(milestone, start + days * DAY + 2 * MINUTE)

    assert times == [1, 1, 2]


def test_review_keeps_the_colour_and_the_latch_compares_with_it(milestone, by):
    with inside(milestone.workspace_id):
        Milestone.objects.filter(pk=milestone.pk).update(stage=Stage.REVIEW, completed_at=MONDAY)
    _block(milestone, by)
    kept = _evaluate(milestone, MONDAY + MINUTE)
    with inside(milestone.workspace_id):
        Milestone.objects.filter(pk=milestone.pk).update(stage=Stage.EXECUTION, completed_at=None)

    assert (kept, _evaluate(milestone, MONDAY + 2 * MINUTE)) == (("on_track", False), ("at_risk", True))


def test_red_that_went_away_before_it_was_written_was_never_shown(milestone, by):
    blocker = _block(milestone, by)
    _evaluate(milestone, MONDAY + MINUTE)
    with inside(milestone.workspace_id):
        resolve(blocker.pk, resolution="The data came.", by=by, now=MONDAY + MINUTE)

    assert _evaluate(milestone, MONDAY + 2 * MINUTE) == ("on_track", False)


def test_yellow_that_was_the_first_label_is_warned_of_before_red(studio, by):
    with inside(studio):
        milestone = milestone_in_execution(by)
    _forecast(milestone, 3)
    follow_labels(now=MONDAY)
    _forecast(milestone, 9)

    seen = [_evaluate(milestone, MONDAY + n * MINUTE) for n in (1, 2)]

    assert seen == [("at_risk", True), ("delayed", False)]
    assert _kinds(milestone) == [NoticeKind.EARLY_WARNING, NoticeKind.LATE]


def test_red_within_an_hour_of_green_counts_as_a_warning_missed(milestone, by):
    _block(milestone, by)
    _evaluate(milestone, MONDAY + MINUTE)
    _evaluate(milestone, MONDAY + 3 * HOUR)

    with inside(milestone.workspace_id):
        assert early_warnings(since=MONDAY, until=MONDAY + DAY) == Warnings(given=1, missed=1)


def test_red_after_a_day_of_yellow_was_warned_of_in_time(milestone, by):
    _forecast(milestone, 3)
    _evaluate(milestone, MONDAY + MINUTE)
    _forecast(milestone, 9)
    _evaluate(milestone, MONDAY + DAY)

    with inside(milestone.workspace_id):
        assert early_warnings(since=MONDAY, until=MONDAY + 2 * DAY) == Warnings(given=1, missed=0)
    assert milestone.colour == "delayed"


@pytest.mark.parametrize("red", ["delayed", "blocked"])
def test_the_database_refuses_red_after_green(milestone, red):
    with pytest.raises(IntegrityError, match="by way of yellow"), inside(milestone.workspace_id):
        Milestone.objects.filter(pk=milestone.pk).update(colour=red)


def test_the_database_refuses_red_without_a_warning(milestone):
    with inside(milestone.workspace_id):
        Milestone.objects.filter(pk=milestone.pk).update(colour=Colour.AT_RISK)

    with pytest.raises(IntegrityError, match="after a warning"), inside(milestone.workspace_id):
        Milestone.objects.filter(pk=milestone.pk).update(colour=Colour.DELAYED)


def test_the_database_refuses_an_entry_from_green_to_red(milestone):
    with pytest.raises(IntegrityError, match="yellow_comes_before_red"), inside(milestone.workspace_id):
        LabelChange.objects.create(
            milestone=milestone, at=MONDAY, before=Colour.ON_TRACK, after=Colour.DELAYED, reason="x"
        )


def test_time_alone_turns_the_label_at_the_days_it_can(milestone):
    colours = []
    for days in (0, 1, 7, 8):
        now = PLANNED + days * DAY
        follow_labels(now=now)
        follow_labels(now=now + MINUTE)
        _fresh(milestone)
        colours.append(milestone.colour)

    assert colours == ["on_track", "at_risk", "at_risk", "delayed"]


def test_the_next_look_is_when_a_day_begins_in_the_workspaces_zone(owner, by):
    with inside(factories.workspace(owner, time_zone="Asia/Tokyo")):
        milestone = milestone_in_execution(by)
        labels.evaluate(milestone.pk, now=MONDAY)

        due = Pulse.objects.get(milestone=milestone)

    assert (due.label_due_at, due.needs_label) == (datetime(2026, 3, 14, 15, tzinfo=UTC), False)


def test_an_idle_sweep_asks_once_and_reads_no_milestone(milestone):
    follow_labels(now=MONDAY + MINUTE)

    with (
        CaptureQueriesContext(connections["jobs"]) as asked,
        CaptureQueriesContext(connections["default"]) as own,
    ):
        assert follow_labels(now=MONDAY + 2 * MINUTE) == 0

    assert sum("milestones_pulse" in query["sql"] for query in asked.captured_queries) == 1
    assert len(own) == 0


def test_unchanged_labels_are_settled_by_one_statement(milestone, by):
    with inside(milestone.workspace_id):
        for n in range(5):
            plan = {"code": f"2.{n}", "name": "More", "planned_date": PLANNED.date()}
            add_milestone(milestone.project, plan, by=by, now=MONDAY)
    follow_labels(now=MONDAY)
    with inside(milestone.workspace_id):
        Pulse.objects.update(changed_at=MONDAY)

    with CaptureQueriesContext(connections["default"]) as own:
        assert follow_labels(now=MONDAY + MINUTE) == 6

    assert len(own) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_statement_says_what_the_pure_rules_say(milestone, by, seed):
    chance = Random(seed)
    with inside(milestone.workspace_id):
        made = [_at_random(chance, milestone, n, by) for n in range(25)]
    now = PLANNED + timedelta(hours=chance.randint(-200, 200))

    follow_labels(now=now)

    with inside(milestone.workspace_id):
        for row in Milestone.objects.filter(pk__in=made):
            known = facts(row, today=now.date(), zone=UTC)
            expected = label(known).colour if row.planned_date else None
            assert row.colour == (expected or ""), known
            turns_on = labels._turns_on(row, known)
            assert Pulse.objects.get(milestone=row).label_due_at == (
                datetime(turns_on.year, turns_on.month, turns_on.day, tzinfo=UTC) if turns_on else None
            )


def _at_random(chance, first, n, by):
    plan = {
        "code": f"r{n}",
        "name": "Anything",
        "output": "Something is live.",
        "approval_channel": "link",
        "owner_primary": first.owner_primary,
        "owner_client": first.owner_client,
        "approver": first.approver,
        "planned_date": (PLANNED + chance.randint(-9, 9) * DAY).date(),
    }
    made = add_milestone(first.project, plan, by=by, now=MONDAY)
    stage = chance.choice(
        [Stage.SETUP, Stage.EXECUTION, Stage.EXECUTION, Stage.QA, Stage.REVIEW, Stage.CLOSEOUT]
    )
    paused = chance.random() < 0.15
    Milestone.objects.filter(pk=made.pk).update(
        stage=stage,
        planned_date=None if stage == Stage.SETUP and chance.random() < 0.3 else made.planned_date,
        execution_started_at=None if stage == Stage.SETUP else MONDAY,
        completed_at=PLANNED if stage in (Stage.REVIEW, Stage.CLOSEOUT) else None,
        accepted_at=PLANNED if stage == Stage.CLOSEOUT else None,
        forecast_date=(PLANNED + chance.randint(-3, 12) * DAY).date(),
        blocker_status=chance.choice([*[BlockerStatus.OPEN] * 4, BlockerStatus.CRITICAL]),
        stopped_since=MONDAY if chance.random() < 0.15 else None,
        open_rules=chance.choice([[], [], ["no_progress"], ["blocker_aging", "quality_failing"]]),
        figures_warn=chance.random() < 0.2,
        paused_at=MONDAY if paused else None,
        paused_until=PLANNED.date() if paused else None,
        pause_reason="The client is away." if paused else "",
    )
    return made.pk


@pytest.mark.parametrize("seed", range(3))
def test_the_daily_statement_says_what_the_pure_rule_says(milestone, seed):
    chance, said = Random(seed), figures.Figures()
    with inside(milestone.workspace_id):
        Pulse.objects.update(work_done=chance.choice([4, 5, 5, 9]))
        completions = Pulse.objects.get(milestone=milestone).work_done
    for day in range(20):
        probability, risk = chance.choice([None, 40, 59, 70, 90]), chance.choice([None, 20, 45, 51, 80])
        with inside(milestone.workspace_id):
            Milestone.objects.filter(pk=milestone.pk).update(
                on_time_probability=probability, delivery_risk_score=risk
            )
        enough = figures.is_enough(completions, 0)
        said = figures.after_a_day(said, probability, risk, is_enough=enough)

        assert [
            evaluate_figures(now=MONDAY + day * DAY),
            evaluate_figures(now=MONDAY + day * DAY + HOUR),
        ] == [1, 0]

        _fresh(milestone)
        assert figures.Figures(milestone.figures_warn, milestone.figures_days) == said


def test_figures_that_begin_to_warn_turn_the_label_yellow(milestone):
    with inside(milestone.workspace_id):
        Pulse.objects.update(work_done=5)
        Milestone.objects.update(delivery_risk_score=51)
    for day in (0, 1):
        evaluate_figures(now=MONDAY + day * DAY)

    follow_labels(now=MONDAY + DAY + MINUTE)

    _fresh(milestone)
    assert milestone.colour == Colour.AT_RISK


def test_opening_and_resolving_a_blocker_asks_for_a_label(milestone, by):
    asked = []
    blocker = _block(milestone, by)
    with inside(milestone.workspace_id):
        asked.append(Pulse.objects.get(milestone=milestone).needs_label)
    follow_labels(now=MONDAY)
    follow_labels(now=MONDAY + MINUTE)
    with inside(milestone.workspace_id):
        asked.append(Pulse.objects.get(milestone=milestone).needs_label)
        resolve(blocker.pk, resolution="It came.", by=by, now=MONDAY + MINUTE)
        asked.append(Pulse.objects.get(milestone=milestone).needs_label)

    assert asked == [True, False, True]


def test_messages_that_ended_are_brought_back_to_their_notices(milestone):
    _forecast(milestone, 3)
    _evaluate(milestone, MONDAY + MINUTE)
    with inside(milestone.workspace_id):
        Delivery.objects.update(state=State.PARKED, finished_at=MONDAY + HOUR, last_error="550 gone")

    looked_at = [follow_messages(now=MONDAY + HOUR), follow_messages(now=MONDAY + HOUR)]

    with inside(milestone.workspace_id):
        assert (looked_at, Notice.objects.get().state) == ([1, 0], NoticeState.BOUNCED)
