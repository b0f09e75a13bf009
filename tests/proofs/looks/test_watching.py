"""Which artifacts are looked at, and when."""

import hashlib
from datetime import timedelta

import pytest

from journal.actors import SYSTEM
from journal.models import JobRun
from milestones.actions.artifacts import add_version, remove
from milestones.actions.stages import move
from milestones.models import Artifact, Milestone
from milestones.words import Stage
from proofs import tasks
from proofs.actions.checks import look_now
from proofs.actions.packets import assemble
from proofs.checking import DAILY
from proofs.models import ArtifactCheck, ArtifactWatch
from proofs.queries import checks
from proofs.sweeps.checks import look_due, watch_all, watch_new
from proofs.words import Found
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.proofs.looks.looking import TUESDAY, kinds, linked, looked, mails, only_watch

pytestmark = pytest.mark.slow


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


def test_the_bells_do_it_and_say_when(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))

    tasks.artifact_watches()
    tasks.artifact_checks()

    touched = dict(JobRun.objects.values_list("name", "touched"))
    assert (touched, there.paths()) == ({"artifact watches": 1, "artifact checks": 1}, ["/", "/"])
