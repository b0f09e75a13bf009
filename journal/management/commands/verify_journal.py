"""`manage.py verify_journal`: is every journal whole, from its first entry to its head?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from journal.models import ChainHead
from journal.queries import fault_of
from tenancy.door import inside
from tenancy.models import Workspace


class Command(BaseCommand):
    help = "Verifies the journal of every workspace and names the first bad entry; if any, exits with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", metavar="SLUG", help="only this workspace")

    def handle(self, *args: Any, workspace: str | None, **options: Any) -> None:
        chosen = Workspace.objects.order_by("slug")
        if workspace:
            chosen = chosen.filter(slug=workspace)
        if not chosen and workspace:
            raise CommandError(f"There is no workspace “{workspace}”.")
        faults = [each.slug for each in chosen.iterator() if not self._is_whole(each)]
        if faults:
            raise CommandError(f"The journal was tampered with in: {', '.join(faults)}.")

    def _is_whole(self, workspace: Workspace) -> bool:
        with inside(workspace):
            head = ChainHead.objects.get()
            fault = fault_of(head)
        verdict = fault or f"whole, head {bytes(head.hash).hex()}"
        (self.stderr if fault else self.stdout).write(f"{workspace.slug}: {head.seq} entries, {verdict}")
        return not fault
