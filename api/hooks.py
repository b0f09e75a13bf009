"""Inbound hooks: raw bytes in, exactly 200 out within milliseconds. The signature is the sign-in."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from telemetry.inbound import LARGEST, Answer, receive, refuse_too_large

STATUS = {
    Answer.UNKNOWN: (404, "Not found"),
    Answer.FORGED: (403, "Wrong signature"),
    Answer.STALE: (403, "Not fresh"),
    Answer.MALFORMED: (400, "Not readable"),
    Answer.TOO_LARGE: (413, "Too large"),
}

NO_LENGTH = "Send the delivery with a Content-Length: the signature is checked over the whole body at once."


class StraightToHooks:
    """Leads hooks past the middleware for people: sessions, cookies, pages, policies for browsers.

    Those take three times as long as taking the delivery in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/hooks/"):
            return self.get_response(request)
        request.resolver_match = resolve(request.path_info)
        view, args, kwargs = request.resolver_match
        response: HttpResponse = view(request, *args, **kwargs)
        response["Content-Length"] = str(len(response.content))  # else the answer goes out in chunks
        return response


@csrf_exempt
@require_POST
def hook(request: HttpRequest, provider: str, connection_id: UUID) -> HttpResponse:
    """Takes a delivery of a connected tool. Never 401 or 410: either makes senders switch the hook off."""
    now = timezone.now()
    if _is_chunked(request.META):
        return problem(411, "Length required", NO_LENGTH)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        answer, sentence = refuse_too_large(provider, connection_id, now=now)
    else:
        headers = _headers(request.META)
        answer, sentence = receive(provider, connection_id, headers=headers, body=body, now=now)
    return _answered(answer, sentence)


hook.guard = "hook"  # type: ignore[attr-defined]


def _headers(meta: Mapping[str, str]) -> dict[str, str]:
    sent = {n[5:].replace("_", "-").lower(): value for n, value in meta.items() if n[:5] == "HTTP_"}
    return sent | {"content-type": meta.get("CONTENT_TYPE", "")}


def _is_chunked(meta: Mapping[str, str]) -> bool:
    """Without a length the body reads as empty, and would be refused as wrongly signed."""
    return not meta.get("CONTENT_LENGTH") and "chunked" in meta.get("HTTP_TRANSFER_ENCODING", "").lower()


def _answered(answer: Answer, sentence: str) -> HttpResponse:
    if answer not in STATUS:
        return JsonResponse({"detail": sentence})
    status, title = STATUS[answer]
    return problem(status, title, sentence)


def problem(status: int, title: str, sentence: str) -> HttpResponse:
    document = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
    return JsonResponse(document, status=status, content_type="application/problem+json")
