"""The outbox: intents to tell someone, claimed with a lease and a fence, sent at least once, never lost.

A mail server can cut the line after it took a message; whether it did is then unknown. Such a message is sent once
more under the same Message-ID and marked "possibly twice".
"""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import connections, models
from django.utils import timezone

from journal.actors import Recipient
from journal.letters import Letter, message
from journal.models import AccountMail, Channel, Delivery, DeliveryAttempt, Outgoing, State
from tenancy.door import inside

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 50
ACCOUNT_MAIL_LIFE = timedelta(days=1)
BACKOFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
O = TypeVar("O", bound=Outgoing)

# The lease is checked by the database's clock, so that a worker with a wrong one cannot take what another holds.
CLAIM = """
UPDATE {table} SET lease_until = now() + %(lease)s, fence = fence + 1, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM {table}
    WHERE state = 'queued' AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
    ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
RETURNING id, fence, {workspace}
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to finish one outgoing message, until the lease ends or the fence is raised."""

    id: UUID
    fence: int
    workspace_id: UUID | None


def enqueue(
    letter: Letter,
    *,
    kind: str,
    subject: models.Model,
    to: Recipient,
    due_at: datetime,
    thread_id: UUID | None = None,
    step: str = "",
    occurrence: int = 1,
    expires_at: datetime | None = None,
) -> bool:
    """Commits the intent to send an e-mail with whatever caused it; the same intent a second time is dropped.

    Returns whether the intent is new.
    """
    delivery = Delivery(
        channel=Channel.EMAIL,
        kind=kind,
        subject_kind=subject._meta.model_name,
        subject_id=subject.pk,
        thread_id=thread_id,
        step=step,
        occurrence=occurrence,
        recipient_kind=to.kind,
        recipient_id=to.id,
        recipient_name=to.name,
        address=to.address,
        payload=letter.payload(),
        due_at=due_at,
        expires_at=expires_at,
    )
    before = Delivery.objects.filter(pk=delivery.pk)
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    return before.exists()


def enqueue_account_mail(letter: Letter, *, kind: str, address: str, due_at: datetime) -> None:
    """Commits the intent to send a sign-in mail. It belongs to no workspace."""
    AccountMail.objects.create(
        kind=kind,
        address=address,
        payload=letter.payload(),
        due_at=due_at,
        expires_at=due_at + ACCOUNT_MAIL_LIFE,
    )


def withdraw(subject: models.Model, *, now: datetime, kind: str | None = None) -> int:
    """Takes back what was to be said about a subject and has become moot. Returns how many messages."""
    waiting = Delivery.objects.filter(subject_id=subject.pk, state=State.QUEUED)
    if kind:
        waiting = waiting.filter(kind=kind)
    return waiting.update(state=State.WITHDRAWN, finished_at=now)


def replay(delivery: Delivery, *, now: datetime) -> bool:
    """Puts a parked or expired message back in line, with its attempts counted anew. False if it is neither."""
    again = Delivery.objects.filter(pk=delivery.pk, state__in=[State.PARKED, State.EXPIRED])
    return bool(
        again.update(
            state=State.QUEUED,
            due_at=now,
            attempts=0,
            finished_at=None,
            expires_at=None,
            lease_until=None,
            handed_over_at=None,
        )
    )


def claim(model: type[Outgoing], *, now: datetime, batch: int = BATCH) -> list[Claim]:
    """Takes due messages for this worker, across all workspaces; two workers never get the same one."""
    workspace = "workspace_id" if model is Delivery else "NULL::uuid"
    statement = CLAIM.format(table=model._meta.db_table, workspace=workspace)
    with connections["jobs"].cursor() as cursor:
        cursor.execute(statement, {"lease": LEASE, "now": now, "batch": batch})
        return [Claim(*row) for row in cursor.fetchall()]


def send_due(*, now: datetime) -> int:
    """Sends one batch of everything that is due. Returns how many messages it took in hand."""
    claims: Sequence[tuple[type[Outgoing], Claim]] = [
        (model, claimed) for model in (AccountMail, Delivery) for claimed in claim(model, now=now)
    ]
    for model, claimed in claims:
        send(model, claimed, now=now)
    return len(claims)


