"""The development mailbox: every message becomes a file, and a page shows them."""

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from tenancy.ids import uuid7


class EmailBackend(BaseEmailBackend):
    """Writes each message to `MAILBOX/<time-ordered id>.eml`, complete or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        settings.MAILBOX.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            self._write(mail.message().as_bytes())
        return len(email_messages)

    def _write(self, content: bytes) -> None:
        path: Path = settings.MAILBOX / f"{uuid7()}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(content)
        draft.replace(path)


def read(path: Path) -> Parsed:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def newest(limit: int = 100) -> list[tuple[str, datetime, Parsed]]:
    """(name, time, message) of the newest messages, newest first."""
    files = sorted(settings.MAILBOX.glob("*.eml"), reverse=True)[:limit]
    return [
        (file.stem, datetime.fromtimestamp(file.stat().st_mtime).astimezone(), read(file)) for file in files
    ]
