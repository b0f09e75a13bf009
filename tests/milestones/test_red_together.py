"""Red is always told, and what turns red at once in one notice to each reader."""

from datetime import date, timedelta

import pytest

from milestones.actions import labels
from milestones.actions.dates import move_forecast
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Contact, LabelChange, Milestone, Notice
from milestones.queries.notices import client_uninformed, notices_of_milestone
from milestones.reasons import Reason
from milestones.sweeps.labels import follow_labels
from milestones.words import Colour, MoveReason, NoticeKind, NoticeState
from proofs.agenda import what_breaks_next
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow
LATER, LAST = MONDAY + timedelta(minutes=5), MONDAY + timedelta(minutes=6)
FAR = date(2026, 4, 10)
TODAY = {
    "today": MONDAY.date(),
    "soon": MONDAY.date(),
    "weekly": MONDAY,
    "twice": MONDAY,
}


@pytest.fixture
def owner(fresh_database):
    return factories.person()


@pytest.fixture
def by(owner):
    return factories.actor(owner)


@pytest.fixture
def studio(owner):
    return factories.workspace(owner)


def followers(first, by, *, owner=None):
    """Two that wait for the first one, green as it is."""
    people = {"owner_client": owner or first.owner_client, "approver": first.approver}
    made = []
    for code, start, end in (("1.2", 16, 18), ("1.3", 19, 20)):
        dates = {"planned_start": date(2026, 3, start), "planned_date": date(2026, 3, end)}
        fields = {"code": code, "name": f"Step {code}", **dates, **people}
        made.append(add_milestone(first.project, fields, by=by, now=MONDAY))
        add_dependency(made[-1], first, by=by, now=MONDAY)
    labels.evaluate_together(dict.fromkeys([first.pk, *(each.pk for each in made)], False), now=MONDAY)
    return made


def slip(first, by):
    said = {"code": MoveReason.ESTIMATE, "reason": "Cleaning the data took longer than we thought."}
    move_forecast(first.pk, FAR, **said, by=by, now=LATER)


def test_all_that_turn_red_at_once_are_told_of_in_one_notice(studio, by):
    with inside(studio):
        first = milestone_in_execution(by)
        followers(first, by)
    with inside(studio):
        slip(first, by)

    follow_labels(now=LAST)

    with inside(studio):
        told = Notice.objects.get(kind=NoticeKind.LATE)
        assert set(Milestone.objects.values_list("colour", flat=True)) == {Colour.DELAYED}
        assert LabelChange.objects.filter(after=Colour.DELAYED).count() == 3
    assert told.title == "1.1, 1.2 and 1.3 are delayed"
    assert told.body.startswith(
        "3 milestones are delayed now:\n\n1.1 Onboarding dashboard published is delayed: "
    )
    assert "1.3 Step 1.3 is delayed: " in told.body
    assert "none waits for these" in told.body


def test_each_reader_is_told_of_their_own(studio, by):
    with inside(studio):
        first = milestone_in_execution(by)
        followers(first, by, owner=first.approver)
    with inside(studio):
        slip(first, by)

    follow_labels(now=LAST)

    with inside(studio):
        told = Notice.objects.filter(kind=NoticeKind.LATE).order_by("number")
        assert [(each.recipient.name, each.title) for each in told] == [
            ("Carla Client", "1.1 Onboarding dashboard published is delayed"),
            ("Dan Decider", "1.2 and 1.3 are delayed"),
        ]


def test_a_notice_that_did_not_arrive_is_known_of_every_milestone_that_it_tells_of(studio, by):
    with inside(studio):
        first = milestone_in_execution(by)
        followers(first, by)
        Contact.objects.filter(pk=first.owner_client_id).update(email="")
    with inside(studio):
        slip(first, by)

    follow_labels(now=LAST)

    with inside(studio):
        told = Notice.objects.get(kind=NoticeKind.LATE)
        milestones = list(Milestone.objects.annotate(waits=client_uninformed()))
        listed = {
            row.code: list(notices_of_milestone(row).filter(kind=NoticeKind.LATE)) for row in milestones
        }
        needed = what_breaks_next(now=LAST, **TODAY)
        untold = {row["code"]: (Reason.UNTOLD in row["reasons"], row["untold"][-1]["id"]) for row in needed}
    assert told.state == NoticeState.BOUNCED
    assert [row.waits for row in milestones] == [True, True, True]
    assert listed == {code: [told] for code in ("1.1", "1.2", "1.3")}
    assert untold == dict.fromkeys(listed, (True, str(told.pk)))
