"""The journal is append-only and whole; whatever is done to it is found and named, twice over."""

import hashlib
import io
import json
import subprocess
import sys
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from journal.actions import record
from journal.chain import commitment, follow, genesis
from journal.models import ChainHead, Event, EventPersonal
from tenancy.door import inside
from tests import factories, superuser
from tests.factories import MONDAY
from tests.guards.source import ROOT
from tools import verify_journal

# What an intruder with the whole server does, and the entry that both verifiers must name.
TAMPERINGS = {
    "text": ("""UPDATE journal_event SET body = replace(body, '"n":1', '"n":9') WHERE seq = 3""", "Entry 3"),
    "hash": ("UPDATE journal_event SET hash = sha256('x') WHERE seq = 2", "Entry 2"),
    "middle delete": ("DELETE FROM journal_event WHERE seq = 3", "Entry 3 is missing"),
    "first delete": ("DELETE FROM journal_event WHERE seq = 1", "Entry 1 is missing"),
    "tail cut": ("DELETE FROM journal_event WHERE seq = 4", "Entry 4 is missing: the end was cut off"),
    "head": ("UPDATE journal_chainhead SET hash = sha256('x')", "The head's hash is not that of entry 4"),
    "head beyond": ("UPDATE journal_chainhead SET seq = 5", "Entry 5 is missing: the end was cut off"),
    "everything": ("DELETE FROM journal_event", "Entry 1 is missing: the end was cut off"),
    "people": (
        "UPDATE journal_eventpersonal SET content = jsonb_set(content, '{actor}', '\"Eve\"')",
        "Entry 1 names other people",
    ),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_is_found_and_named_by_both_verifiers(studio, fresh_database, tmp_path, how):
    statement, named = TAMPERINGS[how]
    with superuser.connect(fresh_database.name) as intruder:
        changed = intruder.execute(statement.encode()).rowcount

    inside_says, outside_says = _verify_inside(), _verify_outside(_export(tmp_path))

    assert changed > 0
    assert inside_says[0] == outside_says[0] == 1
    assert named in inside_says[1]
    assert named in outside_says[1]


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'other'",
        "at = at + interval '1 microsecond'",
        "actor_id = NULL",
        "thread_id = id",
        "subject_kind = 'x'",
    ],
)
def test_a_column_that_says_something_else_than_the_text_is_found(studio, fresh_database, change):
    with superuser.connect(fresh_database.name) as intruder:
        intruder.execute(f"UPDATE journal_event SET {change} WHERE seq = 3".encode())

    status, said = _verify_inside()

    assert (status, "Entry 3 was changed: its columns" in said) == (1, True)


def test_a_whole_journal_is_said_to_be_whole_by_both(studio, tmp_path):
    with inside(studio):
        head = bytes(ChainHead.objects.get().hash).hex()

    inside_says, outside_says = _verify_inside(), _verify_outside(_export(tmp_path))

    assert inside_says == (0, f"studio: 4 entries, whole, head {head}\n")
    assert outside_says == (0, f"4 entries, whole, head 4:{head}\n")


def test_a_cut_that_moves_the_head_is_found_by_a_head_noted_earlier(studio, fresh_database, tmp_path):
    noted = _verify_outside(_export(tmp_path))[1].split()[-1]
    with superuser.connect(fresh_database.name) as intruder:
        intruder.execute(b"DELETE FROM journal_event WHERE seq = 4")
        intruder.execute(
            b"UPDATE journal_chainhead h SET seq = 3, hash = e.hash FROM journal_event e WHERE e.seq = 3"
        )
    export = _export(tmp_path)

    assert _verify_outside(export)[0] == 0
    assert _verify_outside(export, "--head", noted) == (
        1,
        "Entry 4 is missing: you noted entry 4, so the end was cut off.\n",
    )


def test_a_rewritten_journal_is_found_by_a_head_noted_earlier(studio, tmp_path):
    assert _verify_outside(_export(tmp_path), "--head", f"2:{'0' * 64}") == (
        1,
        "Entry 2 is not the one that you noted.\n",
    )


def test_a_file_that_is_no_export_is_named_as_such(tmp_path):
    file = tmp_path / "other.txt"
    file.write_text("hello\n")

    status, said = _verify_outside(file)

    assert (status, said.startswith("This is no exported journal")) == (2, True)


