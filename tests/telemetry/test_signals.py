"""The daily rules as a sweep: when signals open and close, what they do, and that each is told once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from escalation.actions import open_blocker, resolve
from escalation.models import Blocker, BlockerType
from journal.actors import Actor
from journal.models import Delivery, Event, State
from journal.outbox import BACKOFF, send_next
from milestones.actions.quality import record_qa_run
from milestones.actions.recourse import choose, end
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.models import ChangeRequest, Contact, Milestone
from milestones.words import ChangeState, Way
from telemetry.actions.findings import replay, tell_signals
from telemetry.models import Signal
from telemetry.sweeps.heartbeat import check_due
from tenancy.door import inside
from tenancy.models import Workspace
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY, milestone_in_execution
from workspaces.actions import set_thresholds
from workspaces.models import Membership, Role

pytestmark = pytest.mark.slow
INSTANT = timedelta(microseconds=1)
DAY = timedelta(hours=24)


@pytest.fixture
def milestone(workspace: Workspace, by: Actor) -> Milestone:
    with inside(workspace):
        return milestone_in_execution(by)


@pytest.fixture
def heartbeat(workspace: Workspace) -> Callable[[datetime], set[str]]:
    def beat(now: datetime) -> set[str]:
        check_due(now=now)
        tell_signals(now=now)
        with inside(workspace):
            return set(Signal.objects.filter(closed_at=None).values_list("rule", flat=True))

    return beat


def test_silence_is_a_signal_beyond_24_hours_and_not_before(milestone, heartbeat):
    assert heartbeat(MONDAY + DAY) == set()
    assert heartbeat(MONDAY + DAY + INSTANT) == {"no_progress"}


def test_a_workspace_may_allow_more_silence_and_the_signal_says_so(workspace, milestone, heartbeat, by):
    with inside(workspace):
        set_thresholds({"no_progress_hours": 30}, by=by, now=MONDAY)

    before, after = heartbeat(MONDAY + timedelta(hours=30)), heartbeat(MONDAY + timedelta(hours=31))

    assert (before, after) == (set(), {"no_progress"})
    with inside(workspace):
        assert Signal.objects.get().threshold == 30


def test_progress_ends_a_silence(workspace, milestone, heartbeat, by):
    later = MONDAY + DAY + timedelta(hours=2)
    heartbeat(later)
    with inside(workspace):
        record_progress(milestone.pk, done="Login works", by=by, now=later)

    assert heartbeat(later + timedelta(minutes=1)) == set()
    assert heartbeat(later + DAY + INSTANT) == {"no_progress"}


def test_silence_asks_the_owner_once_for_a_standup(workspace, milestone, heartbeat):
    noon = MONDAY + timedelta(hours=27)
    heartbeat(noon)
    heartbeat(noon + timedelta(minutes=1))

    with inside(workspace):
        mail = Delivery.objects.get(kind="standup_request")
    assert (mail.address, mail.due_at, mail.state) == ("ada@studio.example", noon, State.QUEUED)
    assert (
        "No progress update or work-item change for 27 h, 11 of them working hours." in mail.payload["text"]
    )
    assert f"/w/{workspace.slug}/milestones/{milestone.pk}/" in mail.payload["html"]


def test_an_owner_who_left_is_told_nothing_more(workspace, milestone, heartbeat):
    bob = factories.person("bob@studio.example", "Bob Builder")
    with inside(workspace):
        left = Membership.objects.create(user=bob, role=Role.MEMBER, joined_at=MONDAY, ended_at=MONDAY)
        Milestone.objects.filter(pk=milestone.pk).update(owner_primary=left)

    heartbeat(MONDAY + timedelta(hours=27))

    with inside(workspace):
        assert Delivery.objects.get(kind="standup_request").address == "ada@studio.example"


def test_outside_working_hours_the_request_waits_and_says_so(workspace, milestone, heartbeat):
    heartbeat(MONDAY + timedelta(hours=34))  # Tuesday, 19:00

    with inside(workspace):
        mail = Delivery.objects.get(kind="standup_request")
    assert mail.due_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert "This message waited for your working hours." in mail.payload["text"]


def test_a_standup_that_came_by_itself_withdraws_the_request(workspace, milestone, heartbeat, by):
    night = MONDAY + timedelta(hours=34)
    heartbeat(night)
    with inside(workspace):
        record_progress(milestone.pk, done="Login works", by=by, now=night)

    heartbeat(night + timedelta(minutes=1))

    with inside(workspace):
        assert Delivery.objects.get(kind="standup_request").state == State.WITHDRAWN


@pytest.mark.parametrize(("moved", "ended"), [(True, State.WITHDRAWN), (False, State.SENT)])
def test_what_facts_overtook_is_not_sent_although_no_sweep_ran_since(
    workspace, milestone, heartbeat, by, moved, ended
):
    noon = MONDAY + timedelta(hours=27)
    heartbeat(noon)
    with inside(workspace):
        if moved:
            record_progress(milestone.pk, done="Login works", by=by, now=noon + timedelta(hours=1))

    send_next(now=noon + timedelta(hours=2))

    with inside(workspace):
        assert Delivery.objects.get(kind="standup_request").state == ended


def test_a_milestone_that_was_paused_meanwhile_is_not_asked_how_it_goes(workspace, milestone, heartbeat, by):
    noon = MONDAY + timedelta(hours=27)
    heartbeat(noon)
    with inside(workspace):
        taken = choose(milestone.pk, Way.PAUSE, reason="No access.", until=date(2026, 3, 9), by=by, now=noon)
        end(taken.pk, by=by, now=noon + timedelta(hours=1))

    send_next(now=noon + timedelta(hours=2))

    with inside(workspace):
        assert Delivery.objects.get(kind="standup_request").state == State.WITHDRAWN


@pytest.mark.parametrize("is_resolved", [True, False])
def test_who_can_end_a_blocker_hears_of_it_only_while_there_is_one(
    workspace, milestone, heartbeat, by, is_resolved
):
    with inside(workspace):
        blocker = open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
    heartbeat(MONDAY + timedelta(hours=24))
    with inside(workspace):
        if is_resolved:
            Blocker.objects.filter(pk=blocker.pk).update(resolved_at=MONDAY + DAY, resolution="It came")
            Milestone.objects.filter(pk=milestone.pk).update(blocked_since=None)

    send_next(now=MONDAY + timedelta(hours=25))

    with inside(workspace):
        aging = Delivery.objects.get(kind="blocker_aging")
    assert aging.state == (State.WITHDRAWN if is_resolved else State.SENT)


def test_a_blocker_is_a_signal_beyond_18_hours(workspace, milestone, heartbeat, by):
    with inside(workspace):
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)

    assert heartbeat(MONDAY + timedelta(hours=18)) == set()
    assert heartbeat(MONDAY + timedelta(hours=18) + INSTANT) == {"blocker_aging"}


def test_an_aging_blocker_goes_to_the_stakeholder_in_their_own_hours(workspace, milestone, heartbeat, by):
    with inside(workspace):
        Contact.objects.filter(email="dan@client.example").update(time_zone="America/New_York")
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
    heartbeat(MONDAY + timedelta(hours=19))  # Tuesday, 4:00

    with inside(workspace):
        mail = Delivery.objects.get(kind="blocker_aging")
    assert mail.address == "dan@client.example"
    assert mail.due_at == datetime(2026, 3, 3, 9, tzinfo=ZoneInfo("America/New_York"))
    assert workspace.slug not in mail.payload["text"]


@pytest.mark.parametrize(("type", "stakeholder"), [("capacity", True), ("input", False)])
def test_an_aging_blocker_goes_to_the_founder_when_nobody_else_has_the_say(
    workspace, milestone, heartbeat, by, type, stakeholder
):
    with inside(workspace):
        if not stakeholder:
            Contact.objects.update(authorities=[])
        open_blocker(milestone.pk, type=BlockerType(type), title="Too much", by=by, now=MONDAY)
    heartbeat(MONDAY + timedelta(hours=19))

    with inside(workspace):
        assert Delivery.objects.get(kind="blocker_aging").address == "ada@studio.example"


def test_resolving_ends_the_aging_and_withdraws_the_message(workspace, milestone, heartbeat, by):
    with inside(workspace):
        blocker = open_blocker(milestone.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
    tuesday = MONDAY + timedelta(hours=19)
    heartbeat(tuesday)
    with inside(workspace):
        resolve(blocker.pk, resolution="It came", by=by, now=tuesday)

    assert heartbeat(tuesday + timedelta(minutes=1)) == set()
    with inside(workspace):
        assert Delivery.objects.get(kind="blocker_aging").state == State.WITHDRAWN


def test_two_failing_runs_freeze_the_milestone_and_a_pass_ends_it(workspace, milestone, heartbeat, by):
    found = []
    for minute, score in enumerate([79, 10, 80]):
        now = MONDAY + timedelta(minutes=minute)
        with inside(workspace):
            record_qa_run(milestone.pk, check_name="Checklist", score=score, by=by, now=now)
        open_rules = heartbeat(now)
        with inside(workspace):
            found.append((open_rules, Milestone.objects.get(pk=milestone.pk).is_frozen))

    assert found == [(set(), False), ({"quality_failing"}, True), (set(), False)]


def test_an_undecided_request_is_a_signal_until_it_is_decided(workspace, milestone, heartbeat, by):
    with inside(workspace):
        queue_request(milestone.pk, title="Dark mode", by=by, now=MONDAY)
    opened = heartbeat(MONDAY)
    with inside(workspace):
        ChangeRequest.objects.update(state=ChangeState.DECLINED, decided_at=MONDAY)
        record_progress(milestone.pk, percent=10, by=by, now=MONDAY)

    assert (opened, heartbeat(MONDAY + timedelta(minutes=1))) == ({"scope_addition"}, set())


def test_a_pause_suspends_every_rule(workspace, milestone, heartbeat):
    with inside(workspace):
        Milestone.objects.update(
            paused_at=MONDAY, paused_until=MONDAY.date(), pause_reason="The client is away."
        )

    assert heartbeat(MONDAY + 3 * DAY) == set()


def test_silence_counts_from_the_end_of_a_pause(workspace, milestone, heartbeat, by):
    resumed = MONDAY + 5 * DAY
    with inside(workspace):
        taken = choose(
            milestone.pk, Way.PAUSE, reason="No access.", until=date(2026, 3, 9), by=by, now=MONDAY
        )
        end(taken.pk, by=by, now=resumed)

    assert heartbeat(resumed) == set()
    assert heartbeat(resumed + DAY) == set()
    assert heartbeat(resumed + DAY + INSTANT) == {"no_progress"}


def test_each_signal_is_journalled_when_it_opens_and_when_it_closes(workspace, milestone, heartbeat, by):
    later = MONDAY + timedelta(hours=27)
    for _ in range(2):
        heartbeat(later)
    with inside(workspace):
        record_progress(milestone.pk, done="Login works", by=by, now=later)
    for _ in range(2):
        heartbeat(later + timedelta(minutes=1))

    with inside(workspace):
        kinds = Event.objects.filter(thread_id=milestone.pk, kind__startswith="signal").order_by("seq")
        assert list(kinds.values_list("kind", "at")) == [
            ("signal.opened", later),
            ("signal.closed", later + timedelta(minutes=1)),
        ]


def test_a_heartbeat_with_nothing_due_looks_at_nothing(milestone):
    first, second = check_due(now=MONDAY), check_due(now=MONDAY + timedelta(hours=1))

    assert (first, second) == (1, 0)


@pytest.fixture
def poison(workspace, milestone, by):
    """One of two signals that wait to be told, of a rule that nobody knows any more."""
    with inside(workspace):
        queue_request(milestone.pk, title="More", by=by, now=MONDAY)
    check_due(now=MONDAY + DAY + INSTANT)
    with connections["jobs"].cursor() as cursor:
        cursor.execute("UPDATE telemetry_signal SET rule = 'of old' WHERE rule = 'no_progress'")
    with inside(workspace):
        return Signal.objects.get(rule="of old")


def try_until_parked(signal: Signal) -> datetime:
    at = MONDAY + DAY + INSTANT
    for pause in [timedelta(0), *BACKOFF]:
        at += pause
        tell_signals(now=at - INSTANT)  # too early for another attempt
        tell_signals(now=at)
    return at


def test_what_cannot_be_told_is_parked_and_the_others_flow(workspace, poison):
    told = tell_signals(now=MONDAY + DAY + INSTANT)

    at = try_until_parked(poison)

    assert told == 1
    with inside(workspace):
        poison.refresh_from_db()
        assert (poison.parked_at, poison.attempts, poison.error) == (at, len(BACKOFF) + 1, "StopIteration()")
        assert Event.objects.filter(kind="signal.opened").count() == 1


def test_a_parked_signal_is_told_once_its_cause_is_mended_and_it_is_replayed(workspace, poison, by):
    at = try_until_parked(poison)
    with connections["jobs"].cursor() as cursor:
        cursor.execute("UPDATE telemetry_signal SET rule = 'no_progress' WHERE id = %s", [poison.pk])

    unasked = tell_signals(now=at + DAY)
    with inside(workspace):
        replay(poison.pk, by=by, now=at + DAY)
    asked = tell_signals(now=at + DAY)

    assert (unasked, asked) == (0, 1)
    with inside(workspace):
        poison.refresh_from_db()
        assert (poison.parked_at, poison.attempts, poison.error) == (None, 0, "")
        assert Event.objects.get(kind="finding.replayed").subject_id == poison.pk
        with pytest.raises(Refused, match="Only what is parked"):
            replay(poison.pk, by=by, now=at + DAY)
