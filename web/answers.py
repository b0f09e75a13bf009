"""How a page answers: what a rule refused stands beside the fields, and nothing that was typed is lost."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenancy.refusal import Collided, Refused

log = structlog.get_logger(__name__)


def attempt(form: Form, action: Callable[[Mapping[str, Any]], object]) -> int:
    """Calls the action with what the form holds. 200, or the status of a refusal that the form now tells.

    422 when fields need another look, 409 when the rule itself says no.
    """
    if not form.is_valid():
        return 422
    try:
        with saving():
            action(form.cleaned_data)
    except Refused as refusal:
        return tell(form, refusal)
    return 200


@contextmanager
def saving() -> Iterator[None]:
    """A savepoint around an action. What only the database could see, two saving at once, is refused too."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        log.warning("page.database_refused", exc_info=error)
        raise Collided from error


def tell(form: Form, refusal: Refused) -> int:
    """Puts a refusal where the person looks: at its field, else above the form."""
    placed = [name for name in refusal.fields if name in form.fields]
    for name in placed:
        form.add_error(name, list(refusal.fields[name]))
    strange = [text for name, said in refusal.fields.items() if name not in placed for text in said]
    if strange or not placed:
        form.add_error(None, [*([str(refusal)] if not placed else []), *strange])
    return 422 if refusal.fields else 409


def said_by(form: Form) -> str:
    """All that is wrong with a form, where a button has no fields for it to stand beside."""
    return " ".join(str(each) for errors in form.errors.values() for each in errors)


def fragment(
    request: HttpRequest, template: str, part: str, context: Mapping[str, Any], status: int
) -> HttpResponse:
    """The named part of a page for htmx, which swaps it in; the whole page for everybody else."""
    name = f"{template}#{part}" if request.htmx else template  # type: ignore[attr-defined]
    return render(request, name, {**context, "is_fragment": bool(request.htmx)}, status=status)  # type: ignore[attr-defined]


def done(request: HttpRequest, sentence: str, to: str) -> HttpResponse:
    """Says what was done and leads on, so that a reload does not do it again."""
    messages.success(request, sentence)
    return redirect(to)
