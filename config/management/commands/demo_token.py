"""`manage.py demo_token` prints a new API token with all scopes for the demo workspace."""

from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from django.utils import timezone

from config import demo
from journal.actors import Actor
from tenancy.door import inside
from tenancy.models import Workspace
from workspaces.actions.tokens import issue_token
from workspaces.models import Scope, User


def _workspace() -> Workspace | None:
    """None as well before the first migration."""
    with suppress(ProgrammingError):
        return Workspace.objects.filter(slug=demo.SLUG).first()
    return None


class Command(BaseCommand):
    help = "Prints a new API token with all scopes for the demo workspace."

    def handle(self, *args: Any, **options: Any) -> None:
        if (workspace := _workspace()) is None:
            raise CommandError(
                "There is no demo workspace here. `make run` makes one in an empty installation."
            )
        mara = User.objects.get(email=demo.MARA)
        with inside(workspace):
            _, token = issue_token(
                name="make demo-token",
                scopes=list(Scope),
                by=Actor("user", mara.pk, str(mara)),
                now=timezone.now(),
            )
        self.stdout.write(token)
