"""Behind decision links: one deliberate answer, and a page of its own for each reason why none is taken."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client

from journal.models import Delivery, Event, EventPersonal
from milestones.actions import decisions, requests, reviews
from milestones.actions.artifacts import Upload, add_file
from milestones.actions.clients import add_contact
from milestones.actions.milestone import change_milestone
from milestones.actions.stages import move
from milestones.models import Comment, Contact, Decision, DecisionRequest, Milestone, Project
from milestones.words import Ask, RequestState, Stage
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import FRIDAY, answer, asked, away, pending
from tests.web.conftest import WEDNESDAY, page
from workspaces.actions import address_of, revoke_link
from workspaces.models import Link, Purpose

PDF = b"%PDF-1.7\n1 0 obj"
ASKED = {
    "ask": Ask.ACCEPTANCE,
    "question": "Do you accept the report?",
    "caveats": "none",
    "decide_by": FRIDAY,
}
SIGNED = {"option": "approved", "name": "Dan Decider", "comment": ""}


@pytest.fixture
def milestone(studio, by, wednesday):
    with inside(studio):
        return factories.milestone_in_review(by)


@pytest.fixture
def question(studio, milestone):
    with inside(studio):
        return pending(milestone)


@pytest.fixture
def at(studio, question):
    """The address of the approver's link."""
    return _path(studio, question)


def _path(studio, question, contact=None):
    with inside(studio):
        links = Link.objects.filter(purpose=Purpose.DECISION, subject_id=question.pk)
        if contact:
            links = links.filter(recipient_id=contact.pk)
        return urlsplit(address_of(links.latest("created_at", "id"))).path


def _signed(question, **changes):
    return {**SIGNED, "digest": question.shown_digest, **changes}


def _state(studio, question):
    with inside(studio):
        return DecisionRequest.objects.get(pk=question.pk).state


def _written(studio):
    """All that a visitor could have changed."""
    with inside(studio):
        return (
            Event.objects.count(),
            Decision.objects.count(),
            Comment.objects.count(),
            Delivery.objects.count(),
            DecisionRequest.objects.filter(state=RequestState.PENDING).count(),
        )


def test_the_approver_reads_what_is_asked_and_what_follows(client, at, question):
    response = client.get(at)

    said = page(response)
    assert response.status_code == 200
    assert "Do you accept the dashboard?" in said
    assert "Thursday, 5 March 2026, 09:00 (UTC)" in said
    assert "version 1" in said
    assert "https://evidence.example/" in said
    for option in question.options:
        assert option["label"] in said
        assert option["consequence"] in said


def test_no_answer_is_chosen_and_no_name_is_typed_for_anybody(client, at, question):
    chosen = client.post(f"{at}/confirm", {"option": "approved", "digest": question.shown_digest})

    assert not re.search(r"<input[^>]* checked", page(client.get(at)))
    assert re.search(r'<input[^>]*name="name"[^>]*>', page(chosen)).group().count("value=") == 0


def test_looking_changes_nothing(client, studio, at):
    before = _written(studio)

    for path in (at, f"{at}/confirm", f"{at}/answer", f"{at}/comment"):
        assert client.get(path, follow=True).status_code == 200
        assert client.head(path, follow=True).status_code == 200

    assert _written(studio) == before


def test_the_page_is_kept_out_of_caches_indexes_and_other_sites(client, at):
    response = client.get(at)

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert 'content="same-origin"' in page(response)


def test_who_presses_every_button_with_what_stands_there_changes_nothing(client, studio, at, question):
    before = _written(studio)
    pages = [client.get(at)] + [
        client.post(f"{at}/confirm", {"option": code, "digest": question.shown_digest})
        for code in ("approved", "needs_revisions", "not-me")
    ]

    answers = [
        client.post(action, fields)
        for response in pages
        for action, fields in _forms(response.content.decode())
    ]

    assert {response.status_code for response in answers} == {422}
    assert _written(studio) == before


def _forms(html):
    """Where each form leads, and what stands in it before anybody typed or chose."""
    for action, inside_form in re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', html, re.DOTALL):
        hidden = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', inside_form)
        yield action, dict(hidden)


