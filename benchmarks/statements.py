"""Goal 8: how many statements pages, lists and changes take, at 10, 100 and 1,000 rows."""

import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.common import Report
from benchmarks.database import clone
from benchmarks.engagements import Told, deepen, tell

if TYPE_CHECKING:
    from telemetry.models import Connection

SIZES = (10, 100, 1000)
GOALS = {
    "Today": 6,
    "Projects": 6,
    "Milestone": 12,
    "Portal": 6,
    "API list": 4,
    "API create": 8,
    "Hook": 1,
}
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT set_config")
JSON = "application/json"


def run(report: Report) -> None:
    report.title(f"Statements at {', '.join(f'{size:,}' for size in SIZES)} rows")
    counted = [_counts(size) for size in SIZES]
    for name, most in GOALS.items():
        counts = [counts[name] for counts in counted]
        shown = ", ".join(map(str, counts))
        report.goal(8, f"{name}: {shown} statements", max(counts), at_most=most)
    growing = [name for name in GOALS if counted[0][name] != counted[-1][name]]
    report.goal(8, "of these, how many grow with the rows", len(growing), at_most=0)


def _counts(size: int) -> Mapping[str, int]:
    """The second time each is asked for: what a process remembers for a while is known by then."""
    with clone("bench_statements") as name:
        told = tell()
        connection, secret = _connected(told)
        deepen(name, rows=size)
        acts = _acts(told)
        for act in acts.values():
            act()
        counts = {what: _counted(act) for what, act in acts.items()}
        return {**counts, "Hook": _of_hook(connection, secret)}


def _acts(told: Told) -> Mapping[str, Callable[[], Any]]:
    from django.test import Client

    client = Client(headers={"Host": "localhost", **told.signed_in})
    machine = Client(headers={"Host": "localhost", **told.headers()})
    root = f"/w/{told.workspace.slug}/"
    new = {"project_id": str(told.project_id), "name": "Next"}
    codes = iter(("9.1", "9.2"))

    def create() -> Any:
        body = json.dumps({**new, "code": next(codes)})
        return machine.post("/api/v1/milestones", body, content_type=JSON)

    return {
        "Today": lambda: client.get(root),
        "Projects": lambda: client.get(f"{root}projects/"),
        "Milestone": lambda: client.get(f"{root}milestones/{told.milestone_id}/"),
        "Portal": lambda: client.get(told.portal),
        "API list": lambda: machine.get("/api/v1/milestones?limit=200"),
        "API create": create,
    }


def _counted(act: Callable[[], Any]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        response = act()
    assert response.status_code in (200, 201), response.content[:500]
    return sum(not query["sql"].startswith(TRANSACTION) for query in caught.captured_queries)


def _connected(told: Told) -> "tuple[Connection, str]":
    from milestones.models import Milestone
    from telemetry.actions.connections import connect
    from tenancy.door import inside
    from tests.factories import actor
    from workspaces.models import Membership

    with inside(told.workspace):
        owner = Membership.objects.select_related("user").filter(role="owner")[0].user
        milestone = Milestone.objects.get(pk=told.milestone_id)
        return connect(
            provider="linear", name="Bench", milestone=milestone, by=actor(owner), now=datetime.now(UTC)
        )


def _of_hook(sender: "Connection", secret: str) -> int:
    """A hook stays out of Django's cursors: its statements are counted on the wire."""
    from django.db import connection

    from benchmarks.hooks import deliver

    deliver(sender, secret, 1)
    with tempfile.TemporaryFile() as told:
        wire = connection.connection.pgconn
        wire.trace(told.fileno())
        deliver(sender, secret, 2)
        wire.untrace()
        told.seek(0)
        return sum(b"\tExecute\t" in line or b"\tQuery\t" in line for line in told)
