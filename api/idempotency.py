"""`Idempotency-Key`: the same key and body get the same answer, and the effect happens once.

An answer is kept in the transaction of its effect, so that neither exists without the other. A refusal, which
has no effect, is kept afterwards. The key is locked meanwhile: a copy that comes too early gets 409.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from api.auth import Entry
from api.models import IdempotentAnswer
from api.parsers import UploadParser, check_size, check_upload
from api.problems import Problem, Replayed
from tenancy.sealed import seal, unseal

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT = timedelta(hours=24)
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer a key."""

    actor_id: UUID
    key: str
    fingerprint: bytes


def claim(request: Request, entry: Entry) -> Claim | None:
    """Takes the key that the request carries, if it does. Call it inside the door.

    Raises:
        Replayed: with the answer that was given before.
        Problem: when the key is taken, was used for something else, or is none.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST" or entry.actor.id is None:
        return None
    if not KEY.fullmatch(key):
        raise Problem(400, f"{HEADER} takes 1 to 255 visible ASCII characters.", code="invalid")
    _lock(f"idempotency {entry.key} {key}")
    claimed = Claim(entry.actor.id, key, _fingerprint(request))
    answer = IdempotentAnswer.objects.filter(actor_id=claimed.actor_id, key=key).first()
    if answer is None:
        return claimed
    if bytes(answer.fingerprint) != claimed.fingerprint:
        raise Problem(422, f"This {HEADER} was used for another request.", code="key_reused")
    raise Replayed(_again(answer))


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [name])
        if not cursor.fetchone()[0]:
            detail = f"The first request with this {HEADER} is still running; try again in a moment."
            raise Problem(409, detail, code="still_running", wait=1)


def _fingerprint(request: Request) -> bytes:
    takes_files = any(isinstance(parser, UploadParser) for parser in request.parsers or ())
    is_form = (request.content_type or "").startswith("multipart/form-data")
    said = _form_said(request._request) if takes_files and is_form else _body_said(request._request)
    parts = (str(request.method).encode(), request.get_full_path().encode(), said)
    return hashlib.sha256(b"\0".join(parts)).digest()


def _body_said(request: HttpRequest) -> bytes:
    check_size(request)
    return request.body


def _form_said(request: HttpRequest) -> bytes:
    """A form by its fields and files: its body differs each time by the boundaries, and is not kept."""
    check_upload(request)
    sent = [(name, file) for name, files in request.FILES.lists() for file in files]
    hashes = sorted((name, str(file.name), _hash_of(file)) for name, file in sent)
    return repr((sorted(request.POST.lists()), hashes)).encode()


def _hash_of(file: "UploadedFile[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _again(answer: IdempotentAnswer) -> HttpResponse:
    headers = {**answer.headers, "Idempotent-Replayed": "true"}
    return HttpResponse(unseal(answer.body), status=answer.status, headers=headers)


def keep(claimed: Claim, response: HttpResponseBase, *, now: datetime) -> None:
    """Keeps the answer. Call it inside the door, after the response was rendered."""
    answer = IdempotentAnswer(
        actor_id=claimed.actor_id,
        key=claimed.key,
        fingerprint=claimed.fingerprint,
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        body=seal(response.content.decode()),  # type: ignore[attr-defined]
        created_at=now,
    )
    IdempotentAnswer.objects.bulk_create([answer], ignore_conflicts=True)


def forget(*, now: datetime) -> int:
    """Removes answers that were kept long enough, of all workspaces. Returns how many."""
    return IdempotentAnswer.everywhere.using("jobs").filter(created_at__lt=now - 2 * KEPT).delete()[0]
