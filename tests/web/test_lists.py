"""Lists across the workspace, page after page."""

from datetime import timedelta

import pytest

from escalation.actions import open_blocker, resolve, respond
from escalation.models import BlockerType, Severity
from milestones.models import Milestone
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY


@scene
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


DUE_TOMORROW = {"first_milestone_due_at": "2026-03-05T17:00:00Z"}  # its last 48 hours began last night
DUE_LATER = {"first_milestone_due_at": "2026-03-13T17:00:00Z"}


@pytest.mark.parametrize(
    ("record", "severity", "answered", "says"),
    [
        (DUE_LATER, Severity.NORMAL, False, "open"),
        (DUE_LATER, Severity.CRITICAL, False, "critical"),
        (DUE_TOMORROW, Severity.NORMAL, False, "critical"),
        (DUE_TOMORROW, Severity.NORMAL, True, "open"),
    ],
)
def test_a_row_is_critical_when_the_record_says_so(founder, studio, by, record, severity, answered, says):
    with inside(studio):
        milestone = factories.milestone_in_execution(by, record=record)
        blocker = open_blocker(
            milestone.pk,
            type=BlockerType.INPUT,
            title="No logo",
            severity=severity,
            by=by,
            now=WEDNESDAY,
        )
        if answered:
            respond(blocker.pk, response="Tomorrow", by=by, now=WEDNESDAY)

    listed = founder.get("/w/studio/blockers/").context["rows"]
    shown = founder.get(f"/w/studio/milestones/{milestone.pk}/").context["blockers"]

    with inside(studio):
        assert Milestone.objects.get().blocker_status == says
    assert [row["is_critical"] for row in (*listed, *shown)] == [says == "critical"] * 2


def test_a_resolved_row_is_critical_no_more(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        blocker = open_blocker(
            milestone.pk,
            type=BlockerType.INPUT,
            title="No logo",
            severity=Severity.CRITICAL,
            by=by,
            now=MONDAY,
        )
        resolve(blocker.pk, resolution="Sent", by=by, now=MONDAY)

    rows = founder.get("/w/studio/blockers/", {"show": "resolved"}).context["rows"]

    assert [row["is_critical"] for row in rows] == [False]
