"""The demo workspace as its visitors find it."""

from datetime import UTC, datetime

import pytest

from config import demo
from config.demo.engagements import ENGAGEMENTS
from escalation.models import Blocker
from milestones.models import ChangeRequest, Milestone, ProgressUpdate, QaRun, WorkItem
from milestones.words import Stage, WorkState
from tenancy.door import inside
from workspaces.models import Membership

NOW = datetime(2026, 3, 12, 15, tzinfo=UTC)


@pytest.fixture
def told(db, tmp_path):
    return demo.tell(home=tmp_path, now=NOW)


def test_every_engagement_of_the_table_is_told(told):
    with inside(told):
        first = Milestone.objects.filter(is_first=True).order_by("project__created_at", "id")

        assert sorted(first.values_list("project__name", flat=True)) == sorted(
            engagement.project for engagement in ENGAGEMENTS
        )


def test_the_story_has_what_the_pages_show(told):
    with inside(told):
        open_ones = Blocker.objects.filter(resolved_at=None)

        assert (open_ones.count(), Blocker.objects.count()) == (2, 3)
        assert (ProgressUpdate.objects.count(), QaRun.objects.count()) == (4, 6)
        assert (ChangeRequest.objects.count(), WorkItem.objects.count()) == (3, 19)
        assert WorkItem.objects.filter(state=WorkState.DONE).count() == 11
        assert Milestone.objects.filter(stage=Stage.EXECUTION).count() == 3


def test_nothing_is_told_of_the_future(told):
    with inside(told):
        assert not Blocker.objects.filter(opened_at__gt=NOW).exists()
        assert not ProgressUpdate.objects.filter(at__gt=NOW).exists()
        assert not QaRun.objects.filter(at__gt=NOW).exists()


def test_the_people_of_the_demo_are_members(told):
    with inside(told):
        roles = dict(Membership.objects.values_list("user__email", "role"))

    assert roles == {email: role for email, _, role in demo.PEOPLE}


def test_the_portal_address_leads_to_the_shown_project(told, client):
    address = demo.portal_address(told.pk)

    response = client.get("/" + address.split("/", 3)[3])

    assert (response.status_code, demo.SHOWN in response.content.decode()) == (200, True)
