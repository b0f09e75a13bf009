"""How django-allauth meets Cairn: our people, our mails, our keys."""

import math
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm as BaseSignupForm
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from journal import outbox
from journal.letters import Letter
from tenancy.sealed import seal, unseal
from tenancy.text import Clean
from workspaces.models import User


class SignupForm(BaseSignupForm):  # type: ignore[misc]
    """E-mail, password and the name that colleagues and clients will see."""

    name = forms.CharField(
        max_length=120,
        validators=[Clean(line=True)],
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
        label="Your name",
    )
    field_order = ["name", "email", "password1"]

    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        return user


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Says to whoever is locked out when they may try again."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            wait = _wait(request, key=key, now=timezone.now().timestamp())
            raise ValidationError(locked_out(wait), code=error.code) from error

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Writes the mail into the outbox, so that no request waits for a mail server or loses it to one."""
        mail = self.render_mail(template_prefix, email, {**context, "email": email})
        html = next(
            (content for content, kind in getattr(mail, "alternatives", []) if kind == "text/html"), ""
        )
        outbox.enqueue_account_mail(
            Letter(mail.subject, str(mail.body), str(html)),
            kind=template_prefix.rpartition("/")[2],
            address=email,
            due_at=timezone.now(),
        )


def _wait(request: HttpRequest, *, key: str, now: float) -> float:
    """The seconds until every limit on failed sign-ins lets one more try through."""
    place: dict[str, Any] = {"app": "allauth.account", "action": "login_failed"}
    waits = [0.0]
    for rate in ratelimit.get_rates(**place):
        tries = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **place), [])  # newest first
        if len(tries) >= rate.amount:
            waits.append(tries[rate.amount - 1] + rate.duration - now)
    return max(waits)


def locked_out(wait: float) -> str:
    minutes = max(1, math.ceil(wait / 60))
    span = "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"Too many failed tries to sign in. Try again in {span}, or set a new password."


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps authenticator seeds and recovery seeds encrypted."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
