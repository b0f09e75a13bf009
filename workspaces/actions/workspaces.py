"""The workspace itself: how it begins, and what it decides about itself."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, transaction

from journal import actions as journal
from journal.actors import Actor
from tenancy.door import inside
from tenancy.models import Workspace
from tenancy.refusal import Refused
from tenancy.saving import check
from workspaces.actions.calendars import begin_calendar, lay_out_calendar
from workspaces.models import Membership, Role, User, WorkspaceSettings

TAKEN = "workspace_slug_key"


def create_workspace(*, name: str, slug: str, time_zone: str, owner: User, now: datetime) -> Workspace:
    """A new workspace with its journal, calendar, settings and first owner. Opens the door by itself.

    Raises:
        Refused: when the address is taken, or a field is wrong.
    """
    workspace = Workspace(name=name.strip(), slug=slug, time_zone=time_zone)
    check(workspace)
    check_zone(time_zone)
    with inside(workspace):
        _claim_address(workspace)
        journal.begin(workspace.pk)
        begin_calendar(workspace, now=now)
        WorkspaceSettings.objects.create()
        membership = Membership.objects.create(user=owner, role=Role.OWNER, joined_at=now)
        journal.record(
            workspace,
            "workspace.created",
            by=Actor("user", owner.pk, str(owner)),
            at=now,
            data={
                "name": workspace.name,
                "slug": slug,
                "time_zone": time_zone,
                "owner": {"membership_id": membership.pk, "user_id": owner.pk},
            },
        )
    return workspace


def _claim_address(workspace: Workspace) -> None:
    try:
        with transaction.atomic():
            workspace.save()
    except IntegrityError as error:
        raise Refused(
            f"The address “{workspace.slug}” is taken.",
            code="taken",
            fields={"slug": ["Choose another address; this one is taken."]},
        ) from error


def check_zone(name: str) -> None:
    """Refuses what is no time zone, under the field `time_zone`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(
            f"“{name}” is no time zone.",
            code="invalid",
            fields={"time_zone": ["Choose a time zone such as Europe/Berlin."]},
        ) from error


@transaction.atomic
def update_workspace(
    workspace: Workspace, *, by: Actor, now: datetime, name: str | None = None, time_zone: str | None = None
) -> Workspace:
    """Renames the workspace or moves it to another time zone, which lays its calendar out anew."""
    workspace = Workspace.objects.select_for_update().get(pk=workspace.pk)
    asked = {"name": name and name.strip(), "time_zone": time_zone}
    changes = {key: value for key, value in asked.items() if value not in (None, getattr(workspace, key))}
    if not changes:
        return workspace
    check_zone(changes.get("time_zone") or workspace.time_zone)
    told = {key: [getattr(workspace, key), value] for key, value in changes.items()}
    for key, value in changes.items():
        setattr(workspace, key, value)
    check(workspace, changes)
    workspace.save(update_fields=list(changes))
    if "time_zone" in changes:
        lay_out_calendar(workspace, now=now)
    journal.record(workspace, "workspace.updated", by=by, at=now, data=told)
    return workspace


@transaction.atomic
def set_brand(*, colour: str, name: str, by: Actor, now: datetime) -> WorkspaceSettings:
    """The agency's colour (#rrggbb) and name, as clients see them in the portal."""
    settings = WorkspaceSettings.objects.select_for_update().get()
    settings.brand_colour, settings.brand_name = colour.strip().lower(), name.strip()
    check(settings, ["brand_colour", "brand_name"])
    settings.save(update_fields=["brand_colour", "brand_name"])
    told = {"colour": settings.brand_colour, "name": settings.brand_name}
    journal.record(settings, "settings.brand_set", by=by, at=now, data=told)
    return settings


@transaction.atomic
def set_thresholds(thresholds: Mapping[str, int | None], *, by: Actor, now: datetime) -> WorkspaceSettings:
    """The workspace's own figures in place of the defaults, by name; None goes back to the default."""
    settings = WorkspaceSettings.objects.select_for_update().get()
    before = dict(settings.thresholds)
    settings.thresholds = {
        name: value for name, value in {**before, **thresholds}.items() if value is not None
    }
    settings.save(update_fields=["thresholds"])
    told = {name: [before.get(name), value] for name, value in thresholds.items()}
    journal.record(settings, "settings.thresholds_set", by=by, at=now, data=told)
    return settings
