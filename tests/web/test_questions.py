"""The team's page of questions to clients: what waits, and what can be done about it."""

from datetime import timedelta

import pytest

from milestones.actions import requests
from milestones.actions.milestone import change_milestone
from milestones.models import Contact, Decision, DecisionRequest
from milestones.words import RequestState
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import FRIDAY, answer, asked, away, drafted, mails, pending
from tests.web.conftest import WEDNESDAY, page


@pytest.fixture
def milestone(studio, by, wednesday):
    with inside(studio):
        return factories.milestone_in_execution(by)


@pytest.fixture
def question(studio, by, milestone):
    with inside(studio):
        return asked(milestone, by)


def _at(question, then=""):
    return f"/w/studio/decisions/{question.pk}/{then}"


def _now(studio, question):
    with inside(studio):
        return DecisionRequest.objects.get(pk=question.pk)


def _titles(founder, show):
    seen, after = [], ""
    while after is not None:
        context = founder.get("/w/studio/decisions/", {"show": show, "after": after}).context
        seen += [item["row"].question for item in context["rows"]]
        after = context["next"] or None
    return seen


def test_an_empty_list_teaches(founder):
    assert "Nothing waits for a client" in page(founder.get("/w/studio/decisions/"))


def test_what_is_due_first_stands_on_top_page_after_page(founder, studio, by, milestone, monkeypatch):
    monkeypatch.setattr("web.team.decisions.LIMIT", 1)
    with inside(studio):
        for days in (3, 1, 2):
            due = WEDNESDAY + timedelta(days=days - 2)
            asked(milestone, by, question=f"Do you take offer {days}?", decide_by=due)

    assert _titles(founder, "waiting") == [
        "Do you take offer 1?",
        "Do you take offer 2?",
        "Do you take offer 3?",
    ]
    assert founder.get("/w/studio/decisions/").context["rows"][0]["is_late"]


def test_drafts_and_answers_have_lists_of_their_own(founder, studio, by, milestone, monkeypatch):
    monkeypatch.setattr("web.team.decisions.LIMIT", 1)
    with inside(studio):
        for hours in range(2):
            now = MONDAY + timedelta(hours=hours)
            drafted(milestone, by, question=f"Do you take draft {hours}?", now=now)
            answer(asked(milestone, by, question=f"Do you take it, {hours}?"), "vendor", now=now)

    assert _titles(founder, "drafts") == ["Do you take draft 1?", "Do you take draft 0?"]
    assert _titles(founder, "decided") == ["Do you take it, 1?", "Do you take it, 0?"]


def test_a_question_tells_its_story(founder, studio, question):
    with inside(studio):
        decision = answer(question, "vendor", comment="They promised.")

    said = page(founder.get(_at(question)))

    assert "Do we wait for the vendor?" in said
    assert "The date moves by a week." in said
    assert "They promised." in said
    assert decision.shown_digest in said
    assert "Dan Decider answered the question" in said


def test_a_question_is_taken_back_with_a_reason(founder, studio, question):
    without = founder.post(_at(question, "withdraw"), {"reason": ""})
    founder.post(_at(question, "withdraw"), {"reason": "Settled by phone"})

    assert without.status_code == 422
    assert _now(studio, question).state == RequestState.WITHDRAWN


def test_a_question_is_handed_to_the_delegate_of_who_is_away(founder, studio, by, question):
    before = founder.post(_at(question, "delegate"))
    with inside(studio):
        carla = Contact.objects.get(name="Carla Client")
        away(by)
    offered = page(founder.get(_at(question)))

    founder.post(_at(question, "delegate"))

    assert before.status_code == 409
    assert "is away and named Carla Client" in offered

    assert _now(studio, question).delegate_id == carla.pk
    with inside(studio):
        assert ("carla@client.example", "Do we wait for the vendor?") in mails("decision_request")


def test_what_changed_meanwhile_is_said_and_asked_anew(founder, studio, by, question, milestone):
    with inside(studio):
        change_milestone(milestone.pk, {"description": "Another text"}, by=by, now=MONDAY)
    warned = page(founder.get(_at(question)))

    form = {"decide_by": "2026-03-09T17:00", "question": question.question, "caveats": ""}
    response = founder.post(_at(question, "anew"), form, follow=True)

    assert "no answer is taken" in warned
    assert "no answer is taken" not in page(response)
    assert _now(studio, question).state == RequestState.REPLACED
    with inside(studio):
        assert pending(milestone).decide_by.isoformat() == "2026-03-09T17:00:00+00:00"


def test_an_answer_given_elsewhere_is_recorded_with_its_evidence(founder, studio, by, milestone):
    with inside(studio):
        question = asked(milestone, by, channel="meeting")
    form = {"option": "vendor", "name": "Dan Decider", "evidence": "", "comment": ""}
    form["contact"] = str(question.approver_id)

    without = founder.post(_at(question, "record"), form)
    founder.post(_at(question, "record"), {**form, "evidence": "Minutes of 4 March"})

    assert without.status_code == 422
    with inside(studio):
        decision = Decision.objects.get()
    assert (decision.channel, decision.evidence) == ("meeting", "Minutes of 4 March")


def test_where_the_link_is_agreed_nothing_else_is_recorded(founder, studio, question):
    form = {"option": "vendor", "name": "Dan Decider", "evidence": "He said so", "comment": ""}

    response = founder.post(_at(question, "record"), form)

    assert response.status_code == 422
    assert "Record the decision" not in page(founder.get(_at(question)))
    assert _now(studio, question).state == RequestState.PENDING


def test_a_mistaken_decision_is_taken_back_once(founder, studio, question):
    with inside(studio):
        answer(question, "vendor")
    asks = page(founder.get(_at(question)))

    first = founder.post(_at(question, "countermand"), {"reason": "A misclick"})
    second = founder.post(_at(question, "countermand"), {"reason": "A misclick"})

    assert "A new entry takes the decision back" in asks
    assert (first.status_code, second.status_code) == (302, 409)
    assert _now(studio, question).state == RequestState.COUNTERMANDED


def test_what_was_not_decided_is_not_taken_back(founder, studio, question):
    response = founder.post(_at(question, "countermand"), {"reason": "A misclick"})

    assert response.status_code == 409
    assert "Nothing was decided yet" in page(response)


def test_a_draft_is_sent_from_its_page(founder, studio, by, milestone):
    with inside(studio):
        draft = drafted(milestone, by, decide_by=FRIDAY)

    founder.post(_at(draft, "send"))

    assert _now(studio, draft).state == RequestState.PENDING


def test_the_personal_link_is_shown_once(founder, question):
    first = founder.post(_at(question, "link"), follow=True)
    second = founder.get(_at(question))

    assert "http://localhost:8000/d/" in page(first)
    assert "http://localhost:8000/d/" not in page(second)


def test_who_is_asked_is_the_delegate_while_the_approver_is_away(founder, studio, by, milestone):
    with inside(studio):
        carla = Contact.objects.get(name="Carla Client")
        away = {"absent_from": MONDAY.date(), "absent_until": FRIDAY.date(), "delegate": carla}
        Contact.objects.filter(name="Dan Decider").update(**away)
        milestone.refresh_from_db()
        question = requests.send(drafted(milestone, by).pk, by=by, now=MONDAY)

    said = page(founder.get(_at(question)))

    assert "Asked of Carla Client in place of Dan Decider" in said
