"""Tools that send deliveries, as their vendors' own servers would."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from standardwebhooks import Webhook

_numbers = count(1)


@dataclass(frozen=True)
class Posted:
    """One delivery on its way: what `telemetry.inbound.receive` or the test client takes."""

    body: bytes
    headers: dict[str, str]

    @property
    def meta(self) -> dict[str, str]:
        return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}


@dataclass(frozen=True)
class Generic:
    """Signs by Standard Webhooks."""

    secret: str

    def says(
        self, at: datetime, *, kind: str = "state_changed", sent: datetime | None = None, **data: Any
    ) -> Posted:
        told = {"external_id": "CRM-1", "title": "Dashboard", "state": "todo", **data}
        body = {"type": f"workitem.{kind}", "timestamp": at.isoformat(), "data": told}
        return self.sends(json.dumps(body).encode(), sent or at)

    def sends(self, body: bytes, sent: datetime) -> Posted:
        sender_id = f"msg_{next(_numbers)}"
        signature = Webhook(self.secret).sign(sender_id, sent, body.decode("utf-8", "surrogateescape"))
        stamp = str(int(sent.timestamp()))
        return Posted(
            body, {"webhook-id": sender_id, "webhook-timestamp": stamp, "webhook-signature": signature}
        )


@dataclass(frozen=True)
class Linear:
    """Signs the body, which holds the time."""

    secret: str

    def says(self, at: datetime, state: str = "unstarted", *, action: str = "update", **data: Any) -> Posted:
        issue = {
            "id": "7e1d3c2b-5a49-4f86-a1b2-c3d4e5f60718",
            "title": "Publish onboarding dashboard",
            "updatedAt": at.isoformat(),
            "url": "https://linear.app/studio-lind/issue/LIN-34",
            "state": {"id": f"state-{state}", "name": state.title(), "type": state},
            "labels": [],
            **data,
        }
        told = {"type": "Issue", "action": action, "createdAt": at.isoformat(), "data": issue}
        return self.sends({**told, "webhookTimestamp": int(at.timestamp() * 1000)})

    def comments(self, at: datetime, issue: str = "7e1d3c2b-5a49-4f86-a1b2-c3d4e5f60718") -> Posted:
        comment = {"id": "c1", "issueId": issue, "updatedAt": at.isoformat(), "issue": {"title": "Publish"}}
        told = {"type": "Comment", "action": "create", "createdAt": at.isoformat(), "data": comment}
        return self.sends({**told, "webhookTimestamp": int(at.timestamp() * 1000)})

    def sends(self, payload: dict[str, Any]) -> Posted:
        body = json.dumps(payload).encode()
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return Posted(body, {"Linear-Delivery": f"d-{next(_numbers)}", "Linear-Signature": signature})
