"""A copy of everything: whole, in two forms, harmless in a spreadsheet, and nothing of anybody else."""

import csv
import io
import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256 as sha256_of
from uuid import UUID
from zipfile import ZipFile

import pytest

from journal.actors import Recipient
from journal.letters import link_placeholder
from journal.models import Event
from milestones.actions.artifacts import Upload, add_file
from milestones.actions.endings import link_packets
from milestones.actions.imports import open_import, take_in, try_import
from milestones.actions.milestone import change_milestone
from milestones.files import place_of
from milestones.models import Milestone
from telemetry.models import Connection
from tenancy.door import inside
from tenancy.portable import tables
from tests import factories
from tests.api.everything import made_by_people
from tests.factories import MONDAY
from tests.plugins.scenes import door, scene
from tools import verify_journal
from workspaces.actions import address_of, issue_token, make_link
from workspaces.actions.exports import PIECE, cell, export, tell_export
from workspaces.models import Purpose, Scope

MARK = "Ähre"


@scene
def ada(db):
    return factories.person()


@scene
def by(ada):
    return factories.actor(ada)


@door
def studio(ada):
    return factories.workspace(ada, slug="studio")


def exported(workspace, by, *, now=MONDAY) -> ZipFile:
    copy = export(workspace, now=now)
    tell_export(workspace, copy, by=by, now=now)
    return ZipFile(io.BytesIO(b"".join(copy.archive)))


def sheet(archive, name):
    text = archive.read(f"csv/{name}.csv").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_table_is_there_in_both_forms_with_the_same_rows(studio, by):
    made_by_people(by, mark=MARK)

    archive = exported(studio, by)

    document = json.loads(archive.read("export.json"))
    assert list(document["tables"]) == [table.name for table in tables()]
    for table in tables():
        rows, cells = document["tables"][table.name], sheet(archive, table.name)
        assert len(rows) == len(cells) == table.model.objects.count(), table.name
        assert all(list(row) == table.headings for row in rows)
    assert document["workspace"]["slug"] == "studio"
    assert document["tables"]["members"][0]["email"] == "ada@studio.example"


def test_no_secret_leaves(studio, by):
    made_by_people(by, mark=MARK)
    _, token = issue_token(name="n8n", scopes=[Scope.READ], by=by, now=MONDAY)
    sealed = Connection.objects.get().secret

    archive = exported(studio, by)

    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert MARK in everything
    assert token[:16] not in everything
    assert sealed not in everything
    assert "{link:" not in everything


def test_packets_leave_as_the_addresses_that_the_record_serves(studio, by):
    milestone = factories.milestone_in_closeout(by)
    to = Recipient("contact", None, "Northwind", "")
    link = make_link(Purpose.PROOF, subject=milestone, to=to, by=by, now=MONDAY)
    kept = {"proof_packet_url": link_placeholder(link.pk), "handoff_packet_link": "https://old.example/1"}
    link_packets(milestone.pk, **kept, by=by, now=MONDAY)

    (row,) = sheet(exported(studio, by), "milestones")

    assert (row["proof_packet_url"], row["handoff_packet_link"]) == (
        address_of(link),
        "https://old.example/1",
    )


def test_nothing_of_another_workspace_leaves(ada, by):
    ours, theirs = (factories.workspace(ada, slug=slug) for slug in ("ours", "theirs"))
    with inside(theirs):
        made_by_people(by, mark="Kanarienvogel")

    with inside(ours):
        archive = exported(ours, by)

    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Kanarienvogel" not in everything


def test_the_journal_verifies_with_python_alone(studio, by):
    made_by_people(by, mark=MARK)

    archive = exported(studio, by)

    seq, digest = verify_journal.verify(archive.read("journal.jsonl").decode().splitlines())
    assert f"--head {seq}:{digest}" in archive.read("README.txt").decode()


def test_the_copy_is_told_in_the_journal_with_its_counts(studio, by):
    made_by_people(by, mark=MARK)

    archive = exported(studio, by)

    event = Event.objects.order_by("-seq")[0]
    rows = sum(len(sheet(archive, table.name)) for table in tables())
    assert (event.kind, event.subject_id) == ("workspace.exported", studio.pk)
    assert json.loads(event.body)["data"]["rows"] == rows


