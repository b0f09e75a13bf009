"""Forms that were sent already: Back and a second press of the button make nothing twice.

Each page carries a key in its forms (web/templatetags/once.py). The same key with the same words at the same
address is a repeat, and leads where the first one led; other words are another wish. The note is written
within the guard's transaction: a refused form leaves none, and of two at once the second waits for the first.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect

FIELD: Final = "once"
KEPT_FOR: Final = int(timedelta(days=1).total_seconds())
SAID: Final = "This was sent already; nothing was done twice."


def once(request: HttpRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer, or the way to where the same form led before."""
    if request.method != "POST" or FIELD not in request.POST:
        return answer()
    note = _note(request)
    if not cache.add(note, "", KEPT_FOR):
        messages.info(request, SAID)
        return redirect(cache.get(note) or request.path)
    response = answer()
    if isinstance(response, HttpResponseRedirect):
        cache.set(note, response.url, KEPT_FOR)
    else:
        cache.delete(note)
    return response


def _note(request: HttpRequest) -> str:
    """Without the token against forgery, which a page writes differently each time."""
    words = sorted((name, *values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    uploads: Any = request.FILES
    files = sorted((name, file.name, file.size) for name, file in uploads.items())
    said = repr((request.user.pk, request.path, words, files))
    return f"sent-{hashlib.sha256(said.encode()).hexdigest()}"
