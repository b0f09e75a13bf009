"""What leaves of the journal and the outbox. The journal leaves as lines that its verifier reads."""

import json
from collections.abc import Iterator
from typing import Any

from journal.chain import Entry
from journal.models import ChainHead, Delivery, DeliveryAttempt, Event, EventPersonal, WebhookEndpoint
from journal.queries import entries
from tenancy.portable import Table, register

QUEUE = "plumbing of the queue"
SEALED = "a sealed secret"
IN_LINES = "leaves as journal.jsonl, which tools/verify_journal.py reads"


def register_own() -> None:
    register(
        [
            Table(
                "messages",
                Delivery,
                without={
                    "payload": "holds the places of secret addresses",
                    "lease_until": QUEUE,
                    "fence": QUEUE,
                },
            ),
            Table("message_attempts", DeliveryAttempt),
            Table(
                "webhook_endpoints",
                WebhookEndpoint,
                without={
                    "secret": SEALED,
                    "old_secret": SEALED,
                    "old_secret_until": QUEUE,
                    "lease_until": QUEUE,
                },
            ),
        ],
        staying=dict.fromkeys([ChainHead, Event, EventPersonal], IN_LINES),
    )


def lines(head: ChainHead) -> Iterator[str]:
    """The journal up to its head, as JSON: the head first, then every entry in order."""
    yield _json({"workspace": str(head.workspace_id), "seq": head.seq, "hash": bytes(head.hash).hex()})
    for entry in entries(head):
        yield _json(_told(entry))


def _told(entry: Entry) -> dict[str, Any]:
    salt, content = entry.personal or (None, None)
    return {
        "seq": entry.seq,
        "body": entry.body,
        "hash": entry.hash.hex(),
        "salt": salt,
        "personal": content,
    }


def _json(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False)