@pytest.fixture
def root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


def _upload(milestone, by, content: bytes, *, title="Plan", name="plan.pdf"):
    add_file(milestone.pk, title=title, file=Upload(name, [content]), by=by, now=MONDAY)


def test_files_leave_with_their_bytes_and_each_content_once(studio, by, root):
    milestone = factories.milestone_in_execution(by)
    for title in ("Plan", "The same plan"):
        _upload(milestone, by, b"%PDF-1.7 the plan", title=title)

    archive = exported(studio, by)

    sha256 = sha256_of(b"%PDF-1.7 the plan").hexdigest()
    inside_it = [name for name in archive.namelist() if name.startswith("files/")]
    assert inside_it == [f"files/{sha256}/plan.pdf"]
    assert archive.read(inside_it[0]) == b"%PDF-1.7 the plan"
    assert {row["sha256"] for row in sheet(archive, "artifact_versions")} == {sha256}
    assert archive.testzip() is None


def test_a_file_whose_bytes_are_lost_is_named_and_the_rest_leaves(studio, by, root):
    milestone = factories.milestone_in_execution(by)
    for name in ("lost.txt", "there.txt"):
        _upload(milestone, by, name.encode(), title=name, name=name)
    place_of(sha256_of(b"lost.txt").hexdigest()).unlink()

    archive = exported(studio, by)

    assert [name.rpartition("/")[2] for name in archive.namelist() if name.startswith("files/")] == [
        "there.txt"
    ]
    assert "lost.txt" in archive.read("README.txt").decode()


def test_a_large_file_leaves_in_pieces(studio, by, root):
    content = random.Random(1).randbytes(3_000_000)
    _upload(factories.milestone_in_execution(by), by, content)

    pieces = list(export(studio, now=MONDAY).archive)

    assert max(map(len, pieces)) <= 2 * PIECE
    archive = ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.read(f"files/{sha256_of(content).hexdigest()}/plan.pdf") == content


def test_an_empty_workspace_has_a_copy_too(studio, by):
    archive = exported(studio, by)

    assert archive.testzip() is None
    assert sheet(archive, "milestones") == []
    assert json.loads(archive.read("export.json"))["tables"]["milestones"] == []


def test_the_milestones_are_known_when_they_are_imported_again(studio, by):
    made = made_by_people(by, mark=MARK)
    with_formula = Milestone.objects.exclude(pk=made["milestones"])[0]
    change_milestone(with_formula.pk, {"name": "=1+1", "notes": "- one\n- two"}, by=by, now=MONDAY)
    content = exported(studio, by).read("csv/milestones.csv")

    run = open_import("milestones.csv", content, by=by, now=MONDAY)

    assert b"'=1+1" in content
    assert {row.verdict for row in try_import(run, by=by, now=MONDAY)} == {"known"}
    assert take_in(run.pk, by=by, now=MONDAY).report["counts"]["known"] == Milestone.objects.count()


def test_another_workspace_takes_the_milestones_over(ada, by):
    ours, theirs = (factories.workspace(ada, slug=slug) for slug in ("ours", "theirs"))
    with inside(ours):
        made_by_people(by, mark=MARK)
        content = exported(ours, by).read("csv/milestones.csv")
        kept = _told()

    with inside(theirs):
        take_in(open_import("milestones.csv", content, by=by, now=MONDAY).pk, by=by, now=MONDAY)
        taken = _told()

    assert taken == kept


def _told():
    columns = ("name", "output", "planned_date", "external_ref", "project__name", "project__account__name")
    return sorted(map(str, Milestone.objects.values_list(*columns)))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (-5, -5),
        (Decimal("-1.50"), Decimal("-1.50")),
        ("-5", "'-5"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        (["=1"], '["=1"]'),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02T00:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (timedelta(hours=1), 3600.0),
    ],
)
def test_a_value_is_a_plain_cell(value, shown):
    assert cell(value) == shown
