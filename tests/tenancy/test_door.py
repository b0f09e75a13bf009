"""The one door: what it shows, and what it leaves behind."""

from threading import Thread

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction
from django.db.utils import DataError
from psycopg_pool import ConnectionPool

from tenancy.door import AnotherWorkspace, NoWorkspace, TooLate, current_workspace_id, inside, knock
from tenancy.models import DoorKey, Workspace
from tests import factories
from workspaces.models import Membership, Role

UNSET = (ProgrammingError, DataError)  # never set at all, or set to nothing by an earlier transaction


@pytest.fixture
def two(db):
    ada = factories.person()
    return factories.workspace(ada, name="Ours"), factories.workspace(ada, name="Theirs")


def _visible() -> set[object]:
    """What PostgreSQL shows, without the manager's filter."""
    return set(Membership.everywhere.values_list("workspace_id", flat=True))


def test_inside_only_the_workspaces_own_rows_are_there(two):
    ours, _ = two

    with inside(ours):
        seen = _visible()

    assert seen == {ours.pk}


def test_a_workspace_is_found_by_all_but_changed_through_its_own_door_only(two):
    ours, theirs = two

    with inside(ours):
        changed = [Workspace.objects.filter(pk=one.pk).update(name="Renamed") for one in (ours, theirs)]

    assert changed == [1, 0]
    assert Workspace.objects.get(pk=theirs.pk).name == "Theirs"


def test_the_database_alone_keeps_a_forgotten_filter_within_the_workspace(two):
    ours, theirs = two
    with inside(theirs):
        foreign = Membership.objects.get()

    with inside(ours):
        assert Membership.everywhere.filter(pk=foreign.pk).update(role="viewer") == 0
        assert not Membership.everywhere.filter(pk=foreign.pk).exists()


def test_a_row_cannot_be_written_into_another_workspace(two):
    ours, theirs = two

    with pytest.raises(ProgrammingError, match="row-level security"), inside(ours):
        DoorKey.everywhere.create(workspace=theirs, kind="token", digest=b"x", subject_id=theirs.pk)


def test_a_row_never_changes_its_workspace(two):
    ours, theirs = two

    with pytest.raises(DatabaseError, match=r"never changes its workspace|row-level security"), inside(ours):
        Membership.everywhere.update(workspace=theirs)


def test_outside_the_manager_refuses():
    with pytest.raises(NoWorkspace):
        Membership.objects.all()


def test_outside_postgresql_refuses_loudly(two):
    with pytest.raises(UNSET), transaction.atomic():
        _visible()


def test_the_same_workspace_nests_as_a_savepoint(two):
    ours, _ = two

    with inside(ours):
        with pytest.raises(ZeroDivisionError):
            _fail_within(ours)
        assert Membership.objects.get().role == "owner"
        assert current_workspace_id() == ours.pk


def _fail_within(workspace: Workspace) -> None:
    with inside(workspace):
        Membership.objects.update(role="viewer")
        raise ZeroDivisionError


def test_another_workspaces_door_stays_shut_meanwhile(two):
    ours, theirs = two

    with inside(ours), pytest.raises(AnotherWorkspace), inside(theirs):
        pass

    with inside(theirs):
        assert _visible() == {theirs.pk}


def test_nothing_is_left_open_after_an_exception(two):
    ours, _ = two

    with pytest.raises(ZeroDivisionError), inside(ours):
        raise ZeroDivisionError

    with pytest.raises(NoWorkspace):
        current_workspace_id()
    with pytest.raises(UNSET), transaction.atomic():
        _visible()


def test_nothing_is_left_open_within_an_outer_transaction(two):
    ours, _ = two

    with transaction.atomic():
        with inside(ours):
            pass
        with pytest.raises(UNSET), transaction.atomic():
            _visible()


def test_a_door_that_is_rolled_back_closes_within_an_outer_transaction(two):
    ours, _ = two

    with transaction.atomic():
        with inside(ours):
            Membership.objects.update(role="viewer")
            transaction.set_rollback(True)
        with pytest.raises(UNSET), transaction.atomic():
            _visible()

    with inside(ours):
        assert Membership.objects.get().role == "owner"


def test_a_hook_on_commit_opens_the_door_by_itself(fresh_database):
    studio, seen = factories.workspace(), []

    def look() -> None:
        with inside(studio):
            seen.append(Membership.objects.count())

    with inside(studio):
        transaction.on_commit(look)

    assert seen == [1]


def test_each_thread_has_its_own_door(fresh_database):
    studio, seen = factories.workspace(), []

    def look() -> None:
        with pytest.raises(NoWorkspace):
            current_workspace_id()
        seen.append("shut")
        connections.close_all()

    with inside(studio):
        thread = Thread(target=look)
        thread.start()
        thread.join()

    assert seen == ["shut"]


@pytest.mark.parametrize("breakdown", ["SELECT 1/0", "SELECT pg_terminate_backend(pg_backend_pid())"])
def test_a_pooled_connection_shows_nothing_after_a_breakdown(fresh_database, breakdown):
    studio = factories.workspace()
    address = fresh_database.environment["APP_DATABASE_URL"]
    with ConnectionPool(address, min_size=1, max_size=1, open=True) as pool:
        with pytest.raises(psycopg.Error):
            _break_within(pool, studio, breakdown)

        with pool.connection() as next_one, pytest.raises(psycopg.Error, match=r"app\.workspace_id|uuid"):
            next_one.execute("SELECT * FROM workspaces_membership")


def _break_within(pool: ConnectionPool, workspace: Workspace, breakdown: str) -> None:
    with pool.connection() as connection:
        connection.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace.pk)])
        connection.execute(breakdown.encode())


def test_the_app_role_cannot_reach_around_the_policies(two):
    attempts = [
        "SET row_security = off; SELECT * FROM workspaces_membership",
        "SET ROLE cairn_owner",
        "SET ROLE cairn_door",
        "ALTER TABLE workspaces_membership DISABLE ROW LEVEL SECURITY",
        "TRUNCATE workspaces_membership",
        "DELETE FROM tenancy_workspace",
        "CREATE TABLE mine (id int)",
    ]

    for attempt in attempts:
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attempt)


def test_an_unknown_secret_opens_nothing(db):
    assert knock("token", "guess") is None


def test_a_workspace_may_exist_without_being_entered(two):
    assert Workspace.objects.count() == 2


def test_a_snapshot_sees_one_moment_whatever_others_commit_meanwhile(fresh_database):
    ada, bea = factories.person(), factories.person("bea@studio.example")
    studio = factories.workspace(ada, slug="studio")

    def join() -> None:
        with inside(studio):
            Membership.objects.create(user=bea, role=Role.MEMBER, joined_at=factories.MONDAY)
        connection.close()

    with inside(studio, snapshot=True):
        before = Membership.objects.count()
        other = Thread(target=join)
        other.start()
        other.join()
        within = Membership.objects.count()
    with inside(studio):
        after = Membership.objects.count()

    assert (before, within, after) == (1, 1, 2)


def test_a_snapshot_is_refused_once_the_door_is_open(two):
    ours, _ = two

    with inside(ours):
        with pytest.raises(TooLate), inside(ours, snapshot=True):
            pass
        assert _visible() == {ours.pk}
