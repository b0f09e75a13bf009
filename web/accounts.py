"""How django-allauth meets Cairn: our people, our mails, our keys."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm as BaseSignupForm
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
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


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps authenticator seeds and recovery seeds encrypted."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
