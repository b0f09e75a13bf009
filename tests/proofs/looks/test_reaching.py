"""Artifacts that cannot be reached, may not be, or are gone."""

from datetime import timedelta

import pytest

from milestones import files
from milestones.actions.artifacts import Upload, add_file
from proofs.checking import DAILY, PAUSES, STILL_AWAY
from proofs.models import ArtifactCheck
from proofs.queries import checks
from proofs.sweeps.checks import look_due, watch_all
from proofs.words import Found
from tenancy.door import inside
from tests.factories import MONDAY
from tests.proofs.looks.looking import TUESDAY, kinds, linked, looked, mails, only_watch
from tests.receiver import leading, receiver, saying

pytestmark = pytest.mark.slow


NOT_PUBLIC = "It leads to an address that is not public; Cairn calls only what anyone could."


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
