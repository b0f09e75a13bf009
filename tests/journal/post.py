"""A real mail server on loopback that keeps what it takes and misbehaves as it is told."""

import socket
from asyncio import Transport
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Office:
    """`taken` holds every message that arrived whole, answered or not."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer_recipient = "250 OK"
        self.answer_data = "250 OK"
        self.before_answer: Callable[[], None] = lambda: None
        self.cuts_the_line = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_data.startswith("250"):
            content = cast(bytes, envelope.content)
            self.taken.append(message_from_bytes(content, policy=policy.default))
        self.before_answer()
        if self.cuts_the_line:
            cast(Transport, server.transport).abort()
        return self.answer_data

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.taken]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def office() -> Iterator[tuple[Office, int]]:
    """A running server and its port."""
    handler, port = Office(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()
