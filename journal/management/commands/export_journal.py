"""`manage.py export_journal SLUG > journal.jsonl`: a workspace's journal for `tools/verify_journal.py`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from journal.chain import Entry
from journal.models import ChainHead
from journal.queries import entries
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
            head = ChainHead.objects.get()
            self._write({"workspace": str(workspace.pk), "seq": head.seq, "hash": bytes(head.hash).hex()})
            for entry in entries(head):
                self._write(_line(entry))

    def _write(self, line: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(line, ensure_ascii=False))


def _line(entry: Entry) -> dict[str, Any]:
    salt, content = entry.personal or (None, None)
    return {
        "seq": entry.seq,
        "body": entry.body,
        "hash": entry.hash.hex(),
        "salt": salt,
        "personal": content,
    }