def test_erased_people_leave_the_chain_whole(studio, tmp_path):
    with inside(studio):
        EventPersonal.objects.filter(event__seq=2).delete()

    assert _verify_inside()[0] == 0
    assert _verify_outside(_export(tmp_path))[0] == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_event SET kind = 'other'",
        "DELETE FROM journal_event",
        "TRUNCATE journal_event",
        "TRUNCATE journal_event CASCADE",
        "UPDATE journal_eventpersonal SET content = '{}'",
    ],
)
def test_the_app_role_can_only_append(studio, statement):
    with pytest.raises(DatabaseError), inside(studio), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("statement", ["UPDATE journal_event SET kind = 'x'", "DELETE FROM journal_event"])
def test_even_the_owner_can_only_append(studio, statement):
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic("owner"):
        _as_owner(studio, statement)


def _as_owner(studio, statement):
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace_id', %s, true)", [str(studio.pk)])
        cursor.execute(statement)


def test_even_the_owner_cannot_empty_it(studio):
    with pytest.raises(DatabaseError, match="never emptied"), transaction.atomic("owner"):
        _as_owner(studio, "TRUNCATE journal_event CASCADE")


def test_concurrent_appends_make_one_gapless_chain(studio):
    threads = [Thread(target=_append_ten, args=(studio, name)) for name in "abcd"]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with inside(studio):
        assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 45))
    assert _verify_inside()[0] == 0


def _append_ten(studio, name):
    by = factories.actor(factories.person(f"{name}@studio.example"))
    for n in range(10):
        with inside(studio):
            record(studio, "note.taken", by=by, at=MONDAY, data={"n": n})
    connections.close_all()


def test_an_action_that_is_taken_back_leaves_no_gap(studio):
    by = factories.actor(factories.person("bob@studio.example"))
    with inside(studio):
        record(studio, "note.taken", by=by, at=MONDAY)
        transaction.set_rollback(True)

    with inside(studio):
        event = record(studio, "note.taken", by=by, at=MONDAY)

    assert event.seq == 5
    assert _verify_inside()[0] == 0


def test_an_event_holds_what_its_row_holds(studio):
    by = factories.actor(factories.person("bob@studio.example"))
    with inside(studio):
        event = record(studio, "note.taken", by=by, at=MONDAY, data={"n": 1}, personal={"about": "Dan"})
        stored = Event.objects.get(pk=event.pk)
        personal = EventPersonal.objects.get(event=event)

    assert (stored.seq, bytes(stored.hash)) == (5, bytes(event.hash))
    assert bytes(stored.hash) == follow(bytes(stored.previous), 5, stored.body)
    assert personal.content == {"actor": "Ada Agency", "about": "Dan"}
    assert json.loads(stored.body)["personal"] == commitment(personal.salt, personal.content)
    assert "Dan" not in stored.body


def test_both_verifiers_compute_the_same_hashes():
    entry: dict[str, Any] = {
        "seq": 7,
        "body": '{"ü":1}',
        "hash": hashlib.sha256(b"").hexdigest(),
        "salt": None,
    }
    workspace = "0190f3a0-0000-7000-8000-000000000000"
    before = genesis(UUID(workspace))
    entry["hash"] = follow(before, 7, entry["body"]).hex()

    assert verify_journal.genesis(workspace) == before
    assert verify_journal.follow(before, entry).hex() == entry["hash"]
    assert verify_journal.committed({"salt": "s", "personal": {"b": "ö", "a": [1]}}) == commitment(
        "s", {"a": [1], "b": "ö"}
    )


def _verify_inside() -> tuple[int, str]:
    said = io.StringIO()
    try:
        call_command("verify_journal", stdout=said, stderr=said)
    except CommandError as error:
        return error.returncode, said.getvalue()
    return 0, said.getvalue()


def _verify_outside(file, *options) -> tuple[int, str]:
    """As a stranger would: a bare interpreter, isolated from everything installed here."""
    command = [sys.executable, "-I", "-S", str(ROOT / "tools" / "verify_journal.py"), str(file), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _export(folder):
    file = folder / "journal.jsonl"
    with file.open("w") as out:
        call_command("export_journal", "studio", stdout=out)
    return file
