"""Pages that exist only under `make run`: the mailbox and the design kit."""

import re
from email.message import EmailMessage
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from journal import mailbox
from web import kit
from web.guards import member, public

ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,)]")


@public
@require_safe
def show_mailbox(request: HttpRequest) -> HttpResponse:
    """Every message that would have left this machine, newest first, with the links it holds."""
    letters = [{"at": at, **_letter(mail)} for _, at, mail in mailbox.newest(50)]
    return render(request, "web/mailbox.html", {"letters": letters})


def _letter(mail: Any) -> dict[str, Any]:
    text = _text(mail)
    return {
        "subject": mail["Subject"],
        "to": mail["To"],
        "text": text,
        "links": list(dict.fromkeys(ADDRESS.findall(text))),
    }


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()).strip() if body else ""


@member
@require_safe
def show_kit(request: HttpRequest) -> HttpResponse:
    return kit.kit(request)


urlpatterns = [
    path("dev/mailbox", show_mailbox, name="mailbox"),
    path("w/<slug:slug>/kit", show_kit, name="kit"),
]
