"""Questions: written, frozen and sent, replaced, handed over, reminded of, taken back."""

from datetime import date, timedelta

import pytest

from journal.models import Delivery, Event
from milestones.actions import requests
from milestones.actions.clients import set_absence
from milestones.asking import digest
from milestones.models import Contact, DecisionRequest, Milestone
from milestones.words import Ask, RequestState
from tenancy.door import inside
from tenancy.ids import uuid7
from tenancy.refusal import Refused, Stale
from tests.factories import MONDAY, milestone_in_execution, milestone_in_review
from tests.milestones.asking import FRIDAY, LATER, answer, asked, away, drafted, mails, pending
from workspaces.actions.links import open_link
from workspaces.models import Link, Purpose

DAY = timedelta(days=1)
DAN, CARLA = "dan@client.example", "carla@client.example"


def test_a_draft_asks_nobody(studio, by):
    request = drafted(milestone_in_execution(by), by)

    assert (request.state, request.number, request.shown_digest) == (RequestState.DRAFT, 1, "")
    assert request.channel == "link"
    assert not Delivery.objects.exists()
    assert not Link.objects.filter(purpose=Purpose.DECISION).exists()


def test_writing_a_draft_again_rewrites_it(studio, by):
    milestone, subject = milestone_in_execution(by), uuid7()
    drafted(milestone, by, subject_id=subject)

    again = drafted(milestone, by, subject_id=subject, question="Do we go on without the vendor?")

    assert DecisionRequest.objects.get() == again
    assert (again.question, again.version) == ("Do we go on without the vendor?", 2)


def test_sending_freezes_what_is_shown_and_mails_one_link(studio, by):
    milestone = milestone_in_review(by)
    request = pending(milestone)

    assert request.shown_digest == digest(request.shown)
    assert request.shown["milestone"]["code"] == milestone.code
    assert [artifact["title"] for artifact in request.shown["artifacts"]] == ["Dashboard"]
    assert request.shown["criteria"][0]["is_met"] is True
    assert [address for address, _ in mails("decision_request")] == [DAN]
    link = Link.objects.get(pk=request.link_id)
    assert (link.purpose, link.recipient_id) == (Purpose.DECISION, request.approver_id)
    assert f"{{link:{link.pk}." in Delivery.objects.get(kind="decision_request").payload["text"]


def test_other_questions_do_not_fall_when_the_work_goes_on(studio, by):
    milestone = milestone_in_execution(by)
    request = asked(milestone, by)
    milestone.criteria.update(evidence="Seen in the demo")

    assert "criteria" not in request.shown
    assert answer(request, "vendor").request.state == RequestState.DECIDED


@pytest.mark.parametrize("question", ["Let me know what you think", "Any feedback?"])
def test_a_vague_question_is_refused(studio, by, question):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        drafted(milestone, by, question=question)

    assert (refusal.value.code, list(refusal.value.fields)) == ("vague", ["question"])


@pytest.mark.parametrize("decide_by", [MONDAY, MONDAY - DAY, MONDAY.replace(year=2200)])
def test_decide_by_lies_ahead_and_within_reach(studio, by, decide_by):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        drafted(milestone, by, decide_by=decide_by)

    assert list(refusal.value.fields) == ["decide_by"]


def test_a_draft_whose_moment_has_passed_is_not_sent(studio, by):
    request = drafted(milestone_in_execution(by), by)

    with pytest.raises(Refused) as refusal:
        requests.send(request.pk, by=by, now=FRIDAY)

    assert list(refusal.value.fields) == ["decide_by"]


def test_nobody_is_asked_without_an_approver(studio, by):
    milestone = milestone_in_execution(by)
    milestone.approver = None

    with pytest.raises(Refused) as refusal:
        drafted(milestone, by)

    assert refusal.value.code == "no_approver"


def test_a_question_is_sent_once(studio, by):
    request = asked(milestone_in_execution(by), by)

    with pytest.raises(Refused) as refusal:
        requests.send(request.pk, by=by, now=LATER)

    assert refusal.value.code == "not_a_draft"


def test_somebody_elses_change_is_not_sent_unseen(studio, by):
    milestone, subject = milestone_in_execution(by), uuid7()
    drafted(milestone, by, subject_id=subject)
    request = drafted(milestone, by, subject_id=subject, question="Do we go on without the vendor?")

    with pytest.raises(Stale):
        requests.send(request.pk, by=by, now=MONDAY, expected=1)


def test_a_review_is_not_sent_past_its_gate(studio, by):
    request = asked(milestone_in_execution(by), by)
    draft = drafted(request.milestone, by)
    DecisionRequest.objects.filter(pk=draft.pk).update(kind="review", ask=Ask.ACCEPTANCE)

    with pytest.raises(Refused) as refusal:
        requests.send(draft.pk, by=by, now=MONDAY)

    assert refusal.value.code == "gate_unmet"


