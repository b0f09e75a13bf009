"""Taking turns in a workspace, and short numbers that people can say: 1, 2, 3 …"""

from django.db import connection, models

from tenancy.door import current_workspace_id
from tenancy.models import WorkspaceModel

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def take_turn(at: str) -> None:
    """Whoever takes a turn at the same thing in this workspace waits until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"{at} {current_workspace_id()}"])


def next_number(model: type[WorkspaceModel]) -> int:
    """The next number of a kind of thing."""
    take_turn(model._meta.db_table)
    highest = model._default_manager.aggregate(highest=models.Max("number"))["highest"]
    return (highest or 0) + 1
