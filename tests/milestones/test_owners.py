"""Viewers do not own milestones: they cannot work on them."""

import pytest

from milestones.actions.milestone import add_milestone, change_milestone
from milestones.models import Milestone
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY, engagement
from workspaces.models import Membership, Role
from workspaces.queries import workers

NAMES = ["owner_primary", "review_owner"]


@pytest.fixture
def viewer(studio):
    iris = factories.person("iris@studio.example", "Iris")
    return Membership.objects.create(user=iris, role=Role.VIEWER, joined_at=MONDAY)


@pytest.mark.parametrize("name", NAMES)
def test_a_viewer_is_refused_as_an_owner(studio, by, viewer, name):
    milestone = engagement(by).milestone

    with pytest.raises(Refused) as refusal:
        change_milestone(milestone.pk, {name: viewer}, by=by, now=MONDAY)

    assert refusal.value.fields[name][0].startswith("A viewer only reads.")


@pytest.mark.parametrize("name", NAMES)
def test_a_viewer_named_by_key_is_refused_too(studio, by, viewer, name):
    project = engagement(by).project

    with pytest.raises(Refused) as refusal:
        add_milestone(project, {"code": "9", "name": "Late", f"{name}_id": viewer.pk}, by=by, now=MONDAY)

    assert list(refusal.value.fields) == [name]


@pytest.mark.parametrize("name", NAMES)
def test_a_kickoff_names_no_viewer(studio, by, viewer, name):
    field = {"review_owner": "milestone_review_owner"}.get(name, name)

    with pytest.raises(Refused) as refusal:
        engagement(by, record={field: viewer.user.email})

    assert list(refusal.value.fields) == [f"record.{field}"]


def test_who_became_a_viewer_later_does_not_stop_the_record(studio, by, viewer):
    milestone = engagement(by).milestone
    Milestone.objects.filter(pk=milestone.pk).update(review_owner=viewer)

    changed = change_milestone(
        milestone.pk, {"review_owner_id": viewer.pk, "notes": "Called."}, by=by, now=MONDAY
    )

    assert changed.notes == "Called."


def test_viewers_are_not_offered_except_where_they_own_something(studio, by, viewer):
    offered = list(workers())

    assert (viewer in offered, len(offered)) == (False, 1)
    assert viewer in workers(besides=[viewer.pk, None])