def test_one_question_about_a_subject_waits_at_a_time(studio, by):
    request = asked(milestone_in_execution(by), by)

    with pytest.raises(Refused) as refusal:
        drafted(request.milestone, by, subject_id=request.subject_id)

    assert refusal.value.code == "request_pending"
    assert "Dan Decider" in str(refusal.value)


def test_a_replacement_is_asked_at_once_and_the_former_points_to_it(studio, by):
    former = asked(milestone_in_execution(by), by)

    newer = requests.replace(
        former.pk, question="Do we go on without the vendor?", decide_by=FRIDAY + DAY, by=by, now=LATER
    )

    former.refresh_from_db()
    assert (former.state, former.replaced_by, former.remind_at) == (RequestState.REPLACED, newer, None)
    assert (newer.state, newer.options) == (RequestState.PENDING, former.options)
    assert [subject for _, subject in mails("decision_request")] == ["Do we go on without the vendor?"]


def test_a_replaced_review_stays_in_its_round(studio, by):
    milestone = milestone_in_review(by)

    newer = requests.replace(pending(milestone).pk, decide_by=FRIDAY + DAY, by=by, now=LATER)

    review = milestone.reviews.get()
    assert (review.request, review.number) == (newer, 1)
    assert Milestone.objects.get(pk=milestone.pk).decide_by == FRIDAY + DAY


def test_a_question_that_is_taken_back_says_why(studio, by):
    request = asked(milestone_in_execution(by), by)

    requests.withdraw(request.pk, "The vendor has delivered.", by=by, now=LATER)

    request.refresh_from_db()
    assert (request.state, request.end_reason) == (RequestState.WITHDRAWN, "The vendor has delivered.")
    assert mails("decision_request") == []
    assert [address for address, _ in mails("decision_withdrawn")] == [DAN]
    assert Event.objects.filter(kind="decision_request.withdrawn").count() == 1


def test_taking_back_needs_a_reason_and_something_to_take_back(studio, by):
    request = asked(milestone_in_execution(by), by)

    with pytest.raises(Refused) as silent, inside(studio):
        requests.withdraw(request.pk, " ", by=by, now=LATER)
    requests.withdraw(request.pk, "Moot.", by=by, now=LATER)
    with pytest.raises(Refused) as again:
        requests.withdraw(request.pk, "Moot.", by=by, now=LATER)

    assert list(silent.value.fields) == ["reason"]
    assert again.value.code == "not_open"
    assert requests.withdraw_for(request.subject_id, "Moot.", by=by, now=LATER) is None


def test_a_draft_is_taken_back_without_a_word_to_the_client(studio, by):
    request = drafted(milestone_in_execution(by), by)

    requests.withdraw_for(request.subject_id, "Moot.", by=by, now=LATER)

    assert not Delivery.objects.exists()


def test_while_the_approver_is_away_the_delegate_is_asked(studio, by):
    milestone = milestone_in_execution(by)
    away(by)

    request = asked(milestone, by)

    assert [address for address, _ in mails("decision_request")] == [CARLA]
    assert (request.approver.email, request.delegate.email) == (DAN, CARLA)


def test_a_question_that_waits_is_handed_to_the_delegate_on_a_link_of_their_own(studio, by):
    request = asked(milestone_in_execution(by), by)
    away(by)
    former = request.link_id

    requests.delegate(request.pk, by=by, now=LATER)

    request.refresh_from_db()
    assert request.delegate.email == CARLA
    assert request.link_id != former
    assert [address for address, _ in mails("decision_request")] == [DAN, CARLA]
    assert [address for address, _ in mails("decision_handed_over")] == [DAN]


def test_nobody_stands_in_for_who_is_there(studio, by):
    request = asked(milestone_in_execution(by), by)
    away(by, first=(FRIDAY + DAY).date())

    with pytest.raises(Refused) as refusal:
        requests.delegate(request.pk, by=by, now=LATER)

    assert refusal.value.code == "not_away"


def test_only_the_delegate_who_was_named_stands_in(studio, by):
    request = asked(milestone_in_execution(by), by)
    away(by)
    who = {"name": "Erin", "email": "erin@client.example", "created_at": MONDAY}
    erin = Contact.objects.create(account=request.approver.account, **who)

    with pytest.raises(Refused) as refusal:
        requests.delegate(request.pk, to=erin, by=by, now=LATER)

    assert refusal.value.code == "no_delegate"


def test_a_question_to_an_approver_who_was_replaced_is_taken_back_when_its_reminder_is_due(studio, by):
    milestone = milestone_in_execution(by)
    request = asked(milestone, by)
    carla = Contact.objects.get(email=CARLA)
    Milestone.objects.filter(pk=milestone.pk).update(approver=carla)

    requests.remind(request.pk, by=by, now=request.remind_at)

    request.refresh_from_db()
    assert (request.state, request.end_reason) == (
        RequestState.WITHDRAWN,
        "Somebody else was named to decide.",
    )
    assert mails("decision_reminder") == []


