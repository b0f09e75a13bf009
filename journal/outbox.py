"""The outbox: intents to tell someone, claimed with a lease and a fence, sent at least once, never lost.

A mail server can cut the line after it took a message; whether it did is then unknown. Such a message is sent
once more under the same Message-ID and marked "possibly twice".

A channel is a `Way`: e-mail is here, webhooks are in `journal.webhooks`.
"""

import smtplib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connections, models

from journal import backlog
from journal.actions import record
from journal.actors import Actor, Recipient
from journal.letters import Letter, message
from journal.models import (
    URGENT,
    AccountMail,
    Channel,
    Delivery,
    DeliveryAttempt,
    Outgoing,
    State,
    WebhookEndpoint,
)
from tenancy.door import inside
from tenancy.refusal import Refused

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)  # longer than one hand-over can take: a few steps of EMAIL_TIMEOUT each
ACCOUNT_MAIL_LIFE = timedelta(days=1)
BACKOFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
Out = TypeVar("Out", bound=Outgoing)

# The lease is checked by the database's clock: a worker with a wrong one cannot take what another holds.
# The sub-query is materialised: a plan that ran it twice would take more than it was asked for.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM {table}
    WHERE state = 'queued' {channel} AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS taken
SET lease_until = now() + make_interval(secs => %(lease)s), fence = fence + 1, attempts = attempts + 1
FROM due WHERE taken.id = due.id
RETURNING taken.id, fence, {workspace}
"""


# As the partial index has it.
ESCALATES = f"AND kind IN ({', '.join(map(repr, URGENT))})"


class Ended(Enum):
    """How an attempt ended. `UNKNOWN`: it may have arrived. `FATAL`: it never will. `AWAY`: no server.

    `UNWANTED`: the receiver wants to hear no more.
    """

    SENT = "sent"
    FAILED = "failed"
    AWAY = "away"
    UNKNOWN = "unknown"
    FATAL = "fatal"
    UNWANTED = "unwanted"

    @property
    def word(self) -> str:
        """As the delivery log has it."""
        return self.value if self in {Ended.SENT, Ended.UNKNOWN} else "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`answer` is what the receiver said to a message that it took, `wait` how long it asks us to."""

    ended: Ended
    error: str = ""
    answer: str = ""
    wait: timedelta = timedelta(0)


Send = Callable[[], Outcome]


@dataclass(frozen=True, slots=True)
class Way:
    """How the messages of a channel leave.

    `build` makes one ready inside its workspace; what it returns hands it over, outside of any transaction.
    `note` hears how an attempt ended, in the transaction that writes it down. A message of unknown end is
    sent once more; a receiver who `knows_again` what it got is sent it as often as one that failed.
    """

    build: Callable[[Any, datetime], Send]
    pauses: Sequence[timedelta]
    note: Callable[[Delivery, Outcome, datetime], None] = lambda *_: None
    knows_again: bool = False


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
) -> UUID | None:
    """Commits the intent to send an e-mail with whatever caused it; the same intent a second time is dropped.

    Returns the id of the new intent, None when it was dropped.
    """
    delivery = Delivery(
        channel=Channel.EMAIL,
        kind=kind,
        subject_kind=type(subject).__name__.lower(),
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
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    return Delivery.objects.filter(pk=delivery.pk).values_list("pk", flat=True).first()


def is_committed(delivery_id: UUID) -> bool:
    """Whether a message is on its way for certain: its intent is not of this very transaction.

    One that is no longer there left so long ago that it was forgotten.
    """
    began = models.Func(template="transaction_timestamp()", output_field=models.DateTimeField())
    return not Delivery.objects.filter(pk=delivery_id, created_at__gte=began).exists()


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


def withdraw_one(delivery: Delivery, *, by: Actor, now: datetime) -> None:
    """Takes one waiting message back.

    Raises:
        Refused: when it has left or ended already.
    """
    waiting = Delivery.objects.filter(pk=delivery.pk, state=State.QUEUED, handed_over_at=None)
    if not waiting.update(state=State.WITHDRAWN, finished_at=now):
        raise Refused("It has left already, or was withdrawn before.", code="not_withdrawable")
    _wake(delivery, now=now)
    _journal(delivery, "message.withdrawn", by=by, now=now)


def replay(delivery: Delivery, *, by: Actor, now: datetime) -> None:
    """Puts a parked or expired message back in line, its attempts counted anew.

    Raises:
        Refused: when it is neither, or its endpoint was removed.
    """
    _check_endpoint(delivery)
    again = Delivery.objects.filter(pk=delivery.pk, state__in=[State.PARKED, State.EXPIRED])
    if not again.update(
        state=State.QUEUED,
        due_at=now,
        attempts=0,
        finished_at=None,
        expires_at=None,
        lease_until=None,
        handed_over_at=None,
    ):
        raise Refused("Only a parked or expired message can be sent again.", code="not_replayable")
    _wake(delivery, now=now)
    _journal(delivery, "message.replayed", by=by, now=now)


def _wake(delivery: Delivery, *, now: datetime) -> None:
    """Lets its endpoint look again: the message itself may leave now, or those that waited for it."""
    if delivery.channel == Channel.WEBHOOK:
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(due_at=now)


def _check_endpoint(delivery: Delivery) -> None:
    if delivery.channel != Channel.WEBHOOK:
        return
    if not WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, removed_at=None).exists():
        raise Refused("Its endpoint was removed; there is nowhere to send it.", code="removed")