def send(model: type[Outgoing], claimed: Claim, *, now: datetime) -> None:
    """Hands one claimed message over and writes down what came of it."""
    if claimed.workspace_id is None:
        _send(model, claimed, now=now)
        return
    with inside(claimed.workspace_id):
        ready = _prepare(Delivery, claimed, now=now)
    # Between the two doors the message leaves: no transaction waits for a mail server.
    if ready:
        outcome = _hand_over(ready, workspace_id=claimed.workspace_id)
        with inside(claimed.workspace_id):
            _finish(Delivery, ready, claimed, outcome, now=timezone.now())


def _send(model: type[Outgoing], claimed: Claim, *, now: datetime) -> None:
    if ready := _prepare(model, claimed, now=now):
        _finish(model, ready, claimed, _hand_over(ready), now=timezone.now())


def _mine(model: type[O], claimed: Claim) -> models.QuerySet[O]:
    return model._default_manager.filter(pk=claimed.id, fence=claimed.fence, state=State.QUEUED)


def _prepare(model: type[O], claimed: Claim, *, now: datetime) -> O | None:
    """The message, marked as leaving; None when it is no longer ours, has expired or cannot be sent again."""
    outgoing = _mine(model, claimed).first()
    if outgoing is None:
        return None
    if outgoing.expires_at and outgoing.expires_at <= now:
        _mine(model, claimed).update(state=State.EXPIRED, finished_at=now)
        return None
    if outgoing.handed_over_at and outgoing.possibly_twice:
        _mine(model, claimed).update(state=State.PARKED, finished_at=now, last_error=UNKNOWN_TWICE)
        return None
    _mine(model, claimed).update(handed_over_at=now, possibly_twice=bool(outgoing.handed_over_at))
    return outgoing


UNKNOWN_TWICE = (
    "Two attempts broke off with unknown end; look whether it arrived, then replay it or leave it."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `fatal`: trying again is no use. `unknown`: it may have arrived."""

    error: str = ""
    fatal: bool = False
    unknown: bool = False

    @property
    def word(self) -> str:
        return "unknown" if self.unknown else "failed" if self.error else "sent"


def _hand_over(outgoing: Outgoing, *, workspace_id: UUID | None = None) -> Outcome:
    try:
        _deliver_mail(outgoing, workspace_id=workspace_id)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        return _refused(error)
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        return Outcome(f"The mail server broke off: {error}", unknown=True)
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(f"The mail server could not be used: {error}")
    except (LookupError, ValueError) as error:
        return Outcome(f"The message cannot be built: {error}", fatal=True)
    return Outcome()


def _deliver_mail(outgoing: Outgoing, *, workspace_id: UUID | None) -> None:
    if workspace_id is None or not isinstance(outgoing, Delivery):
        message(outgoing).send()
        return
    with inside(workspace_id):
        mail = message(outgoing, name=outgoing.recipient_name, thread_id=outgoing.thread_id)
    mail.send()


def _refused(error: Any) -> Outcome:
    answers = (
        list(error.recipients.values())
        if hasattr(error, "recipients")
        else [(error.smtp_code, error.smtp_error)]
    )
    code, text = answers[0]
    said = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return Outcome(f"The mail server refused it: {code} {said}", fatal=code >= 500)


def _finish(model: type[O], outgoing: O, claimed: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Writes the end of an attempt, if the fence is still ours."""
    changes: dict[str, Any] = {"lease_until": None, "last_error": outcome.error}
    if not outcome.error:
        changes |= {"state": State.SENT, "finished_at": now}
        if isinstance(outgoing, AccountMail):
            # Sign-in mails carry secrets in their text; nobody needs it once they are sent.
            changes |= {"payload": {}}
    elif outcome.fatal or outgoing.attempts > len(BACKOFF):
        changes |= {"state": State.PARKED, "finished_at": now, "handed_over_at": None}
    else:
        changes |= {"due_at": now + _pause(outgoing)}
        if not outcome.unknown:
            changes |= {"handed_over_at": None}
    if _mine(model, claimed).update(**changes) and isinstance(outgoing, Delivery):
        DeliveryAttempt.objects.create(
            delivery=outgoing,
            at=now,
            outcome=outcome.word,
            detail=outcome.error,
        )
    log.info(
        "outbox.attempt", id=str(outgoing.pk), kind=outgoing.kind, outcome=outcome.word, error=outcome.error
    )


def _pause(outgoing: Outgoing) -> timedelta:
    """The wait before the next attempt, spread by up to a tenth so that a recovering server is not stormed."""
    base = BACKOFF[min(outgoing.attempts, len(BACKOFF)) - 1]
    return base * (1 + (outgoing.pk.int % 100) / 1000)
