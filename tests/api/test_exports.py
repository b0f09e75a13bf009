"""A copy of everything by API: for the scope that says so, and as often as it is asked for."""

import io
import json
from zipfile import ZipFile

from django.test import Client

from tenancy.door import inside
from tests import factories
from tests.api.conftest import Caller
from workspaces.models import Membership, Role, Scope


def test_everything_is_answered_as_an_archive(caller, kickoff):
    response = caller.post("exports")

    archive = ZipFile(io.BytesIO(response.getvalue()))
    document = json.loads(archive.read("export.json"))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="cairn-studio-')
    assert [row["name"] for row in document["tables"]["milestones"]] == [kickoff.milestone.name]
    assert {"csv/milestones.csv", "journal.jsonl", "README.txt"} <= set(archive.namelist())


def test_reading_is_not_the_right_to_carry_all_of_it_away(studio, caller_in):
    everything_else = [scope for scope in Scope.values if scope != Scope.EXPORT]

    assert caller_in(studio, *everything_else).post("exports").status_code == 403


def test_a_members_session_takes_no_copy(studio):
    mel = factories.person("mel@studio.example", "Mel")
    with inside(studio):
        Membership.objects.create(user=mel, role=Role.MEMBER, joined_at=factories.MONDAY)
    member = Caller(client=Client())
    member.client.force_login(mel)

    assert member.post("exports").status_code == 403


def test_a_repeated_key_takes_another_copy(caller):
    for _ in range(2):
        response = caller.post("exports", Idempotency_Key="copy-1")

        assert ZipFile(io.BytesIO(response.getvalue())).testzip() is None
