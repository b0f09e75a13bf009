"""The watchman sees what does not happen: jobs stand still one by one, and each is an alarm in time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.db import InterfaceError, connections
from django.db.models.expressions import RawSQL
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from config.management.commands.watch import look
from config.schedule import RUNG
from config.watched import WATCHED
from config.watchman import JOBS_PATIENCE, watch
from escalation.actions import open_blocker
from escalation.models import Blocker, BlockerType
from escalation.sweeps import age_blockers, follow_answers
from journal import outbox
from journal.jobs import JOBS
from journal.models import Delivery, JobRun, Watch
from milestones.actions.engagements import archive
from milestones.actions.imports import map_columns, open_import, take_in
from milestones.actions.recourse import choose, end
from milestones.actions.requests import withdraw
from milestones.actions.scope import queue_request
from milestones.models import DecisionRequest, Milestone, Notice, Project
from milestones.sweeps.labels import follow_labels
from milestones.sweeps.misses import open_due
from milestones.sweeps.notices import follow_messages
from milestones.sweeps.reminders import remind_due
from milestones.words import Kind, RequestState, Stage, Way
from proofs.sweeps.assembling import assemble_due
from telemetry.actions.findings import tell_actions, tell_signals
from telemetry.sweeps import risk
from telemetry.sweeps.heartbeat import check_due
from telemetry.sweeps.outlooks import foresee
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.journal.post import office
from tests.milestones.asking import answer, asked
from tests.receiver import Receiver, receiver, saying
from workspaces.models import User

pytestmark = pytest.mark.slow
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SELDOM = timedelta(minutes=2, seconds=30)  # as seldom as the watchman may look without forgetting
Sweep = Callable[[datetime], object]


def _send_all(now: datetime) -> None:
    while outbox.send_next(now=now):
        pass


SWEEPS: dict[str, Sweep] = {
    "rules": lambda now: check_due(now=now),
    "telling": lambda now: (tell_signals(now=now), tell_actions(now=now)),
    "clocks": lambda now: age_blockers(now=now),
    "answers": lambda now: follow_answers(now=now),
    "misses": lambda now: open_due(now=now),
    "labels": lambda now: follow_labels(now=now),
    "scores": lambda now: (risk.score_changed(now=now), risk.score_days(now=now)),
    "outlooks": lambda now: foresee(now=now),
    "drafts": lambda now: assemble_due(now=now),
    "reminders": lambda now: remind_due(now=now),
    "outbox": _send_all,
    "notices": lambda now: follow_messages(now=now),
}


@pytest.fixture
def scene(fresh_database):
    """An engagement that works, is blocked and was asked for more; another whose client has to decide."""
    ada = factories.person()
    workspace, by = factories.workspace(ada, slug="studio"), factories.actor(ada)
    with inside(workspace):
        working = factories.milestone_in_execution(by)
        open_blocker(working.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
        queue_request(working.pk, title="A second dashboard", by=by, now=MONDAY)
        factories.milestone_in_review(by, project_name="Reporting")
    return workspace


def _ring(now: datetime, *, silent: str = "") -> None:
    """All bells in time, but one."""
    for name, _, seconds, _ in RUNG:
        if name != silent:
            stamps = {"every": timedelta(seconds=seconds), "started_at": now, "finished_at": now}
            JobRun.objects.using("jobs").update_or_create(name=name, defaults=stamps)


def alarms_from(
    start: datetime, *, stopped: str = "", rounds: int = 4, every: timedelta = MINUTE
) -> set[str]:
    """What stands after some rounds in which all but one job ran in time, and the watchman looked."""
    standing: set[str] = set()
    for place in range(rounds):
        now = start + place * every
        _ring(now)
        for name, sweep in SWEEPS.items():
            if name != stopped:
                sweep(now)
        standing = {alarm.name for alarm in watch(now=now)}
    return standing


@pytest.mark.parametrize(
    "after", [timedelta(0), 3 * HOUR, 25 * HOUR, timedelta(days=3), timedelta(days=11, hours=15)]
)
def test_no_alarm_stands_while_everything_runs(scene, after):
    assert alarms_from(MONDAY + after) == set()


def test_history_calls_for_nothing_and_nobody_is_told_of_it(fresh_database):
    ada = factories.person()
    workspace, by = factories.workspace(ada, slug="studio"), factories.actor(ada)
    past = b"Name,Planned date,Completed at\nData access,2025-01-17,2025-01-24\n"
    with inside(workspace):
        run = open_import("past.csv", past, by=by, now=MONDAY)
        words = {"account": "Northwind", "project": "P", "history": True}
        map_columns(run.pk, run.mapping["fields"], **words, by=by, now=MONDAY)
        take_in(run.pk, by=by, now=MONDAY)

    assert alarms_from(MONDAY) == set()
    assert alarms_from(MONDAY + timedelta(days=30)) == set()
    with inside(workspace):
        assert (Delivery.objects.count(), Notice.objects.count()) == (0, 0)


@pytest.fixture
def archived(scene):
    """The same, with an answer that nobody followed yet, and then archived."""
    with inside(scene):
        by = factories.actor(User.objects.get())
        milestone = Blocker.objects.get().milestone
        blocker = open_blocker(
            milestone.pk, type=BlockerType.APPROVAL, title="Which logo?", by=by, now=MONDAY
        )
        question = asked(milestone, by)
        Blocker.objects.filter(pk=blocker.pk).update(decision_request=question)
        answer(question, "vendor", now=MONDAY)
        for waiting in DecisionRequest.objects.filter(state=RequestState.PENDING):
            withdraw(waiting.pk, "The work ends.", by=by, now=MONDAY)
        for project in Project.objects.all():
            archive(project.pk, by=by, now=MONDAY)
    return scene


@pytest.mark.parametrize(
    "after", [timedelta(0), 3 * HOUR, 25 * HOUR, timedelta(days=3), timedelta(days=11, hours=15)]
)
def test_an_archived_engagement_calls_for_nothing(archived, after):
    assert alarms_from(MONDAY + after) == set()
    with inside(archived):
        assert Blocker.objects.filter(decision_request__state="decided", resolved_at=None).count() == 1


@pytest.mark.parametrize(
    ("stopped", "after", "alarms"),
    [
        ("rules", 25 * HOUR, {"silence", "blocker aging", "unplanned requests"}),
        ("telling", 25 * HOUR, {"signals and actions told"}),
        ("clocks", 3 * HOUR + MINUTE, {"blocker clocks"}),
        ("labels", timedelta(0), {"labels"}),
        ("labels", timedelta(days=11, hours=15), {"labels"}),
        ("drafts", timedelta(0), {"drafts of packets"}),
        ("reminders", timedelta(days=3), {"reminders"}),
        ("outbox", timedelta(0), {"e-mails"}),
    ],
)
def test_what_stands_still_is_an_alarm_until_it_runs_again(scene, stopped, after, alarms):
    start = MONDAY + after

    assert alarms_from(start, stopped=stopped, rounds=3) == set()
    assert alarms_from(start + 3 * MINUTE, stopped=stopped, rounds=1) == alarms
    # A label turns red only after its warning is on its way: by the second run.
    assert alarms_from(start + 4 * MINUTE, rounds=2) == set()


@pytest.mark.parametrize(
    ("stopped", "patience", "alarms"),
    [
        ("misses", 65, {"missed dates"}),
        ("scores", 15, {"scores"}),
        ("outlooks", 30, {"on-time probabilities"}),
    ],
)
def test_what_takes_its_time_is_an_alarm_later(scene, stopped, patience, alarms):
    start = MONDAY + timedelta(days=12)

    looks = int(patience * MINUTE / SELDOM)
    assert alarms_from(start, stopped=stopped, rounds=looks + 1, every=SELDOM) == set()
    assert alarms_from(start + (looks + 1) * SELDOM, stopped=stopped, rounds=1) == alarms


def test_silence_is_missed_from_the_end_of_a_pause(scene):
    with inside(scene):
        working = Milestone.objects.get(stage=Stage.EXECUTION)
        by, until = factories.actor(User.objects.get()), (MONDAY + timedelta(days=9)).date()
        taken = choose(working.pk, Way.PAUSE, reason="No access.", until=until, by=by, now=MONDAY)
        end(taken.pk, by=by, now=MONDAY + timedelta(days=5))

    resumed = MONDAY + timedelta(days=5)
    rest = {"blocker aging", "unplanned requests"}
    assert alarms_from(resumed, stopped="rules") == rest
    assert alarms_from(resumed + 24 * HOUR + MINUTE, stopped="rules") == {"silence", *rest}


def test_a_probability_that_cannot_be_made_is_an_alarm_although_its_job_runs(scene):
    """A figure that is no number: nothing can be simulated from it."""
    with inside(scene):
        Milestone.objects.filter(stage=Stage.EXECUTION).update(
            kind=Kind.MODEL,
            measure_name="accuracy",
            measure_baseline=50,
            measure_target=90,
            measured=RawSQL("'NaN'::numeric", ()),
        )

    assert alarms_from(MONDAY, rounds=13, every=SELDOM) == set()
    assert alarms_from(MONDAY + 13 * SELDOM, rounds=1) == {"on-time probabilities"}


def test_a_job_that_was_not_rung_is_an_alarm_and_so_is_one_that_fails(scene):
    for minute in range(4):
        now = MONDAY + minute * MINUTE
        _ring(now, silent="calendars")
        for sweep in SWEEPS.values():
            sweep(now)
        JobRun.objects.using("jobs").filter(name="kpis").update(error="ValueError")
        found = watch(now=now)

    assert [(alarm.name, sorted(alarm.late)) for alarm in found] == [("jobs", ["kpis"])]


def test_a_job_that_never_ran_is_missed_after_two_of_its_rounds(fresh_database):
    for minutes in range(5):
        found = watch(now=MONDAY + minutes * MINUTE)

    assert [alarm.name for alarm in found] == ["jobs"]
    assert "outbox" in found[0].late
    assert "kpis" not in found[0].late


def test_who_did_not_look_for_a_while_counts_anew(scene):
    alarms_from(MONDAY, stopped="outbox", rounds=2)

    assert alarms_from(MONDAY + HOUR, stopped="outbox", rounds=1) == set()


def test_not_being_able_to_look_is_an_alarm(scene):
    with connections["owner"].cursor() as cursor:
        cursor.execute("REVOKE SELECT ON milestones_changerequest FROM cairn_jobs")

    # The rules read requests as well and stand still with them.
    for minute in range(4):
        now = MONDAY + minute * MINUTE
        _ring(now)
        for name in set(SWEEPS) - {"rules", "scores"}:
            SWEEPS[name](now)
        found = watch(now=now)

    assert [(alarm.name, alarm.error) for alarm in found] == [("unplanned requests", "ProgrammingError")]


@pytest.fixture
def mailed(settings: LazySettings):
    with office() as (server, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        settings.OPERATOR_EMAIL = "ops@studio.example"
        yield server


def _told(server) -> list[str]:
    return [str(mail["Subject"]) for mail in server.taken if mail["To"] == "ops@studio.example"]


def test_the_operator_is_mailed_once_when_it_begins_and_once_when_it_ends(scene, mailed):
    alarms_from(MONDAY, stopped="outbox", rounds=6)

    assert _told(mailed) == ["Cairn: something that ought to happen does not"]
    assert "e-mails: " in mailed.taken[-1].get_content()

    alarms_from(MONDAY + 6 * MINUTE, rounds=2)

    assert _told(mailed)[1:] == ["Cairn: everything happens again"]


def test_a_mail_that_fails_is_tried_again(scene, mailed):
    mailed.answer_recipient = "451 later"
    alarms_from(MONDAY, stopped="outbox", rounds=5)
    mailed.answer_recipient = "250 OK"

    alarms_from(MONDAY + 5 * MINUTE, stopped="outbox", rounds=1)

    assert _told(mailed) == ["Cairn: something that ought to happen does not"]


def test_the_mail_of_an_end_that_fails_is_tried_again(scene, mailed):
    alarms_from(MONDAY, stopped="outbox", rounds=4)
    mailed.answer_recipient = "451 later"
    alarms_from(MONDAY + 4 * MINUTE, rounds=1)
    mailed.answer_recipient = "250 OK"

    alarms_from(MONDAY + 5 * MINUTE, rounds=2)

    assert _told(mailed)[1:] == ["Cairn: everything happens again"]


@pytest.mark.parametrize("address", ["ops@studio.example\nBcc: b@studio.example", "ops@"])
def test_an_address_that_is_none_ends_no_look(scene, mailed, settings, address):
    settings.OPERATOR_EMAIL = address

    assert alarms_from(MONDAY, stopped="outbox", rounds=5) == {"e-mails"}

    settings.OPERATOR_EMAIL = "ops@studio.example"
    alarms_from(MONDAY + 5 * MINUTE, stopped="outbox", rounds=1)
    assert _told(mailed) == ["Cairn: something that ought to happen does not"]


class Beside(EmailBackend):
    """Another watchman looks while the mail of the first is on its way."""

    looks = 0

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if not Beside.looks:
            Beside.looks += 1
            watch(now=MONDAY + 3 * MINUTE)
        return super().send_messages(email_messages)


def test_of_two_watchmen_one_mails(scene, mailed, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Beside"

    alarms_from(MONDAY, stopped="outbox", rounds=5)

    assert Beside.looks == 1
    assert _told(mailed) == ["Cairn: something that ought to happen does not"]


class Gone(EmailBackend):
    """The line to the database goes while the mail is on its way."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise InterfaceError("the cursor is closed")


