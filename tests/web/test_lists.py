"""Lists across the workspace, page after page."""

from datetime import timedelta

import pytest

from escalation.actions import open_blocker, resolve
from escalation.models import BlockerType
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY


@pytest.fixture
def blockers(studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        return [
            open_blocker(
                milestone.pk,
                type=BlockerType.INPUT,
                title=f"Blocker {n}",
                by=by,
                now=MONDAY + timedelta(hours=n),
            )
            for n in range(3)
        ]


def _titles(founder, show):
    seen, after = [], ""
    while after is not None:
        context = founder.get("/w/studio/blockers/", {"show": show, "after": after}).context
        seen += [item["row"].title for item in context["rows"]]
        after = context["next"] or None
    return seen


def test_open_blockers_are_listed_oldest_first(founder, blockers, monkeypatch):
    monkeypatch.setattr("web.team.lists.LIMIT", 1)

    assert _titles(founder, "open") == ["Blocker 0", "Blocker 1", "Blocker 2"]


def test_resolved_blockers_are_listed_newest_first(founder, studio, blockers, by, monkeypatch):
    monkeypatch.setattr("web.team.lists.LIMIT", 1)
    with inside(studio):
        for blocker in blockers:
            resolve(blocker.pk, resolution="Sent", by=by, now=MONDAY + timedelta(days=1))

    assert _titles(founder, "resolved") == ["Blocker 2", "Blocker 1", "Blocker 0"]
