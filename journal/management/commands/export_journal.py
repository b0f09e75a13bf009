"""`manage.py export_journal SLUG > journal.jsonl`: a workspace's journal for `tools/verify_journal.py`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from journal.models import ChainHead
from journal.portable import lines
from tenancy.door import inside
from tenancy.models import Workspace


class Command(BaseCommand):
    help = "Writes a journal as JSON lines: its head first, then every entry in order."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=slug).first()
        if workspace is None:
            raise CommandError(f"There is no workspace “{slug}”.")
        with inside(workspace):
            for line in lines(ChainHead.objects.get()):
                self.stdout.write(line)