def test_a_database_that_is_away_does_not_end_the_watchman(fresh_database, mailed, settings, tmp_path):
    Watch.objects.using("jobs").create(name="e-mails", looked_at=MONDAY, told_at=MONDAY)
    settings.EMAIL_BACKEND, touched = f"{__name__}.Gone", tmp_path / "watched"

    look(touched)
    assert not touched.exists()

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    look(touched)
    assert touched.exists()


@pytest.fixture
def listener(settings: LazySettings) -> Iterator[Receiver]:
    with receiver() as server:
        server.ways["/alive"] = saying(b"")
        settings.EGRESS_ALLOWED_HOSTS = [server.place]
        settings.HEARTBEAT_URL = server.url("/alive")
        yield server


def test_the_heartbeat_goes_out_while_all_is_well_and_stops_with_an_alarm(scene, listener):
    alarms_from(MONDAY, rounds=2)
    assert listener.paths() == ["/alive"] * 2

    alarms_from(MONDAY + 2 * MINUTE, stopped="outbox", rounds=1)
    with inside(scene):
        factories.milestone_in_review(factories.actor(factories.person("b@studio.example")), project_name="C")
    alarms_from(MONDAY + 3 * MINUTE, stopped="outbox", rounds=5)

    assert len(listener.paths()) < 8
    assert alarms_from(MONDAY + 8 * MINUTE, rounds=1) == set()
    assert listener.paths()[-1] == "/alive"


