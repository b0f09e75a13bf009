"""Behind confidence links and on receipts: one tap is an answer, and nothing else is."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine

from journal.models import Event
from milestones.actions import decisions
from milestones.actions.engagements import archive
from milestones.models import Decision
from proofs.actions import confidence, deliveries
from proofs.confidence import CHANGEABLE_FOR
from proofs.models import Confidence
from proofs.words import AskedAbout
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import pending
from tests.proofs.delivering import published
from tests.web.conftest import WEDNESDAY, page
from workspaces.actions import address_of, revoke_link
from workspaces.models import Link, Purpose


@pytest.fixture
def asked(studio, by, wednesday):
    """Carla, asked about the packet that she was sent."""
    with inside(studio):
        deliveries.deliver(published(factories.milestone_in_closeout(by), by), by=by, now=MONDAY)
        return Confidence.objects.get(about=AskedAbout.PACKET)


@pytest.fixture
def at(studio, asked):
    with inside(studio):
        return urlsplit(address_of(Link.objects.get(pk=asked.link_id))).path


def _main(response):
    return page(response).partition("<main")[2].partition("</main")[0]


def _now(studio):
    with inside(studio):
        given = Confidence.objects.order_by("about").last()
        return given.score, given.sentence, Event.objects.filter(subject_id=given.pk).count()


def test_the_page_asks_and_chooses_nothing(client, studio, at):
    for _ in range(2):
        response = client.get(at)
        client.head(at)

    said = page(response)
    assert response.status_code == 200
    assert re.findall(r'<button[^>]*name="score" value="(\d)"', said) == ["1", "2", "3", "4", "5"]
    assert "I have doubts" in said
    assert "I fully trust it" in said
    assert not re.search(r"checked|aria-pressed|scale__step--given|autofocus", _main(response))
    assert _now(studio) == (None, "", 1)


def test_nothing_of_it_is_cached_indexed_or_told_to_other_sites(client, at):
    response = client.get(at)

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "<nav" not in response.content.decode()


@pytest.mark.parametrize(
    "posted", [{}, {"score": ""}, {"sentence": "Hello"}, {"score": "6"}, {"score": "5.5"}]
)
def test_what_is_pressed_without_a_number_counts_for_nothing(client, studio, at, posted):
    response = client.post(at, posted)

    assert response.status_code == 422
    assert _now(studio) == (None, "", 1)


def test_one_tap_is_taken_and_thanked_for(client, studio, at):
    response = client.post(at, {"score": "4"}, follow=True)

    assert "Thank you: 4 of 5" in page(response)
    assert _now(studio) == (4, "", 2)


def test_a_sentence_is_added_afterwards_and_the_number_stays(client, studio, at):
    client.post(at, {"score": "4"})

    response = client.post(at, {"sentence": "The export <b>helps</b>."})

    assert response.status_code == 302
    assert _now(studio) == (4, "The export <b>helps</b>.", 3)
    assert "The export &lt;b&gt;helps&lt;/b&gt;." in page(client.get(at))


def test_another_number_leaves_the_sentence(client, studio, at):
    client.post(at, {"score": "4", "sentence": "Fine"})

    client.post(at, {"score": "2"})

    assert _now(studio) == (2, "Fine", 3)


@pytest.mark.parametrize("sentence", ["x" * 301, "a\u202eb"])
def test_a_sentence_that_cannot_be_kept_is_refused(client, studio, at, sentence):
    client.post(at, {"score": "4"})

    assert client.post(at, {"sentence": sentence}).status_code == 422
    assert _now(studio) == (4, "", 2)


def test_after_a_week_the_answer_stays(client, studio, at):
    client.post(at, {"score": "4"})

    with time_machine.travel(WEDNESDAY + CHANGEABLE_FOR, tick=False):
        shown, changed = client.get(at), client.post(at, {"score": "1"})

    assert (shown.status_code, changed.status_code) == (200, 409)
    assert "<form" not in _main(shown)
    assert _now(studio)[0] == 4


@pytest.mark.parametrize("how", ["revoked", "expired", "archived"])
def test_an_ended_link_shows_no_form(client, studio, by, asked, at, how):
    now = WEDNESDAY + (confidence.LIFE if how == "expired" else timedelta())
    with inside(studio):
        if how == "revoked":
            revoke_link(Link.objects.get(pk=asked.link_id), by=by, now=WEDNESDAY)
        if how == "archived":
            archive(asked.milestone.project_id, by=by, now=WEDNESDAY)

    with time_machine.travel(now, tick=False):
        answers = client.get(at), client.post(at, {"score": "4"})

    assert [response.status_code for response in answers] == [410, 410]
    assert "Onboarding" not in page(answers[0])
    assert _now(studio)[0] is None


def test_an_unknown_address_is_not_found(client, at):
    assert client.get(at[:-1] + ("a" if at[-1] != "a" else "b")).status_code == 404


@pytest.fixture
def receipt(client, studio, by, wednesday):
    """The address where Dan has just decided."""
    with inside(studio):
        question = pending(factories.milestone_in_review(by))
        link = Link.objects.filter(purpose=Purpose.DECISION, subject_id=question.pk).latest(
            "created_at", "id"
        )
        address = urlsplit(address_of(link)).path
    signed = {"option": "approved", "name": "Dan Decider", "comment": "", "digest": question.shown_digest}
    assert client.post(f"{address}/answer", signed).status_code == 302
    return address


def test_the_receipt_asks_with_the_same_five_buttons(client, studio, receipt):
    said = page(client.get(receipt))
    action = re.search(r'action="(/c/[^"]+)"', said).group(1)

    given = client.post(action, {"score": "5"}, follow=True)

    with inside(studio):
        asked = Confidence.objects.get()
        assert (asked.about, asked.subject_id, asked.score) == ("decision", Decision.objects.get().pk, 5)
    assert "Thank you: 5 of 5" in page(given)
    assert "You said 5 of 5" in page(client.get(receipt))


def test_looking_at_a_receipt_asks_nobody_again(client, studio, receipt):
    for _ in range(2):
        client.get(receipt)

    assert _now(studio) == (None, "", 1)


def test_a_countermanded_decision_asks_nothing_any_more(client, studio, by, receipt):
    action = re.search(r'action="(/c/[^"]+)"', page(client.get(receipt))).group(1)
    with inside(studio):
        decisions.countermand(Decision.objects.get().pk, reason="Wrong one", by=by, now=WEDNESDAY)

    assert client.get(action).status_code == 410
    assert client.post(action, {"score": "5"}).status_code == 410
    assert _now(studio)[0] is None
