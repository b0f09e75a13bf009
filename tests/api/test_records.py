"""Parts of a milestone's record that are taken out again."""

from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Criterion, Dependency
from tenancy.door import inside
from tests.factories import MONDAY


def test_a_criterion_is_removed_against_the_version_that_was_read(caller, studio, in_execution):
    with inside(studio):
        first = Criterion.objects.get(position=1)

    stale = caller.post(f"criteria/{first.pk}/remove", {}, If_Match='"7"')
    removed = caller.post(f"criteria/{first.pk}/remove", {}, If_Match='"1"')
    gone = caller.get(f"criteria/{first.pk}")

    assert (stale.status_code, removed.status_code, gone.status_code) == (412, 200, 404)
    assert removed.json()["statement"] == first.statement


def test_a_dependency_is_removed(caller, studio, by, in_execution):
    with inside(studio):
        later = add_milestone(in_execution.project, {"code": "1.2", "name": "Later"}, by=by, now=MONDAY)
        row = add_dependency(later, in_execution, by=by, now=MONDAY)

    removed = caller.post(f"dependencies/{row.pk}/remove", {}, If_Match='"1"')

    assert removed.status_code == 200
    with inside(studio):
        assert not Dependency.objects.exists()
