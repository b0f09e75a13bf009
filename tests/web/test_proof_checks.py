"""What the pages say of artifacts that are looked at, and what a person can do there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from journal.models import Event
from milestones.actions.artifacts import Upload, add_file, add_link, remove
from milestones.models import Artifact
from milestones.words import Stage
from proofs.actions.checks import begin, finish, look_now
from proofs.checking import DAILY, Look
from proofs.models import ArtifactWatch
from proofs.words import Found
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page
from tests.web.test_query_counts import statements
from workspaces.models import Membership, Role

SHA, OTHER, THIRD = "1" * 64, "2" * 64, "3" * 64


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@scene
def link(studio, milestone, by):
    with inside(studio):
        return add_link(milestone.pk, title="Dashboard", url="https://dash.example/", by=by, now=MONDAY)


def saw(version, by, *looks: Look, now=WEDNESDAY) -> None:
    """A look that was made and found so."""
    watch = look_now(version.pk, by=by, now=now)
    begin(watch.pk, watch.fence)
    finish(watch.pk, watch.fence, list(looks), now=now)


def held(sha256: str = SHA) -> Look:
    return Look(found=Found.OK, status=200, sha256=sha256, size=7)


def away(detail: str = "It answered 404 Not Found.") -> Look:
    return Look(found=Found.UNREACHABLE, status=404, detail=detail)


def address(name: str, pk) -> str:
    return reverse(name, args=["studio", pk])


def tab(founder, milestone) -> str:
    return page(founder.get(address("milestone_proof", milestone.pk)))


def test_what_nobody_has_looked_at_says_so(founder, milestone, link):
    shown = tab(founder, milestone)

    assert '<span class="label label--none">Not looked at yet</span>' in shown
    assert "A look is on its way" in shown


def test_a_sound_link_says_when_it_was_looked_at_and_what_its_hash_is(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held())

    shown = tab(founder, milestone)

    assert '<span class="label label--on_track">As delivered</span>' in shown
    assert "4 Mar 2026, 10:00 UTC" in shown
    assert "Next look" in shown
    assert f'<code title="{SHA}">{SHA[:12]}</code>' in shown
    assert ">As delivered</span>" in page(founder.get(address("milestone_quality", milestone.pk)))


def test_a_change_says_what_to_do(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held(), now=MONDAY)
        saw(link, by, held(OTHER), held(OTHER))

    shown = tab(founder, milestone)

    assert '<span class="label label--delayed">Changed at its source</span>' in shown
    assert "It no longer holds what it held at the first look." in shown
    assert "if the page is meant to change, say so" in shown


def test_a_failure_that_does_not_count_yet_is_shown_as_what_it_is(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held(), now=MONDAY)
        saw(link, by, away())

    shown = tab(founder, milestone)

    assert ">As delivered</span>" in shown
    assert "The latest look failed: It answered 404 Not Found. It counts from the third one on." in shown


def test_today_names_what_is_not_what_it_was(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held(), now=MONDAY)
        for hours in (4, 3, 2):
            saw(link, by, away(), now=WEDNESDAY - timedelta(hours=hours))

    shown = page(founder.get(reverse("today", args=["studio"])))

    assert "cannot be reached (found 2 h ago)." in shown
    assert f"{address('milestone_proof', milestone.pk)}#checks" in shown
    with inside(studio):
        remove(link.artifact_id, by=by, now=WEDNESDAY)
    assert "cannot be reached" not in page(founder.get(reverse("today", args=["studio"])))


def test_a_look_is_asked_for_by_a_button(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held(), now=MONDAY)

    response = founder.post(address("check_artifact", link.artifact_id))

    assert response["Location"] == f"{address('milestone_proof', milestone.pk)}#checks"
    assert "A look is on its way" in tab(founder, milestone)
    with inside(studio):
        assert ArtifactWatch.objects.get().due_at == WEDNESDAY


def test_a_page_is_meant_to_change_and_then_not_any_more(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held(), now=MONDAY)
        saw(link, by, held(OTHER), held(OTHER))
    mark = address("mark_artifact_living", link.artifact_id)

    marked = founder.post(mark, {"is_living": "on", "version": 1})
    shown = tab(founder, milestone)
    taken_back = founder.post(mark, {"version": 2})

    assert (marked.status_code, taken_back.status_code) == (302, 302)
    assert '<span class="label label--on_track">Reachable</span>' in shown
    assert "It should stay as it is" in shown
    with inside(studio):
        assert ArtifactWatch.objects.get().is_living is False


def test_who_is_asked_answers_with_one_click(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held(), now=MONDAY)
        saw(link, by, held(OTHER), held(OTHER), now=MONDAY + DAILY)
        before = tab(founder, milestone)
        saw(link, by, held(THIRD), held(THIRD))
    shown = tab(founder, milestone)

    kept = founder.post(address("mark_artifact_living", link.artifact_id), {"version": 1})

    no = "It should have stayed as it is"
    assert ("Is it meant to change?" in shown, "It is meant to change" in shown, no in shown) == (True,) * 3
    assert (no in before, no in tab(founder, milestone)) == (False, False)
    assert kept.status_code == 302
    with inside(studio):
        watch = ArtifactWatch.objects.get()
        assert (watch.found, watch.is_asked, watch.answered_at) == (Found.CHANGED, False, WEDNESDAY)


def test_who_says_it_second_is_told(founder, studio, milestone, link, by):
    with inside(studio):
        saw(link, by, held(), held())
    mark = address("mark_artifact_living", link.artifact_id)
    founder.post(mark, {"is_living": "on", "version": 1})

    response = founder.post(mark, {"is_living": "on", "version": 1})

    assert response.status_code == 409
    assert "was changed by someone else meanwhile" in page(response)


def test_what_was_never_looked_at_cannot_be_marked(founder, link):
    response = founder.post(
        address("mark_artifact_living", link.artifact_id), {"is_living": "on", "version": 1}
    )

    assert response.status_code == 409
    assert "Nobody has looked at it yet." in page(response)


def test_before_execution_nothing_is_checked(founder, studio, by):
    with inside(studio):
        milestone = factories.engagement(by).milestone
        version = add_link(milestone.pk, title="Draft", url="https://draft.example/", by=by, now=MONDAY)
        assert milestone.stage == Stage.SETUP

    response = founder.post(address("check_artifact", version.artifact_id))

    assert response.status_code == 409
    assert "Artifacts are checked from execution on" in page(response)
    assert "Check now" not in tab(founder, milestone)


def test_a_viewer_reads_and_asks_for_nothing(studio, milestone, link, wednesday):
    vera = factories.person("vera@studio.example", "Vera")
    with inside(studio):
        Membership.objects.create(user=vera, role=Role.VIEWER, joined_at=MONDAY)
    client = Client()
    client.force_login(vera)

    refused = client.post(address("check_artifact", link.artifact_id))

    assert refused.status_code == 403
    assert "Check now" not in tab(client, milestone)
    with inside(studio):
        assert not Event.objects.filter(kind="artifact.check_asked").exists()


def test_a_hostile_title_is_shown_literally(founder, studio, milestone, by):
    with inside(studio):
        title = '<script>alert("x")</script>'
        add_link(milestone.pk, title=title, url="https://dash.example/?a=<b>", by=by, now=MONDAY)

    shown = tab(founder, milestone)

    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


@pytest.mark.parametrize("name", ["milestone_proof", "milestone_quality"])
def test_three_artifacts_take_as_many_statements_as_one(founder, studio, milestone, by, name):
    def add(number: int) -> None:
        version = add_file(
            milestone.pk, title=f"F{number}", file=Upload("f.txt", [b"x", bytes([number])]), by=by, now=MONDAY
        )
        saw(version, by, held(version.sha256), now=MONDAY)

    with inside(studio):
        add(1)
    one = statements(founder, address(name, milestone.pk))
    with inside(studio):
        add(2)
        add(3)

    assert statements(founder, address(name, milestone.pk)) == one
    with inside(studio):
        assert Artifact.objects.count() == 3
