"""Sets the scene in an installation: `python -m tests.faults.scene begin`.

Or `… invite NAME COUNT`, or `… listen URL COUNT`.

A process of its own, because the tests' Django looks at another database.
"""

import json
import os
import sys

import django
from django.utils import timezone


def begin() -> None:
    """A migrated database, a workspace, and a milestone that a generic tool is connected to."""
    from django.core.management import call_command

    from telemetry.actions.connections import connect
    from tenancy.door import inside
    from tests import factories

    call_command("migrate", database="owner", verbosity=0)
    now = timezone.now()
    owner = factories.person()
    studio = factories.workspace(owner, slug="studio", now=now)
    with inside(studio):
        by = factories.actor(owner)
        milestone = factories.milestone_in_execution(by, now=now)
        connection, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=now)
    print(json.dumps({"path": f"/hooks/generic/{connection.pk}", "secret": secret}))


def invite(name: str, count: int) -> None:
    """That many mails to different people, due at once."""
    from tenancy.door import inside
    from tenancy.models import Workspace
    from tests import factories
    from workspaces.actions.people import invite as offer
    from workspaces.models import Role, User

    studio = Workspace.objects.get(slug="studio")
    by = factories.actor(User.objects.get())
    with inside(studio):
        for number in range(count):
            email = f"{name}-{number}@studio.example"
            offer(workspace=studio, email=email, role=Role.MEMBER, by=by, now=timezone.now())


def listen(url: str, count: int) -> None:
    """An endpoint, and that many events for it in three stories."""
    from journal import endpoints
    from journal.actions import record
    from journal.actors import SYSTEM
    from tenancy.door import inside
    from tenancy.ids import uuid7
    from tenancy.models import Workspace

    studio, stories = Workspace.objects.get(slug="studio"), [uuid7() for _ in range(3)]
    with inside(studio):
        now = timezone.now()
        endpoints.make(name="Books", url=url, events=["progress.recorded"], by=SYSTEM, now=now)
        for n in range(count):
            story = stories[n % len(stories)]
            record(studio, "progress.recorded", by=SYSTEM, at=now, data={"n": n}, thread_id=story)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    match sys.argv[1:]:
        case ["begin"]:
            begin()
        case ["invite", name, count]:
            invite(name, int(count))
        case ["listen", url, count]:
            listen(url, int(count))