@pytest.mark.parametrize(("status", "level"), [(299, "debug"), (300, "warning"), (404, "warning")])
def test_a_heartbeat_that_is_not_taken_is_warned_of(scene, listener, status, level):
    listener.ways["/alive"] = saying(b"", status=status)

    with capture_logs() as lines:
        alarms_from(MONDAY, rounds=1)

    said = [line for line in lines if line["event"] == "watch.heartbeat"]
    assert said == [{"event": "watch.heartbeat", "status": status, "log_level": level}]


def test_an_alarm_is_seen_at_every_door(scene, settings, client: Client):
    alarms_from(MONDAY, stopped="outbox", rounds=4)
    settings.METRICS_TOKEN = "a token"

    ready = client.get("/readyz").json()["watchman"]
    figures = client.get("/metrics", headers={"Authorization": "Bearer a token"}).text

    assert ready == f"silent since {MONDAY + 3 * MINUTE:%Y-%m-%d %H:%M:%S} UTC"
    assert 'cairn_late{watched="e-mails"}' in figures
    assert 'cairn_late{watched="labels"} 0.0' in figures


def test_an_alarm_greys_today_and_stands_on_the_jobs(scene):
    alarms_from(MONDAY, stopped="outbox", rounds=4)
    client = Client()
    client.force_login(User.objects.get())

    today = client.get(reverse("today", args=["studio"])).context["overdue_jobs"]
    jobs = client.get(reverse("settings_jobs", args=["studio"])).context["alarms"]

    assert "e-mails" in today
    assert jobs == [{"name": "e-mails", "alarm_since": MONDAY + 3 * MINUTE}]


def _patience_in(table: str) -> dict[str, timedelta]:
    """By name. Where a row names groups apart, so it does their patience."""
    found: dict[str, timedelta] = {}
    for row in table.splitlines()[2:]:
        names, _, patience = (cell.strip() for cell in row.strip("|").split("|"))
        for group, minutes in zip(names.split("; "), patience.split("; "), strict=True):
            words = minutes.removesuffix(" min")
            found |= dict.fromkeys(group.split(", "), int(words) * MINUTE)
    return found


def test_operations_names_all_that_is_watched_with_its_patience():
    text = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    table = text[text.index("| watched |") :].partition("\n\n")[0]

    watched = {thing.name: thing.patience for thing in WATCHED}
    assert _patience_in(table) == {**watched, JOBS: JOBS_PATIENCE}


def test_a_page_cannot_read_what_is_late(scene):
    watch(now=MONDAY)

    with pytest.raises(Exception, match="permission denied"):
        list(Watch.objects.values("late"))