def test_two_deliberate_steps_decide_and_lead_to_the_receipt(client, studio, at, question):
    first = client.post(f"{at}/confirm", {"option": "approved", "digest": question.shown_digest})
    undecided = _state(studio, question)

    second = client.post(f"{at}/answer", _signed(question), follow=True)

    assert (first.status_code, undecided) == (200, RequestState.PENDING)
    assert second.redirect_chain == [(at, 302)]
    with inside(studio):
        decision = Decision.objects.get()
        entry = Event.objects.get(kind="decision.made")
    assert (decision.name, decision.option, decision.at) == ("Dan Decider", "approved", WEDNESDAY)
    said = page(second)
    assert "Your decision is recorded" in said
    assert decision.shown_digest in said
    assert f"Entry {entry.seq}" in said
    assert bytes(entry.hash).hex() in said
    assert "Wednesday, 4 March 2026, 10:00 (UTC)" in said


def test_the_receipt_says_when_in_the_readers_zone_and_in_the_agencys(client, studio, at, question):
    with inside(studio):
        Contact.objects.filter(pk=question.approver_id).update(time_zone="America/New_York")

    receipt = page(client.post(f"{at}/answer", _signed(question), follow=True))

    assert "05:00 (America/New_York)" in receipt
    assert "10:00 (UTC)" in receipt


def test_without_a_choice_the_first_step_asks_for_one(client, studio, at, question):
    response = client.post(f"{at}/confirm", {"digest": question.shown_digest})

    assert response.status_code == 422
    assert "Choose one of the answers." in page(response)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Your full name"),
        ({"option": "needs_revisions", "comment": " "}, "Your words"),
    ],
)
def test_an_answer_that_is_not_complete_decides_nothing(client, studio, at, question, typed, says):
    response = client.post(f"{at}/answer", _signed(question, **typed))

    assert response.status_code == 422
    assert f"{says}</a>: This field is required." in page(response)
    assert _state(studio, question) == RequestState.PENDING


@pytest.mark.parametrize("option", ["", "invented", "APPROVED"])
def test_an_answer_that_was_not_offered_decides_nothing(client, studio, at, question, option):
    response = client.post(f"{at}/answer", _signed(question, option=option))

    assert response.status_code == 422
    assert _state(studio, question) == RequestState.PENDING


def test_the_wrong_person_says_so_and_the_question_still_waits(client, studio, at, question):
    client.post(f"{at}/confirm", {"option": "not-me", "digest": question.shown_digest})

    typed = {"right_name": "Rita Right", "right_email": "rita@client.example", "name": "Dan"}
    response = client.post(f"{at}/answer", _signed(question, option="not-me", **typed), follow=True)

    with inside(studio):
        said = Comment.objects.get().text
        told = Delivery.objects.get(kind="decision_wrong_person").address
    assert "Ada Agency was told" in page(response)
    assert "Please ask Rita Right rita@client.example." in said
    assert told == "ada@studio.example"
    assert _state(studio, question) == RequestState.PENDING


def test_a_comment_reaches_the_review_owner_and_decides_nothing(client, studio, at, question):
    response = client.post(f"{at}/comment", {"text": "Looks great!"}, follow=True)

    assert "The question still waits for your answer." in page(response)
    assert "Looks great!" in page(response)
    with inside(studio):
        assert Delivery.objects.get(kind="comment_added").address == "ada@studio.example"
    assert _state(studio, question) == RequestState.PENDING


def test_an_unknown_link_is_not_found(client, studio, wednesday):
    assert client.get(f"/d/{'a' * 43}").status_code == 404


def _says_nothing_but(response, sentence):
    """Whether a page says the sentence and nothing of the question."""
    said = page(response)
    return sentence in said and "Do you accept" not in said and "Onboarding" not in said


@pytest.mark.parametrize("post", [False, True])
def test_an_expired_link_shows_nothing(client, studio, at, question, post):
    with inside(studio):
        Link.objects.filter(subject_id=question.pk).update(expires_at=WEDNESDAY)

    response = client.post(f"{at}/answer", _signed(question)) if post else client.get(at)

    assert response.status_code == 410
    assert _says_nothing_but(response, "This link has expired")


