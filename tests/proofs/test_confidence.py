"""Clients' confidence: asked once, one tap, the last answer counts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from journal.models import Event
from milestones.actions import decisions
from milestones.actions.engagements import archive
from milestones.models import Decision, Project
from proofs.actions import confidence
from proofs.confidence import CHANGEABLE_FOR, Given, Told, score, told
from proofs.kpis import NONE, Figure, figure
from proofs.models import Confidence
from proofs.queries.confidence import told_of, with_answers
from proofs.words import AskedAbout
from tenancy.refusal import Refused
from tests.factories import MONDAY, milestone_in_closeout
from tests.milestones.asking import by_link
from tests.plugins.scenes import scene
from tests.proofs.delivering import data
from workspaces.models import Link, Purpose

LATER = MONDAY + timedelta(hours=1)


@scene
def milestone(studio, by):
    return milestone_in_closeout(by)


@scene
def decision(milestone):
    return Decision.objects.get(request__milestone=milestone)


@scene
def asked(milestone, decision):
    return _ask(milestone, decision)


def _ask(milestone, decision):
    dan = decision.contact
    about = {"about": AskedAbout.DECISION, "subject_id": decision.pk, "milestone": milestone}
    return confidence.ask(dan, **about, now=MONDAY)


def _give(asked, score, sentence=None, *, now=LATER):
    return confidence.give(asked.pk, score=score, sentence=sentence, by=by_link(asked.contact), now=now)


def _kinds():
    return list(
        Event.objects.filter(kind__startswith="confidence.").order_by("seq").values_list("kind", flat=True)
    )


def test_a_contact_is_asked_once_about_a_decision(milestone, decision, asked):
    again = _ask(milestone, decision)

    link = Link.objects.get(purpose=Purpose.CONFIDENCE)
    assert again.pk == asked.pk
    assert (link.pk, link.subject_id, link.recipient_id) == (asked.link_id, asked.pk, asked.contact_id)
    assert (asked.score, asked.answered_at) == (None, None)
    assert _kinds() == ["confidence.asked"]


def test_one_tap_is_an_answer(asked):
    given = _give(asked, 4)

    assert (given.score, given.sentence, given.answered_at) == (4, "", LATER)
    event = Event.objects.get(kind="confidence.given")
    assert (data(event)["score"], data(event)["before"]) == (4, None)
    assert event.thread_id == asked.milestone_id


def test_the_last_answer_counts_and_both_are_on_record(asked):
    _give(asked, 5, "Great")

    changed = _give(asked, 2, now=LATER + timedelta(days=1))

    assert (changed.score, changed.sentence, changed.answered_at) == (2, "Great", LATER)
    assert _kinds() == ["confidence.asked", "confidence.given", "confidence.changed"]
    assert data(Event.objects.get(kind="confidence.changed"))["before"] == 5


def test_a_sentence_is_added_to_the_score_that_was_given(asked):
    _give(asked, 3)

    given = _give(asked, None, " We miss the export. ")

    assert (given.score, given.sentence) == (3, "We miss the export.")


def test_the_same_answer_again_changes_nothing(asked):
    _give(asked, 3, "Fine")

    _give(asked, 3, "Fine")

    assert _kinds() == ["confidence.asked", "confidence.given"]


@pytest.mark.parametrize("said", [0, 6, -1])
def test_only_one_to_five_is_a_score(asked, said):
    with pytest.raises(Refused):
        _give(asked, said)

    asked.refresh_from_db()
    assert asked.score is None


def test_nothing_is_counted_without_a_score(asked):
    with pytest.raises(Refused) as refused:
        _give(asked, None, "Only words")

    assert refused.value.fields == {"score": ["Choose a number from 1 to 5."]}
    assert Confidence.objects.get().answered_at is None


@pytest.mark.parametrize(
    ("after", "is_open"),
    [(CHANGEABLE_FOR - timedelta(seconds=1), True), (CHANGEABLE_FOR, False)],
)
def test_an_answer_may_be_changed_for_a_week(asked, after, is_open):
    _give(asked, 5)

    if is_open:
        assert _give(asked, 1, now=LATER + after).score == 1
        return
    with pytest.raises(Refused) as refused:
        _give(asked, 1, now=LATER + after)
    assert refused.value.code == "answered"


def test_nobody_is_asked_about_what_was_taken_back(asked, decision, by):
    decisions.countermand(decision.pk, reason="Wrong milestone", by=by, now=MONDAY)

    with pytest.raises(Refused) as refused:
        _give(asked, 5)

    assert refused.value.code == "taken_back"


def test_an_archived_project_asks_nothing(asked, milestone, by):
    archive(milestone.project_id, by=by, now=LATER)

    with pytest.raises(Refused) as refused:
        _give(asked, 5)

    assert refused.value.code == "project_archived"


@pytest.mark.parametrize(
    ("total", "n", "expected"),
    [(0, 0, NONE), (1, 1, figure(20, 1)), (9, 2, figure(90, 2)), (14, 3, Figure(Decimal("93.3"), 3))],
)
def test_the_score_is_the_mean_times_twenty(total, n, expected):
    assert score(total, n) == expected


def test_a_half_of_the_last_digit_is_rounded_up():
    """81.25 on the way to one decimal, which the even neighbour would make 81.2."""
    assert score(65, 16) == Figure(Decimal("81.3"), 16)


def test_the_trend_is_how_much_the_score_moved_since_thirty_days_ago():
    old, new = MONDAY - timedelta(days=30), MONDAY - timedelta(days=30) + timedelta(seconds=1)

    assert told([], now=MONDAY) == Told(None, 0, None)
    assert told([Given(new, 5)], now=MONDAY) == Told(Decimal(100), 1, None)
    assert told([Given(old, 3)], now=MONDAY) == Told(Decimal(60), 1, Decimal(0))
    assert told([Given(old, 3), Given(new, 5)], now=MONDAY) == Told(Decimal(80), 2, Decimal(20))


def test_a_project_tells_the_score_of_all_its_answers(asked, milestone):
    before = _told(milestone)

    _give(asked, 4)

    assert (before, _told(milestone)) == (Told(None, 0, None), Told(Decimal(80), 1, None))


def _told(milestone):
    return told_of(with_answers(Project.objects.all()).get(pk=milestone.project_id), now=LATER)
