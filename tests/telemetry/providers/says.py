"""What the tools of these tests send, signed as they would sign it."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from telemetry.providers import PROVIDERS, Check

LINEAR, GENERIC = PROVIDERS["linear"], PROVIDERS["generic"]
LINEAR_SECRET = "lin_wh_test"
GENERIC_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
TOKEN = "a-token-that-people-paste-into-a-tool"
NOW = datetime(2026, 11, 18, 9, 45, 1, tzinfo=UTC)


def linear_body(**changes: Any) -> dict[str, Any]:
    issue = {
        "id": "i-1",
        "title": "Publish",
        "updatedAt": "2026-11-18T09:45:00Z",
        "state": {"type": "started"},
    }
    data = issue | changes.pop("data", {})
    return {
        "action": "update",
        "type": "Issue",
        "createdAt": "2026-11-18T09:45:00Z",
        "webhookTimestamp": int(NOW.timestamp() * 1000),
        "data": data,
    } | changes


def signed_linear(body: bytes) -> dict[str, str]:
    signature = hmac.new(LINEAR_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"Linear-Signature": signature, "Linear-Delivery": "d-1"}


def signed_generic(body: bytes, *, at: datetime = NOW) -> dict[str, str]:
    # The library signs text only, so bytes that are no text are signed here.
    key, sent = base64.b64decode(GENERIC_SECRET.removeprefix("whsec_")), int(at.timestamp())
    mac = hmac.new(key, f"msg_1.{sent}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": str(sent), "webhook-signature": signature}


def generic_body(kind: str = "workitem.state_changed", **data) -> bytes:
    item = {"external_id": "CRM-1", "title": "Deck", "state": "done"} | data
    return json.dumps({"type": kind, "timestamp": "2026-11-18T09:45:00Z", "data": item}).encode()


def linear_says(body: bytes) -> Check:
    return LINEAR.verify(signed_linear(body), body, [LINEAR_SECRET], NOW)


def generic_says(body: bytes) -> Check:
    return GENERIC.verify(signed_generic(body), body, [GENERIC_SECRET], NOW)


def linear_events(**changes):
    body = json.dumps(linear_body(**changes)).encode()
    return LINEAR.parse(signed_linear(body), body, {})


def generic_events(kind: str, mapping=None, **data):
    body = generic_body(kind, **data)
    return GENERIC.parse(signed_generic(body), body, mapping or {})
