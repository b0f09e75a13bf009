"""Artifacts that are no longer what they were, or are meant to change."""

import hashlib
import json
from datetime import timedelta

import pytest

from journal.models import Delivery, Event
from milestones.actions.artifacts import Upload, add_file
from milestones.models import Artifact, DecisionRequest, Milestone, QaRun
from milestones.words import RequestState, Stage
from proofs.actions.checks import mark_living
from proofs.checking import DAILY
from proofs.models import ArtifactWatch
from proofs.queries import checks
from proofs.sweeps.checks import look_due
from proofs.words import Found
from tenancy.door import inside
from tenancy.refusal import Refused, Stale
from tests import factories
from tests.factories import MONDAY
from tests.proofs.looks.looking import TUESDAY, kinds, linked, looked, mails, only_watch
from tests.receiver import in_turn, saying

pytestmark = pytest.mark.slow

WEDNESDAY = TUESDAY + DAILY
AS_DELIVERED = hashlib.sha256(b"as delivered").hexdigest()


def changed_on_tuesday(studio, milestone, by, there):
    """A link whose contents were known, and are others since."""
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")
    look_due(now=TUESDAY)


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
            "asked": False,
        }
        assert mails() == [("artifact_changed", "ada@studio.example", "queued")]
        text = Delivery.objects.get(kind="artifact_changed").payload["text"]
        assert "a question to the client about it is withdrawn" in text
        assert f"/w/studio/milestones/{milestone.pk}/proof/#checks" in text
        assert [told["found"] for told in checks.unsound(milestone.pk)] == ["changed"]


def test_a_new_check_of_changed_content_is_not_taken_back_again(studio, milestone, by, there):
    changed_on_tuesday(studio, milestone, by, there)
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
    changed_on_tuesday(studio, milestone, by, there)
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
    changed_on_tuesday(studio, milestone, by, there)
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


@pytest.fixture
def rebuilt(studio, milestone, by, there):
    """A page with another content on Tuesday and yet another on Wednesday; its version."""
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    for day, content in ((TUESDAY, b"built on Tuesday"), (WEDNESDAY, b"built on Wednesday")):
        there.ways["/"] = saying(content)
        look_due(now=day)
    return version


def test_who_owns_a_page_that_changes_day_by_day_is_asked_once(studio, rebuilt, there):
    with inside(studio):
        asked = only_watch().asked_at
        letters = [row.payload["subject"] for row in Delivery.objects.order_by("created_at", "id")]
        told = [json.loads(event.body)["data"]["asked"] for event in changes()]

    there.ways["/"] = saying(b"built on Thursday")
    look_due(now=WEDNESDAY + DAILY)

    with inside(studio):
        watch = only_watch()
        assert (watch.found, watch.asked_at, watch.is_asked) == (Found.CHANGED, WEDNESDAY, True)
        assert changes().count() == 3
        assert [row.payload["subject"] for row in Delivery.objects.order_by("created_at", "id")] == letters
    assert asked == WEDNESDAY
    assert told == [False, True]
    assert [subject.startswith("Is “Dashboard” meant to change?") for subject in letters] == [False, True]


def test_two_changes_on_one_day_ask_nobody(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    looked()
    for hour, content in ((0, b"one"), (1, b"two")):
        there.ways["/"] = saying(content)
        at = TUESDAY + timedelta(hours=hour)
        with inside(studio):
            ArtifactWatch.objects.update(due_at=at)
        look_due(now=at)

    with inside(studio):
        assert (changes().count(), only_watch().asked_at) == (2, None)


def test_a_change_voids_whether_somebody_is_asked_or_not(studio, by, there):
    with inside(studio):
        milestone = factories.milestone_cleared(by)
        Artifact.objects.get().versions.update(url=there.url("/"))
    looked()
    for day, content in ((TUESDAY, b"one"), (WEDNESDAY, b"two"), (WEDNESDAY + DAILY, b"three")):
        with inside(studio):
            Milestone.objects.filter(pk=milestone.pk).update(qa_passed_at=day)
        there.ways["/"] = saying(content)
        look_due(now=day)

    with inside(studio):
        milestone.refresh_from_db()
        assert [json.loads(event.body)["data"]["voided"] for event in changes()] == [True] * 3
        assert milestone.qa_passed_at is None
        assert [kind for kind, _, _ in mails()].count("artifact_changed") == 3


def test_yes_leaves_the_page_to_live(studio, by, rebuilt, there):
    with inside(studio):
        mark_living(rebuilt.pk, by=by, now=WEDNESDAY)
    there.ways["/"] = saying(b"built on Thursday")

    look_due(now=WEDNESDAY + DAILY)

    with inside(studio):
        watch = only_watch()
        assert (watch.found, watch.is_living, watch.is_asked) == (Found.OK, True, False)
        assert (watch.answered_at, kinds()[-1]) == (WEDNESDAY, "artifact.marked_living")
        assert {state for *_, state in mails()} == {"withdrawn"}


def test_no_leaves_what_was_found_and_is_not_asked_again(studio, by, rebuilt, there):
    with inside(studio):
        kept = mark_living(rebuilt.pk, is_living=False, by=by, now=WEDNESDAY)
        again = mark_living(rebuilt.pk, is_living=False, by=by, now=WEDNESDAY)
    there.ways["/"] = saying(b"built on Thursday")

    look_due(now=WEDNESDAY + DAILY)

    with inside(studio):
        watch = only_watch()
        assert (kept.found, kept.sha256, again.version) == (Found.CHANGED, AS_DELIVERED, kept.version)
        assert (watch.found, watch.is_asked, watch.asked_at) == (Found.CHANGED, False, WEDNESDAY)
        assert kinds()[-2:] == ["artifact.marked_still", "artifact.changed_at_source"]
        assert mails()[-1] == ("artifact_changed", "ada@studio.example", "queued")


def test_a_change_that_nobody_was_asked_about_is_not_put_right_by_saying_no(studio, milestone, by, there):
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    there.ways["/"] = saying(b"something else")
    look_due(now=TUESDAY)

    with inside(studio):
        watch = mark_living(version.pk, is_living=False, by=by, now=TUESDAY)

        assert (watch.found, watch.sha256) == (Found.CHANGED, AS_DELIVERED)
        assert kinds()[-1] == "artifact.changed_at_source"


def changes():
    return Event.objects.filter(kind="artifact.changed_at_source").order_by("seq")