@pytest.mark.parametrize("post", [False, True])
def test_a_revoked_link_shows_nothing(client, studio, by, at, question, post):
    with inside(studio):
        revoke_link(Link.objects.get(subject_id=question.pk), by=by, now=MONDAY)

    response = client.post(f"{at}/answer", _signed(question)) if post else client.get(at)

    assert response.status_code == 410
    assert _says_nothing_but(response, "This link has ended")


def _withdraw(question, by):
    requests.withdraw(question.pk, "Asked too early", by=by, now=MONDAY)


def _replace(question, by):
    requests.replace(question.pk, decide_by=FRIDAY, by=by, now=MONDAY)


def _countermand(question, by):
    decisions.countermand(answer(question).pk, reason="A misclick", by=by, now=MONDAY)


def _archive(question, by):
    Project.objects.filter(pk=question.project_id).update(archived_at=MONDAY)


def _name_another(question, by):
    other = add_contact(
        account=question.project.account,
        name="Rita Right",
        email="rita@client.example",
        time_zone="UTC",
        authorities=["decision_maker"],
        by=by,
        now=MONDAY,
    )
    Milestone.objects.filter(pk=question.milestone_id).update(approver=other)


@pytest.mark.parametrize("post", [False, True])
@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (_withdraw, "This question was taken back"),
        (_replace, "A newer mail was sent with a link of its own"),
        (_countermand, "The answer to this question was taken back"),
        (_archive, "This project is archived"),
        (_name_another, "Somebody else decides this now"),
    ],
)
def test_a_question_that_ended_says_how_and_shows_nothing(
    client, studio, by, at, question, end, sentence, post
):
    with inside(studio):
        end(question, by)
    before = _written(studio)

    response = client.post(f"{at}/answer", _signed(question)) if post else client.get(at)

    assert response.status_code == 410
    assert _says_nothing_but(response, sentence)
    assert _written(studio) == before


def test_who_decided_finds_the_receipt_at_the_same_link(client, studio, at, question):
    with inside(studio):
        answer(question)

    response = client.get(at)

    assert response.status_code == 200
    assert "Your decision is recorded" in page(response)
    # Only how confident they are is still asked.
    assert re.findall(r'<form[^>]*action="(/\w+)/', page(response)) == ["/c"]


def test_the_delegates_link_says_what_the_approver_decided(client, studio, by, at, question):
    with inside(studio):
        carla = Contact.objects.get(name="Carla Client")
        away(by)
        requests.delegate(question.pk, to=carla, by=by, now=MONDAY)
        answer(DecisionRequest.objects.get(pk=question.pk))
    theirs = _path(studio, question, carla)

    said = page(client.get(theirs))

    assert "This has been decided" in said
    assert "Dan Decider decided on Monday, 2 March 2026" in said


def test_a_second_answer_reads_what_the_first_one_decided(client, studio, at, question):
    with inside(studio):
        answer(question)

    response = client.post(f"{at}/answer", _signed(question, option="needs_revisions", comment="No"))

    assert response.status_code == 409
    assert "What you sent changed nothing." in page(response)
    with inside(studio):
        assert Decision.objects.get().option == "approved"


def test_a_name_of_somebody_else_decides_nothing_and_what_was_typed_is_kept(client, studio, at, question):
    response = client.post(f"{at}/answer", _signed(question, name="Carla Client"))

    assert response.status_code == 422
    assert "The name does not match Dan Decider. Only who was asked can decide" in page(response)
    assert 'value="Carla Client"' in page(response)
    assert _state(studio, question) == RequestState.PENDING
    with inside(studio):
        refused = Event.objects.get(kind="decision.refused")
        assert json.loads(refused.body)["data"]["code"] == "name_mismatch"
        assert EventPersonal.objects.get(event=refused).content["typed"] == "Carla Client"


def test_a_name_may_be_written_in_its_owners_way(client, studio, at, question):
    client.post(f"{at}/answer", _signed(question, name="decider, d."))

    assert _state(studio, question) == RequestState.DECIDED


