"""Artifacts are looked at where they are, by a job that goes on whatever it finds."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event as Signal

import pytest
from django.db import connections
from django.utils import timezone

from journal.actors import SYSTEM
from journal.models import Delivery, Event, JobRun
from milestones import files
from milestones.actions.artifacts import Upload, add_file, add_link, add_version, remove
from milestones.actions.stages import move
from milestones.models import Artifact, DecisionRequest, Milestone, QaRun
from milestones.words import RequestState, Stage
from proofs import tasks
from proofs.actions.checks import finish, look_now, mark_living
from proofs.actions.packets import assemble
from proofs.checking import DAILY, PAUSES, STILL_AWAY, Look
from proofs.models import ArtifactCheck, ArtifactWatch
from proofs.queries import checks
from proofs.sweeps.checks import look_due, watch_all, watch_new
from proofs.words import Found
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.receiver import in_turn, leading, receiver, saying

pytestmark = pytest.mark.slow

TUESDAY = MONDAY + DAILY
NOT_PUBLIC = "It leads to an address that is not public; Cairn calls only what anyone could."


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def studio(ada):
    return factories.workspace(ada, slug="studio")


@pytest.fixture
def there(settings):
    with receiver() as running:
        settings.EGRESS_ALLOWED_HOSTS = [running.place]
        running.ways["/"] = saying(b"as delivered")
        yield running


@pytest.fixture
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


def linked(milestone, by, url: str, **words):
    return add_link(milestone.pk, title="Dashboard", url=url, by=by, now=MONDAY, **words)


def looked(*, now=MONDAY) -> int:
    watch_all(now=now)
    return look_due(now=now)


def only_watch() -> ArtifactWatch:
    return ArtifactWatch.objects.get()


def kinds(prefix: str = "artifact.") -> list[str]:
    return list(Event.objects.filter(kind__startswith=prefix).order_by("seq").values_list("kind", flat=True))


def mails() -> list[tuple[str, str, str]]:
    rows = Delivery.objects.filter(kind__startswith="artifact_").order_by("created_at", "id")
    return [(row.kind, row.address, row.state) for row in rows]


# --- What is watched -------------------------------------------------------------------------------


def test_the_current_versions_of_open_milestones_are_watched(studio, milestone, by, there):
    with inside(studio):
        first = linked(milestone, by, there.url("/old"))
        second = add_version(first.artifact_id, url=there.url("/"), by=by, now=MONDAY)
        gone = linked(milestone, by, there.url("/gone"))
        remove(gone.artifact_id, by=by, now=MONDAY)
        setup = factories.engagement(by, project_name="Another").milestone
        linked(setup, by, there.url("/early"))

    began, again = watch_new(now=MONDAY), watch_all(now=MONDAY)

    with inside(studio):
        assert (began, again, only_watch().artifact_version_id) == (1, 0, second.pk)


def test_a_sound_link_is_fetched_twice_and_then_once_a_day(studio, milestone, by, there):
    with inside(studio):
        version = linked(milestone, by, there.url("/"))

    first = looked()
    same_day = look_due(now=MONDAY + timedelta(hours=23))
    next_day = look_due(now=TUESDAY)

    assert (first, same_day, next_day, there.paths()) == (1, 0, 1, ["/", "/", "/"])
    with inside(studio):
        watch = only_watch()
        assert (watch.found, watch.sha256, watch.due_at) == (
            Found.OK,
            hashlib.sha256(b"as delivered").hexdigest(),
            TUESDAY + DAILY,
        )
        [told] = checks.told_of(milestone)
        assert (told["version_id"], told["found"], told["sha256"], told["checked_at"]) == (
            str(version.pk),
            "ok",
            watch.sha256,
            "2026-03-03T09:00:00.000000Z",
        )
        assert (kinds(), mails(), checks.unsound(milestone.pk)) == (["artifact.added"], [], [])


def test_a_replaced_or_removed_artifact_is_looked_at_no_more(studio, milestone, by, there):
    with inside(studio):
        first = linked(milestone, by, there.url("/"))
        other = linked(milestone, by, there.url("/"))
    looked()
    with inside(studio):
        add_version(first.artifact_id, url=there.url("/new"), by=by, now=MONDAY)
        remove(other.artifact_id, by=by, now=MONDAY)
    there.requests.clear()

    finished = look_due(now=TUESDAY)

    with inside(studio):
        assert (finished, there.requests) == (0, [])
        assert set(ArtifactWatch.objects.values_list("due_at", flat=True)) == {None}


def test_what_is_closed_is_looked_at_no_more(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    with inside(studio):
        closed = {"stage": Stage.CLOSED, "closed_at": MONDAY, "outcome": "rejected"}
        said = {"open_dependencies": "none", "next_move_owner": "Ada"}
        Milestone.objects.filter(pk=milestone.pk).update(**closed, **said)
    there.requests.clear()

    assert (look_due(now=TUESDAY), there.requests) == (0, [])
    with inside(studio), pytest.raises(Refused, match="until the milestone is closed"):
        look_now(only_watch().artifact_version_id, by=by, now=TUESDAY)


# --- Changes at the source -------------------------------------------------------------------------


def test_another_content_takes_back_the_check_and_the_question(studio, by, there):
    with inside(studio):
        milestone = factories.milestone_in_review(by)
        artifact = Artifact.objects.get()
        artifact.versions.update(url=there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")

    look_due(now=TUESDAY)
    look_due(now=TUESDAY + DAILY)

    with inside(studio):
        milestone.refresh_from_db()
        assert (milestone.stage, milestone.qa_passed_at, only_watch().found) == (
            Stage.EXECUTION,
            None,
            Found.CHANGED,
        )
        assert QaRun.objects.get().void_reason == "The output changed: “Dashboard”, at its source"
        assert DecisionRequest.objects.get().state == RequestState.WITHDRAWN
        event = Event.objects.get(kind="artifact.changed_at_source")
        assert (event.subject_id, event.thread_id, event.actor_kind) == (artifact.pk, milestone.pk, "system")
        assert json.loads(event.body)["data"] == {
            "title": "Dashboard",
            "is_output": True,
            "number": 1,
            "status": 200,
            "sha256": hashlib.sha256(b"something else").hexdigest(),
            "was": hashlib.sha256(b"as delivered").hexdigest(),
            "voided": True,
        }
        assert mails() == [("artifact_changed", "ada@studio.example", "queued")]
        text = Delivery.objects.get(kind="artifact_changed").payload["text"]
        assert "a question to the client about it is withdrawn" in text
        assert f"/w/studio/milestones/{milestone.pk}/proof/#checks" in text
        assert [told["found"] for told in checks.unsound(milestone.pk)] == ["changed"]


def test_a_new_check_of_changed_content_is_not_taken_back_again(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")
    look_due(now=TUESDAY)
    with inside(studio):
        run = factories.checklist_run(milestone, now=TUESDAY)
    there.ways["/"] = saying(b"", status=500)
    for hours in (24, 25, 27):
        look_due(now=TUESDAY + timedelta(hours=hours))
    there.ways["/"] = saying(b"something else")
    look_due(now=TUESDAY + 2 * DAILY)

    with inside(studio):
        run.refresh_from_db()
        assert (run.voided_at, only_watch().found) == (None, Found.CHANGED)
    there.ways["/"] = saying(b"a third thing")
    look_due(now=TUESDAY + 4 * DAILY)
    with inside(studio):
        run.refresh_from_db()
        assert run.voided_at == TUESDAY + 4 * DAILY
        assert [kind for kind in kinds() if "changed" in kind] == ["artifact.changed_at_source"] * 2


def test_a_change_that_was_taken_back_is_told_again_when_it_returns(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")
    look_due(now=TUESDAY)
    there.ways["/"] = saying(b"as delivered")
    look_due(now=TUESDAY + DAILY)
    with inside(studio):
        run = factories.checklist_run(milestone, now=TUESDAY + DAILY)
    there.ways["/"] = saying(b"", status=500)
    for hours in (48, 49, 51):
        look_due(now=TUESDAY + timedelta(hours=hours))
    there.ways["/"] = saying(b"something else")

    look_due(now=TUESDAY + 3 * DAILY)

    with inside(studio):
        run.refresh_from_db()
        assert (only_watch().found, run.voided_at) == (Found.CHANGED, TUESDAY + 3 * DAILY)
        assert [kind for kind in kinds() if "changed" in kind] == ["artifact.changed_at_source"] * 2
        assert [kind for kind, _, _ in mails()].count("artifact_changed") == 2


def test_what_the_client_accepted_stays_accepted(studio, by, there):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        Artifact.objects.get().versions.update(url=there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")

    look_due(now=TUESDAY)

    with inside(studio):
        milestone.refresh_from_db()
        assert (milestone.stage, QaRun.objects.get().voided_at) == (Stage.CLOSEOUT, None)
        assert (only_watch().found, mails()[0][0]) == (Found.CHANGED, "artifact_changed")


def test_what_only_helps_to_check_voids_nothing(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"), is_output=False)
        run = factories.checklist_run(milestone)
    looked()
    there.ways["/"] = saying(b"something else")

    look_due(now=TUESDAY)

    with inside(studio):
        run.refresh_from_db()
        assert (run.voided_at, only_watch().found) == (None, Found.CHANGED)


def test_what_is_as_it_was_again_takes_its_message_back(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")
    look_due(now=TUESDAY)
    there.ways["/"] = saying(b"as delivered")

    look_due(now=TUESDAY + DAILY)

    with inside(studio):
        assert (only_watch().found, mails()) == (
            Found.OK,
            [("artifact_changed", "ada@studio.example", "withdrawn")],
        )
        assert kinds() == ["artifact.added", "artifact.changed_at_source", "artifact.found_again"]


def test_a_page_that_lives_is_left_to_live(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    there.ways["/"] = in_turn(*(saying(f"at {n}".encode()) for n in range(9)))

    looked()
    look_due(now=TUESDAY)

    with inside(studio):
        watch = only_watch()
        assert (watch.found, watch.is_living, kinds(), mails()) == (Found.OK, True, ["artifact.added"], [])


# --- What a person says ----------------------------------------------------------------------------


def test_a_person_says_that_a_page_is_meant_to_change(studio, milestone, by, there):
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")
    look_due(now=TUESDAY)
    with inside(studio):
        with pytest.raises(Stale):
            mark_living(version.pk, by=by, now=TUESDAY, expected=7)
        marked = mark_living(version.pk, by=by, now=TUESDAY, expected=1)
        assert (marked.found, marked.is_living, marked.version) == (Found.OK, True, 2)

    there.ways["/"] = saying(b"a third thing")
    look_due(now=TUESDAY + DAILY)

    with inside(studio):
        assert (only_watch().found, mails()[0][2]) == (Found.OK, "withdrawn")
        mark_living(version.pk, is_living=False, by=by, now=TUESDAY + DAILY)
    look_due(now=TUESDAY + DAILY)
    with inside(studio):
        watch = only_watch()
        assert (watch.found, watch.is_living, watch.sha256) == (
            Found.OK,
            False,
            hashlib.sha256(b"a third thing").hexdigest(),
        )
        assert kinds()[-2:] == ["artifact.marked_living", "artifact.marked_still"]


def test_a_file_is_never_meant_to_change(studio, milestone, by):
    with inside(studio):
        version = add_file(
            milestone.pk, title="Report", file=Upload("r.txt", [b"figures"]), by=by, now=MONDAY
        )
    looked()

    with inside(studio), pytest.raises(Refused, match="kept as it was uploaded"):
        mark_living(version.pk, by=by, now=MONDAY)


def test_a_look_can_be_asked_for(studio, milestone, by, there):
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    with inside(studio):
        look_now(version.pk, by=by, now=MONDAY + timedelta(hours=1))
        look_now(version.pk, by=SYSTEM, now=MONDAY + timedelta(hours=1))

    assert look_due(now=MONDAY + timedelta(hours=1)) == 1
    with inside(studio):
        assert (ArtifactCheck.objects.count(), kinds()) == (2, ["artifact.added", "artifact.check_asked"])


def test_what_a_packet_is_about_to_tell_is_looked_at_again(studio, by, there):
    with inside(studio):
        milestone = factories.milestone_cleared(by)
        Artifact.objects.get().versions.update(url=there.url("/"))
        move(milestone.pk, Stage.REVIEW, by=by, now=MONDAY)
    looked()
    with inside(studio):
        assemble(milestone.pk, now=MONDAY + timedelta(hours=1))

    asked_about = look_due(now=MONDAY + timedelta(hours=1))
    with inside(studio):
        factories.answer(milestone, now=MONDAY + timedelta(hours=2))
        assemble(milestone.pk, now=MONDAY + timedelta(hours=2))
    accepted = look_due(now=MONDAY + timedelta(hours=2))
    with inside(studio):
        assemble(milestone.pk, now=MONDAY + timedelta(hours=3))

    assert (asked_about, accepted, look_due(now=MONDAY + timedelta(hours=3))) == (1, 1, 0)


def test_only_the_current_version_can_be_asked_for(studio, milestone, by, there):
    with inside(studio):
        first = linked(milestone, by, there.url("/"))
        add_version(first.artifact_id, url=there.url("/new"), by=by, now=MONDAY)

        with pytest.raises(Refused, match="Only the current version"):
            look_now(first.pk, by=by, now=MONDAY)


# --- What cannot be reached ------------------------------------------------------------------------


def test_three_failures_are_told_once_and_an_answer_ends_them(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/away"))
    watch_all(now=MONDAY)
    at, due = MONDAY, []

    for pause in (*PAUSES, STILL_AWAY, STILL_AWAY):
        look_due(now=at)
        with inside(studio):
            due.append((only_watch().found, only_watch().due_at - at))
        at += pause

    there.ways["/away"] = saying(b"here again")
    look_due(now=at)
    with inside(studio):
        assert due == [
            ("", PAUSES[0]),
            ("", PAUSES[1]),
            (Found.UNREACHABLE, STILL_AWAY),
            (Found.UNREACHABLE, STILL_AWAY),
        ]
        assert mails() == [("artifact_unreachable", "ada@studio.example", "withdrawn")]
        assert kinds() == ["artifact.added", "artifact.unreachable", "artifact.found_again"]
        assert [look.detail for look in ArtifactCheck.objects.order_by("at")][:1] == [
            "It answered 404 Not Found."
        ]
        assert only_watch().found == Found.OK


def test_a_look_that_failed_is_not_when_it_was_found_so(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    there.ways["/"] = saying(b"", status=500)

    look_due(now=TUESDAY)

    with inside(studio):
        [told] = checks.told_of(milestone)
        assert (told["found"], told["checked_at"]) == ("ok", "2026-03-02T09:00:00.000000Z")
    for pause in PAUSES:
        look_due(now=TUESDAY + 2 * pause)
    with inside(studio):
        assert (only_watch().found, only_watch().checked_at) == (
            Found.UNREACHABLE,
            TUESDAY + 2 * PAUSES[-1],
        )


def test_a_link_that_leads_inside_after_it_was_reached_is_told(studio, milestone, by, there, settings):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    settings.EGRESS_ALLOWED_HOSTS = []

    for pause in (timedelta(0), *PAUSES):
        look_due(now=TUESDAY + 2 * pause)

    with inside(studio):
        assert (only_watch().found, mails()[0][0]) == (Found.UNREACHABLE, "artifact_unreachable")
        assert kinds()[-1] == "artifact.unreachable"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1/", NOT_PUBLIC),
        ("https://[::ffff:10.0.0.1]/", NOT_PUBLIC),
        ("http://169.254.169.254/latest/meta-data", NOT_PUBLIC),
        ("https://ada:secret@example.com/", "It holds a name or password before the host."),
        ("http://127.0.0.1:22/", "Its port is 22; for http only 80 or 8080 may be called."),
    ],
)
def test_an_address_inside_is_never_called(studio, milestone, by, url, said):
    with inside(studio):
        linked(milestone, by, url)

    looked()

    with inside(studio):
        [told] = checks.told_of(milestone)
        assert (told["found"], told["detail"]) == ("refused", said)
        assert (mails(), checks.unsound(milestone.pk)) == ([], [])


def test_a_redirect_inside_is_never_followed(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/lead"))
    with receiver() as within:
        there.ways["/lead"] = leading(within.url("/"))

        looked()

        with inside(studio):
            assert (only_watch().found, within.requests) == (Found.REFUSED, [])


def test_what_is_too_large_is_reachable_and_not_compared(studio, milestone, by, there, settings):
    settings.FILE_LARGEST = 1024 * 1024
    there.ways["/"] = saying(b"x" * (1024 * 1024 + 1))
    with inside(studio):
        linked(milestone, by, there.url("/"))

    looked()
    there.ways["/"] = saying(b"y" * (1024 * 1024 + 1))
    look_due(now=TUESDAY)

    with inside(studio):
        [told] = checks.told_of(milestone)
        assert (told["found"], told["sha256"]) == ("ok", "")
        assert told["detail"] == "Only its first 1 MB were read, so it is not compared."


# --- Files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("remove", "The file is not where it was kept."),
        ("alter", "The file is damaged: it no longer has its SHA-256."),
    ],
)
def test_a_file_must_be_where_it_was_kept_byte_for_byte(studio, milestone, by, harm, said):
    with inside(studio):
        version = add_file(
            milestone.pk, title="Report", file=Upload("r.txt", [b"figures"]), by=by, now=MONDAY
        )
        place = files.place_of(version.sha256)
    looked()
    with inside(studio):
        assert [told["found"] for told in checks.told_of(milestone)] == ["ok"]
    if harm == "remove":
        place.unlink()
    else:
        place.write_bytes(b"figureZ")

    look_due(now=TUESDAY)
    look_due(now=TUESDAY + DAILY)

    with inside(studio):
        [told] = checks.unsound(milestone.pk)
        assert (told["found"], told["detail"], told["sha256"]) == ("missing", said, version.sha256)
        assert mails() == [("artifact_missing", "ada@studio.example", "queued")]
    place.write_bytes(b"figures")
    look_due(now=TUESDAY + 2 * DAILY)
    with inside(studio):
        assert (checks.unsound(milestone.pk), kinds()[-1]) == ([], "artifact.found_again")


# --- The job ---------------------------------------------------------------------------------------


def test_one_look_that_cannot_begin_keeps_no_other_waiting(studio, milestone, by, there, settings):
    with inside(studio):
        add_file(milestone.pk, title="Report", file=Upload("r.txt", [b"figures"]), by=by, now=MONDAY)
        linked(milestone, by, there.url("/"))
    settings.FILES_ROOT = "not a folder"  # whatever it is that a file stumbles over

    assert looked() == 1

    with inside(studio):
        assert ArtifactCheck.objects.get().watch.artifact_version.url == there.url("/")


def test_two_workers_look_once(studio, milestone, by, there):
    with inside(studio):
        for n in range(5):
            there.ways[f"/{n}"] = saying(b"x")
            linked(milestone, by, there.url(f"/{n}"))
    watch_all(now=MONDAY)

    with ThreadPoolExecutor(2) as workers:
        finished = sum(workers.map(lambda _: _in_thread(), range(2)))

    with inside(studio):
        assert (finished, ArtifactCheck.objects.count(), len(there.requests)) == (5, 5, 10)


def _in_thread(*, now: datetime = MONDAY) -> int:
    try:
        return look_due(now=now)
    finally:
        connections.close_all()


def test_a_claim_that_was_taken_over_finishes_nothing(studio, milestone, by, there):
    """The worker is held up in its fetch while a person says what changes everything."""
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    asked, go_on = Signal(), Signal()

    def held_up(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        go_on.wait(10)
        saying(b"something else")(handler)

    there.ways["/"] = held_up
    with ThreadPoolExecutor(1) as worker:
        run = worker.submit(_in_thread, now=TUESDAY)
        asked.wait(10)
        with inside(studio):
            mark_living(version.pk, by=by, now=TUESDAY)
        go_on.set()
        run.result(30)

    with inside(studio):
        assert set(ArtifactCheck.objects.values_list("found", flat=True)) == {Found.OK}
        assert (only_watch().is_living, only_watch().found, mails()) == (True, Found.OK, [])


def test_a_flooding_workspace_does_not_keep_another_waiting(studio, milestone, by, ada, there, settings):
    with inside(studio):
        for n in range(20):
            linked(milestone, by, there.url(f"/flood/{n}"))
    watch_all(now=MONDAY)
    other = factories.workspace(ada, slug="other")
    with inside(other):
        linked(factories.milestone_in_execution(by), by, there.url("/"))
    watch_all(now=MONDAY + timedelta(seconds=1))

    look_due(now=MONDAY + timedelta(seconds=1))

    assert "/" in there.paths()[:16]


def test_another_workspace_sees_nothing_of_it(studio, milestone, by, ada, there):
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    other = factories.workspace(ada, slug="other")

    with inside(other):
        assert (ArtifactWatch.objects.count(), ArtifactCheck.objects.count()) == (0, 0)
        with pytest.raises(version.DoesNotExist):
            look_now(version.pk, by=by, now=MONDAY)
        with pytest.raises(ArtifactWatch.DoesNotExist):
            mark_living(version.pk, by=by, now=MONDAY)


def test_a_look_whose_worker_died_is_made_by_the_next(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    watch_all(now=MONDAY)
    with inside(studio):
        lease = timezone.now() + timedelta(minutes=1)
        ArtifactWatch.objects.update(lease_until=lease, fence=1)  # as a worker leaves it that is killed

    assert look_due(now=MONDAY) == 0
    with inside(studio):
        ArtifactWatch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert look_due(now=MONDAY) == 1

    with inside(studio):
        late = finish(only_watch().pk, 1, [Look(found=Found.UNREACHABLE)], now=MONDAY)
        assert (late, only_watch().found, ArtifactCheck.objects.count()) == (False, Found.OK, 1)


def test_the_bells_do_it_and_say_when(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))

    tasks.artifact_watches()
    tasks.artifact_checks()

    touched = dict(JobRun.objects.values_list("name", "touched"))
    assert (touched, there.paths()) == ({"artifact watches": 1, "artifact checks": 1}, ["/", "/"])
