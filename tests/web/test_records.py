"""The record's page: criteria are reworded and removed, dependencies taken back."""

from django.urls import reverse

from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Criterion, Dependency
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import page


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


def criteria(studio):
    with inside(studio):
        return list(Criterion.objects.order_by("position"))


def test_a_criterion_is_reworded(founder, studio, milestone):
    first, _ = criteria(studio)

    typed = {"statement": "It loads fast", "measure": "seconds", "target": "2", "version": first.version}
    founder.post(reverse("reword_criterion", args=["studio", first.pk]), typed)

    assert (criteria(studio)[0].statement, criteria(studio)[0].target) == ("It loads fast", "2")


def test_the_last_criterion_stays_and_the_page_says_why(founder, studio, milestone):
    first, last = criteria(studio)

    founder.post(reverse("remove_criterion", args=["studio", first.pk]), {"version": first.version})
    refused = founder.post(reverse("remove_criterion", args=["studio", last.pk]), {"version": last.version})

    assert refused.status_code == 409
    assert "This is the only criterion" in page(refused)
    assert criteria(studio) == [last]


def test_a_dependency_is_taken_back(founder, studio, milestone, by):
    with inside(studio):
        later = add_milestone(milestone.project, {"code": "1.2", "name": "Later"}, by=by, now=MONDAY)
        row = add_dependency(later, milestone, by=by, now=MONDAY)

    shown = founder.get(reverse("milestone_record", args=["studio", later.pk]))
    founder.post(reverse("remove_dependency", args=["studio", row.pk]), {"version": row.version})

    assert reverse("remove_dependency", args=["studio", row.pk]) in shown.content.decode()
    with inside(studio):
        assert not Dependency.objects.exists()