def _journal(delivery: Delivery, kind: str, *, by: Actor, now: datetime) -> None:
    data = {"channel": delivery.channel, "kind": delivery.kind}
    record(delivery, kind, by=by, at=now, data=data, thread_id=delivery.thread_id)


def claim(model: type[Outgoing], *, now: datetime, only: str = "") -> Claim | None:
    """Takes one due mail for this worker, from any workspace; two workers never get the same one."""
    workspace, channel = "NULL::uuid", ""
    if model is Delivery:
        workspace, channel = "workspace_id", f"AND channel = 'email' {only}"
    statement = CLAIM.format(table=model._meta.db_table, workspace=workspace, channel=channel)
    with connections["jobs"].cursor() as cursor:
        cursor.execute(statement, {"lease": LEASE.total_seconds(), "now": now})
        row = cursor.fetchone()
    return Claim(*row) if row else None


def send_next(*, now: datetime) -> bool:
    """Sends the message that has been due longest, sign-in mails first, then what escalates a blocker.

    Returns whether to go on at once.

    A message is claimed only when its turn comes, so that no lease ends while it waits. When the mail server
    is away the rest is left alone: it keeps its attempts for when the server is back.
    """
    for model, only in ((AccountMail, ""), (Delivery, ESCALATES), (Delivery, "")):
        if claimed := claim(model, now=now, only=only):
            return send(model, claimed, now=now) is not Ended.AWAY
    return False


def send(model: type[Outgoing], claimed: Claim, *, now: datetime, way: Way | None = None) -> Ended | None:
    """Hands one claimed message over and writes down what came of it; None when it was not to be sent."""
    way = way or MAIL
    with _door(claimed):
        if (ready := _prepare(model, claimed, way, now=now)) is None:
            return None
        hand_over = _built(way, ready, now=now)
    # Between the two doors the message leaves: no transaction waits for somebody's server.
    outcome = hand_over()
    with _door(claimed):
        _finish(model, ready, claimed, outcome, way, now=now)
    return outcome.ended


def _door(claimed: Claim) -> AbstractContextManager[None]:
    return inside(claimed.workspace_id) if claimed.workspace_id else nullcontext()


def _mine(model: type[Out], claimed: Claim) -> models.QuerySet[Out]:
    return model._default_manager.filter(pk=claimed.id, fence=claimed.fence, state=State.QUEUED)


def _prepare(model: type[Out], claimed: Claim, way: Way, *, now: datetime) -> Out | None:
    """The message, marked as leaving; None when it is no longer ours, has expired or cannot be sent again."""
    outgoing = _mine(model, claimed).first()
    if outgoing is None:
        return None
    if outgoing.expires_at and outgoing.expires_at <= now:
        _mine(model, claimed).update(state=State.EXPIRED, finished_at=now)
        return None
    if outgoing.handed_over_at and outgoing.possibly_twice and not way.knows_again:
        _mine(model, claimed).update(state=State.PARKED, finished_at=now, last_error=UNKNOWN_TWICE)
        return None
    if _is_settled(outgoing, now=now):
        return None
    outgoing.possibly_twice = outgoing.possibly_twice or bool(outgoing.handed_over_at)
    _mine(model, claimed).update(handed_over_at=now, possibly_twice=outgoing.possibly_twice)
    return outgoing


