"""The e-mail that brings a packet, in the workspace's own words, with a preview beside them."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from proofs import delivery_letters as letters
from proofs.actions import deliveries
from proofs.queries.deliveries import brand_name, shipped, template
from tenancy.refusal import Refused
from web.answers import attempt, done, said_by
from web.forms.milestones import VersionForm
from web.forms.settings import DeliveryForm
from web.guards import member
from web.here import Here
from web.team.settings import frame
from workspaces.models import Role

EXAMPLE: Final[Mapping[str, str]] = {
    "contact": "Carla Client",
    "client": "Northwind",
    "project": "Onboarding",
    "milestone": "Onboarding dashboard published",
    "approved_by": "Dan Decider",
}


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, **_: Any) -> HttpResponse:
    """Saves; with `preview` among what was posted only shows, with `reset` goes back to the shipped words."""
    here = Here(request)
    if "reset" in request.POST:
        return _reset(request, here)
    form = _form(request)
    if request.method != "POST" or "preview" in request.POST:
        return _page(request, form)
    status = attempt(form, lambda typed: _save(here, typed))
    if status == 200:
        return done(
            request, "Saved. The next packet goes out with these words.", here.url("settings_delivery")
        )
    return _page(request, form, status=status)


def _reset(request: HttpRequest, here: Here) -> HttpResponse:
    """Nothing that was typed counts, so that it need not be right."""
    form = VersionForm(request.POST)

    def write(typed: Mapping[str, Any]) -> None:
        deliveries.reset_template(expected=typed["version"], by=here.actor, now=here.now)

    if (status := attempt(form, write)) != 200:
        return _page(request, _form(request), refusal=said_by(form), status=status)
    return done(request, "The shipped words are back.", here.url("settings_delivery"))


def _form(request: HttpRequest) -> DeliveryForm:
    data = request.POST if request.method == "POST" else None
    return DeliveryForm(data, template=template(), auto_id="delivery-%s")


def _save(here: Here, typed: Mapping[str, Any]) -> object:
    return deliveries.set_template(
        subject=typed["subject"],
        body=typed["body"],
        expected=typed["version"],
        by=here.actor,
        now=here.now,
    )


@member(role=Role.OWNER)
@require_POST
def preview(request: HttpRequest, **_: Any) -> HttpResponse:
    """The mail as it is being typed. Saves nothing."""
    return render(request, "web/team/settings/_delivery_preview.html", {"shown": _shown(_form(request))})


def _page(request: HttpRequest, form: DeliveryForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        **frame(Here(request), "settings_delivery"),
        "form": form,
        "refusal": refusal,
        "shown": _shown(form),
        "placeholders": [(f"{{{name}}}", means) for name, means in letters.PLACEHOLDERS.items()],
        "is_own": template().version > 0,
    }
    return render(request, "web/team/settings/delivery.html", context, status=status)


def _shown(form: DeliveryForm) -> dict[str, Any]:
    """The mail with example names; or what keeps it from being sent."""
    words = {name: str(form[name].value() or "") for name in ("subject", "body")}
    try:
        letters.check_words(**words)
    except Refused as refusal:
        return {"wrong": [said for each in refusal.fields.values() for said in each]}
    values = {**EXAMPLE, "agency": brand_name()}
    links = {letters.LINK: "https://…/proof/…", letters.ASKS: "https://…/c/…"}
    return {
        "subject": letters.subject(words["subject"], values),
        "body": letters.body(words["body"], {**values, **links}, after=_question(links)),
        "is_shipped": words == {"subject": shipped().subject, "body": shipped().body},
    }


def _question(links: Mapping[str, str]) -> str:
    return letters.body(letters.QUESTION, links, after="")
