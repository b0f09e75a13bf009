"""Settings, Export: the owner takes everything away, and the journal says so."""

import io
import json
from zipfile import ZipFile

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from milestones.models import Milestone
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.web.conftest import page
from workspaces.models import Membership, Role

ADDRESS = reverse("settings_export", args=["studio"])


def test_the_owner_downloads_everything(founder, studio, by):
    with inside(studio):
        factories.engagement(by)

    response = founder.post(ADDRESS)

    archive = ZipFile(io.BytesIO(response.getvalue()))
    assert response["Content-Disposition"] == 'attachment; filename="cairn-studio-2026-03-04.zip"'
    assert response["Content-Type"] == "application/zip"
    with inside(studio):
        expected = Milestone.objects.count()
    assert len(json.loads(archive.read("export.json"))["tables"]["milestones"]) == expected == 1


def test_all_tables_are_read_in_one_snapshot(fresh_database):
    ada = factories.person()
    factories.workspace(ada, slug="studio")
    client = Client()
    client.force_login(ada)

    with CaptureQueriesContext(connection) as captured:
        b"".join(client.post(ADDRESS))

    said = [query["sql"] for query in captured]
    begun = [number for number, sql in enumerate(said) if "REPEATABLE READ" in sql]
    tables = [number for number, sql in enumerate(said) if 'FROM "milestones_' in sql]
    ended = [number for number, sql in enumerate(said) if sql == "COMMIT"]
    assert len(begun) == 1
    assert tables
    assert begun[0] < min(tables) < max(tables) < min(place for place in ended if place > begun[0])


def test_who_took_a_copy_is_named_on_the_page(founder, studio):
    assert "Nobody has taken a copy yet" in page(founder.get(ADDRESS))

    founder.post(ADDRESS).getvalue()

    assert "took a copy of everything" in page(founder.get(ADDRESS))


def test_a_member_takes_no_copy(founder, studio, wednesday):
    mel = factories.person("mel@studio.example", "Mel")
    with inside(studio):
        Membership.objects.create(user=mel, role=Role.MEMBER, joined_at=MONDAY)
    client = Client()
    client.force_login(mel)

    assert (client.get(ADDRESS).status_code, client.post(ADDRESS).status_code) == (403, 403)