def test_a_question_whose_dates_have_moved_is_not_asked_anew(studio, by):
    milestone = milestone_in_execution(by)
    request = asked(milestone, by)
    Milestone.objects.filter(pk=milestone.pk).update(forecast_date=date(2026, 3, 27))

    with pytest.raises(Refused) as refusal:
        requests.replace(request.pk, decide_by=FRIDAY, by=by, now=LATER)

    assert refusal.value.code == "dates_moved"


def test_a_review_is_not_asked_anew_without_its_caveats(studio, by):
    request = pending(milestone_in_review(by))

    with pytest.raises(Refused) as refusal:
        requests.replace(request.pk, decide_by=FRIDAY, caveats=" ", by=by, now=LATER)

    assert [item.code for item in refusal.value.unmet] == ["caveats"]


def test_whatever_is_asked_about_a_milestone_is_taken_back_with_it(studio, by):
    milestone = milestone_in_execution(by)
    requested = [drafted(milestone, by), asked(milestone, by)]

    requests.withdraw_all(milestone, "The milestone is closed.", by=by, now=LATER)

    states = [DecisionRequest.objects.get(pk=each.pk).state for each in requested]
    assert states == [RequestState.WITHDRAWN] * 2
    assert [address for address, _ in mails("decision_withdrawn")] == [DAN]


def test_handing_over_needs_a_delegate(studio, by):
    request = asked(milestone_in_execution(by), by)

    with pytest.raises(Refused) as refusal:
        requests.delegate(request.pk, by=by, now=LATER)

    assert refusal.value.code == "no_delegate"


def test_a_reminder_comes_when_it_is_due_and_once(studio, by):
    request = asked(milestone_in_execution(by), by)
    thursday = request.remind_at

    requests.remind(request.pk, by=by, now=thursday - timedelta(minutes=1))
    for _ in range(2):
        requests.remind(request.pk, by=by, now=thursday)

    request.refresh_from_db()
    assert thursday == (MONDAY + 3 * DAY).replace(hour=9)
    assert (request.reminders, request.remind_at) == (1, FRIDAY)
    assert [address for address, _ in mails("decision_reminder")] == [DAN]


def test_after_decide_by_a_reminder_says_so_and_silence_decides_nothing(studio, by):
    request = asked(milestone_in_execution(by), by)
    DecisionRequest.objects.filter(pk=request.pk).update(remind_at=FRIDAY + DAY)

    requests.remind(request.pk, by=by, now=FRIDAY + 3 * DAY)

    request.refresh_from_db()
    assert [subject for _, subject in mails("decision_reminder")] == [
        "Still waiting for you: Do we wait for the vendor?"
    ]
    assert request.state == RequestState.PENDING


def test_a_reminder_to_who_is_away_goes_to_the_delegate(studio, by):
    request = asked(milestone_in_execution(by), by)
    away(by)

    requests.remind(request.pk, by=by, now=request.remind_at)

    request.refresh_from_db()
    assert request.delegate.email == CARLA
    assert mails("decision_reminder") == []
    assert [address for address, _ in mails("decision_request")] == [DAN, CARLA]


def test_the_link_outlives_decide_by(studio, by):
    request = asked(milestone_in_execution(by), by)

    link = Link.objects.get(pk=request.link_id)

    assert link.expires_at > FRIDAY + 60 * DAY
    assert open_link(Purpose.DECISION, "x" * 43, now=LATER).state == "unknown"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"absent_from": date(2026, 3, 9), "absent_until": date(2026, 3, 2)}, "absent_until"),
        ({"absent_from": date(2026, 3, 9), "absent_until": None}, "absent_until"),
        ({"absent_from": date(2, 3, 9), "absent_until": date(2026, 3, 9)}, "absent_from"),
    ],
)
def test_an_absence_has_a_first_and_a_last_day(studio, by, changes, field):
    milestone = milestone_in_execution(by)

    with pytest.raises(Refused) as refusal:
        set_absence(milestone.approver_id, **changes, delegate=None, by=by, now=MONDAY)

    assert field in refusal.value.fields


def test_a_delegate_is_somebody_else_of_the_same_client(studio, by):
    dan = milestone_in_execution(by).approver
    elsewhere = milestone_in_execution(by, account_name="Southwind", project_name="Other").approver
    days = {"absent_from": date(2026, 3, 9), "absent_until": date(2026, 3, 12)}

    for wrong in (dan, elsewhere):
        with pytest.raises(Refused) as refusal, inside(studio):
            set_absence(dan.pk, **days, delegate=wrong, by=by, now=MONDAY)
        assert list(refusal.value.fields) == ["delegate"]


def test_an_absence_is_journalled_and_can_end_early(studio, by):
    milestone_in_execution(by)
    dan = away(by)

    set_absence(dan.pk, absent_from=None, absent_until=None, delegate=None, by=by, now=LATER)

    dan.refresh_from_db()
    assert (dan.absent_from, dan.absent_until, dan.delegate) == (None, None, None)
    assert Event.objects.filter(kind="contact.absence_set").count() == 2
