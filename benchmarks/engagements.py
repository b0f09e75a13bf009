"""A workspace as full as wanted: four engagements of the demo, told by its own actions, and copies.

Copies are made in SQL past policies and keys. Their journal shows like any other but proves nothing.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from benchmarks import database

if TYPE_CHECKING:
    from tenancy.models import Workspace

PROJECTS_TOLD = 4
PEOPLE = frozenset(
    {
        "workspace_id",
        "owner_primary_id",
        "review_owner_id",
        "response_member_id",
        "author_id",
        "by_id",
        "owner_id",
        "actor_id",
    }
)
CLIENTS = ("milestones_account", "milestones_contact", "milestones_project", "milestones_phase")
PLANS = ("milestones_milestone", "milestones_pulse")
REPORTS = (
    "milestones_criterion",
    "milestones_progressupdate",
    "milestones_qarun",
    "milestones_changerequest",
    "milestones_workitem",
    "escalation_blocker",
    "journal_event",
    "journal_eventpersonal",
)
REST = ("milestones_dependency", "milestones_daytally", "telemetry_riskscore", "telemetry_signal")
ABOUT = frozenset(
    {"milestone_id", "project_id", "phase_id", "thread_id", "subject_id", "cause_id", "response_contact_id"}
)
# A copy of a milestone that stays in its project.
CLIENT_KEYS = frozenset({"project_id", "phase_id", "owner_client_id", "approver_id"})
MOVED = {"code": "code || '-' || n", "is_first": "false"}
# What is unique beside an id moves on with each copy.
NUMBERED = {
    "number": "number + n * 1000",
    "seq": "seq + n * 1000",
    "position": "position + n * 20",
}
COLUMNS = """
SELECT column_name, data_type = 'uuid' FROM information_schema.columns
WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


@dataclass(frozen=True, slots=True)
class Told:
    """The workspace, who owns it, and where one engagement is found."""

    workspace: "Workspace"
    cookie: str
    token_of: list[str]
    project_id: UUID
    milestone_id: UUID
    portal: str

    def headers(self, number: int = 0) -> dict[str, str]:
        """A signed-in person, or one of the tokens; each may send only so many requests in a minute."""
        return {"Authorization": f"Bearer {self.token_of[number % len(self.token_of)]}"}

    @property
    def signed_in(self) -> dict[str, str]:
        return {"Cookie": f"sessionid={self.cookie}"}


def tell(*, tokens: int = 1) -> Told:
    """The demo of now, scored and watched, in the database that Django points at."""
    from config import demo
    from config.demo.engagements.atlas import ATLAS
    from config.demo.engagements.harbor import HARBOR
    from config.demo.engagements.meridian import MERIDIAN
    from config.demo.engagements.northwind import NORTHWIND
    from telemetry.sweeps.heartbeat import check_due
    from telemetry.sweeps.risk import score_changed
    from tenancy.door import inside

    now = datetime.now(UTC)
    told = (NORTHWIND, HARBOR, MERIDIAN, ATLAS)  # always the same, so that figures can be compared
    workspace = demo.tell(home=Path(os.environ["CAIRN_HOME"]), now=now, engagements=told)
    score_changed(now=now)
    check_due(now=now)
    portal = demo.portal_address(workspace.pk, project=NORTHWIND.project)
    with inside(workspace):
        return _told(workspace, portal, tokens, now)


def _told(workspace: "Workspace", portal: str, tokens: int, now: datetime) -> Told:
    from django.test import Client

    from config import demo
    from config.demo.engagements.northwind import NORTHWIND
    from milestones.models import Milestone
    from tests.factories import actor
    from workspaces.actions import issue_token
    from workspaces.models import Scope, User

    owner = User.objects.get(email=demo.MARA)
    milestone = Milestone.objects.get(project__name=NORTHWIND.project, is_first=True)
    client = Client()
    client.force_login(owner)
    texts = [
        issue_token(name=f"Bench {n}", scopes=Scope.values, by=actor(owner), now=now)[1]
        for n in range(tokens)
    ]
    path = "/" + portal.split("/", 3)[3]
    cookie = client.cookies["sessionid"].value
    return Told(workspace, cookie, texts, milestone.project_id, milestone.pk, path)


def copy_engagements(name: str, *, projects: int) -> None:
    """As many whole projects as wanted, each with all that was told of it."""
    with database.superuser(name) as connection:
        copy(connection, (*CLIENTS, *PLANS, *REPORTS, *REST), times=projects // PROJECTS_TOLD - 1)


def deepen(name: str, *, rows: int) -> None:
    """About as many rows wherever a page or list shows rows: reports, milestones of a project, projects."""
    with database.superuser(name) as connection:
        copy(connection, REPORTS, times=rows, kept=ABOUT)
        copy(connection, PLANS, times=rows, kept=CLIENT_KEYS, instead=MOVED)
        copy(connection, CLIENTS[:3], times=rows)


def copy(
    connection: psycopg.Connection[Any],
    tables: Collection[str],
    *,
    times: int,
    kept: Collection[str] = frozenset(),
    instead: Mapping[str, str] | None = None,
) -> None:
    """Copies the rows; every id becomes a new one but those `kept`, so what hangs together stays so."""
    for table in tables:
        columns = connection.execute(COLUMNS, [table]).fetchall()
        made = {name: _made(name, is_key=is_key and name not in kept) for name, is_key in columns}
        made.update({name: text for name, text in (instead or {}).items() if name in made})
        statement = f"""
        INSERT INTO {table} ({", ".join(made)})
        SELECT {", ".join(made.values())} FROM {table} CROSS JOIN generate_series(1, {times}) n
        """  # noqa: S608 - names of our own tables and columns
        connection.execute(statement.encode())
        connection.execute(f"VACUUM (ANALYZE, FREEZE) {table}".encode())


def _made(column: str, *, is_key: bool) -> str:
    if is_key and column not in PEOPLE:
        return f"md5({column}::text || n)::uuid"
    return NUMBERED.get(column, column)