def test_what_changed_meanwhile_is_not_decided_and_the_team_is_told(client, studio, by, at, question):
    with inside(studio):
        change_milestone(question.milestone_id, {"description": "Something else"}, by=by, now=MONDAY)
    looked = client.get(at)
    before = _written(studio)

    sent = client.post(f"{at}/answer", _signed(question))

    assert (looked.status_code, sent.status_code) == (409, 409)
    assert "You will get the question anew" in page(looked)
    assert "Ada Agency has been told" in page(sent)
    assert _written(studio)[1:3] == before[1:3]
    with inside(studio):
        assert Delivery.objects.get(kind="decision_outdated").address == "ada@studio.example"
        assert Event.objects.filter(kind="decision.refused").count() == 1
    assert _state(studio, question) == RequestState.PENDING


def test_an_answer_to_another_text_is_not_taken(client, studio, at, question):
    response = client.post(f"{at}/answer", _signed(question, digest="0" * 64))

    assert response.status_code == 409
    assert _state(studio, question) == RequestState.PENDING


def test_a_question_with_another_channel_shows_no_form(client, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        question = asked(milestone, by, channel="meeting")
    path = _path(studio, question)

    response = client.get(path)
    posted = client.post(f"{path}/answer", _signed(question, option="vendor"))

    assert "The agreed channel for this is: meeting" in page(response)
    assert 'name="option"' not in page(response)
    assert posted.status_code == 422
    assert _state(studio, question) == RequestState.PENDING


@pytest.fixture
def report(studio, by, wednesday, settings, tmp_path):
    """A file that a question shows, and the address of its link."""
    settings.FILES_ROOT = tmp_path
    with inside(studio):
        milestone = factories.milestone_in_qa(by)
        version = add_file(milestone.pk, title="Report", file=Upload("report.pdf", [PDF]), by=by, now=MONDAY)
        factories.checklist_run(milestone)
        reviews.prepare(milestone.pk, **ASKED, by=by, now=MONDAY)
        move(milestone.pk, Stage.REVIEW, by=by, now=MONDAY)
        question = pending(milestone)
    return version, question, _path(studio, question)


def test_a_file_that_is_shown_comes_as_a_download(client, report):
    version, _, at = report

    response = client.get(f"{at}/files/{version.pk}")

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert f"{at}/files/{version.pk}" in page(client.get(at))


def test_no_other_file_comes(client, studio, by, report):
    version, question, at = report
    with inside(studio):
        hidden = add_file(
            question.milestone_id,
            title="Internal",
            file=Upload("notes.pdf", [PDF + b"2"]),
            is_output=False,
            by=by,
            now=MONDAY,
        )

    assert client.get(f"{at}/files/{hidden.pk}").status_code == 404
    assert client.get(f"{at}/files/{question.pk}").status_code == 404
    assert client.get(f"/d/{'a' * 43}/files/{version.pk}").status_code == 404


def test_a_file_stays_with_who_decided_and_ends_with_the_question(client, studio, by, report):
    version, question, at = report
    with inside(studio):
        decision = answer(question)
    decided = client.get(f"{at}/files/{version.pk}")
    kept = b"".join(decided.streaming_content)
    with inside(studio):
        decisions.countermand(decision.pk, reason="A misclick", by=by, now=MONDAY)

    ended = client.get(f"{at}/files/{version.pk}")

    assert kept == PDF
    assert ended.status_code == 410


def test_forged_forms_are_refused(studio, at, question):
    strict = Client(enforce_csrf_checks=True)
    strict.get(at)

    assert strict.post(f"{at}/answer", _signed(question)).status_code == 403
    assert _state(studio, question) == RequestState.PENDING


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_decides_and_the_other_reads_it(studio, at, question):
    together = Barrier(2)

    def press(option):
        form = _signed(question, option=option, comment="Two figures are missing.")
        together.wait()
        try:
            return Client().post(f"{at}/answer", form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(press, ("approved", "needs_revisions")))

    assert sorted(said) == [302, 409]
    with inside(studio):
        assert Decision.objects.count() == 1
        assert Event.objects.filter(kind="decision.made").count() == 1


def test_words_on_the_page_are_shown_literally(client, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        question = asked(milestone, by, question="Shall we <script>alert(1)</script>?")

    assert "<script>alert(1)" not in page(client.get(_path(studio, question)))
