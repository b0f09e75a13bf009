"""E-mails as text: rendered when the intent is written, sent later as they were.

`{link:ID.MARK}` in a body stands for the secret address of a link; it is filled in while sending and never
stored. The mark is ours alone: what somebody types into a text that is mailed opens no link.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formataddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac

from journal.models import Outgoing

PLACEHOLDER = re.compile(r"\{link:([0-9a-f-]{36})\.([0-9a-f]{40})\}")

_address_of: Callable[[UUID], str] | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str

    def payload(self) -> dict[str, str]:
        return {"subject": self.subject, "text": self.text, "html": self.html}


def compose(name: str, context: Mapping[str, Any]) -> Letter:
    """The letter `emails/<name>.txt` (first line: subject) with its HTML twin."""
    shared = {"public_url": settings.PUBLIC_URL, **context}
    subject, _, text = _plain(f"emails/{name}.txt", shared).strip().partition("\n")
    return Letter(
        " ".join(subject.split()), text.strip() + "\n", render_to_string(f"emails/{name}.html", shared)
    )


def _plain(template: str, context: Mapping[str, Any]) -> str:
    """Rendered without escapes: they would show in plain text."""
    found = Engine.get_default().get_template(template)
    return str(found.render(Context(context, autoescape=False)))


def link_placeholder(link_id: UUID) -> str:
    return f"{{link:{link_id}.{_mark(str(link_id))}}}"


def placed_link(text: str) -> UUID | None:
    """The link whose placeholder the whole text is; None for any other text."""
    match = PLACEHOLDER.fullmatch(text)
    return UUID(match[1]) if match and _is_ours(match) else None


def _is_ours(match: re.Match[str]) -> bool:
    return constant_time_compare(match[2], _mark(match[1]))


def _mark(link_id: str) -> str:
    return salted_hmac("journal.letters.link", link_id).hexdigest()


def use_links(address_of: Callable[[UUID], str]) -> None:
    """Registers who can tell a link's secret address; the app that keeps the links does, when it is ready."""
    global _address_of  # noqa: PLW0603 – set once, while the apps get ready
    _address_of = address_of


def filled_in(body: str) -> str:
    """The body with every link's address. Call it inside the workspace."""

    def address(match: re.Match[str]) -> str:
        if not _is_ours(match):
            return match[0]
        if _address_of is None:
            raise LookupError("No app has registered link addresses.")
        return _address_of(UUID(match[1]))

    return PLACEHOLDER.sub(address, body)


def message_id(outgoing: Outgoing) -> str:
    """The same for every attempt, so that a repeated hand-over is recognised as one message."""
    host = settings.PUBLIC_URL.partition("://")[2].partition(":")[0]
    return f"<{outgoing.pk}@{host}>"


def message(outgoing: Outgoing, *, name: str = "", thread_id: UUID | None = None) -> EmailMultiAlternatives:
    """The message as it leaves: stable Message-ID, threaded by what it is about, marked as automatic."""
    letter = outgoing.payload
    headers = {"Message-ID": message_id(outgoing), "Auto-Submitted": "auto-generated"}
    if thread_id:
        headers["References"] = f"<thread-{thread_id}@cairn>"
    mail = EmailMultiAlternatives(
        subject=letter["subject"],
        body=filled_in(letter["text"]),
        to=[formataddr((name, outgoing.address)) if name else outgoing.address],
        headers=headers,
    )
    if letter.get("html"):
        mail.attach_alternative(filled_in(letter["html"]), "text/html")
    return mail