def _is_settled(outgoing: Outgoing, *, now: datetime) -> bool:
    """Whether an e-mail need not leave by itself; one that may have left already is followed to its end."""
    if not isinstance(outgoing, Delivery) or outgoing.channel != Channel.EMAIL or outgoing.handed_over_at:
        return False
    return backlog.settle(outgoing, now=now)


UNKNOWN_TWICE = (
    "Two attempts broke off with unknown end; look whether it arrived, then replay it or leave it."
)


def _built(way: Way, outgoing: Outgoing, *, now: datetime) -> Send:
    try:
        return way.build(outgoing, now)
    except (LookupError, ValueError) as error:
        said = f"The message cannot be built: {error}"
        return lambda: Outcome(Ended.FATAL, said)


def _mail(outgoing: Outgoing, _now: datetime) -> Send:
    if isinstance(outgoing, Delivery):
        mail = message(outgoing, name=outgoing.recipient_name, thread_id=outgoing.thread_id)
    else:
        mail = message(outgoing)
    return partial(_hand_over, mail)


def _hand_over(mail: EmailMultiAlternatives) -> Outcome:
    """Connects, then sends. Only what fails after the connection stood has an unknown end."""
    server = get_connection()
    try:
        server.open()
    except OSError as error:
        return Outcome(Ended.AWAY, f"The mail server could not be used: {error}")
    try:
        server.send_messages([mail])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        return _refused(error)
    except OSError as error:
        return Outcome(Ended.UNKNOWN, f"The mail server broke off: {error}")
    except ValueError as error:
        return Outcome(Ended.FATAL, f"The message cannot be built: {error}")
    finally:
        # The message is out or not by now; how the farewell goes changes nothing.
        with suppress(OSError):
            server.close()
    return Outcome(Ended.SENT)


def _refused(error: Any) -> Outcome:
    answers = (
        list(error.recipients.values())
        if hasattr(error, "recipients")
        else [(error.smtp_code, error.smtp_error)]
    )
    code, text = answers[0]
    said = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    # A refused sender is our own set-up's fault, which somebody may mend.
    is_final = code >= 500 and not isinstance(error, smtplib.SMTPSenderRefused)
    return Outcome(Ended.FATAL if is_final else Ended.FAILED, f"The mail server refused it: {code} {said}")


def _finish(
    model: type[Out], outgoing: Out, claimed: Claim, outcome: Outcome, way: Way, *, now: datetime
) -> None:
    """Writes the end of an attempt, if the fence is still ours."""
    mine = _mine(model, claimed)
    if outcome.ended is Ended.SENT:
        # It may have been withdrawn while it left; the log says what truly happened.
        mine = model._default_manager.filter(pk=claimed.id, fence=claimed.fence)
    if mine.update(**_changes(outgoing, outcome, way, now=now)) and isinstance(outgoing, Delivery):
        DeliveryAttempt.objects.create(
            delivery=outgoing, at=now, outcome=outcome.ended.word, detail=outcome.error or outcome.answer
        )
        way.note(outgoing, outcome, now)
    log.info(
        "outbox.attempt",
        id=str(outgoing.pk),
        kind=outgoing.kind,
        outcome=outcome.ended.word,
        error=outcome.error,
    )


def _changes(outgoing: Outgoing, outcome: Outcome, way: Way, *, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {"lease_until": None, "last_error": outcome.error}
    if outcome.ended is not Ended.UNKNOWN:
        changes["handed_over_at"] = None
    if outcome.ended is Ended.SENT:
        changes |= {"state": State.SENT, "finished_at": now, "handed_over_at": outgoing.handed_over_at}
        if isinstance(outgoing, AccountMail):
            # Sign-in mails carry secrets in their text; nobody needs it once they are sent.
            changes["payload"] = {}
        return changes
    if outcome.ended is Ended.FATAL or outgoing.attempts > len(way.pauses):
        return changes | {"state": State.PARKED, "finished_at": now}
    return changes | {"due_at": now + max(_pause(outgoing, way), outcome.wait)}


def _pause(outgoing: Outgoing, way: Way) -> timedelta:
    """The wait before the next attempt, spread by a tenth so that a recovering server is not stormed."""
    base: timedelta = way.pauses[min(outgoing.attempts, len(way.pauses)) - 1]
    spread: int = outgoing.pk.int % 100
    return base * (1 + spread / 1000)


MAIL = Way(_mail, BACKOFF)
