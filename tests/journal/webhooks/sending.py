"""An endpoint at a real receiver, events to tell it, and what became of them."""

import json
from datetime import timedelta

from django.db import connections

from journal import endpoints, fanout, webhooks
from journal.actions import record
from journal.actors import SYSTEM
from journal.models import Channel, Delivery, DeliveryAttempt, WebhookEndpoint
from tenancy.door import inside
from tests.factories import MONDAY
from tests.receiver import saying

OK = saying(b'{"ok":true}')
BUSY = saying(b"later", status=500)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def made(studio, there, path="/hook", **more):
    with inside(studio):
        return endpoints.make(name="n8n", url=there.url(path), by=SYSTEM, now=MONDAY, **more)


def happen(studio, kind="progress.recorded", *, thread=None, at=MONDAY, **data):
    with inside(studio):
        return record(studio, kind, by=SYSTEM, at=at, data=data, thread_id=thread)


def tell(now=MONDAY):
    """Fans out and sends all that is due. Returns how many attempts were made."""
    while fanout.tell_behind(now=now):
        pass
    tried = 0
    while webhooks.send_next(now=now):
        tried += 1
    return tried


def messages(studio, **which):
    with inside(studio):
        return list(Delivery.objects.filter(channel=Channel.WEBHOOK, **which).order_by("seq"))


def fresh(studio, endpoint):
    with inside(studio):
        return WebhookEndpoint.objects.get(pk=endpoint.pk)


def told(there):
    """The events that arrived, by their kind and what they say."""
    return [(body["kind"], body["data"].get("n")) for body in map(json.loads, bodies(there))]


def bodies(there):
    return [request.body.decode() for request in there.requests]


def tries(studio):
    with inside(studio):
        return list(DeliveryAttempt.objects.order_by("at", "pk").values_list("outcome", "detail"))


def ring():
    tell()
    connections.close_all()
