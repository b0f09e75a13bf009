"""A kept query answers for the workspace and the values of each use, not for those of its first."""

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from milestones.models import Project
from tenancy.door import inside
from tenancy.kept import Kept
from tests import factories
from tests.plugins.scenes import scene


def names(name: str):
    return Project.objects.filter(name=name).values("name", client=F("account__name"))


@scene
def two_projects(studio, by):
    with inside(studio):
        for name in ("First", "Second"):
            factories.milestone_in_execution(by, project_name=name, account_name="Northwind")


def test_a_kept_query_takes_new_values_each_time(studio, two_projects):
    kept = Kept(names)

    with inside(studio):
        found = [kept.rows(limit=5, name=name) for name in ("First", "Second", "Third")]

    assert [[(row.name, row.client) for row in rows] for rows in found] == [
        [("First", "Northwind")],
        [("Second", "Northwind")],
        [],
    ]


def test_a_kept_query_shows_the_open_workspace_only(studio, by, two_projects):
    other = factories.workspace(factories.person("bob@other.example"), slug="other")
    kept = Kept(lambda: Project.objects.values("name"))

    with inside(studio):
        here = len(kept.rows(limit=5))
    with inside(other):
        there = kept.rows(limit=5)

    assert (here, there) == (2, [])


def test_a_query_that_computes_with_a_value_is_refused(studio):
    kept = Kept(lambda name: names(f"{name}!"))

    with inside(studio), pytest.raises(TypeError, match="leaves out name, or computes with it"):
        kept.rows(limit=1, name="First")


def test_no_more_rows_come_than_asked_for(studio, two_projects):
    kept = Kept(lambda: Project.objects.annotate(said=Concat("name", Value("."))).values("said"))

    with inside(studio):
        counts = [len(kept.rows(limit=limit)) for limit in (1, 2)]

    assert counts == [1, 2]


def test_a_query_that_says_percent_s_itself_is_refused(studio):
    kept = Kept(lambda: Project.objects.extra(select={"said": "to_char(created_at, '%%s')"}).values("said"))

    with inside(studio), pytest.raises(TypeError, match="says %%s itself"):
        kept.rows(limit=1)
