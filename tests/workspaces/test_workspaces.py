"""A workspace begins whole, and decides about itself."""

import json

import pytest

from journal.models import ChainHead, Event
from tenancy.door import inside
from tenancy.models import Workspace
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from workspaces import actions
from workspaces.access import workspaces_of
from workspaces.models import Role, WorkDay, WorkspaceSettings
from workspaces.queries import calendar_of


def test_a_new_workspace_has_journal_calendar_settings_and_an_owner(ada):
    studio = factories.workspace(ada, slug="studio", name="Studio Lind")

    with inside(studio):
        event = Event.objects.get()
        assert (event.kind, event.subject_id, event.actor_id, event.at) == (
            "workspace.created",
            studio.pk,
            ada.pk,
            MONDAY,
        )
        assert ChainHead.objects.get().seq == 1
        assert WorkspaceSettings.objects.get().thresholds == {}
        assert calendar_of(studio).is_open(MONDAY)
        assert WorkDay.objects.count() == 601
    assert [(a.slug, a.name, a.role) for a in workspaces_of(ada)] == [("studio", "Studio Lind", Role.OWNER)]


def test_a_taken_address_is_refused_and_leaves_nothing_behind(ada, studio):
    with pytest.raises(Refused, match="“studio” is taken") as refusal:
        factories.workspace(ada, slug="studio")

    assert refusal.value.fields == {"slug": ["Choose another address; this one is taken."]}
    assert Workspace.objects.count() == 1


@pytest.mark.parametrize("slug", ["", "Studio", "a b", "-a", "a--b", "ä", "x" * 41])
def test_an_address_is_small_letters_digits_and_hyphens(ada, slug):
    with pytest.raises(Refused) as refusal:
        actions.create_workspace(name="A", slug=slug, time_zone="UTC", owner=ada, now=MONDAY)

    assert list(refusal.value.fields) == ["slug"]


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", ""])
def test_an_unknown_time_zone_is_refused(ada, zone):
    with pytest.raises(Refused) as refusal:
        actions.create_workspace(name="A", slug="a", time_zone=zone, owner=ada, now=MONDAY)

    assert list(refusal.value.fields) == ["time_zone"]


def test_a_name_holds_no_invisible_characters(studio, door, by):
    with pytest.raises(Refused) as refusal:
        actions.update_workspace(studio, name="Studio\u202edniL", by=by, now=MONDAY)

    assert list(refusal.value.fields) == ["name"]


def test_a_new_zone_lays_the_calendar_out_anew(studio, door, by):
    actions.update_workspace(studio, time_zone="Asia/Tokyo", by=by, now=MONDAY)

    moved = Workspace.objects.get(pk=studio.pk)
    assert not calendar_of(moved).is_open(MONDAY)
    assert _last() == ("workspace.updated", {"time_zone": ["UTC", "Asia/Tokyo"]})


def test_an_update_that_changes_nothing_is_no_event(studio, door, by):
    actions.update_workspace(studio, name=studio.name, by=by, now=MONDAY)

    assert Event.objects.count() == 1


def test_thresholds_keep_what_differs_from_the_default(door, by):
    actions.set_thresholds({"no_progress_hours": 36, "blocker_aging_hours": 12}, by=by, now=MONDAY)

    settings = actions.set_thresholds({"blocker_aging_hours": None}, by=by, now=MONDAY)

    assert settings.thresholds == {"no_progress_hours": 36}
    assert _last() == ("settings.thresholds_set", {"blocker_aging_hours": [12, None]})


def test_the_brand_is_a_colour_and_a_name(door, by):
    settings = actions.set_brand(colour="#FF8800", name="Lind", by=by, now=MONDAY)

    assert (settings.brand_colour, settings.brand_name) == ("#ff8800", "Lind")
    assert _last() == ("settings.brand_set", {"colour": "#ff8800", "name": "Lind"})


def test_a_brand_without_a_hex_colour_is_refused_by_field(door, by):
    with pytest.raises(Refused) as refusal:
        actions.set_brand(colour="red", name="Lind", by=by, now=MONDAY)

    assert list(refusal.value.fields) == ["brand_colour"]


def _last() -> tuple[str, object]:
    event = Event.objects.latest("seq")
    return event.kind, json.loads(event.body)["data"]
